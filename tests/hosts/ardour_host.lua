-- A session in headless Ardour, driven by ardour_host.py: ardour7-lua ardour_host.lua STEP SESSION_DIR DATA_DIR
--   make    new session, the plugin on a track, generate, record it rolling; cycle; locate; automation; save
--   again   load the session, record it once more
--   band    new session, the live band over its typed chords, its MIDI output recorded on a second track
-- Prints lines that start with `>` for the script that runs it.
local step, session_dir, data_dir = arg[1], arg[2], arg[3]
local RATE, BPM, NAME = 48000, 126, "continuo"
local session, plug
local num_recordings = 0

local function say(...) print(">", ...) io.stdout:flush() end

local function demand(what, is_ok)
    if not is_ok then say("FAILED", what) os.exit(1) end
    say("ok", what)
end

local function frames(beats) return math.floor(beats * 60 / BPM * RATE + 0.5) end

-- The number of takes in the library.
local function num_takes()
    local list = io.popen("find '" .. data_dir .. "' -name take.json 2>/dev/null | wc -l")
    local count = tonumber(list:read("a"))
    list:close()
    return count
end

local function locate(frame)
    session:request_locate(frame, false, ARDOUR.LocateTransportDisposition.MustStop, ARDOUR.TransportRequestSource.TRS_UI)
    sleep(1)
end

local function roll() session:request_roll(ARDOUR.TransportRequestSource.TRS_UI) end

local function halt()
    session:request_stop(false, false, ARDOUR.TransportRequestSource.TRS_UI)
    sleep(1)
end

-- Waits until the transport has passed a frame; real time or faster.
local function pass(frame, patience)
    for _ = 1, patience * 20 do
        if session:transport_sample() >= frame then return true end
        sleep(0.05)
    end
    return false
end

-- Index of a plugin parameter by its name.
local function param(name)
    local count = plug:to_insert():plugin(0):parameter_count()
    for index = 0, count - 1 do
        if plug:to_insert():plugin(0):parameter_label(index) == name then return index end
    end
    demand("a parameter called " .. name, false)
end

local function set(name, value)
    demand(name .. " set", ARDOUR.LuaAPI.set_plugin_insert_param(plug:to_insert(), param(name), value))
    sleep(0.1)
end

local function new_audio_track(name)
    local made
    for track in session:new_audio_track(2, 2, nil, 1, name, ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true):iter() do
        made = track
    end
    return made
end

local function record_from(frame, seconds, tag)
    local recorder = session:route_by_name("Recorder")
    recorder:to_track():rec_enable_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
    locate(frame)
    session:maybe_enable_record(false)
    roll()
    demand(tag .. ": rolled", pass(frame + math.floor(seconds * RATE), seconds + 20))
    halt()
    recorder:to_track():rec_enable_control():set_value(0, PBD.GroupControlDisposition.NoGroup)
    -- Ardour names what it records Take1, Take2, ... in order; the list of regions has an order of its own.
    num_recordings = num_recordings + 1
    for region in recorder:to_track():playlist():region_list():iter() do
        if region:name():find("^Take" .. num_recordings .. "_") then
            say("region", tag, region:position():samples(), region:length():samples(), region:start():samples(), region:name())
            return
        end
    end
    demand(tag .. ": recorded", false)
end

local function meter(numerator, denominator)
    local map = Temporal.TempoMap.fetch_writable()
    map:set_tempo(Temporal.Tempo(BPM, BPM, 4), Temporal.timepos_t(0))
    map:set_meter(Temporal.Meter(numerator, denominator), Temporal.timepos_t(0))
    Temporal.TempoMap.update(map)
end

local function generate()
    local before = num_takes()
    set("Deck 1 Generate", 1)
    sleep(0.3)
    set("Deck 1 Generate", 0)
    for _ = 1, 900 do
        if num_takes() > before then break end
        sleep(0.1)
    end
    demand("Generate makes a take", num_takes() > before)
    sleep(1)
end

local function make()
    local backend = AudioEngine:set_backend("None (Dummy)", "", "")
    backend:set_device_name("Silence")
    backend:set_sample_rate(RATE)
    backend:set_buffer_size(256)
    session = create_session(session_dir, NAME, RATE)
    demand("session made", session and AudioEngine:running())
    meter(4, 4)
    local track = new_audio_track("Continuo")
    -- The plugin has seven stereo outputs; a strict track keeps to its own two.
    demand("strict track", track:set_strict_io(true))
    plug = ARDOUR.LuaAPI.new_plugin(session, "Continuo", ARDOUR.PluginType.VST3, "")
    demand("plugin loads", not plug:isnil())
    demand("plugin on the track", track:add_processor_by_index(plug, 0, nil, true) == 0)
    demand("stereo in the track", plug:to_insert():output_streams():n_audio() == 2)
    local recorder = new_audio_track("Recorder")
    for channel = 0, 1 do
        recorder:input():audio(channel):disconnect_all()
        demand("patch " .. channel, track:output():audio(channel):connect(recorder:input():audio(channel):name()) == 0)
    end
    -- What it has recorded is not to sound beside the plugin in a bounce.
    recorder:gain_control():set_value(0, PBD.GroupControlDisposition.NoGroup)
    set("Humanise", 0)
    for _, stem in ipairs({ "Bass", "Harmony", "Melody", "Other" }) do set("Deck 1 Mute " .. stem, 1) end
    generate()
    record_from(0, 10, "plain")
    -- Start in the middle, off every bar line.
    record_from(frames(30), 4, "middle")
    -- Faster than real time.
    demand("ten times as fast", backend:set_driver("10x Speed") == 0 or true)
    record_from(0, 10, "fast")
    backend:set_driver("Normal Speed")
    -- A lane: the deck's level down to nothing and up again.
    local index = param("Deck 1 Level")
    local _, list, description = ARDOUR.LuaAPI.plugin_automation(plug, index)
    local low, high = description.lower, ARDOUR.LuaAPI.get_plugin_insert_param(plug:to_insert(), index)
    for _, point in ipairs({ { 0, low }, { 3, low }, { 4, high }, { 8, high } }) do
        list:add(Temporal.timepos_t(point[1] * RATE), point[2], false, true)
    end
    local control = plug:to_automatable():automation_control(Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, index), true)
    control:set_automation_state(ARDOUR.AutoState.Play)
    record_from(0, 8, "lane")
    control:set_automation_state(ARDOUR.AutoState.Off)
    set("Deck 1 Level", high)
    -- 7/8: a take of that meter.
    meter(7, 8)
    generate()
    record_from(0, 10, "seven")
    session:save_state("", false, false, false, false, false)
end

local function again()
    session = load_session(session_dir, NAME)
    demand("session loads", session)
    -- The numbers go on where `make` left them: plain, middle, fast, lane, seven.
    num_recordings = 5
    local before = num_takes()
    plug = session:route_by_name("Continuo"):nth_plugin(0)
    demand("plugin is back", not plug:isnil())
    sleep(3)
    record_from(0, 10, "again")
    demand("nothing was generated again", num_takes() == before)
    session:request_locate(frames(7), false, ARDOUR.LocateTransportDisposition.MustStop, ARDOUR.TransportRequestSource.TRS_UI)
    sleep(1)
    local recorder = session:route_by_name("Recorder")
    recorder:to_track():rec_enable_control():set_value(0, PBD.GroupControlDisposition.NoGroup)
    session:request_play_loop(true, false)
    sleep(6)
    demand("cycles", session:get_play_loop() and session:transport_sample() < frames(24))
    session:request_play_loop(false, false)
    halt()
end

local function new_midi_track(name, num_audio_outs)
    local made
    local ins = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1)
    local outs = ARDOUR.ChanCount(ARDOUR.DataType(num_audio_outs > 0 and "audio" or "midi"), math.max(num_audio_outs, 1))
    local order, normal = ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal
    for track in session:new_midi_track(ins, outs, false, ARDOUR.PluginInfo(), nil, nil, 1, name, order, normal, true):iter() do
        made = track
    end
    return made
end

-- Every note of a recorder's regions: beat of the song, key, velocity, channel, length in beats.
local function say_notes(recorder)
    local ticks = Temporal.ticks_per_beat
    -- Beats have no numbers in Lua, only a text: beats:ticks.
    local function in_ticks(beats)
        local whole, rest = beats:str():match("(-?%d+):(%d+)")
        return whole * ticks + rest
    end
    for region in recorder:to_track():playlist():region_list():iter() do
        local from = region:position():ticks() - region:start():ticks()
        for note in ARDOUR.LuaAPI.note_list(region:to_midiregion():model()):iter() do
            local start = (from + in_ticks(note:time())) / ticks
            say("note", start, note:note(), note:velocity(), note:channel(), in_ticks(note:length()) / ticks)
        end
    end
end

local function band()
    local backend = AudioEngine:set_backend("None (Dummy)", "", "")
    backend:set_device_name("Silence")
    backend:set_sample_rate(RATE)
    backend:set_buffer_size(256)
    session = create_session(session_dir, NAME, RATE)
    demand("session made", session and AudioEngine:running())
    meter(4, 4)
    local track = new_midi_track("Continuo", 2)
    plug = ARDOUR.LuaAPI.new_plugin(session, "Continuo", ARDOUR.PluginType.VST3, "")
    demand("plugin loads", not plug:isnil())
    demand("plugin on the track", track:add_processor_by_index(plug, 0, nil, true) == 0)
    demand("a MIDI output", track:output():n_ports():n_midi() > 0)
    local recorder = new_midi_track("Notes", 0)
    demand("patched", track:output():midi(0):connect(recorder:input():midi(0):name()) == 0)
    set("Humanise", 0)
    set("Swing", 0)
    set("Band MIDI Out", 1)
    set("Band On", 1)
    locate(0)
    -- The first bars are made while the transport stands.
    sleep(2)
    recorder:rec_enable_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
    session:maybe_enable_record(false)
    roll()
    demand("rolled", pass(frames(34), 40))
    halt()
    say_notes(recorder)
    session:save_state("", false, false, false, false, false)
end

local steps = { make = make, again = again, band = band }
steps[step]()
session, plug = nil, nil
collectgarbage() collectgarbage()
close_session()
say("done")
quit()

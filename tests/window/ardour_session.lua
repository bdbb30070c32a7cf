-- A session with the plugin on a track: ardour7-lua ardour_session.lua SESSION_DIR
local backend = AudioEngine:set_backend("None (Dummy)", "", "")
backend:set_device_name("Silence")
backend:set_sample_rate(48000)
backend:set_buffer_size(512)
local session = create_session(arg[1], "window", 48000)
assert(session, "no session")
local order, normal = ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal
local plugin = ARDOUR.LuaAPI.new_plugin(session, "Continuo", ARDOUR.PluginType.VST3, "")
assert(not plugin:isnil(), "no plugin")
for track in session:new_audio_track(2, 2, nil, 1, "Band", order, normal, true):iter() do
    track:add_processor_by_index(plugin, 0, nil, true)
end
session:save_state("")
close_session()
print("> done")
quit()

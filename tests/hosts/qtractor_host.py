"""The CLAP in Qtractor: scan, a session with the plugin on a track, generate by a lane, roll, locate, automate, window, recall.

qtractor_host.py PLUGIN.clap OUT        The library is in CONTINUO_DATA_DIR.

Qtractor has no script: everything goes through a session file, its lanes and JACK's transport. It rolls in real time.
A second track plays a click on every beat, hard left, and the plugin is hard right: so the plugin is held against
Qtractor's own grid, also where a busy machine makes JACK lose blocks."""
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.sax.saxutils
from xml.etree import ElementTree

import jack
import mido
import numpy as np
import soundfile as sf
from common import (
    BPM, RATE, best_shift, check, current_takes, display, end, finish, jack_server, peak, picture_has_content, screenshot,
    start, takes, windows,
)

plugin, out = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
data_dir = os.path.abspath(os.environ["CONTINUO_DATA_DIR"])
here = pathlib.Path(__file__).parent
GENERATE, LEVEL = "Deck 1 Generate", "Deck 1 Level"
# Qtractor rounds beats to 1/7680 (3 samples here) and then to a 32-bit float.
SLACK = 4
# A long period: a machine that builds beside this loses fewer.
PERIOD = 4096


def shim():
    """The sequencer Qtractor insists on, for machines without one."""
    library = os.path.join(out, "alsa_seq_shim.so")
    source = str(here / "alsa_seq_shim.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-w", "-o", library, source], check=True, timeout=60)
    return library


def scan():
    (scanner,) = pathlib.Path("/usr/lib").glob("*/qtractor/qtractor_plugin_scan")
    told = subprocess.run(
        [str(scanner)], input=f"CLAP:{plugin}\n", capture_output=True, text=True, timeout=60,
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen"),
    ).stdout
    found = re.search(r"CLAP\|Continuo\|(\d+):(\d+)\|(\d+):(\d+)\|(\d+):(\d+)\|([A-Z,]+)", told)
    check("the scanner finds Continuo, with a window", bool(found) and "GUI" in found.group(7), told.strip())


def param_indices():
    """Places of the parameters, in the order the plugin lists them (Qtractor's own numbering), from our own host."""
    listed = subprocess.run([os.environ["CONTINUO_HEADLESS_HOST"], "params", plugin], capture_output=True, text=True, timeout=60)
    return {name: place for place, name in enumerate(listed.stdout.splitlines())}


def write_lanes(lanes, indices):
    """Automation as Qtractor keeps it: `lanes` are (parameter, mode, steps), steps are (beat, value of 0..127).

    The curves lie in a MIDI file, each as a controller of its own. Returns the session's part."""
    file, items = mido.MidiFile(ticks_per_beat=960), ""
    for controller, (name, mode, steps) in enumerate(lanes, start=20):
        track = mido.MidiTrack()
        file.tracks.append(track)
        last = 0
        for beat, value in steps:
            tick = round(beat * 960)
            track.append(mido.Message("control_change", channel=0, control=controller, value=value, time=tick - last))
            last = tick
        items += f"""<curve-item name="{indices[name]}_{name}" index="{indices[name]}" mode="{mode}"><type>CONTROLLER</type>
<channel>0</channel><param>{controller}</param><process>1</process><capture>0</capture><locked>0</locked>
<logarithmic>0</logarithmic><color>#ff0000</color></curve-item>"""
    file.save(os.path.join(out, "lane.mid"))
    return f"<curve-file><filename>lane.mid</filename><current>-1</current><curve-items>{items}</curve-items></curve-file>"


def write_clicks(num_beats=70):
    """One click a beat, as a clip of Qtractor's own. Returns its length in frames."""
    frames_per_beat = RATE * 60 / BPM
    clicks = np.zeros((round(num_beats * frames_per_beat), 2), np.float32)
    for beat in range(num_beats):
        clicks[round(beat * frames_per_beat)] = 0.5
    sf.write(os.path.join(out, "clicks.wav"), clicks, RATE, subtype="FLOAT")
    return len(clicks)


def session_xml(lanes):
    strip = "<mute>0</mute><solo>0</solo><record>0</record><monitor>0</monitor><gain>1</gain>"
    buses = "<input-bus>Master</input-bus><output-bus>Master</output-bus>"
    bus = '<monitor>0</monitor><channels>2</channels><auto-connect>1</auto-connect>'
    tempo = f"<tempo>{BPM}</tempo><beat-type>2</beat-type><beats-per-bar>4</beats-per-bar><beat-divisor>2</beat-divisor>"
    return f"""<!DOCTYPE qtractor-session>
<session version="0.9.31" name="continuo"><properties><directory>{out}</directory><sample-rate>{RATE}</sample-rate>
<tempo>{BPM}</tempo><ticks-per-beat>960</ticks-per-beat><beats-per-bar>4</beats-per-bar><beat-divisor>2</beat-divisor></properties>
<devices><audio-engine><audio-control><transport-mode>duplex</transport-mode><timebase>1</timebase></audio-control>
<audio-bus name="Master" mode="duplex">{bus}</audio-bus></audio-engine>
<midi-engine><midi-bus name="Master" mode="duplex"><monitor>0</monitor></midi-bus></midi-engine></devices>
<tempo-map><tempo-node frame="0">{tempo}</tempo-node></tempo-map>
<tracks><track name="Band" type="audio"><properties>{buses}</properties><state>{strip}<panning>1</panning></state><plugins><plugin type="CLAP"><filename>{xml.sax.saxutils.escape(plugin)}</filename>
<unique-id>0</unique-id><index>0</index><label>Continuo</label><activated>1</activated>{lanes}</plugin></plugins></track>
<track name="Clicks" type="audio"><properties>{buses}</properties><state>{strip}<panning>-1</panning></state>
<clips><clip name="clicks"><properties><name>clicks</name><start>0</start><offset>0</offset>
<length>{write_clicks()}</length></properties><audio-clip><filename>clicks.wav</filename></audio-clip></clip></clips></track>
</tracks></session>
"""


class Listener:
    """A JACK client that keeps what Qtractor puts out, and moves the transport."""

    def __init__(self):
        self.client = jack.Client("listener", no_start_server=True)
        self.ins = [self.client.inports.register(f"in_{channel}") for channel in (1, 2)]
        self.blocks = []

        @self.client.set_process_callback
        def process(_frames):
            state, position = self.client.transport_query_struct()
            sound = np.stack([port.get_array().copy() for port in self.ins], 1)
            self.blocks.append((state == jack.ROLLING, position.frame, sound))

        self.client.activate()

    def connect(self, qtractor):
        patience = time.monotonic() + 40
        while not self.client.get_ports("Qtractor:Master/out_.*"):
            if time.monotonic() > patience or qtractor.poll() is not None:
                raise SystemExit("FAILED Qtractor's outputs do not appear; see qtractor.log")
            time.sleep(0.2)
        for channel in (1, 2):
            self.client.connect(f"Qtractor:Master/out_{channel}", self.ins[channel - 1])
        time.sleep(1.5)

    def roll(self, start_frame, seconds):
        """Rolls from a place; returns what was heard by its place in the song: (first frame, stereo samples)."""
        self.client.transport_locate(start_frame)
        time.sleep(0.7)
        self.blocks.clear()
        self.client.transport_start()
        time.sleep(seconds)
        self.client.transport_stop()
        time.sleep(0.5)
        rolling = [(frame, sound) for is_rolling, frame, sound in self.blocks if is_rolling]
        first = rolling[0][0]
        song = np.zeros((rolling[-1][0] - first + PERIOD, 2), np.float32)
        # By its place in the song: a busy machine may have lost a block in between.
        for frame, sound in rolling:
            song[frame - first : frame - first + len(sound)] = sound
        return first, song

    def close(self):
        self.client.deactivate()
        self.client.close()


def run_qtractor(name, text, look):
    """Qtractor with a session, `look(listener, process)` while it runs."""
    path = os.path.join(out, f"{name}.qtr")
    pathlib.Path(path).write_text(text)
    home = pathlib.Path(out, "home")
    home.mkdir(exist_ok=True)
    environment = dict(os.environ, LD_PRELOAD=os.path.join(out, "alsa_seq_shim.so"), HOME=str(home), XDG_CONFIG_HOME=str(home / "config"))
    process = start(["qtractor", path], os.path.join(out, f"{name}.log"), env=environment)
    listener = Listener()
    try:
        listener.connect(process)
        result = look(listener, process)
        check(f"{name}: Qtractor is still there", process.poll() is None)
        return result
    finally:
        listener.close()
        end(process)


def kick_shifts(take_path, take, first_frame, audio):
    notes = next(part for part in take["parts"] if part["kind"] == "drums")["notes"]
    loud = [note["start"] for note in notes if note["key"] in (37, 38, 39, 40, 41, 43, 45, 47, 48, 50)]
    beats = sorted({note["start"] for note in notes if note["key"] in (35, 36)})
    plain = [beat for beat in beats if all(abs(beat - other) > 0.08 for other in loud)]
    stem, _ = sf.read(take_path.parent / "drums.wav", dtype="float32", always_2d=True)
    loop_beats, frames_per_beat = take["audio"]["loop_beats"], 60 / BPM * RATE
    shifts = []
    for beat in (repeat * loop_beats + beat for repeat in range(4) for beat in plain if beat == round(beat)):
        at, in_take = round(beat * frames_per_beat) - first_frame, round(beat % loop_beats * frames_per_beat)
        click = click_near(audio[:, 0], at)
        if click is None or at < 0.1 * RATE or in_take + 1200 > len(stem):
            continue
        template = stem[in_take : in_take + 1200, 1]
        shift = best_shift(audio[:, 1], template, click, 600)
        # What JACK lost in the middle of a kick is Qtractor's and not ours.
        if shift is not None and likeness(audio[click + shift :, 1], template) > 0.98:
            shifts.append(shift)
    return shifts


def click_near(channel, at):
    """Frame of the click that belongs to the beat at `at`; None when it was lost."""
    begin, reach = max(at - 11_000, 0), 22_000
    window = np.abs(channel[begin : begin + reach])
    return begin + int(window.argmax()) if window.size and window.max() > 0.1 else None


def likeness(signal, template):
    """Correlation of the beginnings, -1.0..=1.0."""
    piece = signal[: len(template)]
    if len(piece) < len(template):
        return 0.0
    return float(piece @ template / max(np.linalg.norm(piece) * np.linalg.norm(template), 1e-9))


def main():
    indices = param_indices()
    check("parameters by name", GENERATE in indices and LEVEL in indices, len(indices))
    scan()
    shim()
    with display(out), jack_server(out):
        opens_our_midi()
    with display(out), jack_server(out, period=PERIOD):
        # Lanes leave the drums alone on the grid, and press Generate half a second into the roll and let go again.
        lanes = [(f"Deck 1 Mute {stem}", "Hold", [(0, 127)]) for stem in ("Bass", "Harmony", "Melody", "Other")]
        lanes += [("Humanise", "Hold", [(0, 0)]), (GENERATE, "Hold", [(0, 0), (1, 127), (2, 0)])]
        rolls = run_qtractor("generate", session_xml(write_lanes(lanes, indices)), generate)
        if not check("a lane presses Generate: one take", len(takes(data_dir)) == 1, len(takes(data_dir))):
            finish()
        path, take = takes(data_dir)[0]
        for name, roll in zip(("rolled from two seconds", "located to twenty"), rolls):
            sounds_on_the_grid(name, path, take, *roll)
        # The saved session, with another lane: the level from nothing to full.
        saved = pathlib.Path(out, "generate.qtr").read_text()
        check("Qtractor saved the plugin's state", "<config" in saved and len(saved) > 5000, len(saved))
        text = re.sub(r"<curve-file>.*?</curve-file>", write_lanes([(LEVEL, "Linear", [(0, 0), (8, 127)])], indices), saved, flags=re.S)
        automated = run_qtractor("recall", text, automate)
        check("nothing was generated again", len(takes(data_dir)) == 1)
        frame, audio = automated
        quiet, loud = peak(audio[RATE // 4 : RATE, 1]), peak(audio[-2 * RATE :, 1])
        check("recalled with its take, and a lane on Deck 1 Level moves it", loud > 0.05 > quiet, f"{quiet:.4f} {loud:.3f}")
    finish()


def generate(listener, process):
    """Presses by the lane, rolls, locates, opens the window and saves the session."""
    listener.roll(0, 2.5)
    patience = time.monotonic() + 60
    while not takes(data_dir) and time.monotonic() < patience:
        time.sleep(0.2)
    time.sleep(1.5)
    rolls = listener.roll(2 * RATE, 8), listener.roll(20 * RATE + 777, 8)
    opens_the_window()
    subprocess.run(["xdotool", "search", "--name", "generate.qtr", "windowactivate", "--sync"], timeout=20)
    # Nothing is saved that has not changed: solo the only track.
    subprocess.run(["xdotool", "mousemove", "287", "280", "click", "1"], timeout=20)
    time.sleep(1)
    subprocess.run(["xdotool", "key", "--clearmodifiers", "ctrl+s"], timeout=20)
    time.sleep(2)
    screenshot(os.path.join(out, "saved.png"))
    return rolls


def automate(listener, process):
    time.sleep(2)
    roll = listener.roll(0, 8)
    screenshot(os.path.join(out, "recall.png"))
    return roll


def press(*keys):
    for key in keys:
        subprocess.run(["xdotool", "key", "--clearmodifiers", key], timeout=20)
        time.sleep(0.7)


def whole_session(name):
    """Root element of a session file once it is written to its end; None when there is none after eight seconds.

    Read as XML and not by its text: Qt writes the attributes of an element in an order drawn anew in each process.
    """
    patience = time.monotonic() + 8
    while time.monotonic() < patience:
        time.sleep(0.2)
        for path in pathlib.Path(out).rglob(name):
            try:
                return ElementTree.parse(path).getroot()
            except ElementTree.ParseError:
                continue
    return None


def opens_our_midi():
    """A MIDI file of the program's, imported through Qtractor's own menu and saved as its session."""
    score = os.path.join(out, "score")
    command = [os.environ["CONTINUO_PROGRAM"], "accompany", "--chords", "Em | C | D | Em", "--meter", "3/4", "--bpm", "97"]
    subprocess.run([*command, "--bars", "4", "--out", score], check=True, capture_output=True, timeout=60)
    written = mido.MidiFile(os.path.join(score, "all.mid"))
    names = [track.name for track in written.tracks if any(message.type == "note_on" for message in track)]
    home = pathlib.Path(out, "home-import")
    home.mkdir(exist_ok=True)
    environment = dict(os.environ, LD_PRELOAD=os.path.join(out, "alsa_seq_shim.so"), HOME=str(home), XDG_CONFIG_HOME=str(home / "config"))
    process = start(["qtractor"], os.path.join(out, "import.log"), env=environment, cwd=out)
    try:
        time.sleep(5)
        subprocess.run(["xdotool", "search", "--name", "Untitled.*Qtractor", "windowactivate", "--sync"], timeout=20)
        time.sleep(0.5)
        press("alt+t", "t", "m")
        time.sleep(1.5)
        subprocess.run(["xdotool", "type", "--delay", "20", os.path.join(score, "all.mid")], timeout=30)
        press("Return")
        # On a busy machine the tracks come a while after the tempo.
        time.sleep(8)
        screenshot(os.path.join(out, "imported.png"))
        press("ctrl+s")
        time.sleep(1.5)
        subprocess.run(["xdotool", "type", "--delay", "20", "imported"], timeout=20)
        # The session's properties, the new folder, the file.
        for _ in range(3):
            press("Return")
            time.sleep(1)
        saved = whole_session("imported.qtr")
    finally:
        end(process)
    if not check("Qtractor imports our MIDI file and saves a session of it", saved is not None):
        return
    told = saved.findtext(".//tempo"), saved.findtext(".//beats-per-bar")
    check("with our tempo and meter", told == ("97", "3"), told)
    tracks = [track.get("name") for track in saved.iter("track") if track.get("type") == "midi"]
    check("with our track names", tracks == names, tracks)


def opens_the_window():
    """Double click on the plugin in the track's list; the positions belong to a screen of 1400 x 900."""
    before = set(windows())
    subprocess.run(["xdotool", "mousemove", "372", "252", "click", "--repeat", "2", "--delay", "120", "1"], timeout=20)
    time.sleep(4)
    picture = screenshot(os.path.join(out, "editor.png"))
    new = [title for title in windows() if title not in before and "Continuo" in title]
    check("the window opens", bool(new) and picture_has_content(picture), new[:2])


def sounds_on_the_grid(name, path, take, frame, audio):
    check(f"{name}: it sounds", peak(audio[:, 1]) > 0.01 and bool(np.isfinite(audio).all()), f"{peak(audio[:, 1]):.3f}")
    shifts = kick_shifts(path, take, frame, audio)
    is_good = len(shifts) >= 3 and all(abs(shift) <= SLACK for shift in shifts)
    check(f"{name}: kicks lie on the clicks", is_good, f"{len(shifts)} whole kicks, frames off:", shifts[:8])


main()

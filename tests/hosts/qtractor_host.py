"""The CLAP in Qtractor: generate from an automation lane, roll on the grid, save, open again, window.

qtractor_host.py PLUGIN.clap OUT        The library is in CONTINUO_DATA_DIR; Qtractor's home is OUT/home.

Qtractor follows the JACK transport of a private server without a sound card, and its output is recorded from there.
A second track plays a clip with a click on every beat, hard left, and the plugin is hard right: so the plugin is held
against Qtractor's own grid, also where a busy machine makes JACK lose blocks. Qtractor gives the plugin no sample position, and beats rounded to 1/7680 in single precision."""
import contextlib
import os
import pathlib
import subprocess
import sys
import time

import jack
import mido
import numpy as np
import soundfile as sf
from common import (BPM, RATE, best_shift, check, display, end, finish, jack_server, peak, picture_has_content,
                    screenshot, start, takes, windows)

plugin, out = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
data_dir = os.path.abspath(os.environ["CONTINUO_DATA_DIR"])
here = pathlib.Path(__file__).parent
session = os.path.join(out, "session.qtr")
BEAT = RATE * 60 / BPM
TICKS = 960
# Place of the parameter in the plugin's list, which is frozen (plugin/tests/parameters.txt).
GENERATE = (11, "Deck 1 Generate")
# The lane presses Generate here; what is recorded ends before it.
PRESS_BEAT = 48
# Rounded to 1/7680 beat: 3 samples at this tempo; single precision adds as much after a minute.
SLACK = 4
# Long, so that a busy machine without real-time scheduling loses few blocks.
PERIOD = 2048
# A stretch of the recording is compared where it is whole: a block that JACK lost is Qtractor's and not ours.
WHOLE = 0.98


def curve(name, points):
    """An automation lane as Qtractor keeps it: a MIDI file of controller 20."""
    file = mido.MidiFile(ticks_per_beat=TICKS)
    track = mido.MidiTrack()
    file.tracks.append(track)
    at = 0
    for beat, value in points:
        track.append(mido.Message("control_change", control=20, value=value, time=int(beat * TICKS) - at))
        at = int(beat * TICKS)
    file.save(os.path.join(out, name))


def write_clicks(num_beats=32):
    """The reference: one click a beat, as an audio clip of Qtractor's own."""
    clicks = np.zeros((round(num_beats * BEAT), 2), np.float32)
    for beat in range(num_beats):
        clicks[round(beat * BEAT), :] = 0.5
    sf.write(os.path.join(out, "clicks.wav"), clicks, RATE, subtype="FLOAT")
    return len(clicks)


def lane(parameter, file, mode):
    index, name = parameter
    return f"""<curve-file><filename>{file}</filename><current>-1</current><curve-items>
<curve-item name="{index}_{name}" index="{index}" mode="{mode}"><type>CONTROLLER</type><channel>0</channel>
<param>20</param><process>1</process><capture>0</capture><locked>0</locked><logarithmic>0</logarithmic>
<color>#ff0000</color></curve-item></curve-items></curve-file>"""


def write_session(lanes):
    """The plugin hard right, the clicks hard left, one tempo."""
    num_frames = write_clicks()
    strip = "<mute>0</mute><solo>0</solo><record>0</record><monitor>0</monitor><gain>1</gain>"
    buses = "<input-bus>Master</input-bus><output-bus>Master</output-bus>"
    bus = '<{0}-bus name="Master" mode="duplex">{1}</{0}-bus>'
    audio = bus.format("audio", "<monitor>0</monitor><channels>2</channels><auto-connect>1</auto-connect>")
    tempo = f"<tempo>{BPM}</tempo><beat-type>2</beat-type><beats-per-bar>4</beats-per-bar><beat-divisor>2</beat-divisor>"
    pathlib.Path(session).write_text(f"""<!DOCTYPE qtractor-session>
<session version="0.9.31" name="session">
<properties><directory>{out}</directory><sample-rate>{RATE}</sample-rate><tempo>{BPM}</tempo>
<ticks-per-beat>{TICKS}</ticks-per-beat><beats-per-bar>4</beats-per-bar><beat-divisor>2</beat-divisor></properties>
<devices><audio-engine><audio-control><transport-mode>duplex</transport-mode><timebase>1</timebase></audio-control>
{audio}</audio-engine><midi-engine>{bus.format("midi", "<monitor>0</monitor>")}</midi-engine></devices>
<tempo-map><tempo-node frame="0">{tempo}</tempo-node></tempo-map>
<tracks><track name="Band" type="audio">
<properties>{buses}</properties><state>{strip}<panning>1</panning></state>
<plugins><plugin type="CLAP"><filename>{plugin}</filename><unique-id>0</unique-id><index>0</index>
<label>Continuo</label><activated>1</activated>{lanes}</plugin></plugins>
</track><track name="Clicks" type="audio">
<properties>{buses}</properties><state>{strip}<panning>-1</panning></state>
<clips><clip name="clicks"><properties><name>clicks</name><start>0</start><offset>0</offset><length>{num_frames}</length>
</properties><audio-clip><filename>clicks.wav</filename></audio-clip></clip></clips></track></tracks></session>
""")


class Tape:
    """Records Qtractor's master output together with the transport's frame."""

    def __init__(self):
        self.client = jack.Client("tape")
        self.inputs = [self.client.inports.register(f"in_{i}") for i in (1, 2)]
        self.blocks = None
        self.client.set_process_callback(self.process)
        self.client.activate()

    def process(self, _frames):
        if self.blocks is not None and self.client.transport_state == jack.ROLLING:
            block = np.stack([port.get_array() for port in self.inputs], 1).copy()
            self.blocks.append((self.client.transport_frame, block))

    def connect(self, patience_s=60):
        end_s = time.monotonic() + patience_s
        while time.monotonic() < end_s:
            ports = self.client.get_ports("Qtractor:Master/out_.*")
            if len(ports) >= 2:
                for port, mine in zip(ports, self.inputs):
                    self.client.connect(port, mine)
                return True
            time.sleep(0.2)
        return False

    def roll(self, beat, seconds):
        """Rolls from `beat`; returns what was heard at the transport's own frames."""
        self.client.transport_stop()
        self.client.transport_locate(int(beat * BEAT))
        time.sleep(1.0)
        self.blocks = []
        self.client.transport_start()
        time.sleep(seconds)
        self.client.transport_stop()
        time.sleep(0.5)
        blocks, self.blocks = self.blocks, None
        audio = np.zeros((max(frame + len(block) for frame, block in blocks), 2), np.float32)
        for frame, block in blocks:
            audio[frame : frame + len(block)] = block
        return audio

    def close(self):
        self.client.deactivate()
        self.client.close()


@contextlib.contextmanager
def qtractor(name):
    """Qtractor with the session, its tape running."""
    shim = os.path.join(out, "alsa_seq_shim.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", shim, str(here / "alsa_seq_shim.c")], check=True)
    environment = dict(os.environ, LD_PRELOAD=shim, HOME=os.path.join(out, "home"))
    environment.pop("XDG_CONFIG_HOME", None)
    os.makedirs(environment["HOME"], exist_ok=True)
    process = start(["qtractor", session], os.path.join(out, f"{name}.log"), env=environment)
    tape = Tape()
    try:
        check(f"{name}: Qtractor opens the session", tape.connect())
        time.sleep(2)
        yield process, tape
    finally:
        tape.close()
        end(process)


def wait_for_take(tape, known, patience_s=60):
    """Rolls over the lane's press until the library has one take more."""
    tape.roll(PRESS_BEAT - 4, 8)
    end_s = time.monotonic() + patience_s
    while len(takes(data_dir)) == known and time.monotonic() < end_s:
        time.sleep(0.2)
    time.sleep(1)
    return len(takes(data_dir)) > known


def take_mix():
    """The sum of the newest take's stems: what a deck with its dials at rest plays."""
    path, take = takes(data_dir)[-1]
    stems = [sf.read(stem, dtype="float32")[0] for stem in sorted(path.parent.rglob("*.wav"))]
    return sum(stems), take


def on_the_grid(name, audio, mix):
    """Beats of the recording against the clicks that Qtractor itself plays."""
    shifts = []
    for beat in range(1, 14):
        click = click_near(audio[:, 0], round(beat * BEAT))
        template = mix[round(beat * BEAT) :][:4800, 1]
        shift = None if click is None else best_shift(audio[:, 1], template, click, 600)
        if shift is not None and likeness(audio[click + shift :, 1], template) > WHOLE:
            shifts.append(shift)
    is_on = len(shifts) >= 5 and max(map(abs, shifts)) <= SLACK
    check(f"{name}: beats lie on the clicks", is_on, f"shifts in samples, {len(shifts)} of 13 whole:", shifts)


def click_near(channel, at):
    """Frame of the click that belongs to the beat at `at`; None when it was lost."""
    reach = int(BEAT / 2)
    window = np.abs(channel[max(at - reach, 0) : at + reach])
    return max(at - reach, 0) + int(window.argmax()) if window.size and window.max() > 0.1 else None


def likeness(signal, template):
    """Correlation of the beginnings, -1.0..=1.0."""
    piece = signal[: len(template)]
    return float(piece @ template / max(np.linalg.norm(piece) * np.linalg.norm(template), 1e-9))


def shows_its_window(process):
    """Double-click on the plugin in the track's strip; its window has to come up and to be drawn."""
    click(372, 252, times=2)
    time.sleep(4)
    shown = [title for title in windows() if "Continuo" in title]
    shot = screenshot(os.path.join(out, "editor.png"))
    check("the window opens and is drawn", bool(shown) and picture_has_content(shot, 500), shown[:1])
    check("Qtractor is alive", process.poll() is None)


def click(x, y, times=1):
    """Qtractor's window opens in the middle of the 1400x900 display: places in it are fixed."""
    subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "--repeat", str(times), "--delay", "120", "1"])
    time.sleep(0.5)


def saves():
    """Mutes and unmutes the track, so that there is something to save, and presses Ctrl+S; the file has to change."""
    before = os.stat(session).st_mtime_ns
    ids = subprocess.run(["xdotool", "search", "--name", "Qtractor$"], capture_output=True, text=True).stdout.split()
    subprocess.run(["xdotool", "windowactivate", "--sync", ids[-1]], timeout=20)
    click(264, 280)
    click(264, 280)
    subprocess.run(["xdotool", "key", "ctrl+s"], timeout=20)
    end_s = time.monotonic() + 20
    while os.stat(session).st_mtime_ns == before and time.monotonic() < end_s:
        time.sleep(0.2)
    screenshot(os.path.join(out, "saved.png"))
    check("the session is saved", os.stat(session).st_mtime_ns != before)


def main():
    curve("generate.mid", [(0, 0), (PRESS_BEAT, 127), (PRESS_BEAT + 2, 0)])
    write_session(lane(GENERATE, "generate.mid", "Hold"))
    with display(out), jack_server(out, period=PERIOD):
        with qtractor("first") as (process, tape):
            check("a lane presses Generate", wait_for_take(tape, 0))
            if not takes(data_dir):
                return
            mix, take = take_mix()
            check("at the host's tempo", abs(take["info"]["tempo"] - BPM) < 0.01, take["info"]["tempo"])
            first = tape.roll(0, 8)
            sf.write(os.path.join(out, "first.wav"), first, RATE)
            check("sound, finite", np.isfinite(first).all() and peak(first) > 0.05, round(peak(first), 3))
            on_the_grid("first", first, mix)
            saves()
            shows_its_window(process)
        known = len(takes(data_dir))
        with qtractor("second") as (_process, tape):
            second = tape.roll(0, 8)
            sf.write(os.path.join(out, "second.wav"), second, RATE)
            check("the saved session plays the same take", peak(second) > 0.05, round(peak(second), 3))
            on_the_grid("second", second, mix)
            check("and makes none again", len(takes(data_dir)) == known)


main()
finish()

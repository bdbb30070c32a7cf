"""The VST3 in DawDreamer: offline, every rate and block size, tempo ramps, automation, state.

dawdreamer_host.py PLUGIN.vst3 OUT        The library is in CONTINUO_DATA_DIR."""
import hashlib
import json
import os
import subprocess
import sys
import time

import dawdreamer as daw
import numpy as np
import soundfile as sf
from common import BPM, best_shift, check, current_takes, find_take, finish, juce_state, peak, rise, takes

plugin_path, out = sys.argv[1:3]
data_dir = os.environ["CONTINUO_DATA_DIR"]
MUTED = ["Bass", "Harmony", "Melody", "Other"]


class Instance:
    """One plugin in one engine, its parameters by name."""

    def __init__(self, rate, block, bpm=BPM):
        self.rate = rate
        self.engine = daw.RenderEngine(rate, block)
        self.engine.set_bpm(bpm)
        self.plugin = self.engine.make_plugin_processor("continuo", plugin_path)
        self.index = {d["name"]: d["index"] for d in self.plugin.get_parameters_description()}
        silence = np.zeros((max(1, self.plugin.get_num_input_channels()), 64), np.float32)
        source = self.engine.make_playback_processor("silence", silence)
        has_input = self.plugin.get_num_input_channels() > 0
        self.engine.load_graph([(source, []), (self.plugin, ["silence"])] if has_input else [(self.plugin, [])])

    def set(self, name, value):
        self.plugin.set_parameter(self.index[name], value)

    def render(self, seconds):
        self.engine.render(seconds)
        return self.engine.get_audio()

    def drums_only(self):
        for stem in MUTED:
            self.set(f"Deck 1 Mute {stem}", 1.0)

    def press_generate(self):
        self.set("Deck 1 Generate", 1.0)
        self.render(0.05)
        self.set("Deck 1 Generate", 0.0)
        self.render(0.05)

    def generate(self):
        """Presses Generate on deck 1 and waits until a take sounds. Returns it as (path, parsed)."""
        self.press_generate()
        end = time.monotonic() + 90
        while time.monotonic() < end:
            time.sleep(0.05)
            if peak(self.render(0.5)) > 1e-3:
                # What is still on its way (a rendition at this rate) arrives before anything is measured.
                time.sleep(1.0)
                self.render(0.5)
                return find_take(data_dir, self.current())
        raise SystemExit("FAILED no take within 90 s")

    def current(self):
        """Id of the take on deck 1."""
        file = os.path.join(out, "looking.state")
        self.plugin.save_state(file)
        with open(file, "rb") as state:
            return current_takes(juce_state(state.read()))[0]


def kicks(take):
    """Beats of the kick (General MIDI 35 and 36) where no snare, clap or tom plays, from a take's own notes."""
    notes = next(part for part in take["parts"] if part["kind"] == "drums")["notes"]
    loud = [note["start"] for note in notes if note["key"] in (37, 38, 39, 40, 41, 43, 45, 47, 48, 50)]
    beats = {note["start"] for note in notes if note["key"] in (35, 36)}
    return sorted(beat for beat in beats if all(abs(beat - other) > 0.08 for other in loud))


def ready(rate, block, bpm=BPM):
    instance = Instance(rate, block, bpm)
    instance.set("Humanise", 0.0)
    instance.drums_only()
    path, take = instance.generate()
    return instance, path, take


def plays_on_the_grid(rate, block):
    instance, path, take = ready(rate, block)
    beats = [beat for beat in kicks(take) if 1.0 <= beat < 31.0]
    audio = instance.render(32.5 * 60 / BPM)
    left = audio[0]
    at = [round(beat * 60 / BPM * rate) for beat in beats]
    template = left[at[0] : at[0] + int(0.025 * rate)].copy()
    shifts = [best_shift(left, template, frame, int(0.01 * rate)) for frame in at]
    label = f"{rate} Hz, blocks of {block}: kicks within a sample of the grid"
    check(label, len(at) >= 8 and all(s is not None and abs(s) <= 1 for s in shifts), f"{len(at)} kicks", shifts[:6])
    if rate != take["audio"]["rate"]:
        return instance, audio
    stem, _ = sf.read(path.parent / "drums.wav", dtype="float32", always_2d=True)
    length = min(len(stem), audio.shape[1], int(32 * 60 / BPM * rate))
    begin = int(0.3 * rate)
    worst = float(np.abs(audio[0, begin:length] - stem[begin:length, 0]).max())
    check(f"{rate} Hz, blocks of {block}: sample for sample the stem in the library", worst < 1e-6, f"worst {worst:.1e}")
    return instance, audio


def save_and_recall():
    instance, _, _ = ready(48_000, 512)
    instance.set("Deck 1 Level", 0.8)
    instance.set("Energy", 0.25)
    before = instance.render(8.0)
    told = {name: instance.plugin.get_parameter_text(index) for name, index in instance.index.items()}
    state = os.path.join(out, "state")
    instance.plugin.save_state(state)
    with open(os.path.join(out, "told.json"), "w") as file:
        json.dump(told, file)
    known = len(takes(data_dir))
    hashes = []
    for run in ("first", "second"):
        command = [sys.executable, __file__, plugin_path, out, "--recall"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        check(f"recall in a new process, {run}", done.returncode == 0, done.stdout.strip(), done.stderr.strip()[-300:])
        hashes.append(done.stdout.strip().splitlines()[-1:])
    check("two new processes render the same bits", len(set(map(str, hashes))) == 1, hashes[0])
    check("which are the bits of before", hashes[0] == [digest(before)])
    check("nothing was generated again", len(takes(data_dir)) == known)


def digest(audio):
    # The first 20 ms may fade in from wherever the instance stood before.
    return hashlib.sha256(np.ascontiguousarray(audio[:, 960:]).tobytes()).hexdigest()


def recall():
    """In a new process: the state back, the take from the library, the same sound."""
    instance = Instance(48_000, 512)
    instance.plugin.load_state(os.path.join(out, "state"))
    end = time.monotonic() + 60
    while peak(instance.render(0.5)) < 1e-3:
        if time.monotonic() > end:
            raise SystemExit("no sound after a recall")
        time.sleep(0.05)
    time.sleep(0.3)
    with open(os.path.join(out, "told.json")) as file:
        told = json.load(file)
    now = {name: instance.plugin.get_parameter_text(index) for name, index in instance.index.items()}
    differs = {name: (text, now[name]) for name, text in told.items() if now[name] != text}
    if differs:
        raise SystemExit(f"settings differ: {differs}")
    print(digest(instance.render(8.0)), flush=True)
    os._exit(0)


def automation_is_heard():
    instance, _, _ = ready(48_000, 64)
    plain = instance.render(8.0)
    level = np.concatenate([np.zeros(4 * 48_000), np.full(4 * 48_000, instance.plugin.get_parameter(instance.index["Deck 1 Level"]))])
    instance.plugin.set_automation(instance.index["Deck 1 Level"], level.astype(np.float32), ppqn=0)
    moved = instance.render(8.0)
    quiet, loud = peak(moved[:, 9600 : 190_000]), peak(moved[:, 200_000:])
    check("a lane on Deck 1 Level silences the deck and brings it back", quiet < 1e-3 < loud, f"{quiet:.1e} {loud:.2f}")
    check("where the lane rests the sound is as without it", np.allclose(moved[:, 240_000:], plain[:, 240_000:], atol=1e-6))


def generate_from_a_lane():
    instance = Instance(48_000, 64)
    # A style nothing else here asks for: the same spec would be the same take.
    instance.set("Style", 0.5)
    instance.render(0.1)
    known = len(takes(data_dir))
    lane = np.zeros(48_000, np.float32)
    lane[24_000:36_000] = 1.0
    instance.plugin.set_automation(instance.index["Deck 1 Generate"], lane, ppqn=0)
    instance.render(1.0)
    end = time.monotonic() + 60
    while len(takes(data_dir)) == known and time.monotonic() < end:
        time.sleep(0.1)
    check("an automation lane presses Generate, once", len(takes(data_dir)) == known + 1, len(takes(data_dir)) - known)


def ramp_stays_within_two_milliseconds():
    rate = 48_000
    instance, path, take = ready(rate, 64, 90.0)
    stem, _ = sf.read(path.parent / "drums.wav", dtype="float32", always_2d=True)
    ticks = 960
    tempo = np.linspace(90, 150, 30 * ticks).astype(np.float32)
    stem_rate = take["audio"]["rate"]
    instance.engine.set_bpm(tempo, ticks)
    seconds_of_tick = np.concatenate([[0.0], np.cumsum(60.0 / (ticks * tempo.astype(np.float64)))])
    left = instance.render(float(seconds_of_tick[-1]))[0]
    worst, measured = 0.0, 0
    for beat in (beat for beat in kicks(take) if 1.0 <= beat < 29.0):
        in_take = rise(stem[:, 0], round(beat * 60 / 90 * stem_rate), stem_rate)
        in_ramp = rise(left, round(seconds_of_tick[round(beat * ticks)] * rate), rate)
        if in_take is None:
            continue
        measured += 1
        worst = max(worst, abs(in_ramp - in_take) if in_ramp is not None else 1.0)
    check("ramp 90 to 150: kicks within 2 ms", measured >= 12 and worst <= 0.002, f"{measured} kicks, worst {worst * 1e3:.2f} ms")


def main():
    first = Instance(48_000, 512)
    check("loads with its parameters", "Deck 8 Generate" in first.index and "Style" in first.index, len(first.index))
    check("silent before anything is generated", peak(first.render(1.0)) == 0.0)
    bits = {}
    for block in (1, 17, 64, 441, 8192):
        instance, audio = plays_on_the_grid(48_000, block)
        again = instance.render(audio.shape[1] / 48_000)
        check(f"blocks of {block}: two renders are identical", digest(again) == digest(audio))
        bits[block] = audio
    for rate in (44_100, 96_000):
        plays_on_the_grid(rate, 512)
    automation_is_heard()
    generate_from_a_lane()
    ramp_stays_within_two_milliseconds()
    save_and_recall()
    finish()


if __name__ == "__main__":
    recall() if "--recall" in sys.argv else main()

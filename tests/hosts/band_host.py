"""The live band of the CLAP in our own host: keys in by MIDI file, notes out by MIDI file.

band_host.py PLUGIN.clap OUT        CONTINUO_HEADLESS_HOST is the host."""
import os
import pathlib
import subprocess
import sys

import band_music
import soundfile as sf
from common import check, finish, peak

plugin, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).absolute()
STYLES = ("Pop", "Jazz", "Deep house", "Dub", "Funk")


def play(style, how):
    stem = f"{style}-{how}".replace(" ", "_")
    keys, notes = out / f"{stem}-keys.mid", out / f"{stem}.mid"
    band_music.write_keys(how, keys)
    command = [os.environ["CONTINUO_HEADLESS_HOST"], "accompany", plugin, style, str(keys), str(notes)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if check(f"{style}, {how}: played", done.returncode == 0, done.stderr.strip()[-300:]):
        sound, _ = sf.read(notes.with_suffix(".wav"), dtype="float32", always_2d=True)
        check(f"{style}, {how}: sounds", peak(sound) > 0.05, f"{peak(sound):.2f}")
        band_music.judge(f"{style}, {how}", notes, is_straight=True, rate=48_000)
    return notes


for style in STYLES:
    for how in band_music.HOWS:
        play(style, how)
first, again = (play("Pop", "blocked").read_bytes() for _ in range(2))
check("played twice, the same file", first == again)
finish()

"""Two hundred audio files of other people's encoders become takes: formats, rates, channels, damage.

Drum loops and pieces played by fluidsynth, written by sox, flac, lame, oggenc and ffmpeg (Debian's packages of these
names, libsox-fmt-mp3 and vorbis-tools). What is whole has to become a loop whose tempo is right within 1 %, itself or
as half or double; pieces have to have their key; what is damaged has to become a loop or a sentence, never a crash.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import listening_material as material
import numpy as np
import programs
import soundfile

RATES = (8000, 22050, 44100, 48000, 96000, 192000)
CHANNELS = (1, 2, 6, 8)
MAX_MEMORY_MB = 600
TARGETS = {"tempo or its half or double": 0.97, "key": 0.75}


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def sox(source, target, *, rate=None, channels=None, bits=None, encoding=None, effects=()):
    """`-D` and `-G`: no dither, no clipping."""
    words = ["sox", "-D", "-G", source]
    words += ["-b", bits] if bits else []
    words += ["-e", encoding] if encoding else []
    words += [target]
    words += ["channels", channels] if channels else []
    words += ["rate", rate] if rate else []
    run(*words, *effects)


def whole_files(folder, loops):
    """Files that are what they should be: (path, loop)."""
    made = []
    turn = iter(range(10_000))

    def add(name, write):
        loop = loops[next(turn) % len(loops)]
        path = folder / name
        write(loop.path, path)
        made.append((path, loop))

    for rate in RATES:
        for channels in CHANNELS:
            for bits, encoding in ((16, "signed"), (24, "signed")):
                add(f"w{rate}-{channels}-{bits}.wav", lambda a, b, r=rate, c=channels, n=bits, e=encoding:
                    sox(a, b, rate=r, channels=c, bits=n, encoding=e))
            if channels <= 2:
                add(f"a{rate}-{channels}.aiff", lambda a, b, r=rate, c=channels: sox(a, b, rate=r, channels=c))
            add(f"f{rate}-{channels}.flac", lambda a, b, r=rate, c=channels: sox(a, b, rate=r, channels=c, bits=24))
    for bits, encoding in ((8, "unsigned"), (32, "signed"), (32, "floating-point"), (64, "floating-point")):
        for channels in (1, 2):
            add(f"x{bits}-{encoding}-{channels}.wav", lambda a, b, n=bits, e=encoding, c=channels:
                sox(a, b, channels=c, bits=n, encoding=e))
    for level in (0, 5, 8):
        add(f"flac{level}.flac", lambda a, b, n=level: run("flac", "-s", "-f", f"-{n}", "-o", b, a))
    for rate in (22050, 32000, 44100, 48000):
        for bitrate in (64, 128, 320):
            def mp3(source, target, r=rate, k=bitrate):
                middle = target.with_suffix(".tmp.wav")
                sox(source, middle, rate=r, bits=16)
                run("lame", "--quiet", "-b", min(k, 160) if r < 32000 else k, middle, target)
                middle.unlink()
            add(f"m{rate}-{bitrate}.mp3", mp3)
    for quality in (2, 5):
        add(f"vbr{quality}.mp3", lambda a, b, q=quality: run("ffmpeg", "-y", "-i", a, "-q:a", q, b))
    for quality in (0, 4, 8):
        for rate in (22050, 44100, 48000):
            add(f"o{quality}-{rate}.ogg", lambda a, b, q=quality, r=rate:
                run("oggenc", "-Q", "-q", q, "--resample", r, "-o", b, a))
    add("six.ogg", lambda a, b: run("ffmpeg", "-y", "-i", a, "-ac", 6, "-c:a", "libvorbis", b))
    add("be.aifc", lambda a, b: run("ffmpeg", "-y", "-i", a, "-c:a", "pcm_f32be", "-f", "aiff", b))
    add("sowt.aifc", lambda a, b: run("ffmpeg", "-y", "-i", a, "-c:a", "pcm_s16le", "-f", "aiff", b))
    add("big.rf64.wav", lambda a, b: run("ffmpeg", "-y", "-i", a, "-rf64", "always", "-c:a", "pcm_s16le", b))
    for rate in (22050, 44100, 48000, 96000):
        for bitrate in (96, 256):
            add(f"aac{rate}-{bitrate}.m4a", lambda a, b, r=rate, k=bitrate:
                run("ffmpeg", "-y", "-i", a, "-ar", r, "-c:a", "aac", "-b:a", f"{k}k", b))
    add("six.m4a", lambda a, b: run("ffmpeg", "-y", "-i", a, "-ac", 6, "-c:a", "aac", b))
    add("front.m4a", lambda a, b: run("ffmpeg", "-y", "-i", a, "-c:a", "aac", "-movflags", "+faststart", b))
    add("bare.aac", lambda a, b: run("ffmpeg", "-y", "-i", a, "-c:a", "aac", "-f", "adts", b))
    with_tags = ("-metadata", "title=A title", "-metadata", "comment=" + "x" * 5000)
    add("tagged.mp3", lambda a, b: run("ffmpeg", "-y", "-i", a, *with_tags, b))
    add("tagged.flac", lambda a, b: run("ffmpeg", "-y", "-i", a, *with_tags, b))
    # Named after something else.
    add("really-flac.wav", lambda a, b: run("flac", "-s", "-f", "-o", b, a))
    add("really-ogg.mp3", lambda a, b: run("oggenc", "-Q", "-o", b, a))
    add("no-ending", lambda a, b: shutil.copy(a, b))

    def piped(source, target):
        with open(target, "wb") as out:
            subprocess.run(["ffmpeg", "-i", str(source), "-f", "wav", "-c:a", "pcm_s16le", "-"], stdout=out,
                           stderr=subprocess.DEVNULL, check=True)
    add("piped.wav", piped)
    return made


def damaged_files(folder, whole):
    """Cut, overwritten and empty files; whatever they become, it is no crash."""
    rng = random.Random(11)
    made = []
    by_ending = {}
    for path, _ in whole:
        by_ending.setdefault(path.suffix, path)
    for ending in (".wav", ".flac", ".mp3", ".ogg", ".aiff", ".m4a"):
        data = by_ending[ending].read_bytes()
        for share in (0.002, 0.3, 0.9):
            made.append((f"cut{share}{ending}", data[: int(len(data) * share)]))
        for turn in range(6):
            holed = bytearray(data)
            for _ in range(20):
                at = rng.randrange(len(holed))
                holed[at: at + 64] = rng.randbytes(len(holed[at: at + 64]))
            made.append((f"holed{turn}{ending}", bytes(holed)))
        head = bytearray(data)
        for _ in range(12):
            head[rng.randrange(64)] = rng.randrange(256)
        made.append((f"head{ending}", bytes(head)))
    made += [
        ("empty.wav", b""), ("empty.mp3", b""), ("zeros.wav", bytes(4096)), ("noise.mp3", rng.randbytes(60_000)),
        ("page.wav", b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"),
        ("header.wav", b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0"),
    ]
    paths = []
    for name, data in made:
        (folder / name).write_bytes(data)
        paths.append(folder / name)
    return paths


def special_files(folder, loop):
    """An hour of music, and what other programs make that is not read."""
    hour = folder / "hour.flac"
    run("sox", loop.path, "-b", 16, hour, "repeat", int(3600 / (soundfile.info(loop.path).duration)))
    alac = folder / "song.m4a"
    run("ffmpeg", "-y", "-i", loop.path, "-c:a", "alac", alac)
    opus = folder / "song.opus"
    run("ffmpeg", "-y", "-i", loop.path, "-c:a", "libopus", opus)
    silent = folder / "silent.wav"
    soundfile.write(silent, np.zeros((44100 * 4, 2)), 44100)
    wanted = {alac: "(M4A) is damaged", opus: "is an Ogg Opus file", silent: "it is silent"}
    return hour, wanted


def ours(paths):
    command = programs.example("jobs", "import_files")
    told = subprocess.run(command + [str(path) for path in paths], capture_output=True, text=True)
    if told.returncode != 0:
        print(told.stderr[-2000:])
        raise SystemExit(f"it ended with {told.returncode} after {len(told.stdout.splitlines())} of {len(paths)} files")
    return {line["file"]: line for line in map(json.loads, told.stdout.splitlines())}


def is_near(bpm, wanted):
    return abs(bpm / wanted - 1) < 0.01


def check_whole(heard, whole, failed):
    rows = {}
    for path, loop in whole:
        one = heard[str(path)]
        if "error" in one:
            failed.append(f"{path.name}: {one['error']}")
            continue
        right = is_near(one["bpm"], loop.bpm)
        others = any(is_near(bpm, loop.bpm) for bpm in one["alternatives"])
        seam = one["seam_step"] <= max(one["largest_step"], 1e-4)
        level = abs(one["loudness"] + 16) < 0.5 and one["true_peak"] <= -1.0
        rows.setdefault(path.suffix or "none", []).append((right, right or others, seam, level, not one["remarks"]))
    print(f"{'format':8}{'files':>6}{'tempo':>8}{'or 1/2 2':>10}{'seam':>7}{'level':>7}{'quiet':>7}")
    every = [row for group in rows.values() for row in group]
    for name, group in [*rows.items(), ("all", every)]:
        means = np.mean(np.array(group, dtype=float), axis=0)
        print(f"{name:8}{len(group):6}{means[0]:8.2f}{means[1]:10.2f}{means[2]:7.2f}{means[3]:7.2f}{means[4]:7.2f}")
    means = np.mean(np.array(every, dtype=float), axis=0)
    if means[1] < TARGETS["tempo or its half or double"]:
        failed.append(f"tempo or its half or double: {means[1]:.3f}")
    if means[2] < 1 or means[4] < 1:
        failed.append("a seam steps, or a whole file was complained about")


def main():
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(os.environ.get("CONTINUO_IMPORT_DIR", folder))
        folder.mkdir(exist_ok=True)
        played = folder / "played"
        files = folder / "files"
        played.mkdir(exist_ok=True)
        files.mkdir(exist_ok=True)
        patterns = {name: (pattern, kits, list(tempi)[1::3]) for name, (pattern, kits, tempi) in material.PATTERNS.items()}
        loops = material.drum_loops(played, patterns, material.FLUID, 5)
        whole = whole_files(files, loops)
        damaged = damaged_files(files, whole)
        hour, refused = special_files(files, loops[0])
        rng = random.Random(4)
        pieces = []
        for tonic in range(12):
            mode = ("major", "minor")[tonic % 2]
            path, key = material.piece(played, tonic, mode, 0, rng.randint(80, 130), rng, material.FLUID)
            packed = files / f"{path.stem}{('.mp3', '.ogg', '.flac')[tonic % 3]}"
            run("ffmpeg", "-y", "-i", path, packed)
            pieces.append((packed, key))
        paths = [path for path, _ in whole] + damaged + [hour, *refused] + [path for path, _ in pieces]
        heard = ours(paths)
        print(f"{len(paths)} files: {len(whole)} whole, {len(damaged)} damaged, {len(pieces)} pieces, an hour, 3 refused")
        check_whole(heard, whole, failed)
        told = [heard[str(path)] for path in damaged]
        print(f"damaged: {sum('error' in one for one in told)} refused, the others became loops with a remark or whole")
        for path, words in refused.items():
            sentence = heard[str(path)].get("error", "it was taken")
            print(f"  {sentence}".replace(str(files) + "/", ""))
            if words not in sentence:
                failed.append(f"{path.name}: {sentence}")
        respelt = {"Gb": "F#", "C#": "Db", "G#": "Ab", "D#": "Eb", "A#": "Bb"}
        right = 0
        for path, key in pieces:
            told = heard[str(path)].get("key", "")
            tonic = told.rstrip("m")
            right += respelt.get(tonic, tonic) + told[len(tonic):] == key
        print(f"keys: {right} of {len(pieces)}")
        if right / len(pieces) < TARGETS["key"]:
            failed.append(f"keys: {right} of {len(pieces)}")
        memory_mb = max(one.get("peak_memory_kb") or 0 for one in heard.values()) / 1024
        print(f"peak memory: {memory_mb:.0f} MB (at most {MAX_MEMORY_MB}); an hour: {heard[str(hour)].get('bpm')} BPM")
        if memory_mb > MAX_MEMORY_MB or "error" in heard[str(hour)]:
            failed.append(f"memory {memory_mb:.0f} MB, an hour: {heard[str(hour)]}")
    print("; ".join(failed) if failed else "all within their targets")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

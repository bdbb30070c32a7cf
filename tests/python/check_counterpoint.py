"""Our counterpoint before a judge we did not write: music21's intervals and its voice-leading quartets.

For every line: what is struck with the cantus on a bar line is a consonance, and no two voices move in parallel fifths,
octaves or unisons, nor into a perfect interval by similar motion, from one note to the next.
"""
import csv
import os
import subprocess
import sys
from collections import Counter, defaultdict

import programs
from music21 import interval, note, voiceLeading

LINES = 12
COUNTERPOINT = [*programs.example("composer", "counterpoint_csv"), str(LINES)]


def pitched(row):
    """A music21 note spelled as we spell it, in the octave of its MIDI key."""
    name = row["name"].replace("b", "-")
    key = int(row["key"])
    for octave in range(0, 10):
        candidate = note.Note(f"{name}{octave}")
        if candidate.pitch.midi == key:
            return candidate
    raise ValueError(f"{row['name']} is not key {key}")


def voices():
    out = subprocess.run(COUNTERPOINT, check=True, capture_output=True, text=True, env=os.environ).stdout
    pieces = defaultdict(lambda: {"cantus": [], "line": []})
    for row in csv.DictReader(out.splitlines()):
        start, length = float(row["start_beats"]), float(row["duration_beats"])
        pieces[row["piece"]][row["voice"]].append((start, start + length, pitched(row)))
    return pieces


def sounding(voice, beat):
    return next(held for start, end, held in voice if start <= beat < end)


def faults_of(piece, cantus, line):
    faults = []
    for start, _, struck in line:
        under = sounding(cantus, start)
        if start % 4 == 0 and not interval.Interval(under, struck).isConsonant():
            faults.append(f"{piece}: {struck.nameWithOctave} on {under.nameWithOctave} at beat {start}")
    for (_, end, before), (start, _, after) in zip(line, line[1:]):
        old, new = sounding(cantus, end - 0.01), sounding(cantus, start)
        if old is new:
            continue
        above = piece.split("-")[1] == "Above"
        upper, lower = ((before, after), (old, new)) if above else ((old, new), (before, after))
        quartet = voiceLeading.VoiceLeadingQuartet(*upper, *lower)
        named = {
            "parallel fifth": quartet.parallelFifth(),
            "parallel octave": quartet.parallelOctave() or quartet.parallelUnison(),
            "hidden fifth": quartet.hiddenFifth(),
            "hidden octave": quartet.hiddenOctave(),
        }
        faults += [f"{piece}: {name} at beat {start}" for name, found in named.items() if found]
    return faults


def judge_hears_faults():
    """The judge itself: known parallels and a known dissonance are found."""
    whole = lambda names: [(4.0 * i, 4.0 * i + 4, note.Note(name)) for i, name in enumerate(names)]
    fifths = faults_of("x-Above-0", whole(["C4", "D4"]), whole(["G4", "A4"]))
    fourth = faults_of("x-Above-0", whole(["C4", "D4"]), whole(["F4", "F4"]))
    return len(fifths) == 1 and len(fourth) == 1


def main():
    if not judge_hears_faults():
        sys.exit("the judge does not hear faults it should hear")
    pieces = voices()
    faults = [fault for piece, parts in pieces.items() for fault in faults_of(piece, parts["cantus"], parts["line"])]
    counts = Counter(piece[0] for piece in pieces)
    print("species  lines  of")
    for species in "12345":
        print(f"{species:>7}  {counts[species]:>5}  {2 * LINES}")
    print(f"{sum(len(parts['line']) for parts in pieces.values())} notes, {len(faults)} faults")
    for fault in faults:
        print(fault)
    few = [species for species in "12345" if counts[species] < 2 * LINES - 2]
    sys.exit(1 if faults or few else 0)


main()

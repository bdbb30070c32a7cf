"""Our theory beside music21's: chord symbols, scales with their spelling, Roman numerals, key finding.

Ours answers through the example `answer_theory` of the crate. Every difference must fall under one of the
explanations below, or the check fails. `--list` prints each difference.

Roman numerals are compared the hard way: music21 reads the numeral that we wrote and must arrive at the chord we
wrote it for, tone by tone, with the same root and bass.
"""
import argparse
import collections
import functools
import random
import subprocess
import sys

import numpy
import programs
from music21 import analysis, harmony, interval, key, pitch, roman, scale

ROOTS = ["C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B"]
MAJOR_TONICS = ["C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F"]
MINOR_TONICS = ["A", "E", "B", "F#", "C#", "G#", "Eb", "Bb", "F", "C", "G", "D"]
SHARP_NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]

# Our suffix, music21's spelling of the same chord where it knows another one.
SUFFIXES = {suffix: suffix for suffix in (
    "", "m", "dim", "o", "aug", "+", "sus2", "sus4", "5", "6", "m6", "add9", "madd9", "add11", "madd11",
    "7", "maj7", "M7", "m7", "mM7", "m7b5", "ø7", "dim7", "o7", "7#5", "+7", "aug7", "7sus4", "+M7",
    "9", "m9", "mM9", "11", "m11", "13", "m13",
    "7b5", "7b9", "7#9", "7#11", "7b13", "9#11", "9b13", "9#5", "m9b5", "maj7#5", "maj7#11", "m7#5",
    "7add13", "m7add11", "7sus4b9", "7b9#11", "7#9#11", "7b9b13", "7#9b13", "7b5b9", "7b5#9", "7#5b9", "7#5#9",
)}
SUFFIXES |= {"maj9": "M9", "maj13": "M13", "maj11": "M11", "6/9": "69", "Δ7": "maj7", "°7": "o7", "m(maj7)": "mM7",
             "7(b9,#5)": "7#5b9", "-7": "m7", "min7": "m7", "13b9": "13b9", "13#11": "13#11"}

# Differences that are meant: suffix -> (tones only we have, tones only music21 has), in semitones, and why.
CHORDS_APART = {
    "11": (set(), {4}, "the third of a dominant eleventh clashes with its eleventh: players leave it out"),
    "13": (set(), {5}, "the eleventh of a thirteenth chord is left out in practice"),
    "m13": (set(), {5}, "the eleventh of a thirteenth chord is left out in practice"),
    "maj13": (set(), {5}, "the eleventh of a thirteenth chord is left out in practice"),
    "6/9": ({4, 7}, set(), "music21's 69 keeps neither third nor fifth"),
    "13b9": ({1}, {2, 5}, "music21 ignores a change after 13"),
    "13#11": ({6}, {5}, "music21 ignores a change after 13"),
}

# Interval names above the tonic; music21 spells them.
INTERVAL_SCALES = {
    "blues": "P1 m3 P4 A4 P5 m7", "major_blues": "P1 M2 m3 M3 P5 M6",
    "bebop_dominant": "P1 M2 M3 P4 P5 M6 m7 M7", "bebop_major": "P1 M2 M3 P4 P5 A5 M6 M7",
    "bebop_minor": "P1 M2 m3 M3 P4 P5 M6 m7", "in": "P1 m2 P4 P5 m6", "yo": "P1 M2 P4 P5 M6",
    "hirajoshi": "P1 M2 m3 P5 m6", "iwato": "P1 m2 P4 d5 m7", "bhairav": "P1 m2 M3 P4 P5 m6 M7",
    "todi": "P1 m2 m3 A4 P5 m6 M7", "marwa": "P1 m2 M3 A4 P5 M6 M7", "saba": "P1 M2 m3 d4 P5 m6 m7",
    "hungarian_minor": "P1 M2 m3 A4 P5 m6 M7", "gypsy": "P1 M2 m3 A4 P5 m6 m7",
    "half_whole_diminished": "P1 m2 m3 M3 A4 P5 M6 m7", "whole_half_diminished": "P1 M2 m3 P4 d5 m6 M6 M7",
}

ROMAN_SUFFIXES = ["", "m", "dim", "aug", "7", "m7", "maj7", "m7b5", "dim7"]


def ours(questions):
    """One answer a question, from one run of the example."""
    command = programs.example("theory", "answer_theory")
    told = subprocess.run(command, input="\n".join(questions) + "\n", text=True, stdout=subprocess.PIPE, check=True)
    answers = told.stdout.splitlines()
    assert len(answers) == len(questions), f"{len(answers)} answers to {len(questions)} questions"
    return answers


def m21(name):
    """music21 writes flats as `-`."""
    return name[0] + name[1:].replace("b", "-")


def plain(music21_name):
    return music21_name.replace("-", "b")


def pitch_class(name):
    return pitch.Pitch(m21(name)).pitchClass


class Tally:
    def __init__(self):
        self.num_same = collections.Counter()
        self.explained = collections.defaultdict(list)
        self.wrong = collections.defaultdict(list)

    def same(self, what):
        self.num_same[what] += 1

    def apart(self, what, why, case):
        (self.explained[(what, why)] if why else self.wrong[what]).append(case)


def check_chords(tally):
    cases = [(root, suffix, bass) for root in ROOTS for suffix in SUFFIXES for bass in (None, "E", "Bb")]
    answers = ours([f"chord\t{root}{suffix}{'/' + bass if bass else ''}" for root, suffix, bass in cases])
    for (root, suffix, bass), answer in zip(cases, answers):
        case = f"{root}{suffix}{'/' + bass if bass else ''}"
        if answer == "?":
            tally.apart("chord symbols", None, f"{case}: we cannot read it")
            continue
        names, our_bass = answer.split("\t")
        symbol = harmony.ChordSymbol(m21(root) + SUFFIXES[suffix] + (f"/{m21(bass)}" if bass else ""))
        theirs = {plain(tone.name) for tone in symbol.pitches}
        mine = set(names.split(" ")) | ({bass} if bass else set())
        wanted_bass = pitch_class(bass or root)
        if int(our_bass) != wanted_bass or symbol.bass().pitchClass != wanted_bass:
            tally.apart("chord symbols", None, f"{case}: bass {our_bass}, music21 {symbol.bass()}")
        elif {pitch_class(name) for name in mine} != {pitch_class(name) for name in theirs}:
            semitones = lambda names: {(pitch_class(name) - pitch_class(root)) % 12 for name in names}
            only_ours, only_theirs = semitones(mine) - semitones(theirs), semitones(theirs) - semitones(mine)
            known = CHORDS_APART.get(suffix)
            from_bass = {(wanted_bass - pitch_class(root)) % 12}
            is_known = known and only_ours <= known[0] and only_theirs <= known[1] | from_bass
            text = f"{case}: ours {sorted(mine)}, music21 {sorted(theirs)}"
            tally.apart("chord symbols", known[2] if is_known else None, text)
        else:
            tally.same("chord symbols")
            if bass is None:
                compare_names(tally, "spelling of chord tones", case, mine, theirs)


def compare_names(tally, what, case, mine, theirs):
    if mine == theirs:
        tally.same(what)
    else:
        tally.apart(what, None, f"{case}: ours {sorted(mine)}, music21 {sorted(theirs)}")


def music21_scale(tonic, scale_id):
    """Names of the scale's notes from the tonic up, as music21 has or derives them."""
    note = m21(tonic)
    own = {
        "major": scale.MajorScale, "minor": scale.MinorScale, "harmonic_minor": scale.HarmonicMinorScale,
        "dorian": scale.DorianScale, "phrygian": scale.PhrygianScale, "lydian": scale.LydianScale,
        "mixolydian": scale.MixolydianScale, "locrian": scale.LocrianScale, "kafi": scale.DorianScale,
        "nahawand": scale.HarmonicMinorScale, "rast": scale.MajorScale, "whole_tone": scale.WholeToneScale,
    }
    names = lambda pitches: [plain(tone.name) for tone in pitches]
    if scale_id in own:
        return names(own[scale_id](note).getPitches(note + "4", note + "5"))[:-1]
    if scale_id == "melodic_minor":
        return names(scale.MelodicMinorScale(note).getPitches(note + "4", note + "5", direction=scale.Direction.ASCENDING))[:-1]
    up = lambda name: pitch.Pitch(note + "4").transpose(interval.Interval(name))
    # Modes of other scales: the scale whose nth degree the tonic is.
    if scale_id == "altered":
        parent = scale.MelodicMinorScale(pitch.Pitch(note + "4").transpose(interval.Interval("m2")))
        return names(parent.getPitches(note + "4", note + "5", direction=scale.Direction.ASCENDING))[:-1]
    if scale_id == "hijaz":
        parent = scale.HarmonicMinorScale(pitch.Pitch(note + "4").transpose(interval.Interval("P4")))
        return names(parent.getPitches(note + "4", note + "5"))[:-1]
    if scale_id in ("major_pentatonic", "minor_pentatonic"):
        seven = music21_scale(tonic, scale_id.split("_")[0])
        left_out = (3, 6) if scale_id.startswith("major") else (1, 5)
        return [name for degree, name in enumerate(seven) if degree not in left_out]
    return names(up(name) for name in INTERVAL_SCALES[scale_id].split())


SCALE_IDS = ["major", "minor", "harmonic_minor", "melodic_minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian",
             "major_pentatonic", "minor_pentatonic", "altered", "whole_tone", "kafi", "hijaz", "nahawand", "rast",
             *INTERVAL_SCALES]


def check_scales(tally):
    cases = [(tonic, scale_id) for tonic in ROOTS for scale_id in SCALE_IDS]
    for (tonic, scale_id), answer in zip(cases, ours([f"scale\t{tonic}\t{scale_id}" for tonic, scale_id in cases])):
        theirs = music21_scale(tonic, scale_id)
        if answer.split(" ") == theirs:
            tally.same("scales, spelled")
        else:
            case = f"{tonic} {scale_id}: ours {answer}, music21 {' '.join(theirs)}"
            is_whole_tone = scale_id == "whole_tone" and [pitch_class(n) for n in answer.split(" ")] == [
                pitch_class(n) for n in theirs]
            why = "music21 respells whole tones where a double accidental would stand" if is_whole_tone else None
            tally.apart("scales, spelled", why, case)


def readings(numeral):
    """Our numeral in music21's syntax: as it stands, then with the seventh said by itself.

    Figures of music21 count from the key signature (I7 in C has a B), ours from the chord symbol (C7 is I7, Cmaj7 IM7).
    """
    head, slash, target = numeral.partition("/")
    for figure, letter in (("65", "65"), ("43", "43"), ("42", "42"), ("7", "7")):
        if head.endswith(figure):
            stem = head[: -len(figure)]
            break
    else:
        return [numeral]
    if stem.endswith("M"):
        stem = stem[:-1]
        signs = ["", "#", "##"]
    else:
        signs = ["", "b", "bb", "#"]
    # Which digit of the figure is the seventh's.
    placed = {"7": "{}7", "65": "6{}5", "43": "4{}3", "42": "4{}2"}[figure]
    return [stem + placed.format(sign) + slash + target for sign in signs] + [stem + "d" + figure + slash + target]


def check_romans(tally):
    cases = []
    for mode, tonics in (("major", MAJOR_TONICS), ("minor", MINOR_TONICS)):
        for tonic in tonics[::2]:
            for above in range(12):
                root = SHARP_NAMES[(pitch_class(tonic) + above) % 12]
                for suffix in ROMAN_SUFFIXES:
                    tones = [(pitch_class(root) + step) % 12 for step in TONES[suffix]]
                    for bass in tones:
                        slash = "" if bass == tones[0] else f"/{SHARP_NAMES[bass]}"
                        cases.append((tonic, mode, f"{root}{suffix}{slash}", tones, bass))
    answers = ours([f"roman\t{tonic}\t{mode}\t{symbol}" for tonic, mode, symbol, _, _ in cases])
    for (tonic, mode, symbol, tones, bass), numeral in zip(cases, answers):
        name = m21(tonic) if mode == "major" else m21(tonic).lower()
        first, *others = readings(numeral)
        wanted = (tones[0], bass, frozenset(tones))
        read = functools.partial(read_roman, name=name)
        if read(first) == wanted:
            tally.same("Roman numerals")
            continue
        why = None
        if any(read(figure) == wanted for figure in others):
            why = "same chord; music21 counts the seventh from the key signature and wants its accidental"
        elif numeral_in_root_position(numeral, read, wanted, tones):
            why = "same chord in root position; music21's figures cannot change a seventh in the bass, and misread 4#3"
        tally.apart("Roman numerals", why, f"{symbol} in {name}: ours {numeral}, music21 reads {first} as {read(first)}")


def numeral_in_root_position(numeral, read, wanted, tones):
    """Whether music21 reads our numeral, less its inversion, as the chord, and the inversion is that of its bass."""
    head, slash, target = numeral.partition("/")
    for place, figure in ((1, "65"), (2, "43"), (3, "42")):
        if head.endswith(figure):
            upright = readings(head[:-2] + "7" + slash + target)
            is_chord = any(read(figure) == (tones[0], tones[0], wanted[2]) for figure in upright)
            return is_chord and tones[place] == wanted[1]
    return False


@functools.cache
def read_roman(figure, name):
    """Root, bass and tones as music21 reads a figure."""
    try:
        numeral = roman.RomanNumeral(figure, key.Key(name))
        return numeral.root().pitchClass, numeral.bass().pitchClass, frozenset(tone.pitchClass for tone in numeral.pitches)
    except Exception as error:  # music21 raises half a dozen kinds for figures that it cannot read
        return None, None, str(error)


TONES = {"": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10),
         "maj7": (0, 4, 7, 11), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9)}


def check_keys(tally):
    finders = {"krumhansl_kessler": analysis.discrete.KrumhanslKessler,
               "kostka_payne": analysis.discrete.TemperleyKostkaPayne}
    dice = random.Random(7)
    cases = []
    for profile in finders:
        for _ in range(300):
            tonic, steps = dice.randrange(12), dice.choice([(0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11)])
            weights = [dice.uniform(0, 0.4) for _ in range(12)]
            for step in steps:
                weights[(tonic + step) % 12] += dice.uniform(0, 1)
            cases.append((profile, weights))
    answers = ours([f"key\t{profile}\t{' '.join(f'{weight:.9f}' for weight in weights)}" for profile, weights in cases])
    for (profile, weights), answer in zip(cases, answers):
        tonic, scale_id, _ = answer.split("\t")
        theirs = music21_key(finders[profile](), weights)
        case = f"{profile}: ours {SHARP_NAMES[int(tonic)]} {scale_id}, music21 {theirs}"
        if (int(tonic), scale_id) == theirs:
            tally.same("keys of pitch weights")
        else:
            tally.apart("keys of pitch weights", None, case)


def music21_key(finder, weights):
    """Best key by music21's profile, correlated by numpy."""
    best = max(
        (numpy.corrcoef(numpy.roll(weights, -tonic), finder.getWeights(mode))[0, 1], tonic, mode)
        for tonic in range(12) for mode in ("major", "minor"))
    return best[1], best[2]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--list", action="store_true", help="print every difference")
    options = options.parse_args()
    tally = Tally()
    for check in (check_chords, check_scales, check_romans, check_keys):
        check(tally)
    print(f"{'what':<26} {'same':>6} {'explained':>10} {'wrong':>6}")
    for what in tally.num_same:
        num_explained = sum(len(cases) for (of, _), cases in tally.explained.items() if of == what)
        print(f"{what:<26} {tally.num_same[what]:>6} {num_explained:>10} {len(tally.wrong[what]):>6}")
    for (what, why), cases in tally.explained.items():
        print(f"- {what}, {len(cases)}: {why}; such as {cases[0]}")
        if options.list:
            print("\n".join(f"    {case}" for case in cases))
    for what, cases in tally.wrong.items():
        for case in cases if options.list else cases[:10]:
            print(f"WRONG {what}: {case}")
    sys.exit(1 if any(tally.wrong.values()) else 0)


if __name__ == "__main__":
    main()

"""The musical report: `music_report.py TAKES OUT.md [--strict]`.

TAKES holds one folder per take as `continuo generate` writes it, named `<style>-<seed>`, and once per style a second
rendering of one of them, named `<style>-<seed>-again`. Prints the table and writes it to OUT.md. Ends with 0 when
everything could be measured; with --strict only when every target is met as well.
"""
import concurrent.futures
import filecmp
import pathlib
import sys
import tomllib

import numpy as np

import music_measure

STYLES = pathlib.Path(__file__).parents[2] / "assets" / "styles"
PROCESSES = 2
LUFS, LUFS_TOLERANCE, PEAK_DBTP = -16.0, 1.5, -1.0


def is_meant_tonal(style):
    """Whether the style file says that a key is meant to be heard."""
    return tomllib.loads((STYLES / f"{style}.toml").read_text()).get("is_tonal", True)


def same_files(one, other):
    """Whether two folders hold the same files with the same bytes."""
    names = [sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()) for root in (one, other)]
    return names[0] == names[1] and all(filecmp.cmp(one / name, other / name, shallow=False) for name in names[0])


def nearest_neighbours(takes, without=()):
    """For each take the style of the nearest other one, by Euclidean distance of standardised features."""
    names = [name for name in takes[0]["features"] if name not in without]
    table = np.array([[take["features"][name] for name in names] for take in takes])
    table = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    distances = np.linalg.norm(table[:, None] - table[None, :], axis=2)
    np.fill_diagonal(distances, np.inf)
    return [takes[index]["style"] for index in distances.argmin(axis=1)]


def count(takes, is_hit):
    """`hits/of`, a dash where there is nothing to count."""
    return f"{sum(map(is_hit, takes))}/{len(takes)}" if takes else "-"


def is_tempo(take):
    return take["tempo_ratio"] in ("1", "1/2", "2")


def is_taken_for_itself(take):
    return take["nearest"] == take["style"]


def row(style, takes, is_same):
    """One line of the table."""
    lufs = [take["lufs"] for take in takes]
    distinct = len({tuple(take["notes"]) for take in takes})
    keys = count([take for take in takes if take["key"]], lambda take: take["is_key"])
    by_chroma = count([take for take in takes if take["key"]], lambda take: take["is_key_by_chroma"])
    return [
        style,
        count([take for take in takes if take["has_drums"]], is_tempo),
        keys if is_meant_tonal(style) else f"({keys})",
        by_chroma if is_meant_tonal(style) else f"({by_chroma})",
        f"{min(lufs):.1f} to {max(lufs):.1f}",
        f"{max(take['peak_dbtp'] for take in takes):.1f}",
        f"{max(take['seam'] for take in takes):.2f}",
        f"{max(take['seam_around'] for take in takes):.2f}",
        "yes" if is_same else "NO",
        f"{distinct}/{len(takes)}",
        count(takes, is_taken_for_itself),
    ]


HEAD = ["style", "tempo", "key", "by chroma", "LUFS", "dBTP max", "seam", "within 5 ms", "same bits", "notes differ", "told apart"]


def share_line(what, hits, total, target):
    share = hits / max(total, 1)
    return [what, f"{hits} of {total}, {100 * share:.0f} %", f">= {100 * target:.0f} %", total > 0 and share >= target]


def totals(takes, same):
    """What was promised, what was found, and whether it holds."""
    drums = [take for take in takes if take["has_drums"]]
    tonal = [take for take in takes if take["key"] and is_meant_tonal(take["style"])]
    styles = sorted({take["style"] for take in takes})
    lufs_off = max(abs(take["lufs"] - LUFS) for take in takes)
    peak, step = max(take["peak_dbtp"] for take in takes), max(take["seam"] for take in takes)
    distinct = sum(len({tuple(take["notes"]) for take in takes if take["style"] == style}) for style in styles)
    off = sum(not is_taken_for_itself(take) for take in takes)
    return [
        share_line("tempo within 2 %, half and double count", sum(map(is_tempo, drums)), len(drums), 0.9),
        share_line("key or relative", sum(take["is_key"] for take in tonal), len(tonal), 0.8),
        ["largest distance from -16 LUFS", f"{lufs_off:.2f} LU", f"<= {LUFS_TOLERANCE} LU", lufs_off <= LUFS_TOLERANCE],
        ["largest true peak", f"{peak:.2f} dBTP", f"<= {PEAK_DBTP} dBTP", peak <= PEAK_DBTP],
        ["largest step across the seam, over inside", f"{step:.2f}", "<= 1", step <= 1.0],
        ["same seed, same bits", f"{sum(same.values())} of {len(same)}", "all", all(same.values())],
        ["other seed, other notes", f"{distinct} of {len(takes)} differ", "all", distinct == len(takes)],
        share_line("nearest neighbour is of the same style", len(takes) - off, len(takes), 0.9),
    ]


def misses(takes):
    """One line for each take whose tempo, key or style was not found."""
    lines = []
    for take in takes:
        what = []
        if take["has_drums"] and not is_tempo(take):
            ratio = f" ({take['tempo_ratio']} of it)" if take["tempo_ratio"] else ""
            what.append(f"tempo {take['true_tempo']:g} heard as {take['tempo']:.1f}{ratio}")
        if take["key"] and not take["is_key"]:
            what.append(f"key {take['true_key']} heard as {take['key']}")
        if not is_taken_for_itself(take):
            what.append(f"taken for {take['nearest']}")
        if what:
            lines.append(f"- {take['style']} {take['seed']}: {'; '.join(what)}")
    return lines


def table(head, rows):
    """A Markdown table whose columns line up in a terminal too."""
    cells = [head, *rows]
    widths = [max(len(str(line[column])) for line in cells) for column in range(len(head))]
    show = lambda line: "| " + " | ".join(str(cell).ljust(width) for cell, width in zip(line, widths)) + " |"
    return [show(head), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(show, rows)]


NOTES = [
    "tempo: librosa.feature.tempo on the mix of takes with drums, its default prior. key: essentia's KeyExtractor with",
    "its own defaults on the whole mix; by chroma, for information: Krumhansl-Kessler on librosa's chroma_cqt of the sum",
    "of all stems but drums. The key or its relative counts, of a mode also the major and minor with the same notes, of",
    "blues both thirds; in brackets where the style says that no key is meant to be heard (not in the total). LUFS:",
    "pyloudnorm. dBTP: 4x oversampled. seam: largest sample step across it over the largest inside; within 5 ms:",
    "likewise around it, told but not judged, since a loop may open with its hardest hit. same bits: every file of a",
    "second rendering. notes differ: on a grid of sixteenths, counted from the tonic. told apart: leave-one-out nearest",
    "neighbour on standardised features.",
]


def report(folders):
    """The report's lines, and whether every target is met."""
    with concurrent.futures.ProcessPoolExecutor(PROCESSES) as pool:
        takes = list(pool.map(music_measure.measure, folders))
    for take, nearest in zip(takes, nearest_neighbours(takes)):
        take["nearest"] = nearest
    again = [path for path in folders[0].parent.glob("*-again") if path.is_dir()]
    same = {path.name.rsplit("-", 2)[0]: same_files(path.with_name(path.name.removesuffix("-again")), path) for path in again}
    styles = list(dict.fromkeys(take["style"] for take in takes))
    rows = [row(style, [take for take in takes if take["style"] == style], same.get(style, False)) for style in styles]
    sums = totals(takes, same)
    blind = nearest_neighbours(takes, without=("tempo", "onsets_per_second"))
    blind_hits = sum(nearest == take["style"] for nearest, take in zip(blind, takes))
    lines = [f"# The band's music, {len(takes)} takes", "", *table(HEAD, rows), "", *NOTES, ""]
    lines += table(["promise", "found", "target", "met"], [[*line[:3], "yes" if line[3] else "NO"] for line in sums])
    tonal = [take for take in takes if take["key"] and is_meant_tonal(take["style"])]
    chroma_hits = sum(take["is_key_by_chroma"] for take in tonal)
    lines += ["", f"For information: key by chroma {chroma_hits} of {len(tonal)}."]
    lines += ["", f"For information: told apart without tempo and onset rate {blind_hits} of {len(takes)}."]
    lines += ["", "Not found:", *(misses(takes) or ["- nothing"])]
    return lines, all(line[3] for line in sums)


def main():
    strict = "--strict" in sys.argv
    root, out = [pathlib.Path(arg) for arg in sys.argv[1:] if arg != "--strict"]
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.endswith("-again"))
    lines, is_met = report(folders)
    text = "\n".join(lines) + "\n"
    out.write_text(text)
    print(text)
    return 1 if strict and not is_met else 0


if __name__ == "__main__":
    sys.exit(main())

//! The part of a chord symbol after the root: read and printed.
//!
//! A suffix is a kind (`m`, `maj`, `dim`, `ø`, `aug` or nothing), a number (5, 6, 6/9, 7, 9, 11, 13), then changes
//! (`sus4`, `b9`, `#11`, `add9`, `no5`, `alt`, `maj7`), with or without brackets and commas.
use crate::quality::Quality;

/// What a suffix begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing: major triad, minor seventh.
    Plain,
    Major,
    Minor,
    /// `mMaj`: minor triad, major seventh.
    MinorMajor,
    Diminished,
    /// `dimMaj`: diminished triad, major seventh.
    DiminishedMajor,
    HalfDiminished,
    Augmented,
    /// `+maj`: augmented triad, major seventh.
    AugmentedMajor,
}

/// Spellings, longest of a family first; `Δ` names the seventh by itself.
const KINDS: [(&str, Kind); 18] = [
    ("dom", Kind::Plain),
    ("major", Kind::Major),
    ("maj", Kind::Major),
    ("Maj", Kind::Major),
    ("ma", Kind::Major),
    ("M", Kind::Major),
    ("minor", Kind::Minor),
    ("min", Kind::Minor),
    ("mi", Kind::Minor),
    ("m", Kind::Minor),
    ("-", Kind::Minor),
    ("dim", Kind::Diminished),
    ("o", Kind::Diminished),
    ("°", Kind::Diminished),
    ("ø", Kind::HalfDiminished),
    ("hdim", Kind::HalfDiminished),
    ("aug", Kind::Augmented),
    ("+", Kind::Augmented),
];

/// Ways to say that a seventh is major after another kind: `mMaj7`, `m(maj7)`, `oM7`, `+Δ`.
const MAJOR_MARKS: [&str; 4] = ["maj", "Maj", "ma", "M"];

/// Changes that are one tone each: spellings, semitones they put in, semitones they put out.
type Change = (&'static [&'static str], &'static [u8], &'static [u8]);

const CHANGES: [Change; 24] = [
    (&["sus24", "sus42"], &[2, 5], &[3, 4]),
    (&["sus2"], &[2], &[3, 4]),
    (&["sus4", "sus"], &[5], &[3, 4]),
    (&["b13", "-13"], &[20], &[21]),
    (&["#11", "+11"], &[18], &[17]),
    (&["b9", "-9"], &[13], &[14]),
    (&["#9", "+9"], &[15], &[14]),
    (&["b5", "-5"], &[6], &[7]),
    (&["#5", "+5"], &[8], &[7]),
    (&["addb9"], &[13], &[]),
    (&["add#9"], &[15], &[]),
    (&["add9", "add2"], &[14], &[]),
    (&["add#11", "add#4"], &[18], &[]),
    (&["add11", "add4"], &[17], &[]),
    (&["addb13", "addb6"], &[20], &[]),
    (&["add13"], &[21], &[]),
    (&["addb5"], &[18], &[]),
    (&["omit3", "no3"], &[], &[3, 4]),
    (&["omit5", "no5"], &[], &[6, 7, 8]),
    // A bare number counts only where a bracket or comma set it apart: C7(9), C7(9,13).
    (&[",9"], &[14], &[]),
    (&[",11"], &[17], &[]),
    (&[",13"], &[21], &[]),
    (&["b6"], &[20], &[21]),
    (&["+"], &[8], &[7]),
];

/// Longest suffix that is looked at, in bytes.
const MAX_BYTES: usize = 64;

/// The quality that `suffix` names; `None` for anything else than a whole suffix.
pub(crate) fn parse(suffix: &str) -> Option<Quality> {
    if suffix.len() > MAX_BYTES {
        return None;
    }
    let plain = normalised(suffix)?;
    let (kind, is_seventh_named, rest) = kind(&plain);
    let (number, rest) = number(rest);
    let quality = stacked(kind, is_seventh_named, number)?;
    changed(quality, kind, number, rest)
}

/// ASCII accidentals, one sign for each symbol, brackets as commas.
fn normalised(suffix: &str) -> Option<String> {
    let mut plain = String::with_capacity(suffix.len());
    let mut depth = 0;
    for letter in suffix.chars() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        match letter {
            '(' | ')' | '[' | ']' | ',' | ' ' if plain.ends_with(',') => {}
            '(' | ')' | '[' | ']' | ',' | ' ' => plain.push(','),
            '♭' => plain.push('b'),
            '♯' => plain.push('#'),
            '−' | '–' => plain.push('-'),
            'º' => plain.push('°'),
            'Ø' => plain.push('ø'),
            '△' | '∆' => plain.push('Δ'),
            other => plain.push(other),
        }
        if !(0..=1).contains(&depth) {
            return None;
        }
    }
    (depth == 0).then_some(plain)
}

/// Kind, whether `Δ` or `ø` has named a seventh already, and the rest.
fn kind(text: &str) -> (Kind, bool, &str) {
    if let Some(rest) = text.strip_prefix('Δ') {
        return (Kind::Major, true, rest);
    }
    // `ma9` is a major ninth, `madd9` a minor chord with an added one.
    let is_whole = |word: &str, rest: &str| word != "ma" || !rest.starts_with("dd");
    let found = KINDS
        .iter()
        .find_map(|(word, kind)| Some((*kind, text.strip_prefix(word).filter(|rest| is_whole(word, rest))?)));
    let Some((kind, rest)) = found else { return (Kind::Plain, false, text) };
    let with_major = match kind {
        Kind::Minor => Kind::MinorMajor,
        Kind::Diminished => Kind::DiminishedMajor,
        Kind::Augmented => Kind::AugmentedMajor,
        other => return (other, other == Kind::HalfDiminished, rest),
    };
    let inner = rest.trim_start_matches(',');
    if let Some(rest) = inner.strip_prefix('Δ') {
        return (with_major, true, rest);
    }
    let marked = MAJOR_MARKS.iter().find_map(|mark| inner.strip_prefix(mark));
    match marked.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some(rest) => (with_major, false, rest),
        None => (kind, false, rest),
    }
}

/// The number after the kind, 0 = none, and the rest. 69 stands for 6/9.
fn number(text: &str) -> (u8, &str) {
    const NUMBERS: [(&str, u8); 9] =
        [("6/9", 69), ("6,9", 69), ("69", 69), ("13", 13), ("11", 11), ("9", 9), ("7", 7), ("6", 6), ("5", 5)];
    let found = NUMBERS.iter().find_map(|(digits, number)| Some((*number, text.strip_prefix(digits)?)));
    found.unwrap_or_else(|| text.strip_prefix('2').map_or((0, text), |rest| (2, rest)))
}

/// Kind and number as a stack of thirds. An eleventh leaves the third out of dominants, a thirteenth the eleventh.
fn stacked(kind: Kind, is_seventh_named: bool, number: u8) -> Option<Quality> {
    let triad = match kind {
        Kind::Plain | Kind::Major => Quality::Major,
        Kind::Minor | Kind::MinorMajor => Quality::Minor,
        Kind::Diminished | Kind::DiminishedMajor | Kind::HalfDiminished => Quality::Diminished,
        Kind::Augmented | Kind::AugmentedMajor => Quality::Augmented,
    };
    let seventh = match kind {
        Kind::Plain | Kind::Minor | Kind::HalfDiminished | Kind::Augmented => 10,
        Kind::Major | Kind::MinorMajor | Kind::DiminishedMajor | Kind::AugmentedMajor => 11,
        Kind::Diminished => 9,
    };
    let has_sixth = matches!(kind, Kind::Plain | Kind::Major | Kind::Minor);
    match number {
        0 if is_seventh_named => Some(triad.with(seventh)),
        0 => Some(triad),
        2 if matches!(kind, Kind::Plain | Kind::Minor) => Some(triad.with(14)),
        5 if kind == Kind::Plain => Some(Quality::Power),
        5 if kind == Kind::Augmented => Some(triad),
        6 if has_sixth => Some(triad.with(9)),
        69 if has_sixth => Some(triad.with(9).with(14)),
        7 => Some(triad.with(seventh)),
        9 => Some(triad.with(seventh).with(14)),
        11 if kind == Kind::Plain => Some(Quality::NineSus4),
        11 => Some(triad.with(seventh).with(14).with(17)),
        13 => Some(triad.with(seventh).with(14).with(21)),
        _ => None,
    }
}

/// The changes after the number, one by one, until nothing is left.
fn changed(stack: Quality, kind: Kind, number: u8, text: &str) -> Option<Quality> {
    let mut quality = stack;
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = alteration(rest.trim_start_matches(','), kind, number) {
            quality = Quality::Altered;
            rest = after;
            continue;
        }
        let bare = rest.trim_start_matches(',');
        if bare.is_empty() {
            break;
        }
        if let Some(after) = late_major_seventh(bare) {
            (quality, rest) = (quality.without(10).with(11), after);
            continue;
        }
        if let Some(after) = bare.strip_prefix("add6") {
            let sixth = if quality.seventh().is_some() { 21 } else { 9 };
            (quality, rest) = (quality.with(sixth), after);
            continue;
        }
        let (change, after) = CHANGES.iter().find_map(|change| {
            let strip =
                |word: &&str| if word.starts_with(',') { rest.strip_prefix(*word) } else { bare.strip_prefix(*word) };
            Some((change, change.0.iter().find_map(strip)?))
        })?;
        quality = apply(quality, stack, change)?;
        if change.0 == ["+"] && number < 7 {
            return None;
        }
        rest = after;
    }
    Some(quality)
}

/// `alt` after `7` or after nothing: the altered dominant.
fn alteration(text: &str, kind: Kind, number: u8) -> Option<&str> {
    text.strip_prefix("alt").filter(|_| kind == Kind::Plain && matches!(number, 0 | 7))
}

/// `maj7` after the triad or among the changes: `m(maj7)`, `sus4(maj7)`.
fn late_major_seventh(text: &str) -> Option<&str> {
    MAJOR_MARKS.iter().find_map(|mark| text.strip_prefix(mark)?.strip_prefix('7')).or_else(|| text.strip_prefix("Δ7"))
}

fn apply(quality: Quality, stack: Quality, (_, put_in, put_out): &Change) -> Option<Quality> {
    // A lowered fifth over a chord without one, a suspension of nothing: not a symbol anybody writes.
    let is_fifth = put_out == &[7];
    if is_fifth && !stack.has(7) && !stack.has(6) && !stack.has(8) {
        return None;
    }
    let is_suspension = put_out == &[3, 4] && !put_in.is_empty();
    if is_suspension && !(stack.has(3) || stack.has(4) || stack.has(5)) {
        return None;
    }
    let thinner = put_out.iter().fold(quality, |quality, &tone| quality.without(tone));
    Some(put_in.iter().fold(thinner, |quality, &tone| quality.with(tone)))
}

/// Prints any quality so that [`parse`] gives it back.
pub(crate) fn print(quality: Quality) -> String {
    match quality {
        Quality::Altered => return "7alt".into(),
        Quality::Power => return "5".into(),
        Quality::NineSus4 => return "9sus4".into(),
        Quality::Diminished => return "dim".into(),
        Quality::Augmented => return "aug".into(),
        _ => {}
    }
    let (base, told) = base(quality);
    let changes = changes(quality, told);
    let needs_brackets =
        changes.len() > 1 || base.is_empty() && changes.first().is_some_and(|c| c.starts_with(['b', '#']));
    if needs_brackets { format!("{base}({})", changes.join(",")) } else { base + &changes.concat() }
}

/// Kind, number and suspension, and the quality that they alone would read as.
fn base(quality: Quality) -> (String, Quality) {
    let is_minor = quality.has(3);
    let is_diminished = quality.seventh() == Some(9);
    let kind = match (is_minor, quality.has(11)) {
        _ if is_diminished => "dim",
        (true, true) => "mMaj",
        (true, false) => "m",
        (false, true) => "maj",
        (false, false) => "",
    };
    let suspension = match (quality.has(2), quality.has(5)) {
        (true, true) => "sus24",
        (true, false) => "sus2",
        (false, true) => "sus4",
        (false, false) => "",
    };
    let base = format!("{kind}{}{suspension}", number_of(quality, is_diminished));
    let told = parse(&base).unwrap_or(Quality::Major);
    (base, told)
}

fn number_of(quality: Quality, is_diminished: bool) -> &'static str {
    let has_seventh = quality.has(10) || quality.has(11) || is_diminished;
    let has_ninth = [13, 14, 15].into_iter().any(|ninth| quality.has(ninth));
    match () {
        () if has_seventh && quality.has(21) && has_ninth => "13",
        () if has_seventh && quality.has(14) && quality.has(17) && (quality.has(3) || quality.has(11)) => "11",
        () if has_seventh && quality.has(14) => "9",
        () if has_seventh => "7",
        () if quality.has(9) && quality.has(14) => "6/9",
        () if quality.has(9) => "6",
        () => "",
    }
}

/// What has to be said after a base that reads as `told`.
fn changes(quality: Quality, told: Quality) -> Vec<&'static str> {
    let mut changes = Vec::new();
    let mut say = |is_said: bool, word| {
        if is_said {
            changes.push(word);
        }
    };
    say(!quality.has(7) && quality.has(6) && told.has(7), "b5");
    say(!quality.has(7) && quality.has(8), "#5");
    // Over a seventh an altered tone takes the place of the plain one, which is then said again, last.
    let seventh = quality.seventh().is_some();
    let is_ninth_altered = quality.has(13) || quality.has(15);
    say(quality.has(13), if seventh { "b9" } else { "addb9" });
    say(quality.has(15), if seventh { "#9" } else { "add#9" });
    say(quality.has(18), if seventh { "#11" } else { "add#11" });
    say(quality.has(20), if seventh { "b13" } else { "addb13" });
    say(quality.has(9) && !told.has(9), "add6");
    say(quality.has(14) && (!told.has(14) || seventh && is_ninth_altered), "add9");
    say(quality.has(17) && (!told.has(17) || seventh && quality.has(18)), "add11");
    say(quality.has(21) && (!told.has(21) || seventh && quality.has(20)), "add13");
    say(![2, 3, 4, 5].into_iter().any(|third| quality.has(third)), "no3");
    say(![6, 7, 8].into_iter().any(|fifth| quality.has(fifth)), "no5");
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: [(&str, &[&str]); 35] = [
        ("", &["maj", "M"]),
        ("m", &["min", "-"]),
        ("dim", &["o", "°", "mb5"]),
        ("aug", &["+", "#5"]),
        ("sus2", &[]),
        ("sus4", &["sus"]),
        ("5", &[]),
        ("6", &["maj6", "M6"]),
        ("m6", &["min6", "-6"]),
        ("6/9", &["69"]),
        ("m6/9", &["m69"]),
        ("add9", &["add2", "2"]),
        ("madd9", &["madd2"]),
        ("7", &["dom7"]),
        ("maj7", &["M7", "Δ", "Δ7", "△"]),
        ("m7", &["min7", "-7"]),
        ("mMaj7", &["mM7", "mmaj7", "m(maj7)", "m(Maj7)", "-Δ", "-Δ7"]),
        ("m7b5", &["ø", "ø7", "Ø", "min7b5", "-7b5", "m7(b5)", "m7♭5"]),
        ("dim7", &["o7", "°7", "º7"]),
        ("7#5", &["aug7", "+7", "7+", "7(#5)"]),
        ("7sus4", &["7sus"]),
        ("9", &["7(9)", "7add9"]),
        ("maj9", &["M9"]),
        ("m9", &["min9", "-9"]),
        ("9sus4", &["9sus", "11"]),
        ("7b9", &["7(b9)", "7-9"]),
        ("7#9", &["7+9"]),
        ("7b13", &["7(b13)"]),
        ("7#11", &["7+11"]),
        ("7alt", &["alt"]),
        ("m11", &["min11", "-11"]),
        ("13", &["7(9,13)"]),
        ("maj13", &["M13"]),
        ("m13", &["min13", "-13"]),
        ("maj7#11", &["M7#11", "maj7(#11)"]),
    ];

    #[test]
    fn usual_qualities_print_as_musicians_write_them_and_read_in_all_spellings() {
        for (quality, (printed, others)) in Quality::all().zip(PRINTED) {
            assert_eq!(quality.suffix(), printed);
            for spelling in others.iter().chain([&printed]) {
                assert_eq!(parse(spelling), Some(quality), "{spelling}");
            }
        }
        assert_eq!(Quality::all().count(), PRINTED.len());
    }

    #[test]
    fn changes_read_in_brackets_and_without() {
        let cases: [(&str, &[u8]); 14] = [
            ("7(b9,#5)", &[0, 4, 8, 10, 13]),
            ("7b9#5", &[0, 4, 8, 10, 13]),
            ("7(b5,#5)", &[0, 4, 6, 8, 10]),
            ("13#11", &[0, 4, 7, 10, 14, 18, 21]),
            ("13b9", &[0, 4, 7, 10, 13, 21]),
            ("13sus4", &[0, 5, 7, 10, 14, 21]),
            ("7sus4b9", &[0, 5, 7, 10, 13]),
            ("7(b9,#9)", &[0, 4, 7, 10, 13, 15]),
            ("m7add11", &[0, 3, 7, 10, 17]),
            ("maj11", &[0, 4, 7, 11, 14, 17]),
            ("maj7#5", &[0, 4, 8, 11]),
            ("(b5)", &[0, 4, 6]),
            ("dim(maj7)", &[0, 3, 6, 11]),
            ("ø9", &[0, 3, 6, 10, 14]),
        ];
        for (suffix, tones) in cases {
            let quality = parse(suffix).unwrap_or_else(|| panic!("{suffix} was refused"));
            assert_eq!(*quality.intervals(), *tones, "{suffix}");
            assert_eq!(parse(&quality.suffix()), Some(quality), "{suffix} -> {}", quality.suffix());
        }
    }

    #[test]
    fn every_combination_reads_back_as_printed() {
        let thirds: [&[u8]; 6] = [&[3], &[4], &[2], &[5], &[2, 5], &[]];
        let fifths: [&[u8]; 5] = [&[7], &[6], &[8], &[6, 8], &[]];
        let sevenths: [&[u8]; 4] = [&[], &[9], &[10], &[11]];
        let extensions = [13, 14, 15, 17, 18, 20, 21];
        for tones in thirds.iter().flat_map(|t| fifths.map(|f| [t, f].concat())) {
            for (seventh, picked) in sevenths.iter().flat_map(|seventh| (0..128).map(move |picked| (seventh, picked))) {
                let extended =
                    extensions.iter().enumerate().filter(|(bit, _)| picked >> bit & 1 == 1).map(|(_, &tone)| tone);
                let quality = Quality::of(&tones.iter().chain(*seventh).copied().chain(extended).collect::<Vec<_>>());
                assert_eq!(
                    parse(&quality.suffix()),
                    Some(quality),
                    "{} of {:?}",
                    quality.suffix(),
                    &*quality.intervals()
                );
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let long = "b9".repeat(40);
        for bad in
            ["foo", "7foo", "mm", "mø", "mdim7", "m5", "m7alt", "8", "(", ")(", "7((b9))", "sus3", "b", "/9", &long]
        {
            assert_eq!(parse(bad), None, "{bad} was taken");
        }
    }
}

//! Chord suffixes read.
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

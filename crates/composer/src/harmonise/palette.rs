//! Candidate chords, and what it costs to go from one to another.
use super::Palette;
use crate::style::Style;
use take::PitchClass;
use theory::{Chord, Key, Numeral, Quality, is_minor_like};

/// A chord that may be chosen.
pub(super) struct Candidate {
    pub chord: Chord,
    /// Semitones of its root above the tonic.
    pub degree: u8,
    pub is_tonic: bool,
    /// What it costs to use it at all.
    pub prior: f32,
    /// How much each pitch class rubs: 0.0 chord tone ..= 1.0 a semitone over one.
    pub rub: [f32; 12],
    /// For [`Palette::Style`]: how often the style goes on from here to each candidate, in the candidates' order.
    follows: Vec<f32>,
    /// Place in the candidates' order.
    index: usize,
}

/// Numerals of plain functional harmony with their priors.
const MAJOR: [(&str, f32); 12] = [
    ("I", 0.0),
    ("ii", 0.3),
    ("iii", 0.9),
    ("IV", 0.1),
    ("V", 0.0),
    ("V7", 0.2),
    ("vi", 0.2),
    ("II7", 1.2),
    ("III7", 1.3),
    ("VI7", 1.3),
    ("I7", 1.3),
    ("iv", 1.4),
];
const MINOR: [(&str, f32); 11] = [
    ("i", 0.0),
    ("iv", 0.1),
    ("V", 0.1),
    ("V7", 0.1),
    ("bVI", 0.3),
    ("bVII", 0.4),
    ("bIII", 0.3),
    ("iidim", 0.8),
    ("v", 0.9),
    ("I7", 1.4),
    ("bVII7", 1.0),
];
/// Qualities to hear in other people's music, plainest first, with what each costs.
const HEARD: [(Quality, f32); 9] = [
    (Quality::Major, 0.0),
    (Quality::Minor, 0.0),
    (Quality::Seven, 0.15),
    (Quality::MinorSeven, 0.15),
    (Quality::MajorSeven, 0.2),
    (Quality::HalfDiminished, 0.3),
    (Quality::Diminished, 0.3),
    (Quality::Sus4, 0.4),
    (Quality::DiminishedSeven, 0.4),
];

pub(super) fn candidates(palette: Palette, key: &Key) -> Vec<Candidate> {
    let is_minor = is_minor_like(key.scale);
    let mut found: Vec<Candidate> = match palette {
        Palette::Functional => {
            let rows = if is_minor { &MINOR[..] } else { &MAJOR[..] };
            let read = |(text, prior): &(&str, f32)| {
                Some(candidate(text.parse::<Numeral>().ok()?.in_key(key.tonic), key, *prior))
            };
            rows.iter().filter_map(read).collect()
        }
        Palette::Style(style) => of_style(style, key),
        Palette::Any => all(key),
    };
    if found.is_empty() {
        found = candidates(Palette::Functional, key);
    }
    found.iter_mut().enumerate().for_each(|(index, candidate)| candidate.index = index);
    found
}

fn candidate(chord: Chord, key: &Key, prior: f32) -> Candidate {
    let degree = (chord.root.get() + 12 - key.tonic.get()) % 12;
    let scale = theory::pitch_mask(key.tonic, theory::parent(key.scale));
    let mask = chord.mask();
    let has = |pitch: usize| mask & 1 << (pitch % 12) != 0;
    let rub = std::array::from_fn(|pitch| match () {
        () if has(pitch) => 0.0,
        // A semitone over a chord tone: the avoid note.
        () if has(pitch + 11) => 1.0,
        () if scale & 1 << pitch != 0 => 0.45,
        () => 0.8,
    });
    Candidate { chord, degree, is_tonic: degree == 0, prior, rub, follows: Vec::new(), index: 0 }
}

/// The chords of the progressions that are in the same mode as the key.
pub(crate) fn degrees_of<'s>(style: &'s Style, key: &Key) -> impl Iterator<Item = Vec<&'s Numeral>> {
    let is_minor = is_minor_like(key.scale);
    let native = style.scale;
    let suits = move |scale: Option<take::Scale>| is_minor_like(scale.unwrap_or(native)) == is_minor;
    let any = style.progression.iter().any(|progression| suits(progression.scale));
    let chosen = style.progression.iter().filter(move |progression| any && suits(progression.scale));
    chosen.map(|progression| progression.chords.0.iter().flatten().map(|(numeral, _)| numeral).collect())
}

fn of_style(style: &Style, key: &Key) -> Vec<Candidate> {
    let lines: Vec<Vec<Chord>> = degrees_of(style, key)
        .map(|line| line.into_iter().map(|numeral| numeral.in_key(key.tonic)).collect())
        .collect();
    let mut chords: Vec<Chord> = Vec::new();
    for chord in lines.iter().flatten() {
        if !chords.contains(chord) {
            chords.push(*chord);
        }
    }
    let count = |chord: &Chord| lines.iter().flatten().filter(|other| *other == chord).count() as f32;
    let most = chords.iter().map(count).fold(1.0, f32::max);
    let follows = |from: &Chord| -> Vec<f32> {
        // Round the loop as well: the last chord leads into the first.
        let pairs = lines.iter().flat_map(|line| line.iter().zip(line.iter().cycle().skip(1)));
        let after: Vec<&Chord> = pairs.filter(|(before, _)| *before == from).map(|(_, after)| after).collect();
        let share = |to: &Chord| after.iter().filter(|after| **after == to).count() as f32 / after.len().max(1) as f32;
        chords.iter().map(share).collect()
    };
    let read = |chord: &Chord| {
        let prior = 0.8 * (1.0 - count(chord) / most);
        Candidate { follows: follows(chord), ..candidate(*chord, key, prior) }
    };
    chords.iter().map(read).collect()
}

fn all(key: &Key) -> Vec<Candidate> {
    let scale = theory::pitch_mask(key.tonic, theory::parent(key.scale));
    let of = |root: i32| {
        HEARD.iter().map(move |&(quality, prior)| {
            let chord = Chord::new(PitchClass::new(root), quality);
            let is_foreign = chord.mask() & !scale != 0;
            candidate(chord, key, prior + if is_foreign { 0.3 } else { 0.0 })
        })
    };
    (0..12).flat_map(of).collect()
}

/// What a chord does in its key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    Tonic,
    Subdominant,
    Dominant,
}

fn function(candidate: &Candidate) -> Function {
    match candidate.degree {
        0 | 3 | 4 | 9 => Function::Tonic,
        2 | 5 | 8 => Function::Subdominant,
        _ => Function::Dominant,
    }
}

/// What it costs to go from one chord to the next.
pub(super) fn change_cost(from: &Candidate, to: &Candidate, palette: Palette) -> f32 {
    if from.index == to.index {
        return 0.0;
    }
    match palette {
        Palette::Any => 1.0,
        Palette::Functional => functional_cost(from, to),
        // A succession the style never uses costs a good deal, its usual one nothing.
        Palette::Style(_) => {
            let share = from.follows.get(to.index).copied().unwrap_or(0.0);
            0.35 * functional_cost(from, to) + 2.4 * (1.0 - share.sqrt())
        }
    }
}

fn functional_cost(from: &Candidate, to: &Candidate) -> f32 {
    use Function::{Dominant, Subdominant, Tonic};
    let falls_a_fifth = (from.degree + 5) % 12 == to.degree;
    // Dominants of other degrees want to be resolved.
    if from.chord.quality.is_dominant() && from.degree != 7 && !falls_a_fifth {
        return 4.0;
    }
    let by_function = match (function(from), function(to)) {
        (Dominant, Tonic) | (Subdominant, Dominant) | (Tonic, Subdominant) => 0.0,
        (Tonic, Dominant) => 0.4,
        (Subdominant, Tonic) => 0.8,
        (Dominant, Subdominant) => 2.5,
        _ => 0.6,
    };
    by_function + if falls_a_fifth { -0.3 } else { 0.0 }
}

/// Families of chords that can stand for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Major third, no minor seventh.
    Major,
    /// Major third and minor seventh.
    Dominant,
    /// Minor third and perfect fifth.
    Minor,
    /// Minor third and flat fifth.
    Diminished,
    /// No third.
    Open,
}

/// Which family a quality belongs to.
pub(crate) fn class_of(quality: Quality) -> Class {
    let has = |interval| quality.intervals().contains(&interval);
    match () {
        () if quality.is_dominant() => Class::Dominant,
        () if has(4) => Class::Major,
        () if has(3) && has(6) && !has(7) => Class::Diminished,
        () if has(3) => Class::Minor,
        () => Class::Open,
    }
}

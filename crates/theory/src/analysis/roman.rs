//! Roman numerals of chords in a key, as harmony books write them, and what each chord does there.
//!
//! Unlike [`crate::Numeral`], which counts from the major scale, these count from the key's own scale: the sixth of minor
//! is VI. Small numerals on the sixth and seventh of minor mean the raised degrees, capitals the plain ones.
use crate::chord::Chord;
use crate::quality::Quality;
use crate::scale::{intervals, is_minor_like, parent, pitch_mask};
use crate::spelling::Key;
use take::{PitchClass, Scale};

/// What a chord does in its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HarmonicFunction {
    /// At rest: I, vi, iii and their borrowed kin.
    Tonic,
    /// Away from home: ii, IV, the Neapolitan.
    Predominant,
    /// Pulls home, or, where the numeral is applied, to its target: V, vii, tritone substitutes, a cadential 6/4.
    Dominant,
}

/// A chord as a numeral of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RomanNumeral {
    /// Degree, 1..=7; of the target's key where `applied_to` is set.
    pub degree: u8,
    /// Semitones that the root lies above (below, if negative) the plain degree.
    pub accidental: i32,
    /// What is stacked on it.
    pub quality: Quality,
    /// 0 = root in the bass, 1 = third, 2 = fifth, 3 = seventh; `None` = a bass note beside these.
    pub inversion: Option<u8>,
    /// Degree of the chord that this one is a dominant of, where it is not the tonic: 5 for V/V.
    pub applied_to: Option<u8>,
    /// Numeral of that target is a minor chord's.
    pub is_target_minor: bool,
    /// The parallel scale that a chord is borrowed from.
    pub borrowed_from: Option<Scale>,
    /// What it does.
    pub function: HarmonicFunction,
}

/// Scales that a key borrows from, on the same tonic, in the order they are thought of.
const LENDERS: [Scale; 7] = [
    Scale::Minor,
    Scale::HarmonicMinor,
    Scale::Major,
    Scale::Dorian,
    Scale::Phrygian,
    Scale::Mixolydian,
    Scale::Lydian,
];

/// Numerals of a row of chords in `key`. The next chord tells an applied dominant from a coloured one (C7 in C is I7 before
/// G, V7/IV before F) and a cadential 6/4 from a tonic.
pub fn analyse(chords: &[Chord], key: &Key) -> Vec<RomanNumeral> {
    chords.iter().enumerate().map(|(index, chord)| numeral(chord, chords.get(index + 1), key)).collect()
}

fn numeral(chord: &Chord, next: Option<&Chord>, key: &Key) -> RomanNumeral {
    let plain = RomanNumeral {
        degree: 1,
        accidental: 0,
        quality: chord.quality,
        inversion: inversion(chord),
        applied_to: None,
        is_target_minor: false,
        borrowed_from: None,
        function: HarmonicFunction::Dominant,
    };
    if let Some((degree, target)) = applied(chord, next, key) {
        let is_target_minor = triad_on(key, target).is_some_and(Quality::is_minor);
        return RomanNumeral { degree, applied_to: Some(target), is_target_minor, ..plain };
    }
    let (degree, accidental) = degree_of(chord, key);
    let lender = if is_diatonic(chord, key) { None } else { lender(chord, key) };
    let function = function(chord, degree, accidental, next, key);
    RomanNumeral { degree, accidental, borrowed_from: lender, function, ..plain }
}

fn above_tonic(pitch: PitchClass, key: &Key) -> u8 {
    (pitch.get() + 12 - key.tonic.get()) % 12
}

/// Which chord tone is in the bass.
fn inversion(chord: &Chord) -> Option<u8> {
    let Some(bass) = chord.bass else { return Some(0) };
    let above = (bass.get() + 12 - chord.root.get()) % 12;
    match above {
        0 => Some(0),
        _ if chord.quality.seventh() == Some(above) => Some(3),
        2..=5 if chord.quality.has(above) => Some(1),
        6..=8 if chord.quality.has(above) => Some(2),
        _ => None,
    }
}

/// Scales whose chords belong to a key: minor has its raised seventh too.
fn own_masks(key: &Key) -> impl Iterator<Item = u16> {
    let own = parent(key.scale);
    let minor = [Scale::HarmonicMinor, Scale::MelodicMinor].map(|scale| (own == Scale::Minor).then_some(scale));
    let tonic = key.tonic;
    [Some(own)].into_iter().chain(minor).flatten().map(move |scale| pitch_mask(tonic, scale))
}

fn is_diatonic(chord: &Chord, key: &Key) -> bool {
    own_masks(key).any(|mask| chord.mask() & !mask == 0)
}

fn lender(chord: &Chord, key: &Key) -> Option<Scale> {
    LENDERS.into_iter().find(|&scale| scale != key.scale && chord.mask() & !pitch_mask(key.tonic, scale) == 0)
}

/// The triad of thirds on a degree of the key's scale.
fn triad_on(key: &Key, degree: u8) -> Option<Quality> {
    let steps = intervals(parent(key.scale));
    let at = |third: usize| {
        steps[(usize::from(degree) - 1 + third) % 7] + if usize::from(degree) - 1 + third > 6 { 12 } else { 0 }
    };
    Quality::from_intervals(&[0, at(2) - at(0), at(4) - at(0)])
}

/// Degree (5 or 7) and target of a dominant that is not the tonic's.
fn applied(chord: &Chord, next: Option<&Chord>, key: &Key) -> Option<(u8, u8)> {
    let quality = chord.quality;
    let (degree, up) = match () {
        () if quality.has(4) && quality.has(7) && !quality.has(11) && !quality.has(9) => (5, 5),
        () if quality.is_dominant() => (5, 5),
        () if quality.has(3) && quality.has(6) && !quality.has(7) => (7, 1),
        () => return None,
    };
    let target_root = chord.above_root(up);
    let steps = intervals(parent(key.scale));
    let target = steps.iter().position(|&step| step == above_tonic(target_root, key))? as u8 + 1;
    let is_chord = |quality: Quality| matches!(quality, Quality::Major | Quality::Minor);
    if target == 1 || !triad_on(key, target).is_some_and(is_chord) || is_diatonic(chord, key) {
        return None;
    }
    let resolves = next.is_some_and(|next| next.root == target_root);
    // The tonic's and the fourth's own sevenths are the blues' colours, and borrowed chords have a home elsewhere.
    let is_tonic_or_borrowed = chord.root == key.tonic || lender(chord, key).is_some();
    let is_fourth_coloured = above_tonic(chord.root, key) == 5;
    (resolves || !(is_tonic_or_borrowed || is_fourth_coloured)).then_some((degree, target))
}

/// Degree and accidental of the root.
fn degree_of(chord: &Chord, key: &Key) -> (u8, i32) {
    let above = above_tonic(chord.root, key);
    let steps = intervals(parent(key.scale));
    let is_small = is_small(chord.quality);
    if is_minor_like(key.scale) && steps[5..] == [8, 10] {
        let by_quality = match (above, is_small) {
            (8, true) => Some((6, -1)),
            (9, true) => Some((6, 0)),
            (9, false) => Some((6, 1)),
            (10, true) => Some((7, -1)),
            (11, true) => Some((7, 0)),
            (11, false) => Some((7, 1)),
            _ => None,
        };
        if let Some(found) = by_quality {
            return found;
        }
    }
    let letter = key.letters_above(chord.root);
    let plain = i32::from(steps[letter]);
    let accidental = (i32::from(above) - plain + 6).rem_euclid(12) - 6;
    (letter as u8 + 1, accidental)
}

/// Written small: minor and diminished.
fn is_small(quality: Quality) -> bool {
    quality.is_minor()
}

fn function(chord: &Chord, degree: u8, accidental: i32, next: Option<&Chord>, key: &Key) -> HarmonicFunction {
    use HarmonicFunction::{Dominant, Predominant, Tonic};
    let above = above_tonic(chord.root, key);
    let is_diminished = chord.quality.has(6) && chord.quality.has(3) && !chord.quality.has(7);
    let goes_to_dominant = next.is_some_and(|next| above_tonic(next.root, key) == 7);
    match (degree, accidental) {
        (1, 0) if inversion(chord) == Some(2) && goes_to_dominant => Dominant,
        (1, 0) => Tonic,
        _ if above == 1 && chord.quality.is_dominant() => Dominant,
        (2, _) | (4, _) => Predominant,
        (3, _) => Tonic,
        (5, _) => Dominant,
        // The sixth of major stands in for its tonic; borrowed from minor it leads to the dominant.
        (6, -1) if !is_minor_like(key.scale) => Predominant,
        (6, _) => Tonic,
        (7, _) => Dominant,
        _ if is_diminished => Dominant,
        _ => Predominant,
    }
}

impl std::fmt::Display for RomanNumeral {
    /// `V65/V`, `bVI`, `viio7`, `iiø43`, `IM7`, `Vsus4`. `M` marks a major seventh.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.accidental < 0 { "b" } else { "#" }.repeat(self.accidental.unsigned_abs() as usize);
        write!(f, "{sign}{}{}", cased(self.degree, is_small(self.quality)), figures(self.quality, self.inversion))?;
        match self.applied_to {
            Some(target) => write!(f, "/{}", cased(target, self.is_target_minor)),
            None => Ok(()),
        }
    }
}

fn cased(degree: u8, is_small: bool) -> &'static str {
    const CAPITAL: [&str; 7] = ["I", "II", "III", "IV", "V", "VI", "VII"];
    const SMALL: [&str; 7] = ["i", "ii", "iii", "iv", "v", "vi", "vii"];
    let index = usize::from(degree.max(1) - 1) % 7;
    if is_small { SMALL[index] } else { CAPITAL[index] }
}

/// What follows the numeral: `o`, `ø`, `+` or `M`, and the figured bass; other chords keep the suffix of their symbol.
fn figures(quality: Quality, inversion: Option<u8>) -> String {
    let mark = match quality {
        Quality::Major | Quality::Minor | Quality::Seven | Quality::MinorSeven => "",
        Quality::Diminished | Quality::DiminishedSeven => "o",
        Quality::HalfDiminished => "ø",
        Quality::Augmented | Quality::AugmentedSeven => "+",
        Quality::MajorSeven | Quality::MinorMajorSeven => "M",
        other => {
            let suffix = other.suffix();
            let bare = if other.is_minor() { suffix.strip_prefix('m').unwrap_or(&suffix) } else { &suffix };
            return bare.to_owned()
                + ["", "(3 in bass)", "(5 in bass)", "(7 in bass)"][usize::from(inversion.unwrap_or(0)) % 4];
        }
    };
    let figure = match (quality.seventh().is_some(), inversion) {
        (false, Some(1)) => "6",
        (false, Some(2)) => "64",
        (true, Some(1)) => "65",
        (true, Some(2)) => "43",
        (true, Some(3)) => "42",
        (true, _) => "7",
        (false, _) => "",
    };
    format!("{mark}{figure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numerals(line: &str, tonic: i32, scale: Scale) -> String {
        let key = Key::new(PitchClass::new(tonic), scale);
        let chords: Vec<_> = line.split_whitespace().map(|symbol| Chord::parse(symbol).unwrap()).collect();
        analyse(&chords, &key).iter().map(RomanNumeral::to_string).collect::<Vec<_>>().join(" ")
    }

    fn functions(line: &str, tonic: i32, scale: Scale) -> String {
        let key = Key::new(PitchClass::new(tonic), scale);
        let chords: Vec<_> = line.split_whitespace().map(|symbol| Chord::parse(symbol).unwrap()).collect();
        let letter = |numeral: &RomanNumeral| match numeral.function {
            HarmonicFunction::Tonic => 'T',
            HarmonicFunction::Predominant => 'P',
            HarmonicFunction::Dominant => 'D',
        };
        analyse(&chords, &key).iter().map(letter).collect()
    }

    #[test]
    fn diatonic_chords_and_their_inversions() {
        assert_eq!(
            numerals("C Dm7 G7/B C/E F/C Bdim Bm7b5/D Cmaj7", 0, Scale::Major),
            "I ii7 V65 I6 IV64 viio viiø65 IM7"
        );
        assert_eq!(numerals("Am Dm E7 G#dim7 F G C Bm7b5", 9, Scale::Minor), "i iv V7 viio7 VI VII III iiø7");
        assert_eq!(numerals("E7/D Am/C Caug", 9, Scale::Minor), "V42 i6 III+");
    }

    #[test]
    fn applied_and_borrowed_chords() {
        assert_eq!(
            numerals("C A7 Dm D7/F# G E7 Am F#dim7 G", 0, Scale::Major),
            "I V7/ii ii V65/V V V7/vi vi viio7/V V"
        );
        assert_eq!(numerals("C7 F C7 G F7 Bb7 C", 0, Scale::Major), "V7/IV IV I7 V IV7 bVII7 I");
        assert_eq!(numerals("Fm Ab Eb Db/F Bb", 0, Scale::Major), "iv bVI bIII bII6 bVII");
        let key = Key::new(PitchClass::new(0), Scale::Major);
        let borrowed = |symbol: &str| analyse(&[Chord::parse(symbol).unwrap()], &key)[0].borrowed_from;
        assert_eq!(
            ["Fm", "Ab", "Bdim7", "Db", "C"].map(borrowed),
            [Some(Scale::Minor), Some(Scale::Minor), Some(Scale::HarmonicMinor), Some(Scale::Phrygian), None,]
        );
    }

    #[test]
    fn functions_follow_degree_and_place() {
        assert_eq!(functions("C Am Dm G7 C", 0, Scale::Major), "TTPDT");
        assert_eq!(functions("C F C/G G7 C Db7 C Db", 0, Scale::Major), "TPDDTDTP");
        assert_eq!(functions("Am Dm E7 Am F G", 9, Scale::Minor), "TPDTTD");
    }

    #[test]
    fn numerals_do_not_change_with_the_key() {
        let symbols = ["C", "Dm7", "E7", "F", "Fm", "G7/B", "Ab", "Bb", "Bdim7", "Am", "D7", "Db", "C7"];
        let chords = symbols.map(|symbol| Chord::parse(symbol).unwrap());
        for scale in [Scale::Major, Scale::Minor] {
            let told = |up: i32| {
                let raised = |pitch: PitchClass| PitchClass::new(i32::from(pitch.get()) + up);
                let chords =
                    chords.map(|chord| Chord { root: raised(chord.root), bass: chord.bass.map(raised), ..chord });
                analyse(&chords, &Key::new(PitchClass::new(up), scale))
                    .iter()
                    .map(RomanNumeral::to_string)
                    .collect::<Vec<_>>()
            };
            for up in 0..12 {
                assert_eq!(told(up), told(0), "{scale:?} {up}");
            }
        }
    }
}

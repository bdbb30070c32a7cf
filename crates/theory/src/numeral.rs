//! Roman numerals: chords relative to a tonic.
use crate::chord::Chord;
use crate::quality::Quality;
use crate::scale::{degree_interval, intervals, parent};
use take::{PitchClass, Scale};

const NUMERALS: [&str; 7] = ["vii", "iii", "vi", "iv", "ii", "v", "i"];
const DEGREES: [u8; 7] = [7, 3, 6, 4, 2, 5, 1];
const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];

/// A chord by degree. Degrees count from the major scale, so the sixth of minor is `bVI` in any mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numeral {
    /// 1..=7.
    pub degree: u8,
    /// Semitones above the tonic, 0..12.
    pub semitones: u8,
    /// Quality.
    pub quality: Quality,
    /// Bass note in semitones above the tonic, for slash chords.
    pub bass: Option<u8>,
}

/// A numeral nobody can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a Roman numeral chord such as i9, bVImaj7, V7sus4 or I/3")]
pub struct NumeralError {
    text: String,
}

impl std::str::FromStr for Numeral {
    type Err = NumeralError;

    /// `[b|#]` numeral, suffix, and `/` with the bass as a major-scale degree, or with the numeral of the chord that is
    /// taken for a tonic: `I/3`, `V7/ii`. Small numerals are minor: `ii7` is a minor seventh chord.
    fn from_str(text: &str) -> Result<Self, NumeralError> {
        let bad = || NumeralError { text: text.to_owned() };
        let (degree, semitones, suffix, is_small) = root(text).ok_or_else(bad)?;
        if let Some(quality) = quality_of(is_small, suffix) {
            return Ok(Self { degree, semitones, quality, bass: None });
        }
        let (suffix, after) = suffix.rsplit_once('/').ok_or_else(bad)?;
        let quality = quality_of(is_small, suffix).ok_or_else(bad)?;
        if let Some((target, above_tonic, "", _)) = root(after) {
            let degree = (degree + target - 2) % 7 + 1;
            return Ok(Self { degree, semitones: (semitones + above_tonic) % 12, quality, bass: None });
        }
        let bass = bass_degree(after).ok_or_else(bad)?;
        Ok(Self { degree, semitones, quality, bass: Some(bass) })
    }
}

/// Degree, semitones above the tonic, what follows the numeral, and whether it is small.
fn root(text: &str) -> Option<(u8, u8, &str, bool)> {
    let (shift, rest) = accidental(text);
    let small = rest.to_ascii_lowercase();
    let index = NUMERALS.iter().position(|numeral| small.starts_with(numeral))?;
    let (numeral, suffix) = rest.split_at(NUMERALS[index].len());
    let is_small = numeral == NUMERALS[index];
    if !is_small && numeral.bytes().any(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let degree = DEGREES[index];
    let semitones = (MAJOR[usize::from(degree) - 1] + shift).rem_euclid(12) as u8;
    Some((degree, semitones, suffix, is_small))
}

impl Numeral {
    /// The chord in a key, as written.
    pub fn in_key(&self, tonic: PitchClass) -> Chord {
        let above = |semitones: u8| PitchClass::new(i32::from(tonic.get()) + i32::from(semitones));
        Chord { root: above(self.semitones), quality: self.quality, bass: self.bass.map(above) }
    }

    /// The chord of the same degree and size that `scale` itself has. Diminished triads off the tonic give way to
    /// the diatonic chord of the same function (vii to V, ii to iv).
    pub fn refit(&self, tonic: PitchClass, scale: Scale) -> Chord {
        let size = self.quality.intervals().len().clamp(3, 5);
        let fitted = |degree: u8| diatonic(tonic, scale, degree, self.quality, size);
        let chord = fitted(self.degree);
        let is_diminished = chord.quality.has(6) && !chord.quality.has(7);
        match self.degree {
            7 if is_diminished => fitted(5),
            2 if is_diminished => fitted(4),
            degree if is_diminished && degree != 1 => fitted(1),
            _ => chord,
        }
    }
}

/// Stacks thirds of the scale on a degree; keeps `wanted` itself where all its tones are in the scale.
fn diatonic(tonic: PitchClass, scale: Scale, degree: u8, wanted: Quality, size: usize) -> Chord {
    let steps = intervals(parent(scale));
    let root = degree_interval(scale, degree);
    let is_in_scale = |interval: u8| steps.contains(&((root + interval) % 12));
    let root_pitch = PitchClass::new(i32::from(tonic.get()) + i32::from(root));
    if wanted.intervals().iter().all(|&i| is_in_scale(i)) {
        return Chord::new(root_pitch, wanted);
    }
    let stack: Vec<u8> = (0..size)
        .map(|third| {
            let index = usize::from(degree - 1) + third * 2;
            steps[index % 7] + 12 * (index / 7) as u8 - root
        })
        .collect();
    for count in (4..=size).rev() {
        if let Some(quality) = Quality::from_intervals(&stack[..count]) {
            return Chord::new(root_pitch, quality);
        }
    }
    // Some degrees of Bhairav, Todi and their like carry no triad: a suspension or fifth there, else the tonic chord.
    let triads = [Quality::from_intervals(&stack[..3]), Some(Quality::Sus4), Some(Quality::Sus2), Some(Quality::Power)];
    let fits = |quality: &Quality| quality.intervals().iter().all(|&interval| is_in_scale(interval));
    match triads.into_iter().flatten().find(fits) {
        Some(quality) => Chord::new(root_pitch, quality),
        None => diatonic(tonic, scale, 1, wanted, 3),
    }
}

fn accidental(text: &str) -> (i32, &str) {
    match text.as_bytes().first() {
        Some(b'b') => (-1, &text[1..]),
        Some(b'#') => (1, &text[1..]),
        _ => (0, text),
    }
}

fn quality_of(is_small: bool, suffix: &str) -> Option<Quality> {
    if is_small {
        Quality::parse(&format!("m{suffix}")).or_else(|| {
            let quality = Quality::parse(suffix)?;
            (!quality.has(4)).then_some(quality)
        })
    } else {
        Quality::parse(suffix)
    }
}

fn bass_degree(text: &str) -> Option<u8> {
    let (shift, digit) = accidental(text);
    let degree: usize = digit.parse().ok()?;
    (1..=7).contains(&degree).then(|| (MAJOR[degree - 1] + shift).rem_euclid(12) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::pitch_mask;
    use crate::spelling::Key;

    fn symbol(text: &str, tonic: i32, scale: Scale) -> String {
        let tonic = PitchClass::new(tonic);
        text.parse::<Numeral>().unwrap().in_key(tonic).symbol(&Key::new(tonic, scale))
    }

    #[test]
    fn numerals_become_chords_of_the_key() {
        assert_eq!(symbol("i9", 9, Scale::Minor), "Am9");
        assert_eq!(symbol("bVImaj7", 9, Scale::Minor), "Fmaj7");
        assert_eq!(symbol("iiø", 9, Scale::Minor), "Bm7b5");
        assert_eq!(symbol("V7b9", 9, Scale::Minor), "E7b9");
        assert_eq!(symbol("V/7", 3, Scale::Major), "Bb/D");
        assert_eq!(symbol("#ivdim7", 0, Scale::Major), "F#dim7");
        assert_eq!(symbol("I6/9", 0, Scale::Major), "C6/9");
        assert_eq!(symbol("vsus4", 0, Scale::Minor), "Gsus4");
        assert_eq!(symbol("V7/ii", 0, Scale::Major), "A7");
        assert_eq!(symbol("viidim7/V", 0, Scale::Major), "F#dim7");
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["", "x", "Iv", "VIIIfoo", "I/9", "b", "ifoo", "V/V7", "V/VIII"] {
            assert!(bad.parse::<Numeral>().is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn refitted_chords_stay_in_the_scale() {
        for text in ["i9", "bVImaj7", "iv11", "bVII13", "V7b9", "I6/9", "ii7", "viim7b5", "bIImaj7", "I5", "IVsus2"] {
            let Ok(numeral) = text.parse::<Numeral>() else { continue };
            for scale in Scale::ALL {
                for tonic in (0..12).map(PitchClass::new) {
                    let mask = numeral.refit(tonic, scale).mask();
                    let allowed = pitch_mask(tonic, parent(scale));
                    assert_eq!(mask & !allowed, 0, "{text} in {scale:?}: {:?}", numeral.refit(tonic, scale));
                }
            }
        }
    }
}

//! The key of what is heard, from how long each pitch class sounds.
//!
//! Major and minor only; modes and modulations inside what is remembered are not told.
use crate::AudioChords;
use take::Note;
use theory::{Key, KeyProfile, find_keys};

/// What was heard this many beats ago counts half.
const HALF_LIFE_BEATS: f64 = 64.0;
/// Weight of one beat of audio: that of a chord of three notes.
const AUDIO_WEIGHT: f32 = 3.0;

/// A key that was recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardKey {
    /// Major or minor.
    pub key: Key,
    /// How far it is ahead of the next likely, 0.0..=1.0; what is under 0.1 is a guess between relatives.
    pub confidence: f32,
}

/// Gathers pitch classes and tells the key.
#[derive(Debug, Clone, Default)]
pub struct KeyEar {
    /// Beats by pitch class, C = 0.
    weights: [f32; 12],
}

impl KeyEar {
    /// Has heard nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A note of a player or a part: counts by its length in beats and its velocity. Lengths that are not above zero
    /// count nothing.
    pub fn hear_note(&mut self, note: &Note) {
        let beats = note.duration.0;
        if beats.is_finite() && beats > 0.0 {
            // A pedal point is not the whole piece.
            let loud = f32::from(note.velocity.min(127)) / 127.0;
            self.weights[usize::from(note.key % 12)] += beats.min(4.0) as f32 * loud;
        }
    }

    /// Audio of `beats` beats, which lies at these frames of `audio`. Silence counts nothing.
    pub fn hear_audio(&mut self, audio: &AudioChords, from_frame: u64, to_frame: u64, beats: f64) {
        if !(beats.is_finite() && beats > 0.0) {
            return;
        }
        if let Some(shares) = audio.pitches_between(from_frame, to_frame) {
            self.hear_shares(&shares, beats);
        }
    }

    /// Shares of the pitch classes, C first, over so many beats.
    pub(crate) fn hear_shares(&mut self, shares: &[f32; 12], beats: f64) {
        let sums = self.weights.iter_mut().zip(shares);
        sums.for_each(|(weight, share)| *weight += share * AUDIO_WEIGHT * beats as f32);
    }

    /// `beats` have passed: what was heard before counts less.
    pub fn pass(&mut self, beats: f64) {
        if beats.is_finite() && beats > 0.0 {
            let left = libm::exp2(-beats / HALF_LIFE_BEATS) as f32;
            self.weights.iter_mut().for_each(|weight| *weight *= left);
        }
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The likeliest key; `None` before three different pitch classes were heard.
    pub fn key(&self) -> Option<HeardKey> {
        let sum: f32 = self.weights.iter().sum();
        if !sum.is_finite() || self.weights.iter().filter(|weight| **weight > 0.01 * sum).count() < 3 {
            return None;
        }
        let guesses = find_keys(&self.weights.map(f64::from), KeyProfile::KostkaPayne);
        let [best, next, ..] = guesses;
        // Distances from a perfect fit.
        let confidence = if next.score < 1.0 { 1.0 - (1.0 - best.score) / (1.0 - next.score) } else { 0.0 };
        Some(HeardKey { key: best.key(), confidence: confidence.clamp(0.0, 1.0) as f32 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{Beats, PitchClass, Scale};
    use theory::Numeral;

    fn play(ear: &mut KeyEar, numerals: &[&str], tonic: PitchClass) {
        for numeral in numerals {
            let chord = numeral.parse::<Numeral>().expect("a numeral").in_key(tonic);
            for interval in chord.quality.intervals().iter() {
                let key = 60 + chord.above_root(*interval).get();
                ear.hear_note(&Note { start: Beats(0.0), duration: Beats(2.0), key, velocity: 80 });
            }
        }
    }

    #[test]
    fn cadences_tell_their_key() {
        for (scale, numerals) in [
            (Scale::Major, vec!["I", "IV", "V7", "I"]),
            (Scale::Major, vec!["Imaj7", "vi7", "ii7", "V7", "I"]),
            (Scale::Minor, vec!["i", "iv", "V7", "i"]),
            (Scale::Minor, vec!["i", "bVI", "iv", "i", "v", "i"]),
        ] {
            for tonic in (0..12).map(PitchClass::new) {
                let mut ear = KeyEar::new();
                play(&mut ear, &numerals, tonic);
                let key = ear.key().expect("no key heard").key;
                assert_eq!((key.tonic, key.scale), (tonic, scale), "{numerals:?}");
            }
        }
    }

    #[test]
    fn a_new_key_is_heard_after_a_while() {
        let mut ear = KeyEar::new();
        let (first, second) = (PitchClass::new(0), PitchClass::new(3));
        (0..8).for_each(|_| play(&mut ear, &["I", "IV", "V7", "I"], first));
        for _ in 0..16 {
            ear.pass(8.0);
            play(&mut ear, &["I", "IV", "V7", "I"], second);
        }
        assert_eq!(ear.key().map(|heard| heard.key.tonic), Some(second));
    }

    #[test]
    fn too_little_is_no_key() {
        let mut ear = KeyEar::new();
        assert_eq!(ear.key(), None);
        for key in [60, 67] {
            ear.hear_note(&Note { start: Beats(0.0), duration: Beats(f64::NAN), key: 64, velocity: 80 });
            ear.hear_note(&Note { start: Beats(0.0), duration: Beats(1.0), key, velocity: 80 });
        }
        assert_eq!(ear.key(), None);
    }
}

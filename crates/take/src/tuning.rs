//! What the notes of a scale are bent by: quarter tones of maqamat.
use crate::{PitchClass, Scale};

/// MIDI pitch bend that does nothing.
const NO_BEND: u16 = 8192;

/// Cents that each pitch class is bent by. All zero is equal temperament.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tuning {
    cents: [f32; 12],
}

impl Tuning {
    /// Twelve equal steps: what most scales are in.
    pub const EQUAL: Tuning = Tuning { cents: [0.0; 12] };

    /// The tuning of a scale on a tonic. Quarter tones as the Arab theory of 24 equal steps has them (Cairo, 1932);
    /// players intone them by ear and region.
    pub fn of(tonic: PitchClass, scale: Scale) -> Self {
        let mut tuning = Self::EQUAL;
        for (step, cents) in bends(scale) {
            tuning.cents[usize::from((tonic.get() + step) % 12)] = *cents;
        }
        tuning
    }

    /// Cents from the tempered MIDI key to the note that is meant, -50.0..=50.0.
    pub fn bend_cents(&self, key: u8) -> f32 {
        self.cents[usize::from(key % 12)]
    }

    /// Nothing is bent.
    pub fn is_equal(&self) -> bool {
        *self == Self::EQUAL
    }

    /// The different bends among all keys, the tempered one first.
    pub fn bends(&self) -> Vec<f32> {
        let mut bends = vec![0.0];
        for cents in self.cents {
            if !bends.contains(&cents) {
                bends.push(cents);
            }
        }
        bends
    }
}

/// Semitones above the tonic, and the cents that they are bent by.
fn bends(scale: Scale) -> &'static [(u8, f32)] {
    match scale {
        Scale::Rast => &[(4, -50.0), (11, -50.0)],
        Scale::Saba => &[(2, -50.0)],
        _ => &[],
    }
}

/// MIDI pitch bend, 0..=16383 with 8192 = none, of `cents` where full bend is `range_semitones` (MPE: 48, else
/// mostly 2). Clamped to the range; a range of 0 does not bend.
pub fn pitch_bend(cents: f64, range_semitones: u8) -> u16 {
    if range_semitones == 0 || !cents.is_finite() {
        return NO_BEND;
    }
    let share = cents / (f64::from(range_semitones) * 100.0);
    (8192.0 + share * 8192.0).round().clamp(0.0, 16383.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rast_on_c_has_its_third_and_seventh_a_quarter_tone_low() {
        let c = Tuning::of(PitchClass::new(0), Scale::Rast);
        assert_eq!([60, 64, 71, 66].map(|key| c.bend_cents(key)), [0.0, -50.0, -50.0, 0.0]);
        assert_eq!(Tuning::of(PitchClass::new(2), Scale::Rast).bend_cents(66), -50.0);
        assert_eq!((c.bends(), c.is_equal()), (vec![0.0, -50.0], false));
        let hijaz = Tuning::of(PitchClass::new(0), Scale::Hijaz);
        assert!(hijaz.is_equal() && hijaz.bends() == [0.0]);
    }

    #[test]
    fn bend_goes_by_the_range_of_the_receiver() {
        assert_eq!(pitch_bend(0.0, 48), 8192);
        assert_eq!(pitch_bend(-50.0, 2), 8192 - 2048);
        assert_eq!(pitch_bend(-50.0, 48), 8192 - 85);
        assert_eq!((pitch_bend(900.0, 2), pitch_bend(-900.0, 2)), (16383, 0));
        assert_eq!((pitch_bend(50.0, 0), pitch_bend(f64::NAN, 2)), (8192, 8192));
    }
}

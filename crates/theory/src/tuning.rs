//! Notes between the keys: quarter tones of maqamat, and scales of users' own, as key and pitch bend.
use crate::scale::intervals;
use take::{PitchClass, Scale, Tuning};

/// A MIDI key and what it has to be bent by to sound in tune. One note a channel (MPE), or every note bends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuned {
    /// MIDI key 0..=127.
    pub key: u8,
    /// Cents to bend it by, -50.0..=50.0; 0.0 is the tempered note.
    pub bend_cents: f64,
}

/// Cents above the tonic of each of [`intervals`]: 0, 200, 350 ... in Rast.
pub fn scale_cents(scale: Scale) -> Vec<f64> {
    let tuning = Tuning::of(PitchClass::new(0), scale);
    intervals(scale).iter().map(|&step| f64::from(step) * 100.0 + f64::from(tuning.bend_cents(step))).collect()
}

/// The key and bend nearest to `cents` above MIDI key 0; `None` outside 0..=127.
pub fn tuned(cents: f64) -> Option<Tuned> {
    let key = (cents / 100.0).round();
    let is_midi = (0.0..128.0).contains(&key);
    is_midi.then_some(Tuned { key: key as u8, bend_cents: cents - key * 100.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rast_has_its_third_and_seventh_a_quarter_tone_low() {
        assert_eq!(scale_cents(Scale::Rast), [0.0, 200.0, 350.0, 500.0, 700.0, 900.0, 1050.0]);
        assert_eq!(scale_cents(Scale::Saba), [0.0, 150.0, 300.0, 400.0, 700.0, 800.0, 1000.0]);
    }

    #[test]
    fn any_pitch_is_a_key_and_at_most_half_a_semitone() {
        assert_eq!(tuned(6350.0).map(|note| (note.key, note.bend_cents)), Some((64, -50.0)));
        assert_eq!(tuned(6030.0).map(|note| (note.key, note.bend_cents)), Some((60, 30.0)));
        assert_eq!((tuned(-51.0), tuned(12_750.0), tuned(f64::NAN)), (None, None, None));
    }
}

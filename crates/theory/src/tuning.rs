//! Notes between the keys: quarter tones of maqamat, and scales of users' own, as key and pitch bend.
use crate::scale::intervals;
use take::{PitchClass, Scale};

/// A MIDI key and what it has to be bent by to sound in tune. One note a channel (MPE), or every note bends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuned {
    /// MIDI key 0..=127.
    pub key: u8,
    /// Cents to bend it by, -50.0..=50.0; 0.0 is the tempered note.
    pub bend_cents: f64,
}

/// Semitones above the tonic and cents from there to the note that is meant. Quarter tones as the Arab theory of 24
/// equal steps has them (Cairo, 1932); players intone them by ear and region.
fn bends(scale: Scale) -> &'static [(u8, f64)] {
    match scale {
        Scale::Rast => &[(4, -50.0), (11, -50.0)],
        Scale::Saba => &[(2, -50.0)],
        _ => &[],
    }
}

/// Cents above the tonic of each of [`intervals`]: 0, 200, 350 ... in Rast.
pub fn scale_cents(scale: Scale) -> Vec<f64> {
    let bend = |step: u8| bends(scale).iter().find(|(bent, _)| *bent == step).map_or(0.0, |(_, cents)| *cents);
    intervals(scale).iter().map(|&step| f64::from(step) * 100.0 + bend(step)).collect()
}

/// What a note of a scale is bent by, in cents: 0.0 for everything tempered and for notes out of the scale.
pub fn bend_cents(tonic: PitchClass, scale: Scale, key: u8) -> f64 {
    let above = (key % 12 + 12 - tonic.get()) % 12;
    bends(scale).iter().find(|(step, _)| *step == above).map_or(0.0, |(_, cents)| *cents)
}

/// The key and bend nearest to `cents` above MIDI key 0; `None` outside 0..=127.
pub fn tuned(cents: f64) -> Option<Tuned> {
    let key = (cents / 100.0).round();
    let is_midi = (0.0..128.0).contains(&key);
    is_midi.then_some(Tuned { key: key as u8, bend_cents: cents - key * 100.0 })
}

/// MIDI pitch bend, 0..=16383 with 8192 = none, of `cents` where full bend is `range_semitones` (MPE: 48, else
/// mostly 2). Clamped to the range; a range of 0 does not bend.
pub fn pitch_bend(cents: f64, range_semitones: u8) -> u16 {
    if range_semitones == 0 || !cents.is_finite() {
        return 8192;
    }
    let share = cents / (f64::from(range_semitones) * 100.0);
    (8192.0 + share * 8192.0).round().clamp(0.0, 16383.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rast_on_c_has_its_third_and_seventh_a_quarter_tone_low() {
        assert_eq!(scale_cents(Scale::Rast), [0.0, 200.0, 350.0, 500.0, 700.0, 900.0, 1050.0]);
        assert_eq!(scale_cents(Scale::Saba), [0.0, 150.0, 300.0, 400.0, 700.0, 800.0, 1000.0]);
        let c = PitchClass::new(0);
        assert_eq!([60, 64, 71, 66].map(|key| bend_cents(c, Scale::Rast, key)), [0.0, -50.0, -50.0, 0.0]);
        assert_eq!(bend_cents(PitchClass::new(2), Scale::Rast, 66), -50.0);
        assert!((0..128).all(|key| bend_cents(c, Scale::Hijaz, key) == 0.0));
    }

    #[test]
    fn bend_goes_by_the_range_of_the_receiver() {
        assert_eq!(pitch_bend(0.0, 48), 8192);
        assert_eq!(pitch_bend(-50.0, 2), 8192 - 2048);
        assert_eq!(pitch_bend(-50.0, 48), 8192 - 85);
        assert_eq!((pitch_bend(900.0, 2), pitch_bend(-900.0, 2)), (16383, 0));
        assert_eq!((pitch_bend(50.0, 0), pitch_bend(f64::NAN, 2)), (8192, 8192));
    }

    #[test]
    fn any_pitch_is_a_key_and_at_most_half_a_semitone() {
        assert_eq!(tuned(6350.0).map(|note| (note.key, note.bend_cents)), Some((64, -50.0)));
        assert_eq!(tuned(6030.0).map(|note| (note.key, note.bend_cents)), Some((60, 30.0)));
        assert_eq!((tuned(-51.0), tuned(12_750.0), tuned(f64::NAN)), (None, None, None));
    }
}

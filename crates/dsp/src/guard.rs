//! Room: RT
//! What keeps numbers sane: nothing that is not a number gets in, nothing denormal stays in a feedback path.

/// Largest absolute sample an effect takes in (+120 dB). Anything beyond is treated as damage.
pub const MAX_INPUT: f32 = 1.0e6;

/// Below this (-360 dB) a feedback path holds nothing that anybody can hear.
const TINY: f32 = 1.0e-18;

/// The sample, or silence for NaN, infinities and anything beyond [`MAX_INPUT`].
#[inline]
pub fn clean(sample: f32) -> f32 {
    if sample.abs() <= MAX_INPUT { sample } else { 0.0 }
}

/// The value, or zero where it is too small to matter: feedback state never becomes denormal, so effects need no
/// flush-to-zero mode of the processor.
#[inline]
pub fn flush(value: f32) -> f32 {
    if value.abs() < TINY { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_becomes_silence_and_music_stays_as_it_is() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -2.0e6] {
            assert_eq!(clean(bad), 0.0);
        }
        for good in [0.0, -1.0, 0.3, 1.0e6, 1.0e-40] {
            assert_eq!(clean(good), good);
        }
        assert_eq!(flush(1.0e-30), 0.0);
        assert_eq!(flush(-1.0e-6), -1.0e-6);
    }
}

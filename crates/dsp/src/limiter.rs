//! Room: RT
//! Zero-latency safety limiter for the live master.
use crate::guard::clean;

/// Stereo-linked. Below the ceiling it changes not one bit; above, the gain drops with the very sample that needs it
/// and comes back smoothly. Makes no promise about peaks between samples: [`crate::true_peak`] does that offline.
#[derive(Debug, Clone)]
pub struct SafetyLimiter {
    ceiling: f32,
    release: f32,
    hold_frames: u32,
    hold_left: u32,
    gain: f32,
}

impl SafetyLimiter {
    /// `ceiling` linear, above 0 (1.0 is full scale); `release_ms` is the time to come back by 63 %.
    pub fn new(rate: f32, ceiling: f32, release_ms: f32) -> Self {
        let frames = (release_ms.max(0.1) * 0.001 * rate).max(1.0);
        Self {
            ceiling: if ceiling > 0.0 { ceiling.min(crate::guard::MAX_INPUT) } else { 1.0 },
            release: 1.0 - libm::expf(-1.0 / frames),
            // 5 ms: half a period of 100 Hz, so that the gain does not follow the waveform of a bass.
            hold_frames: (0.005 * rate) as u32,
            hold_left: 0,
            gain: 1.0,
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.gain = 1.0;
        self.hold_left = 0;
    }

    /// Linear gain of the last frame, 0.0..=1.0.
    pub fn gain(&self) -> f32 {
        self.gain
    }

    /// One frame; the result is finite and within the ceiling. NaN and infinities become silence.
    #[inline]
    pub fn process_frame(&mut self, left: f32, right: f32) -> (f32, f32) {
        let (left, right) = (clean(left), clean(right));
        let peak = left.abs().max(right.abs());
        if peak * self.gain > self.ceiling {
            self.gain = self.ceiling / peak;
            self.hold_left = self.hold_frames;
        } else if self.gain < 1.0 {
            self.recover(peak);
        }
        if self.gain >= 1.0 {
            return (left, right);
        }
        let limited = |sample: f32| (sample * self.gain).clamp(-self.ceiling, self.ceiling);
        (limited(left), limited(right))
    }

    /// A block in place.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            (*l, *r) = self.process_frame(*l, *r);
        }
    }

    fn recover(&mut self, peak: f32) {
        if self.hold_left > 0 {
            self.hold_left -= 1;
            return;
        }
        let risen = self.gain + (1.0 - self.gain) * self.release;
        // Within 0.0001 dB of unity the rest is not worth a multiplication: be exact again.
        self.gain = if risen > 0.999_99 || risen <= self.gain { 1.0 } else { risen };
        if peak * self.gain > self.ceiling {
            self.gain = self.ceiling / peak;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_the_ceiling_not_one_bit_changes() {
        let mut limiter = SafetyLimiter::new(48_000.0, 1.0, 80.0);
        for sample in [1.0, -1.0, 0.123_456_79, 1.0e-40, 0.0] {
            assert_eq!(limiter.process_frame(sample, -sample), (sample, -sample));
        }
    }

    #[test]
    fn nothing_ever_passes_the_ceiling_and_transparency_returns() {
        let ceiling = 0.891_250_9;
        let mut limiter = SafetyLimiter::new(48_000.0, ceiling, 80.0);
        let mut seed = 7u32;
        for _ in 0..100_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let level = libm::exp2f((seed >> 27) as f32 - 16.0);
            let x = ((seed >> 8) as f32 / 8_388_608.0 - 1.0) * level;
            let (l, r) = limiter.process_frame(x, -0.5 * x);
            assert!(l.abs() <= ceiling && r.abs() <= ceiling);
        }
        for _ in 0..96_000 {
            limiter.process_frame(0.0, 0.0);
        }
        assert_eq!(limiter.process_frame(0.3, 0.2), (0.3, 0.2));
    }

    #[test]
    fn the_gain_comes_back_without_a_step() {
        let mut limiter = SafetyLimiter::new(48_000.0, 1.0, 50.0);
        limiter.process_frame(4.0, 4.0);
        assert_eq!(limiter.gain(), 0.25);
        let mut last = limiter.process_frame(0.5, 0.5).0;
        for _ in 0..48_000 {
            let now = limiter.process_frame(0.5, 0.5).0;
            assert!(now >= last && now - last < 0.001);
            last = now;
        }
        assert_eq!(last, 0.5);
    }

    #[test]
    fn damage_becomes_silence() {
        let mut limiter = SafetyLimiter::new(48_000.0, 1.0, 80.0);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(limiter.process_frame(bad, bad), (0.0, 0.0));
        }
        assert_eq!(limiter.process_frame(0.5, 0.5), (0.5, 0.5));
    }
}

//! First-order filters.

/// Coefficient of a one-pole low-pass with its -3 dB point at `hz_per_rate` (cutoff divided by sample rate).
pub fn one_pole_coefficient(hz_per_rate: f32) -> f32 {
    1.0 - libm::expf(-std::f32::consts::TAU * hz_per_rate.clamp(0.0, 0.49))
}

/// 6 dB per octave low-pass; subtract from the input for the high-pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnePole {
    coefficient: f32,
    state: f32,
}

impl OnePole {
    /// Cutoff and rate in Hz.
    pub fn new(cutoff_hz: f32, rate: f32) -> Self {
        Self { coefficient: one_pole_coefficient(cutoff_hz / rate), state: 0.0 }
    }

    /// Forgets the past.
    pub fn reset(&mut self) {
        self.state = 0.0;
    }

    /// Low-passed sample.
    #[inline(always)]
    pub fn low(&mut self, x: f32) -> f32 {
        self.state += self.coefficient * (x - self.state);
        self.state
    }

    /// High-passed sample.
    #[inline(always)]
    pub fn high(&mut self, x: f32) -> f32 {
        x - self.low(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_pass_keeps_dc_and_high_pass_removes_it() {
        let (mut low, mut high) = (OnePole::new(100.0, 1000.0), OnePole::new(100.0, 1000.0));
        let (mut a, mut b) = (0.0, 0.0);
        for _ in 0..100 {
            a = low.low(1.0);
            b = high.high(1.0);
        }
        assert!((a - 1.0).abs() < 1e-4 && b.abs() < 1e-4);
    }
}

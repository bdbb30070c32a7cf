//! Room: RT
//! Topology-preserving state-variable filter, 12 dB per octave.
//!
//! Formulas: A. Simper, "Solving the continuous SVF equations using trapezoidal integration and equivalent currents"
//! (Cytomic technical paper, 2013); the same structure as in V. Zavalishin, "The Art of VA Filter Design", chapter 4.
//! Both integrators keep their energy when the cutoff jumps, so it may move every frame.
use crate::guard::{clean, flush};

/// Coefficients for one cutoff and resonance; share them between channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvfCoefficients {
    a1: f32,
    a2: f32,
    a3: f32,
    k: f32,
}

impl SvfCoefficients {
    /// `cutoff_hz` is kept within 1 Hz..=0.49 of `rate`, `q` within 0.1..=50.0 (0.7071 is Butterworth).
    pub fn new(cutoff_hz: f32, q: f32, rate: f32) -> Self {
        let cutoff = if cutoff_hz.is_nan() { 1000.0 } else { cutoff_hz.clamp(1.0, 0.49 * rate.max(10.0)) };
        let q = if q.is_nan() { std::f32::consts::FRAC_1_SQRT_2 } else { q.clamp(0.1, 50.0) };
        let g = libm::tan(std::f64::consts::PI * f64::from(cutoff) / f64::from(rate.max(10.0)));
        let k = 1.0 / f64::from(q);
        let a1 = 1.0 / (1.0 + g * (g + k));
        Self { a1: a1 as f32, a2: (g * a1) as f32, a3: (g * g * a1) as f32, k: k as f32 }
    }
}

/// Every response of the filter for one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvfOutputs {
    /// 12 dB per octave low-pass.
    pub low: f32,
    /// Band-pass, peak gain `q`.
    pub band: f32,
    /// 12 dB per octave high-pass.
    pub high: f32,
    input: f32,
    k: f32,
}

impl SvfOutputs {
    /// Band-pass with 0 dB at its peak.
    pub fn band_unity(&self) -> f32 {
        self.k * self.band
    }

    /// Band stop.
    pub fn notch(&self) -> f32 {
        self.input - self.k * self.band
    }

    /// Second-order all-pass.
    pub fn all_pass(&self) -> f32 {
        self.input - 2.0 * self.k * self.band
    }

    /// Peaking or dipping bell: `gain` linear at the centre.
    pub fn bell(&self, gain: f32) -> f32 {
        self.input + (gain - 1.0) * self.k * self.band
    }
}

/// State of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Svf {
    ic1: f32,
    ic2: f32,
}

impl Svf {
    /// Silence in both integrators.
    pub fn new() -> Self {
        Self::default()
    }

    /// Silence again.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// One frame. NaN and infinities count as silence.
    #[inline]
    pub fn process(&mut self, input: f32, c: &SvfCoefficients) -> SvfOutputs {
        let input = clean(input);
        let v3 = input - self.ic2;
        let v1 = c.a1 * self.ic1 + c.a2 * v3;
        let v2 = self.ic2 + c.a2 * self.ic1 + c.a3 * v3;
        self.ic1 = flush(2.0 * v1 - self.ic1);
        self.ic2 = flush(2.0 * v2 - self.ic2);
        SvfOutputs { low: v2, band: v1, high: input - c.k * v1 - v2, input, k: c.k }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f32 = 48_000.0;

    /// Gain of one response at `hz`, measured with a sine.
    fn gain_at(hz: f32, c: &SvfCoefficients, pick: impl Fn(&SvfOutputs) -> f32) -> f32 {
        let mut svf = Svf::new();
        let mut energy = (0.0f64, 0.0f64);
        for frame in 0..48_000 {
            let x = libm::sin(std::f64::consts::TAU * f64::from(hz) * f64::from(frame) / f64::from(RATE)) as f32;
            let y = pick(&svf.process(x, c));
            if frame >= 24_000 {
                energy = (energy.0 + f64::from(x * x), energy.1 + f64::from(y * y));
            }
        }
        (energy.1 / energy.0).sqrt() as f32
    }

    #[test]
    fn responses_have_the_gains_of_a_second_order_filter() {
        let half_power = std::f32::consts::FRAC_1_SQRT_2;
        let c = SvfCoefficients::new(1000.0, half_power, RATE);
        assert!((gain_at(1000.0, &c, |o| o.low) - half_power).abs() < 0.005);
        assert!((gain_at(1000.0, &c, |o| o.high) - half_power).abs() < 0.005);
        assert!((gain_at(50.0, &c, |o| o.low) - 1.0).abs() < 0.005);
        assert!(gain_at(8000.0, &c, |o| o.low) < 0.02);
        assert!(gain_at(125.0, &c, |o| o.high) < 0.02);
        assert!(gain_at(1000.0, &c, |o| o.notch()) < 0.01);
        assert!((gain_at(1000.0, &c, |o| o.band_unity()) - 1.0).abs() < 0.005);
        assert!((gain_at(3000.0, &c, |o| o.all_pass()) - 1.0).abs() < 0.005);
        assert!((gain_at(1000.0, &c, |o| o.bell(2.0)) - 2.0).abs() < 0.01);
    }

    #[test]
    fn cutoff_may_jump_every_frame() {
        let mut svf = Svf::new();
        let mut noise = 1u32;
        let mut largest = 0.0f32;
        for _ in 0..200_000 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let cutoff = 20.0 + (noise >> 16) as f32 / 65_536.0 * 22_000.0;
            let x = (noise >> 8) as f32 / 8_388_608.0 - 1.0;
            let out = svf.process(x, &SvfCoefficients::new(cutoff, 4.0, RATE));
            largest = largest.max(out.low.abs()).max(out.high.abs());
        }
        assert!(largest < 50.0, "grew to {largest}");
    }

    #[test]
    fn damage_passes_without_harm_and_nothing_denormal_stays() {
        let c = SvfCoefficients::new(f32::NAN, f32::INFINITY, RATE);
        let mut svf = Svf::new();
        for bad in [f32::NAN, f32::INFINITY, f32::MIN, 1.0] {
            assert!(svf.process(bad, &c).low.is_finite());
        }
        let c = SvfCoefficients::new(100.0, 0.7, RATE);
        for _ in 0..480_000 {
            svf.process(0.0, &c);
            assert!(!svf.ic1.is_subnormal() && !svf.ic2.is_subnormal());
        }
        assert_eq!(svf, Svf::new());
    }
}

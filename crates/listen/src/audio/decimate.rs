//! Brings any sample rate down to some 12 kHz: chords live under 4 kHz.
use std::f64::consts::PI;

/// What the lower rate is near, in Hz.
const AIM_HZ: u32 = 12_000;
/// Length of the filter in samples at the lower rate.
const REACH: usize = 16;

/// Windowed-sinc low-pass and decimation by a whole factor.
#[derive(Debug)]
pub(crate) struct Decimator {
    factor: usize,
    taps: Vec<f32>,
    /// The last `taps.len()` samples, twice over, so that a window of them is always in one piece.
    history: Vec<f32>,
    at: usize,
    until_next: usize,
}

impl Decimator {
    /// For input at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        let factor = ((rate_hz + AIM_HZ / 2) / AIM_HZ).max(1) as usize;
        let taps = if factor == 1 { vec![1.0] } else { low_pass(factor) };
        let history = vec![0.0; 2 * taps.len()];
        Self { factor, taps, history, at: 0, until_next: 1 }
    }

    /// Input samples for each output sample.
    pub fn factor(&self) -> usize {
        self.factor
    }

    /// Input samples by which the output is late.
    pub fn delay(&self) -> usize {
        self.taps.len() / 2
    }

    /// Takes one sample; every `factor`th time there is one to give.
    pub fn push(&mut self, sample: f32) -> Option<f32> {
        let num_taps = self.taps.len();
        self.history[self.at] = sample;
        self.history[self.at + num_taps] = sample;
        self.at = (self.at + 1) % num_taps;
        self.until_next -= 1;
        if self.until_next > 0 {
            return None;
        }
        self.until_next = self.factor;
        let window = &self.history[self.at..self.at + num_taps];
        Some(dot(window, &self.taps))
    }
}

/// In eight sums side by side, which a processor adds at once; the order is the same on every system.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (whole_a, rest_a) = a.as_chunks::<8>();
    let (whole_b, rest_b) = b.as_chunks::<8>();
    for (a, b) in whole_a.iter().zip(whole_b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// -6 dB at 0.35 of the lower rate, Blackman window, 0 dB at 0 Hz.
fn low_pass(factor: usize) -> Vec<f32> {
    let half = (REACH * factor / 2) as i64;
    let cutoff = 0.35 / factor as f64;
    let tap = |n: i64| {
        let x = 2.0 * PI * cutoff * n as f64;
        let sinc = if n == 0 { 1.0 } else { libm::sin(x) / x };
        let phase = PI * n as f64 / half as f64;
        sinc * (0.42 + 0.5 * libm::cos(phase) + 0.08 * libm::cos(2.0 * phase))
    };
    let taps: Vec<f64> = (-half..=half).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| (tap / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(rate_hz: u32, tone_hz: f64) -> f32 {
        let mut decimator = Decimator::new(rate_hz);
        let tone = |n: u32| libm::sin(2.0 * PI * tone_hz * f64::from(n) / f64::from(rate_hz)) as f32;
        let out: Vec<f32> = (0..rate_hz).filter_map(|n| decimator.push(tone(n))).skip(1000).collect();
        (out.iter().map(|sample| sample * sample).sum::<f32>() / out.len() as f32).sqrt() * 2f32.sqrt()
    }

    #[test]
    fn keeps_what_chords_are_made_of_and_drops_what_would_fold() {
        for rate_hz in [44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
            assert!((level(rate_hz, 1000.0) - 1.0).abs() < 0.02, "{rate_hz}");
            assert!(level(rate_hz, 8500.0) < 0.002, "{rate_hz}: {}", level(rate_hz, 8500.0));
        }
    }
}

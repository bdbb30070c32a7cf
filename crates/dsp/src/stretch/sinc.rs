//! Interpolation tables: windowed sinc, one set per highest read rate, so that a pitch shift upwards does not alias.
use crate::window::{kaiser, sinc};
use std::sync::OnceLock;

/// Longest interpolator in taps.
pub(super) const MAX_TAPS: usize = 32;
/// Positions between two frames; weights in between are interpolated linearly (error below -90 dB).
const PHASES: usize = 128;
/// (highest read rate, taps)
const CLASSES: [(f64, usize); 6] = [(1.0, 16), (1.2, 16), (1.5, 24), (2.0, 24), (2.83, 32), (16.0, 32)];

/// Weights for one class of read rates.
#[derive(Debug)]
pub(super) struct Kernel {
    /// Taps per position; a multiple of 8.
    pub taps: usize,
    /// `PHASES + 1` rows of `taps` weights.
    rows: Vec<f32>,
}

impl Kernel {
    /// Weights for a position `fraction` (0.0..1.0) after tap `taps / 2 - 1`.
    #[inline]
    pub fn weights(&self, fraction: f64, out: &mut [f32; MAX_TAPS]) {
        let place = fraction * PHASES as f64;
        let phase = (place as usize).min(PHASES - 1);
        let t = (place - phase as f64) as f32;
        let start = phase * self.taps;
        let (Some(low), Some(high)) =
            (self.rows.get(start..start + self.taps), self.rows.get(start + self.taps..start + 2 * self.taps))
        else {
            return;
        };
        for ((slot, a), b) in out.iter_mut().zip(low).zip(high) {
            *slot = a + (b - a) * t;
        }
    }

    fn new(read_rate: f64, taps: usize) -> Self {
        // Leave a transition band of a sixth below the new half rate.
        let cutoff = 0.92 / read_rate.min(4.0);
        let mut rows = Vec::with_capacity((PHASES + 1) * taps);
        for phase in 0..=PHASES {
            let row: Vec<f64> = (0..taps)
                .map(|tap| {
                    let x = tap as f64 - (taps / 2 - 1) as f64 - phase as f64 / PHASES as f64;
                    sinc(x * cutoff) * kaiser(x / (taps / 2) as f64, 6.0)
                })
                .collect();
            let sum: f64 = row.iter().sum();
            rows.extend(row.iter().map(|weight| (weight / sum) as f32));
        }
        Self { taps, rows }
    }
}

/// All kernels of a process.
#[derive(Debug)]
pub(super) struct Kernels([Kernel; CLASSES.len()]);

impl Kernels {
    /// Built once per process, on the first call.
    pub fn shared() -> &'static Self {
        static KERNELS: OnceLock<Kernels> = OnceLock::new();
        KERNELS.get_or_init(|| Self(CLASSES.map(|(read_rate, taps)| Kernel::new(read_rate, taps))))
    }

    /// The one for `read_rate`.
    pub fn pick(&self, read_rate: f64) -> &Kernel {
        let Self([first, rest @ ..]) = self;
        CLASSES
            .iter()
            .zip(&self.0)
            .find(|((highest, _), _)| read_rate <= *highest)
            .map_or_else(|| rest.last().unwrap_or(first), |(_, kernel)| kernel)
    }
}

/// Sum of products over a multiple of 8 taps, in lanes that compilers turn into vectors; same bits everywhere.
#[inline]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for (x, y) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += x * y;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_read_between_its_frames() {
        let kernels = Kernels::shared();
        let source: Vec<f32> = (0..200).map(|n| libm::sin(f64::from(n) * 0.9) as f32).collect();
        for (read_rate, limit) in [(1.0, 2e-3), (1.1, 2e-3)] {
            let kernel = kernels.pick(read_rate);
            let mut weights = [0.0; MAX_TAPS];
            for step in 0..500 {
                let place = 60.0 + f64::from(step) * 0.1137;
                kernel.weights(place.fract(), &mut weights);
                let first = place as usize - (kernel.taps / 2 - 1);
                let got = dot(&weights[..kernel.taps], &source[first..first + kernel.taps]);
                assert!((f64::from(got) - libm::sin(place * 0.9)).abs() < limit, "{read_rate} {place} {got}");
            }
        }
    }
}

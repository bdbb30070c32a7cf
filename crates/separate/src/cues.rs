//! What each place of the spectrogram looks like: level, steadiness in time and in frequency, stereo, phase.
//!
//! Levels are powers in octaves (log2; 3 dB are one), relative to the mean of all audio.
use crate::bands::{Bands, NUM_BANDS};
use crate::median;
use crate::stft::POLLED_FRAMES;
use realfft::num_complex::Complex;
use std::ops::ControlFlow;

/// 2^-30, 90 dB under the mean: what is softer counts as silence.
const FLOOR: f32 = 9.3e-10;

/// Rows of [`NUM_BANDS`] values, one a frame.
type Plane = Vec<f32>;

/// All cues of a circle of frames.
pub(crate) struct Cues {
    num_frames: usize,
    pub(crate) level: Plane,
    /// Median of the level over 0.37 s: what lasts.
    pub(crate) steady: Plane,
    /// Median over 17 bands: what is broad.
    pub(crate) broad: Plane,
    /// How alike the channels are, -1.0..=1.0.
    pub(crate) alike: Plane,
    /// How evenly phases go on from frame to frame, -1.0..=1.0; a lasting tone has 1.
    pub(crate) phase: Plane,
}

impl Cues {
    /// Of the spectra of left and right, `num_bins` each frame. `None` when `go_on` breaks.
    pub(crate) fn of(
        spectra: [&[Complex<f32>]; 2],
        num_bins: usize,
        bands: &Bands,
        go_on: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Option<Cues> {
        let num_frames = spectra[0].len() / num_bins;
        let plane = || vec![0.0; num_frames * NUM_BANDS];
        let mut cues =
            Cues { num_frames, level: plane(), steady: plane(), broad: plane(), alike: plane(), phase: plane() };
        let power: f64 = spectra.iter().flat_map(|spectra| spectra.iter()).map(|bin| f64::from(bin.norm_sqr())).sum();
        let scale = (spectra[0].len() as f64 / power.max(f64::MIN_POSITIVE)).min(1e30) as f32;
        for frame in 0..num_frames {
            if frame % POLLED_FRAMES == 0 {
                go_on(0.6 * frame as f32 / num_frames as f32).continue_value()?;
            }
            cues.look(frame, spectra, num_bins, bands, scale);
        }
        for frame in 0..num_frames {
            if frame % POLLED_FRAMES == 0 {
                go_on(0.6 + 0.4 * frame as f32 / num_frames as f32).continue_value()?;
            }
            let row = frame * NUM_BANDS..(frame + 1) * NUM_BANDS;
            median::across_rows(&cues.level, NUM_BANDS, frame, &mut cues.steady[row.clone()]);
            median::along_row(&cues.level[row.clone()], &mut cues.broad[row]);
        }
        Some(cues)
    }

    /// Everything that one frame tells by itself, and its phases by the two before it.
    fn look(&mut self, frame: usize, spectra: [&[Complex<f32>]; 2], num_bins: usize, bands: &Bands, scale: f32) {
        let num_frames = self.num_frames;
        let row = |channel: usize, back: usize| {
            &spectra[channel][(frame + num_frames - back % num_frames) % num_frames * num_bins..][..num_bins]
        };
        let [left, right] = [row(0, 0), row(1, 0)];
        let (before, earlier) = ([row(0, 1), row(1, 1)], [row(0, 2), row(1, 2)]);
        for band in 0..NUM_BANDS {
            let bins = bands.bins(band, num_bins);
            let width = bins.len().max(1) as f32;
            let (mut powers, mut cross, mut turn) = ([0.0_f32; 2], Complex::<f32>::default(), (0.0_f32, FLOOR));
            for bin in bins {
                powers[0] += left[bin].norm_sqr();
                powers[1] += right[bin].norm_sqr();
                cross += left[bin] * right[bin].conj();
                let [now, last, first] =
                    [left[bin] + right[bin], before[0][bin] + before[1][bin], earlier[0][bin] + earlier[1][bin]];
                // A tone turns as far from the first to the last as from the last to now.
                let turned = now * first * (last * last).conj();
                let size = turned.norm_sqr().sqrt().sqrt();
                if size > 0.0 {
                    turn.0 += turned.re / size;
                    turn.1 += size;
                }
            }
            let sum = powers[0] + powers[1] + f32::MIN_POSITIVE;
            let place = frame * NUM_BANDS + band;
            self.level[place] = log2(sum * scale / width + FLOOR);
            self.alike[place] = cross.re / ((powers[0] * powers[1]).sqrt() + 1e-6 * sum);
            self.phase[place] = turn.0 / turn.1;
        }
    }

    pub(crate) fn row<'a>(&self, plane: &'a [f32], frame: usize) -> &'a [f32] {
        &plane[frame * NUM_BANDS..(frame + 1) * NUM_BANDS]
    }
}

/// Logarithm to base 2 of a positive, normal number, within 3e-04: exponent, and a cubic through the mantissa's.
fn log2(value: f32) -> f32 {
    let bits = value.to_bits();
    let exponent = (bits >> 23) as f32 - 127.0;
    let part = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000) - 1.0;
    // Least squares of log2(1 + x) - x over x * (1 - x), in x.
    let bend = 0.439973 + part * (-0.241665 + part * 0.082298);
    exponent + part + part * (1.0 - part) * bend
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_near_enough() {
        for step in 1..4000 {
            let value = step as f32 * 0.0137;
            assert!((log2(value) - libm::log2f(value)).abs() < 3e-3, "{value}: {}", log2(value));
        }
    }

    #[test]
    fn a_lasting_tone_is_steady_and_a_click_is_broad() {
        let num_frames = 40;
        let bins = 2049;
        let mut spectra = vec![Complex::new(1e-3, 0.0); num_frames * bins];
        for frame in 0..num_frames {
            spectra[frame * bins + 100] = Complex::from_polar(1.0, 0.3 * frame as f32);
        }
        spectra[20 * bins..21 * bins].fill(Complex::new(0.5, 0.0));
        let cues = Cues::of([&spectra, &spectra], bins, &Bands::new(), &mut |_| ControlFlow::Continue(())).unwrap();
        let at = |plane: &Plane, frame: usize, band: usize| plane[frame * NUM_BANDS + band];
        assert!(at(&cues.steady, 10, 100) > at(&cues.broad, 10, 100) + 10.0);
        assert!(at(&cues.broad, 20, 300) > at(&cues.steady, 20, 300) + 10.0);
        assert!(at(&cues.phase, 10, 100) > 0.99);
    }
}

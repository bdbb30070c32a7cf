//! What each place of the spectrogram looks like: levels, likeness of the channels, phase, and what is new in it.
//!
//! Levels are powers in octaves (log2; 3 dB are one), relative to the mean of all audio.
//! tools/separator_training/network.py computes the same.
use crate::bands::{Bands, NUM_BANDS};
use crate::stft::POLLED_FRAMES;
use fourier::num_complex::Complex;
use std::ops::ControlFlow;

/// Cues of a place: level of left and of right, likeness, phase, level above that of the frames near and far.
pub(crate) const NUM_CUES: usize = 6;
/// 2^-30, 90 dB under the mean: what is softer counts as silence.
const FLOOR: f32 = 9.3e-10;
/// Bins that a window has at 48 kHz up to the last band: the mean is over so many at any rate.
const MEAN_BINS: f64 = 2048.0;
/// Frames on either side that a level is compared with: 0.1 s and 0.34 s.
const REACHES: [usize; 2] = [4, 16];

/// All cues of a circle of frames: for each frame [`NUM_CUES`] rows of [`NUM_BANDS`] values of the order of 1.
pub(crate) struct Cues {
    values: Vec<f32>,
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
        let power: f64 = spectra.iter().flat_map(|spectra| spectra.iter()).map(|bin| f64::from(bin.norm_sqr())).sum();
        let scale = (num_frames as f64 * MEAN_BINS / power.max(f64::MIN_POSITIVE)).min(1e30) as f32;
        let mut cues = Cues { values: vec![0.0; num_frames * NUM_CUES * NUM_BANDS] };
        let mut levels = vec![0.0; num_frames * NUM_BANDS];
        for (frame, level) in levels.chunks_exact_mut(NUM_BANDS).enumerate() {
            if frame % POLLED_FRAMES == 0 {
                go_on(frame as f32 / num_frames as f32).continue_value()?;
            }
            let look = Look { spectra, num_bins, num_frames, scale };
            look.at(frame, bands, level, &mut cues.values[frame * NUM_CUES * NUM_BANDS..][..NUM_CUES * NUM_BANDS]);
        }
        for (number, reach) in REACHES.into_iter().enumerate() {
            cues.compare(&levels, reach, NUM_CUES - REACHES.len() + number);
        }
        Some(cues)
    }

    #[cfg(test)]
    pub(crate) fn from_values(values: Vec<f32>) -> Cues {
        Cues { values }
    }

    /// One cue of a frame.
    pub(crate) fn row(&self, frame: usize, cue: usize) -> &[f32] {
        &self.values[(frame * NUM_CUES + cue) * NUM_BANDS..][..NUM_BANDS]
    }

    /// Writes how far each level is above the mean of the frames around it, going round.
    fn compare(&mut self, levels: &[f32], reach: usize, cue: usize) {
        let num_frames = levels.len() / NUM_BANDS;
        let reach = reach.min((num_frames - 1) / 2);
        let row = |frame: usize| &levels[frame % num_frames * NUM_BANDS..][..NUM_BANDS];
        let mut sums = vec![0.0_f64; NUM_BANDS];
        let add = |sums: &mut [f64], frame: usize, sign: f64| {
            sums.iter_mut().zip(row(frame)).for_each(|(sum, level)| *sum += sign * f64::from(*level));
        };
        (0..=2 * reach).for_each(|ahead| add(&mut sums, num_frames + ahead - reach, 1.0));
        let share = 1.0 / (2 * reach + 1) as f64;
        for frame in 0..num_frames {
            let out = &mut self.values[(frame * NUM_CUES + cue) * NUM_BANDS..][..NUM_BANDS];
            for ((out, level), sum) in out.iter_mut().zip(row(frame)).zip(&sums) {
                *out = 0.25 * (level - (sum * share) as f32);
            }
            add(&mut sums, num_frames + frame - reach, -1.0);
            add(&mut sums, frame + reach + 1, 1.0);
        }
    }
}

/// What cues are taken from.
struct Look<'a> {
    spectra: [&'a [Complex<f32>]; 2],
    num_bins: usize,
    num_frames: usize,
    /// Makes the mean power 1.
    scale: f32,
}

impl Look<'_> {
    fn spectrum(&self, channel: usize, frame: usize, back: usize) -> &[Complex<f32>] {
        let number = (frame + self.num_frames - back % self.num_frames) % self.num_frames;
        &self.spectra[channel][number * self.num_bins..][..self.num_bins]
    }

    /// Writes the level of each band, and of the cues those that need no other levels.
    fn at(&self, frame: usize, bands: &Bands, level: &mut [f32], out: &mut [f32]) {
        let now = [self.spectrum(0, frame, 0), self.spectrum(1, frame, 0)];
        let before = [self.spectrum(0, frame, 1), self.spectrum(1, frame, 1)];
        let earlier = [self.spectrum(0, frame, 2), self.spectrum(1, frame, 2)];
        let middle = |of: [&[Complex<f32>]; 2], bin: usize| of[0][bin] + of[1][bin];
        for band in 0..NUM_BANDS {
            let bins = bands.bins(band, self.num_bins);
            let scale = self.scale / bins.len().max(1) as f32;
            let (mut powers, mut cross, mut turn) = ([0.0_f32; 2], 0.0_f32, (0.0_f32, FLOOR));
            for bin in bins {
                powers[0] += now[0][bin].norm_sqr();
                powers[1] += now[1][bin].norm_sqr();
                cross += now[0][bin].re * now[1][bin].re + now[0][bin].im * now[1][bin].im;
                // A tone turns as far from the first to the last as from the last to now.
                let last = middle(before, bin);
                let turned = middle(now, bin) * middle(earlier, bin) * (last * last).conj();
                let size = turned.norm_sqr().sqrt().sqrt();
                if size > 0.0 {
                    turn.0 += turned.re / size;
                    turn.1 += size;
                }
            }
            let total = powers[0] + powers[1];
            level[band] = log2(total * scale + FLOOR);
            out[band] = 0.1 * log2(powers[0] * scale + FLOOR);
            out[NUM_BANDS + band] = 0.1 * log2(powers[1] * scale + FLOOR);
            out[2 * NUM_BANDS + band] = cross / ((powers[0] * powers[1]).sqrt() + 1e-6 * total + f32::MIN_POSITIVE);
            out[3 * NUM_BANDS + band] = turn.0 / turn.1;
        }
    }
}

/// Logarithm to base 2 of a positive, normal number, within 3e-03: exponent, and a cubic through the mantissa's.
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
    fn a_lasting_tone_turns_evenly_and_a_click_is_new() {
        let (num_frames, num_bins) = (40, 2049);
        let mut spectra = vec![Complex::new(1e-3, 0.0); num_frames * num_bins];
        for frame in 0..num_frames {
            spectra[frame * num_bins + 100] = Complex::from_polar(1.0, 0.3 * frame as f32);
        }
        spectra[20 * num_bins + 200..20 * num_bins + 500].fill(Complex::new(0.5, 0.0));
        let mut go_on = |_| ControlFlow::Continue(());
        let cues = Cues::of([&spectra, &spectra], num_bins, &Bands::new(), &mut go_on).unwrap();
        assert!(cues.row(10, 3)[100] > 0.99 && cues.row(10, 2)[100] > 0.99);
        assert!(cues.row(10, 4)[100].abs() < 1e-5 && cues.row(20, 5)[210] > 3.0);
        assert_eq!(cues.row(10, 0)[100], cues.row(10, 1)[100]);
    }
}

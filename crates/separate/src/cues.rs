#![cfg_attr(not(feature = "training"), allow(dead_code))]
//! What each place of the spectrogram looks like: level, steadiness in time and in frequency, stereo, phase, harmonics.
//!
//! Levels are powers in octaves (log2; 3 dB are one), relative to the mean of all audio.
use crate::bands::{Bands, NUM_BANDS};
use crate::median;
use crate::stft::POLLED_FRAMES;
use realfft::num_complex::Complex;
use std::ops::ControlFlow;

/// Cues of one place, in the order of [`Cues::frame`].
pub(crate) const NUM_CUES: usize = 21;
/// Groups of bands in the context, and the frames it looks at, a quarter of a window apart.
const NUM_GROUPS: usize = 48;
const CONTEXT_FRAMES: [isize; 9] = [-8, -4, -2, -1, 0, 1, 2, 4, 8];
/// What is around a frame, in the order of [`Cues::context`].
pub(crate) const NUM_CONTEXT: usize = NUM_GROUPS * (CONTEXT_FRAMES.len() + 1);
/// Rows between the values of the long median: 17 values 4 frames apart are 1.4 s.
const LONG_STEP: usize = 4;
/// 2^-30, 90 dB under the mean: what is softer counts as silence.
const FLOOR: f32 = 9.3e-10;

/// Rows of [`NUM_BANDS`] values, one a frame.
type Plane = Vec<f32>;

/// All cues of a circle of frames.
pub(crate) struct Cues {
    pub(crate) num_frames: usize,
    pub(crate) level: Plane,
    /// Median of the level over 0.37 s: what lasts.
    pub(crate) steady: Plane,
    /// Median over 1.4 s.
    long: Plane,
    /// Median over 17 bands: what is broad.
    pub(crate) broad: Plane,
    /// Difference over sum of the channels, as levels.
    side: Plane,
    /// How far from the middle, 0.0..=1.0.
    pan: Plane,
    /// How alike the channels are, -1.0..=1.0.
    pub(crate) alike: Plane,
    /// How evenly phases go on from frame to frame, -1.0..=1.0; a lasting tone has 1.
    pub(crate) phase: Plane,
    /// Mean level of each band.
    mean: Vec<f32>,
    /// Bands an octave and a twelfth above and below.
    relatives: [Vec<usize>; 4],
    /// First band of each group, and the end of the last.
    groups: Vec<usize>,
    /// Mean level of each group, a row a frame.
    summary: Vec<f32>,
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
        let mut cues = Cues {
            num_frames,
            level: plane(),
            steady: plane(),
            long: plane(),
            broad: plane(),
            side: plane(),
            pan: plane(),
            alike: plane(),
            phase: plane(),
            mean: vec![0.0; NUM_BANDS],
            relatives: relatives(bands),
            groups: groups(bands),
            summary: Vec::new(),
        };
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
            median::across_rows(&cues.level, NUM_BANDS, frame, 1, &mut cues.steady[row.clone()]);
            median::across_rows(&cues.level, NUM_BANDS, frame, LONG_STEP, &mut cues.long[row.clone()]);
            median::along_row(&cues.level[row.clone()], &mut cues.broad[row]);
        }
        let summary = cues.level.chunks_exact(NUM_BANDS).flat_map(|level| cues.summed(level)).collect();
        cues.summary = summary;
        Some(cues)
    }

    fn summed(&self, level: &[f32]) -> Vec<f32> {
        let mean = |edges: &[usize]| {
            let levels = &level[edges[0]..edges[1]];
            0.1 * levels.iter().sum::<f32>() / levels.len() as f32
        };
        self.groups.windows(2).map(mean).collect()
    }

    /// Writes what is around a frame: levels of the groups in the frames near it, then their mean over everything;
    /// [`NUM_CONTEXT`] values.
    pub(crate) fn context(&self, frame: usize, out: &mut [f32]) {
        let (near, all) = out.split_at_mut(NUM_GROUPS * CONTEXT_FRAMES.len());
        for (out, ahead) in near.chunks_exact_mut(NUM_GROUPS).zip(CONTEXT_FRAMES) {
            let number = (frame as isize + ahead).rem_euclid(self.num_frames as isize) as usize;
            out.copy_from_slice(&self.summary[number * NUM_GROUPS..][..NUM_GROUPS]);
        }
        all.copy_from_slice(&self.summed(&self.mean));
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
            let (middle, side) = (sum + 2.0 * cross.re, sum - 2.0 * cross.re);
            self.side[place] = log2((side.max(0.0) + 1e-3 * sum) / (middle.max(0.0) + 1e-3 * sum));
            self.pan[place] = (powers[0] - powers[1]).abs() / sum;
            self.alike[place] = cross.re / ((powers[0] * powers[1]).sqrt() + 1e-6 * sum);
            self.phase[place] = turn.0 / turn.1;
            self.mean[band] += self.level[place] / num_frames as f32;
        }
    }

    pub(crate) fn row<'a>(&self, plane: &'a [f32], frame: usize) -> &'a [f32] {
        &plane[frame * NUM_BANDS..(frame + 1) * NUM_BANDS]
    }

    /// The level `ahead` frames later (earlier if negative), going round.
    pub(crate) fn level_at(&self, frame: usize, ahead: isize) -> &[f32] {
        let number = (frame as isize + ahead).rem_euclid(self.num_frames as isize);
        self.row(&self.level, number as usize)
    }

    /// Writes all cues of a frame: [`NUM_CUES`] rows of [`NUM_BANDS`] values, of the order of 1.
    pub(crate) fn frame(&self, frame: usize, out: &mut [f32]) {
        let level = self.level_at(frame, 0);
        let mut rows = out.chunks_exact_mut(NUM_BANDS);
        let mut put = |value: &dyn Fn(usize) -> f32| {
            if let Some(row) = rows.next() {
                row.iter_mut().enumerate().for_each(|(band, out)| *out = value(band));
            }
        };
        let above = |other: &[f32], band: usize| (0.25 * (level[band] - other[band])).clamp(-4.0, 4.0);
        put(&|band| 0.1 * level[band]);
        for plane in [&self.steady, &self.broad, &self.long] {
            let other = self.row(plane, frame);
            put(&|band| above(other, band));
        }
        for ahead in [-1, 1, -2, 2] {
            let other = self.level_at(frame, ahead);
            put(&|band| above(other, band));
        }
        for shift in [-1_isize, 1, -2, 2] {
            let near = |band: usize| band.saturating_add_signed(shift).min(NUM_BANDS - 1);
            put(&|band| (0.25 * (level[band] - level[near(band)])).clamp(-4.0, 4.0));
        }
        put(&|band| above(&self.mean, band));
        for (plane, scale) in [(&self.side, 0.2), (&self.pan, 1.0), (&self.alike, 1.0), (&self.phase, 1.0)] {
            let values = self.row(plane, frame);
            put(&|band| scale * values[band]);
        }
        for relative in &self.relatives {
            put(&|band| (0.25 * (level[band] - level[relative[band]])).clamp(-4.0, 4.0));
        }
    }
}

fn relatives(bands: &Bands) -> [Vec<usize>; 4] {
    [2.0, 3.0, 0.5, 1.0 / 3.0].map(|ratio: f32| {
        (0..NUM_BANDS).map(|band| bands.of_bin((bands.centre(band) * ratio).round() as usize)).collect()
    })
}

/// Sixteen single bands from 23 Hz, then evenly in octaves to 24 kHz.
fn groups(bands: &Bands) -> Vec<usize> {
    let single = 2..18;
    let wide = (0..=NUM_GROUPS - single.len()).map(|number| {
        let octaves = number as f32 / (NUM_GROUPS - 16) as f32 * libm::log2f(2047.0 / 18.0);
        bands.of_bin((18.0 * libm::exp2f(octaves)).round() as usize)
    });
    single.chain(wide).collect()
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

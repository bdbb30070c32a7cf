//! Short-time Fourier transforms of stereo audio in the layout that separators take: four planes, left real, left
//! imaginary, right real, right imaginary, each a row of frames for every bin.
use fourier::num_complex::Complex;
use fourier::{ComplexToReal, RealToComplex};
use std::sync::Arc;

/// Frames that are turned at once from time-major to bin-major order: one cache line of f32.
const BLOCK: usize = 16;

/// A periodic Hann window and its transform. Not the window's centre but its first sample is where a frame begins; who
/// wants centred frames pads first.
pub(crate) struct Stft {
    size: usize,
    hop: usize,
    window: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

/// How large a set of planes is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlaneSize {
    /// Bins that are kept, from 0 Hz up.
    pub(crate) bins: usize,
    /// Frames in time.
    pub(crate) frames: usize,
}

impl PlaneSize {
    fn len(self) -> usize {
        self.bins * self.frames
    }
}

impl Stft {
    /// `size` frames a window, even; `hop` frames from one to the next.
    pub(crate) fn new(size: usize, hop: usize) -> Self {
        let turn = std::f64::consts::TAU / size as f64;
        let window = (0..size).map(|i| (0.5 - 0.5 * libm::cos(turn * i as f64)) as f32).collect();
        Self { size, hop, window, forward: fourier::forward(size), inverse: fourier::inverse(size) }
    }

    /// How many samples a transform of so many frames needs or gives.
    pub(crate) fn num_samples(&self, frames: usize) -> usize {
        frames.saturating_sub(1) * self.hop + self.size
    }

    /// Four planes of `size`, every value times `scale`. Samples past the end count as silence.
    pub(crate) fn planes(&self, audio: [&[f32]; 2], size: PlaneSize, scale: f32) -> Vec<f32> {
        let mut planes = vec![0.0; 4 * size.len()];
        let mut frame = vec![0.0; self.size];
        let mut spectra = vec![vec![Complex::default(); self.size / 2 + 1]; BLOCK];
        let mut scratch = self.forward.make_scratch_vec();
        for (channel, pair) in audio.iter().zip(planes.chunks_exact_mut(2 * size.len())) {
            let (real, imaginary) = pair.split_at_mut(size.len());
            for first in (0..size.frames).step_by(BLOCK) {
                let count = BLOCK.min(size.frames - first);
                for (place, spectrum) in spectra[..count].iter_mut().enumerate() {
                    let start = (first + place) * self.hop;
                    let samples = channel.get(start..).unwrap_or_default();
                    frame.fill(0.0);
                    for ((out, sample), weight) in frame.iter_mut().zip(samples).zip(&self.window) {
                        *out = sample * weight * scale;
                    }
                    // Lengths are those the plan was made for; it has no other error.
                    self.forward.process_with_scratch(&mut frame, spectrum, &mut scratch).ok();
                }
                for bin in 0..size.bins {
                    let row = bin * size.frames + first..bin * size.frames + first + count;
                    let outs = real[row.clone()].iter_mut().zip(&mut imaginary[row]);
                    for ((re, im), spectrum) in outs.zip(&spectra) {
                        (*re, *im) = (spectrum[bin].re, spectrum[bin].im);
                    }
                }
            }
        }
        planes
    }

    /// Adds what four planes sound like to two channels: windowed frames, overlapped, every value times `scale`. With a
    /// forward `scale` of 1 the sum is `size` times too large and weighted by [`Stft::envelope`]. Missing bins are zero.
    pub(crate) fn add_planes(&self, planes: &[f32], size: PlaneSize, scale: f32, audio: [&mut [f32]; 2]) {
        let mut spectra = vec![vec![Complex::default(); self.size / 2 + 1]; BLOCK];
        let (mut frame, mut scratch) = (vec![0.0; self.size], self.inverse.make_scratch_vec());
        for (channel, pair) in audio.into_iter().zip(planes.chunks_exact(2 * size.len())) {
            let (real, imaginary) = pair.split_at(size.len());
            for first in (0..size.frames).step_by(BLOCK) {
                let count = BLOCK.min(size.frames - first);
                for bin in 0..size.bins {
                    let row = bin * size.frames + first..bin * size.frames + first + count;
                    let values = real[row.clone()].iter().zip(&imaginary[row]);
                    for ((re, im), spectrum) in values.zip(&mut spectra) {
                        spectrum[bin] = Complex::new(*re, *im);
                    }
                }
                for (place, spectrum) in spectra[..count].iter_mut().enumerate() {
                    for bin in &mut spectrum[size.bins..] {
                        *bin = Complex::default();
                    }
                    // A real signal has nothing there; models leave something.
                    spectrum[0].im = 0.0;
                    spectrum[self.size / 2].im = 0.0;
                    self.inverse.process_with_scratch(spectrum, &mut frame, &mut scratch).ok();
                    let start = (first + place) * self.hop;
                    let outs = channel.get_mut(start..).unwrap_or_default();
                    for ((out, sample), weight) in outs.iter_mut().zip(&frame).zip(&self.window) {
                        *out += sample * weight * scale;
                    }
                }
            }
        }
    }

    /// What the squared windows of so many frames add up to at each sample.
    pub(crate) fn envelope(&self, frames: usize) -> Vec<f32> {
        let mut envelope = vec![0.0; self.num_samples(frames)];
        for start in (0..frames).map(|frame| frame * self.hop) {
            for (out, weight) in envelope[start..].iter_mut().zip(&self.window) {
                *out += weight * weight;
            }
        }
        envelope
    }
}

/// `left` samples before and `right` after, mirrored at the first and the last sample, which are not repeated. A signal
/// that is shorter than the mirror is mirrored again.
pub(crate) fn reflect_padded(audio: &[f32], left: usize, right: usize) -> Vec<f32> {
    let last = audio.len().saturating_sub(1);
    let period = (2 * last).max(1);
    let mirrored = |at: usize| {
        // `at` counts from a whole number of periods before the first sample.
        let place = at % period;
        audio.get(if place > last { period - place } else { place }).copied().unwrap_or(0.0)
    };
    let shift = left.div_ceil(period) * period - left;
    (0..left + audio.len() + right).map(|i| mirrored(shift + i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_repeat_no_edge() {
        assert_eq!(reflect_padded(&[1.0, 2.0, 3.0], 2, 2), [3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0]);
        assert_eq!(reflect_padded(&[1.0, 2.0], 3, 3), [2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0]);
        assert_eq!(reflect_padded(&[5.0], 1, 1), [5.0; 3]);
        assert_eq!(reflect_padded(&[], 1, 0), [0.0]);
    }

    #[test]
    fn there_and_back_is_the_same_but_for_the_window() {
        for (size, hop) in [(64, 16), (96, 16)] {
            let (stft, frames) = (Stft::new(size, hop), 21);
            let planes = PlaneSize { bins: size / 2 + 1, frames };
            let left: Vec<f32> = (0..stft.num_samples(frames)).map(|i| ((i * 37 % 101) as f32) / 101.0 - 0.5).collect();
            let right: Vec<f32> = left.iter().map(|value| -value * 0.5).collect();
            let spectrum = stft.planes([&left, &right], planes, 1.0);
            let (mut a, mut b) = (vec![0.0; left.len()], vec![0.0; left.len()]);
            stft.add_planes(&spectrum, planes, 1.0 / size as f32, [&mut a, &mut b]);
            let envelope = stft.envelope(frames);
            for i in size..left.len() - size {
                assert!((a[i] / envelope[i] - left[i]).abs() < 1e-5 && (b[i] / envelope[i] - right[i]).abs() < 1e-5);
            }
        }
    }
}

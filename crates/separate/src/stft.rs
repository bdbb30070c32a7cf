//! Short-time Fourier transform of a circle: what comes after the last sample is the first one.
//!
//! Audio with ends is made a circle by a window's length of silence (`sections.rs`).
use fourier::num_complex::Complex;
use fourier::{ComplexToReal, RealToComplex};
use std::ops::ControlFlow;
use std::sync::Arc;
use take::SampleRate;

/// Window at 48 kHz; bins are then 11.7 Hz apart. Other rates get nearly the same spacing.
const WINDOW_AT_48K: f64 = 4096.0;
/// Windows that overlap at any moment.
const OVERLAP: usize = 4;

/// Frames between two questions whether to go on; some milliseconds of work.
pub(crate) const POLLED_FRAMES: usize = 32;

/// Spectra of one channel, a frame after the other.
pub(crate) type Spectra = Vec<Complex<f32>>;

/// Transforms of circles of one length.
pub(crate) struct Stft {
    num_samples: usize,
    starts: Vec<usize>,
    window: Vec<f32>,
    /// One over what the squared windows add up to, sample by sample; with the transform's own factor.
    weight: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Stft {
    /// For circles of `num_samples`, at least 1. Frames lie evenly on the circle, at most a quarter of a window apart.
    pub(crate) fn new(num_samples: usize, rate: SampleRate) -> Self {
        let size = window_size(rate);
        let num_frames = num_samples.div_ceil(size / OVERLAP).max(OVERLAP);
        let starts = (0..num_frames).map(|frame| frame * num_samples / num_frames).collect();
        let turn = std::f64::consts::TAU / size as f64;
        let window: Vec<f32> = (0..size).map(|i| (0.5 - 0.5 * libm::cos(turn * i as f64)) as f32).collect();
        let (forward, inverse) = (fourier::forward(size), fourier::inverse(size));
        let mut stft = Self { num_samples, starts, window, weight: Vec::new(), forward, inverse };
        let mut sum = vec![0.0_f32; num_samples];
        let squares: Vec<f32> = stft.window.iter().map(|value| value * value).collect();
        (0..stft.num_frames()).for_each(|frame| stft.add(frame, &squares, &mut sum));
        stft.weight = sum.iter().map(|sum| 1.0 / (sum * size as f32)).collect();
        stft
    }

    pub(crate) fn num_frames(&self) -> usize {
        self.starts.len()
    }

    /// Bins of a frame, 0 Hz and half the rate among them.
    pub(crate) fn num_bins(&self) -> usize {
        self.window.len() / 2 + 1
    }

    /// All spectra of `channel`, which is as long as the circle. `None` when `go_on`, asked every some frames, breaks.
    pub(crate) fn spectra(&self, channel: &[f32], go_on: &mut dyn FnMut() -> ControlFlow<()>) -> Option<Spectra> {
        let num_bins = self.num_bins();
        let mut spectra = vec![Complex::default(); num_bins * self.num_frames()];
        let (mut frame, mut scratch) = (self.forward.make_input_vec(), self.forward.make_scratch_vec());
        for (number, spectrum) in spectra.chunks_exact_mut(num_bins).enumerate() {
            if number % POLLED_FRAMES == 0 {
                go_on().continue_value()?;
            }
            let mut place = self.starts[number];
            for (out, weight) in frame.iter_mut().zip(&self.window) {
                *out = channel[place] * weight;
                place += 1;
                if place == self.num_samples {
                    place = 0;
                }
            }
            // Lengths are those the plan was made for; it has no other error.
            self.forward.process_with_scratch(&mut frame, spectrum, &mut scratch).ok();
        }
        Some(spectra)
    }

    /// Audio of the spectra that `spectrum` writes, frame by frame. `None` when `go_on` breaks.
    pub(crate) fn audio(
        &self,
        mut spectrum: impl FnMut(usize, &mut [Complex<f32>]),
        go_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; self.num_samples];
        let mut bins = self.inverse.make_input_vec();
        let (mut frame, mut scratch) = (self.inverse.make_output_vec(), self.inverse.make_scratch_vec());
        for number in 0..self.num_frames() {
            if number % POLLED_FRAMES == 0 {
                go_on().continue_value()?;
            }
            spectrum(number, &mut bins);
            // The only other error: these two must be real.
            bins[0].im = 0.0;
            if let Some(last) = bins.last_mut() {
                last.im = 0.0;
            }
            self.inverse.process_with_scratch(&mut bins, &mut frame, &mut scratch).ok();
            for (out, weight) in frame.iter_mut().zip(&self.window) {
                *out *= weight;
            }
            self.add(number, &frame, &mut sum);
        }
        sum.iter_mut().zip(&self.weight).for_each(|(out, weight)| *out *= weight);
        Some(sum)
    }

    /// Adds a window's length of `frame` onto the circle.
    fn add(&self, number: usize, frame: &[f32], sum: &mut [f32]) {
        let mut place = self.starts[number];
        let mut rest = frame;
        while !rest.is_empty() {
            let count = rest.len().min(sum.len() - place);
            let (now, later) = rest.split_at(count);
            sum[place..place + count].iter_mut().zip(now).for_each(|(sum, value)| *sum += value);
            (rest, place) = (later, 0);
        }
    }
}

/// Samples of a window: near 85 ms, even, and with no prime factor above 7, which transforms fast.
pub(crate) fn window_size(rate: SampleRate) -> usize {
    let wanted = (WINDOW_AT_48K * f64::from(rate.get()) / 48_000.0).round() as usize;
    let is_smooth = |size: &usize| {
        let rest = [2, 3, 5, 7].iter().fold(*size, |mut rest, prime| {
            while rest.is_multiple_of(*prime) {
                rest /= prime;
            }
            rest
        });
        size.is_multiple_of(2) && rest == 1
    };
    // Such numbers are never far from each other; a rate of nothing has the shortest window.
    (wanted.max(2 * OVERLAP)..).find(is_smooth).unwrap_or(WINDOW_AT_48K as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spectra_of_a_circle_give_its_audio_back() {
        for num_samples in [1, 100, 4096, 10_007] {
            let channel: Vec<f32> = (0..num_samples).map(|n| ((n * n) as f32 * 0.37).sin()).collect();
            let stft = Stft::new(num_samples, SampleRate::DEFAULT);
            let mut go_on = || ControlFlow::Continue(());
            let spectra = stft.spectra(&channel, &mut go_on).unwrap();
            let copy = |frame: usize, bins: &mut [Complex<f32>]| {
                bins.copy_from_slice(&spectra[frame * stft.num_bins()..][..bins.len()]);
            };
            let back = stft.audio(copy, &mut go_on).unwrap();
            let worst = channel.iter().zip(&back).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
            assert!(worst < 2e-6, "{num_samples}: {worst}");
        }
    }

    #[test]
    fn windows_are_near_85_ms_at_any_rate() {
        for rate_hz in [8_000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000] {
            let size = window_size(SampleRate::new(rate_hz).unwrap());
            let wanted = 4096.0 * f64::from(rate_hz) / 48_000.0;
            assert!((size as f64 / wanted - 1.0).abs() < 0.04, "{rate_hz}: {size}");
        }
        assert_eq!(window_size(SampleRate::DEFAULT), 4096);
    }
}

//! The partials of a short stretch of sound: peaks of its spectrum, with exact pitches.
use fourier::RealToComplex;
use fourier::num_complex::Complex;
use std::sync::Arc;

/// Partials kept of one stretch, the loudest.
pub(crate) const MAX_PARTIALS: usize = 48;
/// Lowest and highest frequency looked at, in Hz: E1 to B7.
const RANGE_HZ: (f32, f32) = (40.0, 4000.0);
/// Amplitude under which a peak is nothing: -80 dBFS.
const LEAST_AMPLITUDE: f32 = 1e-4;
/// Share of the loudest partial under which a peak is a side lobe or noise: -54 dB.
const LEAST_SHARE: f32 = 2e-3;

/// One partial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Partial {
    /// MIDI pitch at 440 Hz, with fractions.
    pub pitch: f32,
    /// Linear amplitude, 1.0 = full scale.
    pub amplitude: f32,
}

/// Fourier transform of fixed length with its memory.
pub(crate) struct Spectrum {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    output: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Natural logarithm of the amplitude of each bin.
    ln_amplitude: Vec<f32>,
    bin_hz: f32,
}

impl std::fmt::Debug for Spectrum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spectrum").field("len", &self.window.len()).field("bin_hz", &self.bin_hz).finish()
    }
}

impl Spectrum {
    /// For `len` samples (even) at `rate_hz`.
    pub fn new(len: usize, rate_hz: f32) -> Self {
        let transform = fourier::forward(len);
        let hann = |n: usize| 0.5 - 0.5 * libm::cosf(2.0 * std::f32::consts::PI * n as f32 / len as f32);
        Self {
            window: (0..len).map(hann).collect(),
            input: transform.make_input_vec(),
            output: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            ln_amplitude: vec![0.0; len / 2 + 1],
            bin_hz: rate_hz / len as f32,
            transform,
        }
    }

    /// Replaces `partials` by those of `samples`, loudest first, at most [`MAX_PARTIALS`].
    pub fn partials(&mut self, samples: &[f32], partials: &mut Vec<Partial>) {
        partials.clear();
        let windowed = samples.iter().zip(&self.window).map(|(sample, window)| sample * window);
        self.input.iter_mut().zip(windowed).for_each(|(slot, sample)| *slot = sample);
        if self.transform.process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch).is_err() {
            return;
        }
        // A full-scale sine has an amplitude of len / 4 under a Hann window.
        let scale = 4.0 / self.window.len() as f32;
        for (ln, bin) in self.ln_amplitude.iter_mut().zip(&self.output) {
            *ln = 0.5 * libm::logf(bin.norm_sqr() * scale * scale + 1e-20);
        }
        self.find_peaks(partials);
    }

    fn find_peaks(&self, partials: &mut Vec<Partial>) {
        let bin = |hz: f32| ((hz / self.bin_hz) as usize).clamp(2, self.ln_amplitude.len() - 3);
        let range = bin(RANGE_HZ.0)..bin(RANGE_HZ.1);
        let loudest = self.ln_amplitude[range.clone()].iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let floor = (loudest + libm::logf(LEAST_SHARE)).max(libm::logf(LEAST_AMPLITUDE));
        for at in range {
            let [before, here, after] = [self.ln_amplitude[at - 1], self.ln_amplitude[at], self.ln_amplitude[at + 1]];
            if here < floor || here <= before || here < after {
                continue;
            }
            // The top of the parabola through three logarithmic amplitudes.
            let curve = before - 2.0 * here + after;
            let shift = if curve < 0.0 { (0.5 * (before - after) / curve).clamp(-0.5, 0.5) } else { 0.0 };
            let amplitude = libm::expf(here - 0.25 * (before - after) * shift);
            let hz = (at as f32 + shift) * self.bin_hz;
            insert(partials, Partial { pitch: 69.0 + 12.0 * libm::log2f(hz / 440.0), amplitude });
        }
    }
}

/// Keeps `partials` sorted and short without allocating.
fn insert(partials: &mut Vec<Partial>, partial: Partial) {
    let at = partials.partition_point(|known| known.amplitude >= partial.amplitude);
    if partials.len() == MAX_PARTIALS {
        if at == MAX_PARTIALS {
            return;
        }
        partials.pop();
    }
    partials.insert(at, partial);
}

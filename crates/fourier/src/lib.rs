//! Fourier transforms of real signals, planned in one place.
//!
//! A planner of `realfft` is generic: every crate that calls one compiles all of its algorithms anew, a minute each. Behind
//! these two functions they are compiled once.
pub use realfft::num_complex;
pub use realfft::{ComplexToReal, RealToComplex};

use realfft::RealFftPlanner;
use std::sync::Arc;

/// From `len` samples to `len / 2 + 1` bins, not scaled. Allocates; running it does not, with buffers of its own making.
pub fn forward(len: usize) -> Arc<dyn RealToComplex<f32>> {
    RealFftPlanner::new().plan_fft_forward(len)
}

/// From `len / 2 + 1` bins to `len` samples, not scaled: after [`forward`], `len` times the signal.
pub fn inverse(len: usize) -> Arc<dyn ComplexToReal<f32>> {
    RealFftPlanner::new().plan_fft_inverse(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_signal_times_its_length() {
        for len in [8, 30, 4096] {
            let (there, back) = (forward(len), inverse(len));
            let signal: Vec<f32> = (0..len).map(|i| (i * 37 % 11) as f32 / 11.0).collect();
            let (mut input, mut bins, mut output) = (signal.clone(), there.make_output_vec(), back.make_output_vec());
            there.process(&mut input, &mut bins).unwrap();
            back.process(&mut bins, &mut output).unwrap();
            for (was, is) in signal.iter().zip(&output) {
                assert!((was - is / len as f32).abs() < 1e-5, "{was} {is}");
            }
        }
    }
}

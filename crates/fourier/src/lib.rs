//! Fourier transforms of real signals, and sample-rate conversion by them, in one place.
//!
//! A planner of `realfft` is generic: every crate that calls one compiles all of its algorithms anew, a minute each. Behind
//! these functions they are compiled once.
mod resample;

pub use resample::ChunkResampler;

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

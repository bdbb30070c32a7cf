//! Sample-rate conversion by Fourier transforms: rubato's, one channel, in pieces of one length.
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

/// Brings one channel from a rate to another.
pub struct ChunkResampler {
    inner: Fft<f32>,
}

impl ChunkResampler {
    /// For pieces of at least `chunk_frames`, as long as the ratio of the two rates, in hertz, allows.
    ///
    /// # Errors
    /// What the resampler says against the rates.
    pub fn new(from_hz: usize, to_hz: usize, chunk_frames: usize) -> Result<Self, String> {
        let inner = Fft::new(from_hz, to_hz, chunk_frames, 1, FixedSync::Both);
        Ok(Self { inner: inner.map_err(|error| error.to_string())? })
    }

    /// Frames that every call of [`Self::process`] takes.
    pub fn num_in(&self) -> usize {
        self.inner.input_frames_next()
    }

    /// Frames that every call of [`Self::process`] gives.
    pub fn num_out(&self) -> usize {
        self.inner.output_frames_next()
    }

    /// Frames by which the output is late.
    pub fn delay_frames(&self) -> usize {
        self.inner.output_delay()
    }

    /// The next piece: `input` of [`Self::num_in`] frames, `output` of [`Self::num_out`].
    ///
    /// # Errors
    /// Pieces of other lengths.
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) -> Result<(), String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let num_out = output.len();
        let from = InterleavedSlice::new(input, 1, input.len()).map_err(|error| told(&error))?;
        let mut to = InterleavedSlice::new_mut(output, 1, num_out).map_err(|error| told(&error))?;
        self.inner.process_into_buffer(&from, &mut to, None).map_err(|error| told(&error))?;
        Ok(())
    }
}

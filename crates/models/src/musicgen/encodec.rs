//! EnCodec's decoder: four codebooks in, audio out.
use super::config::Config;
use super::delay::CODEBOOKS_PER_CHANNEL;
use super::open_file::open_file;
use crate::{Dim, ModelError, RunControl, Runtime, Session, Value};
use std::path::Path;

const CODES: &str = "audio_codes";
const AUDIO: &str = "audio_values";

/// Tokens into sound, one channel at a time.
pub(super) struct Encodec {
    session: Session,
    hop: usize,
}

impl Encodec {
    /// # Errors
    /// What opening gives; `Layout`.
    pub(super) fn open(
        runtime: &Runtime,
        file: &Path,
        config: &Config,
        control: &RunControl,
    ) -> Result<Self, ModelError> {
        let session = open_file(runtime, file, control)?;
        session.require_input(CODES, &[Dim::Any, Dim::Any, Dim::Is(CODEBOOKS_PER_CHANNEL), Dim::Any])?;
        session.require_output(AUDIO, &[Dim::Any, Dim::Any, Dim::Any])?;
        Ok(Self { session, hop: config.hop })
    }

    /// `codes`: four rows of EnCodec frames. Gives `hop` samples a frame.
    ///
    /// # Errors
    /// `Cancelled`, `Run`, `NotFinite`.
    pub(super) fn decode(&self, codes: Vec<i64>, control: &RunControl) -> Result<Vec<f32>, ModelError> {
        let num_frames = codes.len() / CODEBOOKS_PER_CHANNEL;
        let codes = Value::i64(&[1, 1, CODEBOOKS_PER_CHANNEL, num_frames], codes)?;
        let mut outputs = self.session.run(&[(CODES, &codes)], control)?;
        outputs.take_finite(AUDIO, &[1, 1, num_frames * self.hop])
    }
}

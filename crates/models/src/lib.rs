//! Models that a user brings, run in process through ONNX Runtime, which the user brings too.
//!
//! [`Runtime`] finds and loads the library once a process; [`Session`] is one model file with named tensors, shared by
//! everybody who opens the same file. The rest is one module a family of models: [`demucs`] and [`mdx`] take audio apart,
//! [`musicgen`] makes it from words, [`midi_model`] writes notes, [`basic_pitch`] hears them; [`store`] is the folder that
//! the user's files lie in. This room knows nothing of takes in a library, decks or jobs; nothing here runs on the audio
//! thread.
pub mod basic_pitch;
mod control;
pub mod demucs;
mod error;
pub mod mdx;
pub mod midi_model;
pub mod musicgen;
mod onnx_file;
mod priority;
mod runtime;
mod session;
mod spectrum;
pub mod store;

pub use control::RunControl;
pub use error::{ModelError, RuntimeError};
pub(crate) use runtime::lock as runtime_lock;
pub use runtime::{
    Accelerator, FetchError, LibraryInfo, RunSettings, Runtime, RuntimeSearch, fetch_basic_pitch, fetch_runtime,
};
pub use session::{Dim, Element, Outputs, Session, TensorInfo, Value};

/// A stretch of audio that a model has made.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelAudio {
    /// Frames per second.
    pub rate_hz: u32,
    /// One or two channels of equal length.
    pub channels: Vec<Vec<f32>>,
}

/// One voice of a mix.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedStem {
    /// `drums`, `bass`, `other`, `vocals`, `guitar`, `piano`, or `instrumental`.
    pub name: String,
    /// Left channel, as long as the mix.
    pub left: Vec<f32>,
    /// Right channel, as long as the mix.
    pub right: Vec<f32>,
}

//! Who makes takes.
use crate::{BakeError, CancelToken, Cancelled, Progress};
use take::{Bpm, Rendition, SampleRate, SpecError, StyleId, Take, TakeSpec};

/// Why there is no take. Every sentence is for the user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProviderError {
    /// The owner changed its mind.
    #[error("cancelled")]
    Cancelled,
    /// No style file of that name.
    #[error("there is no style `{style}`; pick another, or put `{style}.toml` into the styles folder")]
    UnknownStyle {
        /// The id that was asked for.
        style: String,
    },
    /// The style's file cannot be used.
    #[error("{reason}")]
    BrokenStyle {
        /// File, line, field and what is wrong there.
        reason: String,
    },
    /// Nothing that could be made.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The user's SoundFont cannot be played.
    #[error(transparent)]
    SoundFont(#[from] synth::SoundFontError),
    /// Nothing to play.
    #[error("there are no notes in these bars")]
    NoNotes,
    /// The engine made something that is no take.
    #[error("{engine} made nothing usable: {source}")]
    Bake {
        /// Which engine.
        engine: String,
        /// What was wrong with it.
        source: BakeError,
    },
    /// An engine on another machine.
    #[error(transparent)]
    Remote(#[from] crate::remote::RemoteError),
    /// ONNX Runtime is not there or does not work.
    #[error(transparent)]
    Runtime(#[from] models::RuntimeError),
    /// A model of the user's.
    #[error(transparent)]
    Model(models::ModelError),
    /// A model wrote notes, but no music.
    #[error("{engine} wrote nothing usable: {reason}; another seed gives another answer")]
    PoorAnswer {
        /// Which engine.
        engine: String,
        /// What came.
        reason: String,
    },
    /// The separator.
    #[error(transparent)]
    Separation(crate::SeparationError),
    /// What an engine made does not become a loop.
    #[error("{engine} made something that is no loop: {source}")]
    Loop {
        /// Which engine.
        engine: String,
        /// What was wrong with it.
        source: crate::PerfectLoopError,
    },
    /// An engine that was chosen and is not there.
    #[error("{engine} is not set up: {reason}; `{remedy}` mends it")]
    NotSetUp {
        /// Its name.
        engine: String,
        /// What is missing.
        reason: String,
        /// The one command.
        remedy: String,
    },
    /// A tempo or rate that the take cannot be brought to.
    #[error("`{name}` cannot be rendered at {bpm} BPM and {rate_hz} Hz: {reason}")]
    Rerender {
        /// The take.
        name: String,
        /// Wanted tempo.
        bpm: f64,
        /// Wanted rate.
        rate_hz: u32,
        /// Why not.
        reason: String,
    },
}

impl From<Cancelled> for ProviderError {
    fn from(_: Cancelled) -> Self {
        ProviderError::Cancelled
    }
}

impl From<crate::SeparationError> for ProviderError {
    fn from(error: crate::SeparationError) -> Self {
        match error {
            crate::SeparationError::Cancelled => ProviderError::Cancelled,
            error => ProviderError::Separation(error),
        }
    }
}

/// The user's style files, as they were found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StyleReport {
    /// Usable ones: id and name for people.
    pub user_styles: Vec<(StyleId, String)>,
    /// One sentence for each that cannot be used: file, line, field, what is wrong.
    pub problems: Vec<String>,
}

/// An engine that makes takes. Called on worker threads; polls `cancel` at least every 50 ms.
pub trait Provider: Send + Sync {
    /// Who it is, without a version: `band`.
    fn id(&self) -> &str;

    /// The tempo where neither host nor user names one: the prompt's, else the style's own.
    fn tempo_for(&self, prompt: &str, style: &StyleId) -> Bpm {
        let (_, _) = (prompt, style);
        Bpm::DEFAULT
    }

    /// Reads the user's style files again; disk work. Built-in styles are not listed.
    fn reload_styles(&self) -> StyleReport {
        StyleReport::default()
    }

    /// Tries what making a take needs, and makes none: a model is opened. One sentence of what is there.
    ///
    /// # Errors
    /// [`ProviderError`], as for a take.
    fn try_out(&self, progress: &Progress, cancel: &CancelToken) -> Result<String, ProviderError> {
        progress.report(1.0, "trying");
        cancel.check()?;
        Ok("It is built in and needs nothing.".to_owned())
    }

    /// Makes a take. The same spec gives the same bits as long as [`take::TakeInfo::engine`] is the same.
    ///
    /// # Errors
    /// [`ProviderError`]; nothing is left behind.
    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError>;

    /// The same take at another tempo and rate. Notes and id stay; anybody's take is accepted.
    ///
    /// # Errors
    /// [`ProviderError`]; the take is untouched.
    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError>;
}

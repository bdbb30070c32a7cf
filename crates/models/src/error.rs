//! What can go wrong, in sentences for the user.
use std::path::PathBuf;

/// The one line that gets the library.
pub(crate) const FETCH: &str = "run `continuo models fetch-runtime` to get it";

/// Why models cannot be run at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// In none of the places.
    #[error("ONNX Runtime was not found in {}; {FETCH}", places.join(", "))]
    NotFound {
        /// Where it was looked for, in order.
        places: Vec<String>,
    },
    /// A library of that name that is not ONNX Runtime, is for another processor, or lacks something.
    #[error("`{}` cannot be loaded as ONNX Runtime ({reason}); {FETCH}", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// What the system's loader said.
        reason: String,
    },
    /// Too old for us.
    #[error("ONNX Runtime {version} in `{}` is older than 1.{least_minor}; {FETCH}", file.display())]
    TooOld {
        /// The file.
        file: PathBuf,
        /// For example `1.15.0`.
        version: String,
        /// The oldest one that is taken is 1.this.
        least_minor: u32,
    },
    /// It was loaded and would not start.
    #[error("ONNX Runtime in `{}` does not start: {reason}", file.display())]
    Failed {
        /// The file.
        file: PathBuf,
        /// What it said.
        reason: String,
    },
}

/// Why a model gave no result. `file` is the file's name without its folder.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The caller changed its mind.
    #[error("cancelled")]
    Cancelled,
    /// No such file.
    #[error("there is no file `{}`", file.display())]
    Missing {
        /// The whole path.
        file: PathBuf,
    },
    /// Cut short, damaged, not a model, or with parts missing.
    #[error("`{file}` cannot be read as a model: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the runtime said.
        reason: String,
    },
    /// A model, but not of the kind that it was taken for.
    #[error("`{file}`: tensor `{tensor}` is {found}, expected {expected}")]
    Layout {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// What is there, such as `f32 [1, 4, 2048, 336]`.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// No layout that we know.
    #[error("`{file}` is no {kind} model: {reason}")]
    WrongKind {
        /// The file or folder.
        file: String,
        /// What it was opened as, such as `stem separation`.
        kind: String,
        /// Its tensors, or which of its files are missing.
        reason: String,
    },
    /// A value of a folder's `config.json` or of the user.
    #[error("`{file}`: {reason}")]
    Setting {
        /// The file.
        file: String,
        /// Which value, and what is wrong with it.
        reason: String,
    },
    /// The weights are damaged, or the model was made for a number format that overflows here.
    #[error("`{file}`: tensor `{tensor}` came out with values that are no numbers; the file is damaged")]
    NotFinite {
        /// The file.
        file: String,
        /// The output.
        tensor: String,
    },
    /// The runtime gave up in the middle.
    #[error("`{file}` failed while running: {reason}")]
    Run {
        /// The file.
        file: String,
        /// What the runtime said.
        reason: String,
    },
    /// What was to be put in.
    #[error("{reason}")]
    Input {
        /// What is wrong with it.
        reason: String,
    },
}

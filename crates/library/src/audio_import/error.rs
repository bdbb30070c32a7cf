//! Why an audio file cannot be read, in sentences a user can act on.
use std::path::PathBuf;

/// What is read, for sentences and help texts.
pub const AUDIO_FORMATS: &str = "WAV, AIFF, FLAC, MP3, Ogg Vorbis and AAC (M4A)";

/// Nothing was read, or nothing more can be.
#[derive(Debug, thiserror::Error)]
pub enum AudioReadError {
    /// The system refuses.
    #[error("{path} cannot be opened: {source}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// No bytes.
    #[error("{path} is empty")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Some other kind of file, or a kind of audio that is not read.
    #[error("{path} is {what}; {AUDIO_FORMATS} are read")]
    NotRead {
        /// The file.
        path: PathBuf,
        /// What it is, with its article.
        what: String,
    },
    /// The right kind of file in a state that nothing can be got from.
    #[error("{path} ({format}) is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it is.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A header and no sound behind it.
    #[error("{path} ({format}) holds no audio")]
    NoAudio {
        /// The file.
        path: PathBuf,
        /// What it is.
        format: &'static str,
    },
    /// A rate nobody records with.
    #[error("{path} says it has {rate_hz} frames a second; {min_hz} to {max_hz} are read")]
    Rate {
        /// The file.
        path: PathBuf,
        /// What its header says.
        rate_hz: u64,
        /// Lowest that is read.
        min_hz: u32,
        /// Highest that is read.
        max_hz: u32,
    },
    /// More channels than loudspeakers.
    #[error("{path} has {num_channels} channels; 1 to {max_channels} are read")]
    Channels {
        /// The file.
        path: PathBuf,
        /// What its header says.
        num_channels: u64,
        /// Most that are read.
        max_channels: u16,
    },
}

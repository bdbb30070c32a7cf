//! A SoundFont in memory, and why there is none.
use super::riff;
use rustysynth::{SoundFont, SoundFontError as FontError};
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use take::SampleRate;

/// Largest file that is read: memory for it is taken twice while it is.
const MAX_BYTES: u64 = 1 << 30;
/// Rates that rustysynth can play at, in Hz.
pub(super) const MIN_RATE_HZ: u32 = 16_000;
pub(super) const MAX_RATE_HZ: u32 = 192_000;

/// Why a SoundFont cannot be used. Every sentence is for the user and names the file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SoundFontError {
    /// No such file.
    #[error("there is no SoundFont {path}")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The system refuses to read it.
    #[error("the SoundFont {path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Something else.
    #[error("{path} is not a SoundFont (.sf2)")]
    NotSoundFont {
        /// The file.
        path: PathBuf,
    },
    /// Format 3.
    #[error("{path} is a compressed SoundFont (.sf3); only .sf2 can be played")]
    Compressed {
        /// The file.
        path: PathBuf,
    },
    /// The end is missing.
    #[error("the SoundFont {path} is cut off: it has {bytes} bytes and names {named_bytes}")]
    CutOff {
        /// The file.
        path: PathBuf,
        /// What it has.
        bytes: u64,
        /// What its headers ask for.
        named_bytes: u64,
    },
    /// More than fits.
    #[error("the SoundFont {path} has {bytes} bytes; files up to {max_bytes} bytes are read")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What it has.
        bytes: u64,
        /// What is read.
        max_bytes: u64,
    },
    /// Its tables contradict each other.
    #[error("the SoundFont {path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: String,
    },
    /// A rate that cannot be rendered at.
    #[error("SoundFonts are played at {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz, not at {rate_hz} Hz")]
    Rate {
        /// What was asked for.
        rate_hz: u32,
    },
}

/// An instrument of a SoundFont.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preset {
    /// 0..=127 for instruments, 128 for drum kits.
    pub bank: u8,
    /// General MIDI program 0..=127.
    pub program: u8,
    /// As the file has it.
    pub name: String,
}

/// A SoundFont that can be played. Cheap to clone.
#[derive(Clone)]
pub struct SoundFontBank {
    pub(super) font: Arc<SoundFont>,
    path: PathBuf,
    fingerprint: String,
}

impl SoundFontBank {
    /// Reads a .sf2 file as a whole; disk work.
    ///
    /// # Errors
    /// [`SoundFontError`], one sentence each.
    pub fn open(path: &Path) -> Result<Self, SoundFontError> {
        let refused = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => SoundFontError::Missing { path: path.to_owned() },
            _ => SoundFontError::Unreadable { path: path.to_owned(), reason: error.to_string() },
        };
        let about = std::fs::metadata(path).map_err(refused)?;
        // A pipe would be waited for, a folder is none.
        if !about.is_file() {
            return Err(SoundFontError::NotSoundFont { path: path.to_owned() });
        }
        let bytes = about.len();
        if bytes > MAX_BYTES {
            return Err(SoundFontError::TooLarge { path: path.to_owned(), bytes, max_bytes: MAX_BYTES });
        }
        Self::read(path, &std::fs::read(path).map_err(refused)?)
    }

    /// A SoundFont from memory; `path` is what errors call it.
    ///
    /// # Errors
    /// As [`SoundFontBank::open`].
    pub fn read(path: &Path, bytes: &[u8]) -> Result<Self, SoundFontError> {
        riff::check(path, bytes)?;
        // rustysynth trusts some numbers of the file; a panic is as good as an error here, nothing is kept.
        let parsed = catch_unwind(AssertUnwindSafe(|| SoundFont::new(&mut &bytes[..])));
        let damaged = |reason: String| SoundFontError::Damaged { path: path.to_owned(), reason };
        let font = match parsed {
            Ok(Ok(font)) => font,
            Ok(Err(FontError::UnsupportedSampleFormat)) => {
                return Err(SoundFontError::Compressed { path: path.to_owned() });
            }
            Ok(Err(error)) => return Err(damaged(error.to_string())),
            Err(_) => return Err(damaged("its tables point outside the file".to_owned())),
        };
        let fingerprint = Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { font: Arc::new(font), path: path.to_owned(), fingerprint })
    }

    /// What it calls itself; may be empty.
    pub fn name(&self) -> &str {
        self.font.get_info().get_bank_name()
    }

    /// Where it came from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// First eight hex digits of the file's SHA-256: the same digits, the same sound.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Its instruments, by bank and program.
    pub fn presets(&self) -> Vec<Preset> {
        let number = |value: i32| u8::try_from(value).unwrap_or(u8::MAX);
        let preset = |preset: &rustysynth::Preset| Preset {
            bank: number(preset.get_bank_number()),
            program: number(preset.get_patch_number()),
            name: preset.get_name().to_owned(),
        };
        let mut presets: Vec<Preset> = self.font.get_presets().iter().map(preset).collect();
        presets.sort();
        presets
    }

    /// # Errors
    /// `SoundFontError::Rate`.
    pub(crate) fn check_rate(&self, rate: SampleRate) -> Result<(), SoundFontError> {
        let rate_hz = rate.get();
        if (MIN_RATE_HZ..=MAX_RATE_HZ).contains(&rate_hz) { Ok(()) } else { Err(SoundFontError::Rate { rate_hz }) }
    }

    /// The file cannot be played after all.
    pub(crate) fn damaged(&self) -> SoundFontError {
        SoundFontError::Damaged { path: self.path.clone(), reason: "a sample of it cannot be played".to_owned() }
    }
}

impl std::fmt::Debug for SoundFontBank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoundFontBank").field("path", &self.path).field("fingerprint", &self.fingerprint).finish()
    }
}

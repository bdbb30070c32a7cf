//! What can go wrong with files, in sentences a user can act on.
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use take::TakeId;

/// Longest reason of another's parser that is passed on.
const MAX_REASON_CHARS: usize = 200;

/// Why a take could not be saved, found or exported. After a failed save or export nothing half-written is left.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The library has no such take.
    #[error("take {id} is not in the library")]
    NotFound {
        /// What was asked for.
        id: TakeId,
    },
    /// A saved take lacks one of its files.
    #[error("{path} is missing, so the take cannot be loaded")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Audio of another length than its take.json says.
    #[error("{path} holds {num_frames} frames where {expected} belong: the file was cut off or replaced")]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// What it holds.
        num_frames: u64,
        /// What it should hold.
        expected: u64,
    },
    /// Everything can be read, but it is not what was saved.
    #[error("take {id} was changed after it was saved (its content is now {found})")]
    Tampered {
        /// What was asked for.
        id: TakeId,
        /// Hash of what is there.
        found: TakeId,
    },
    /// Written by a later Continuo.
    #[error("{path} was written by a newer Continuo (format {found}, this one reads up to {newest})")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: u64,
        /// Newest format this build reads.
        newest: u64,
    },
    /// Not a file that Continuo wrote.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// Favourites are not deleted.
    #[error("take {id} has a star: take the star off first")]
    Starred {
        /// What was to be deleted.
        id: TakeId,
    },
    /// A take that would not come back as it is.
    #[error("this take cannot be saved: {reason}")]
    NotSavable {
        /// What is wrong with it.
        reason: String,
    },
    /// The take has no such stem or part.
    #[error("this take has no {what}")]
    Absent {
        /// For example `bass part`.
        what: String,
    },
    /// No room left.
    #[error("the disk is full: {path} could not be written")]
    DiskFull {
        /// What was being written.
        path: PathBuf,
    },
    /// A folder nobody may write to, or a file nobody may read.
    #[error("no permission for {path}: choose another folder or change its rights")]
    Denied {
        /// What was refused.
        path: PathBuf,
    },
    /// Anything else the system says.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl LibraryError {
    /// The error for what the system said about `path`.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::DiskFull { path },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied { path },
            _ => Self::Io { path, source },
        }
    }

    /// A parser that lists all it knows would fill a window: its first words are enough.
    pub(crate) fn unreadable(path: &Path, reason: impl ToString) -> Self {
        let mut reason = reason.to_string();
        if let Some((end, _)) = reason.char_indices().nth(MAX_REASON_CHARS) {
            reason.truncate(end);
            reason.push_str(" ...");
        }
        Self::Unreadable { path: path.to_owned(), reason }
    }
}

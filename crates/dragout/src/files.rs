//! The files that are dragged or copied: finished ones only.
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Most files of one drag. Keeps the list far below what one X11 request carries (256 KiB), so no transfer in pieces.
pub const MAX_FILES: usize = 256;
/// Longest list of paths in bytes, all together; with every byte percent-encoded it is 192 KiB.
pub const MAX_PATH_BYTES: usize = 64 * 1024;

/// One or more files that exist, by absolute path. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DragFiles(Arc<[PathBuf]>);

/// Why files cannot be dragged.
#[derive(Debug, Error)]
pub enum FilesError {
    /// Nothing was given.
    #[error("no file to drag")]
    None,
    /// More than [`MAX_FILES`].
    #[error("{files} files are more than one drag carries ({max_files})")]
    TooMany {
        /// How many were given.
        files: usize,
        /// [`MAX_FILES`].
        max_files: usize,
    },
    /// More than [`MAX_PATH_BYTES`].
    #[error("paths of {bytes} bytes are more than one drag carries ({max_bytes})")]
    TooLong {
        /// Bytes of all paths together.
        bytes: usize,
        /// [`MAX_PATH_BYTES`].
        max_bytes: usize,
    },
    /// A path that another program would read in its own working folder.
    #[error("{path} is not an absolute path")]
    NotAbsolute {
        /// The path as given.
        path: PathBuf,
    },
    /// Not there, or not a plain file.
    #[error("{path} is no finished file")]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
}

impl DragFiles {
    /// Checks the paths. The files have to be complete: the receiver may read them at once.
    ///
    /// # Errors
    /// Every variant of [`FilesError`].
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Result<Self, FilesError> {
        let paths: Arc<[PathBuf]> = paths.into_iter().collect();
        let bytes = paths.iter().map(|path| path.as_os_str().len()).sum();
        match paths.len() {
            0 => return Err(FilesError::None),
            files if files > MAX_FILES => return Err(FilesError::TooMany { files, max_files: MAX_FILES }),
            _ if bytes > MAX_PATH_BYTES => return Err(FilesError::TooLong { bytes, max_bytes: MAX_PATH_BYTES }),
            _ => {}
        }
        if let Some(path) = paths.iter().find(|path| !path.is_absolute()) {
            return Err(FilesError::NotAbsolute { path: path.clone() });
        }
        if let Some(path) = paths.iter().find(|path| !path.is_file()) {
            return Err(FilesError::NotAFile { path: path.clone() });
        }
        Ok(Self(paths))
    }

    /// The paths in the order they were given; never empty.
    pub fn paths(&self) -> &[PathBuf] {
        &self.0
    }

    /// The folder of the first file.
    pub fn folder(&self) -> &Path {
        // An absolute path of a file always has a parent.
        self.0[0].parent().unwrap_or(Path::new("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finished_files_by_absolute_path_are_dragged() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let file = dir.path().join("bass.mid");
        std::fs::write(&file, b"MThd").expect("written");
        let files = DragFiles::new([file.clone()]).expect("a finished file");
        assert_eq!(files.paths(), std::slice::from_ref(&file));
        assert_eq!(files.folder(), dir.path());
        assert!(matches!(DragFiles::new([]), Err(FilesError::None)));
        assert!(matches!(DragFiles::new([dir.path().join("absent.mid")]), Err(FilesError::NotAFile { .. })));
        assert!(matches!(DragFiles::new([dir.path().to_owned()]), Err(FilesError::NotAFile { .. })));
        assert!(matches!(DragFiles::new([PathBuf::from("bass.mid")]), Err(FilesError::NotAbsolute { .. })));
        let many = std::iter::repeat_n(file, MAX_FILES + 1);
        assert!(matches!(DragFiles::new(many), Err(FilesError::TooMany { files, .. }) if files == MAX_FILES + 1));
        let long = dir.path().join("x".repeat(MAX_PATH_BYTES));
        assert!(matches!(DragFiles::new([long]), Err(FilesError::TooLong { .. })));
    }
}

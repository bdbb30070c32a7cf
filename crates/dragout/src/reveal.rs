//! A file shown in the system's file manager.
use std::path::{Path, PathBuf};
#[cfg(any(windows, target_os = "macos"))]
use std::process::Command;
use thiserror::Error;

/// Why a file is not shown.
#[derive(Debug, Error)]
pub enum RevealError {
    /// It was deleted, or its disk is gone.
    #[error("{path} is no longer there")]
    Gone {
        /// The path as given.
        path: PathBuf,
    },
    /// No file manager could be started.
    #[error("no file manager opens the folder of {path}: {reason}")]
    NoManager {
        /// The path as given.
        path: PathBuf,
        /// What the system says.
        reason: std::io::Error,
    },
}

/// Opens the folder of `file` in the file manager; on Windows and macOS with the file selected. Does not wait for it.
///
/// # Errors
/// See [`RevealError`].
pub fn reveal(file: &Path) -> Result<(), RevealError> {
    if !file.exists() {
        return Err(RevealError::Gone { path: file.to_owned() });
    }
    show(file).map_err(|reason| RevealError::NoManager { path: file.to_owned(), reason })
}

/// Opens a folder in the file manager. Does not wait for it.
///
/// # Errors
/// See [`RevealError`].
pub fn open_folder(folder: &Path) -> Result<(), RevealError> {
    if !folder.is_dir() {
        return Err(RevealError::Gone { path: folder.to_owned() });
    }
    open_in_manager(folder).map_err(|reason| RevealError::NoManager { path: folder.to_owned(), reason })
}

#[cfg(target_os = "linux")]
fn open_in_manager(folder: &Path) -> std::io::Result<()> {
    open::that_detached(folder)
}

#[cfg(windows)]
fn open_in_manager(folder: &Path) -> std::io::Result<()> {
    Command::new("explorer").arg(folder).spawn().map(drop)
}

#[cfg(target_os = "macos")]
fn open_in_manager(folder: &Path) -> std::io::Result<()> {
    Command::new("open").arg(folder).status().map(drop)
}

/// There is no selecting with `xdg-open`, which is what this comes to.
#[cfg(target_os = "linux")]
fn show(file: &Path) -> std::io::Result<()> {
    open::that_detached(file.parent().unwrap_or(file))
}

#[cfg(windows)]
fn show(file: &Path) -> std::io::Result<()> {
    use std::os::windows::process::CommandExt;
    let mut argument = std::ffi::OsString::from("/select,\"");
    // Windows allows no quotation mark in a path.
    argument.push(file);
    argument.push("\"");
    Command::new("explorer").raw_arg(argument).spawn().map(drop)
}

#[cfg(target_os = "macos")]
fn show(file: &Path) -> std::io::Result<()> {
    // `open` hands over and ends at once.
    Command::new("open").arg("-R").arg(file).status().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_is_named() {
        let told = reveal(Path::new("/nowhere/bass.mid")).expect_err("no such file").to_string();
        assert_eq!(told, "/nowhere/bass.mid is no longer there");
        let told = open_folder(Path::new("/nowhere")).expect_err("no such folder").to_string();
        assert_eq!(told, "/nowhere is no longer there");
    }
}

//! A set of files that appears in a folder as a whole or not at all.
use crate::{Disk, LibraryError};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A file of the set: its place in the folder and what it holds; `None` means that an older file there goes.
pub(crate) type Entry = (PathBuf, Option<Vec<u8>>);

/// Writes every entry under `dir`, which is made if need be.
///
/// # Errors
/// `DiskFull`, `Denied`, `Io`, `Unreadable` (a folder in the way): `dir` is then as it was.
pub(crate) fn replace_files(disk: &dyn Disk, dir: &Path, entries: &[Entry]) -> Result<(), LibraryError> {
    let mut made_dirs = MadeDirs::default();
    let replaced = made_dirs.make(disk, dir).and_then(|()| {
        let staging = staging_in(dir)?;
        stage(disk, dir, staging.path(), entries)?;
        for parent in entries.iter().filter_map(|(place, bytes)| bytes.as_ref().and(place.parent())) {
            made_dirs.make(disk, &dir.join(parent))?;
        }
        move_in(disk, dir, staging.path(), entries)
    });
    if replaced.is_err() {
        made_dirs.remove();
    }
    replaced
}

/// A hidden folder in `dir` that goes away with all it holds.
pub(crate) fn staging_in(dir: &Path) -> Result<TempDir, LibraryError> {
    tempfile::Builder::new().prefix(".continuo-").tempdir_in(dir).map_err(|error| LibraryError::io(dir, error))
}

/// The slow step, which fails when the disk is full: nothing of it can be seen from outside.
fn stage(disk: &dyn Disk, dir: &Path, staging: &Path, entries: &[Entry]) -> Result<(), LibraryError> {
    for (index, (place, bytes)) in entries.iter().enumerate() {
        let target = dir.join(place);
        if target.is_dir() {
            return Err(LibraryError::unreadable(&target, "a folder is in the way of this file"));
        }
        let Some(bytes) = bytes else { continue };
        disk.write(&new_file(staging, index), bytes).map_err(|error| LibraryError::io(&target, error))?;
    }
    Ok(())
}

/// The quick step. Older files wait in the staging folder, so that a failure can put them back.
fn move_in(disk: &dyn Disk, dir: &Path, staging: &Path, entries: &[Entry]) -> Result<(), LibraryError> {
    for (index, (place, bytes)) in entries.iter().enumerate() {
        let target = dir.join(place);
        let moved = move_one(disk, &target, staging, index, bytes.is_some());
        if let Err(error) = moved {
            for (index, (place, _)) in entries.iter().enumerate().take(index + 1).rev() {
                put_back(&dir.join(place), staging, index);
            }
            return Err(LibraryError::io(&target, error));
        }
    }
    Ok(())
}

fn move_one(disk: &dyn Disk, target: &Path, staging: &Path, index: usize, has_new: bool) -> std::io::Result<()> {
    if target.exists() {
        disk.rename(target, &old_file(staging, index))?;
    }
    if has_new { disk.rename(&new_file(staging, index), target) } else { Ok(()) }
}

/// Straight to the file system: whatever refused a new file must not keep us from giving back an old one.
fn put_back(target: &Path, staging: &Path, index: usize) {
    let old = old_file(staging, index);
    if old.exists() {
        fs::rename(old, target).ok();
    } else if !new_file(staging, index).exists() {
        fs::remove_file(target).ok();
    }
}

fn new_file(staging: &Path, index: usize) -> PathBuf {
    staging.join(format!("new-{index}"))
}

fn old_file(staging: &Path, index: usize) -> PathBuf {
    staging.join(format!("old-{index}"))
}

/// Folders that were not there before, outermost first.
#[derive(Default)]
struct MadeDirs(Vec<PathBuf>);

impl MadeDirs {
    fn make(&mut self, disk: &dyn Disk, dir: &Path) -> Result<(), LibraryError> {
        let mut missing: Vec<_> = dir.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
        missing.reverse();
        // Noted first: making several may fail half-way.
        self.0.extend(missing.into_iter().map(Path::to_owned));
        disk.create_dir(dir).map_err(|error| LibraryError::io(dir, error))
    }

    /// Only what is empty goes: somebody else may have put something there.
    fn remove(&self) {
        self.0.iter().rev().for_each(|dir| drop(fs::remove_dir(dir)));
    }
}

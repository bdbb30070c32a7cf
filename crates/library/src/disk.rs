//! The few things the library does to a disk, behind a trait so that tests can fill the disk up.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Where files go. Only writing is here: what was written is read back and removed through `std::fs`.
pub trait Disk: Send + Sync + std::fmt::Debug {
    /// Makes a folder and those above it; fine if it is there.
    ///
    /// # Errors
    /// What the system says.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// Writes a whole file and waits until it is on the disk.
    ///
    /// # Errors
    /// What the system says; the file may then be there in part, and the caller removes it.
    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Moves a file (over an existing one) or a folder (not over a filled one), and waits until that is on the disk.
    ///
    /// # Errors
    /// What the system says; nothing was moved.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
}

/// The user's disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(file)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        // A name is only safe once its folder is written. Windows cannot open folders and needs no such step; a file
        // system that refuses it has still renamed.
        #[cfg(unix)]
        if let Some(parent) = to.parent().and_then(|parent| File::open(parent).ok()) {
            parent.sync_all().ok();
        }
        Ok(())
    }
}

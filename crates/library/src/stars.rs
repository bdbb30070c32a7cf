//! Favourites: `<data dir>/stars/<hash>`, apart from the takes' own folders, so that they outlive a take that is
//! replaced, made again or written in a later format. Every instance and program of the user sees the same ones.
//!
//! A take whose star was taken off leaves `<hash>.off`: older projects remember stars of their own, and this says that
//! somebody has decided since.
use crate::{Library, LibraryError};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use take::TakeId;

const OFF_ENDING: &str = ".off";

/// What somebody has decided about takes: starred, or no longer so.
pub type Stars = BTreeMap<TakeId, bool>;

impl Library {
    /// Marks or unmarks a favourite, on the disk before it returns. The take need not be there.
    ///
    /// # Errors
    /// `DiskFull`, `Denied`, `Io`; the mark is then as it was.
    pub fn set_star(&self, id: TakeId, is_starred: bool) -> Result<(), LibraryError> {
        let dir = self.stars_dir();
        self.disk().create_dir(dir).map_err(|error| LibraryError::io(dir, error))?;
        let (on, off) = (dir.join(id.to_string()), dir.join(format!("{id}{OFF_ENDING}")));
        let (fresh, stale) = if is_starred { (on, off) } else { (off, on) };
        // The new mark first: should the power fail between the two, the star stays, and with it the take.
        self.disk().write(&fresh, &[]).map_err(|error| LibraryError::io(&fresh, error))?;
        match fs::remove_file(&stale) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(LibraryError::io(&stale, error)),
            _ => Ok(()),
        }
    }

    /// Every mark; empty when nobody ever set one.
    ///
    /// # Errors
    /// `Denied` and `Io` when the folder cannot be read.
    pub fn stars(&self) -> Result<Stars, LibraryError> {
        let dir = self.stars_dir();
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Stars::new()),
            entries => entries.map_err(|error| LibraryError::io(dir, error))?,
        };
        let mut stars = Stars::new();
        for entry in entries {
            let name = entry.map_err(|error| LibraryError::io(dir, error))?.file_name();
            if let Some((id, is_starred)) = name.to_str().and_then(mark) {
                *stars.entry(id).or_default() |= is_starred;
            }
        }
        Ok(stars)
    }

    /// The take has a star. A mark that cannot be read counts as one: it keeps a take from being deleted.
    pub fn is_starred(&self, id: TakeId) -> bool {
        is_there(&self.stars_dir().join(id.to_string()))
    }
}

fn is_there(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}

fn mark(name: &str) -> Option<(TakeId, bool)> {
    let (digits, is_starred) = name.strip_suffix(OFF_ENDING).map_or((name, true), |digits| (digits, false));
    TakeId::try_from(digits.to_owned()).ok().map(|id| (id, is_starred))
}

//! Takes on disk: `<data dir>/takes/<hash>/` with `take.json` and a WAV per stem.
use crate::take_file::{self, TakeFile};
use crate::wav::{self, Label};
use crate::{Disk, LibraryError, RealDisk};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use take::{Peaks, StemKind, Take, TakeId};

pub(crate) const TAKE_JSON: &str = "take.json";
/// Instances that save the same take at the same moment get out of each other's way within this many tries.
const MAX_PUBLISH_TRIES: u32 = 16;
/// Folders that are still being written.
pub(crate) const STAGING_PREFIX: &str = ".saving-";
/// A staging folder of this age belongs to a process that was killed: no save takes a day.
const STAGING_MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Every take this user has made. Cheap to clone; several may work on one folder at once, in one process or many.
#[derive(Debug, Clone)]
pub struct Library {
    takes_dir: PathBuf,
    stars_dir: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Library {
    /// A library under `data_dir`. Touches no disk: folders are made by the first save.
    pub fn new(data_dir: impl AsRef<Path>) -> Self {
        Self::with_disk(data_dir, Arc::new(RealDisk))
    }

    /// The same, writing through `disk`.
    pub fn with_disk(data_dir: impl AsRef<Path>, disk: Arc<dyn Disk>) -> Self {
        let data_dir = data_dir.as_ref();
        Self { takes_dir: data_dir.join("takes"), stars_dir: data_dir.join("stars"), disk }
    }

    /// Where the takes lie; a folder for each.
    pub fn takes_dir(&self) -> &Path {
        &self.takes_dir
    }

    pub(crate) fn stars_dir(&self) -> &Path {
        &self.stars_dir
    }

    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// The folder a take has or would have.
    pub fn take_dir(&self, id: TakeId) -> PathBuf {
        self.takes_dir.join(id.to_string())
    }

    /// The take's files seem to be there; only [`Library::load`] verifies them.
    pub fn contains(&self, id: TakeId) -> bool {
        self.take_dir(id).join(TAKE_JSON).is_file()
    }

    /// Every take in the library, sorted by id; empty when nothing was ever saved.
    ///
    /// # Errors
    /// `Denied` and `Io` when the folder cannot be read.
    pub fn list(&self) -> Result<Vec<TakeId>, LibraryError> {
        let entries = match fs::read_dir(&self.takes_dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| LibraryError::io(&self.takes_dir, error))?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| LibraryError::io(&self.takes_dir, error))?.file_name();
            let id = name.to_str().and_then(|name| TakeId::try_from(name.to_owned()).ok());
            ids.extend(id.filter(|&id| self.contains(id)));
        }
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    /// Saves a take; one that is already there and whole is left alone, a damaged one is replaced. Samples are kept to
    /// 24 bits. Takes tens of milliseconds or more: never on the audio thread.
    ///
    /// # Errors
    /// `NotSavable`, `DiskFull`, `Denied`, `Io`, `TooNew` (a newer Continuo wrote this take in its own format); the
    /// library is then as it was.
    pub fn save(&self, take: &Take) -> Result<(), LibraryError> {
        take_file::check_savable(take)?;
        match self.load(take.id) {
            Ok(_) => return Ok(()),
            Err(error @ LibraryError::TooNew { .. }) => return Err(error),
            Err(_) => {}
        }
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| LibraryError::io(&path, error)
        };
        self.disk.create_dir(&self.takes_dir).map_err(at(&self.takes_dir))?;
        self.sweep();
        // Removed with all it holds when this function returns, whichever way.
        let staging =
            tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(&self.takes_dir).map_err(at(&self.takes_dir))?;
        let fresh = staging.path().join("take");
        self.disk.create_dir(&fresh).map_err(at(&fresh))?;
        let write = |name: String, bytes: &[u8]| {
            let path = fresh.join(name);
            self.disk.write(&path, bytes).map_err(at(&path))
        };
        for kind in StemKind::ALL {
            if let Some(clip) = &take.original.stems[kind as usize] {
                write(stem_file(kind), &wav::encode(wav::interleaved(clip), &Label::of_stem(take, kind))?)?;
            }
        }
        write(TAKE_JSON.to_owned(), &TakeFile::encode(take)?)?;
        self.publish(staging.path(), &fresh, take.id)
    }

    /// Loads a take and verifies every bit of it.
    ///
    /// # Errors
    /// `NotFound`, `Missing`, `WrongLength`, `Unreadable`, `Tampered`, `TooNew`, `Denied`, `Io`.
    pub fn load(&self, id: TakeId) -> Result<Take, LibraryError> {
        let dir = self.take_dir(id);
        if !dir.is_dir() {
            return Err(LibraryError::NotFound { id });
        }
        let path = dir.join(TAKE_JSON);
        let (info, parts, mut original, stems) =
            TakeFile::decode(&read(&path, take_file::MAX_BYTES)?, &path)?.into_pieces(id);
        for kind in stems {
            let path = dir.join(stem_file(kind));
            let bytes = read(&path, u64::from(u32::MAX) + 8)?;
            original.stems[kind as usize] = Some(wav::decode(&bytes, &path, original.rate, original.num_frames())?);
        }
        let found = TakeId::of(&info, &parts, &original);
        if found != id {
            return Err(LibraryError::Tampered { id, found });
        }
        Ok(Take { id, info, parts, peaks: Peaks::of(&original), original: Arc::new(original) })
    }

    /// Deletes a take with all its files. Fine when it is not there.
    ///
    /// # Errors
    /// `Starred` for a favourite; `Denied` and `Io`: the take is then still there, whole.
    pub fn delete(&self, id: TakeId) -> Result<(), LibraryError> {
        if self.is_starred(id) {
            return Err(LibraryError::Starred { id });
        }
        let dir = self.take_dir(id);
        if !dir.exists() {
            return Ok(());
        }
        // Out of sight in one step; what then cannot be removed is swept up by a later save.
        let failed = |error| LibraryError::io(&dir, error);
        let bin = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(&self.takes_dir).map_err(failed)?;
        self.disk.rename(&dir, &bin.path().join("take")).map_err(failed)
    }

    /// Moves a finished folder to its place, in one step.
    fn publish(&self, staging: &Path, fresh: &Path, id: TakeId) -> Result<(), LibraryError> {
        let target = self.take_dir(id);
        let mut aside = None;
        let mut tries = 0..MAX_PUBLISH_TRIES;
        let error = loop {
            let Err(error) = self.disk.rename(fresh, &target) else { return Ok(()) };
            if self.load(id).is_ok() {
                // Another instance saved the same take meanwhile.
                return Ok(());
            }
            let Some(number) = tries.next() else { break error };
            // What is there could not be loaded: it makes room, and comes back if the new one cannot move in. Or it is
            // gone already, because another instance is making room at this moment.
            let damaged = staging.join(format!("damaged-{number}"));
            if target.exists() && self.disk.rename(&target, &damaged).is_ok() {
                aside = Some(damaged);
            }
        };
        if let Some(damaged) = aside {
            self.disk.rename(&damaged, &target).ok();
        }
        Err(LibraryError::io(&target, error))
    }

    /// Removes what killed processes left behind. What cannot be removed stays until the next save.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.takes_dir) else { return };
        for entry in entries.flatten() {
            let is_staging = entry.file_name().to_string_lossy().starts_with(STAGING_PREFIX);
            let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            let age = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
            if is_staging && age.is_some_and(|age| age > STAGING_MAX_AGE) {
                fs::remove_dir_all(entry.path()).ok();
            }
        }
    }
}

fn stem_file(kind: StemKind) -> String {
    format!("{}.wav", kind.name())
}

/// A whole file of at most `max_bytes`; whatever else has the name (a folder, a pipe, a device) is refused unread.
fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, LibraryError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => LibraryError::Missing { path: path.to_owned() },
        _ => LibraryError::io(path, error),
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(LibraryError::unreadable(path, "it is not a file"));
    }
    let too_large = || LibraryError::unreadable(path, format!("it is larger than {max_bytes} bytes"));
    if metadata.len() > max_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    // It may grow while it is read.
    File::open(path).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > max_bytes { Err(too_large()) } else { Ok(bytes) }
}

//! Files for dragging out of the window: finished before the drag begins, and kept until the user clears them, because
//! a host may go on using a file where it lies.
use crate::{LibraryError, export_all_parts, export_mix, export_part, export_stem};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use take::{PartKind, StemKind, Take, TakeId};

/// The managed folder `<data dir>/drag`. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct DragFolder {
    dir: PathBuf,
}

/// The files of one take, each with a name like `deephouse_bass_124_Am_t3.mid`.
#[derive(Debug, Clone, PartialEq)]
pub struct DragFiles {
    /// Which take.
    pub take: TakeId,
    /// A MIDI file a part, in part order.
    pub parts: Vec<(PartKind, PathBuf)>,
    /// Every part in one MIDI file; `None` for a take without notes.
    pub all_parts: Option<PathBuf>,
    /// A WAV file a stem, in stem order.
    pub stems: Vec<(StemKind, PathBuf)>,
    /// The sum of the stems.
    pub mix: PathBuf,
}

impl DragFiles {
    /// A part's MIDI file.
    pub fn part(&self, kind: PartKind) -> Option<&Path> {
        self.parts.iter().find(|(held, _)| *held == kind).map(|(_, path)| path.as_path())
    }

    /// A stem's WAV file.
    pub fn stem(&self, kind: StemKind) -> Option<&Path> {
        self.stems.iter().find(|(held, _)| *held == kind).map(|(_, path)| path.as_path())
    }

    /// All parts and stems, each in its own file: what a drag of the whole take carries.
    pub fn separate(&self) -> Vec<PathBuf> {
        let parts = self.parts.iter().map(|(_, path)| path);
        parts.chain(self.stems.iter().map(|(_, path)| path)).cloned().collect()
    }

    /// Every file is still there.
    pub fn is_there(&self) -> bool {
        self.separate().iter().chain(&self.all_parts).chain([&self.mix]).all(|path| path.is_file())
    }
}

impl DragFolder {
    /// The folder under `data_dir`. Touches no disk.
    pub fn new(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("drag") }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the files of a take; those that are there already are used. `number` is the take's place in its deck's
    /// history, from 1. Takes some tens of milliseconds.
    ///
    /// # Errors
    /// `NotSavable`, `DiskFull`, `Denied`, `Io`; files written before stay, each of them whole.
    pub fn prepare(&self, take: &Take, number: u32) -> Result<DragFiles, LibraryError> {
        let kinds = PartKind::ALL.into_iter().filter(|&kind| take.parts.iter().any(|part| part.kind == kind));
        let parts = kinds.map(|kind| Ok((kind, export_part(take, kind, number, &self.dir)?)));
        let parts = parts.collect::<Result<Vec<_>, LibraryError>>()?;
        let kinds = StemKind::ALL.into_iter().filter(|&kind| take.original.stems[kind as usize].is_some());
        let stems = kinds.map(|kind| Ok((kind, export_stem(take, kind, number, &self.dir)?)));
        let stems = stems.collect::<Result<Vec<_>, LibraryError>>()?;
        let has_notes = !take.parts.is_empty();
        let all_parts = has_notes.then(|| export_all_parts(take, number, &self.dir)).transpose()?;
        Ok(DragFiles { take: take.id, parts, all_parts, stems, mix: export_mix(take, number, &self.dir)? })
    }

    /// Bytes of all files in it; 0 when there is no such folder.
    ///
    /// # Errors
    /// `Denied` and `Io` when it cannot be read.
    pub fn num_bytes(&self) -> Result<u64, LibraryError> {
        Ok(self.files()?.iter().map(|(_, num_bytes)| num_bytes).sum())
    }

    /// Removes all files in it and says how many bytes that were.
    ///
    /// # Errors
    /// `Denied` and `Io`, for the first file that cannot be removed (a host may hold it open); the others are gone.
    pub fn clear(&self) -> Result<u64, LibraryError> {
        let mut first = None;
        let mut cleared = 0;
        for (path, num_bytes) in self.files()? {
            match fs::remove_file(&path) {
                Ok(()) => cleared += num_bytes,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => drop(first.get_or_insert(LibraryError::io(&path, error))),
            }
        }
        first.map_or(Ok(cleared), Err)
    }

    /// Files with their sizes; folders in it are not ours.
    fn files(&self) -> Result<Vec<(PathBuf, u64)>, LibraryError> {
        let failed = |error| LibraryError::io(&self.dir, error);
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            // A file that has just gone is none.
            files.extend(entry.metadata().ok().filter(|data| data.is_file()).map(|data| (entry.path(), data.len())));
        }
        Ok(files)
    }
}

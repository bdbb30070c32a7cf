//! Takes as files for other programs.
use crate::replace::{Entry, replace_files, staging_in};
use crate::wav::{self, Label};
use crate::{Disk, LibraryError, RealDisk, midi, names, summary};
use std::fs;
use std::path::{Path, PathBuf};
use take::{PartKind, StemKind, Take};

/// Where an export lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The folder.
    pub dir: PathBuf,
    /// Sum of the stems.
    pub mix: PathBuf,
    /// The stems the take has.
    pub stems: Vec<(StemKind, PathBuf)>,
    /// The parts the take has; parts of one kind share a file.
    pub parts: Vec<(PartKind, PathBuf)>,
    /// Every part.
    pub all_midi: PathBuf,
    /// The flat `take.json`.
    pub info: PathBuf,
}

/// Writes `mix.wav`, `stems/*.wav`, `parts/*.mid`, `all.mid` and `take.json` into `dir`, which is made if need be.
/// An older export in the same folder is replaced; files of other names stay.
///
/// # Errors
/// `NotSavable`, `DiskFull`, `Denied`, `Io`. Nothing half-written is left: `dir` is then as
/// it was.
pub fn export_take(take: &Take, dir: &Path) -> Result<Exported, LibraryError> {
    export_take_on(&RealDisk, take, dir)
}

/// [`export_take`] through `disk`.
///
/// # Errors
/// As [`export_take`].
pub fn export_take_on(disk: &dyn Disk, take: &Take, dir: &Path) -> Result<Exported, LibraryError> {
    crate::take_file::check_savable(take)?;
    replace_files(disk, dir, &take_files(take)?)?;
    Ok(exported(take, dir))
}

/// Writes one stem into `dir` under a name like `deephouse_bass_124_Am_t3.wav`. `number` is the take's place in its
/// history, from 1. A file that is already there with the same content is used; one with other content stays, and the
/// new one gets `_2` and so on at its end.
///
/// # Errors
/// `Absent`, `NotSavable`, `DiskFull`, `Denied`, `Io`; nothing half-written is left.
pub fn export_stem(take: &Take, stem: StemKind, number: u32, dir: &Path) -> Result<PathBuf, LibraryError> {
    let clip = take.original.stems[stem as usize].as_ref();
    let clip = clip.ok_or_else(|| LibraryError::Absent { what: format!("{} stem", stem.name()) })?;
    let bytes = wav::encode(wav::interleaved(clip), &Label::of_stem(take, stem))?;
    export_one(&RealDisk, dir, &names::file_stem(&take.info, stem.name(), number), "wav", &bytes)
}

/// Writes the sum of the stems into `dir`, as [`export_stem`] does one of them.
///
/// # Errors
/// As [`export_stem`].
pub fn export_mix(take: &Take, number: u32, dir: &Path) -> Result<PathBuf, LibraryError> {
    let bytes = wav::encode(wav::mix(&take.original).into_iter(), &Label::of_mix(take))?;
    export_one(&RealDisk, dir, &names::file_stem(&take.info, "mix", number), "wav", &bytes)
}

/// Writes one part into `dir` under a name like `deephouse_bass_124_Am_t3.mid`; otherwise as [`export_stem`].
///
/// # Errors
/// As [`export_stem`].
pub fn export_part(take: &Take, part: PartKind, number: u32, dir: &Path) -> Result<PathBuf, LibraryError> {
    if !take.parts.iter().any(|held| held.kind == part) {
        return Err(LibraryError::Absent { what: format!("{} part", part.name()) });
    }
    let bytes = midi::encode(take, &[part]);
    export_one(&RealDisk, dir, &names::file_stem(&take.info, part.name(), number), "mid", &bytes)
}

/// Writes every part into one MIDI file in `dir`, as [`export_part`] does one of them.
///
/// # Errors
/// As [`export_stem`].
pub fn export_all_parts(take: &Take, number: u32, dir: &Path) -> Result<PathBuf, LibraryError> {
    let bytes = midi::encode(take, &PartKind::ALL);
    export_one(&RealDisk, dir, &names::file_stem(&take.info, "all", number), "mid", &bytes)
}

/// Every file of an export, and every stem and part that an older export may have left and this one has not.
fn take_files(take: &Take) -> Result<Vec<Entry>, LibraryError> {
    let places = exported(take, Path::new(""));
    let mut files = vec![(places.mix, wav::encode(wav::mix(&take.original).into_iter(), &Label::of_mix(take))?)];
    for (kind, place) in places.stems {
        let samples = take.original.stems[kind as usize].iter().flat_map(wav::interleaved);
        files.push((place, wav::encode(samples, &Label::of_stem(take, kind))?));
    }
    for (kind, place) in places.parts {
        files.push((place, midi::encode(take, &[kind])));
    }
    files.push((places.all_midi, midi::encode(take, &PartKind::ALL)));
    files.push((places.info, summary::encode(take)?));
    let mut entries: Vec<Entry> = files.into_iter().map(|(place, bytes)| (place, Some(bytes))).collect();
    let all_places = StemKind::ALL.map(stem_place).into_iter().chain(PartKind::ALL.map(part_place));
    for place in all_places.map(PathBuf::from) {
        if entries.iter().all(|(written, _)| *written != place) {
            entries.push((place, None));
        }
    }
    Ok(entries)
}

fn exported(take: &Take, dir: &Path) -> Exported {
    let stems = StemKind::ALL.into_iter().filter(|&kind| take.original.stems[kind as usize].is_some());
    let parts = PartKind::ALL.into_iter().filter(|&kind| take.parts.iter().any(|part| part.kind == kind));
    Exported {
        dir: dir.to_owned(),
        mix: dir.join("mix.wav"),
        stems: stems.map(|kind| (kind, dir.join(stem_place(kind)))).collect(),
        parts: parts.map(|kind| (kind, dir.join(part_place(kind)))).collect(),
        all_midi: dir.join("all.mid"),
        info: dir.join("take.json"),
    }
}

/// A stem's place in an export, with `/` on every system.
pub(crate) fn stem_place(kind: StemKind) -> String {
    format!("stems/{}.wav", kind.name())
}

/// A part's place in an export, with `/` on every system.
pub(crate) fn part_place(kind: PartKind) -> String {
    format!("parts/{}.mid", kind.name())
}

/// Writes one file under the first free name; see [`export_stem`].
pub(crate) fn export_one(
    disk: &dyn Disk,
    dir: &Path,
    name: &str,
    ending: &str,
    bytes: &[u8],
) -> Result<PathBuf, LibraryError> {
    disk.create_dir(dir).map_err(|error| LibraryError::io(dir, error))?;
    let mut path = dir.join(format!("{name}.{ending}"));
    let mut next = 2;
    while path.exists() {
        if fs::read(&path).is_ok_and(|held| held == bytes) {
            return Ok(path);
        }
        path = dir.join(format!("{name}_{next}.{ending}"));
        next += 1;
    }
    let staging = staging_in(dir)?;
    let staged = staging.path().join("file");
    disk.write(&staged, bytes)
        .and_then(|()| disk.rename(&staged, &path))
        .map_err(|error| LibraryError::io(&path, error))?;
    Ok(path)
}

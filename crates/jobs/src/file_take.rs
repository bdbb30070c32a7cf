//! Somebody's file becomes a take: MIDI is played by the band, audio is cut to whole bars.
use crate::{
    AudioImport, AudioImportError, BandProvider, CancelToken, MidiImport, MidiTakeError, Progress, import_audio,
};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use take::{BarCount, Bpm, SampleRate, StyleId, Take};

/// Largest MIDI file that is read.
const MAX_BYTES: u64 = 1 << 30;

/// How a file becomes a loop.
#[derive(Debug, Clone, PartialEq)]
pub struct FileWish {
    /// Whose sound plays notes.
    pub style: StyleId,
    /// `None` is as long as the file, as far as a take goes.
    pub bars: Option<BarCount>,
    /// Tempo of the take; audio is stretched to it. `None` is the file's.
    pub tempo: Option<Bpm>,
}

/// A take, and what the user should know about how it came from its file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileTake {
    /// The take.
    pub take: Take,
    /// A sentence each.
    pub remarks: Vec<String>,
}

/// Why a file does not become a take.
#[derive(Debug, thiserror::Error)]
pub enum FileTakeError {
    /// It cannot be read.
    #[error("{path} cannot be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("{path} is no file")]
    NoFile {
        /// What was given.
        path: PathBuf,
    },
    /// Larger than anything a take could hold.
    #[error("{path} is larger than {max_bytes} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How much is read.
        max_bytes: u64,
    },
    /// As MIDI.
    #[error(transparent)]
    Midi(#[from] MidiTakeError),
    /// As audio, or as nothing that is known.
    #[error(transparent)]
    Audio(#[from] AudioImportError),
}

impl BandProvider {
    /// Makes a take of a file. What it is is seen by its first bytes, not by its name.
    ///
    /// # Errors
    /// [`FileTakeError`]; nothing is left behind.
    pub fn take_from_file(
        &self,
        path: &Path,
        wish: &FileWish,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<FileTake, FileTakeError> {
        if !is_midi(path)? {
            let FileWish { style, bars, tempo } = wish.clone();
            let wanted = AudioImport { bars, play_at: tempo, ..AudioImport::new(style) };
            let taken = import_audio(path, &wanted, rate, progress, cancel)?;
            return Ok(FileTake { take: taken.made.take, remarks: taken.remarks });
        }
        let bytes = read(path)?;
        let name = path.file_stem().map_or_else(|| "MIDI".to_owned(), |name| name.to_string_lossy().into_owned());
        let FileWish { style, bars, tempo } = wish.clone();
        let wanted = MidiImport { name, style, first_bar: None, bars, tempo };
        let made = self.take_from_midi(&bytes, &wanted, rate, progress, cancel)?;
        Ok(FileTake { take: made.take, remarks: made.remarks })
    }
}

/// By its first bytes; RIFF around it, as some programs have it, is an RMID file.
fn is_midi(path: &Path) -> Result<bool, FileTakeError> {
    let failed = |source| FileTakeError::Io { path: path.to_owned(), source };
    // A pipe or a device would never end.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(FileTakeError::NoFile { path: path.to_owned() });
    }
    let mut head = Vec::new();
    File::open(path).and_then(|file| file.take(12).read_to_end(&mut head)).map_err(failed)?;
    Ok(head.starts_with(b"MThd") || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"RMID")))
}

fn read(path: &Path) -> Result<Vec<u8>, FileTakeError> {
    let failed = |source| FileTakeError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(FileTakeError::TooLarge { path: path.to_owned(), max_bytes: MAX_BYTES });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(name: &str, bytes: &[u8]) -> Result<FileTake, FileTakeError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let wish = FileWish { style: StyleId::built_in(0), bars: None, tempo: None };
        let band = BandProvider::new(dir.path());
        band.take_from_file(&path, &wish, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
    }

    /// One quarter note C4, at 96 ticks a quarter.
    const MIDI: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x0c\0\x90\x3c\x64\x60\x80\x3c\x40\0\xff\x2f\0";

    #[test]
    fn a_midi_file_is_known_by_its_bytes_and_named_after_its_file() {
        let take = made("my tune.txt", MIDI).unwrap().take;
        assert_eq!(take.parts.iter().map(|part| part.notes.len()).sum::<usize>(), 1);
        assert!(take.info.name.contains("my tune"), "{}", take.info.name);
    }

    #[test]
    fn what_nobody_reads_and_what_is_not_there_are_sentences() {
        let sentence = |result: Result<FileTake, FileTakeError>| result.unwrap_err().to_string();
        assert!(sentence(made("notes.mid", b"no music")).contains("notes.mid is a text; WAV, AIFF"));
        assert!(sentence(made("cut.mid", &MIDI[..10])).len() > 10);
        let wish = FileWish { style: StyleId::built_in(0), bars: None, tempo: None };
        let band = BandProvider::new(Path::new("/"));
        let nowhere = Path::new("/nowhere.mid");
        let (progress, cancel) = (Progress::default(), CancelToken::default());
        let error = band.take_from_file(nowhere, &wish, SampleRate::DEFAULT, &progress, &cancel);
        assert!(sentence(error).starts_with("/nowhere.mid cannot be read"));
    }
}

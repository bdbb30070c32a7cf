//! Audio that is no take as files: a plain WAV each.
use crate::replace::{Entry, replace_files};
use crate::{LibraryError, RealDisk, wav};
use std::path::{Path, PathBuf};
use take::{AudioClip, SampleRate};

/// Writes `name.wav` for every clip into `dir`, which is made if need be: stereo, 24 bits. Older files of these names are
/// replaced, others stay. Returns the files.
///
/// # Errors
/// `NotSavable`, `DiskFull`, `Denied`, `Io`. Nothing half-written is left: `dir` is then as it was.
pub fn export_clips(dir: &Path, rate: SampleRate, clips: &[(&str, &AudioClip)]) -> Result<Vec<PathBuf>, LibraryError> {
    let mut entries: Vec<Entry> = Vec::new();
    for (name, clip) in clips {
        let bytes = wav::encode_plain(wav::interleaved(clip), rate, clip.num_frames() as u64)?;
        entries.push((PathBuf::from(format!("{name}.wav")), Some(bytes)));
    }
    replace_files(&RealDisk, dir, &entries)?;
    Ok(entries.into_iter().map(|(place, _)| dir.join(place)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_read_back_to_the_bit() {
        let dir = tempfile::tempdir().unwrap();
        let rate = SampleRate::new(44_100).unwrap();
        let step = 1.0 / 8_388_608.0;
        let clip = AudioClip { left: [0.5, step, -1.0].into(), right: [-step, 0.0, 0.25].into() };
        let files = export_clips(&dir.path().join("new"), rate, &[("voice", &clip)]).unwrap();
        assert_eq!(files, [dir.path().join("new/voice.wav")]);
        let bytes = std::fs::read(&files[0]).unwrap();
        assert_eq!(wav::decode(&bytes, &files[0], rate, 3).unwrap(), clip);
    }

    #[test]
    fn a_folder_in_the_way_leaves_everything_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b.wav")).unwrap();
        let clip = AudioClip::silent(4);
        let refused = export_clips(dir.path(), SampleRate::DEFAULT, &[("a", &clip), ("b", &clip)]);
        assert!(refused.is_err());
        assert!(!dir.path().join("a.wav").exists());
    }
}

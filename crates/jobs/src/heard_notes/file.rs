//! The notes of an audio file, from its start to its end.
use super::{HearNotesError, NoteHearer};
use crate::straight_resample::StraightResampler;
use crate::{CancelToken, Progress};
use library::AudioFile;
use models::RunControl;
use models::basic_pitch::{HeardNote, NoteThresholds, RATE_HZ};
use std::path::Path;
use take::SampleRate;

/// The audio and what the model says about it lie in memory: some 200 MB.
const MAX_MINUTES: f64 = 20.0;

/// What is heard in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct HeardFile {
    /// In the order of their starts.
    pub notes: Vec<HeardNote>,
    /// Length of the file.
    pub seconds: f64,
    /// A sentence each: what was wrong with the file.
    pub remarks: Vec<String>,
}

/// Reads a file and hears its notes. Disk work; the same file and thresholds give the same notes.
///
/// # Errors
/// [`HearNotesError`]; a file without notes is no error.
pub fn notes_of_file(
    path: &Path,
    by: &NoteHearer,
    thresholds: &NoteThresholds,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<HeardFile, HearNotesError> {
    progress.report(0.0, "reading");
    let mut file = AudioFile::open(path)?;
    let mono = read_mono(path, &mut file, cancel)?;
    let seconds = mono.len() as f64 / f64::from(RATE_HZ);
    let is_cancelled = || cancel.is_cancelled();
    let report = |share: f32, stage: &str| progress.report(0.1 + 0.9 * share, stage);
    let notes = by.open()?.transcribe(&mono, thresholds, &RunControl::new(&is_cancelled, &report))?;
    Ok(HeardFile { notes, seconds, remarks: file.remarks() })
}

/// The mean of both channels at the model's rate.
fn read_mono(path: &Path, file: &mut AudioFile, cancel: &CancelToken) -> Result<Vec<f32>, HearNotesError> {
    let model_rate = SampleRate::new(RATE_HZ).unwrap_or(SampleRate::DEFAULT);
    let mut resampler = StraightResampler::new(file.rate(), model_rate)?;
    let (mut left, mut right, mut mono) = (Vec::new(), Vec::new(), Vec::new());
    while file.next(&mut left, &mut right)? {
        cancel.check()?;
        let both: Vec<f32> = left.iter().zip(&right).map(|(left, right)| (left + right) * 0.5).collect();
        resampler.push(&both, &mut mono)?;
        if mono.len() as f64 > MAX_MINUTES * 60.0 * f64::from(RATE_HZ) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(HearNotesError::TooLong { name, max_minutes: MAX_MINUTES });
        }
    }
    resampler.finish(&mut mono)?;
    Ok(mono)
}

//! The audio of an answer.
use super::RemoteFault;
use crate::CancelToken;
use crate::http::one_line;
use library::{AUDIO_FORMATS, AudioFile, AudioReadError};
use std::io::Write;
use take::SampleRate;

/// Longer recordings than twice the longest take are not what was asked for.
const MAX_SECONDS: f64 = 1200.0;

/// A stereo recording of any length.
pub(super) struct Audio {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
    pub rate: SampleRate,
}

/// Reads an audio file of any kind that the library reads. It lies on the disk meanwhile: that is where readers are at
/// home.
///
/// # Errors
/// [`RemoteFault`]: `BadAudio`, `CutOff`, `Cancelled`, `TooLarge` for more than 20 minutes.
pub(super) fn decode(bytes: &[u8], cancel: &CancelToken) -> Result<Audio, RemoteFault> {
    let on_disk = |error: std::io::Error| RemoteFault::BadAudio { reason: format!("the temporary folder: {error}") };
    let mut staged = tempfile::NamedTempFile::new().map_err(on_disk)?;
    staged.write_all(bytes).and_then(|()| staged.flush()).map_err(on_disk)?;
    let mut file = AudioFile::open(staged.path()).map_err(|error| bad(&error))?;
    let (mut left, mut right, rate) = (Vec::new(), Vec::new(), file.rate());
    let (mut more_left, mut more_right) = (Vec::new(), Vec::new());
    while file.next(&mut more_left, &mut more_right).map_err(|error| bad(&error))? {
        cancel.check().map_err(|_| RemoteFault::Cancelled)?;
        left.append(&mut more_left);
        right.append(&mut more_right);
        if left.len() as f64 > MAX_SECONDS * f64::from(rate.get()) {
            return Err(RemoteFault::TooLarge);
        }
    }
    let is_broken_off = file.remarks().iter().any(|remark| remark.contains("breaks off"));
    if is_broken_off { Err(RemoteFault::CutOff) } else { Ok(Audio { left, right, rate }) }
}

/// What is wrong, without the name of a file that nobody knows.
fn bad(error: &AudioReadError) -> RemoteFault {
    let reason = match error {
        AudioReadError::Open { source, .. } => source.to_string(),
        AudioReadError::Empty { .. } => return RemoteFault::Empty,
        AudioReadError::NotRead { what, .. } => format!("it is {what}; {AUDIO_FORMATS} are read"),
        AudioReadError::Damaged { format, reason, .. } => format!("damaged {format}: {reason}"),
        AudioReadError::NoAudio { format, .. } => format!("a {format} file without sound"),
        AudioReadError::Rate { rate_hz, .. } => format!("{rate_hz} frames a second"),
        AudioReadError::Channels { num_channels, .. } => format!("{num_channels} channels"),
    };
    RemoteFault::BadAudio { reason: one_line(&reason, 160).unwrap_or_default() }
}

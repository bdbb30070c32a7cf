//! Spotify's Basic Pitch: any audio into notes, with the model that the package `basic-pitch` brings.
//!
//! Source: `inference.py` and `constants.py` of the package, version 0.4.0. Pitch bends are not made.
mod find;
mod postprocess;

pub use find::installed;
pub use postprocess::{FrameNote, NoteThresholds, notes_of};

use crate::musicgen::open_file::open_file;
use crate::{Dim, ModelError, Outputs, RunControl, Runtime, Session, Value};
use std::path::Path;

/// Keys of a piano.
pub const NUM_KEYS: usize = 88;
/// Rate that the model listens at, in hertz.
pub const RATE_HZ: u32 = 22_050;
/// MIDI number of the lowest key.
const LOWEST_KEY: u8 = 21;
/// Samples of a frame.
const HOP: usize = 256;
/// Frames of posteriors in a second.
const FRAMES_PER_SECOND: usize = RATE_HZ as usize / HOP;
/// Samples that the model takes at once, and the frames it gives for them.
const WINDOW: usize = 2 * RATE_HZ as usize - HOP;
const WINDOW_FRAMES: usize = 2 * FRAMES_PER_SECOND;
/// Frames at either end of a window that its neighbours know better.
const CUT_FRAMES: usize = 15;
/// What a second window begins after the first.
const STEP: usize = WINDOW - 2 * CUT_FRAMES * HOP;

const AUDIO: &str = "serving_default_input_2:0";
const NOTES: &str = "StatefulPartitionedCall:1";
const ONSETS: &str = "StatefulPartitionedCall:2";

/// How likely each key sounds or begins in each frame: `num_frames * NUM_KEYS` values of 0.0..=1.0, frame after frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Posteriors {
    /// It sounds.
    pub notes: Vec<f32>,
    /// It begins.
    pub onsets: Vec<f32>,
}

impl Posteriors {
    /// Frames of 1/86 s.
    pub fn num_frames(&self) -> usize {
        self.notes.len().min(self.onsets.len()) / NUM_KEYS
    }
}

/// A note that was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardNote {
    /// Onset from the start of the audio.
    pub start_seconds: f64,
    /// Length.
    pub duration_seconds: f64,
    /// MIDI note number 21..=108.
    pub key: u8,
    /// MIDI velocity 1..=127.
    pub velocity: u8,
}

/// A Basic Pitch that is open.
pub struct BasicPitch {
    session: Session,
}

impl BasicPitch {
    /// Opens `nmp.onnx`, or finds it in a folder, a Python environment's `site-packages` above all.
    ///
    /// # Errors
    /// `Missing`; `Layout` with the tensor that is not Basic Pitch's; what opening gives.
    pub fn open(runtime: &Runtime, path: &Path) -> Result<Self, ModelError> {
        let session = open_file(runtime, &find::find(path)?, &RunControl::detached())?;
        session.require_input(AUDIO, &[Dim::Any, Dim::Is(WINDOW), Dim::Is(1)])?;
        for name in [NOTES, ONSETS] {
            session.require_output(name, &[Dim::Any, Dim::Is(WINDOW_FRAMES), Dim::Is(NUM_KEYS)])?;
        }
        Ok(Self { session })
    }

    /// The model's opinion of mono audio at [`RATE_HZ`].
    ///
    /// # Errors
    /// `Cancelled` within 250 ms; what running the file gives.
    pub fn posteriors(&self, mono: &[f32], control: &RunControl) -> Result<Posteriors, ModelError> {
        let padded = CUT_FRAMES * HOP + mono.len();
        let num_windows = padded.div_ceil(STEP);
        let mut made = Posteriors::default();
        for window in 0..num_windows {
            control.check()?;
            control.report(window as f32 / num_windows as f32, &format!("window {} of {num_windows}", window + 1));
            let audio = Value::f32(&[1, WINDOW, 1], window_of(mono, window))?;
            let mut outputs = self.session.run(&[(AUDIO, &audio)], control)?;
            made.notes.extend(middle(&mut outputs, NOTES)?);
            made.onsets.extend(middle(&mut outputs, ONSETS)?);
        }
        let num_frames = num_frames(mono.len());
        made.notes.truncate(num_frames * NUM_KEYS);
        made.onsets.truncate(num_frames * NUM_KEYS);
        control.report(1.0, "done");
        Ok(made)
    }

    /// The notes of mono audio at [`RATE_HZ`], in the order of their starts.
    ///
    /// # Errors
    /// As [`BasicPitch::posteriors`].
    pub fn transcribe(
        &self,
        mono: &[f32],
        thresholds: &NoteThresholds,
        control: &RunControl,
    ) -> Result<Vec<HeardNote>, ModelError> {
        let posteriors = self.posteriors(mono, control).map_err(|error| self.session.explain(error))?;
        let mut notes: Vec<HeardNote> = notes_of(&posteriors, thresholds).iter().map(heard).collect();
        notes.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds).then(a.key.cmp(&b.key)));
        Ok(notes)
    }
}

/// Frames of so much audio, as the package counts them: 86 a second, not 86.13, and rounded in binary fractions.
pub fn num_frames(num_samples: usize) -> usize {
    (num_samples as f64 * (FRAMES_PER_SECOND as f64 / f64::from(RATE_HZ))).floor() as usize
}

fn heard(note: &FrameNote) -> HeardNote {
    let (start, end) = (frame_seconds(note.start), frame_seconds(note.end));
    HeardNote {
        start_seconds: start.max(0.0),
        duration_seconds: end - start.max(0.0),
        key: LOWEST_KEY + note.key as u8,
        velocity: (127.0 * note.amplitude).round_ties_even().clamp(1.0, 127.0) as u8,
    }
}

/// When a frame begins. A window's frames and samples do not quite agree, which the package sets right once every 172
/// frames, with a constant that its authors found by trial.
pub fn frame_seconds(frame: usize) -> f64 {
    let frame_length = HOP as f64 / f64::from(RATE_HZ);
    let excess = frame_length * (WINDOW_FRAMES as f64 - WINDOW as f64 / HOP as f64) + 0.0018;
    frame as f64 * frame_length - excess * (frame / WINDOW_FRAMES) as f64
}

/// A window's samples: silence before the audio, and after it.
fn window_of(mono: &[f32], window: usize) -> Vec<f32> {
    let start = window * STEP;
    let sample = |place: usize| place.checked_sub(CUT_FRAMES * HOP).and_then(|place| mono.get(place)).copied();
    (start..start + WINDOW).map(|place| sample(place).unwrap_or(0.0)).collect()
}

fn middle(outputs: &mut Outputs, name: &str) -> Result<Vec<f32>, ModelError> {
    let all = outputs.take_finite(name, &[1, WINDOW_FRAMES, NUM_KEYS])?;
    Ok(all[CUT_FRAMES * NUM_KEYS..(WINDOW_FRAMES - CUT_FRAMES) * NUM_KEYS].to_vec())
}

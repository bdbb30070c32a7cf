//! Notes from audio, by the Basic Pitch of the user's: a take without parts gets some, and a file becomes a list of notes.
//!
//! Drums are not heard: the model knows keys only. The audio of a take stays as it is.
mod file;
mod loops;
pub use file::{HeardFile, notes_of_file};

use crate::midi_chords::{Stretch, heard};
use crate::{BakeError, CancelToken, Cancelled, Progress, ResampleError, bake};
use library::AudioReadError;
use loops::{Voice, notes_of_loop, voices_of};
use models::basic_pitch::{BasicPitch, installed};
use models::{ModelError, RunControl, Runtime, RuntimeError, RuntimeSearch};
use std::path::{Path, PathBuf};
use take::{Part, PartKind, Take, TakeInfo};

/// Goes up whenever the same audio would give other notes.
const ENGINE: &str = "basic-pitch/1";
/// General MIDI programs of what is heard: a piano, and a finger bass below.
const PIANO: u8 = 0;
const BASS: u8 = 33;

/// The model that hears notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteHearer {
    /// Where ONNX Runtime is looked for.
    pub runtime: RuntimeSearch,
    /// `nmp.onnx`, or a folder or Python environment with it.
    pub model: PathBuf,
}

impl NoteHearer {
    /// The Basic Pitch that is installed: in `data_dir`, or as a Python package. Disk work; opens no model.
    ///
    /// # Errors
    /// [`HearNotesError::NotSetUp`] with the command that gets it.
    pub fn installed(data_dir: &Path) -> Result<Self, HearNotesError> {
        let runtime = RuntimeSearch::of_system(None, data_dir);
        let model = installed(&runtime).ok_or(HearNotesError::NotSetUp)?;
        Ok(Self { runtime, model })
    }

    fn open(&self) -> Result<BasicPitch, HearNotesError> {
        Ok(BasicPitch::open(&Runtime::find(&self.runtime)?, &self.model)?)
    }
}

/// Why there are no notes. Every sentence is for the user.
#[derive(Debug, thiserror::Error)]
pub enum HearNotesError {
    /// The owner changed its mind.
    #[error("cancelled")]
    Cancelled,
    /// No model.
    #[error("notes are heard by Basic Pitch, which is not there; `continuo models fetch-basic-pitch` gets it")]
    NotSetUp,
    /// ONNX Runtime is not there or does not work.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The user's model.
    #[error(transparent)]
    Model(ModelError),
    /// The file.
    #[error(transparent)]
    Read(#[from] AudioReadError),
    /// A rate that cannot be brought to the model's.
    #[error(transparent)]
    Resample(ResampleError),
    /// The audio is too long for memory.
    #[error("`{name}` is longer than {max_minutes} minutes; cut it into pieces first")]
    TooLong {
        /// The file.
        name: String,
        /// What is taken.
        max_minutes: f64,
    },
    /// The take knows its notes.
    #[error("`{name}` has its notes already")]
    HasNotes {
        /// The take.
        name: String,
    },
    /// Silence, noise, drums.
    #[error("no notes are heard in `{name}`")]
    Nothing {
        /// The take or file.
        name: String,
    },
    /// The take with its notes is none.
    #[error("what came of it is not usable: {0}")]
    Bake(#[from] BakeError),
}

impl From<Cancelled> for HearNotesError {
    fn from(_: Cancelled) -> Self {
        HearNotesError::Cancelled
    }
}

impl From<ModelError> for HearNotesError {
    fn from(error: ModelError) -> Self {
        if error == ModelError::Cancelled { HearNotesError::Cancelled } else { HearNotesError::Model(error) }
    }
}

impl From<ResampleError> for HearNotesError {
    fn from(error: ResampleError) -> Self {
        match error {
            ResampleError::Cancelled(_) => HearNotesError::Cancelled,
            error => HearNotesError::Resample(error),
        }
    }
}

/// The same take with the notes that are heard in it: one part for each pitched stem, or, where all is in one stem, a bass
/// and what lies above it. Audio, name and loudness stay; provenance says who heard. The same take gives the same notes.
///
/// # Errors
/// [`HearNotesError`]; the take is untouched.
pub fn hear_notes(
    take: &Take,
    by: &NoteHearer,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Take, HearNotesError> {
    let name = || take.info.name.clone();
    if !take.parts.is_empty() {
        return Err(HearNotesError::HasNotes { name: name() });
    }
    progress.report(0.0, "opening the model");
    let is_cancelled = || cancel.is_cancelled();
    let report = |share: f32, stage: &str| progress.report(share * 0.95, stage);
    let control = RunControl::new(&is_cancelled, &report);
    let model = by.open()?;
    let voices = voices_of(take);
    let mut parts = Vec::new();
    for (number, voice) in voices.iter().enumerate() {
        let share = |number: usize| number as f32 / voices.len() as f32;
        let run = control.within(share(number), share(number + 1));
        let notes = notes_of_loop(&model, voice.clip, &take.original, &run, cancel)?;
        parts.extend(parts_of(voice, notes));
    }
    if parts.is_empty() {
        return Err(HearNotesError::Nothing { name: name() });
    }
    progress.report(0.97, "finishing");
    with_parts(take, parts)
}

/// A part for a voice that is one instrument; a mix is parted at its bass.
fn parts_of(voice: &Voice<'_>, notes: Vec<take::Note>) -> Vec<Part> {
    let (low, high): (Vec<_>, Vec<_>) = match voice.kind {
        Some(PartKind::Bass) => (notes, Vec::new()),
        Some(_) => (Vec::new(), notes),
        None => notes.into_iter().partition(|note| note.key < loops::BASS_BELOW_KEY),
    };
    let bass = Part { kind: PartKind::Bass, name: "Bass".to_owned(), program: BASS, channel: 0, notes: low };
    let kind = voice.kind.filter(|kind| *kind != PartKind::Bass).unwrap_or(PartKind::Harmony);
    let (name, channel) = if kind == PartKind::Melody { ("Melody", 2) } else { ("Harmony", 1) };
    let above = Part { kind, name: name.to_owned(), program: PIANO, channel, notes: high };
    [bass, above].into_iter().filter(|part| !part.notes.is_empty()).collect()
}

fn with_parts(take: &Take, mut parts: Vec<Part>) -> Result<Take, HearNotesError> {
    parts.sort_by_key(|part| part.kind);
    let original = &*take.original;
    let mut info = TakeInfo { engine: format!("{} + {ENGINE}", take.info.engine), ..take.info.clone() };
    if info.chords.is_empty() {
        let stretch = Stretch { from: 0.0, num_beats: original.loop_beats.0, bar_beats: original.bar_beats.0 };
        info.chords = heard(&parts, stretch, (info.key, info.scale));
    }
    Ok(bake(info, parts, original.clone())?)
}

/// The notes of a take were heard in its audio, so its audio knows better.
pub(crate) fn are_heard(take: &Take) -> bool {
    take.info.engine.contains(ENGINE)
}

//! The library's own `take.json`: everything but the audio, exactly. (The flat one for scripts is in `export.rs`.)
use crate::LibraryError;
use serde::{Deserialize, Serialize};
use std::path::Path;
use take::{Beats, Bpm, Note, Part, Rendition, SampleRate, StemKind, Take, TakeId, TakeInfo};

/// Largest `take.json` that is read: 32 bars of five frantic parts need some 4 MB.
pub(crate) const MAX_BYTES: u64 = 64 << 20;

/// Format written by this build; it reads every one up to it.
pub(crate) const VERSION: u64 = 1;

/// A saved take without its audio. Floats are written with as many digits as they need to come back bit for bit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TakeFile {
    continuo_take: u64,
    id: TakeId,
    info: TakeInfo,
    audio: Audio,
    parts: Vec<Part>,
}

/// The original rendition; each stem is the file of its name.
#[derive(Debug, Serialize, Deserialize)]
struct Audio {
    tempo: Bpm,
    rate: SampleRate,
    loop_beats: Beats,
    bar_beats: Beats,
    stems: Vec<StemKind>,
}

/// What every version has.
#[derive(Deserialize)]
struct Header {
    continuo_take: u64,
}

impl TakeFile {
    pub(crate) fn encode(take: &Take) -> Result<Vec<u8>, LibraryError> {
        let Rendition { take: _, tempo, rate, loop_beats, bar_beats, ref stems } = *take.original;
        let stems = StemKind::ALL.into_iter().filter(|&kind| stems[kind as usize].is_some()).collect();
        let file = TakeFile {
            continuo_take: VERSION,
            id: take.id,
            info: take.info.clone(),
            audio: Audio { tempo, rate, loop_beats, bar_beats, stems },
            parts: take.parts.clone(),
        };
        serde_json::to_vec(&file).map_err(|error| LibraryError::NotSavable { reason: error.to_string() })
    }

    pub(crate) fn decode(bytes: &[u8], path: &Path) -> Result<Self, LibraryError> {
        let unreadable = |error: serde_json::Error| LibraryError::unreadable(path, error);
        let found = serde_json::from_slice::<Header>(bytes).map_err(unreadable)?.continuo_take;
        if found > VERSION {
            return Err(LibraryError::TooNew { path: path.to_owned(), found, newest: VERSION });
        }
        let file: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        check(&file.info, &file.parts, file.audio.loop_beats, file.audio.bar_beats)
            .map_err(|reason| LibraryError::unreadable(path, reason))?;
        Ok(file)
    }

    /// Info, parts, and the rendition with its stems still empty, beside the list of those to fill.
    pub(crate) fn into_pieces(self, id: TakeId) -> (TakeInfo, Vec<Part>, Rendition, Vec<StemKind>) {
        let Audio { tempo, rate, loop_beats, bar_beats, stems } = self.audio;
        let rendition = Rendition { take: id, tempo, rate, loop_beats, bar_beats, stems: Default::default() };
        (self.info, self.parts, rendition, stems)
    }
}

/// Whether a take would come back from disk as it is.
///
/// # Errors
/// `NotSavable`: lengths that do not fit, numbers that are none, notes outside MIDI, an id that is not its content's.
pub(crate) fn check_savable(take: &Take) -> Result<(), LibraryError> {
    let no = |reason: String| LibraryError::NotSavable { reason };
    let original = &*take.original;
    check(&take.info, &take.parts, original.loop_beats, original.bar_beats).map_err(no)?;
    for kind in StemKind::ALL {
        let Some(clip) = &original.stems[kind as usize] else { continue };
        let (left, right, expected) = (clip.left.len(), clip.right.len(), original.num_frames());
        if (left, right) != (expected, expected) {
            return Err(no(format!("its {} stem holds {left} and {right} frames, not {expected}", kind.name())));
        }
    }
    let id = TakeId::of(&take.info, &take.parts, original);
    if id != take.id {
        return Err(no(format!("it is called {} but its content is {id}", take.id)));
    }
    Ok(())
}

/// What the types do not already promise.
fn check(info: &TakeInfo, parts: &[Part], loop_beats: Beats, bar_beats: Beats) -> Result<(), String> {
    let is_length = |beats: f64| beats.is_finite() && beats > 0.0;
    if !is_length(loop_beats.0) || !is_length(bar_beats.0) {
        return Err(format!("a loop of {} beats in bars of {} is none", loop_beats.0, bar_beats.0));
    }
    if !info.loudness_lufs.is_finite() || !info.true_peak_dbtp.is_finite() {
        return Err("its loudness or true peak is not a number".to_owned());
    }
    if !info.chords.iter().all(|chord| chord.start.0.is_finite() && chord.duration.0.is_finite()) {
        return Err("a chord has no finite time".to_owned());
    }
    for part in parts {
        if part.program > 127 || part.channel > 15 {
            return Err(format!("part `{}` has program {}, channel {}", part.name, part.program, part.channel));
        }
        if let Some(note) = part.notes.iter().find(|note| !is_note(note, loop_beats)) {
            return Err(format!("part `{}` has a note outside MIDI or the loop: {note:?}", part.name));
        }
    }
    Ok(())
}

fn is_note(note: &Note, loop_beats: Beats) -> bool {
    (0.0..loop_beats.0).contains(&note.start.0)
        && note.duration.0.is_finite()
        && note.duration.0 > 0.0
        && note.key <= 127
        && (1..=127).contains(&note.velocity)
}

//! What a client may ask of the studio.
use crate::Press;
use engine::{DeckIndex, SwapAt};
use std::path::PathBuf;
use take::{PartKind, StemKind, StyleId, TakeId, TakeSpec};

/// What to generate and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeRequest {
    /// Deck the take is armed on when it is done.
    pub deck: DeckIndex,
    /// What is wanted.
    pub spec: TakeSpec,
    /// When it takes over.
    pub at: SwapAt,
}

/// One order. Nothing here blocks: the answer comes as a snapshot or a notice.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "`deck`, `take`, `at` and `dir` mean the same everywhere: see DeckIndex, TakeId, SwapAt"
)]
pub enum Command {
    /// A button pressed in a window: exactly what the same press from the audio thread does (session prompt, next seed).
    Press(Press),
    /// Queue a job. A deck runs one at a time; the next press waits, further ones replace the waiting one.
    Generate(TakeRequest),
    /// Stop the deck's job and forget the waiting one; with no job, disarm the pending take.
    Cancel { deck: DeckIndex },
    /// Arm the take after the current one in the deck's history.
    Next { deck: DeckIndex, at: SwapAt },
    /// Arm the take before the current one.
    Previous { deck: DeckIndex, at: SwapAt },
    /// Arm this take of the deck's history.
    Select { deck: DeckIndex, take: TakeId, at: SwapAt },
    /// Mark or unmark a favourite.
    Star { deck: DeckIndex, take: TakeId, is_starred: bool },
    /// Take it out of the deck's history (the library keeps it).
    Forget { deck: DeckIndex, take: TakeId },
    /// Empty the deck; its history stays.
    Unload { deck: DeckIndex },
    /// Generate a missing take again from its own spec and seed.
    Restore { deck: DeckIndex, take: TakeId },
    /// Play a take on the cue bus; `None` stops.
    Cue { take: Option<TakeId> },
    /// The style file used while the `Style` parameter says `User`; kept in the session.
    SetUserStyle { style: Option<StyleId> },
    /// The prompt as typed; kept in the session.
    SetPrompt { text: String },
    /// The live band's chord line as typed; kept in the session. One that cannot be read is refused with a notice.
    SetChords { text: String },
    /// Look at the user's style files again (a window opened, a file was edited).
    ReloadStyles,
    /// Write mix, stems, parts and take.json to `dir/<take name>/`; `None` is the export folder `<data dir>/exports`.
    /// The notice names the folder.
    Export { take: TakeId, dir: Option<PathBuf> },
    /// Write one stem as WAV into the export folder; the notice names the file.
    ExportStem { take: TakeId, stem: StemKind },
    /// Write one part as MIDI into the export folder; the notice names the file.
    ExportPart { take: TakeId, part: PartKind },
    /// The user has read this notice.
    Dismiss { notice: u64 },
}

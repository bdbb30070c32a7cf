//! What a client may ask of the studio.
use crate::{Press, WindowState};
use engine::{DeckIndex, SwapAt};
use jobs::http::ApiKey;
use jobs::{EngineChoice, Facility};
use library::LibraryQuery;
use std::path::PathBuf;
use take::{PartKind, StemKind, StyleId, TakeId, TakeSpec};

/// What to generate and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeRequest {
    /// Deck the take is armed on when it is done.
    pub deck: DeckIndex,
    /// Who makes it.
    pub engine: EngineChoice,
    /// What is wanted.
    pub spec: TakeSpec,
    /// When it takes over.
    pub at: SwapAt,
}

/// Side of a deck's comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
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
    /// Take the deck's current take apart into stems, in place: they take over at the next bar. Queued like a take to
    /// generate.
    Separate { deck: DeckIndex },
    /// Hear the notes of the deck's current take, which has none: the same audio with its notes takes its place at the next
    /// bar. [`crate::DeckView::hearing`] says how far it is.
    HearNotes { deck: DeckIndex },
    /// Stop the deck's job and forget the waiting one; with no job, disarm the pending take.
    Cancel { deck: DeckIndex },
    /// Arm the take after the current one in the deck's history.
    Next { deck: DeckIndex, at: SwapAt },
    /// Arm the take before the current one.
    Previous { deck: DeckIndex, at: SwapAt },
    /// Arm this take of the deck's history.
    Select { deck: DeckIndex, take: TakeId, at: SwapAt },
    /// Mark or unmark a favourite, in the library: every instance and every project sees it.
    Star { take: TakeId, is_starred: bool },
    /// Take it out of the deck's history (the library keeps it).
    Forget { deck: DeckIndex, take: TakeId },
    /// Delete its files and take it out of every history of this instance. A favourite is refused with a notice.
    Delete { take: TakeId },
    /// Mark a take of the deck's history as A or B of its comparison; `None` takes the mark away.
    Mark { deck: DeckIndex, side: Side, take: Option<TakeId> },
    /// Arm the other one of the two marked takes; A when neither is on the deck.
    Compare { deck: DeckIndex, at: SwapAt },
    /// Arm what was on the deck before its last change.
    Undo { deck: DeckIndex, at: SwapAt },
    /// Arm what the last undo took away.
    Redo { deck: DeckIndex, at: SwapAt },
    /// Put the words a take came from into the prompt, and its seed in line for the next take if wanted. The host
    /// parameters are the window's to set, from [`crate::TakeView::spec`] or a library take's.
    Reuse { take: TakeId, with_seed: bool },
    /// Empty the deck; its history stays.
    Unload { deck: DeckIndex },
    /// Generate a missing take again from its own spec and seed.
    Restore { deck: DeckIndex, take: TakeId },
    /// Play a take of a history or of the library on the cue bus: with the host while its transport rolls, else from
    /// its start. `None` stops.
    Cue { take: Option<TakeId> },
    /// Open the library with these words and filters, or search again; `None` closes it. Results come as
    /// [`crate::Snapshot::library`], and follow the folders while it is open.
    Search { query: Option<LibraryQuery> },
    /// Put a take of the library into a deck's history and arm it.
    LoadTake { deck: DeckIndex, take: TakeId, at: SwapAt },
    /// Make a take of a file (MIDI; audio where it can be read) and arm it.
    ImportFile { deck: DeckIndex, path: PathBuf, at: SwapAt },
    /// The style file used while the `Style` parameter says `User`; kept in the session.
    SetUserStyle { style: Option<StyleId> },
    /// The prompt as typed; kept in the session.
    SetPrompt { text: String },
    /// Empty the prompt history.
    ClearPrompts,
    /// Size, tab, scale and theme of the window; kept in the session.
    SetWindow { window: WindowState },
    /// The live band's chord line as typed; kept in the session. One that cannot be read is refused with a notice.
    SetChords { text: String },
    /// Look which engines are set up; the answer is [`crate::Snapshot::engines`].
    LookAtEngines,
    /// Try an engine or the separator out; the answer is a sentence in [`crate::Snapshot::trials`].
    Test { facility: Facility },
    /// Look at the user's style files again (a window opened, a file was edited).
    ReloadStyles,
    /// Write mix, stems, parts and take.json to `dir/<take name>/`; `None` is the export folder `<data dir>/exports`.
    /// The notice names the folder.
    Export { take: TakeId, dir: Option<PathBuf> },
    /// Write one stem as WAV into the export folder; the notice names the file.
    ExportStem { take: TakeId, stem: StemKind },
    /// Write one part as MIDI into the export folder; the notice names the file.
    ExportPart { take: TakeId, part: PartKind },
    /// Write every file of a take into the drag folder, so that a drag finds them finished; see
    /// [`crate::Snapshot::drag`]. Asking twice costs nothing: send it when the pointer comes near.
    PrepareDrag { take: TakeId },
    /// Delete all files of the drag folder.
    ClearDrag,
    /// Put the key of a server into the user's private file of keys; without one the server's key is removed. Never part
    /// of a project.
    SetKey { address: String, key: Option<ApiKey> },
    /// The user has read this notice.
    Dismiss { notice: u64 },
}

//! What a client may see. Immutable, shared, replaced as a whole at most every tick.
use crate::{BandView, WindowState};
use engine::EngineSnapshot;
use jobs::{EngineState, Facility};
use library::{BrokenTake, DragFiles, LibraryQuery, LibraryTake};
use std::path::PathBuf;
use std::sync::Arc;
use take::{Take, TakeId, TakeSpec};

/// The whole studio at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The audio thread's last word; default before the first block.
    pub engine: EngineSnapshot,
    /// An engine is attached (the host has activated the plugin).
    pub is_active: bool,
    /// Rate of the attached engine in Hz.
    pub rate_hz: u32,
    /// The eight decks.
    pub decks: Vec<DeckView>,
    /// Prompt of the session.
    pub prompt: String,
    /// The user style named in the session.
    pub user_style: Option<take::StyleId>,
    /// Style files of the user as (id, name), and what is wrong with broken ones as notices.
    pub user_styles: Vec<(String, String)>,
    /// The live band.
    pub band: BandView,
    /// Its chord line as typed.
    pub chords: String,
    /// Newest last; readable until dismissed.
    pub notices: Arc<Vec<Notice>>,
    /// Take on the cue bus, or about to be.
    pub cue: Option<TakeId>,
    /// The cued take is still being loaded.
    pub is_cue_loading: bool,
    /// The library, while it is open.
    pub library: LibraryView,
    /// Prompts that made takes, the newest first, each once; 50 at most.
    pub prompts: Arc<Vec<String>>,
    /// How each engine stood when it was last looked at; empty before the first [`crate::Command::LookAtEngines`].
    pub engines: Arc<Vec<EngineState>>,
    /// Engines and the separator tried out, see [`crate::Command::Test`]: those that run and the last result of each.
    pub trials: Arc<Vec<Trial>>,
    /// Files ready for dragging.
    pub drag: DragView,
    /// The window as it was left.
    pub window: WindowState,
}

/// What the open library shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LibraryView {
    /// What was asked for last; `None` while it is closed.
    pub query: Option<LibraryQuery>,
    /// What was found, the newest first.
    pub rows: Arc<Vec<Arc<LibraryTake>>>,
    /// Takes in the library, found or not.
    pub num_takes: usize,
    /// Engines and styles that made them, for menus; sorted.
    pub engines: Arc<Vec<String>>,
    /// See `engines`.
    pub styles: Arc<Vec<String>>,
    /// Folders that are no takes anybody could play.
    pub broken: Arc<Vec<BrokenTake>>,
    /// The first look at the folders is under way.
    pub is_loading: bool,
    /// Why the folders cannot be read.
    pub problem: Option<String>,
}

/// What can be dragged at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DragView {
    /// Takes whose files are written, the newest last.
    pub ready: Arc<Vec<Arc<DragFiles>>>,
    /// Takes whose files are being written.
    pub preparing: Vec<TakeId>,
    /// The managed folder.
    pub dir: PathBuf,
    /// What lies in it, in bytes.
    pub num_bytes: u64,
}

impl DragView {
    /// The finished files of a take.
    pub fn files(&self, take: TakeId) -> Option<&Arc<DragFiles>> {
        self.ready.iter().find(|files| files.take == take)
    }
}

/// One deck as a client sees it.
#[derive(Debug, Clone, Default)]
pub struct DeckView {
    /// Oldest first.
    pub history: Arc<Vec<TakeView>>,
    /// Take on the deck (playing or about to).
    pub current: Option<TakeId>,
    /// The current take itself, for drawing; `None` while missing or loading.
    pub take: Option<Arc<Take>>,
    /// Takes marked A and B.
    pub marks: [Option<TakeId>; 2],
    /// [`crate::Command::Undo`] would do something.
    pub can_undo: bool,
    /// [`crate::Command::Redo`] would do something.
    pub can_redo: bool,
    /// Running job.
    pub job: Option<JobView>,
    /// The current take is listened to for its notes: how far, 0.0..=1.0.
    pub hearing: Option<f32>,
    /// Another press waits behind the running job.
    pub is_job_waiting: bool,
    /// A job renders the current take again at the host's tempo; until it is done the engine stretches.
    pub is_rerendering: bool,
}

/// One row of a take list.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeView {
    /// Content hash.
    pub id: TakeId,
    /// For people.
    pub name: String,
    /// Prompt it came from.
    pub prompt: String,
    /// Seed it came from.
    pub seed: u64,
    /// All that was asked for.
    pub spec: Arc<TakeSpec>,
    /// Engine that made it.
    pub engine: String,
    /// Favourite.
    pub is_starred: bool,
    /// The library does not have it; `Command::Restore` makes it again.
    pub is_missing: bool,
}

/// A running job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// 0.0..=1.0.
    pub progress: f32,
    /// For example `composing`, `rendering bass`.
    pub stage: String,
    /// Seconds that are left; `None` while that cannot be told.
    pub remaining_s: Option<f32>,
}

/// An engine or the separator that is tried out, or was.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Which.
    pub facility: Facility,
    /// How it goes, or went.
    pub state: TrialState,
}

/// How a trial goes, or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrialState {
    /// Under way.
    Running {
        /// For example `opening the model`; empty while it waits for a worker.
        stage: String,
    },
    /// It can be used.
    Works {
        /// What is there.
        sentence: String,
    },
    /// It cannot be used.
    Failed {
        /// Why, and what to do.
        sentence: String,
    },
}

/// Level of one stem of the current take; for meters and buttons.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StemView {
    /// The take has this stem.
    pub exists: bool,
}

/// How bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good to know (a file was written).
    Info,
    /// Something did not work; the sentence says what and what to do.
    Error,
}

/// One sentence for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Grows by one; for `Command::Dismiss`.
    pub number: u64,
    /// How bad.
    pub kind: NoticeKind,
    /// One short sentence.
    pub text: String,
    /// A file it is about.
    pub path: Option<std::path::PathBuf>,
}

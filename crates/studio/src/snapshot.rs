//! What a client may see. Immutable, shared, replaced as a whole at most every tick.
use crate::BandView;
use engine::EngineSnapshot;
use std::sync::Arc;
use take::{Take, TakeId};

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
    /// Take on the cue bus.
    pub cue: Option<TakeId>,
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
    /// Running job.
    pub job: Option<JobView>,
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

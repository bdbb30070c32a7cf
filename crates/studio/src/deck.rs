//! One deck's memory and what is under way for it.
use crate::manifest::{DeckManifest, TakeRef};
use crate::past::Past;
use crate::shelf::{Prepared, is_same_tempo};
use crate::snapshot::TakeView;
use engine::SwapAt;
use jobs::{EngineChoice, Job, ProviderError};
use library::LibraryError;
use std::sync::Arc;
use take::{Bpm, Rendition, TakeId, TakeInfo, TakeSpec};

/// Takes a deck remembers. Beyond it the oldest that is no favourite leaves the list; the library keeps it.
const MAX_HISTORY: usize = 500;

/// What a job is to do for a deck.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Work {
    /// A take.
    Make {
        engine: EngineChoice,
        spec: TakeSpec,
        /// The missing take this is to bring back.
        restores: Option<TakeId>,
        /// It had been taken apart.
        is_separated: bool,
    },
    /// Other stems of a take that is there.
    Separate { take: TakeId },
}

impl Work {
    /// Who does it, for people.
    pub(crate) fn who(&self) -> &'static str {
        match self {
            Work::Make { engine, .. } => engine.name(),
            Work::Separate { .. } => "The separator",
        }
    }
}

/// Work, and when its take takes over.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) work: Work,
    pub(crate) at: SwapAt,
}

/// A take in the shapes that are wanted at once, its own first.
pub(crate) type Made = Vec<Prepared>;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkError {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Library(#[from] LibraryError),
}

/// A running job and what it was asked for.
#[derive(Debug)]
pub(crate) struct Generating {
    pub(crate) job: Job<Result<Made, WorkError>>,
    pub(crate) request: Request,
}

/// An order the engine has not taken yet. A newer one replaces it: only the last wish counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pending {
    /// Arm the current take.
    Load(SwapAt),
    /// Drop the pending take.
    Disarm,
    /// Empty the deck.
    Unload,
    /// Empty the deck, then arm the current take: what another session left there must not play on.
    Reload,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) take: TakeRef,
    pub(crate) is_missing: bool,
}

/// One deck.
#[derive(Debug, Default)]
pub(crate) struct Deck {
    /// Oldest first.
    history: Vec<Row>,
    view: Arc<Vec<TakeView>>,
    /// Playing or about to.
    pub(crate) current: Option<TakeId>,
    /// Takes marked A and B.
    pub(crate) marks: [Option<TakeId>; 2],
    /// What was on the deck before, the newest last; `None` is an empty deck.
    past: Past,
    /// Tempo of the rendition of the current take, once it is not the take's own.
    pub(crate) rendition_tempo: Option<Bpm>,
    pub(crate) generating: Option<Generating>,
    pub(crate) waiting: Option<Request>,
    pub(crate) pending: Option<Pending>,
    /// A take that was finished during an offline render: armed when that is over.
    pub(crate) deferred: Option<(TakeId, SwapAt)>,
    /// What the engine was given and may still hold, newest last.
    pub(crate) sent: Vec<Arc<Rendition>>,
    /// The take in the engine's playing slot.
    pub(crate) playing: Option<TakeId>,
    /// A tempo the current take could not be rendered at: not tried again.
    pub(crate) refused_tempo: Option<Bpm>,
    pub(crate) is_rerendering: bool,
}

impl Deck {
    pub(crate) fn from_manifest(manifest: &DeckManifest) -> Self {
        let row = |take: &TakeRef| Row { take: take.clone(), is_missing: false };
        let (current, rendition_tempo) = (manifest.current, manifest.rendition_tempo);
        let history = manifest.history.iter().map(row).collect();
        let mut deck = Self { history, current, rendition_tempo, marks: manifest.marks, ..Self::default() };
        deck.refresh_view();
        deck
    }

    pub(crate) fn to_manifest(&self) -> DeckManifest {
        DeckManifest {
            history: self.history.iter().map(|row| row.take.clone()).collect(),
            current: self.current,
            rendition_tempo: self.rendition_tempo,
            marks: self.marks,
        }
    }

    /// Takes over what another deck went through: its session goes on in this one.
    pub(crate) fn inherit_past(&mut self, old: &mut Deck) {
        self.past = std::mem::take(&mut old.past);
        if old.current != self.current {
            self.past.note(old.current);
        }
    }

    /// There is something to go back to, and to go forward to.
    pub(crate) fn can_undo_redo(&self) -> (bool, bool) {
        let is_there = |id: &Option<TakeId>| id.is_none_or(|id| self.row(id).is_some_and(|row| !row.is_missing));
        self.past.can_undo_redo(is_there)
    }

    /// What the deck should go back (or forward) to; takes that are missing are left out. The caller arms it.
    pub(crate) fn go_back(&mut self, is_forward: bool) -> Option<Option<TakeId>> {
        let mut past = std::mem::take(&mut self.past);
        let is_there = |id: TakeId| self.row(id).is_some_and(|row| !row.is_missing);
        let found = past.go_back(self.current, is_forward, |id| id.is_none_or(is_there));
        self.past = past;
        found
    }

    /// Puts nothing on the deck.
    pub(crate) fn unload(&mut self) {
        if self.current.is_some() {
            self.past.note(self.current);
        }
        self.empty();
    }

    /// [`Deck::unload`] as part of an undo.
    pub(crate) fn empty(&mut self) {
        self.current = None;
        self.rendition_tempo = None;
        self.deferred = None;
        self.pending = Some(Pending::Unload);
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.history
    }

    /// Rows as clients see them; shared until something changes.
    pub(crate) fn view(&self) -> Arc<Vec<TakeView>> {
        self.view.clone()
    }

    pub(crate) fn row(&self, id: TakeId) -> Option<&Row> {
        self.history.iter().find(|row| row.take.id == id)
    }

    /// Changes a row; false when there is none.
    pub(crate) fn edit(&mut self, id: TakeId, change: impl FnOnce(&mut Row)) -> bool {
        let row = self.history.iter_mut().find(|row| row.take.id == id);
        let is_there = row.map(change).is_some();
        if is_there {
            self.refresh_view();
        }
        is_there
    }

    /// Appends a take, or marks it present again.
    pub(crate) fn remember(&mut self, id: TakeId, info: &TakeInfo, is_starred: bool) {
        if self.edit(id, |row| row.is_missing = false) {
            return;
        }
        let (name, spec, engine) = (info.name.clone(), info.spec.clone(), info.engine.clone());
        let take_ref = TakeRef { id, name, spec, engine, is_starred };
        self.history.push(Row { take: take_ref, is_missing: false });
        let oldest = || self.history.iter().position(|row| !row.take.is_starred && Some(row.take.id) != self.current);
        if let Some(oldest) = (self.history.len() > MAX_HISTORY).then(oldest).flatten() {
            self.history.remove(oldest);
        }
        self.refresh_view();
    }

    /// Takes a row out; false when there is none.
    pub(crate) fn forget(&mut self, id: TakeId) -> bool {
        let num_rows = self.history.len();
        self.history.retain(|row| row.take.id != id);
        self.past.forget(id);
        self.marks = self.marks.map(|mark| mark.filter(|marked| *marked != id));
        self.refresh_view();
        self.history.len() < num_rows
    }

    /// The nearest take that is there, `step` (1 or -1) beside the current one; without a current one, the last.
    pub(crate) fn neighbour(&self, step: isize) -> Option<TakeId> {
        let at = self.current.and_then(|id| self.history.iter().position(|row| row.take.id == id));
        let Some(at) = at else {
            return self.history.iter().rev().find(|row| !row.is_missing).map(|row| row.take.id);
        };
        let mut others: Box<dyn Iterator<Item = &Row>> =
            if step > 0 { Box::new(self.history[at + 1..].iter()) } else { Box::new(self.history[..at].iter().rev()) };
        others.find(|row| !row.is_missing).map(|row| row.take.id)
    }

    /// Puts a take on the deck, to be armed.
    pub(crate) fn arm(&mut self, id: TakeId, at: SwapAt) {
        if self.current != Some(id) {
            self.past.note(self.current);
        }
        self.arm_again(id, at);
    }

    /// [`Deck::arm`] as part of an undo.
    pub(crate) fn arm_again(&mut self, id: TakeId, at: SwapAt) {
        if self.current != Some(id) {
            self.rendition_tempo = None;
        }
        self.current = Some(id);
        self.refused_tempo = None;
        self.deferred = None;
        self.pending = Some(Pending::Load(at));
    }

    /// The rendition the engine was given last for a take.
    pub(crate) fn sent_for(&self, id: TakeId) -> Option<&Arc<Rendition>> {
        self.sent.iter().rev().find(|rendition| rendition.take == id)
    }

    /// Notes what the engine has taken.
    pub(crate) fn note_sent(&mut self, rendition: Arc<Rendition>) {
        self.sent.retain(|known| known.take != rendition.take);
        self.sent.push(rendition);
        self.let_go();
    }

    /// Notes which take plays now. True when that changes what belongs on the deck: the take was taken back a moment
    /// too late, and nothing else is on its way.
    pub(crate) fn note_swapped(&mut self, playing: TakeId) -> bool {
        if self.sent_for(playing).is_none() {
            // From before the deck was emptied.
            return false;
        }
        let is_nothing_coming = self.current == self.playing && matches!(self.pending, None | Some(Pending::Disarm));
        self.playing = Some(playing);
        let is_surprise = is_nothing_coming && self.current != Some(playing);
        if is_surprise {
            self.pending = None;
            self.fall_back_to_playing();
        }
        self.let_go();
        is_surprise
    }

    /// What plays is what belongs on the deck.
    pub(crate) fn fall_back_to_playing(&mut self) {
        // What was armed never came to play: it is no change to undo.
        self.past.take_back(self.playing);
        self.current = self.playing;
        let own_tempo = self.playing.and_then(|id| self.row(id)).map(|row| row.take.spec.tempo);
        let sent_tempo = self.playing.and_then(|id| self.sent_for(id)).map(|rendition| rendition.tempo);
        self.rendition_tempo = sent_tempo.filter(|&sent| own_tempo.is_none_or(|own| !is_same_tempo(sent, own)));
    }

    /// Nobody asks again for what neither plays nor is about to.
    fn let_go(&mut self) {
        let (current, playing) = (self.current, self.playing);
        self.sent.retain(|known| Some(known.take) == current || Some(known.take) == playing);
    }

    /// The engine is another one, or gone: it holds nothing of this deck.
    pub(crate) fn forget_engine(&mut self) {
        self.sent.clear();
        self.playing = None;
        self.refused_tempo = None;
        let is_missing = self.current.and_then(|id| self.row(id)).is_some_and(|row| row.is_missing);
        self.pending = (self.current.is_some() && !is_missing).then_some(Pending::Load(SwapAt::Now));
    }

    fn refresh_view(&mut self) {
        self.view = Arc::new(self.history.iter().map(view_of).collect());
    }
}

fn view_of(row: &Row) -> TakeView {
    let TakeRef { id, name, spec, engine, is_starred } = row.take.clone();
    let (prompt, seed, spec) = (spec.prompt.clone(), spec.seed, Arc::new(spec));
    TakeView { id, name, prompt, seed, spec, engine, is_starred, is_missing: row.is_missing }
}

//! The studio without its thread: one `tick` after another, with the clock, the pool and the library handed in.
use crate::band::{BandSession, BandThread};
use crate::browsing::Browser;
use crate::chores::{Chore, Chores};
use crate::deck::Deck;
use crate::dragging::Dragging;
use crate::hearing::Hearing;
use crate::importing::Import;
use crate::notices::Notices;
use crate::preparing::Prep;
use crate::saving::{Export, Saves};
use crate::shelf::Shelf;
use crate::trying::Trials;
use crate::{BandView, Manifest, ManifestCell, Press, Snapshot, WindowState};
use crossbeam::channel::Sender;
use engine::{DeckIndex, EngineHandle, EngineSnapshot, NUM_DECKS};
use jobs::{BandProvider, EngineState, Engines, Job, JobEnd, Owner, Pool, StyleReport};
use library::{DragFolder, Library, TakeIndex};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use take::{SampleRate, StyleId, TakeId};

/// Time between two looks at models that may leave the memory.
const REST_EVERY: Duration = Duration::from_secs(60);
/// Presses handled in one tick; the rest wait for the next.
const MAX_PRESSES: usize = 256;

/// What the studio works with.
#[derive(Clone)]
pub(crate) struct Env {
    pub(crate) engines: Arc<Engines>,
    pub(crate) library: Library,
    pub(crate) pool: Arc<Pool>,
    /// Plays the notes of files, whoever makes the takes.
    pub(crate) importer: Arc<BandProvider>,
    pub(crate) exports_dir: PathBuf,
    pub(crate) drag: DragFolder,
    pub(crate) prompts_file: PathBuf,
    pub(crate) config_dir: PathBuf,
    /// Rate takes are made at, whatever the host's is: the same spec is the same take in every project.
    pub(crate) original_rate: SampleRate,
    /// Seed of the first take where no session was restored; `None` keeps the manifest's own.
    pub(crate) first_seed: Option<u64>,
    /// Called on a worker when a job has ended.
    pub(crate) wake: Arc<dyn Fn() + Send + Sync>,
}

/// Purposes of jobs beside the decks' own: lanes of the pool's line.
pub(crate) mod lane {
    pub(crate) const PREPARE: u8 = 8;
    pub(crate) const SAVE: u8 = 17;
    pub(crate) const EXPORT: u8 = 18;
    pub(crate) const FILES: u8 = 19;
    pub(crate) const CHORES: u8 = 20;
    pub(crate) const BROWSE: u8 = 21;
    pub(crate) const DRAG: u8 = 22;
    pub(crate) const IMPORT: u8 = 23;
    pub(crate) const TRIALS: u8 = 24;
    pub(crate) const HEAR: u8 = 25;
}

/// Where clients find the newest snapshot.
pub(crate) type SnapshotCell = Arc<Mutex<Arc<Snapshot>>>;

/// The session as the core works with it; the decks are in [`Core::decks`].
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) prompt: String,
    pub(crate) user_style: Option<StyleId>,
    pub(crate) chords: String,
    pub(crate) next_seed: u64,
    pub(crate) window: WindowState,
    /// Generation of the cell this was read from.
    pub(crate) generation: Option<u64>,
    pub(crate) is_dirty: bool,
}

/// The cue bus: what is wanted on it and what the engine has been told.
#[derive(Debug, Default)]
pub(crate) struct Cue {
    pub(crate) wanted: Option<TakeId>,
    pub(crate) sent: Option<TakeId>,
}

/// Everything one instance knows.
pub(crate) struct Core {
    pub(crate) env: Env,
    pub(crate) instance: u64,
    pub(crate) now: Duration,
    pub(crate) cell: Arc<ManifestCell>,
    pub(crate) presses: rtrb::Consumer<Press>,
    pub(crate) session: Session,
    pub(crate) decks: [Deck; NUM_DECKS],
    pub(crate) cue: Cue,
    /// One job per deck and one for the cue that brings a take into memory in the shape the engine needs.
    pub(crate) preps: [Option<Prep>; NUM_DECKS + 1],
    pub(crate) shelf: Shelf,
    pub(crate) saves: Saves,
    pub(crate) exports: Vec<Export>,
    /// All takes of the library, shared with the other instances.
    pub(crate) index: Arc<TakeIndex>,
    pub(crate) browser: Browser,
    pub(crate) chores: Chores,
    pub(crate) prompts: Arc<Vec<String>>,
    pub(crate) engine_states: Arc<Vec<EngineState>>,
    pub(crate) trials: Trials,
    /// When unused models are looked for next.
    pub(crate) rest_at: Duration,
    pub(crate) drag: Dragging,
    pub(crate) imports: Vec<Import>,
    pub(crate) hearings: Vec<Hearing>,
    pub(crate) checking: Option<Job<BTreeSet<TakeId>>>,
    /// Takes that are not in the library; what is there and cannot be read is none of them.
    pub(crate) absent: BTreeSet<TakeId>,
    /// Finds those that have come.
    pub(crate) returning: Option<Job<BTreeSet<TakeId>>>,
    pub(crate) look_for_missing_at: Duration,
    pub(crate) styles_job: Option<Job<StyleReport>>,
    pub(crate) styles: StyleReport,
    pub(crate) notices: Notices,
    pub(crate) engine: Option<EngineHandle>,
    /// `None` in tests of everything else.
    pub(crate) band: Option<BandThread>,
    pub(crate) band_view: BandView,
    pub(crate) engine_snapshot: EngineSnapshot,
    /// When the audio thread was last heard of.
    pub(crate) heard_engine_at: Duration,
    pub(crate) is_offline: bool,
    pub(crate) published: SnapshotCell,
    is_changed: bool,
    settled_waiters: Vec<Sender<()>>,
}

impl Core {
    pub(crate) fn new(
        env: Env,
        cell: Arc<ManifestCell>,
        presses: rtrb::Consumer<Press>,
        published: SnapshotCell,
    ) -> Self {
        let instance = env.pool.new_instance();
        let index = TakeIndex::shared(&env.library);
        let mut core = Self {
            env,
            instance,
            now: Duration::ZERO,
            cell,
            presses,
            session: Session::default(),
            decks: Default::default(),
            cue: Cue::default(),
            preps: Default::default(),
            shelf: Shelf::default(),
            saves: Saves::default(),
            exports: Vec::new(),
            index,
            browser: Browser::default(),
            chores: Chores::default(),
            prompts: Arc::default(),
            engine_states: Arc::default(),
            trials: Trials::default(),
            rest_at: REST_EVERY,
            drag: Dragging::default(),
            imports: Vec::new(),
            hearings: Vec::new(),
            checking: None,
            absent: BTreeSet::new(),
            returning: None,
            look_for_missing_at: Duration::ZERO,
            styles_job: None,
            styles: StyleReport::default(),
            notices: Notices::default(),
            engine: None,
            band: None,
            band_view: BandView::default(),
            engine_snapshot: EngineSnapshot::default(),
            heard_engine_at: Duration::ZERO,
            is_offline: false,
            published,
            is_changed: true,
            settled_waiters: Vec::new(),
        };
        core.reload_styles();
        core.begin(Chore::LookAround);
        // Before the first order, which would be lost with the decks of no session.
        core.follow_session();
        core.draw_first_seed();
        core
    }

    /// Two new instances on two tracks must not make the same take. A session that anybody has touched keeps its seed.
    fn draw_first_seed(&mut self) {
        let is_new = self.cell.generation() == 0 && self.cell.get() == Manifest::default();
        if let Some(seed) = self.env.first_seed.filter(|_| is_new) {
            // Saved with the first take: an instance nobody has used leaves the project as it was.
            self.session.next_seed = seed;
        }
    }

    /// One round. Never waits; `now` only ever grows.
    pub(crate) fn tick(&mut self, now: Duration) {
        self.now = now;
        self.follow_session();
        self.take_presses();
        self.hear_engine();
        self.poll_generating();
        self.poll_files();
        self.follow_band();
        self.prepare_decks();
        self.prepare_cue();
        self.trim_memory();
        self.rest_engines();
        self.write_session();
        self.publish();
        self.answer_waiters();
    }

    /// Models that nobody runs leave the memory.
    fn rest_engines(&mut self) {
        if self.now >= self.rest_at {
            self.rest_at = self.now + REST_EVERY;
            self.begin(Chore::RestEngines);
        }
    }

    /// The band's session goes out, its words come in.
    fn follow_band(&mut self) {
        let session = BandSession { chords: self.session.chords.clone(), user_style: self.session.user_style.clone() };
        let Some(band) = &mut self.band else { return };
        band.follow(session);
        let (view, said) = band.look();
        let is_news = view != self.band_view || !said.is_empty();
        self.band_view = view;
        said.iter().for_each(|sentence| self.notices.error(sentence));
        if is_news {
            self.touch();
        }
    }

    /// How long the thread may sleep when nothing wakes it.
    pub(crate) fn pace(&self) -> Duration {
        let is_busy = self.is_anything_under_way() || self.engine_snapshot.is_playing;
        Duration::from_millis(match (is_busy, &self.engine) {
            (true, _) => 5,
            // A press while the transport stands still should not feel late.
            (false, Some(_)) => 15,
            (false, None) => 100,
        })
    }

    fn is_anything_under_way(&self) -> bool {
        let has_prep = self.preps.iter().any(Option::is_some);
        let is_deck_busy = |deck: &Deck| deck.generating.is_some() || deck.pending.is_some();
        let is_at_work = self.saves.is_busy() || self.chores.is_busy() || self.browser.is_busy() || self.drag.is_busy();
        let has_files =
            !self.exports.is_empty() || !self.imports.is_empty() || self.trials.is_busy() || !self.hearings.is_empty();
        has_prep || self.decks.iter().any(is_deck_busy) || has_files || is_at_work
    }

    pub(crate) fn owner(&self, lane: u8) -> Owner {
        Owner { instance: self.instance, lane }
    }

    /// For `Pool::submit`.
    pub(crate) fn waker(&self) -> impl Fn() + Send + 'static {
        let wake = self.env.wake.clone();
        move || wake()
    }

    /// Something a client can see is different.
    pub(crate) fn touch(&mut self) {
        self.is_changed = true;
    }

    /// Something the project remembers is different.
    pub(crate) fn touch_session(&mut self) {
        self.session.is_dirty = true;
        self.is_changed = true;
    }

    pub(crate) fn deck(&mut self, deck: DeckIndex) -> &mut Deck {
        &mut self.decks[deck.get()]
    }

    /// A new engine: it holds nothing yet, so every deck's take goes in again.
    pub(crate) fn attach(&mut self, mut engine: EngineHandle) {
        let rate = engine.rate();
        if let (Some(band), Some(handle)) = (&self.band, engine.take_band()) {
            band.attach(handle, rate);
        }
        self.engine = Some(engine);
        self.start_over();
    }

    /// The engine is going away.
    pub(crate) fn detach(&mut self) {
        self.engine = None;
        self.band.iter().for_each(BandThread::detach);
        self.start_over();
    }

    fn start_over(&mut self) {
        self.engine_snapshot = EngineSnapshot::default();
        self.decks.iter_mut().for_each(Deck::forget_engine);
        self.cue.sent = None;
        self.touch();
    }

    /// Replies once nothing waits to be loaded.
    pub(crate) fn when_settled(&mut self, reply: Sender<()>) {
        self.settled_waiters.push(reply);
    }

    /// Every deck has, as far as the engine's ring goes, what the session says.
    pub(crate) fn is_settled(&self) -> bool {
        let is_seen = self.session.generation == Some(self.cell.generation());
        is_seen && (self.engine.is_none() || self.decks.iter().all(|deck| deck.pending.is_none()))
    }

    fn answer_waiters(&mut self) {
        if self.is_settled() {
            for waiter in self.settled_waiters.drain(..) {
                // One that gave up is no loss.
                waiter.try_send(()).ok();
            }
        }
    }

    fn take_presses(&mut self) {
        for _ in 0..MAX_PRESSES {
            let Ok(press) = self.presses.pop() else { break };
            self.press(&press);
        }
    }

    pub(crate) fn reload_styles(&mut self) {
        let provider = self.env.engines.band().clone();
        let job = self.env.pool.submit(self.owner(lane::FILES), self.waker(), move |_, _| provider.reload_styles());
        self.styles_job = job.ok().or(self.styles_job.take());
        self.band.iter().for_each(BandThread::reload_styles);
    }

    pub(crate) fn poll_styles(&mut self) {
        let Some(end) = self.styles_job.as_mut().and_then(Job::poll) else { return };
        self.styles_job = None;
        if let JobEnd::Done(report) = end {
            report.problems.iter().for_each(|problem| self.notices.error(problem.as_str()));
            self.styles = report;
        }
        self.touch();
    }

    pub(crate) fn publish(&mut self) {
        let has_progress = self.decks.iter().any(|deck| deck.generating.is_some())
            || self.trials.is_busy()
            || !self.hearings.is_empty();
        if std::mem::take(&mut self.is_changed) || has_progress {
            let snapshot = Arc::new(self.snapshot());
            *self.published.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
        }
    }
}

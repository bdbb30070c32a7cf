//! The studio thread, and the ends that others hold.
use crate::band::BandThread;
use crate::config::first_seed;
use crate::core::{Core, Env, SnapshotCell};
use crate::{Command, DeckView, ManifestCell, Notice, NoticeKind, Press, ReadDials, Snapshot, StudioConfig};
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use engine::EngineHandle;
use jobs::{Engines, Pool};
use library::Library;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use take::SampleRate;

/// Orders handled between two ticks, so that a flood of them does not starve the engine.
const MAX_ORDERS: usize = 1024;
/// A tick that breaks this often in a row will not get better.
const MAX_BROKEN_TICKS: u32 = 20;

/// What reaches the studio thread.
enum Order {
    Client(Box<Command>),
    Attach(Box<EngineHandle>),
    Detach,
    Offline(bool),
    WhenSettled(Sender<()>),
    /// A job has ended.
    Wake,
    Quit,
}

/// A client's end: cheap to clone, any thread but the audio thread.
#[derive(Clone)]
pub struct StudioHandle {
    orders: Sender<Order>,
    snapshot: SnapshotCell,
}

impl StudioHandle {
    /// Queues an order. Never blocks; after the studio has ended it does nothing.
    pub fn send(&self, command: Command) {
        self.order(Order::Client(Box::new(command)));
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// While a host renders offline, re-renders at a new tempo wait for its end, so that two renders are identical.
    pub fn set_offline(&self, is_offline: bool) {
        self.order(Order::Offline(is_offline));
    }

    /// Waits until every deck's take of the session is in the engine (or known to be missing), `timeout` at most.
    /// True when it is so. For activation, so that the first block of an offline render is not silent.
    pub fn wait_until_settled(&self, timeout: Duration) -> bool {
        let (reply, settled) = bounded(1);
        self.order(Order::WhenSettled(reply));
        settled.recv_timeout(timeout).is_ok()
    }

    fn order(&self, order: Order) {
        // The studio has ended: there is nobody left to tell.
        drop(self.orders.send(order));
    }
}

impl std::fmt::Debug for StudioHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StudioHandle").finish_non_exhaustive()
    }
}

/// One instance's core. Dropping it cancels its jobs, joins its thread and leaves nothing running.
#[derive(Debug)]
pub struct Studio {
    handle: StudioHandle,
    thread: Option<JoinHandle<()>>,
}

impl Studio {
    /// Starts the studio thread. `presses` is the consuming end of the ring that the audio thread pushes to.
    /// Starting may touch the disk: call it from `activate` or when a window opens, never in a constructor.
    /// `dials` reads the live band's host parameters.
    pub fn start(
        config: StudioConfig,
        session: Arc<ManifestCell>,
        presses: rtrb::Consumer<Press>,
        dials: ReadDials,
    ) -> Self {
        let band = Arc::new(jobs::BandProvider::new(&config.config_dir));
        let engines = Engines::new(band, &config.data_dir, &config.config_dir);
        Self::start_with(config, engines, session, presses, dials)
    }

    /// [`Studio::start`] with other engines that make the takes.
    pub fn start_with(
        config: StudioConfig,
        engines: Engines,
        session: Arc<ManifestCell>,
        presses: rtrb::Consumer<Press>,
        dials: ReadDials,
    ) -> Self {
        let (orders, inbox) = unbounded();
        let decks = vec![DeckView::default(); engine::NUM_DECKS];
        let snapshot = SnapshotCell::new(Arc::new(Snapshot { decks, ..Snapshot::default() }).into());
        let handle = StudioHandle { orders: orders.clone(), snapshot: snapshot.clone() };
        let wake = Arc::new(move || drop(orders.send(Order::Wake)));
        let work = move || {
            let env = Env {
                engines: Arc::new(engines),
                library: Library::new(&config.data_dir),
                pool: Pool::shared(),
                importer: Arc::new(jobs::BandProvider::new(&config.config_dir)),
                exports_dir: config.data_dir.join("exports"),
                drag: library::DragFolder::new(&config.data_dir),
                prompts_file: crate::prompts::file_in(&config.config_dir),
                config_dir: config.config_dir.clone(),
                original_rate: SampleRate::DEFAULT,
                first_seed: Some(first_seed()),
                wake,
            };
            let mut core = Core::new(env, session, presses, snapshot);
            core.band = Some(BandThread::start(config.config_dir, dials));
            run(core, &inbox);
        };
        let thread = thread::Builder::new().name("continuo-studio".to_owned()).spawn(work);
        if let Err(error) = &thread {
            let text =
                format!("Continuo cannot start its own thread ({error}); close other programs and load it again.");
            let notice = Notice { number: 1, kind: NoticeKind::Error, text, path: None };
            let only_this = Snapshot { notices: Arc::new(vec![notice]), ..Snapshot::default() };
            *handle.snapshot.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(only_this);
        }
        Self { handle, thread: thread.ok() }
    }

    /// For clients.
    pub fn handle(&self) -> StudioHandle {
        self.handle.clone()
    }

    /// A new engine (activation): every deck's take is loaded into it. The previous handle is dropped.
    pub fn attach(&self, engine: EngineHandle) {
        self.handle.order(Order::Attach(Box::new(engine)));
    }

    /// The engine is going away (deactivation).
    pub fn detach(&self) {
        self.handle.order(Order::Detach);
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.handle.order(Order::Quit);
        if let Some(thread) = self.thread.take() {
            // A panic in there has been told already.
            drop(thread.join());
        }
    }
}

/// The thread: sleeps, hears orders, ticks.
fn run(mut core: Core, inbox: &Receiver<Order>) {
    let started = Instant::now();
    let mut num_broken = 0;
    while num_broken < MAX_BROKEN_TICKS {
        // A panic in one round must not take the instance with it: the state is plain data, and every tick looks
        // anew at what is wanted.
        let round = catch_unwind(AssertUnwindSafe(|| {
            let goes_on = hear(&mut core, inbox);
            core.tick(started.elapsed());
            goes_on
        }));
        match round {
            Ok(true) => num_broken = 0,
            Ok(false) => break,
            Err(_) => {
                num_broken += 1;
                tell(&mut core, "Something in Continuo broke; it goes on, but save the project and report this.");
            }
        }
    }
    if num_broken == MAX_BROKEN_TICKS {
        tell(&mut core, "Continuo has stopped working; save the project and load it again.");
    }
    core.close();
}

/// At once: the next tick may break before it publishes anything.
fn tell(core: &mut Core, sentence: &str) {
    core.notices.error(sentence);
    core.touch();
    // If even this breaks there is no way left to tell anybody.
    drop(catch_unwind(AssertUnwindSafe(|| core.publish())));
}

/// Sleeps until something comes; false when the studio should end.
fn hear(core: &mut Core, inbox: &Receiver<Order>) -> bool {
    let mut next = match inbox.recv_timeout(core.pace()) {
        Ok(order) => Some(order),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => return false,
    };
    for _ in 0..MAX_ORDERS {
        match next.take() {
            None | Some(Order::Wake) => {}
            Some(Order::Quit) => return false,
            Some(Order::Client(command)) => core.obey(*command),
            Some(Order::Attach(engine)) => core.attach(*engine),
            Some(Order::Detach) => core.detach(),
            Some(Order::Offline(is_offline)) => core.is_offline = is_offline,
            Some(Order::WhenSettled(reply)) => core.when_settled(reply),
        }
        next = inbox.try_recv().ok();
        if next.is_none() {
            break;
        }
    }
    true
}

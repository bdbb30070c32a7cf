//! What all copies of a [`super::Session`] share: the runtime's session, or how to load it again.
use super::load_switch::{LoadCancellation, LoadSwitch};
use super::pace::Pace;
use super::{Loaders, TensorInfo, Value, watch};
use crate::runtime::{Accelerator, RunSettings, one_line};
use crate::{ModelError, RunControl, runtime_lock as lock};
use ort::environment::{Environment, ThreadManager};
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{RunOptions, Session as OrtSession, SessionInputValue};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a caller that waits is asked whether it still wants to.
const POLL: Duration = Duration::from_millis(20);
/// Runs shorter than this are not watched: the caller asks between them anyway.
const WATCH_FROM: Duration = Duration::from_millis(50);

/// One file, open or ready to be opened again.
pub(crate) struct Model {
    pub(super) name: String,
    pub(super) inputs: Vec<TensorInfo>,
    pub(super) outputs: Vec<TensorInfo>,
    source: Source,
    loaders: Arc<Loaders>,
    state: Mutex<State>,
    freed: Condvar,
}

/// All that loading needs.
#[derive(Clone)]
struct Source {
    environment: Environment,
    cancellation: Option<LoadCancellation>,
    file: PathBuf,
    settings: RunSettings,
}

struct State {
    /// None while it runs, and after its memory was given back.
    session: Option<OrtSession>,
    is_running: bool,
    last_used: Instant,
    pace: Pace,
    num_threads: usize,
}

impl Model {
    /// Loads a file.
    pub(crate) fn load(
        (environment, cancellation): (&Environment, Option<LoadCancellation>),
        file: &Path,
        settings: RunSettings,
        loaders: Arc<Loaders>,
        control: &RunControl,
    ) -> Result<Model, ModelError> {
        let source = Source { environment: environment.clone(), cancellation, file: file.to_owned(), settings };
        let num_threads = settings.num_threads.clamp(1, 64);
        let session = source.load(num_threads, &loaders, control)?;
        let infos = |outlets: &[ort::value::Outlet]| {
            outlets.iter().map(|outlet| TensorInfo::new(outlet.name(), outlet.dtype())).collect()
        };
        let (inputs, outputs) = (infos(session.inputs()), infos(session.outputs()));
        let state = State {
            session: Some(session),
            is_running: false,
            last_used: Instant::now(),
            pace: Pace::default(),
            num_threads,
        };
        let state = Mutex::new(state);
        Ok(Model { name: source.name(), inputs, outputs, source, loaders, state, freed: Condvar::new() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.source.file
    }

    pub(super) fn num_threads(&self) -> usize {
        lock(&self.state).num_threads
    }

    pub(crate) fn is_loaded(&self) -> bool {
        let state = lock(&self.state);
        state.is_running || state.session.is_some()
    }

    /// Closes it if nobody has run it for `unused_for`; true if it was closed now.
    pub(crate) fn release_if_idle(&self, unused_for: Duration, now: Instant) -> bool {
        let mut state = lock(&self.state);
        let is_idle = !state.is_running && now.saturating_duration_since(state.last_used) >= unused_for;
        let released = if is_idle { state.session.take() } else { None };
        if released.is_some() {
            // Whoever comes back later starts with all threads.
            state.num_threads = self.source.settings.num_threads.clamp(1, 64);
            state.pace = Pace::default();
        }
        // The memory goes after the lock.
        drop(state);
        released.is_some()
    }

    pub(super) fn run(
        &self,
        inputs: &[(&str, &Value)],
        control: &RunControl,
    ) -> Result<Vec<(String, Value)>, ModelError> {
        let mut turn = Turn::take(self, control)?;
        let failed = |error: ort::Error| ModelError::Run { file: self.name.clone(), reason: one_line(error.message()) };
        let values: Vec<(&str, SessionInputValue)> =
            inputs.iter().map(|(name, value)| (*name, (&value.0).into())).collect();
        let options = RunOptions::new().map_err(failed)?;
        let is_long = turn.is_long;
        let session = turn.session(control)?;
        let started = Instant::now();
        let work = || session.run_with_options(values, &options);
        let outputs = if is_long { watch::watched(control, &options, work) } else { work() };
        let outputs: ort::Result<Vec<(String, Value)>> =
            outputs.map(|found| found.into_iter().map(|(name, value)| (name.to_owned(), Value(value))).collect());
        let outputs = match outputs {
            Ok(outputs) => outputs,
            // However the runtime words its end.
            Err(_) if control.is_cancelled() => return Err(ModelError::Cancelled),
            Err(error) => return Err(failed(error)),
        };
        turn.finished_in = Some(started.elapsed());
        Ok(outputs)
    }
}

/// The right to run the model; given back on every way out.
struct Turn<'a> {
    model: &'a Model,
    session: Option<OrtSession>,
    num_threads: usize,
    is_long: bool,
    finished_in: Option<Duration>,
}

impl<'a> Turn<'a> {
    fn take(model: &'a Model, control: &RunControl) -> Result<Self, ModelError> {
        let mut state = lock(&model.state);
        while state.is_running {
            control.check()?;
            state = model.freed.wait_timeout(state, POLL).unwrap_or_else(PoisonError::into_inner).0;
        }
        control.check()?;
        state.is_running = true;
        let is_long = state.pace.longest().is_none_or(|longest| longest >= WATCH_FROM);
        let session = state.session.take();
        Ok(Turn { model, session, num_threads: state.num_threads, is_long, finished_in: None })
    }

    fn session(&mut self, control: &RunControl) -> Result<&mut OrtSession, ModelError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.model.source.load(self.num_threads, &self.model.loaders, control)?,
        };
        Ok(self.session.insert(session))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.model.state);
        state.session = self.session.take();
        state.is_running = false;
        state.last_used = Instant::now();
        let is_slow = self.finished_in.is_some_and(|took| state.pace.note(took));
        let mut outdated = None;
        if is_slow && state.num_threads > 1 {
            // The next run loads it with one thread.
            state.num_threads = 1;
            state.pace = Pace::default();
            outdated = state.session.take();
        }
        drop(state);
        self.model.freed.notify_one();
        drop(outdated);
    }
}

impl Source {
    fn name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Loads on a thread of its own; a caller who no longer wants it leaves at once, and the thread ends early or drops
    /// what it loaded.
    fn load(&self, num_threads: usize, loaders: &Loaders, control: &RunControl) -> Result<OrtSession, ModelError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let switch = Arc::new(LoadSwitch::default());
        let (source, of_thread) = (self.clone(), Arc::clone(&switch));
        let name = std::thread::Builder::new().name("model load".to_owned());
        let thread = name.spawn(move || {
            sender.send(source.commit(num_threads, &of_thread)).ok();
        });
        let unreadable = |reason: String| ModelError::Unreadable { file: self.name(), reason };
        loaders.add(thread.map_err(|error| unreadable(error.to_string()))?);
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(loaded) => return loaded.map_err(|error| unreadable(one_line(error.message()))),
                Err(RecvTimeoutError::Timeout) => {
                    control.check().inspect_err(|_| switch.turn_off(self.cancellation))?;
                }
                Err(RecvTimeoutError::Disconnected) => return Err(unreadable("loading ended early".to_owned())),
            }
        }
    }

    /// With every optimisation, and with the safe ones alone where those trip over the file: version 1.23 cannot fuse
    /// the layer norms of a T5 in 16 bits.
    fn commit(&self, num_threads: usize, switch: &LoadSwitch) -> ort::Result<OrtSession> {
        self.commit_with(num_threads, GraphOptimizationLevel::All, switch).or_else(|error| {
            match error.message().contains("Exception during initialization") {
                true => self.commit_with(num_threads, GraphOptimizationLevel::Level1, switch),
                false => Err(error),
            }
        })
    }

    fn commit_with(
        &self,
        num_threads: usize,
        level: GraphOptimizationLevel,
        switch: &LoadSwitch,
    ) -> ort::Result<OrtSession> {
        let mut builder = OrtSession::builder(&self.environment)?
            .with_optimization_level(level)?
            .with_intra_threads(num_threads)?
            .with_inter_threads(1)?
            .with_thread_manager(LowPriority)?
            // Waiting threads sleep: an idle model must not burn the host's cores.
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?;
        if self.settings.accelerator == Accelerator::Any {
            let providers = [
                ort::ep::CUDA::default().build().fail_silently(),
                ort::ep::CoreML::default().build().fail_silently(),
                ort::ep::DirectML::default().build().fail_silently(),
            ];
            builder = builder.with_execution_providers(providers)?;
        }
        switch.load(&mut builder, |builder| builder.commit_from_file(&self.file))
    }
}

/// The runtime's own threads yield to audio and window, as the workers that call it do.
struct LowPriority;

impl ThreadManager for LowPriority {
    type Thread = JoinHandle<()>;

    fn create(&self, work: impl FnOnce() + Send + 'static) -> ort::Result<JoinHandle<()>> {
        let thread = std::thread::Builder::new().name("model".to_owned());
        let run = move || {
            crate::priority::lower();
            work();
        };
        thread.spawn(run).map_err(ort::Error::wrap)
    }

    fn join(thread: JoinHandle<()>) -> ort::Result<()> {
        thread.join().ok();
        Ok(())
    }
}

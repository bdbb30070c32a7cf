//! ONNX Runtime: a library of the user's, loaded once a process, and the models that are open in it.
mod fetch;
mod host;
mod search;

pub use fetch::{FetchError, fetch_basic_pitch, fetch_runtime};
pub(crate) use host::one_line;
pub use search::RuntimeSearch;
pub(crate) use search::runtime_dir;

use crate::onnx_file::OnnxFile;
use crate::session::{Loaders, Model};
use crate::{ModelError, RunControl, RuntimeError, Session};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

/// The oldest library that is taken is 1.this (MODELS.md 7.1: the lowest that offers all we call).
const LEAST_MINOR: u32 = ort::MINOR_VERSION;

/// Which library was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryInfo {
    /// The file, absolute.
    pub file: PathBuf,
    /// What the library says about its build: version, commit and flags.
    pub build: String,
}

/// Which processor runs the models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Accelerator {
    /// The processor; works everywhere.
    #[default]
    Cpu,
    /// CUDA, CoreML or DirectML where the library has it, else the processor.
    Any,
}

/// How models are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunSettings {
    /// Threads of one model, 1..=64. Default: physical cores - 2, at least 1, so that a host keeps two (MODELS.md 8.4).
    pub num_threads: usize,
    /// Default: the processor.
    pub accelerator: Accelerator,
}

impl Default for RunSettings {
    fn default() -> Self {
        let num_threads = num_cpus::get_physical().saturating_sub(2).clamp(1, 64);
        Self { num_threads, accelerator: Accelerator::Cpu }
    }
}

/// The loaded library and everything that is open in it; all copies are one. When the last copy in the process goes, its
/// models are closed and their threads joined. The library itself stays mapped, as no library of this kind can be
/// unloaded safely.
#[derive(Clone)]
pub struct Runtime {
    shared: Arc<Shared>,
    settings: RunSettings,
}

struct Shared {
    host: &'static host::Host,
    models: Mutex<HashMap<ModelKey, Arc<Model>>>,
    loaders: Arc<Loaders>,
}

/// The same file with the same settings is the same model; a file that was written anew is another one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ModelKey {
    file: PathBuf,
    modified: Option<SystemTime>,
    settings: RunSettings,
}

impl Runtime {
    /// Finds a library, loads it and keeps it for the process. Whoever comes later gets the one that is loaded, wherever
    /// they would have looked: [`Runtime::library`] says which. May start a Python for a moment; not for the window's
    /// thread.
    ///
    /// # Errors
    /// [`RuntimeError`], each with the command that helps. Nothing stays loaded; it may be tried again.
    pub fn find(search: &RuntimeSearch) -> Result<Runtime, RuntimeError> {
        static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());
        static HOST: OnceLock<host::Host> = OnceLock::new();
        let mut current = lock(&SHARED);
        let shared = match current.upgrade() {
            Some(shared) => shared,
            None => {
                let host = match HOST.get() {
                    Some(host) => host,
                    None => {
                        let found = named_after_the_library(|| host::Host::load(search))?;
                        HOST.get_or_init(|| found)
                    }
                };
                let loaders = Arc::new(Loaders::default());
                let shared = Arc::new(Shared { host, models: Mutex::default(), loaders });
                *current = Arc::downgrade(&shared);
                shared
            }
        };
        Ok(Runtime { shared, settings: RunSettings::default() })
    }

    /// Which library this is.
    pub fn library(&self) -> &LibraryInfo {
        &self.shared.host.library
    }

    /// The same runtime; models opened through this copy run so.
    #[must_use]
    pub fn with_settings(&self, settings: RunSettings) -> Runtime {
        Runtime { settings, ..self.clone() }
    }

    /// There is one for the process.
    #[cfg(test)]
    pub(crate) fn environment(&self) -> &ort::environment::Environment {
        &self.shared.host.environment
    }

    /// How models of this copy are run.
    pub fn settings(&self) -> RunSettings {
        self.settings
    }

    /// Names of the accelerators that the loaded library was built with.
    pub fn accelerators(&self) -> Vec<&'static str> {
        host::accelerators()
    }

    /// Opens a model file, or shares it with those who have it open.
    ///
    /// # Errors
    /// [`ModelError::Missing`], [`ModelError::Unreadable`], [`ModelError::Cancelled`]; nothing stays open.
    pub fn open(&self, file: &Path, control: &RunControl) -> Result<Session, ModelError> {
        let missing = || ModelError::Missing { file: file.to_owned() };
        let found = std::fs::metadata(file).map_err(|_| missing())?;
        let file = std::path::absolute(file).map_err(|_| missing())?;
        let key = ModelKey { file, modified: found.modified().ok(), settings: self.settings };
        let known = lock(&self.shared.models).get(&key).cloned();
        if let Some(model) = known {
            return Ok(Session::new(model));
        }
        // Loading takes seconds and the lock is not held: two who open one file at the same time both load it, and the
        // second one's copy goes.
        let loaders = Arc::clone(&self.shared.loaders);
        let host = self.shared.host;
        let library = (&host.environment, host.cancellation);
        let loaded = Model::load(library, &key.file, self.settings, loaders, control);
        let model = Arc::new(loaded.map_err(|error| say_more(error, &key.file))?);
        let mut models = lock(&self.shared.models);
        models.retain(|other, _| other.file != key.file || other.modified == key.modified);
        Ok(Session::new(Arc::clone(models.entry(key).or_insert(model))))
    }

    /// Gives the memory of models back that nobody has run for `unused_for` before `now`; one that is run later is loaded
    /// again by itself. Returns how many were closed.
    pub fn release_idle(&self, unused_for: Duration, now: Instant) -> usize {
        let mut models = lock(&self.shared.models);
        let closed = models.values().filter(|model| model.release_if_idle(unused_for, now)).count();
        // Nobody holds it and it is closed: forget it.
        models.retain(|_, model| Arc::strong_count(model) > 1 || model.is_loaded());
        closed
    }

    /// How many models are in memory.
    pub fn num_loaded(&self) -> usize {
        lock(&self.shared.models).values().filter(|model| model.is_loaded()).count()
    }
}

/// Runs `load` on a thread of its own. The library starts a thread that stays, which inherits the name of the one that
/// loads it: who looks at the process sees whose it is.
fn named_after_the_library<T: Send>(load: impl Fn() -> T + Sync) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("onnxruntime".to_owned()).spawn_scoped(scope, &load);
        // Out of threads, or a panic there: it is tried here.
        thread.ok().and_then(|thread| thread.join().ok()).unwrap_or_else(&load)
    })
}

/// The runtime says little about a file that it refuses: the tensor at which it is cut off, or whose data is missing.
fn say_more(error: ModelError, file: &Path) -> ModelError {
    if !matches!(error, ModelError::Unreadable { .. }) {
        return error;
    }
    OnnxFile::read(file).and_then(|model| model.check_data_files()).err().unwrap_or(error)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

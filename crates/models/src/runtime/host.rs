//! The library itself: loaded once, then for the rest of the process.
use super::{LEAST_MINOR, LibraryInfo, RuntimeSearch};
use crate::RuntimeError;
use crate::session::LoadCancellation;
use ort::LoadDynamicError;
use ort::environment::Environment;
use ort::ep::ExecutionProvider;
use std::path::{Path, PathBuf};

/// A library that has started. It has no threads of its own: each session has its.
pub(super) struct Host {
    pub(super) library: LibraryInfo,
    pub(super) environment: Environment,
    pub(super) cancellation: Option<LoadCancellation>,
}

impl Host {
    /// The first one that loads, in the order of the search.
    pub(super) fn load(search: &RuntimeSearch) -> Result<Host, RuntimeError> {
        let mut first_problem = None;
        for file in search.candidates() {
            match Host::load_file(&file) {
                Ok(host) => return Ok(host),
                // The first candidate is the one that the user means.
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        Err(first_problem.unwrap_or_else(|| RuntimeError::NotFound { places: search.places() }))
    }

    fn load_file(file: &Path) -> Result<Host, RuntimeError> {
        let environment = ort::init_from(file).map_err(|error| load_error(file, error))?;
        let failed =
            |error: ort::Error| RuntimeError::Failed { file: file.to_owned(), reason: one_line(error.message()) };
        let environment = environment.with_name("continuo").with_telemetry(false).build().map_err(failed)?;
        let library = LibraryInfo { file: file.to_owned(), build: ort::info().to_owned() };
        Ok(Host { library, environment, cancellation: LoadCancellation::find(file) })
    }
}

fn load_error(file: &Path, error: LoadDynamicError) -> RuntimeError {
    let file: PathBuf = file.to_owned();
    match error {
        LoadDynamicError::BadVersion { version_str, .. } => {
            RuntimeError::TooOld { file, version: version_str, least_minor: LEAST_MINOR }
        }
        LoadDynamicError::MissingApi { .. } => {
            RuntimeError::Broken { file, reason: "it has no `OrtGetApiBase`".to_owned() }
        }
        LoadDynamicError::InvalidVersionString => {
            RuntimeError::Broken { file, reason: "it does not tell its version".to_owned() }
        }
        LoadDynamicError::Dlopen { error, .. } => RuntimeError::Broken { file, reason: one_line(&error.to_string()) },
    }
}

/// What the library was built with.
pub(super) fn accelerators() -> Vec<&'static str> {
    let has = |name, is_available: ort::Result<bool>| is_available.unwrap_or(false).then_some(name);
    let found = [
        has("CUDA", ort::ep::CUDA::is_available()),
        has("CoreML", ort::ep::CoreML::is_available()),
        has("DirectML", ort::ep::DirectML::is_available()),
    ];
    found.into_iter().flatten().collect()
}

/// Messages of the runtime span lines and name its source files.
pub(crate) fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

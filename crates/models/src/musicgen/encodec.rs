//! EnCodec's decoder: four codebooks in, audio out.
use super::config::Config;
use super::delay::CODEBOOKS_PER_CHANNEL;
use super::open_file::open_file;
use crate::{Dim, ModelError, RunControl, Runtime, Session, Value, runtime_lock as lock};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const CODES: &str = "audio_codes";
const AUDIO: &str = "audio_values";
/// How often a caller that waits is asked whether it still wants to.
const POLL: Duration = Duration::from_millis(20);

/// Tokens into sound, one channel at a time.
pub(super) struct Encodec {
    session: Session,
    hop: usize,
    /// Runs whose callers have left. Joined with this, so that no thread outlives a plugin.
    abandoned: Mutex<Vec<JoinHandle<()>>>,
}

impl Encodec {
    /// # Errors
    /// What opening gives; `Layout`.
    pub(super) fn open(
        runtime: &Runtime,
        file: &Path,
        config: &Config,
        control: &RunControl,
    ) -> Result<Self, ModelError> {
        let session = open_file(runtime, file, control)?;
        session.require_input(CODES, &[Dim::Any, Dim::Any, Dim::Is(CODEBOOKS_PER_CHANNEL), Dim::Any])?;
        session.require_output(AUDIO, &[Dim::Any, Dim::Any, Dim::Any])?;
        Ok(Self { session, hop: config.hop, abandoned: Mutex::default() })
    }

    /// `codes`: four rows of EnCodec frames. Gives `hop` samples a frame.
    ///
    /// Runs on a thread of its own: its recurrent layers are single operations of seconds, which the runtime does not
    /// break off. A caller who cancels leaves at once; the run ends by itself after that operation.
    ///
    /// # Errors
    /// `Cancelled`, `Run`, `NotFinite`.
    pub(super) fn decode(&self, codes: Vec<i64>, control: &RunControl) -> Result<Vec<f32>, ModelError> {
        let failed = |reason: &str| ModelError::Run { file: self.session.file().to_owned(), reason: reason.to_owned() };
        let is_unwanted = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = mpsc::sync_channel(1);
        let (session, hop, flag) = (self.session.clone(), self.hop, Arc::clone(&is_unwanted));
        let work = move || {
            crate::priority::lower();
            let cancel = || flag.load(Ordering::Relaxed);
            sender.send(run(&session, hop, codes, &RunControl::new(&cancel, &|_, _| {}))).ok();
        };
        let thread = std::thread::Builder::new().name("model sound".to_owned());
        let thread = thread.spawn(work).map_err(|error| failed(&error.to_string()))?;
        let outcome = loop {
            match receiver.recv_timeout(POLL) {
                Ok(outcome) => break outcome,
                Err(RecvTimeoutError::Timeout) if control.is_cancelled() => {
                    is_unwanted.store(true, Ordering::Relaxed);
                    self.abandon(thread);
                    return Err(ModelError::Cancelled);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break Err(failed("the run ended early")),
            }
        };
        thread.join().ok();
        control.check()?;
        outcome
    }

    fn abandon(&self, thread: JoinHandle<()>) {
        let mut abandoned = lock(&self.abandoned);
        abandoned.retain(|thread| !thread.is_finished());
        abandoned.push(thread);
    }
}

impl Drop for Encodec {
    fn drop(&mut self) {
        for thread in lock(&self.abandoned).drain(..) {
            thread.join().ok();
        }
    }
}

fn run(session: &Session, hop: usize, codes: Vec<i64>, control: &RunControl) -> Result<Vec<f32>, ModelError> {
    let num_frames = codes.len() / CODEBOOKS_PER_CHANNEL;
    let codes = Value::i64(&[1, 1, CODEBOOKS_PER_CHANNEL, num_frames], codes)?;
    let mut outputs = session.run(&[(CODES, &codes)], control)?;
    outputs.take_finite(AUDIO, &[1, 1, num_frames * hop])
}

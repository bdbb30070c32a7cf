//! One instance's studio: nothing until it is needed, shared between the audio setup and the window.
//!
//! Hosts construct plugins while scanning, so the constructor only makes the rings. The studio (a thread, the disk)
//! starts with the first activation or the first window, whichever comes first, and ends with the plugin.
use crate::params::ContinuoParams;
use engine::EngineHandle;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use studio::{Press, Studio, StudioConfig, StudioHandle};

/// Presses that can wait for the studio; more than a second of them at one block per tick.
const PRESS_RING_SIZE: usize = 256;

/// The shared end. Not for the audio thread.
pub struct StudioLink {
    params: Arc<ContinuoParams>,
    state: Mutex<State>,
}

enum State {
    /// Nobody asked yet.
    Asleep(rtrb::Consumer<Press>),
    /// At work.
    Running(Studio),
    /// The plugin is gone.
    Closed,
}

impl StudioLink {
    /// Makes the link and the producing end of its press ring. Starts nothing.
    pub fn new(params: Arc<ContinuoParams>) -> (Self, rtrb::Producer<Press>) {
        let (producer, consumer) = rtrb::RingBuffer::new(PRESS_RING_SIZE);
        (Self { params, state: Mutex::new(State::Asleep(consumer)) }, producer)
    }

    /// A client's end; starts the studio if nobody did. `None` once the plugin is gone.
    pub fn open(&self) -> Option<StudioHandle> {
        match &*self.awake() {
            State::Running(studio) => Some(studio.handle()),
            State::Asleep(_) | State::Closed => None,
        }
    }

    /// Hands a freshly prepared engine to the studio.
    pub fn attach(&self, engine: EngineHandle) {
        if let State::Running(studio) = &*self.awake() {
            studio.attach(engine);
        }
    }

    /// Ends the studio: cancels its jobs, joins its thread. Later calls find nothing.
    pub fn close(&self) {
        let state = std::mem::replace(&mut *self.lock(), State::Closed);
        // Outside the lock: joining takes as long as a job needs to notice its cancel token.
        drop(state);
    }

    fn awake(&self) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        if matches!(*state, State::Asleep(_))
            && let State::Asleep(presses) = std::mem::replace(&mut *state, State::Closed)
        {
            let params = Arc::clone(&self.params);
            let session = Arc::clone(&params.session.0);
            let dials = Arc::new(move || params.band_dials());
            *state = State::Running(Studio::start(StudioConfig::from_environment(), session, presses, dials));
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

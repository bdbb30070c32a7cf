//! A running drag.
use crate::{DragFiles, NativeWindow, Wake, platform};
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

/// How a drag stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DragProgress {
    /// The button is held.
    Dragging {
        /// The window below the pointer would take the files: the cursor to show is a copy, else a stop sign.
        is_accepted: bool,
    },
    /// The button was released over a window that is still busy with the files.
    Dropped,
    /// It is over; nothing more will come.
    Ended(DragOutcome),
}

/// How a drag ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DragOutcome {
    /// The receiver says it has taken the files.
    Taken,
    /// The receiver was given the drop and does not say that it took it. Some never do, though they took it: Qtractor.
    Unconfirmed,
    /// The window below the pointer did not want them, and was not given them.
    Refused,
    /// Released where nobody receives anything.
    Nowhere,
    /// By Escape, or by [`DragSource::cancel`]; on macOS these are [`DragOutcome::Refused`].
    Cancelled,
    /// The receiver, or the connection to the system, went away.
    Lost,
}

/// Why a drag did not begin, or files did not get onto the clipboard. Nothing is left behind.
#[derive(Debug, Error)]
pub enum DragError {
    /// The window is one of another system than this build's.
    #[error("the window is not one of this system")]
    WrongWindow,
    /// The system said no.
    #[error("the system does not let us {action}: {reason}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the system says about it.
        reason: String,
    },
}

/// A drag of files out of the plugin's window. It runs by itself until the button is released. Keep this value until the
/// next drag begins or the window closes: dropping it cancels the drag and waits for its thread, which after a drop gives
/// the receiver 0.25 s, else takes 0.05 s, and nothing at all half a second after the end.
pub struct DragSource {
    shared: Arc<Shared>,
    platform: platform::Drag,
}

impl DragSource {
    /// Begins a drag while the left button is held in `window`. `accent` (red, green, blue) colours the icon that
    /// follows the pointer; `wake` is called at every change of [`DragSource::progress`].
    ///
    /// Call it on the window's thread. On Windows and macOS the system shows icon and cursor itself; on Windows the drag
    /// begins when the window's messages are next looked at, and on macOS nobody tells what is accepted, nor can a
    /// session be ended: [`DragSource::cancel`] only keeps receivers from taking the files.
    ///
    /// # Errors
    /// See [`DragError`].
    pub fn start(window: NativeWindow, files: DragFiles, accent: [u8; 3], wake: Wake) -> Result<Self, DragError> {
        let shared = Arc::new(Shared { progress: Mutex::new(DragProgress::Dragging { is_accepted: false }), wake });
        let platform = platform::Drag::start(window, files, accent, Arc::clone(&shared))?;
        Ok(Self { shared, platform })
    }

    /// How it stands now. Does not wait.
    pub fn progress(&self) -> DragProgress {
        self.shared.get()
    }

    /// Ends the drag as Escape does. Does nothing after the drop.
    pub fn cancel(&self) {
        self.platform.cancel();
    }
}

/// What the drag's own thread tells the window.
pub(crate) struct Shared {
    progress: Mutex<DragProgress>,
    wake: Wake,
}

impl Shared {
    pub(crate) fn get(&self) -> DragProgress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An ended drag stays ended.
    pub(crate) fn set(&self, progress: DragProgress) {
        let mut now = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*now, DragProgress::Ended(_)) || *now == progress {
            return;
        }
        *now = progress;
        drop(now);
        (self.wake)();
    }
}

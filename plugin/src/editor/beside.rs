//! What the window library leaves out on X11, done on a connection of our own beside its own, by a thread that waits.
//!
//! - **Keys** that the window does not want go to the host. On Windows and macOS a key that is not captured goes there
//!   by itself; on X11 the window below the pointer, or the one that was clicked, swallows every key.
//! - **The first frame.** The library asks the server for a frame as soon as its loop runs, and once more when that was
//!   answered. Before the window is mapped the answer reaches nobody, and the window stays black: hosts that take longer
//!   than a tick between making and showing it would see that. So we ask, from the mapping on until a frame was drawn.
//! - **Every frame.** The library asks for every second refresh of the screen; while things move we ask for the next.
//!   The server tells everybody who listens to the window, so the answer to our question draws the library's frame, if
//!   it has the number that the library expects.
#[cfg(target_os = "linux")]
mod x11;

#[cfg(target_os = "linux")]
pub use x11::Beside;

/// Nothing to do here: see the module.
#[cfg(not(target_os = "linux"))]
pub struct Beside;

#[cfg(not(target_os = "linux"))]
impl Beside {
    /// For a window that has just been made.
    pub fn attach(_window: dragout::NativeWindow) -> Option<Self> {
        None
    }

    /// A frame begins; which keys the window wants until the next.
    pub fn drawn(&self, _wanted: super::keys::Wanted) {}

    /// The window was shown or got another size since the last call.
    pub fn has_changed(&self) -> bool {
        false
    }

    /// The frame after this one shall come with the screen's next refresh.
    pub fn hurry(&self, _frame: u64) {}
}

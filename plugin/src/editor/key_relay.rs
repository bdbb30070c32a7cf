//! Keys that the window does not want, handed on to the host.
//!
//! On Windows and macOS a key that is not captured goes to the host by itself. On X11 the window below the pointer, or
//! the one that was clicked, swallows every key; so each key press is also heard on a connection of our own and sent on
//! to the host's window, unless a text field is edited.
#[cfg(target_os = "linux")]
mod x11;

#[cfg(target_os = "linux")]
pub use x11::KeyRelay;

/// Nothing to do here: see the module.
#[cfg(not(target_os = "linux"))]
pub struct KeyRelay;

#[cfg(not(target_os = "linux"))]
impl KeyRelay {
    /// For a window that has just been opened.
    pub fn attach(_window: dragout::NativeWindow) -> Option<Self> {
        None
    }

    /// Hands on what has come since the last call.
    pub fn pump(&mut self, _wanted: super::keys::Wanted) {}
}

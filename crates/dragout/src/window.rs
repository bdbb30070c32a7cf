//! The plugin's own window, as the system names it.
use raw_window_handle::{HasWindowHandle, RawWindowHandle};
use thiserror::Error;

/// A window's name in its system. Keeps nothing alive: the window may be gone at any time, and nothing here minds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NativeWindow {
    /// A window of the X server that `DISPLAY` names.
    X11 {
        /// Its id.
        window: u32,
    },
    /// A window of Windows.
    Win32 {
        /// Its HWND.
        hwnd: isize,
    },
    /// A view of macOS.
    AppKit {
        /// Address of its NSView.
        view: usize,
    },
}

/// Why a window cannot be named.
#[derive(Debug, Error)]
pub enum WindowError {
    /// The window is gone, or this is not its thread.
    #[error("the window has no handle: {0}")]
    Unavailable(#[from] raw_window_handle::HandleError),
    /// Wayland and the like: hosts embed windows of X11, Windows and macOS only.
    #[error("dragging is not known for this kind of window")]
    UnknownKind,
}

impl NativeWindow {
    /// The window behind a handle, for example `frame.baseview_window()` of the editor. Call it on the window's thread.
    ///
    /// # Errors
    /// See [`WindowError`].
    pub fn of(window: &impl HasWindowHandle) -> Result<Self, WindowError> {
        match window.window_handle()?.as_raw() {
            RawWindowHandle::Xcb(handle) => Ok(Self::X11 { window: handle.window.get() }),
            // Ids of windows have 29 bits, whatever Xlib's type holds; elsewhere that type has 32.
            #[cfg(target_os = "linux")]
            RawWindowHandle::Xlib(handle) => Ok(Self::X11 { window: handle.window as u32 }),
            RawWindowHandle::Win32(handle) => Ok(Self::Win32 { hwnd: handle.hwnd.get() }),
            RawWindowHandle::AppKit(handle) => Ok(Self::AppKit { view: handle.ns_view.as_ptr() as usize }),
            _ => Err(WindowError::UnknownKind),
        }
    }
}

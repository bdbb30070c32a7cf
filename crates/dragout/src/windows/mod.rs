//! Windows: OLE drag and drop with `CF_HDROP`, on the window's own thread.
#![allow(unsafe_code)] // the system's calls; each block says why it is sound

mod clipboard;
mod data;
mod drag;
mod target;

pub use clipboard::Clipboard;
pub use drag::Drag;
pub use target::Target;

use crate::{DragError, NativeWindow};
use windows::Win32::Foundation::HWND;
use windows::Win32::System::Ole::{OleInitialize, OleUninitialize};

fn hwnd(window: NativeWindow) -> Result<HWND, DragError> {
    match window {
        NativeWindow::Win32 { hwnd } => Ok(HWND(hwnd as *mut _)),
        _ => Err(DragError::WrongWindow),
    }
}

fn refused(action: &'static str) -> impl Fn(windows_core::Error) -> DragError {
    move |error| DragError::System { action, reason: error.message() }
}

/// OLE on this thread. The window framework and the host count their own uses of it.
struct Ole;

impl Ole {
    fn open() -> Result<Self, DragError> {
        // SAFETY: takes no pointer; every success is undone once, on the same thread, as `Ole` never leaves its function.
        unsafe { OleInitialize(None) }.map_err(refused("use OLE on this thread"))?;
        Ok(Self)
    }
}

impl Drop for Ole {
    fn drop(&mut self) {
        // SAFETY: undoes the one successful OleInitialize of `open`.
        unsafe { OleUninitialize() };
    }
}

//! macOS: AppKit's dragging session with file URLs. Everything happens on the main thread.
#![allow(unsafe_code)] // the system's calls; each block says why it is sound

mod class;
mod clipboard;
mod drag;
mod target;

pub use clipboard::Clipboard;
pub use drag::Drag;
pub use target::Target;

use crate::{DragError, DragFiles, NativeWindow};
use objc2::MainThreadMarker;
use objc2::rc::Retained;
use objc2_app_kit::NSView;
use objc2_foundation::{NSString, NSURL};

/// The view, and the proof that this is its thread.
fn view(window: NativeWindow) -> Result<(Retained<NSView>, MainThreadMarker), DragError> {
    let NativeWindow::AppKit { view } = window else { return Err(DragError::WrongWindow) };
    let reason = || "it is only done on the main thread".to_owned();
    let main =
        MainThreadMarker::new().ok_or_else(|| DragError::System { action: "reach the window", reason: reason() })?;
    // SAFETY: the address is that of the framework's live view, as callers on its thread have it from the framework.
    let view = unsafe { Retained::retain(view as *mut NSView) };
    view.map(|view| (view, main)).ok_or(DragError::WrongWindow)
}

fn urls(files: &DragFiles) -> Vec<Retained<NSURL>> {
    files.paths().iter().map(|path| NSURL::fileURLWithPath(&NSString::from_str(&path.to_string_lossy()))).collect()
}

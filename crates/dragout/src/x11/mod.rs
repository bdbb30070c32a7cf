//! X11: each drag, each receiving window and each clipboard has a connection and a thread of its own, beside the
//! window framework's, and neither grabs the pointer nor reads the framework's events.
mod clipboard;
mod drag;
mod icon;
mod link;
mod offer;
mod target;
mod walk;

pub use clipboard::Clipboard;
pub use drag::Drag;
pub use target::Target;

use crate::{DragError, NativeWindow};

/// The window's id on the server.
fn id(window: NativeWindow) -> Result<u32, DragError> {
    match window {
        NativeWindow::X11 { window } => Ok(window),
        _ => Err(DragError::WrongWindow),
    }
}

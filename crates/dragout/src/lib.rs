//! Finished files out of the plugin's window, and files into it: drag and drop and the clipboard of each system.
//!
//! - [`DragSource`]: a running drag of files that exist, begun at a mouse press in the plugin's window.
//! - [`DropTarget`]: files dropped onto the plugin's window, with the place.
//! - [`FileClipboard`]: files to paste in a file manager or a DAW. [`reveal()`]: a file shown in its folder.
//!
//! What is the protocol and not the system ([`uri_list`], [`xdnd`], [`hdrop`]) is pure and tested without a screen.
//! This crate draws nothing in the window, makes no files, deletes none, and knows no takes.
mod drag;
mod drop;
mod files;
pub mod hdrop;
mod reveal;
pub mod uri_list;
mod window;
pub mod xdnd;

#[cfg(target_os = "linux")]
mod x11;
#[cfg(target_os = "linux")]
use x11 as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;

pub use drag::{DragError, DragOutcome, DragProgress, DragSource};
pub use drop::{DropEvent, DropTarget, PixelPoint, PixelRect};
pub use files::{DragFiles, FilesError, MAX_FILES, MAX_PATH_BYTES};
pub use reveal::{RevealError, open_folder, reveal};
pub use window::{NativeWindow, WindowError};

use std::sync::Arc;

/// Called from any thread when there is something new to poll, for example `ctx.request_repaint()`. Must not block.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Files on the system's clipboard, for as long as this value lives (on Linux; elsewhere the system keeps them).
pub struct FileClipboard {
    _platform: platform::Clipboard,
}

impl FileClipboard {
    /// Replaces what is on the clipboard by these files, to be copied where they are pasted.
    ///
    /// # Errors
    /// When the system's clipboard cannot be had; it then holds what it held.
    pub fn copy(window: NativeWindow, files: &DragFiles) -> Result<Self, DragError> {
        Ok(Self { _platform: platform::Clipboard::copy(window, files)? })
    }
}

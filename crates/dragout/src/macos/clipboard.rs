//! Files on the general pasteboard, which the system keeps.
use super::{urls, view};
use crate::{DragError, DragFiles, NativeWindow};
use objc2::rc::Retained;
use objc2::runtime::ProtocolObject;
use objc2_app_kit::{NSPasteboard, NSPasteboardWriting};
use objc2_foundation::NSArray;

/// Nothing to hold: the system has a copy.
pub struct Clipboard;

impl Clipboard {
    pub fn copy(window: NativeWindow, files: &DragFiles) -> Result<Self, DragError> {
        view(window)?;
        let writers: Vec<Retained<ProtocolObject<dyn NSPasteboardWriting>>> =
            urls(files).into_iter().map(ProtocolObject::from_retained).collect();
        let board = NSPasteboard::generalPasteboard();
        board.clearContents();
        if board.writeObjects(&NSArray::from_retained_slice(&writers)) {
            Ok(Self)
        } else {
            Err(DragError::System {
                action: "own the clipboard",
                reason: "the pasteboard refused the files".to_owned(),
            })
        }
    }
}

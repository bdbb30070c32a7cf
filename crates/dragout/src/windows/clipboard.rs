//! Files on the clipboard, which the system keeps.
use super::data::{block, global};
use super::{hwnd, refused};
use crate::{DragError, DragFiles, NativeWindow};
use windows::Win32::Foundation::{GlobalFree, HANDLE, HWND};
use windows::Win32::System::DataExchange::{CloseClipboard, EmptyClipboard, OpenClipboard, SetClipboardData};
use windows::Win32::System::Ole::CF_HDROP;

/// Nothing to hold: the system has a copy.
pub struct Clipboard;

impl Clipboard {
    pub fn copy(window: NativeWindow, files: &DragFiles) -> Result<Self, DragError> {
        put(hwnd(window)?, &block(files)).map_err(refused("own the clipboard"))?;
        Ok(Self)
    }
}

fn put(hwnd: HWND, block: &[u8]) -> windows_core::Result<()> {
    let memory = global(block)?;
    // SAFETY: takes a window, and fails when another program has the clipboard open.
    let opened = unsafe { OpenClipboard(Some(hwnd)) };
    let given = opened.and_then(|()| {
        // SAFETY: the clipboard is open; on success of the second call the memory is the system's.
        let given = unsafe { EmptyClipboard() }
            .and_then(|()| unsafe { SetClipboardData(u32::from(CF_HDROP.0), Some(HANDLE(memory.0))) }.map(drop));
        // SAFETY: undoes the successful OpenClipboard.
        let _ = unsafe { CloseClipboard() };
        given
    });
    if given.is_err() {
        // SAFETY: the system did not take the memory, so it is still ours.
        let _ = unsafe { GlobalFree(Some(memory)) };
    }
    given
}

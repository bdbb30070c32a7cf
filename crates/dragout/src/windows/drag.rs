//! One drag by `DoDragDrop`, which keeps the thread in a message loop of its own until the button is released.
//!
//! It must not begin while the window framework is in the middle of a frame, as its loop calls the framework again. So
//! a timer of the thread begins it, from the host's message loop, some ten milliseconds later.
use super::data::{FilesObject, block};
use super::{Ole, hwnd, refused};
use crate::drag::Shared;
use crate::{DragError, DragFiles, DragOutcome, DragProgress, NativeWindow};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use windows::Win32::Foundation::{
    DRAGDROP_S_CANCEL, DRAGDROP_S_DROP, DRAGDROP_S_USEDEFAULTCURSORS, HMODULE, HWND, LPARAM, POINT, S_OK, WPARAM,
};
use windows::Win32::Graphics::Gdi::ScreenToClient;
use windows::Win32::System::Com::IDataObject;
use windows::Win32::System::LibraryLoader::{GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GetModuleHandleExW};
use windows::Win32::System::Ole::{
    DROPEFFECT, DROPEFFECT_COPY, DROPEFFECT_NONE, DoDragDrop, IDropSource, IDropSource_Impl,
};
use windows::Win32::System::SystemServices::{MK_LBUTTON, MK_RBUTTON, MODIFIERKEYS_FLAGS};
use windows::Win32::UI::Input::KeyboardAndMouse::{GetAsyncKeyState, VK_LBUTTON};
use windows::Win32::UI::WindowsAndMessaging::{GetCursorPos, KillTimer, PostMessageW, SetTimer, WM_LBUTTONUP};
use windows_core::{BOOL, HRESULT, PCWSTR, implement};

/// Shortest time of a timer, milliseconds.
const SOON_MS: u32 = 10;

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const OVER: u8 = 2;

thread_local! {
    /// Drags that wait for their timer, by its id.
    static WAITING_DRAGS: RefCell<HashMap<usize, Begun>> = RefCell::default();
}

/// A drag of the window's thread.
pub struct Drag {
    timer: usize,
    flags: Arc<Flags>,
}

#[derive(Default)]
struct Flags {
    is_cancelled: AtomicBool,
    /// [`WAITING`], [`RUNNING`] or [`OVER`]; Relaxed, as all of it happens on the window's thread.
    stage: AtomicU8,
}

struct Begun {
    hwnd: isize,
    block: Vec<u8>,
    flags: Arc<Flags>,
    shared: Arc<Shared>,
}

impl Drag {
    /// The system draws the icon, so `accent` is not used.
    pub fn start(window: NativeWindow, files: DragFiles, _: [u8; 3], shared: Arc<Shared>) -> Result<Self, DragError> {
        let hwnd = hwnd(window)?;
        let flags = Arc::<Flags>::default();
        // SAFETY: a timer of this thread with a function that lives as long as the module; `Drop` ends it.
        let timer = unsafe { SetTimer(None, 0, SOON_MS, Some(begin)) };
        if timer == 0 {
            return Err(refused("begin a drag")(windows_core::Error::from_thread()));
        }
        let begun = Begun { hwnd: hwnd.0 as isize, block: block(&files), flags: Arc::clone(&flags), shared };
        WAITING_DRAGS.with_borrow_mut(|drags| drags.insert(timer, begun));
        Ok(Self { timer, flags })
    }

    pub fn cancel(&self) {
        self.flags.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Drop for Drag {
    fn drop(&mut self) {
        self.cancel();
        match self.flags.stage.load(Ordering::Relaxed) {
            WAITING => {
                // SAFETY: the timer is this thread's and ours.
                let _ = unsafe { KillTimer(None, self.timer) };
                WAITING_DRAGS.with_borrow_mut(|drags| drags.remove(&self.timer));
            }
            // The window is closed from within the drag's own message loop: its code is still on the stack.
            RUNNING => keep_module(),
            _ => {}
        }
    }
}

/// Lets this module never be unloaded.
fn keep_module() {
    let mut module = HMODULE::default();
    let inside = PCWSTR(begin as *const () as *const u16);
    // SAFETY: with this flag the name is an address within a loaded module, which the address of our own function is.
    let _ = unsafe { GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, inside, &mut module) };
}

extern "system" fn begin(_: HWND, _: u32, timer: usize, _: u32) {
    // SAFETY: the timer is this thread's; it is to come once.
    let _ = unsafe { KillTimer(None, timer) };
    if let Some(begun) = WAITING_DRAGS.with_borrow_mut(|drags| drags.remove(&timer)) {
        begun.flags.stage.store(RUNNING, Ordering::Relaxed);
        let outcome = begun.drag();
        begun.flags.stage.store(OVER, Ordering::Relaxed);
        begun.release_button();
        begun.shared.set(DragProgress::Ended(outcome));
    }
}

impl Begun {
    fn drag(&self) -> DragOutcome {
        // SAFETY: takes no pointer. The highest bit says that the button is down now.
        let is_held = unsafe { GetAsyncKeyState(i32::from(VK_LBUTTON.0)) } < 0;
        let Ok(_ole) = Ole::open() else { return DragOutcome::Lost };
        if !is_held || self.flags.is_cancelled.load(Ordering::Relaxed) {
            return DragOutcome::Cancelled;
        }
        let data: IDataObject = FilesObject { block: self.block.clone() }.into();
        let source: IDropSource = DragSide { flags: Arc::clone(&self.flags), shared: Arc::clone(&self.shared) }.into();
        let mut effect = DROPEFFECT_NONE;
        // SAFETY: both objects and the effect live through the call, which runs on a thread with OLE.
        let how = unsafe { DoDragDrop(&data, &source, DROPEFFECT_COPY, &mut effect) };
        outcome(how, effect)
    }

    /// The framework saw the press and not the release, which the drag's loop kept.
    fn release_button(&self) {
        let hwnd = HWND(self.hwnd as *mut _);
        let mut at = POINT::default();
        // SAFETY: the point lives through both calls, and a window that is gone makes the second one fail.
        let _ = unsafe { GetCursorPos(&mut at).is_ok() && ScreenToClient(hwnd, &mut at).as_bool() };
        let place = (at.y as u16 as isize) << 16 | at.x as u16 as isize;
        // SAFETY: a posted message without pointers; it fails when the window is gone.
        let _ = unsafe { PostMessageW(Some(hwnd), WM_LBUTTONUP, WPARAM(0), LPARAM(place)) };
    }
}

fn outcome(how: HRESULT, effect: DROPEFFECT) -> DragOutcome {
    match how {
        DRAGDROP_S_DROP if effect == DROPEFFECT_NONE => DragOutcome::Refused,
        DRAGDROP_S_DROP => DragOutcome::Taken,
        DRAGDROP_S_CANCEL => DragOutcome::Cancelled,
        _ => DragOutcome::Lost,
    }
}

/// Says when the drag is over, and learns whether the window below the pointer takes the files.
#[implement(IDropSource)]
struct DragSide {
    flags: Arc<Flags>,
    shared: Arc<Shared>,
}

impl IDropSource_Impl for DragSide_Impl {
    fn QueryContinueDrag(&self, is_escape: BOOL, keys: MODIFIERKEYS_FLAGS) -> HRESULT {
        let is_held = |button: MODIFIERKEYS_FLAGS| keys.0 & button.0 != 0;
        if is_escape.as_bool() || is_held(MK_RBUTTON) || self.flags.is_cancelled.load(Ordering::Relaxed) {
            DRAGDROP_S_CANCEL
        } else if is_held(MK_LBUTTON) {
            S_OK
        } else {
            DRAGDROP_S_DROP
        }
    }

    fn GiveFeedback(&self, effect: DROPEFFECT) -> HRESULT {
        self.shared.set(DragProgress::Dragging { is_accepted: effect.0 & DROPEFFECT_COPY.0 != 0 });
        DRAGDROP_S_USEDEFAULTCURSORS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_without_effect_is_a_refusal() {
        assert_eq!(outcome(DRAGDROP_S_DROP, DROPEFFECT_COPY), DragOutcome::Taken);
        assert_eq!(outcome(DRAGDROP_S_DROP, DROPEFFECT_NONE), DragOutcome::Refused);
        assert_eq!(outcome(DRAGDROP_S_CANCEL, DROPEFFECT_NONE), DragOutcome::Cancelled);
        assert_eq!(outcome(HRESULT(-1), DROPEFFECT_NONE), DragOutcome::Lost);
    }
}

//! Receiving in place of the framework's own drop target.
use super::data::files_in;
use super::{hwnd, refused};
use crate::drop::Shared;
use crate::xdnd::receive::Rules;
use crate::{DragError, DropEvent, NativeWindow, PixelPoint};
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use windows::Win32::Foundation::{HWND, POINT, POINTL};
use windows::Win32::Graphics::Gdi::ScreenToClient;
use windows::Win32::System::Com::IDataObject;
use windows::Win32::System::Ole::{
    DROPEFFECT, DROPEFFECT_COPY, DROPEFFECT_NONE, IDropTarget, IDropTarget_Impl, RegisterDragDrop, RevokeDragDrop,
};
use windows::Win32::System::SystemServices::MODIFIERKEYS_FLAGS;
use windows_core::{Ref, Result, implement};

/// Our registration of the window.
pub struct Target {
    hwnd: isize,
}

impl Target {
    pub fn attach(window: NativeWindow, shared: Arc<Shared>) -> std::result::Result<Self, DragError> {
        let hwnd = hwnd(window)?;
        let ears: IDropTarget = Ears { hwnd: hwnd.0 as isize, shared, files: RefCell::default() }.into();
        // SAFETY: called on the window's thread, as `DropTarget::attach` asks for; a window without a target is no harm.
        let _ = unsafe { RevokeDragDrop(hwnd) };
        // SAFETY: as above; OLE holds its own reference to the target.
        unsafe { RegisterDragDrop(hwnd, &ears) }.map_err(refused("receive files in this window"))?;
        Ok(Self { hwnd: hwnd.0 as isize })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // SAFETY: called on the window's thread; it fails when the window is gone, and the registration with it.
        let _ = unsafe { RevokeDragDrop(HWND(self.hwnd as *mut _)) };
    }
}

#[implement(IDropTarget)]
struct Ears {
    hwnd: isize,
    shared: Arc<Shared>,
    /// What is held above the window, if it is wanted.
    files: RefCell<Option<Arc<[PathBuf]>>>,
}

impl Ears {
    fn here(&self, at: &POINTL) -> PixelPoint {
        let mut point = POINT { x: at.x, y: at.y };
        // SAFETY: the point lives through the call; of a window that is gone it stays as it is.
        let _ = unsafe { ScreenToClient(HWND(self.hwnd as *mut _), &mut point) };
        PixelPoint { x: point.x, y: point.y }
    }

    /// Whether files may be dropped here, as the effect that OLE is told.
    fn effect(&self, at: PixelPoint) -> DROPEFFECT {
        let may = self.files.borrow().is_some() && self.shared.is_in_zone(at);
        if may { DROPEFFECT_COPY } else { DROPEFFECT_NONE }
    }

    fn hover(&self, at: &POINTL, effect: *mut DROPEFFECT) {
        let at = self.here(at);
        if let Some(files) = self.files.borrow().clone() {
            self.shared.push(DropEvent::Hover { files, at });
        }
        // SAFETY: COM's contract for these methods is that the effect is writable for their duration.
        unsafe { effect.write(self.effect(at)) };
    }
}

impl IDropTarget_Impl for Ears_Impl {
    fn DragEnter(
        &self,
        data: Ref<IDataObject>,
        _: MODIFIERKEYS_FLAGS,
        at: &POINTL,
        effect: *mut DROPEFFECT,
    ) -> Result<()> {
        let files = data.as_ref().map(files_in).filter(|files| self.shared.wants(files));
        self.files.replace(files.map(Arc::from));
        self.hover(at, effect);
        Ok(())
    }

    fn DragOver(&self, _: MODIFIERKEYS_FLAGS, at: &POINTL, effect: *mut DROPEFFECT) -> Result<()> {
        self.hover(at, effect);
        Ok(())
    }

    fn DragLeave(&self) -> Result<()> {
        if self.files.take().is_some() {
            self.shared.push(DropEvent::Left);
        }
        Ok(())
    }

    fn Drop(&self, _: Ref<IDataObject>, _: MODIFIERKEYS_FLAGS, at: &POINTL, effect: *mut DROPEFFECT) -> Result<()> {
        let at = self.here(at);
        let allowed = self.effect(at);
        if let Some(files) = self.files.take() {
            let is_taken = allowed == DROPEFFECT_COPY;
            self.shared.push(if is_taken { DropEvent::Dropped { files, at } } else { DropEvent::Left });
        }
        // SAFETY: COM's contract for this method is that the effect is writable for its duration.
        unsafe { effect.write(allowed) };
        Ok(())
    }
}

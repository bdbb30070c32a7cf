//! Receiving through an invisible view over the framework's one.
//!
//! The framework's view answers drags itself, with no. A subview in front of it is asked first; mouse and keys go past
//! it, as it is never the answer to a hit test.
use super::{class, view};
use crate::drop::Shared;
use crate::xdnd::receive::Rules;
use crate::{DragError, DropEvent, NativeWindow, PixelPoint};
use objc2::rc::Retained;
use objc2::runtime::{AnyClass, AnyObject, Bool, Sel};
use objc2::{ClassType, msg_send, sel};
use objc2_app_kit::{NSAutoresizingMaskOptions, NSPasteboard, NSPasteboardTypeFileURL, NSView};
use objc2_foundation::{NSArray, NSPoint, NSRect, NSString, NSURL};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// `NSDragOperationCopy` and `NSDragOperationNone`.
const COPY: usize = 1;
const NONE: usize = 0;

thread_local! {
    /// What each of our views, by its address, belongs to. Main thread only.
    static EARS: RefCell<HashMap<usize, Ears>> = RefCell::default();
    static CLASS: &'static AnyClass = class::make("ContinuoDropView", NSView::class(), |builder| {
        // SAFETY: names and types are those of NSView and NSDraggingDestination; NSDragOperation is an integer of the
        // machine's width, and no view is null.
        unsafe {
            builder.add_method(sel!(isFlipped), is_flipped as extern "C-unwind" fn(_, _) -> _);
            builder.add_method(
                sel!(hitTest:),
                hit_test as extern "C-unwind" fn(_, _, _) -> _,
            );
            builder.add_method(sel!(draggingEntered:), entered as extern "C-unwind" fn(_, _, _) -> _);
            builder.add_method(sel!(draggingUpdated:), over as extern "C-unwind" fn(_, _, _) -> _);
            builder.add_method(
                sel!(draggingExited:),
                exited as extern "C-unwind" fn(_, _, _),
            );
            builder.add_method(
                sel!(performDragOperation:),
                dropped as extern "C-unwind" fn(_, _, _) -> _,
            );
        }
    });
}

struct Ears {
    view: Retained<NSView>,
    shared: Arc<Shared>,
    /// What is held above the view, if it is wanted.
    files: Option<Arc<[PathBuf]>>,
}

/// Our view, by its address.
pub struct Target {
    view: usize,
}

impl Target {
    pub fn attach(window: NativeWindow, shared: Arc<Shared>) -> Result<Self, DragError> {
        let (parent, _main) = view(window)?;
        let bounds: NSRect = parent.bounds();
        // SAFETY: `alloc` and `initWithFrame:` of a class below NSView give a view of ours.
        let ours: Retained<NSView> = CLASS
            .with(|class| unsafe {
                let raw: *mut NSView = msg_send![*class, alloc];
                let raw: *mut NSView = msg_send![raw, initWithFrame: bounds];
                Retained::from_raw(raw)
            })
            .ok_or(DragError::System {
                action: "receive files in this window",
                reason: "no view can be made".to_owned(),
            })?;
        ours.setAutoresizingMask(
            NSAutoresizingMaskOptions::ViewWidthSizable | NSAutoresizingMaskOptions::ViewHeightSizable,
        );
        // SAFETY: a constant string of AppKit.
        ours.registerForDraggedTypes(&NSArray::from_slice(&[unsafe { NSPasteboardTypeFileURL }]));
        parent.addSubview(&ours);
        let address = Retained::as_ptr(&ours) as usize;
        EARS.with_borrow_mut(|all| all.insert(address, Ears { view: ours, shared, files: None }));
        Ok(Self { view: address })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(ears) = EARS.with_borrow_mut(|all| all.remove(&self.view)) {
            ears.view.removeFromSuperview();
        }
    }
}

impl Ears {
    /// Where a drag is, in physical pixels from the upper left corner.
    fn here(&self, drag: &AnyObject) -> PixelPoint {
        // SAFETY: every NSDraggingInfo has this method, and gives the place in the window.
        let at: NSPoint = unsafe { msg_send![drag, draggingLocation] };
        let at = self.view.convertPoint_fromView(at, None);
        let scale = self.view.window().map_or(1.0, |window| window.backingScaleFactor());
        PixelPoint { x: (at.x * scale) as i32, y: (at.y * scale) as i32 }
    }

    fn hover(&self, drag: &AnyObject) -> usize {
        let at = self.here(drag);
        let Some(files) = self.files.clone() else { return NONE };
        self.shared.push(DropEvent::Hover { files, at });
        if self.shared.is_in_zone(at) { COPY } else { NONE }
    }
}

fn files_of(drag: &AnyObject) -> Vec<PathBuf> {
    // SAFETY: every NSDraggingInfo has this method.
    let board: Retained<NSPasteboard> = unsafe { msg_send![drag, draggingPasteboard] };
    let items = board.pasteboardItems().map(|items| items.to_vec()).unwrap_or_default();
    // SAFETY: a constant string of AppKit.
    let kind = unsafe { NSPasteboardTypeFileURL };
    let url = |text: Retained<NSString>| NSURL::URLWithString(&text)?.path();
    items.iter().filter_map(|item| item.stringForType(kind).and_then(url)).map(|path| path.to_string().into()).collect()
}

fn with_ears<T>(view: &AnyObject, absent: T, act: impl FnOnce(&mut Ears) -> T) -> T {
    EARS.with_borrow_mut(|all| all.get_mut(&(std::ptr::from_ref(view) as usize)).map(act)).unwrap_or(absent)
}

extern "C-unwind" fn is_flipped(_: &AnyObject, _: Sel) -> Bool {
    Bool::YES
}

extern "C-unwind" fn hit_test(_: &AnyObject, _: Sel, _: NSPoint) -> *mut AnyObject {
    std::ptr::null_mut()
}

extern "C-unwind" fn entered(view: &AnyObject, _: Sel, drag: &AnyObject) -> usize {
    let files = files_of(drag);
    with_ears(view, NONE, |ears| {
        ears.files = ears.shared.wants(&files).then(|| files.into());
        ears.hover(drag)
    })
}

extern "C-unwind" fn over(view: &AnyObject, _: Sel, drag: &AnyObject) -> usize {
    with_ears(view, NONE, |ears| ears.hover(drag))
}

extern "C-unwind" fn exited(view: &AnyObject, _: Sel, _: *mut AnyObject) {
    with_ears(view, (), |ears| {
        if ears.files.take().is_some() {
            ears.shared.push(DropEvent::Left);
        }
    });
}

extern "C-unwind" fn dropped(view: &AnyObject, _: Sel, drag: &AnyObject) -> Bool {
    with_ears(view, Bool::NO, |ears| {
        let at = ears.here(drag);
        let Some(files) = ears.files.take() else { return Bool::NO };
        let is_taken = ears.shared.is_in_zone(at);
        ears.shared.push(if is_taken { DropEvent::Dropped { files, at } } else { DropEvent::Left });
        Bool::new(is_taken)
    })
}

//! One dragging session.
use super::{class, urls, view};
use crate::drag::Shared;
use crate::{DragError, DragFiles, DragOutcome, DragProgress, NativeWindow};
use objc2::rc::Retained;
use objc2::runtime::{AnyClass, AnyObject, AnyProtocol, NSObject, ProtocolObject, Sel};
use objc2::{AnyThread, ClassType, MainThreadMarker, msg_send, sel};
use objc2_app_kit::{
    NSApplication, NSDraggingItem, NSDraggingSession, NSEvent, NSEventModifierFlags, NSEventType, NSView, NSWindow,
    NSWorkspace,
};
use objc2_foundation::{NSArray, NSPoint, NSProcessInfo, NSRect, NSSize, NSString};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Edge of the icon below the pointer, points.
const ICON_SIZE: f64 = 32.0;
/// `NSDragOperationCopy` and `NSDragOperationNone`.
const COPY: usize = 1;
const NONE: usize = 0;

thread_local! {
    /// What each dragging side, by its address, belongs to. Main thread only.
    static SIDES: RefCell<HashMap<usize, Side>> = RefCell::default();
    static CLASS: &'static AnyClass = class::make("ContinuoDragSide", NSObject::class(), |builder| {
        if let Some(protocol) = AnyProtocol::get(c"NSDraggingSource") {
            builder.add_protocol(protocol);
        }
        // SAFETY: names and types are those of NSDraggingSource; NSDragOperation and NSDraggingContext are integers of
        // the machine's width.
        unsafe {
            builder.add_method(
                sel!(draggingSession:sourceOperationMaskForDraggingContext:),
                operation as extern "C-unwind" fn(_, _, _, _) -> _,
            );
            builder.add_method(
                sel!(draggingSession:endedAtPoint:operation:),
                ended as extern "C-unwind" fn(_, _, _, _, _),
            );
        }
    });
}

struct Side {
    view: Retained<NSView>,
    /// Kept alive, as the session does not promise to.
    _object: Retained<AnyObject>,
    is_cancelled: Arc<AtomicBool>,
    shared: Arc<Shared>,
}

/// A session, by its side's address.
pub struct Drag {
    side: usize,
    is_cancelled: Arc<AtomicBool>,
}

impl Drag {
    /// The system's own icon of each file follows the pointer, so `accent` is not used.
    pub fn start(window: NativeWindow, files: DragFiles, _: [u8; 3], shared: Arc<Shared>) -> Result<Self, DragError> {
        let failed = |reason: &str| DragError::System { action: "begin a drag", reason: reason.to_owned() };
        let (view, main) = view(window)?;
        let window = view.window().ok_or_else(|| failed("the view is in no window"))?;
        let event = drag_event(&window, main).ok_or_else(|| failed("no mouse event can be made"))?;
        // SAFETY: `new` of a class below NSObject takes nothing and gives an object of ours.
        let object: Retained<AnyObject> = CLASS.with(|class| unsafe { msg_send![*class, new] });
        let side = Retained::as_ptr(&object) as usize;
        let is_cancelled = Arc::<AtomicBool>::default();
        let belongs =
            Side { view: view.clone(), _object: object.clone(), is_cancelled: Arc::clone(&is_cancelled), shared };
        SIDES.with_borrow_mut(|sides| sides.insert(side, belongs));
        let at = view.convertPoint_fromView(window.mouseLocationOutsideOfEventStream(), None);
        let items = NSArray::from_retained_slice(&items(&files, at));
        // SAFETY: the types are the method's; the class of `object` has the methods of NSDraggingSource.
        let _: Retained<NSDraggingSession> =
            unsafe { msg_send![&*view, beginDraggingSessionWithItems: &*items, event: &*event, source: &*object] };
        Ok(Self { side, is_cancelled })
    }

    /// AppKit has no way to end a session; from here on no receiver is allowed to take the files.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Drop for Drag {
    fn drop(&mut self) {
        self.cancel();
        // The side goes with the end of its session; with a session that still runs it has to stay.
        SIDES.with_borrow_mut(|sides| {
            if sides.get(&self.side).is_some_and(|side| matches!(side.shared.get(), DragProgress::Ended(_))) {
                sides.remove(&self.side);
            }
        });
    }
}

fn items(files: &DragFiles, at: NSPoint) -> Vec<Retained<NSDraggingItem>> {
    let workspace = NSWorkspace::sharedWorkspace();
    let each = urls(files).into_iter().zip(files.paths()).zip(0_u32..);
    each.map(|((url, path), place)| {
        let item = NSDraggingItem::initWithPasteboardWriter(NSDraggingItem::alloc(), ProtocolObject::from_ref(&*url));
        let icon = workspace.iconForFile(&NSString::from_str(&path.to_string_lossy()));
        // A pile: each a little lower and more to the right.
        let offset = 4.0 * f64::from(place.min(6));
        let corner = NSPoint::new(at.x - ICON_SIZE / 2.0 + offset, at.y - ICON_SIZE / 2.0 - offset);
        // SAFETY: an NSImage is among the types that the contents may be of.
        unsafe { item.setDraggingFrame_contents(NSRect::new(corner, NSSize::new(ICON_SIZE, ICON_SIZE)), Some(&icon)) };
        item
    })
    .collect()
}

/// The press that is being handled, or one made up: the framework draws by a timer, between events.
fn drag_event(window: &NSWindow, main: MainThreadMarker) -> Option<Retained<NSEvent>> {
    let current = NSApplication::sharedApplication(main).currentEvent();
    let is_press = |event: &Retained<NSEvent>| {
        [NSEventType::LeftMouseDragged, NSEventType::LeftMouseDown].contains(&event.r#type())
    };
    current.filter(is_press).or_else(|| mouse_event(window, NSEventType::LeftMouseDragged))
}

fn mouse_event(window: &NSWindow, kind: NSEventType) -> Option<Retained<NSEvent>> {
    NSEvent::mouseEventWithType_location_modifierFlags_timestamp_windowNumber_context_eventNumber_clickCount_pressure(
        kind,
        window.mouseLocationOutsideOfEventStream(),
        NSEventModifierFlags::empty(),
        NSProcessInfo::processInfo().systemUptime(),
        window.windowNumber(),
        None,
        0,
        1,
        1.0,
    )
}

extern "C-unwind" fn operation(side: &AnyObject, _: Sel, _: &AnyObject, _context: isize) -> usize {
    let is_cancelled = |side: &Side| side.is_cancelled.load(Ordering::Relaxed);
    SIDES.with_borrow(|sides| {
        let may = sides.get(&(std::ptr::from_ref(side) as usize)).is_some_and(|side| !is_cancelled(side));
        if may { COPY } else { NONE }
    })
}

extern "C-unwind" fn ended(side: &AnyObject, _: Sel, _: &AnyObject, _at: NSPoint, operation: usize) {
    let Some(side) = SIDES.with_borrow_mut(|sides| sides.remove(&(std::ptr::from_ref(side) as usize))) else { return };
    // The framework saw the press; the session kept the release.
    if let Some(event) = side.view.window().and_then(|window| mouse_event(&window, NSEventType::LeftMouseUp)) {
        side.view.mouseUp(&event);
    }
    // AppKit does not tell a refusal from Escape.
    let outcome = if operation == NONE { DragOutcome::Refused } else { DragOutcome::Taken };
    side.shared.set(DragProgress::Ended(outcome));
}

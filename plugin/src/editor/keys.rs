//! Who gets the keyboard: a text field that is edited, a walk through the controls begun with Tab, or the host.
//!
//! The space bar and every letter belong to the host at all times but one: while a text field is edited. A control that
//! has the focus keeps Tab, Enter, Escape and the arrows, and only after the user has pressed Tab here; a click on a
//! control never takes the keyboard.
use egui::{Context, Event, Id, Key};
use nice_plug_egui::KeyCapture;

/// Keys that walk through the controls and move them.
const WALKING: [Key; 9] = [
    Key::Tab,
    Key::Enter,
    Key::Escape,
    Key::ArrowUp,
    Key::ArrowDown,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::Home,
    Key::End,
];

/// Which keys the window keeps from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A text field is edited.
    Everything,
    /// The user walks through the controls.
    Walking,
    /// None.
    Nothing,
}

/// What the window wants of the keys that come now.
pub fn wanted(ctx: &Context) -> Wanted {
    match () {
        () if ctx.text_edit_focused() => Wanted::Everything,
        () if is_walking(ctx) && ctx.memory(|memory| memory.focused()).is_some() => Wanted::Walking,
        () => Wanted::Nothing,
    }
}

fn is_walking_id() -> Id {
    Id::unique("continuo keyboard walk")
}

fn is_walking(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(is_walking_id())).unwrap_or(false)
}

/// Before a frame is drawn: what the host is meant to get is taken out of the window's sight.
pub fn before(ctx: &Context) {
    let was_walking = is_walking(ctx);
    let is_walking = ctx.input(|input| {
        let starts = input.key_pressed(Key::Tab);
        let ends = input.key_pressed(Key::Escape) || input.pointer.any_pressed();
        (was_walking || starts) && !ends
    });
    ctx.data_mut(|data| data.insert_temp(is_walking_id(), is_walking));
    if ctx.text_edit_focused() {
        return;
    }
    // egui presses a focused button on Space: here the space bar starts the transport.
    ctx.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key, .. } => WALKING.contains(key),
            Event::Text(_) => false,
            _ => true,
        });
    });
}

/// After a frame: a focus that nobody walked to is given up; what to keep from the host until the next frame.
pub fn after(ctx: &Context) -> KeyCapture {
    if ctx.text_edit_focused() {
        return KeyCapture::CaptureAll;
    }
    let Some(focused) = ctx.memory(|memory| memory.focused()) else { return KeyCapture::IgnoreAll };
    if is_walking(ctx) {
        return KeyCapture::CaptureKeys(walking_keys());
    }
    ctx.memory_mut(|memory| memory.surrender_focus(focused));
    KeyCapture::IgnoreAll
}

/// [`WALKING`] in the names of the window library, which are those of the web's `KeyboardEvent.key`.
fn walking_keys() -> Vec<nice_plug_egui::Key> {
    ["Tab", "Enter", "Escape", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"]
        .iter()
        .filter_map(|name| name.parse().ok())
        .collect()
}

//! Moving host parameters from the window: every change is one gesture (begin, set, end), as hosts record them.
//! The wheel moves nothing: it scrolls the decks, and a dial passing under the pointer must not change.
use super::View;
use egui::{EventFilter, Key, Response};
use nice_plug::context::gui::ParamSetter;
use nice_plug::prelude::Param;

/// One press of an arrow key as a share of the whole range.
const KEY_STEP: f32 = 0.02;

/// One change at once: a click, a menu choice, a reset.
pub fn set_once<P: Param>(setter: &ParamSetter<'_>, param: &P, value: P::Plain) {
    setter.begin_set_parameter(param);
    setter.set_parameter(param, value);
    setter.end_set_parameter(param);
}

/// Applies a drag of `response` to `param`. `travel` is the movement this frame as a share of the
/// whole range, fine when shift is held. Double-click and ctrl-click reset to the default.
pub fn drag<P: Param>(view: &View<'_>, param: &P, response: &Response, travel: f32) {
    let setter = &view.setter;
    let modifiers = response.ctx.input(|input| input.modifiers);
    if response.double_clicked() || (response.clicked() && modifiers.command) {
        return set_once(setter, param, param.default_plain_value());
    }
    if response.drag_started() {
        view.gesture.begin(setter, param);
        remember(response, param.unmodulated_normalized_value());
    }
    if response.dragged() && travel != 0.0 {
        // The exact position is remembered beside the parameter: a stepped one would swallow small movements.
        let fine = if modifiers.shift { 0.1 } else { 1.0 };
        let exact = (remembered(response, param.unmodulated_normalized_value()) + travel * fine).clamp(0.0, 1.0);
        remember(response, exact);
        setter.set_parameter(param, param.preview_plain(exact));
    }
    if response.drag_stopped() {
        view.gesture.end(setter, param);
    }
    keys(setter, param, response);
}

/// Arrow keys move the dial that has the keyboard; shift is fine, Home resets.
fn keys<P: Param>(setter: &ParamSetter<'_>, param: &P, response: &Response) {
    if !response.has_focus() {
        return;
    }
    let mine = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    response.ctx.memory_mut(|memory| memory.set_focus_lock_filter(response.id, mine));
    let (step, is_reset) = response.ctx.input(|input| {
        let up = input.num_presses(Key::ArrowUp) + input.num_presses(Key::ArrowRight);
        let down = input.num_presses(Key::ArrowDown) + input.num_presses(Key::ArrowLeft);
        let fine = if input.modifiers.shift { 0.1 } else { 1.0 };
        ((up as f32 - down as f32) * fine, input.key_pressed(Key::Home))
    });
    if is_reset {
        return set_once(setter, param, param.default_plain_value());
    }
    if step != 0.0 {
        // A stepped dial moves by whole steps: less would stay where it is.
        let unit = param.step_count().map_or(KEY_STEP, |steps| KEY_STEP.max(1.0 / steps.max(1) as f32));
        let value = (param.unmodulated_normalized_value() + step * unit).clamp(0.0, 1.0);
        set_once(setter, param, param.preview_plain(value));
    }
}

fn remember(response: &Response, normalized: f32) {
    response.ctx.data_mut(|data| data.insert_temp(response.id, normalized));
}

fn remembered(response: &Response, otherwise: f32) -> f32 {
    response.ctx.data(|data| data.get_temp(response.id)).unwrap_or(otherwise)
}

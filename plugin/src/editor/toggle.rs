//! Buttons: switches for host parameters, and the one button that matters.
use super::theme::{self, Palette};
use super::{View, param_edit};
use egui::{Button, Color32, Response, RichText, Role, TextWrapMode, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{BoolParam, Param};

/// A switch of a host parameter that is lit while on. `mark` is what it shows, `hint` what it does.
pub fn switch(ui: &mut Ui, view: &View<'_>, param: &BoolParam, (mark, size): (&str, Vec2), lit: Color32, hint: &str) {
    let is_on = param.value();
    let response = lamp(ui, is_on, mark, size, lit).on_hover_text(format!("{}: {hint}", param.name()));
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, param.name()));
    if response.clicked() {
        param_edit::set_once(&view.setter, param, !is_on);
    }
    super::learn::menu(&response, view, param);
}

/// A button that is lit while something holds.
pub fn lamp(ui: &mut Ui, is_on: bool, text: &str, size: Vec2, lit: Color32) -> Response {
    let palette = Palette::of(ui);
    let ink = if is_on { palette.ink_on(lit) } else { palette.dim };
    let size_px = if size.x < 30.0 { theme::SMALL } else { 12.0 };
    let label = RichText::new(text).size(size_px).color(ink);
    let button = Button::new(label).min_size(size).wrap_mode(TextWrapMode::Extend);
    // Set and set back: a child of its own would not be wrapped with its row.
    let padding = std::mem::replace(&mut ui.spacing_mut().button_padding, Vec2::new(4.0, 0.0));
    let response = ui.add(if is_on { button.fill(lit) } else { button });
    ui.spacing_mut().button_padding = padding;
    response
}

/// The button that the eye finds first.
pub fn main_button(ui: &mut Ui, text: &str, size: Vec2) -> Response {
    let palette = Palette::of(ui);
    let label = RichText::new(text).color(palette.on_accent).strong();
    ui.add(Button::new(label).fill(palette.accent).min_size(size))
}

/// A small button for rows and empty states.
pub fn small(ui: &mut Ui, text: &str, hint: &str) -> Response {
    let label = RichText::new(text).size(12.0);
    let button = Button::new(label).min_size(Vec2::new(0.0, 20.0)).wrap_mode(TextWrapMode::Extend);
    ui.add(button).on_hover_text(hint)
}

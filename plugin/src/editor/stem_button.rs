//! One stem of a deck: a click mutes, a drag sets the level, the fill shows it.
use super::{param_edit, theme};
use egui::{Align2, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};
use nice_plug::context::gui::ParamSetter;
use nice_plug::prelude::{BoolParam, FloatParam, Param};
use take::StemKind;

/// Pointer travel for the whole range, points.
const TRAVEL_PX: f32 = 120.0;

/// Draws the button. `exists` is false when the current take has no such stem.
pub fn stem_button(
    ui: &mut Ui,
    setter: &ParamSetter<'_>,
    stem: StemKind,
    (level, mute): (&FloatParam, &BoolParam),
    exists: bool,
) {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(26.0, 34.0), Sense::click_and_drag());
    let is_reset = response.ctx.input(|input| input.modifiers.command);
    if response.clicked() && !is_reset {
        param_edit::set_once(setter, mute, !mute.value());
    } else {
        param_edit::drag(setter, level, &response, -response.drag_delta().y / TRAVEL_PX);
    }
    let name = stem.name();
    let spoken = format!("{}: {level}{}", level.name(), if mute.value() { ", muted" } else { "" });
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, exists, !mute.value(), &spoken));
    if ui.is_rect_visible(rect) {
        let is_audible = exists && !mute.value();
        let color = theme::stem_color(stem).gamma_multiply(if is_audible { 1.0 } else { 0.25 });
        ui.painter().rect_filled(rect, theme::RADIUS, theme::WELL);
        let filled = level.modulated_normalized_value().clamp(0.0, 1.0);
        let fill = Rect::from_min_max(egui::pos2(rect.left(), rect.bottom() - rect.height() * filled), rect.max);
        ui.painter().rect_filled(fill, theme::RADIUS, color.gamma_multiply(0.55));
        let outline = if response.hovered() { theme::TEXT } else { color };
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
        let letter = name[..1].to_uppercase();
        let ink = if is_audible { theme::TEXT } else { theme::DIM };
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, letter, FontId::proportional(12.0), ink);
    }
    let hint = if exists { "Click mutes, drag sets the level" } else { "This take has no such stem" };
    response.on_hover_text(format!("{spoken}\n{hint}"));
}

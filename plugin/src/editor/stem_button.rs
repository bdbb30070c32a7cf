//! One stem of a deck: a click mutes, a drag sets the level, the fill shows it.
use super::theme::{self, Palette};
use super::{View, icons, param_edit};
use egui::{Align2, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::{BoolParam, FloatParam, Param};
use take::StemKind;

/// Pointer travel for the whole range, points.
const TRAVEL_PX: f32 = 120.0;

/// Draws the button. `exists` is false when the current take has no such stem.
pub fn stem_button(
    ui: &mut Ui,
    view: &View<'_>,
    stem: StemKind,
    (level, mute): (&FloatParam, &BoolParam),
    (exists, size): (bool, Vec2),
) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let is_reset = response.ctx.input(|input| input.modifiers.command);
    if response.clicked() && !is_reset {
        param_edit::set_once(&view.setter, mute, !mute.value());
    } else {
        param_edit::drag(view, level, &response, -response.drag_delta().y / TRAVEL_PX);
    }
    let spoken = || format!("{}: {level}{}", level.name(), if mute.value() { ", muted" } else { "" });
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, exists, !mute.value(), spoken()));
    if ui.is_rect_visible(rect) {
        let palette = Palette::of(ui);
        let is_audible = exists && !mute.value();
        let color = palette.stem(stem);
        let painter = ui.painter();
        painter.rect_filled(rect, theme::RADIUS, palette.well);
        if exists {
            let filled = level.modulated_normalized_value().clamp(0.0, 1.0);
            let fill = Rect::from_min_max(egui::pos2(rect.left(), rect.bottom() - rect.height() * filled), rect.max);
            painter.rect_filled(
                fill,
                theme::RADIUS,
                palette.fill(stem).gamma_multiply(if is_audible { 0.28 } else { 0.08 }),
            );
        }
        let pen = match () {
            () if !exists => Stroke::NONE,
            () if response.hovered() => Stroke::new(1.0, palette.text),
            () if is_audible => Stroke::new(1.0, color),
            () => Stroke::new(1.0, palette.line),
        };
        painter.rect_stroke(rect, theme::RADIUS, pen, StrokeKind::Inside);
        let ink = if is_audible { color } else { palette.dim };
        let letter = stem.name()[..1].to_uppercase();
        painter.text(rect.center(), Align2::CENTER_CENTER, letter, FontId::proportional(12.0), ink);
        if exists && mute.value() {
            let reach = Vec2::new(7.0, -7.0);
            painter.line_segment([rect.center() - reach, rect.center() + reach], Stroke::new(1.5, palette.warning));
        }
        icons::focus_ring(ui, rect, &response);
    }
    super::learn::menu(&response, view, level);
    response.on_hover_ui(|ui| {
        let hint = if exists { "Click mutes, drag sets the level" } else { "This take has no such stem" };
        ui.label(format!("{}\n{hint}", spoken()));
    });
}

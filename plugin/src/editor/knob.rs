//! A vector knob for one host parameter: drag up and down, shift for fine, double-click to reset.
use super::{param_edit, theme};
use egui::{Color32, Pos2, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};
use nice_plug::context::gui::ParamSetter;
use nice_plug::prelude::Param;
use std::f32::consts::PI;

/// Pointer travel for the whole range, points.
const TRAVEL_PX: f32 = 160.0;
/// Arc from 7 to 5 o'clock.
const START_ANGLE: f32 = 0.75 * PI;
const SWEEP: f32 = 1.5 * PI;

/// Where the lit arc of a knob begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// At the lower end: levels and amounts.
    Start,
    /// In the middle: pan, pitch, filter.
    Middle,
}

/// Draws the knob with its name below; the value replaces the name while the pointer is on it.
pub fn knob<P: Param>(ui: &mut Ui, setter: &ParamSetter<'_>, param: &P, label: &str, from: From, accent: Color32) {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(44.0, 48.0), Sense::click_and_drag());
    param_edit::drag(setter, param, &response, -response.drag_delta().y / TRAVEL_PX);
    let text = param.to_string();
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Slider, true, format!("{} {text}", param.name())));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let value = param.modulated_normalized_value();
    let center = Pos2::new(rect.center().x, rect.top() + 17.0);
    let is_hot = response.hovered() || response.dragged();
    paint(
        ui,
        center,
        14.0,
        value,
        if from == From::Middle { 0.5 } else { 0.0 },
        if is_hot { accent } else { accent.gamma_multiply(0.8) },
    );
    let (below, color) = if is_hot { (text.as_str(), theme::TEXT) } else { (label, theme::DIM) };
    let font = egui::FontId::proportional(11.0);
    ui.painter().text(Pos2::new(center.x, rect.bottom()), egui::Align2::CENTER_BOTTOM, below, font, color);
    response.on_hover_text(format!("{}: {text}\nDouble-click resets, shift is fine", param.name()));
}

fn paint(ui: &Ui, center: Pos2, radius: f32, value: f32, origin: f32, color: Color32) {
    let painter = ui.painter();
    painter.add(arc(center, radius, 0.0, 1.0, Stroke::new(3.0, theme::LINE)));
    let (from, to) = if value < origin { (value, origin) } else { (origin, value) };
    if to - from > 0.002 {
        painter.add(arc(center, radius, from, to, Stroke::new(3.0, color)));
    }
    let direction = Vec2::angled(START_ANGLE + SWEEP * value);
    painter
        .line_segment([center + direction * 4.0, center + direction * (radius - 4.0)], Stroke::new(2.0, theme::TEXT));
}

fn arc(center: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) -> Shape {
    let num_points = ((to - from) * 28.0).ceil().max(2.0) as usize;
    let points = (0..=num_points)
        .map(|i| {
            center + Vec2::angled(START_ANGLE + SWEEP * (from + (to - from) * i as f32 / num_points as f32)) * radius
        })
        .collect();
    Shape::line(points, stroke)
}

//! A vector knob for one host parameter: drag up and down, shift for fine, double-click to reset.
use super::theme::{self, Palette};
use super::{View, icons, param_edit};
use egui::{Align2, Color32, FontId, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::Param;
use std::f32::consts::PI;

/// Pointer travel for the whole range, points.
const TRAVEL_PX: f32 = 160.0;
/// Arc from 7 to 5 o'clock.
const START_ANGLE: f32 = 0.75 * PI;
const SWEEP: f32 = 1.5 * PI;
/// Height of the line of text below, points.
const TEXT_PX: f32 = 13.0;

/// Where the lit arc of a knob begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// At the lower end: levels and amounts.
    Start,
    /// In the middle: pan, pitch, filter.
    Middle,
}

/// How a knob looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Below it, while the pointer is elsewhere.
    pub label: &'static str,
    /// Where its arc begins.
    pub from: From,
    /// Colour of the arc.
    pub accent: Color32,
    /// Room it takes, points; the circle fills what the text leaves.
    pub size: Vec2,
}

/// Draws the knob with its name below; the value replaces the name while the pointer is on it.
pub fn knob<P: Param>(ui: &mut Ui, view: &View<'_>, param: &P, look: Look) {
    let (rect, response) = ui.allocate_exact_size(look.size, Sense::click_and_drag());
    param_edit::drag(view, param, &response, -response.drag_delta().y / TRAVEL_PX);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, format!("{} {param}", param.name()));
        info.value = Some(f64::from(param.unmodulated_normalized_value()));
        info
    });
    if ui.is_rect_visible(rect) {
        let is_hot = response.hovered() || response.dragged() || response.has_focus();
        paint(ui, rect, param, look, is_hot);
        icons::focus_ring(ui, rect, &response);
    }
    super::learn::menu(&response, view, param);
    response.on_hover_ui(|ui| drop(ui.label(format!("{}: {param}\nDouble-click resets, shift is fine", param.name()))));
}

fn paint<P: Param>(ui: &Ui, rect: Rect, param: &P, look: Look, is_hot: bool) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let radius = ((rect.height() - TEXT_PX).min(rect.width() - 8.0) * 0.5 - 1.5).min(15.0);
    let center = Pos2::new(rect.center().x, rect.top() + (rect.height() - TEXT_PX) * 0.5 + 1.0);
    let value = param.modulated_normalized_value().clamp(0.0, 1.0);
    let origin = if look.from == From::Middle { 0.5 } else { 0.0 };
    painter.add(arc(center, radius, 0.0, 1.0, Stroke::new(2.5, palette.line)));
    let (from, to) = if value < origin { (value, origin) } else { (origin, value) };
    if to - from > 0.002 {
        painter.add(arc(center, radius, from, to, Stroke::new(2.5, look.accent)));
    }
    let direction = Vec2::angled(START_ANGLE + SWEEP * value);
    let ink = if is_hot { palette.text } else { palette.dim };
    painter
        .line_segment([center + direction * radius * 0.25, center + direction * (radius - 3.0)], Stroke::new(2.0, ink));
    let at = Pos2::new(rect.center().x, rect.bottom());
    let font = FontId::proportional(theme::SMALL);
    if is_hot {
        let text = painter.layout_no_wrap(param.to_string(), font, palette.text);
        // A long value may be wider than the knob: it keeps its own ground then.
        let ground = Align2::CENTER_BOTTOM.anchor_size(at, text.size());
        painter.rect_filled(ground.expand2(Vec2::new(2.0, 0.0)), 2.0, palette.button);
        painter.galley(ground.min, text, palette.text);
    } else {
        painter.text(at, Align2::CENTER_BOTTOM, look.label, font, palette.dim);
    }
}

fn arc(center: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) -> Shape {
    let num_points = ((to - from) * 24.0).ceil().max(2.0) as usize;
    let points = (0..=num_points)
        .map(|i| {
            let share = from + (to - from) * i as f32 / num_points as f32;
            center + Vec2::angled(START_ANGLE + SWEEP * share) * radius
        })
        .collect();
    Shape::line(points, stroke)
}

//! Peak meters, and the fader that stands in one.
use super::theme::{self, Palette};
use super::{View, icons, param_edit};
use egui::{Painter, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};
use nice_plug::prelude::Param;

/// What the meter shows at its lower end, decibels below full scale.
const FLOOR_DB: f32 = -48.0;
/// Above this the bar says that it is loud, linear.
const LOUD: f32 = 0.9;

/// Two vertical bars from -48 dBFS to 0 dBFS.
pub fn stereo(ui: &mut Ui, peak: [f32; 2], size: Vec2, name: &str) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, name));
    bars(ui.painter(), Palette::of(ui), peak, rect);
    response.on_hover_text(name);
}

fn bars(painter: &Painter, palette: &Palette, peak: [f32; 2], rect: Rect) {
    let width = (rect.width() - 2.0) / 2.0;
    for (channel, peak) in peak.into_iter().enumerate() {
        let left = rect.left() + channel as f32 * (width + 2.0);
        let well = Rect::from_min_size(egui::pos2(left, rect.top()), Vec2::new(width, rect.height()));
        painter.rect_filled(well, 2.0, palette.well);
        let share = ((20.0 * peak.max(1e-6).log10() - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
        if share > 0.0 {
            let color = if peak > LOUD { palette.warning } else { palette.accent };
            let lit = Rect::from_min_max(egui::pos2(left, well.bottom() - well.height() * share), well.max);
            painter.rect_filled(lit, 2.0, color);
        }
    }
}

/// A level with its meter behind it: drag the cap up and down.
pub fn fader<P: Param>(ui: &mut Ui, view: &View<'_>, param: &P, peak: [f32; 2], size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let travel = rect.height() - CAP_PX;
    param_edit::drag(view, param, &response, -response.drag_delta().y / travel.max(1.0));
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, format!("{} {param}", param.name()));
        info.value = Some(f64::from(param.unmodulated_normalized_value()));
        info
    });
    if ui.is_rect_visible(rect) {
        let palette = Palette::of(ui);
        let painter = ui.painter();
        let column = Rect::from_center_size(rect.center(), Vec2::new(11.0, rect.height()));
        bars(painter, palette, peak, column);
        let y = rect.bottom() - CAP_PX * 0.5 - travel * param.modulated_normalized_value().clamp(0.0, 1.0);
        let cap = Rect::from_center_size(egui::pos2(rect.center().x, y), Vec2::new(rect.width(), CAP_PX));
        let is_hot = response.hovered() || response.dragged() || response.has_focus();
        painter.rect_filled(cap, 3.0, if is_hot { palette.text } else { palette.dim });
        painter.hline(cap.x_range().shrink(4.0), cap.center().y, Stroke::new(1.0, palette.well));
        icons::focus_ring(ui, rect, &response);
        if response.dragged() {
            value_beside(ui, param.to_string(), cap);
        }
    }
    super::learn::menu(&response, view, param);
    response.on_hover_text(format!("{}: {param}\nDouble-click resets, shift is fine", param.name()));
}

/// Height of a fader's cap, points.
const CAP_PX: f32 = 8.0;

fn value_beside(ui: &Ui, text: String, cap: Rect) {
    let palette = Palette::of(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Tooltip, ui.scope_id().with("fader value")));
    let galley = painter.layout_no_wrap(text, egui::FontId::proportional(theme::SMALL), palette.text);
    let ground = egui::Align2::RIGHT_CENTER.anchor_size(cap.left_center() - Vec2::new(6.0, 0.0), galley.size());
    painter.rect_filled(ground.expand2(Vec2::new(4.0, 2.0)), 3.0, palette.button);
    painter.galley(ground.min, galley, palette.text);
}

//! Peak meters.
use super::theme;
use egui::{Rect, Sense, Ui, Vec2};

/// Two vertical bars from -48 dBFS to 0 dBFS.
pub fn stereo(ui: &mut Ui, peak: [f32; 2], size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let width = (rect.width() - 2.0) / 2.0;
    for (channel, peak) in peak.into_iter().enumerate() {
        let left = rect.left() + channel as f32 * (width + 2.0);
        let well = Rect::from_min_size(egui::pos2(left, rect.top()), egui::vec2(width, rect.height()));
        ui.painter().rect_filled(well, 2.0, theme::WELL);
        let share = ((20.0 * peak.max(1e-6).log10() + 48.0) / 48.0).clamp(0.0, 1.0);
        let color = if peak > 0.9 { theme::WARNING } else { theme::ACCENT };
        let lit = Rect::from_min_max(egui::pos2(left, well.bottom() - well.height() * share), well.max);
        ui.painter().rect_filled(lit, 2.0, color);
    }
    response.on_hover_text("Peak level");
}

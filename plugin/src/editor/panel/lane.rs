//! The band's chords of the coming bars as blocks on the host's grid.
use crate::editor::View;
use crate::editor::playhead;
use crate::editor::theme::{self, Palette};
use egui::{Align2, FontId, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

/// Bars in one row.
const BARS_PER_ROW: usize = 4;
/// Height of a row, points.
const ROW_PX: f32 = 40.0;

/// Draws two rows of four bars, from the present bar's row on.
pub fn lane(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let band = &view.snapshot.band;
    let engine = &view.snapshot.engine;
    let size = Vec2::new(ui.available_width(), 2.0 * ROW_PX + 4.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let now = band.chord.as_deref().unwrap_or("none");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Chord lane; now {now}")));
    let painter = ui.painter().with_clip_rect(rect);
    let bar_beats = (f64::from(engine.meter.0) * 4.0 / f64::from(engine.meter.1.max(1))).max(1.0);
    let first_bar = (engine.pos_beats / bar_beats).floor().max(0.0);
    for row in 0..2 {
        let top = rect.top() + row as f32 * (ROW_PX + 4.0);
        let area = Rect::from_min_size(Pos2::new(rect.left(), top), Vec2::new(rect.width(), ROW_PX));
        painter.rect_filled(area, theme::RADIUS, palette.well);
        let start = (first_bar + (row * BARS_PER_ROW) as f64) * bar_beats;
        let beats = BARS_PER_ROW as f64 * bar_beats;
        let x_of = |beat: f64| area.left() + area.width() * ((beat - start) / beats) as f32;
        for (place, (beat, symbol)) in band.chords.iter().enumerate() {
            let end = band.chords.get(place + 1).map_or(start + beats, |next| next.0);
            if end <= start || *beat >= start + beats {
                continue;
            }
            let (left, right) = (x_of(beat.max(start)), x_of(end.min(start + beats)));
            let block = Rect::from_x_y_ranges(left + 1.0..=right - 1.0, area.y_range().shrink(2.0));
            let is_now = (*beat..end).contains(&engine.pos_beats);
            let fill = if is_now { palette.accent.gamma_multiply(0.3) } else { palette.button };
            painter.rect_filled(block, 4.0, fill);
            let ink = if is_now { palette.text } else { palette.dim };
            painter.with_clip_rect(block).text(
                block.center(),
                Align2::CENTER_CENTER,
                symbol,
                FontId::proportional(13.0),
                ink,
            );
        }
        for bar in 1..BARS_PER_ROW {
            let x = x_of(start + bar as f64 * bar_beats).round();
            painter.vline(x, area.y_range(), Stroke::new(1.0, palette.line));
        }
        if engine.is_playing && (start..start + beats).contains(&engine.pos_beats) {
            playhead::line(&painter, palette, x_of(engine.pos_beats), area.y_range());
        }
    }
    if band.chords.is_empty() {
        painter.text(rect.center(), Align2::CENTER_CENTER, "No chords yet", FontId::proportional(12.0), palette.dim);
    }
}

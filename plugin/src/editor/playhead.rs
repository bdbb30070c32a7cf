//! The line that shows where something plays.
use super::theme::Palette;
use egui::emath::GuiRounding;
use egui::{Painter, Rangef, Rect};

/// Width of the line, points.
const WIDTH_PX: f32 = 1.5;

/// Draws it on whole pixels: it stays sharp, and is the same until it reaches the next.
pub fn line(painter: &Painter, palette: &Palette, x: f32, y: Rangef) {
    let scale = painter.pixels_per_point();
    let width = (WIDTH_PX * scale).floor().max(1.0) / scale;
    let left = (x - 0.5 * width).round_to_pixels(scale);
    painter.rect_filled(Rect::from_x_y_ranges(left..=left + width, y), 0.0, palette.text);
}

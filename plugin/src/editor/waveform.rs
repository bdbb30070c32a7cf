//! A take's waveform: one colour per stem, stacked, from cached peaks. A picture is made once per take, size and looks,
//! so that a frame is one rectangle and not thousands of triangles.
use super::theme::Palette;
use egui::emath::GuiRounding;
use egui::{Color32, ColorImage, Pos2, Rect, TextureHandle, TextureOptions, Ui};
use take::{StemKind, Take, TakeId};

/// Width of one drawn column, points.
const COLUMN_PX: f32 = 2.0;
/// Share of the height that the loudest moment of a take fills.
const FILL: f32 = 0.94;
/// A stem that is not heard.
const FAINT: f32 = 0.22;
/// A stem that is heard.
const STRONG: f32 = 0.95;

/// Pictures of the takes on screen, by deck.
#[derive(Default)]
pub struct WaveformCache {
    pictures: [Option<(Key, TextureHandle)>; engine::NUM_DECKS],
}

#[derive(PartialEq, Clone, Copy)]
struct Key {
    take: TakeId,
    /// Width and height, pixels.
    size: [usize; 2],
    audible: [bool; 5],
    is_dark: bool,
}

impl WaveformCache {
    /// Draws `take` into `rect`; `audible` stems in full colour.
    pub fn paint(&mut self, ui: &Ui, deck: usize, take: &Take, rect: Rect, audible: [bool; 5]) {
        let scale = ui.pixels_per_point();
        let rect = rect.round_to_pixels(scale);
        let size = [rect.width() * scale, rect.height() * scale].map(|side| side.round().max(1.0) as usize);
        let key = Key { take: take.id, size, audible, is_dark: ui.visuals().dark_mode };
        let Some(slot) = self.pictures.get_mut(deck) else { return };
        if slot.as_ref().is_none_or(|(known, _)| *known != key) {
            let picture = picture(take, &key, rect.width(), Palette::of(ui));
            // A name of its own each time: who compares frames must see that this is another picture.
            let texture = ui.ctx().load_texture("waveform", picture, TextureOptions::NEAREST);
            *slot = Some((key, texture));
        }
        if let Some((_, texture)) = slot {
            let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            ui.painter().image(texture.id(), rect, whole, Color32::WHITE);
        }
    }
}

/// The picture of a take, `width` points wide.
fn picture(take: &Take, key: &Key, width: f32, palette: &Palette) -> ColorImage {
    let [columns, rows] = key.size;
    let heights = heights(take, (width / COLUMN_PX).max(1.0) as usize);
    let loudest = heights.iter().map(|stems| stems.iter().sum::<f32>()).fold(0.0, f32::max);
    let scale = rows as f32 * 0.5 * FILL / loudest.max(1e-3);
    let mut image = ColorImage::filled(key.size, Color32::TRANSPARENT);
    let lines = bar_lines(take, columns);
    for column in 0..columns {
        let place = (column as f32 + 0.5) / columns as f32 * (heights.len() - 1) as f32;
        let (left, share) = (place as usize, place.fract());
        let right = (left + 1).min(heights.len() - 1);
        let mut pixels = vec![[0.0_f32; 4]; rows];
        let mut inner = 0.0;
        for stem in StemKind::ALL {
            let at = |node: usize| heights[node][stem as usize];
            let outer = inner + (at(left) * (1.0 - share) + at(right) * share) * scale;
            let strength = if key.audible[stem as usize] { STRONG } else { FAINT };
            cover(&mut pixels, (inner, outer), palette.fill(stem).gamma_multiply(strength));
            inner = outer;
        }
        let middle = rows / 2;
        for (row, pixel) in pixels.iter_mut().enumerate() {
            let line = lines.iter().find(|(at, _)| *at == column).map(|(_, strength)| *strength);
            let strength = if row == middle { Some(1.0) } else { line };
            below(pixel, strength.map(|strength| palette.line.gamma_multiply(strength)));
            let [red, green, blue, alpha] = pixel.map(|channel| channel.round().clamp(0.0, 255.0) as u8);
            image.pixels[row * columns + column] = Color32::from_rgba_premultiplied(red, green, blue, alpha);
        }
    }
    image
}

/// Peaks of every stem at the ends of `num_columns` columns; 0.0 for a stem the take does not have.
fn heights(take: &Take, num_columns: usize) -> Vec<[f32; 5]> {
    (0..=num_columns)
        .map(|column| take.peaks.stems.each_ref().map(|peaks| column_peak(peaks, column, num_columns)))
        .collect()
}

/// Largest peak under one drawn column; 0.0 for a stem the take does not have.
fn column_peak(peaks: &[f32], column: usize, num_columns: usize) -> f32 {
    let from = column * peaks.len() / num_columns;
    let to = ((column + 1) * peaks.len() / num_columns).max(from + 1).min(peaks.len());
    peaks.get(from..to).map_or(0.0, |peaks| peaks.iter().copied().fold(0.0, f32::max))
}

/// Adds a colour to both sides of the middle, from `inner` to `outer` pixels away from it; partly covered pixels take
/// part of it. Stems lie beside each other, so shares of a pixel add up.
fn cover(pixels: &mut [[f32; 4]], (inner, outer): (f32, f32), color: Color32) {
    let middle = pixels.len() as f32 * 0.5;
    let color = color.to_array().map(f32::from);
    for (from, to) in [(middle - outer, middle - inner), (middle + inner, middle + outer)] {
        let rows = (from.floor().max(0.0) as usize)..(to.ceil().max(0.0) as usize).min(pixels.len());
        for row in rows {
            let share = (to.min(row as f32 + 1.0) - from.max(row as f32)).clamp(0.0, 1.0);
            pixels[row].iter_mut().zip(color).for_each(|(channel, color)| *channel += color * share);
        }
    }
}

/// Puts a colour below what is there.
fn below(pixel: &mut [f32; 4], color: Option<Color32>) {
    let Some(color) = color else { return };
    let share = 1.0 - (pixel[3] / 255.0).min(1.0);
    pixel.iter_mut().zip(color.to_array()).for_each(|(channel, color)| *channel += f32::from(color) * share);
}

/// Columns with a bar line, and how strong it is.
fn bar_lines(take: &Take, columns: usize) -> Vec<(usize, f32)> {
    let num_bars = usize::from(take.info.bars.get());
    let strength = |bar: usize| if bar.is_multiple_of(4) { 1.0 } else { 0.55 };
    (1..num_bars).map(|bar| (columns * bar / num_bars, strength(bar))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_covers_its_pixels_on_both_sides_of_the_middle() {
        let mut pixels = vec![[0.0; 4]; 8];
        cover(&mut pixels, (1.0, 2.5), Color32::WHITE);
        let alpha: Vec<f32> = pixels.iter().map(|pixel| pixel[3] / 255.0).collect();
        assert_eq!(alpha, [0.0, 0.5, 1.0, 0.0, 0.0, 1.0, 0.5, 0.0]);
    }

    #[test]
    fn a_line_shows_only_where_nothing_lies_over_it() {
        let mut full = [255.0; 4];
        below(&mut full, Some(Color32::RED));
        assert_eq!(full, [255.0; 4]);
        let mut empty = [0.0; 4];
        below(&mut empty, Some(Color32::RED));
        assert_eq!(empty, [255.0, 0.0, 0.0, 255.0]);
    }
}

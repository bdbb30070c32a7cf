//! A piano roll: pitched parts above on one scale of keys, the kit below on rows of its own.
use crate::editor::playhead;
use crate::editor::theme::{self, Palette};
use egui::epaint::Mesh;
use egui::{Align2, FontId, Pos2, Rect, Role, Sense, Shape, Ui, Vec2, WidgetInfo};
use std::sync::Arc;
use take::{Note, StemKind, Take, TakeId};

/// Room for the chord symbols, points.
const CHORDS_PX: f32 = 17.0;
/// Room for the names of the octaves, points.
const KEYS_PX: f32 = 24.0;
/// Share of the height that the kit takes where there is one.
const KIT_SHARE: f32 = 0.26;

/// The mesh of the roll on screen.
#[derive(Default)]
pub struct RollCache(Option<(Key, Arc<Mesh>, Range)>);

#[derive(PartialEq, Clone, Copy)]
struct Key {
    take: TakeId,
    rect: Rect,
    hidden: [bool; 5],
    is_dark: bool,
}

/// Keys that are shown, `low..=high`, and the keys of the kit in rows from below.
#[derive(Clone, Default)]
struct Range {
    low: u8,
    high: u8,
    kit: Vec<u8>,
}

/// Draws the notes of `take`; `place` is the playhead, 0.0..=1.0, where it plays.
pub fn roll(ui: &mut Ui, cache: &mut RollCache, take: &Take, hidden: [bool; 5], (size, place): (Vec2, Option<f32>)) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let num_notes: usize = take.parts.iter().map(|part| part.notes.len()).sum();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Piano roll, {num_notes} notes")));
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, theme::RADIUS, palette.well);
    let grid = Rect::from_min_max(rect.min + Vec2::new(KEYS_PX, CHORDS_PX), rect.max - Vec2::new(3.0, 3.0));
    let key = Key { take: take.id, rect: grid, hidden, is_dark: ui.visuals().dark_mode };
    if cache.0.as_ref().is_none_or(|(known, ..)| *known != key) {
        let range = range(take, hidden);
        cache.0 = Some((key, Arc::new(build(take, grid, hidden, &range, palette)), range));
    }
    let Some((_, mesh, range)) = &cache.0 else { return };
    painter.add(Shape::Mesh(mesh.clone()));
    octaves(&painter, palette, rect, grid, range);
    chords(&painter, palette, take, rect, grid);
    if num_notes == 0 {
        let font = FontId::proportional(12.0);
        painter.text(grid.center(), Align2::CENTER_CENTER, "This take is audio only", font, palette.dim);
    }
    if let Some(place) = place {
        playhead::line(&painter, palette, grid.left() + grid.width() * place.clamp(0.0, 1.0), grid.y_range());
    }
}

fn shown(take: &Take, hidden: [bool; 5]) -> impl Iterator<Item = (StemKind, &Note)> {
    let parts = take.parts.iter().filter(move |part| !hidden[StemKind::from(part.kind) as usize]);
    parts.flat_map(|part| part.notes.iter().map(|note| (StemKind::from(part.kind), note)))
}

/// At least an octave and a half, so that a bass alone does not fill the picture with five notes.
fn range(take: &Take, hidden: [bool; 5]) -> Range {
    let pitched = || shown(take, hidden).filter(|(stem, _)| *stem != StemKind::Drums).map(|(_, note)| note.key);
    let (low, high) = (pitched().min().unwrap_or(48), pitched().max().unwrap_or(72));
    let spare = 18_u8.saturating_sub(high - low) / 2;
    let kit = shown(take, hidden).filter(|(stem, _)| *stem == StemKind::Drums).map(|(_, note)| note.key);
    let mut kit: Vec<u8> = kit.collect();
    kit.sort_unstable();
    kit.dedup();
    Range { low: low.saturating_sub(1 + spare), high: (high + 1 + spare).min(127), kit }
}

/// Where the pitched parts and the kit are drawn.
fn areas(grid: Rect, range: &Range) -> (Rect, Rect) {
    if range.kit.is_empty() {
        return (grid, Rect::NOTHING);
    }
    let edge = grid.bottom() - grid.height() * KIT_SHARE;
    let (above, below) = grid.split_top_bottom_at_y(edge);
    (above.with_max_y(edge - 3.0), below.with_min_y(edge + 3.0))
}

fn build(take: &Take, grid: Rect, hidden: [bool; 5], range: &Range, palette: &Palette) -> Mesh {
    let mut mesh = Mesh::default();
    let (keys, kit) = areas(grid, range);
    let num_rows = f32::from(range.high - range.low) + 1.0;
    let row_px = keys.height() / num_rows;
    for key in range.low..=range.high {
        // Black keys are a shade darker, as on the instrument.
        if matches!(key % 12, 1 | 3 | 6 | 8 | 10) {
            let top = keys.bottom() - (f32::from(key - range.low) + 1.0) * row_px;
            let row = Rect::from_x_y_ranges(keys.x_range(), top..=top + row_px);
            mesh.add_colored_rect(row, palette.line.gamma_multiply(0.22));
        }
    }
    lines(&mut mesh, take, grid, palette);
    let loop_beats = take.original.loop_beats.0.max(1e-6) as f32;
    for (stem, note) in shown(take, hidden) {
        let left = grid.left() + grid.width() * note.start.0 as f32 / loop_beats;
        let (row, height, length) = if stem == StemKind::Drums {
            let row = range.kit.iter().position(|key| *key == note.key).unwrap_or(0) as f32;
            let height = kit.height() / range.kit.len() as f32;
            (kit.bottom() - (row + 1.0) * height, height, 0.22)
        } else {
            let row = f32::from(note.key - range.low);
            (keys.bottom() - (row + 1.0) * row_px, row_px, note.duration.0 as f32)
        };
        let right = (left + grid.width() * length / loop_beats - 1.0).clamp(left + 2.0, grid.right().max(left + 2.0));
        let gap = if height > 4.0 { 0.5 } else { 0.0 };
        let area = Rect::from_min_max(Pos2::new(left, row + gap), Pos2::new(right, row + height - gap));
        // A soft note is paler: velocity 1 at two fifths, 127 full.
        let strength = 0.4 + 0.6 * f32::from(note.velocity) / 127.0;
        mesh.add_colored_rect(area, palette.fill(stem).gamma_multiply(strength));
    }
    mesh
}

/// Beats and bars.
fn lines(mesh: &mut Mesh, take: &Take, grid: Rect, palette: &Palette) {
    let (loop_beats, bar_beats) = (take.original.loop_beats.0, take.original.bar_beats.0.max(0.25));
    let num_bars = (loop_beats / bar_beats).round() as usize;
    let is_roomy = grid.width() / (loop_beats as f32).max(1.0) > 7.0;
    let mut line = |beat: f64, strength: f32| {
        let x = (grid.left() + grid.width() * (beat / loop_beats) as f32).round();
        let area = Rect::from_x_y_ranges(x..=x + 1.0, grid.y_range());
        mesh.add_colored_rect(area, palette.line.gamma_multiply(strength));
    };
    for beat in (1..loop_beats.ceil() as usize).filter(|_| is_roomy) {
        line(beat as f64, 0.35);
    }
    (0..=num_bars).for_each(|bar| line(bar as f64 * bar_beats, 1.0));
}

fn octaves(painter: &egui::Painter, palette: &Palette, rect: Rect, grid: Rect, range: &Range) {
    let (keys, kit) = areas(grid, range);
    let row_px = keys.height() / (f32::from(range.high - range.low) + 1.0);
    let font = FontId::proportional(theme::SMALL);
    for key in (range.low..=range.high).filter(|key| key % 12 == 0) {
        let y = keys.bottom() - (f32::from(key - range.low) + 0.5) * row_px;
        let at = Pos2::new(rect.left() + 4.0, y);
        // MIDI 60 is C4.
        painter.text(at, Align2::LEFT_CENTER, format!("C{}", i16::from(key) / 12 - 1), font.clone(), palette.dim);
    }
    if kit.is_positive() {
        painter.text(Pos2::new(rect.left() + 4.0, kit.center().y), Align2::LEFT_CENTER, "Kit", font, palette.dim);
    }
}

fn chords(painter: &egui::Painter, palette: &Palette, take: &Take, rect: Rect, grid: Rect) {
    let loop_beats = take.original.loop_beats.0.max(1e-6);
    let mut free_from = grid.left();
    for span in &take.info.chords {
        let x = grid.left() + grid.width() * (span.start.0 / loop_beats) as f32;
        if x + 1.0 < free_from {
            continue;
        }
        let at = Pos2::new(x + 2.0, rect.top() + 2.0);
        let font = FontId::proportional(theme::SMALL);
        let galley = painter.layout_no_wrap(span.symbol.clone(), font, palette.text);
        // The last one moves left rather than out of the picture.
        let at = Pos2::new(at.x.min(rect.right() - galley.size().x - 3.0), at.y);
        if at.x >= free_from - 4.0 {
            free_from = at.x + galley.size().x + 3.0;
            painter.galley(at, galley, palette.text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_without_notes_is_two_octaves_and_the_kit_needs_no_room() {
        let range = Range { low: 47, high: 73, kit: Vec::new() };
        let grid = Rect::from_min_size(Pos2::ZERO, Vec2::new(100.0, 100.0));
        assert_eq!(areas(grid, &range).0, grid);
        let with_kit = Range { kit: vec![36, 38], ..range };
        let (keys, kit) = areas(grid, &with_kit);
        assert!(keys.bottom() < kit.top() && kit.bottom() == grid.bottom());
    }
}

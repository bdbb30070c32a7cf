//! A take's waveform: one colour per stem, stacked, from cached peaks. A mesh is built once per take, size and looks.
use super::theme::Palette;
use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Pos2, Rect, Shape, Ui};
use std::sync::Arc;
use take::{StemKind, Take, TakeId};

/// Width of one drawn column, points.
const COLUMN_PX: f32 = 2.0;
/// Share of the height that the loudest moment of a take fills.
const FILL: f32 = 0.94;
/// A stem that is not heard.
const FAINT: f32 = 0.22;

/// Meshes of the takes on screen, by deck.
#[derive(Default)]
pub struct WaveformCache {
    meshes: [Option<(Key, Arc<Mesh>)>; engine::NUM_DECKS],
}

#[derive(PartialEq, Clone, Copy)]
struct Key {
    take: TakeId,
    rect: Rect,
    audible: [bool; 5],
    is_dark: bool,
}

impl WaveformCache {
    /// Draws `take` into `rect`; `audible` stems in full colour.
    pub fn paint(&mut self, ui: &Ui, deck: usize, take: &Take, rect: Rect, audible: [bool; 5]) {
        let key = Key { take: take.id, rect, audible, is_dark: ui.visuals().dark_mode };
        let Some(slot) = self.meshes.get_mut(deck) else { return };
        if slot.as_ref().is_none_or(|(known, _)| *known != key) {
            *slot = Some((key, Arc::new(build(take, rect, audible, Palette::of(ui)))));
        }
        if let Some((_, mesh)) = slot {
            ui.painter().add(Shape::Mesh(mesh.clone()));
        }
    }
}

fn build(take: &Take, rect: Rect, audible: [bool; 5], palette: &Palette) -> Mesh {
    let mut mesh = Mesh::default();
    let num_columns = (rect.width() / COLUMN_PX).max(1.0) as usize;
    bar_lines(&mut mesh, take, rect, palette);
    let columns: Vec<[f32; 5]> = (0..=num_columns)
        .map(|column| take.peaks.stems.each_ref().map(|peaks| column_peak(peaks, column, num_columns)))
        .collect();
    let loudest = columns.iter().map(|stems| stems.iter().sum::<f32>()).fold(0.0, f32::max);
    let scale = rect.height() * 0.5 * FILL / loudest.max(1e-3);
    let mut inner = vec![0.0; columns.len()];
    for stem in StemKind::ALL {
        if take.peaks.stems[stem as usize].is_empty() {
            continue;
        }
        let outer: Vec<f32> =
            inner.iter().zip(&columns).map(|(base, stems)| base + stems[stem as usize] * scale).collect();
        let color = palette.fill(stem).gamma_multiply(if audible[stem as usize] { 0.95 } else { FAINT });
        for side in [-1.0, 1.0] {
            ribbon(&mut mesh, rect, (&inner, &outer), side, color);
        }
        inner = outer;
    }
    mesh
}

/// Largest peak under one drawn column; 0.0 for a stem the take does not have.
fn column_peak(peaks: &[f32], column: usize, num_columns: usize) -> f32 {
    let from = column * peaks.len() / num_columns;
    let to = ((column + 1) * peaks.len() / num_columns).max(from + 1).min(peaks.len());
    peaks.get(from..to).map_or(0.0, |peaks| peaks.iter().copied().fold(0.0, f32::max))
}

/// One side of one stem: a strip of quads between two outlines, `side` above (-1.0) or below (1.0) the middle.
fn ribbon(mesh: &mut Mesh, rect: Rect, (inner, outer): (&[f32], &[f32]), side: f32, color: Color32) {
    let step = rect.width() / (inner.len() - 1).max(1) as f32;
    let first = mesh.vertices.len() as u32;
    for (column, (near, far)) in inner.iter().zip(outer).enumerate() {
        let x = rect.left() + column as f32 * step;
        for reach in [near, far] {
            let pos = Pos2::new(x, rect.center().y + side * reach);
            mesh.vertices.push(Vertex { pos, uv: WHITE_UV, color });
        }
    }
    for column in 0..(inner.len() as u32).saturating_sub(1) {
        let at = first + column * 2;
        mesh.indices.extend([at, at + 1, at + 3, at, at + 3, at + 2]);
    }
}

fn bar_lines(mesh: &mut Mesh, take: &Take, rect: Rect, palette: &Palette) {
    let num_bars = take.info.bars.get();
    for bar in 1..num_bars {
        let x = (rect.left() + rect.width() * f32::from(bar) / f32::from(num_bars)).round();
        let color = palette.line.gamma_multiply(if bar % 4 == 0 { 1.0 } else { 0.55 });
        mesh.add_colored_rect(Rect::from_x_y_ranges(x..=x + 1.0, rect.y_range()), color);
    }
    let middle = rect.center().y.round();
    mesh.add_colored_rect(Rect::from_x_y_ranges(rect.x_range(), middle - 0.5..=middle + 0.5), palette.line);
}

//! A take's waveform: one colour per stem, stacked, from cached peaks. The mesh is built once per take and size.
use super::theme;
use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke};
use std::collections::HashMap;
use std::sync::Arc;
use take::{StemKind, Take, TakeId};

/// Width of one drawn column in points.
const COLUMN_PX: f32 = 2.0;

/// Meshes of the takes on screen, keyed by deck. Levels are part of the key: a muted stem is drawn faint.
#[derive(Default)]
pub struct WaveformCache {
    meshes: HashMap<usize, (Key, Arc<Mesh>)>,
}

#[derive(PartialEq, Clone, Copy)]
struct Key {
    take: TakeId,
    rect: Rect,
    audible: [bool; 5],
}

impl WaveformCache {
    /// Draws `take` into `rect`.
    pub fn paint(&mut self, painter: &Painter, deck: usize, take: &Take, rect: Rect, audible: [bool; 5]) {
        let key = Key { take: take.id, rect, audible };
        let is_cached = self.meshes.get(&deck).is_some_and(|(known, _)| *known == key);
        if !is_cached {
            self.meshes.insert(deck, (key, Arc::new(build(take, rect, audible))));
        }
        if let Some((_, mesh)) = self.meshes.get(&deck) {
            painter.add(Shape::Mesh(mesh.clone()));
        }
        bar_lines(painter, take, rect);
    }
}

fn build(take: &Take, rect: Rect, audible: [bool; 5]) -> Mesh {
    let mut mesh = Mesh::default();
    let num_columns = (rect.width() / COLUMN_PX) as usize;
    // 0.9: five stems at full level would leave the strip; takes peak near 1 in the sum.
    let scale = rect.height() * 0.5 * 0.9;
    for column in 0..num_columns {
        let mut bottom = 0.0;
        for (stem, peaks) in StemKind::ALL.into_iter().zip(&take.peaks.stems) {
            let height = column_peak(peaks, column, num_columns).min(1.0);
            let top = (bottom + height * scale * 0.8).min(rect.height() * 0.5 - 1.0);
            let is_audible = audible[stem as usize];
            let color = theme::stem_color(stem).gamma_multiply(if is_audible { 0.95 } else { 0.18 });
            if top > bottom {
                let left = rect.left() + column as f32 * COLUMN_PX;
                band(&mut mesh, left, rect.center().y, bottom, top, color);
                bottom = top;
            }
        }
    }
    mesh
}

/// Largest peak under one drawn column; 0.0 for a stem the take does not have.
fn column_peak(peaks: &[f32], column: usize, num_columns: usize) -> f32 {
    let from = column * peaks.len() / num_columns.max(1);
    let to = ((column + 1) * peaks.len() / num_columns.max(1)).max(from + 1).min(peaks.len());
    peaks.get(from..to).map_or(0.0, |peaks| peaks.iter().copied().fold(0.0, f32::max))
}

/// Two quads, mirrored about the middle line.
fn band(mesh: &mut Mesh, left: f32, middle: f32, bottom: f32, top: f32, color: Color32) {
    for (from, to) in [(middle - top, middle - bottom), (middle + bottom, middle + top)] {
        let first = mesh.vertices.len() as u32;
        let right = left + COLUMN_PX - 0.5;
        for pos in [Pos2::new(left, from), Pos2::new(right, from), Pos2::new(right, to), Pos2::new(left, to)] {
            mesh.vertices.push(Vertex { pos, uv: WHITE_UV, color });
        }
        mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|corner| first + corner));
    }
}

fn bar_lines(painter: &Painter, take: &Take, rect: Rect) {
    let num_bars = take.info.bars.get();
    for bar in 1..num_bars {
        let x = rect.left() + rect.width() * f32::from(bar) / f32::from(num_bars);
        let alpha = if bar % 4 == 0 { 0.9 } else { 0.45 };
        painter.vline(x, rect.y_range(), Stroke::new(1.0, theme::LINE.gamma_multiply(alpha)));
    }
}

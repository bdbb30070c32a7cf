//! Some bars of a file.
use super::MidiFile;
use take::{BarCount, Beats, Note, Part};

/// A note this much before the first bar, a 128th, is a humanised one on its first beat.
const EARLY_BEATS: f64 = 1.0 / 32.0;

impl MidiFile {
    /// The first bar in which a note begins, from 0.
    pub fn first_bar(&self) -> u32 {
        let starts = self.parts.iter().flat_map(|part| &part.notes).map(|note| note.start.0);
        let first = starts.fold(f64::INFINITY, f64::min);
        if first.is_finite() { ((first + EARLY_BEATS) / self.meter.bar_beats().0) as u32 } else { 0 }
    }

    /// The parts of `bars` from bar `first_bar` (from 0) on, with the first bar's start as beat 0. A note belongs to
    /// the bar in which it begins and keeps its length; parts without notes are left out.
    pub fn cut(&self, first_bar: u32, bars: BarCount) -> Vec<Part> {
        let bar_beats = self.meter.bar_beats().0;
        let from = f64::from(first_bar) * bar_beats;
        let num_beats = f64::from(bars.get()) * bar_beats;
        let shift = |note: &Note| {
            let start = note.start.0 - from;
            let is_inside = start >= -EARLY_BEATS && start < num_beats;
            is_inside.then_some(Note { start: Beats(start.max(0.0)), ..*note })
        };
        let parts =
            self.parts.iter().map(|part| Part { notes: part.notes.iter().filter_map(shift).collect(), ..part.clone() });
        parts.filter(|part| !part.notes.is_empty()).collect()
    }
}

//! Patterns as text.
use super::{Cell, Hit, Pattern, Voice};
use crate::style::SwingUnit;
use crate::swing::Swing;
use std::fmt::Write;
use std::ops::Range;
use take::Meter;

/// How black keys are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// `C#4`.
    #[default]
    Sharps,
    /// `Db4`.
    Flats,
}

const SHARPS: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const FLATS: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

impl Pattern {
    /// The text that reads back as this very pattern; black keys as sharps.
    pub fn print(&self) -> String {
        self.print_in(Spelling::Sharps)
    }

    /// [`Pattern::print`] with a choice of names.
    pub fn print_in(&self, spelling: Spelling) -> String {
        // A cell is some eight letters.
        let mut text = String::with_capacity(64 + 32 * self.num_steps());
        self.print_metadata(&mut text);
        text.push_str(&self.print_steps(0..self.num_steps(), spelling));
        text
    }

    /// The four headers with some of their steps; what lies outside the pattern is left out.
    pub fn print_steps(&self, steps: Range<usize>, spelling: Spelling) -> String {
        let mut text = String::new();
        for voice in Voice::ALL {
            text.push_str(voice.header());
            text.push('\n');
            let lane = self.lane(voice);
            let end = steps.end.min(lane.len());
            for cell in &lane[steps.start.min(end)..end] {
                print_cell(&mut text, cell, spelling);
                text.push('\n');
            }
        }
        text
    }

    fn print_metadata(&self, text: &mut String) {
        // Writing to a String cannot fail.
        if let Some(tempo) = self.tempo {
            writeln!(text, "# tempo: {}", tempo.get()).ok();
        }
        if self.meter() != Meter::FOUR_FOUR {
            writeln!(text, "# meter: {}", self.meter()).ok();
        }
        if let Some(Swing { amount, unit }) = self.swing {
            let unit = match unit {
                SwingUnit::Eighth => "eighth",
                SwingUnit::Sixteenth => "sixteenth",
            };
            writeln!(text, "# swing: {} {unit}", amount.get()).ok();
        }
    }
}

fn print_cell(text: &mut String, cell: &Cell, spelling: Spelling) {
    match cell {
        Cell::Rest => text.push('.'),
        Cell::Tie => text.push('^'),
        Cell::Strike(hits) => {
            for (index, &Hit { key, velocity }) in hits.as_slice().iter().enumerate() {
                let names = if spelling == Spelling::Sharps { SHARPS } else { FLATS };
                let name = names[usize::from(key % 12)];
                let octave = i32::from(key / 12) - 1;
                let comma = if index == 0 { "" } else { "," };
                write!(text, "{comma}{name}{octave}:{velocity}").ok();
            }
        }
    }
}

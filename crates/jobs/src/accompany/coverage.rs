//! What the player has been given so far: which beats, over which chord, in which version of the settings.
use std::collections::VecDeque;
use theory::Chord;

/// Width of a cell in quarter notes: the band changes its mind on this grid.
pub(super) const CELL_BEATS: f64 = 0.5;
/// Sections that count; the engine holds a few more.
const MAX_SECTIONS: u64 = 48;

/// What was composed for one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    index: i64,
    pub(super) chord: Option<Chord>,
    pub(super) version: u64,
    section: u64,
}

/// The cells by the time they were last given.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    cells: VecDeque<Cell>,
    num_sections: u64,
}

/// The cell a beat lies in.
pub(super) fn cell_of(beat: f64) -> i64 {
    (beat / CELL_BEATS + 1e-6).floor() as i64
}

impl Coverage {
    pub(super) fn get(&self, index: i64) -> Option<&Cell> {
        let counts = |cell: &&Cell| cell.index == index && cell.section + MAX_SECTIONS > self.num_sections;
        self.cells.iter().rev().find(counts)
    }

    /// Notes that a section has given these cells.
    pub(super) fn set(&mut self, from: i64, to: i64, cell: impl Fn(i64) -> (Option<Chord>, u64)) {
        let section = self.num_sections;
        self.num_sections += 1;
        self.cells.retain(|cell| !(from..to).contains(&cell.index) && cell.section + MAX_SECTIONS > section);
        for index in from..to {
            let (chord, version) = cell(index);
            self.cells.push_back(Cell { index, chord, version, section });
        }
    }

    pub(super) fn clear(&mut self) {
        self.cells.clear();
    }
}

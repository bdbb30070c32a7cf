//! Tracker text: a quartet written as one line per sixteenth, the form in which language models write for the band.
//!
//! ```text
//! # tempo: 140
//! # swing: 0.85 eighth
//! BASS
//! C2:92
//! ^
//! .
//! PIANO
//! E3:60,G3:62,Bb3:58
//! ```
//!
//! A [`Pattern`] is that text as data, on the straight grid; [`parse()`] and [`Pattern::print`] go between the two, and
//! [`Pattern::parts`] and [`Pattern::from_parts`] between a pattern and played notes. Makes no sound, reads no file.
mod parse;
mod parts;
mod print;
mod warning;

pub use parse::{Parsed, parse, parse_bytes, parse_in};
pub use parts::Fitted;
pub use print::Spelling;
pub use warning::{Problem, Warning};

use crate::grid::{BarShape, STEP_BEATS};
use crate::swing::Swing;
use take::{Beats, Bpm, Meter, PartKind};

/// Most steps a voice holds: 1024 bars of 4/4.
pub const MAX_STEPS: usize = 16_384;
/// Most notes struck at once by one voice: ten fingers, and some.
pub const MAX_HITS: usize = 16;
/// Most text that is read, 10 MiB: more than any pattern prints.
pub const MAX_TEXT_BYTES: usize = 10 << 20;

/// The four players, in the order of their headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Voice {
    /// `BASS`.
    Bass,
    /// `DRUMS`; note numbers follow the General MIDI percussion map.
    Drums,
    /// `PIANO`.
    Piano,
    /// `SAX`.
    Sax,
}

impl Voice {
    /// Every voice, in header order.
    pub const ALL: [Voice; 4] = [Voice::Bass, Voice::Drums, Voice::Piano, Voice::Sax];

    /// Its line in the text.
    pub fn header(self) -> &'static str {
        match self {
            Voice::Bass => "BASS",
            Voice::Drums => "DRUMS",
            Voice::Piano => "PIANO",
            Voice::Sax => "SAX",
        }
    }

    /// The part of the band it plays.
    pub fn part(self) -> PartKind {
        match self {
            Voice::Bass => PartKind::Bass,
            Voice::Drums => PartKind::Drums,
            Voice::Piano => PartKind::Harmony,
            Voice::Sax => PartKind::Melody,
        }
    }

    /// The voice that plays a part; `None` for texture, which the text has no header for.
    pub fn of(part: PartKind) -> Option<Voice> {
        Voice::ALL.into_iter().find(|voice| voice.part() == part)
    }
}

/// One note struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// MIDI key 0..=127, C4 = 60.
    pub key: u8,
    /// MIDI velocity 0..=127; 0 is written but not heard.
    pub velocity: u8,
}

/// Notes struck together: 1..=[`MAX_HITS`], by rising key, each key once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits(Vec<Hit>);

impl Hits {
    /// Sorts; of two hits of a key the louder stays; the lowest [`MAX_HITS`] stay. Keys and velocities above 127 are
    /// left out. `None` if nothing is left.
    pub fn new(hits: impl IntoIterator<Item = Hit>) -> Option<Self> {
        let mut hits: Vec<Hit> = hits.into_iter().filter(|hit| hit.key < 128 && hit.velocity < 128).collect();
        hits.sort_unstable_by_key(|hit| (hit.key, std::cmp::Reverse(hit.velocity)));
        hits.dedup_by_key(|hit| hit.key);
        hits.truncate(MAX_HITS);
        (!hits.is_empty()).then_some(Self(hits))
    }

    /// The notes, by rising key.
    pub fn as_slice(&self) -> &[Hit] {
        &self.0
    }
}

/// What one voice does on one sixteenth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// `.`: nothing sounds.
    #[default]
    Rest,
    /// `^`: what was struck last goes on; after a rest it is one.
    Tie,
    /// `C4:80` or `C3:65,E3:60`.
    Strike(Hits),
}

impl Cell {
    /// One note; a rest where key or velocity is above 127.
    pub fn note(key: u8, velocity: u8) -> Self {
        Hits::new([Hit { key, velocity }]).map_or(Cell::Rest, Cell::Strike)
    }
}

/// A quartet on the straight sixteenth grid: a whole number of bars, the same for every voice.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    /// Where the text names one.
    pub tempo: Option<Bpm>,
    /// Where the text names it; the notes themselves stay on the grid.
    pub swing: Option<Swing>,
    meter: Meter,
    /// In [`Voice::ALL`] order.
    lanes: [Vec<Cell>; 4],
}

impl Pattern {
    /// Nothing but rests. `num_bars` is cut to [`Pattern::max_bars`].
    pub fn silent(meter: Meter, num_bars: usize) -> Self {
        let num_steps = num_bars.min(Self::max_bars(meter)) * steps_per_bar(meter);
        Self { tempo: None, swing: None, meter, lanes: [(); 4].map(|()| vec![Cell::Rest; num_steps]) }
    }

    /// Most bars of this meter that fit into [`MAX_STEPS`]; at least 32.
    pub fn max_bars(meter: Meter) -> usize {
        MAX_STEPS / steps_per_bar(meter)
    }

    /// The meter.
    pub fn meter(&self) -> Meter {
        self.meter
    }

    /// Length in bars.
    pub fn num_bars(&self) -> usize {
        self.num_steps() / self.steps_per_bar()
    }

    /// Length in sixteenths.
    pub fn num_steps(&self) -> usize {
        self.lanes[0].len()
    }

    /// Sixteenths that begin in a bar: 16 in 4/4, 14 in 7/8.
    pub fn steps_per_bar(&self) -> usize {
        steps_per_bar(self.meter)
    }

    /// Length in beats.
    pub fn num_beats(&self) -> Beats {
        Beats(self.num_bars() as f64 * self.meter.bar_beats().0)
    }

    /// What a voice plays, step by step.
    pub fn lane(&self, voice: Voice) -> &[Cell] {
        &self.lanes[voice as usize]
    }

    /// Writes one cell; steps outside the pattern change nothing.
    pub fn set(&mut self, voice: Voice, step: usize, cell: Cell) {
        if let Some(slot) = self.lanes[voice as usize].get_mut(step) {
            *slot = cell;
        }
    }

    /// Gives a voice what it plays in `other`; what `other` lacks in length is rests.
    pub fn take_lane(&mut self, voice: Voice, other: &Pattern) {
        let theirs = other.lane(voice);
        for (step, slot) in self.lanes[voice as usize].iter_mut().enumerate() {
            *slot = theirs.get(step).cloned().unwrap_or_default();
        }
    }

    /// Shortens to `num_bars`, or fills up with bars of rest.
    pub fn resize_bars(&mut self, num_bars: usize) {
        let num_steps = num_bars.min(Self::max_bars(self.meter)) * self.steps_per_bar();
        self.lanes.iter_mut().for_each(|lane| lane.resize(num_steps, Cell::Rest));
    }

    /// Puts `other` behind; it must be in the same meter, or nothing happens. What goes beyond
    /// [`Pattern::max_bars`] is cut off. Returns whether all of it was taken.
    pub fn append(&mut self, other: &Pattern) -> bool {
        if other.meter != self.meter {
            return false;
        }
        let num_bars = self.num_bars() + other.num_bars();
        for (lane, theirs) in self.lanes.iter_mut().zip(&other.lanes) {
            lane.extend_from_slice(theirs);
        }
        self.resize_bars(num_bars);
        self.num_bars() == num_bars
    }

    /// Forgets all but the last bars.
    pub fn keep_last_bars(&mut self, num_bars: usize) {
        let num_gone = self.num_bars().saturating_sub(num_bars) * self.steps_per_bar();
        self.lanes.iter_mut().for_each(|lane| drop(lane.drain(..num_gone)));
    }

    /// Notes that are heard: struck with a velocity above 0.
    pub fn num_hits(&self) -> usize {
        let heard = |cell: &Cell| match cell {
            Cell::Strike(hits) => hits.as_slice().iter().filter(|hit| hit.velocity > 0).count(),
            _ => 0,
        };
        self.lanes.iter().flatten().map(heard).sum()
    }

    /// Start of a step in beats; the step after the last is the end.
    fn beat(&self, step: usize) -> f64 {
        let per_bar = self.steps_per_bar();
        (step / per_bar) as f64 * self.meter.bar_beats().0 + (step % per_bar) as f64 * STEP_BEATS
    }
}

fn steps_per_bar(meter: Meter) -> usize {
    BarShape::new(meter).num_steps
}

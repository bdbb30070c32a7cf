//! Patterns to played notes and back.
use super::{Cell, Hit, Hits, MAX_HITS, Pattern, Voice};
use crate::grid::STEP_BEATS;
use crate::swing::Swing;
use take::{Beats, Meter, Note, Part};

/// How far from the grid a note may lie and still count as on it: a 64th triplet.
const ON_GRID_BEATS: f64 = 1.0 / 24.0;

/// Notes brought onto the grid, and what that cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The quartet.
    pub pattern: Pattern,
    /// Notes that lay off the grid and were moved.
    pub num_moved: usize,
    /// Notes shortened because their voice strikes again, or because a chord ends with its longest note only.
    pub num_reshaped: usize,
    /// Notes left out: texture parts, more than [`MAX_HITS`] at once, beyond the end.
    pub num_left_out: usize,
}

impl Pattern {
    /// The notes as they are played: swung, each until its voice rests or strikes again. Voices that only rest have no
    /// part. General MIDI: acoustic bass, kit, piano, tenor sax.
    pub fn parts(&self, swing: Swing) -> Vec<Part> {
        let parts = Voice::ALL.map(|voice| {
            let (name, program, channel) = match voice {
                Voice::Bass => ("Bass", 32, 0),
                Voice::Drums => ("Drums", 0, 9),
                Voice::Piano => ("Piano", 0, 1),
                Voice::Sax => ("Sax", 66, 2),
            };
            Part { kind: voice.part(), name: name.to_owned(), program, channel, notes: self.notes(voice, swing) }
        });
        let mut parts: Vec<Part> = parts.into_iter().filter(|part| !part.notes.is_empty()).collect();
        parts.sort_by_key(|part| part.kind);
        parts
    }

    fn notes(&self, voice: Voice, swing: Swing) -> Vec<Note> {
        let lane = self.lane(voice);
        let played = |step: usize| swing.played(Beats(self.beat(step)), self.meter()).0;
        let mut notes = Vec::new();
        for (step, cell) in lane.iter().enumerate() {
            let Cell::Strike(hits) = cell else { continue };
            let ties = lane[step + 1..].iter().take_while(|cell| **cell == Cell::Tie).count();
            let (start, end) = (played(step), played(step + 1 + ties));
            let heard = hits.as_slice().iter().filter(|hit| hit.velocity > 0);
            notes.extend(heard.map(|&Hit { key, velocity }| Note {
                start: Beats(start),
                duration: Beats(end - start),
                key,
                velocity,
            }));
        }
        notes
    }

    /// Played notes on the grid: `swing` is taken out, starts and ends go to the nearest sixteenth. Parts of one kind
    /// share a voice. What the text cannot say is counted in [`Fitted`]. A pattern of more than
    /// [`Pattern::max_bars`] is cut there.
    pub fn from_parts(parts: &[Part], meter: Meter, num_bars: usize, swing: Swing) -> Fitted {
        let pattern = Pattern::silent(meter, num_bars);
        let mut fitted = Fitted { pattern, num_moved: 0, num_reshaped: 0, num_left_out: 0 };
        for part in parts.iter().filter(|part| Voice::of(part.kind).is_none()) {
            fitted.num_left_out += part.notes.len();
        }
        for voice in Voice::ALL {
            let notes = parts.iter().filter(|part| part.kind == voice.part()).flat_map(|part| &part.notes);
            fitted.fit(voice, notes, swing);
        }
        fitted
    }
}

/// A note between two steps.
struct GridNote {
    start: usize,
    end: usize,
    hit: Hit,
}

impl Fitted {
    fn fit<'a>(&mut self, voice: Voice, notes: impl Iterator<Item = &'a Note>, swing: Swing) {
        let mut on_grid: Vec<GridNote> = notes.filter_map(|note| self.on_grid(note, swing)).collect();
        on_grid.sort_by_key(|note| (note.start, note.hit.key));
        let mut groups = on_grid.chunk_by(|a, b| a.start == b.start).peekable();
        while let Some(group) = groups.next() {
            let start = group[0].start;
            let Some(hits) = Hits::new(group.iter().map(|note| note.hit)) else { continue };
            self.num_left_out += group.len().saturating_sub(MAX_HITS);
            let longest = group.iter().map(|note| note.end).max().unwrap_or(start + 1);
            let next = groups.peek().map_or(self.pattern.num_steps(), |next| next[0].start);
            let end = longest.min(next);
            self.num_reshaped += group.iter().filter(|note| note.end != end).count();
            self.pattern.set(voice, start, Cell::Strike(hits));
            (start + 1..end).for_each(|step| self.pattern.set(voice, step, Cell::Tie));
        }
    }

    fn on_grid(&mut self, note: &Note, swing: Swing) -> Option<GridNote> {
        let straight = |beat: f64| swing.straight(Beats(beat), self.pattern.meter()).0;
        let (from, to) = (straight(note.start.0), straight(note.start.0 + note.duration.0));
        let start = self.pattern.nearest_step(from);
        let hit = Hit { key: note.key, velocity: note.velocity };
        let Some(start) = start.filter(|&step| step < self.pattern.num_steps() && hit.key < 128 && hit.velocity < 128)
        else {
            self.num_left_out += 1;
            return None;
        };
        if (from - self.pattern.beat(start)).abs() > ON_GRID_BEATS {
            self.num_moved += 1;
        }
        let num_steps = self.pattern.num_steps();
        let end = self.pattern.nearest_step(to).unwrap_or(num_steps).clamp(start + 1, num_steps);
        Some(GridNote { start, end, hit })
    }
}

impl Pattern {
    /// The step that begins nearest to a beat; `None` for negative and endless ones.
    fn nearest_step(&self, beat: f64) -> Option<usize> {
        let bar_beats = self.meter().bar_beats().0;
        let bar = (beat / bar_beats).floor();
        let is_countable = bar.is_finite() && (-1.0..1e6).contains(&bar);
        if !is_countable {
            return None;
        }
        let within = ((beat - bar * bar_beats) / STEP_BEATS).round() as usize;
        let step = bar * self.steps_per_bar() as f64 + within.min(self.steps_per_bar()) as f64;
        (step >= 0.0).then_some(step as usize)
    }
}

//! A step function of chords over beats, with a bounded number of steps.
use std::ops::Range;
use theory::Chord;

/// What is known of a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Known {
    /// Nothing was heard or typed.
    Nothing,
    /// A chord, or that there is none (N.C.).
    Chord(Option<Chord>),
}

/// From `beat` to the next step.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    beat: f64,
    known: Known,
}

/// Steps by ascending beat; before the first nothing is known. No two neighbours are alike.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    steps: Vec<Step>,
}

impl Steps {
    /// What is known at `beat`.
    pub fn at(&self, beat: f64) -> Known {
        let after = self.steps.partition_point(|step| step.beat <= beat);
        after.checked_sub(1).map_or(Known::Nothing, |index| self.steps[index].known)
    }

    /// The first step strictly after `beat`.
    pub fn next_after(&self, beat: f64) -> Option<f64> {
        self.steps.get(self.steps.partition_point(|step| step.beat <= beat)).map(|step| step.beat)
    }

    /// The last step at or before `beat`.
    pub fn last_until(&self, beat: f64) -> Option<f64> {
        self.steps[..self.steps.partition_point(|step| step.beat <= beat)].last().map(|step| step.beat)
    }

    /// The last chord that sounds before `beat`.
    pub fn last_chord_before(&self, beat: f64) -> Option<Chord> {
        let before = &self.steps[..self.steps.partition_point(|step| step.beat <= beat)];
        before.iter().rev().find_map(|step| if let Known::Chord(chord) = step.known { chord } else { None })
    }

    /// The first beat of which something is known.
    pub fn first(&self) -> Option<f64> {
        self.steps.first().map(|step| step.beat)
    }

    /// Writes over `range`; what lies outside stays.
    pub fn paint(&mut self, range: Range<f64>, known: Known) {
        if range.start >= range.end {
            return;
        }
        let after = self.at(range.end);
        let from = self.steps.partition_point(|step| step.beat < range.start);
        let to = self.steps.partition_point(|step| step.beat <= range.end);
        let ends = [Step { beat: range.start, known }, Step { beat: range.end, known: after }];
        self.steps.splice(from..to, ends);
        self.tidy();
    }

    /// Forgets everything outside `range`, and the oldest steps beyond `max_steps`.
    pub fn keep(&mut self, range: Range<f64>, max_steps: usize) {
        let begin = if self.first().is_some_and(|first| first < range.start) { range.start } else { f64::NEG_INFINITY };
        if begin.is_finite() {
            let known = self.at(begin);
            self.steps.retain(|step| step.beat > begin);
            self.steps.insert(0, Step { beat: begin, known });
        }
        if self.next_after(range.end).is_some() {
            self.steps.retain(|step| step.beat < range.end);
            self.steps.push(Step { beat: range.end, known: Known::Nothing });
        }
        let excess = self.steps.len().saturating_sub(max_steps);
        self.steps.drain(..excess);
        self.tidy();
    }

    fn tidy(&mut self) {
        self.steps.dedup_by(|next, step| next.known == step.known);
        if self.steps.first().is_some_and(|step| step.known == Known::Nothing) {
            self.steps.remove(0);
        }
    }
}

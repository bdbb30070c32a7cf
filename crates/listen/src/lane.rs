//! The chord lane: which chord sounds when, as far as it was heard or typed, and what is likely to come.
mod repeats;
mod steps;

use std::ops::Range;
use steps::{Known, Steps};
use take::Beats;
use theory::{Chord, ChordAt};

/// Bars kept behind and ahead of the player.
pub const LANE_BARS: f64 = 64.0;
/// Changes kept in these bars.
const MAX_STEPS: usize = 1024;
/// Chords come this close to a beat by hand or by a recogniser's delay: the beat is meant.
const SNAP_BEATS: f64 = 0.15;
/// A chord is not held longer than this without being heard again, in bars: the transport has jumped.
const LONGEST_HOLD_BARS: f64 = 16.0;

/// Remembers the last 64 bars of chords and foretells the next. Beats are quarter notes of the host's position.
///
/// A host's cycle writes over what the pass before has left. What lies ahead of the player from an earlier pass is
/// believed until he has played something else for more than a bar.
#[derive(Debug, Clone)]
pub struct ChordLane {
    steps: Steps,
    bar_beats: f64,
    /// The last beat of which the player told, and what he plays since.
    head: Option<(f64, Option<Chord>)>,
    /// Beats of this pass that are as in the pass before, and that are not.
    agreed_beats: f64,
    differed_beats: f64,
    is_locked: bool,
    looped: Option<Range<f64>>,
    /// What goes round while locked: the repetition found when the lock was set.
    lock_loop: Option<Range<f64>>,
}

impl Default for ChordLane {
    fn default() -> Self {
        Self::new()
    }
}

impl ChordLane {
    /// Empty, with bars of four beats.
    pub fn new() -> Self {
        Self {
            steps: Steps::default(),
            bar_beats: 4.0,
            head: None,
            agreed_beats: 0.0,
            differed_beats: 0.0,
            is_locked: false,
            looped: None,
            lock_loop: None,
        }
    }

    /// Length of a bar in quarter notes, 0.25..=128; anything else changes nothing. It says how much is kept.
    pub fn set_bar_beats(&mut self, bar_beats: f64) {
        if (0.25..=128.0).contains(&bar_beats) {
            self.bar_beats = bar_beats;
        }
    }

    /// The player plays `chord` at `beat`, and has played what he played before until then. To be told at every
    /// change, and as often as one likes between. A change within 0.15 beats of a beat is on it. Nothing happens
    /// while locked.
    pub fn hear(&mut self, beat: f64, chord: Chord) {
        self.advance(beat, Some(chord));
    }

    /// The player plays no chord from `beat` on.
    pub fn silence(&mut self, beat: f64) {
        self.advance(beat, None);
    }

    /// The transport stopped or jumped: the chord of before does not last until the next one heard.
    pub fn jump(&mut self) {
        self.begin_pass();
        if let Some((beat, chord)) = self.head.take() {
            let end = self.steps.next_after(beat).unwrap_or(f64::INFINITY).min(beat + self.bar_beats);
            self.steps.paint(beat..end, Known::Chord(chord));
        }
    }

    /// Writes typed chords over the lane, their beats counted from `start`; as far as they reach, at most 64 bars.
    /// Also while locked. The player's next chord is heard from where it comes.
    pub fn type_over(&mut self, chords: &[ChordAt], start: f64) {
        if !start.is_finite() {
            return;
        }
        self.jump();
        let limit = start + LANE_BARS * self.bar_beats;
        for at in chords {
            let (from, to) = (start + at.start.0, start + at.start.0 + at.duration.0);
            if from.is_finite() && to.is_finite() {
                self.steps.paint(from.max(start)..to.min(limit), Known::Chord(at.chord));
            }
        }
        self.steps.keep(limit - 2.0 * LANE_BARS * self.bar_beats..limit, MAX_STEPS);
    }

    /// While locked nothing that is heard changes the lane: a repetition found so far goes round, else the last chord
    /// is held on.
    pub fn set_locked(&mut self, locked: bool) {
        if locked && !self.is_locked {
            self.lock_loop = self.last_round();
            self.jump();
        }
        if !locked {
            self.lock_loop = None;
        }
        self.is_locked = locked;
    }

    /// The last whole round of what repeats, up to the bar that is played now.
    fn last_round(&self) -> Option<Range<f64>> {
        let (head, period) = (self.head?.0, self.period(self.bar_beats)?);
        let end = libm::floor(head / self.bar_beats + 1e-6) * self.bar_beats;
        Some(end - period..end)
    }

    /// Whether the lane is locked.
    pub fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// From the end of `beats` (half-open) on the lane reads as these beats over and over; `None` or an empty range
    /// ends that. What is heard is written where it is played all the same.
    pub fn set_loop(&mut self, beats: Option<Range<f64>>) {
        self.looped = beats.filter(|beats| beats.start.is_finite() && beats.end.is_finite() && beats.start < beats.end);
    }

    /// Forgets all chords; lock and loop stay.
    pub fn forget(&mut self) {
        self.steps = Steps::default();
        self.head = None;
        self.begin_pass();
    }

    /// The chord at `beat`: what was heard or typed there, or what the player holds since. `None` for no chord and
    /// where nothing is known.
    pub fn chord_at(&self, beat: f64) -> Option<Chord> {
        match self.known(self.folded(beat)) {
            Known::Chord(chord) => chord,
            Known::Nothing => self.head.filter(|(head, _)| *head <= beat).and_then(|(_, chord)| chord),
        }
    }

    /// The chords of the beats `from..to`, without gaps, as far as is known; beyond that the loop, else the shortest
    /// repetition found in what was played, else the last chord held on. Starts are beats of the host. Empty if the
    /// range is.
    pub fn forecast(&self, from: f64, to: f64, bar_beats: f64) -> Vec<ChordAt> {
        let mut line: Vec<ChordAt> = Vec::new();
        if !(from.is_finite() && to.is_finite()) {
            return line;
        }
        let period = self.period(bar_beats);
        let mut beat = from;
        while beat < to && line.len() < 2 * MAX_STEPS {
            let (chord, until) = self.foretell(beat, period);
            let end = until.clamp(beat + 1e-6, to.max(beat + 1e-6));
            match line.last_mut().filter(|last| last.chord == chord) {
                Some(last) => last.duration = Beats(end - last.start.0),
                None => line.push(ChordAt { start: Beats(beat), duration: Beats(end - beat), chord }),
            }
            beat = end;
        }
        line
    }

    fn begin_pass(&mut self) {
        (self.agreed_beats, self.differed_beats) = (0.0, 0.0);
    }

    fn advance(&mut self, beat: f64, chord: Option<Chord>) {
        if self.is_locked || !beat.is_finite() {
            return;
        }
        let is_change = self.head.is_none_or(|(_, playing)| playing != chord);
        let nearest = libm::round(beat);
        let beat = if is_change && (beat - nearest).abs() <= SNAP_BEATS { nearest } else { beat };
        match self.head {
            // A change that was taken back to its beat may lie before what was told last.
            Some((head, playing)) if beat >= head - SNAP_BEATS => {
                if beat - head <= LONGEST_HOLD_BARS * self.bar_beats {
                    self.write(head..beat, playing);
                }
                if beat < head {
                    self.steps.paint(beat..head, Known::Chord(chord));
                }
            }
            Some(_) => self.jump(),
            None => self.begin_pass(),
        }
        self.head = Some((beat, chord));
        let reach = LANE_BARS * self.bar_beats;
        self.steps.keep(beat - reach..beat + reach, MAX_STEPS);
    }

    /// Writes what was played, and compares it with what was there.
    fn write(&mut self, range: Range<f64>, chord: Option<Chord>) {
        let length = range.end - range.start;
        match self.steps.at(0.5 * (range.start + range.end)) {
            Known::Nothing => {}
            Known::Chord(before) if before == chord => self.agreed_beats += length,
            Known::Chord(_) => self.differed_beats += length,
        }
        self.steps.paint(range.clone(), Known::Chord(chord));
        if self.differed_beats > self.agreed_beats.max(self.bar_beats) {
            self.steps.paint(range.end..f64::MAX, Known::Nothing);
            self.begin_pass();
        }
    }

    /// What is known at `beat`, the loop left aside. From the head on the player's chord lasts until the next change
    /// that an earlier pass or typing left there.
    fn known(&self, beat: f64) -> Known {
        match self.head {
            Some((head, chord)) if beat >= head && self.steps.last_until(beat).is_none_or(|step| step <= head) => {
                if beat <= head || self.steps.at(head) != Known::Nothing {
                    Known::Chord(chord)
                } else {
                    Known::Nothing
                }
            }
            _ => self.steps.at(beat),
        }
    }

    fn folded(&self, beat: f64) -> f64 {
        match self.looped.as_ref().or(self.lock_loop.as_ref()) {
            Some(beats) if beat >= beats.end => beats.start + (beat - beats.start).rem_euclid(beats.end - beats.start),
            _ => beat,
        }
    }

    /// The chord at `beat`, and until where it lasts at most.
    fn foretell(&self, beat: f64, period_beats: Option<f64>) -> (Option<Chord>, f64) {
        let source = self.folded(beat);
        let looped = self.looped.as_ref().or(self.lock_loop.as_ref());
        let edge = looped.filter(|beats| source < beats.end).map_or(f64::INFINITY, |beats| beats.end);
        let until = beat + (self.lasts_until(source).min(edge) - source);
        let Some((head, playing)) = self.head.filter(|(head, _)| self.is_open(source, *head)) else {
            let known = self.known(source);
            let held = if known == Known::Nothing { self.steps.last_chord_before(source) } else { None };
            return (held.or(self.chord_at(source)), until);
        };
        let Some(period) = period_beats else { return (playing, until) };
        // The head itself belongs to the future: the last pass is the one that ends with it.
        let passes = libm::floor((source - head) / period) + 1.0;
        let earlier = source - passes * period;
        let has_changed = passes > 1.0 || self.steps.next_after(head - period).is_some_and(|step| step <= earlier);
        let chord = match self.known(earlier) {
            Known::Chord(chord) if has_changed => chord,
            _ => playing,
        };
        let next = self.lasts_until(earlier).min(head) - earlier;
        (chord, beat + next.min(edge - source))
    }

    /// Whether `beat` is at or after the head with nothing known ahead of the head.
    fn is_open(&self, beat: f64, head: f64) -> bool {
        beat >= head && self.steps.at(beat) == Known::Nothing && self.steps.at(head) == Known::Nothing
    }

    /// The next beat after `beat` where something may change.
    fn lasts_until(&self, beat: f64) -> f64 {
        let head = self.head.map(|(head, _)| head).filter(|head| *head > beat);
        let step = self.steps.next_after(beat);
        head.unwrap_or(f64::INFINITY).min(step.unwrap_or(f64::INFINITY))
    }

    /// The repetition found, in beats.
    fn period(&self, bar_beats: f64) -> Option<f64> {
        let (head, _) = self.head?;
        if !(0.25..=128.0).contains(&bar_beats) {
            return None;
        }
        // Half beats, or what is nearest to them and divides the bar.
        let per_bar = libm::round(2.0 * bar_beats).max(1.0);
        let cell = bar_beats / per_bar;
        let first = libm::ceil(self.steps.first().unwrap_or(head).max(head - LANE_BARS * bar_beats) / cell);
        let last = libm::floor(head / cell + 1e-9);
        let num_cells = (last - first + 1.0).max(0.0) as usize;
        let cells: Vec<Known> = (0..num_cells)
            .map(|index| {
                let centre = (first + index as f64 + 0.5) * cell;
                // The player's newest chord fills the cell it began in.
                if centre > head { self.known(head) } else { self.known(centre) }
            })
            .collect();
        repeats::period(&cells, per_bar as usize).map(|bars| bars as f64 * bar_beats)
    }
}

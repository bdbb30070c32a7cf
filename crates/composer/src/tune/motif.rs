//! Motifs: a rhythm with a shape, out of a style or out of a melody somebody played.
use crate::changes::Changes;
use crate::context::{Extra, fit};
use crate::dice::Dice;
use crate::grid::{BarShape, SOURCE_STEPS, STEP_BEATS};
use crate::style::{self, Style};
use take::Note;

/// One note of a motif.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    /// Beats from the motif's first bar line.
    pub at: f64,
    /// Length in beats.
    pub duration: f64,
    /// 1.0..=127.0.
    pub velocity: f32,
    /// Semitones above the middle of the motif.
    pub height: f32,
    /// Played only where much is to happen.
    pub is_optional: bool,
}

/// A bar or two of tune.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Motif {
    pub bars: usize,
    pub strokes: Vec<Stroke>,
}

/// How somebody's melodies go: their rhythms, shapes, register and touch. Learned from a style or from notes.
#[derive(Debug, Clone, PartialEq)]
pub struct Character {
    pub(crate) motifs: Vec<Motif>,
    /// Lowest MIDI key of the line.
    pub low: u8,
    /// Highest MIDI key of the line, an octave or more above the lowest.
    pub high: u8,
    /// Share of steps that are leaps, 0.0..=1.0.
    pub leap: f32,
}

impl Character {
    /// The way `style` writes leads, laid over the meter of `changes`.
    pub fn of_style(style: &Style, changes: &Changes) -> Self {
        let melody = &style.melody;
        let gate = f64::from(melody.gate.0);
        let motifs = melody.motif.iter().map(|motif| of_motif(motif, changes.bar_shape(), gate)).collect();
        Self { motifs, low: melody.range.low, high: melody.range.high, leap: melody.leap.0 }
    }

    /// The way the notes of `melody` go, two bars a motif; `None` without notes.
    pub fn heard_in(melody: &[Note], changes: &Changes) -> Option<Self> {
        let low = melody.iter().map(|note| note.key).min()?;
        let high = melody.iter().map(|note| note.key).max()?;
        let room = 12u8.saturating_sub(high - low).div_ceil(2);
        let leaps = melody.windows(2).filter(|pair| pair[0].key.abs_diff(pair[1].key) > 2).count();
        let bar_beats = changes.bar_beats().0;
        let num_bars = melody.iter().map(|note| (note.start.0 / bar_beats) as usize + 1).max()?;
        let motifs = (0..num_bars).step_by(2).map(|bar| of_bars(melody, bar, 2.min(num_bars - bar), bar_beats));
        Some(Self {
            motifs: motifs.filter(|motif| !motif.strokes.is_empty()).collect(),
            low: low.saturating_sub(room.max(2)),
            high: (high + room.max(2)).min(127),
            leap: leaps as f32 / melody.len().max(2) as f32,
        })
    }
}

/// A style's rhythm, without a shape yet.
fn of_motif(motif: &style::Motif, bar: &BarShape, gate: f64) -> Motif {
    let bars = motif.steps.bytes().len().div_ceil(SOURCE_STEPS);
    let mut strokes: Vec<Stroke> = Vec::new();
    let mut is_open = false;
    for index in 0..bars {
        let marks = fit(bar, |step| motif.steps.at(index, step, SOURCE_STEPS), Extra::Hold);
        for (step, mark) in marks.into_iter().enumerate() {
            let velocity = match mark {
                b'.' | b'~' => 0.0,
                b'X' => 106.0,
                b'o' | b'?' => 72.0,
                _ => 90.0,
            };
            match (mark, strokes.last_mut()) {
                (b'~', Some(last)) if is_open => last.duration += STEP_BEATS,
                (b'~', _) => {}
                (b'.', _) => is_open = false,
                _ => {
                    let at = index as f64 * bar.beats + step as f64 * STEP_BEATS;
                    let is_optional = mark == b'?';
                    strokes.push(Stroke { at, duration: STEP_BEATS, velocity, height: 0.0, is_optional });
                    is_open = true;
                }
            }
        }
    }
    strokes.iter_mut().for_each(|stroke| stroke.duration *= gate);
    Motif { bars, strokes }
}

/// What was played from `first_bar` on.
pub(crate) fn of_bars(melody: &[Note], first_bar: usize, bars: usize, bar_beats: f64) -> Motif {
    let (from, to) = (first_bar as f64 * bar_beats, (first_bar + bars) as f64 * bar_beats);
    let inside: Vec<&Note> = melody.iter().filter(|note| (from..to).contains(&note.start.0)).collect();
    let middle = inside.iter().map(|note| f32::from(note.key)).sum::<f32>() / inside.len().max(1) as f32;
    let stroke = |note: &&Note| Stroke {
        at: note.start.0 - from,
        duration: note.duration.0,
        velocity: f32::from(note.velocity),
        height: f32::from(note.key) - middle,
        is_optional: false,
    };
    Motif { bars, strokes: inside.iter().map(stroke).collect() }
}

impl Motif {
    /// Gives a rhythm a shape: mostly steps, now and then a leap that is filled in afterwards, back to the middle.
    pub(crate) fn shaped(mut self, leap: f32, dice: &mut Dice) -> Self {
        let mut height = dice.range(-2, 2) as f32;
        let mut owed = 0.0;
        let mut direction = if dice.chance(0.5) { 1.0 } else { -1.0 };
        for stroke in &mut self.strokes {
            stroke.height = height;
            let (leaps, turns, size) = (dice.chance(leap), dice.chance(0.3), dice.range(1, 2));
            // Four semitones off the middle the line turns back.
            if turns || height * direction > 4.0 {
                direction = -direction;
            }
            let step = if owed != 0.0 {
                std::mem::take(&mut owed)
            } else if leaps {
                owed = -2.0 * direction;
                5.0 * direction
            } else {
                size as f32 * direction
            };
            height += step;
        }
        self
    }

    /// Upside down: what rose falls.
    pub(crate) fn mirrored(mut self) -> Self {
        self.strokes.iter_mut().for_each(|stroke| stroke.height = -stroke.height);
        self
    }

    /// The same head, another tail: the second half lies `by` semitones off.
    pub(crate) fn bent(mut self, by: f32) -> Self {
        let head = self.strokes.len().div_ceil(2);
        self.strokes[head..].iter_mut().for_each(|stroke| stroke.height += by);
        self
    }

    /// Its own first half, then the rhythm of `other`'s second half going on from there.
    pub(crate) fn with_tail_of(mut self, other: &Motif, bar_beats: f64) -> Self {
        let half = self.bars as f64 * bar_beats / 2.0;
        let shift = (self.bars as f64 - other.bars as f64) * bar_beats;
        let tail: Vec<Stroke> =
            other.strokes.iter().map(|stroke| Stroke { at: stroke.at + shift, ..*stroke }).collect();
        if tail.iter().any(|stroke| stroke.at >= half) {
            self.strokes.retain(|stroke| stroke.at < half);
            self.strokes.extend(tail.into_iter().filter(|stroke| stroke.at >= half));
        }
        self
    }

    /// Without some of the optional notes: with `complexity` 1.0 most are played, with 0.0 one in ten.
    pub(crate) fn thinned(mut self, complexity: f32, dice: &mut Dice) -> Self {
        self.strokes.retain(|stroke| {
            let roll = dice.unit();
            !stroke.is_optional || roll < 0.1 + 0.75 * complexity
        });
        self
    }
}

//! Melodies over given chords: begun, gone on with, answered, and turned step by step into each other.
//!
//! Strong beats carry chord tones, everything else notes of the scale that do not rub; foreign notes come and go by
//! step. No swing and no humanising here: a tune made from a style lies on the grid, one made from notes keeps theirs.
mod between;
mod line;
mod motif;

pub use between::interpolate;
pub use motif::Character;

use crate::changes::Changes;
use crate::dice::{Dice, Stream};
pub(crate) use line::strength;
use line::{Reach, Slot, pitched};
use motif::{Motif, Stroke, of_bars};
use take::{Amount, Beats, Note};

/// What a tune should be like.
#[derive(Debug, Clone, PartialEq)]
pub struct TuneSpec {
    /// Seed of every random choice.
    pub seed: u64,
    /// The course of the whole.
    pub contour: Contour,
    /// How far the contour goes up and down around the middle, in semitones, 0.0..=12.0. Default 4.0.
    pub span_semitones: f32,
    /// How many of the optional notes are played. Default 0.5.
    pub complexity: Amount,
}

impl TuneSpec {
    /// An arch of four semitones at complexity 0.5.
    pub fn new(seed: u64) -> Self {
        Self { seed, contour: Contour::Arch, span_semitones: 4.0, complexity: Amount::new(0.5) }
    }
}

/// The course of a line from its beginning to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contour {
    /// Up to the middle, then down.
    Arch,
    /// Down to the middle, then up.
    Valley,
    /// From low to high.
    Rising,
    /// From high to low.
    Falling,
    /// Round its middle.
    Level,
}

impl Contour {
    /// Every contour.
    pub const ALL: [Contour; 5] = [Contour::Arch, Contour::Valley, Contour::Rising, Contour::Falling, Contour::Level];

    /// Height at `phase` 0.0..=1.0 of the whole: -1.0 lowest ..= 1.0 highest.
    pub fn height(self, phase: f32) -> f32 {
        match self {
            Contour::Arch => 8.0 * phase * (1.0 - phase) - 1.0,
            Contour::Valley => 1.0 - 8.0 * phase * (1.0 - phase),
            Contour::Rising => 2.0 * phase - 1.0,
            Contour::Falling => 1.0 - 2.0 * phase,
            Contour::Level => 0.0,
        }
    }
}

/// A melody that cannot be gone on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TuneError {
    /// Silence has no character.
    #[error("there are no notes to go on from")]
    NoNotes,
    /// The given notes fill the bars already.
    #[error("the given notes fill {given} of {bars} bars: none is left")]
    NoRoom {
        /// Bars the notes take.
        given: usize,
        /// Bars there are.
        bars: usize,
    },
}

/// Order of ideas in a tune, small letters for varied repeats.
const FORMS: [&[u8]; 5] = [b"AABA", b"AaBA", b"ABAC", b"AaBb", b"ABaC"];

/// A tune over all the bars of `changes`; empty where `character` has no rhythm.
pub fn generate(changes: &Changes, character: &Character, spec: &TuneSpec) -> Vec<Note> {
    let mut dice = Dice::new(spec.seed, Stream::Tune);
    let Some(ideas) = ideas(character, &mut dice) else { return Vec::new() };
    let form = dice.pick(&FORMS).copied().unwrap_or(b"AABA");
    let mut sketch = Sketch::new(changes, Reach::new(character.low, character.high), 0);
    let span = spec.span_semitones.clamp(0.0, 12.0);
    for place in 0.. {
        if sketch.bar >= changes.num_bars {
            break;
        }
        let letter = form[place % form.len()];
        let idea = &ideas[usize::from(letter.to_ascii_uppercase() - b'A').min(2)];
        let bend = if dice.chance(0.5) { 2.0 } else { -2.0 };
        let motif = if letter.is_ascii_lowercase() { idea.clone().bent(bend) } else { idea.clone() };
        let thinned = motif.thinned(spec.complexity.get(), &mut dice);
        sketch.place(&thinned, |phase| span * spec.contour.height(phase));
    }
    sketch.finish(None, &mut dice)
}

/// Three ideas: a statement, its answer (upside down, or a rhythm of its own), and a third.
fn ideas(character: &Character, dice: &mut Dice) -> Option<[Motif; 3]> {
    let rhythms: Vec<&Motif> = character.motifs.iter().filter(|motif| !motif.strokes.is_empty()).collect();
    let rhythm = |dice: &mut Dice| dice.pick(&rhythms).map(|motif| (*motif).clone());
    let statement = rhythm(dice)?.shaped(character.leap, dice);
    let other = rhythm(dice)?.shaped(character.leap, dice);
    let answer = if dice.chance(0.5) { statement.clone().mirrored() } else { other.clone().mirrored() };
    Some([statement, answer, other])
}

/// Goes on from `beginning` to the end of `changes` in its character: its rhythms and shapes, moved, turned and mixed.
/// The notes given come first in the result, as they are; new ones start on the bar line after the last of them.
///
/// # Errors
/// `NoNotes`, and `NoRoom` where the beginning reaches into the last bar.
pub fn go_on(beginning: &[Note], changes: &Changes, seed: u64) -> Result<Vec<Note>, TuneError> {
    let character = Character::heard_in(beginning, changes).ok_or(TuneError::NoNotes)?;
    let given = bars_of(beginning, changes);
    if given >= changes.num_bars {
        return Err(TuneError::NoRoom { given, bars: changes.num_bars });
    }
    let mut dice = Dice::new(seed, Stream::Tune);
    let mut sketch = Sketch::new(changes, Reach::new(character.low, character.high), given);
    sketch.centre = mean_key(beginning);
    for place in 0.. {
        if sketch.bar >= changes.num_bars {
            break;
        }
        let own = character.motifs[place % character.motifs.len()].clone();
        let other = dice.pick(&character.motifs).unwrap_or(&own).clone();
        let motif = match dice.range(0, 3) {
            0 => own.bent(if dice.chance(0.5) { 2.0 } else { -2.0 }),
            1 => own.mirrored(),
            _ => own.with_tail_of(&other, changes.bar_beats().0),
        };
        let lift = dice.range(-2, 3) as f32;
        sketch.place(&motif, |_| lift);
    }
    let before = beginning.last().map(|note| note.key);
    let mut notes = beginning.to_vec();
    notes.extend(sketch.finish(before, &mut dice));
    Ok(notes)
}

/// The response to `call`, as many bars as the call has, from the bar line after it: the same head turned round, and a
/// close where the call stayed open. Gives the response only, at its place in `changes`.
///
/// # Errors
/// `NoNotes`, and `NoRoom` where the call reaches into the last bar.
pub fn answer(call: &[Note], changes: &Changes, seed: u64) -> Result<Vec<Note>, TuneError> {
    let character = Character::heard_in(call, changes).ok_or(TuneError::NoNotes)?;
    let given = bars_of(call, changes);
    if given >= changes.num_bars {
        return Err(TuneError::NoRoom { given, bars: changes.num_bars });
    }
    let mut dice = Dice::new(seed, Stream::Tune);
    let mut sketch = Sketch::new(changes, Reach::new(character.low, character.high), given);
    sketch.centre = mean_key(call);
    sketch.end_bar = (2 * given).min(changes.num_bars);
    let motif = of_bars(call, 0, given, changes.bar_beats().0).mirrored();
    // A response that begins a step off the call is heard as another voice saying the same.
    let lift = if dice.chance(0.5) { 1.0 } else { -1.0 };
    sketch.place(&motif, |_| lift);
    Ok(sketch.finish(call.last().map(|note| note.key), &mut dice))
}

/// Bars up to the end of the one in which the last note begins.
fn bars_of(notes: &[Note], changes: &Changes) -> usize {
    let bar_beats = changes.bar_beats().0;
    notes.iter().map(|note| ((note.start.0 + 1e-6) / bar_beats) as usize + 1).max().unwrap_or(0)
}

fn mean_key(notes: &[Note]) -> f32 {
    notes.iter().map(|note| f32::from(note.key)).sum::<f32>() / notes.len().max(1) as f32
}

/// A tune in the making: rhythm and wished-for heights, bar after bar.
struct Sketch<'c> {
    changes: &'c Changes,
    reach: Reach,
    /// MIDI key that heights are counted from.
    centre: f32,
    /// Next bar to fill.
    bar: usize,
    /// Bar after the last.
    end_bar: usize,
    slots: Vec<Slot>,
}

/// Semitones that chance may pull a note from where its motif wants it.
const LOOSENESS: f32 = 1.5;
/// Share of a bar, and longest time in beats, that stays free at the end of a tune: it has to breathe.
const BREATH: (f64, f64) = (0.25, 1.0);

impl<'c> Sketch<'c> {
    fn new(changes: &'c Changes, reach: Reach, bar: usize) -> Self {
        let centre = (f32::from(reach.low) + f32::from(reach.high)) / 2.0;
        Self { changes, reach, centre, bar, end_bar: changes.num_bars, slots: Vec::new() }
    }

    /// Lays a motif over the next bars; `lift` gives semitones for a phase 0.0..=1.0 of the whole.
    fn place(&mut self, motif: &Motif, lift: impl Fn(f32) -> f32) {
        let bar_beats = self.changes.bar_beats().0;
        let begin = self.bar as f64 * bar_beats;
        let end = self.end_bar as f64 * bar_beats;
        for stroke in &motif.strokes {
            let start = begin + stroke.at;
            if start >= end - 1e-9 {
                continue;
            }
            let phase = (start / self.changes.num_beats().0) as f32;
            let ideal = self.centre + stroke.height + lift(phase);
            let Stroke { duration, velocity, .. } = *stroke;
            self.slots.push(Slot { start, duration, velocity, ideal, is_last: false });
        }
        self.bar += motif.bars.max(1);
    }

    /// Clears the end, closes the line and finds its keys.
    fn finish(mut self, before: Option<u8>, dice: &mut Dice) -> Vec<Note> {
        let bar_beats = self.changes.bar_beats().0;
        let end = self.end_bar as f64 * bar_beats;
        let breath = end - (bar_beats * BREATH.0).min(BREATH.1);
        if self.slots.iter().any(|slot| slot.start < breath - 1e-9) {
            self.slots.retain(|slot| slot.start < breath - 1e-9);
        }
        if let Some(last) = self.slots.last_mut() {
            last.is_last = true;
            last.duration = last.duration.max((end - last.start).min(1.0));
        }
        let keys = pitched(&self.slots, self.changes, self.reach, before, LOOSENESS, dice);
        let ends: Vec<f64> = self.slots.iter().skip(1).map(|slot| slot.start).chain([end]).collect();
        let note = |((slot, key), next): ((&Slot, u8), f64)| Note {
            start: Beats(slot.start),
            duration: Beats(slot.duration.min(next - slot.start)),
            key,
            velocity: slot.velocity.round().clamp(1.0, 127.0) as u8,
        };
        self.slots.iter().zip(keys).zip(ends).map(note).collect()
    }
}

//! Groove: how one part leans on the beat, taken off it and laid onto another; and humanising.
use crate::dice::{Dice, Stream};
use crate::grid::{BarShape, STEP_BEATS};
use take::{Amount, Beats, Bpm, Meter, Note};

/// Where each sixteenth of a bar falls, and how loud it is, on average over a performance.
#[derive(Debug, Clone)]
pub struct Groove {
    bar: BarShape,
    /// One per step of the bar.
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Step {
    /// How late, in beats; negative is early.
    late_beats: f64,
    /// Velocity relative to the mean of the part.
    accent: f64,
}

impl Groove {
    /// Learns the groove of `notes`. Steps nobody played lean like those at the same place of other beats, or not at
    /// all. A note belongs to its nearest step: what swings more than half a step is heard as the next one.
    pub fn of(notes: &[Note], meter: Meter) -> Self {
        let bar = BarShape::new(meter);
        let mut heard: Vec<Vec<(f64, f64)>> = vec![Vec::new(); bar.num_steps];
        let mean = notes.iter().map(|note| f64::from(note.velocity)).sum::<f64>() / notes.len().max(1) as f64;
        for note in notes {
            let place = place(&bar, note.start.0);
            heard[place.step].push((note.start.0 - place.beat, f64::from(note.velocity) / mean));
        }
        let of_same_place = |step: usize| -> Vec<(f64, f64)> {
            let alike = (0..bar.num_steps).filter(|other| within_pulse(&bar, *other) == within_pulse(&bar, step));
            alike.flat_map(|other| heard[other].iter().copied()).collect()
        };
        let steps = (0..bar.num_steps)
            .map(|step| if heard[step].is_empty() { average(&of_same_place(step)) } else { average(&heard[step]) });
        let steps = steps.collect();
        Self { bar, steps }
    }

    /// `notes` in this groove: each is moved to where the groove has its step (`timing` of the way) and given the
    /// step's accent (`velocity` of the way). With both at 0.0 nothing changes. Order is kept; no note starts before 0.
    pub fn applied(&self, notes: &[Note], timing: Amount, velocity: Amount) -> Vec<Note> {
        let mean = notes.iter().map(|note| f64::from(note.velocity)).sum::<f64>() / notes.len().max(1) as f64;
        let mut played: Vec<Note> = notes
            .iter()
            .map(|note| {
                let place = place(&self.bar, note.start.0);
                let step = self.steps[place.step];
                let target = place.beat + step.late_beats;
                let start = note.start.0 + (target - note.start.0) * f64::from(timing.get());
                let loud = f64::from(note.velocity);
                let loud = loud + (mean * step.accent - loud) * f64::from(velocity.get());
                let velocity = loud.round().clamp(1.0, 127.0) as u8;
                Note { start: Beats(start.max(0.0)), velocity, ..*note }
            })
            .collect();
        played.sort_by(|a, b| a.start.0.total_cmp(&b.start.0).then(a.key.cmp(&b.key)));
        played
    }

    /// How late the sixteenth `step` of the bar is, in beats; negative is early.
    pub fn late_beats(&self, step: usize) -> f64 {
        self.steps.get(step).map_or(0.0, |step| step.late_beats)
    }
}

/// The step a note belongs to.
struct Place {
    /// Step of its bar.
    step: usize,
    /// Where the step lies on the straight grid.
    beat: f64,
}

fn place(bar: &BarShape, beat: f64) -> Place {
    let index = (beat / bar.beats).floor();
    let within = beat - index * bar.beats;
    let step = (within / STEP_BEATS).round() as usize;
    let start = index * bar.beats;
    // A note just before the bar line belongs to the next bar.
    if step as f64 * STEP_BEATS >= bar.beats - 1e-9 || step >= bar.num_steps {
        let last = bar.num_steps - 1;
        let last_beat = start + last as f64 * STEP_BEATS;
        let next_bar = start + bar.beats;
        let is_next = (next_bar - beat).abs() <= (beat - last_beat).abs();
        return if is_next { Place { step: 0, beat: next_bar } } else { Place { step: last, beat: last_beat } };
    }
    Place { step, beat: start + step as f64 * STEP_BEATS }
}

/// Steps since the felt beat before.
fn within_pulse(bar: &BarShape, step: usize) -> usize {
    step - bar.pulses.iter().rev().find(|&&pulse| pulse <= step).copied().unwrap_or(0)
}

fn average(heard: &[(f64, f64)]) -> Step {
    if heard.is_empty() {
        return Step { late_beats: 0.0, accent: 1.0 };
    }
    let count = heard.len() as f64;
    let late_beats = heard.iter().map(|(late, _)| late).sum::<f64>() / count;
    Step { late_beats, accent: heard.iter().map(|(_, loud)| loud).sum::<f64>() / count }
}

/// Timing and velocity of `from` onto the notes of `to`.
pub fn transfer_groove(from: &[Note], to: &[Note], meter: Meter, timing: Amount, velocity: Amount) -> Vec<Note> {
    if from.is_empty() {
        return to.to_vec();
    }
    Groove::of(from, meter).applied(to, timing, velocity)
}

/// Largest deviation at amount 1.0, in milliseconds: a loose player, not a bad one.
const JITTER_MS: f32 = 14.0;
/// Largest change of velocity at amount 1.0.
const JITTER_VELOCITY: f32 = 16.0;

/// Loosens timing and velocity by chance. Notes that started together stay together; order is kept; at 0.0 nothing
/// changes.
pub fn humanise(notes: &[Note], amount: Amount, tempo: Bpm, seed: u64) -> Vec<Note> {
    let mut dice = Dice::new(seed, Stream::Humanise);
    let beats_per_ms = tempo.get() / 60_000.0;
    let mut played = Vec::with_capacity(notes.len());
    let (mut last_written, mut shift, mut last_played) = (f64::NEG_INFINITY, 0.0, 0.0f64);
    for note in notes {
        if note.start.0 > last_written + 1e-9 {
            shift = f64::from(dice.bell() * JITTER_MS * amount.get()) * beats_per_ms;
            last_written = note.start.0;
        }
        let loudness = dice.bell() * JITTER_VELOCITY * amount.get();
        let start = (note.start.0 + shift).max(last_played);
        last_played = start;
        let velocity = (f32::from(note.velocity) + loudness).round().clamp(1.0, 127.0) as u8;
        played.push(Note { start: Beats(start), velocity, ..*note });
    }
    played
}

//! The bass line: patterns that know the kick, and walking.
use crate::context::{Context, Extra, Raw, choose, fit};
use crate::dice::{Dice, Stream};
use crate::grid::{SOURCE_STEPS, STEP_BEATS};
use crate::style::{BassPattern, KickRule};
use crate::walk;
use take::PartKind;

/// A note of the line before its pitch is known.
struct Event {
    bar: usize,
    step: usize,
    /// Length in steps.
    length: usize,
    mark: u8,
}

pub(crate) fn play(context: &Context, kicks: &[Vec<bool>]) -> Vec<Raw> {
    let mut dice = Dice::new(context.seed, Stream::Bass);
    let energy = context.part_energy(PartKind::Bass);
    let complexity = context.part_complexity(PartKind::Bass);
    let patterns = &context.style.bass.pattern;
    let Some(main) = choose(patterns, energy, complexity, &mut dice) else { return Vec::new() };
    let turn = choose(patterns, energy, complexity, &mut dice).unwrap_or(main);
    if main.steps.is_none() {
        return walk::play(context, &mut dice);
    }
    let mut marks = Vec::new();
    for (bar, kicks) in kicks.iter().enumerate() {
        let wants_turn = dice.chance(0.2 + 0.6 * complexity);
        let pattern = if context.ends_phrase(bar) && wants_turn { turn } else { main };
        let mut steps = bar_marks(context, pattern, bar, &mut dice);
        match context.style.bass.kick {
            KickRule::Free => {}
            KickRule::Lock => lock(&mut steps, kicks, energy, &mut dice),
            KickRule::Answer => answer(&mut steps, kicks),
        }
        marks.push(steps);
    }
    pitched(context, &events(&marks), &mut dice, kicks)
}

fn bar_marks(context: &Context, pattern: &BassPattern, bar: usize, dice: &mut Dice) -> Vec<u8> {
    let Some(steps) = &pattern.steps else { return vec![b'.'; context.bar.num_steps] };
    let density = context.density(PartKind::Bass);
    let complexity = context.part_complexity(PartKind::Bass);
    let mut marks = fit(&context.bar, |step| steps.at(bar, step, SOURCE_STEPS), Extra::Hold);
    for (step, mark) in marks.iter_mut().enumerate() {
        let roll = dice.unit();
        let is_weak = context.bar.strength(step) <= 1 && bar + step > 0;
        *mark = match *mark {
            b'?' if roll < 0.1 + 0.7 * complexity => b'r',
            b'g' if roll < 0.2 + 0.8 * complexity => b'g',
            b'?' | b'g' => b'.',
            b'~' | b'.' => *mark,
            _ if is_weak && roll < -density * 0.7 => b'~',
            other => other,
        };
    }
    marks
}

/// Moves notes one step onto a neighbouring kick, and at high energy doubles kicks that have none.
fn lock(marks: &mut [u8], kicks: &[bool], energy: f32, dice: &mut Dice) {
    for step in 1..marks.len() {
        let (before, here) = (marks[step - 1], marks[step]);
        let moves_late = kicks[step] && !kicks[step - 1] && is_onset(before) && !is_onset(here) && step > 1;
        if moves_late {
            marks.swap(step - 1, step);
            marks[step - 1] = b'~';
        }
        if kicks[step] && marks[step] == b'.' && dice.chance(energy * 0.6) {
            marks[step] = b'r';
        }
    }
}

/// Leaves the kick's steps free, but for the first of the bar where the line begins with the root.
fn answer(marks: &mut [u8], kicks: &[bool]) {
    for step in 0..marks.len() {
        if !kicks[step] || marks[step] == b'.' {
            continue;
        }
        let moved = marks[step];
        marks[step] = b'.';
        if let Some(next) = marks.get_mut(step + 1).filter(|next| is_onset(moved) && **next == b'~') {
            *next = moved;
        }
    }
}

fn is_onset(mark: u8) -> bool {
    mark != b'.' && mark != b'~'
}

/// Onsets with their lengths; holds go on over bar lines, the last one to the end of the loop.
fn events(marks: &[Vec<u8>]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    let mut is_open = false;
    for (bar, steps) in marks.iter().enumerate() {
        for (step, &mark) in steps.iter().enumerate() {
            match mark {
                b'.' => is_open = false,
                b'~' => {
                    if let Some(last) = events.last_mut().filter(|_| is_open) {
                        last.length += 1;
                    }
                }
                _ => {
                    events.push(Event { bar, step, length: 1, mark });
                    is_open = true;
                }
            }
        }
    }
    events
}

fn pitched(context: &Context, events: &[Event], dice: &mut Dice, kicks: &[Vec<bool>]) -> Vec<Raw> {
    let mut root = None;
    let mut roots = Vec::with_capacity(events.len());
    for event in events {
        let beat = context.beat(event.bar, event.step);
        let chord = if event.mark == b'N' { next_chord(context, beat) } else { context.chord_index(beat) };
        let key = root_key(context, chord, root);
        root = Some(key);
        roots.push((chord, key));
    }
    let plain: Vec<u8> =
        events.iter().zip(&roots).map(|(event, &(chord, root))| tone(context, event.mark, chord, root)).collect();
    let mut notes: Vec<Raw> = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let next = plain[(index + 1) % plain.len()];
        let key = match event.mark {
            b'a' => approach(context, next, dice),
            b'g' => notes.last().map_or(plain[index], |note| note.key),
            _ => plain[index],
        };
        notes.push(raw(context, event, key, kicks[event.bar][event.step]));
    }
    notes
}

fn raw(context: &Context, event: &Event, key: u8, is_on_kick: bool) -> Raw {
    let strength = f32::from(context.bar.strength(event.step));
    let base = match event.mark {
        b'R' => 108.0,
        b'8' => 102.0,
        b'g' => 44.0,
        b'a' => 88.0,
        _ => 92.0,
    };
    let kick_accent = if is_on_kick { 6.0 } else { 0.0 };
    let written = event.length as f64 * STEP_BEATS;
    let gate = if event.mark == b'g' { 0.5 } else { f64::from(context.style.bass.gate.0) };
    Raw {
        start: context.beat(event.bar, event.step),
        duration: written * gate,
        key,
        velocity: (base + strength * 2.0 + kick_accent) * (0.76 + 0.28 * context.energy),
        push_ms: 0.0,
        is_exact: false,
    }
}

/// The chord after the one at `beat`.
fn next_chord(context: &Context, beat: f64) -> usize {
    (context.chord_index(beat) + 1) % context.chords.len()
}

/// The chord's bass note in the octave nearest to the last root and to the low end of the range.
pub(crate) fn root_key(context: &Context, chord: usize, previous: Option<u8>) -> u8 {
    let range = context.style.bass.range;
    let pitch = context.chords[chord].chord.bass_note().get();
    let home = i32::from(range.low) + 6;
    let near = previous.map_or(home, i32::from);
    let candidates = (range.low..=range.high).filter(|key| key % 12 == pitch);
    let cost = |key: &u8| (i32::from(*key) - near).abs() + (i32::from(*key) - home).abs();
    candidates.min_by_key(cost).unwrap_or(range.low)
}

/// A marked tone over a root, folded back where it would leave the range by more than a fifth.
fn tone(context: &Context, mark: u8, chord: usize, root: u8) -> u8 {
    let planned = &context.chords[chord];
    let above = match mark {
        b'8' => 12,
        b'5' => fifth(context, chord),
        b'b' => fifth(context, chord) - 12,
        b'3' => chord_interval(context, chord, 3..=5).unwrap_or(12),
        b'7' => chord_interval(context, chord, 9..=11).unwrap_or_else(|| scale_interval(planned, 10)),
        b'2' => scale_interval(planned, 2),
        b'4' => scale_interval(planned, 5),
        _ => 0,
    };
    // A slash bass is no root: its own octave is the only safe companion.
    let above = if planned.chord.bass.is_some() && above % 12 != 0 { 0 } else { above };
    let key = i32::from(root) + above;
    let range = context.style.bass.range;
    let folded = if key > i32::from(range.high) + 7 {
        key - 12
    } else if key < i32::from(range.low) - 3 {
        key + 12
    } else {
        key
    };
    folded.clamp(16, 100) as u8
}

fn fifth(context: &Context, chord: usize) -> i32 {
    chord_interval(context, chord, 6..=8).unwrap_or(7)
}

fn chord_interval(context: &Context, chord: usize, wanted: std::ops::RangeInclusive<u8>) -> Option<i32> {
    let tones = context.chords[chord].chord.quality.intervals();
    tones.iter().copied().find(|tone| wanted.contains(tone)).map(i32::from)
}

/// The allowed interval nearest to `ideal` semitones, downwards first.
fn scale_interval(planned: &crate::plan::Planned, ideal: u8) -> i32 {
    let is_allowed = |interval: &u8| planned.allowed & 1 << planned.chord.above_root(*interval).get() != 0;
    [ideal, ideal - 1, ideal + 1, 12].into_iter().find(is_allowed).map_or(0, i32::from)
}

/// A half step or scale step below or above the next note.
pub(crate) fn approach(context: &Context, next: u8, dice: &mut Dice) -> u8 {
    let from_below = dice.chance(0.6);
    let sign: i32 = if from_below { -1 } else { 1 };
    if context.style.bass.is_chromatic {
        return (i32::from(next) + sign).clamp(0, 127) as u8;
    }
    let near = (1..=3).map(|step| i32::from(next) + sign * step);
    let mut in_scale = near.filter(|key| context.parent_mask & 1 << key.rem_euclid(12) != 0);
    in_scale.next().unwrap_or(i32::from(next)).clamp(0, 127) as u8
}

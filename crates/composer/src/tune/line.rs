//! From a rhythm with wished-for heights to keys that fit the chords: the best line among all, found by dynamic
//! programming.
use crate::changes::Changes;
use crate::dice::Dice;
use take::Beats;

/// A note that knows when it sounds and about where it wants to lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    /// Onset in beats.
    pub start: f64,
    /// Length in beats.
    pub duration: f64,
    /// 1.0..=127.0.
    pub velocity: f32,
    /// Wished-for MIDI key; need not be whole.
    pub ideal: f32,
    /// Closes the tune: the tonic where the chord has it.
    pub is_last: bool,
}

/// Where a line may lie; inclusive, at least an octave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    pub low: u8,
    pub high: u8,
}

impl Reach {
    /// Both ends in MIDI, in order, an octave apart at least.
    pub(crate) fn new(low: u8, high: u8) -> Self {
        let low = low.min(115);
        Self { low, high: high.clamp(low + 12, 127) }
    }
}

/// Farthest from a step of the grid that an onset still counts as on it: humanising, not swing.
const ON_GRID_BEATS: f64 = 0.06;

/// Whether a note at `start` is heard as leaning on a beat: there only chord tones will do.
pub(crate) fn is_strong(changes: &Changes, start: f64, duration: f64) -> bool {
    duration >= 1.0 - 1e-9 || strength(changes, start) >= 2
}

/// Strength of the nearest step, 0 for onsets between steps.
pub(crate) fn strength(changes: &Changes, start: f64) -> u8 {
    let step = (start * 4.0).round() / 4.0;
    if (start - step).abs() <= ON_GRID_BEATS { changes.strength_at(Beats(step)) } else { 0 }
}

/// The keys of the line, one per slot. `before` is the note that sounded last, `looseness` (semitones) how far chance
/// may pull a note off.
pub(crate) fn pitched(
    slots: &[Slot],
    changes: &Changes,
    reach: Reach,
    before: Option<u8>,
    looseness: f32,
    dice: &mut Dice,
) -> Vec<u8> {
    let mut columns: Vec<Vec<State>> = Vec::with_capacity(slots.len());
    for (index, slot) in slots.iter().enumerate() {
        let tones = changes.tones_at(Beats(slot.start));
        let mut column: Vec<State> = candidates(slot, changes, reach)
            .map(|key| {
                let local = (f32::from(key) - slot.ideal).abs() + looseness * dice.unit();
                State { key, is_tone: tones & 1 << (key % 12) != 0, cost: local, from: 0 }
            })
            .collect();
        for state in &mut column {
            let arrival = match columns.last() {
                Some(last) => cheapest(last, state, slot.ideal - slots[index - 1].ideal),
                None => (before.map_or(0.0, |key| leap_cost(i32::from(state.key) - i32::from(key), 0.0)), 0),
            };
            state.cost += arrival.0;
            state.from = arrival.1;
        }
        columns.push(column);
    }
    traced(&columns)
}

struct State {
    key: u8,
    is_tone: bool,
    cost: f32,
    from: usize,
}

/// Keys a slot may have: never empty.
fn candidates(slot: &Slot, changes: &Changes, reach: Reach) -> impl Iterator<Item = u8> {
    let here = Beats(slot.start);
    let (tones, allowed) = (changes.tones_at(here), changes.allowed_at(here));
    let home = 1 << changes.key.tonic.get();
    let anticipated = changes.tones_at(Beats(slot.start + 0.5));
    let rings_over = anticipated != tones && slot.duration > 0.5 && strength(changes, slot.start) < 2;
    let wanted = match () {
        () if slot.is_last && tones & home != 0 => home,
        () if slot.is_last || is_strong(changes, slot.start, slot.duration) => tones,
        // A note that is held into the next chord already belongs to it.
        () if rings_over && anticipated & allowed != 0 => anticipated & allowed,
        () => allowed,
    };
    let wanted = if wanted == 0 { allowed } else { wanted };
    (reach.low..=reach.high).filter(move |key| wanted & 1 << (key % 12) != 0)
}

fn cheapest(last: &[State], to: &State, wished: f32) -> (f32, usize) {
    let mut best = (f32::INFINITY, 0);
    for (index, from) in last.iter().enumerate() {
        let step = i32::from(to.key) - i32::from(from.key);
        // A note foreign to its chord comes and goes by step.
        let stray = if step.abs() > 2 && !(from.is_tone && to.is_tone) { 6.0 } else { 0.0 };
        let shape = 0.7 * (step as f32 - wished).abs();
        let cost = from.cost + leap_cost(step, wished) + stray + shape;
        if cost < best.0 {
            best = (cost, index);
        }
    }
    best
}

/// How much a step of so many semitones costs a singer, before the shape is asked.
fn leap_cost(step: i32, wished: f32) -> f32 {
    match step.abs() {
        0 if wished.abs() < 0.5 => 0.4,
        0 => 1.6,
        1 | 2 => 0.0,
        3 | 4 => 0.6,
        5 | 7 => 1.4,
        8 | 9 | 12 => 4.0,
        // The tritone and the sevenths are hard to hit and ask to be resolved.
        6 | 10 | 11 => 8.0,
        _ => 30.0,
    }
}

fn traced(columns: &[Vec<State>]) -> Vec<u8> {
    let Some(last) = columns.last() else { return Vec::new() };
    let best = last.iter().enumerate().min_by(|a, b| a.1.cost.total_cmp(&b.1.cost));
    let mut at = best.map_or(0, |(index, _)| index);
    let mut keys: Vec<u8> = columns
        .iter()
        .rev()
        .filter_map(|column| {
            let state = column.get(at)?;
            at = state.from;
            Some(state.key)
        })
        .collect();
    keys.reverse();
    keys
}

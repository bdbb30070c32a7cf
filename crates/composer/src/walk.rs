//! Walking bass: one note a beat, root on the change, a lead-in before the next.
use crate::bass::{approach, root_key};
use crate::context::{Context, Raw};
use crate::dice::Dice;
use crate::grid::STEP_BEATS;
use take::PartKind;

/// One felt beat of the walk.
struct Stride {
    beat: f64,
    length: f64,
    chord: usize,
    /// First beat of its chord.
    is_change: bool,
    /// Last beat before another chord.
    is_lead_in: bool,
    strength: u8,
}

pub(crate) fn play(context: &Context, dice: &mut Dice) -> Vec<Raw> {
    let strides = strides(context);
    let mut notes: Vec<Raw> = Vec::with_capacity(strides.len() * 5 / 4);
    let first = root_key(context, 0, None);
    let mut line = Line { previous: first, is_rising: dice.chance(0.5) };
    for (index, stride) in strides.iter().enumerate() {
        let key = if index == 0 { first } else { line.next(context, stride, first, dice) };
        let gate = f64::from(context.style.bass.gate.0);
        let skips = dice.chance(0.16 * context.part_complexity(PartKind::Bass)) && stride.length > 2.0 * STEP_BEATS;
        let duration = if skips { stride.length / 2.0 } else { stride.length };
        let velocity = (90.0 + f32::from(stride.strength % 3) * 6.0) * (0.76 + 0.28 * context.energy);
        notes.push(Raw { start: stride.beat, duration: duration * gate, key, velocity, push_ms: 0.0, is_exact: false });
        if skips {
            let start = stride.beat + stride.length / 2.0;
            let skip =
                Raw { start, duration: STEP_BEATS, key, velocity: velocity * 0.62, push_ms: 0.0, is_exact: false };
            notes.push(skip);
        }
        line.previous = key;
    }
    notes
}

/// Every felt beat of the loop; every other one when the prompt wants it sparse or the energy is low.
fn strides(context: &Context) -> Vec<Stride> {
    let halves = context.part_energy(PartKind::Bass) < 0.25 || context.density(PartKind::Bass) < -0.3;
    let mut strides = Vec::new();
    for bar in 0..context.num_bars {
        for (pulse, &step) in context.bar.pulses[..context.bar.num_pulses()].iter().enumerate() {
            if halves && pulse % 2 == 1 {
                continue;
            }
            let beat = context.beat(bar, step);
            let chord = context.chord_index(beat);
            let before = if beat > 0.0 { context.chord_index(beat - 0.01) } else { usize::MAX };
            let strength = context.bar.strength(step);
            strides.push(Stride { beat, length: 0.0, chord, is_change: chord != before, is_lead_in: false, strength });
        }
    }
    for index in 0..strides.len() {
        let next = strides.get(index + 1).map(|next| (next.beat, next.chord));
        let (end, next_chord) = next.unwrap_or((context.loop_beats, 0));
        strides[index].length = end - strides[index].beat;
        strides[index].is_lead_in = next_chord != strides[index].chord || next.is_none();
    }
    strides
}

struct Line {
    previous: u8,
    is_rising: bool,
}

impl Line {
    fn next(&mut self, context: &Context, stride: &Stride, first: u8, dice: &mut Dice) -> u8 {
        if stride.is_change {
            return root_key(context, stride.chord, Some(self.previous));
        }
        if stride.is_lead_in {
            let next_chord = (stride.chord + 1) % context.chords.len();
            let closes_loop = stride.beat + stride.length + 0.01 > context.loop_beats;
            let target = if closes_loop { first } else { root_key(context, next_chord, Some(self.previous)) };
            let by_fifth = dice.chance(0.2);
            let fifth = i32::from(target) + if target > context.style.bass.range.low + 5 { -5 } else { 7 };
            let allowed = context.chords[stride.chord].allowed & 1 << fifth.rem_euclid(12) != 0;
            let lead = if by_fifth && allowed { fifth as u8 } else { approach(context, target, dice) };
            return if lead == self.previous { approach(context, target, dice) } else { lead };
        }
        self.step(context, stride, dice)
    }

    /// A chord tone or passing tone near the last note, going on in its direction until the range ends.
    fn step(&mut self, context: &Context, stride: &Stride, dice: &mut Dice) -> u8 {
        let range = context.style.bass.range;
        let planned = &context.chords[stride.chord];
        let tones = planned.chord.mask();
        if self.previous >= range.high.saturating_sub(3) {
            self.is_rising = false;
        } else if self.previous <= range.low + 3 {
            self.is_rising = true;
        } else if dice.chance(0.15) {
            self.is_rising = !self.is_rising;
        }
        let weight = |key: u8| {
            let distance = i32::from(key) - i32::from(self.previous);
            let is_tone = tones & 1 << (key % 12) != 0;
            let is_allowed = planned.allowed & 1 << (key % 12) != 0;
            let goes_on = (distance > 0) == self.is_rising;
            // The first and the middle of a bar say which chord this is.
            let is_strong = stride.strength >= 3;
            let base = if is_tone {
                3.0
            } else if is_allowed && !is_strong {
                1.5
            } else {
                0.0
            };
            if distance == 0 {
                0.0
            } else {
                base * if goes_on { 1.0 } else { 0.15 } / (1.0 + 0.25 * distance.abs() as f32)
            }
        };
        let keys = self.previous.saturating_sub(5).max(range.low)..=(self.previous + 5).min(range.high);
        let index = dice.weighted(keys.clone().map(weight));
        *keys.start() + index as u8
    }
}

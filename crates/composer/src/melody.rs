//! The lead: motifs that are stated, answered, varied and brought home.
use crate::context::{Context, Extra, Raw, choose, fit};
use crate::dice::{Dice, Stream};
use crate::grid::{SOURCE_STEPS, STEP_BEATS};
use crate::style::Motif;
use take::PartKind;

/// A motif: a rhythm and a shape, in steps of the scale from where it starts.
struct Idea<'s> {
    motif: &'s Motif,
    shape: Vec<i32>,
    /// Start above or below the middle of the line, in scale steps.
    height: i32,
}

/// A note before its pitch is known.
struct Slot {
    bar: usize,
    step: usize,
    length: usize,
    mark: u8,
    /// Scale steps from the middle of the line.
    height: i32,
    is_last_of_phrase: bool,
    is_last: bool,
}

/// Longest motif in notes; shapes are drawn this long and used as far as needed.
const SHAPE_NOTES: usize = 24;

pub(crate) fn play(context: &Context) -> Vec<Raw> {
    let mut dice = Dice::new(context.seed, Stream::Melody);
    let style = &context.style.melody;
    let Some(form) = dice.pick(&style.forms) else { return Vec::new() };
    let Some(ideas) = ideas(context, &mut dice) else { return Vec::new() };
    let mut slots: Vec<Slot> = Vec::new();
    let mut bar = 0;
    let mut place = 0;
    while bar < context.num_bars {
        let letter = form.0[place % form.0.len()];
        let index = usize::from(letter.to_ascii_uppercase().saturating_sub(b'A')).min(2);
        let idea = &ideas[index];
        let bars = motif_bars(idea.motif).min(context.num_bars - bar);
        if letter != b'.' {
            place_idea(context, idea, bar, bars, letter.is_ascii_lowercase(), &mut dice, &mut slots);
        }
        bar += bars.max(1);
        place += 1;
    }
    cadence(context, &mut slots);
    pitched(context, &slots, &mut dice)
}

fn motif_bars(motif: &Motif) -> usize {
    motif.steps.bytes().len().div_ceil(SOURCE_STEPS)
}

/// Three ideas: A, its answer B (turned upside down), and C with a rhythm of its own.
fn ideas<'s>(context: &Context<'s>, dice: &mut Dice) -> Option<[Idea<'s>; 3]> {
    let motifs = &context.style.melody.motif;
    let energy = context.part_energy(PartKind::Melody);
    let complexity = context.part_complexity(PartKind::Melody);
    let statement = choose(motifs, energy, complexity, dice)?;
    let answer = choose(motifs, energy, complexity, dice)?;
    let other = choose(motifs, energy, complexity, dice)?;
    let shape = shape(context, dice);
    let mirrored = shape.iter().map(|height| -height).collect();
    let third = self::shape(context, dice);
    let lift = dice.range(1, 3);
    Some([
        Idea { motif: statement, shape, height: 0 },
        Idea { motif: answer, shape: mirrored, height: lift },
        Idea { motif: other, shape: third, height: -dice.range(0, 2) },
    ])
}

/// Mostly steps, now and then a leap that is filled in afterwards, within an overall contour.
fn shape(context: &Context, dice: &mut Dice) -> Vec<i32> {
    let contour = dice.range(0, 4);
    let amplitude = 2.0 + 3.0 * context.complexity;
    let leap = context.style.melody.leap.0;
    let mut height = 0;
    let mut owed = 0;
    (0..SHAPE_NOTES)
        .map(|index| {
            let phase = (index % 8) as f32 / 7.0;
            let target = amplitude
                * match contour {
                    0 => 4.0 * phase * (1.0 - phase),
                    1 => -4.0 * phase * (1.0 - phase),
                    2 => phase * 2.0 - 1.0,
                    3 => 1.0 - phase * 2.0,
                    _ => {
                        if index % 4 < 2 {
                            0.5
                        } else {
                            -0.5
                        }
                    }
                };
            let pull = (target - height as f32).clamp(-1.0, 1.0);
            let leaps = dice.chance(leap);
            let free = dice.range(-1, 1);
            let wander = if pull.abs() < 0.3 { free } else { pull.round() as i32 };
            let step = if owed != 0 {
                std::mem::take(&mut owed)
            } else if leaps {
                let size = if wander < 0 { -3 } else { 3 };
                owed = -size / 3;
                size
            } else {
                wander
            };
            let here = height;
            height += step;
            here
        })
        .collect()
}

fn place_idea(
    context: &Context,
    idea: &Idea,
    first: usize,
    bars: usize,
    is_varied: bool,
    dice: &mut Dice,
    slots: &mut Vec<Slot>,
) {
    let begin = slots.len();
    let complexity = context.part_complexity(PartKind::Melody);
    let density = context.density(PartKind::Melody);
    let mut is_open = false;
    for bar in first..first + bars {
        let marks = fit(&context.bar, |step| idea.motif.steps.at(bar - first, step, SOURCE_STEPS), Extra::Hold);
        for (step, mark) in marks.into_iter().enumerate() {
            let roll = dice.unit();
            let is_played = match mark {
                b'?' => roll < 0.1 + 0.75 * complexity,
                b'o' | b'x' if context.bar.strength(step) <= 1 => roll >= -density * 0.75,
                _ => true,
            };
            match mark {
                b'.' => is_open = false,
                b'~' => {
                    if let Some(last) = slots.last_mut().filter(|_| is_open) {
                        last.length += 1;
                    }
                }
                _ if !is_played => {}
                mark => {
                    let index = slots.len() - begin;
                    let height = idea.height + idea.shape[index % SHAPE_NOTES];
                    slots.push(Slot { bar, step, length: 1, mark, height, is_last_of_phrase: false, is_last: false });
                    is_open = true;
                }
            }
        }
    }
    if is_varied {
        // The repeat keeps its head and changes its tail.
        let tail = (slots.len() - begin) / 2;
        let bend = if dice.chance(0.5) { 2 } else { -2 };
        let count = slots.len();
        slots[count - tail..].iter_mut().for_each(|slot| slot.height += bend);
    }
}

/// Marks phrase ends, and clears the end of the loop so that the line breathes before it begins again.
fn cadence(context: &Context, slots: &mut Vec<Slot>) {
    if context.num_bars > 1 {
        let breath = context.loop_beats - (context.bar.beats / 4.0).min(1.0);
        slots.retain(|slot| context.beat(slot.bar, slot.step) < breath - 1e-9 || slot.bar + 1 < context.num_bars);
    }
    for index in 0..slots.len() {
        let next_bar = slots.get(index + 1).map_or(context.num_bars, |slot| slot.bar);
        let phrase = context.phrase_bars();
        slots[index].is_last_of_phrase = next_bar / phrase != slots[index].bar / phrase || next_bar == context.num_bars;
    }
    if let Some(last) = slots.last_mut() {
        last.is_last = true;
        let room = context.num_bars * context.bar.num_steps - (last.bar * context.bar.num_steps + last.step);
        last.length = last.length.max(4.min(room));
    }
}

/// The keys of the line in ascending order, from well below to well above its range.
struct Ladder {
    keys: Vec<u8>,
    middle: usize,
}

impl Ladder {
    fn new(context: &Context) -> Self {
        let style = &context.style.melody;
        let shift = context.register_shift(PartKind::Melody, style.range.low, style.range.high);
        let low = (i32::from(style.range.low) + shift).clamp(0, 115) as u8;
        let high = (i32::from(style.range.high) + shift).clamp(0, 127) as u8;
        let mask = line_mask(context);
        let keys: Vec<u8> = (low..=high).filter(|key| mask & 1 << (key % 12) != 0).collect();
        let centre = (u16::from(low) + u16::from(high)) / 2;
        let is_home = |key: u8| key % 12 == context.key.tonic.get();
        let distance = |key: u8| u16::from(key).abs_diff(centre) + if is_home(key) { 0 } else { 4 };
        let middle = (0..keys.len()).min_by_key(|&index| distance(keys[index])).unwrap_or(0);
        Self { keys, middle }
    }

    fn at(&self, height: i32) -> usize {
        // Folded at the ends rather than clipped, or the line would get stuck there.
        let last = self.keys.len() as i32 - 1;
        let index = self.middle as i32 + height;
        let folded = if index < 0 {
            -index
        } else if index > last {
            2 * last - index
        } else {
            index
        };
        folded.clamp(0, last) as usize
    }
}

/// Pitch classes of the line: the style's own scale where it is a part of the take's, else the take's scale.
fn line_mask(context: &Context) -> u16 {
    let own = theory::pitch_mask(context.key.tonic, context.key.scale);
    let narrowed = context.style.melody.scale.map(|scale| theory::pitch_mask(context.key.tonic, scale));
    narrowed.filter(|mask| mask & !(own | context.parent_mask) == 0 && own.count_ones() == 7).unwrap_or(own)
}

fn pitched(context: &Context, slots: &[Slot], dice: &mut Dice) -> Vec<Raw> {
    let ladder = Ladder::new(context);
    let mut previous: Option<u8> = None;
    let mut repeats = 0;
    let mut notes = Vec::with_capacity(slots.len());
    for slot in slots {
        let mut key = pitch_of(context, &ladder, slot, previous);
        repeats = if previous == Some(key) { repeats + 1 } else { 0 };
        if repeats >= 3 && !slot.is_last {
            let turned = Slot { height: slot.height + dice.range(1, 2), ..*slot };
            key = pitch_of(context, &ladder, &turned, None);
            repeats = 0;
        }
        previous = Some(key);
        notes.push(raw(context, slot, key));
    }
    notes
}

/// The ladder's key for a slot: any allowed note on weak beats, a chord tone on strong, long and closing ones.
fn pitch_of(context: &Context, ladder: &Ladder, slot: &Slot, previous: Option<u8>) -> u8 {
    let planned = context.chord_at(context.beat(slot.bar, slot.step));
    let is_strong = context.bar.strength(slot.step) >= 2 || slot.length >= 4 || slot.is_last_of_phrase;
    let tones = planned.chord.mask();
    let stable = tones & tonic_triad(context);
    let wanted = match (slot.is_last, is_strong) {
        (true, _) if tones & 1 << context.key.tonic.get() != 0 => 1 << context.key.tonic.get(),
        (true, _) if stable != 0 => stable,
        (_, true) => tones,
        _ => planned.allowed,
    };
    let ideal = i32::from(ladder.keys[ladder.at(slot.height)]);
    let low = i32::from(ladder.keys[0]);
    let high = i32::from(ladder.keys[ladder.keys.len() - 1]);
    let cost = |key: &i32| {
        let leap = previous.map_or(0, |last| (i32::from(last) - key).abs());
        let off_ladder = if ladder.keys.contains(&(*key as u8)) { 0 } else { 1 };
        // Of two tones that are near, the line leans on the one that says which key this is.
        let home = match 1 << key.rem_euclid(12) {
            _ if !is_strong => 2,
            bit if bit == 1 << context.key.tonic.get() => 0,
            bit if bit & stable != 0 => 1,
            _ => 3,
        };
        (key - ideal).abs() * 2 + home + off_ladder + (leap - 7).max(0) * 3
    };
    let in_reach = (low..=high).filter(|key| wanted & 1 << key.rem_euclid(12) != 0);
    in_reach.min_by_key(cost).unwrap_or(ideal) as u8
}

fn tonic_triad(context: &Context) -> u16 {
    let third = if theory::is_minor_like(context.key.scale) { 3 } else { 4 };
    [0, third, 7].iter().fold(0, |mask, above| mask | 1 << ((context.key.tonic.get() + above) % 12))
}

fn raw(context: &Context, slot: &Slot, key: u8) -> Raw {
    let style = &context.style.melody;
    let base = match slot.mark {
        b'X' => 106.0,
        b'o' => 74.0,
        b'?' => 68.0,
        _ => 90.0,
    };
    // Lines swell towards the middle of their phrase.
    let phrase = context.phrase_bars() as f32;
    let place = ((slot.bar % context.phrase_bars()) as f32 + 0.5) / phrase;
    let swell = 12.0 * place * (1.0 - place) * 4.0 - 6.0;
    Raw {
        start: context.beat(slot.bar, slot.step),
        duration: slot.length as f64 * STEP_BEATS * f64::from(style.gate.0),
        key,
        velocity: (base + swell) * (0.78 + 0.26 * context.energy),
        push_ms: style.push_ms.0,
        is_exact: false,
    }
}

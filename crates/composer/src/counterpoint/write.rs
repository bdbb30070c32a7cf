//! Writing: the best lines are extended note by note, many at a time (beam search).
use super::rhythm::Slot;
use super::{BAR_BEATS, Cantus, Side, Species, is_consonant, is_perfect};
use crate::dice::Dice;
use take::{Beats, Note};

/// Lines kept after each note.
const BEAM: usize = 160;

/// A line so far.
#[derive(Clone)]
struct Path {
    keys: Vec<i32>,
    cost: f32,
}

/// What the next note has to know.
struct Writer<'a> {
    cantus: &'a Cantus,
    side: Side,
    species: Species,
    slots: &'a [Slot],
    /// Keys of the scale that may be used at all.
    pool: Vec<i32>,
    /// Pitch classes of the scale, bit 0 = C.
    scale: u16,
    /// Pitch class of the leading tone.
    leading: i32,
}

pub(super) fn line(
    cantus: &Cantus,
    side: Side,
    species: Species,
    slots: &[Slot],
    dice: &mut Dice,
) -> Option<Vec<Note>> {
    let writer = Writer::new(cantus, side, species, slots);
    let mut beam = vec![Path { keys: Vec::new(), cost: 0.0 }];
    for index in 0..slots.len() {
        beam = pruned(extended(&writer, &beam, index, dice));
    }
    let best = beam.into_iter().next()?;
    let note = |(slot, key): (&Slot, i32)| Note {
        start: Beats(slot.start),
        duration: Beats(slot.duration),
        key: key.clamp(0, 127) as u8,
        velocity: 84,
    };
    Some(slots.iter().zip(best.keys).map(note).collect())
}

/// Every line of the beam with every note that may follow.
fn extended(writer: &Writer, beam: &[Path], index: usize, dice: &mut Dice) -> Vec<Path> {
    let raised = writer.raised(index);
    let mut next = Vec::with_capacity(beam.len() * 8);
    for path in beam {
        for &key in writer.pool.iter().chain(&raised) {
            if writer.allows(&path.keys, index, key) {
                let cost = path.cost + writer.cost(&path.keys, index, key) + 1.2 * dice.unit();
                let mut keys = path.keys.clone();
                keys.push(key);
                next.push(Path { keys, cost });
            }
        }
    }
    next
}

/// The cheapest lines; of many that end alike only a few.
fn pruned(mut lines: Vec<Path>) -> Vec<Path> {
    lines.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let tail = |path: &Path| (path.keys.last().copied(), path.keys.iter().rev().nth(1).copied());
    let mut kept: Vec<Path> = Vec::with_capacity(BEAM);
    for path in lines {
        if kept.iter().filter(|other| tail(other) == tail(&path)).count() < 3 {
            kept.push(path);
        }
        if kept.len() == BEAM {
            break;
        }
    }
    kept
}

impl<'a> Writer<'a> {
    fn new(cantus: &'a Cantus, side: Side, species: Species, slots: &'a [Slot]) -> Self {
        let scale = theory::pitch_mask(cantus.key.tonic, theory::parent(cantus.key.scale));
        let lowest = i32::from(cantus.keys.iter().copied().min().unwrap_or(60));
        let highest = i32::from(cantus.keys.iter().copied().max().unwrap_or(60));
        let reach = match side {
            Side::Above => lowest..=(highest + 17).min(127),
            Side::Below => (lowest - 17).max(0)..=highest,
        };
        let pool = reach.filter(|key| scale & 1 << key.rem_euclid(12) != 0).collect();
        let leading = (i32::from(cantus.key.tonic.get()) + 11) % 12;
        Self { cantus, side, species, slots, pool, scale, leading }
    }

    fn bar(&self, index: usize) -> usize {
        (self.slots[index].start / BAR_BEATS) as usize
    }

    fn under(&self, bar: usize) -> i32 {
        i32::from(self.cantus.keys[bar.min(self.cantus.keys.len() - 1)])
    }

    /// The raised leading tone nearest to the cantus, for the note before the close, and the raised sixth before it;
    /// `None` where the scale has them or the note is another.
    fn raised(&self, index: usize) -> Option<i32> {
        let from_end = self.slots.len() - index;
        let last_bar = self.cantus.keys.len() - 1;
        let (under, goal) = (self.under(last_bar - 1), self.under(last_bar));
        // A cantus that falls by a semitone (Phrygian) has its leading tone itself.
        if goal - under == -1 {
            return None;
        }
        let octave = match self.side {
            Side::Above if goal - 1 < under => 12,
            Side::Below if goal - 1 > under => -12,
            _ => 0,
        };
        let leading = goal - 1 + octave;
        let key = match from_end {
            2 => leading,
            3 => leading - 2,
            _ => return None,
        };
        (!self.pool.contains(&leading) && !self.pool.contains(&key)).then_some(key)
    }

    /// Whether the rules let `key` follow `keys`.
    fn allows(&self, keys: &[i32], index: usize, key: i32) -> bool {
        self.fits_cantus(index, key)
            && self.fits_line(keys, key)
            && self.treats_dissonance(keys, index, key)
            && self.moves_well(keys, index, key)
            && self.opens_and_closes(keys, index, key)
    }

    fn fits_cantus(&self, index: usize, key: i32) -> bool {
        if !(0..=127).contains(&key) {
            return false;
        }
        let slot = self.slots[index];
        let bar = self.bar(index);
        let last_bar = ((slot.start + slot.duration - 1e-6) / BAR_BEATS) as usize;
        let is_inner = index > 0 && index + 1 < self.slots.len();
        (bar..=last_bar).all(|bar| {
            let distance = if self.side == Side::Above { key - self.under(bar) } else { self.under(bar) - key };
            let starts_here = slot.start.rem_euclid(BAR_BEATS) == 0.0;
            (0..=17).contains(&distance) && !(distance == 0 && is_inner && (starts_here || bar != self.bar(index)))
        })
    }

    fn fits_line(&self, keys: &[i32], key: i32) -> bool {
        let Some(&last) = keys.last() else { return true };
        let step = key - last;
        let is_interval =
            matches!(step.abs(), 1 | 2 | 3 | 4 | 5 | 7 | 12) || step == 8 || step == 0 && self.may_repeat(keys);
        let before = keys.len().checked_sub(2).map(|at| last - keys[at]);
        let recovers = before.is_none_or(|before| before.abs() <= 7 || before * step < 0);
        // Two leaps one way must not add up to more than an octave.
        let piles = before.is_some_and(|before| before * step > 0 && before.abs() > 2 && step.abs() > 2);
        let (low, high) = keys.iter().fold((key, key), |(low, high), &k| (low.min(k), high.max(k)));
        is_interval && recovers && !(piles && before.is_some_and(|b| (b + step).abs() > 8)) && high - low <= 16
    }

    fn may_repeat(&self, keys: &[i32]) -> bool {
        self.species == Species::First && keys.len() >= 2 && keys[keys.len() - 2] != keys[keys.len() - 1]
    }

    fn in_scale(&self, key: i32) -> bool {
        self.scale & 1 << key.rem_euclid(12) != 0
    }

    fn interval(&self, index: usize, key: i32) -> u8 {
        (key - self.under(self.bar(index))).unsigned_abs() as u8
    }

    /// Dissonances are struck off the bar line, come and go by step, or are suspended and fall.
    fn treats_dissonance(&self, keys: &[i32], index: usize, key: i32) -> bool {
        let here = is_consonant(self.interval(index, key));
        let is_on_bar_line = self.slots[index].start.rem_euclid(BAR_BEATS) == 0.0;
        let Some(&last) = keys.last() else { return here };
        let step = key - last;
        let is_step = (1..=2).contains(&step.abs());
        let may_be_dissonant =
            !is_on_bar_line && is_step && !self.slots[index].is_tied() && index + 1 < self.slots.len();
        if !(here || may_be_dissonant) {
            return false;
        }
        let before = index - 1;
        let slot = self.slots[before];
        if slot.is_tied() {
            let held = (last - self.under(self.bar(before) + 1)).unsigned_abs() as u8;
            return is_consonant(held) || here && (1..=2).contains(&-step);
        }
        if is_consonant(self.interval(before, last)) {
            return true;
        }
        let came = keys.len().checked_sub(2).map_or(0, |at| last - keys[at]);
        is_step && (self.species != Species::Second || came * step > 0)
    }

    /// No parallel and no direct perfect intervals.
    fn moves_well(&self, keys: &[i32], index: usize, key: i32) -> bool {
        let new = self.interval(index, key);
        let Some(&last) = keys.last() else { return true };
        if !is_perfect(new) {
            return true;
        }
        let before = self.slots[index - 1];
        let bar_before = ((before.start + before.duration - 1e-6) / BAR_BEATS) as usize;
        let (step, other) = (key - last, self.under(self.bar(index)) - self.under(bar_before));
        if step * other > 0 {
            return false;
        }
        let old = (last - self.under(bar_before)).unsigned_abs() as u8;
        if step != 0 && other != 0 && old % 12 == new % 12 {
            return false;
        }
        self.bar_lines_differ(keys, index, key, new)
    }

    /// In the species of halves and quarters: not the same perfect interval on two bar lines in a row.
    fn bar_lines_differ(&self, keys: &[i32], index: usize, key: i32, new: u8) -> bool {
        let slot = self.slots[index];
        let counts =
            matches!(self.species, Species::Second | Species::Third) && slot.start.rem_euclid(BAR_BEATS) == 0.0;
        let earlier = self.slots[..index].iter().position(|other| (slot.start - other.start - BAR_BEATS).abs() < 1e-9);
        let Some(earlier) = earlier.filter(|_| counts) else { return true };
        keys[earlier] == key || self.interval(earlier, keys[earlier]) % 12 != new % 12
    }

    fn opens_and_closes(&self, keys: &[i32], index: usize, key: i32) -> bool {
        let folded = self.interval(index, key) % 12;
        if index == 0 {
            return folded == 0 || folded == 7 && self.side == Side::Above;
        }
        let last_bar = self.cantus.keys.len() - 1;
        let cantus_step = self.under(last_bar) - self.under(last_bar - 1);
        let step = key - keys[index - 1];
        if index + 1 == self.slots.len() {
            let leads = step < 0 || step == 1 || cantus_step == -1;
            return folded == 0 && (1..=2).contains(&step.abs()) && step * cantus_step < 0 && leads;
        }
        // The raised sixth goes up to the leading tone; that one comes without an awkward step.
        let before = keys[index - 1];
        let is_raised_sixth = !self.in_scale(before) && before.rem_euclid(12) != self.leading;
        let is_raised = key.rem_euclid(12) == self.leading && !self.in_scale(key);
        (!is_raised_sixth || step == 2) && (!is_raised || matches!(step, -1 | -2 | -4 | -5 | 2 | 4 | 5))
    }

    /// What singers and ears would rather have: steps, thirds and sixths, contrary motion, no going round in circles.
    fn cost(&self, keys: &[i32], index: usize, key: i32) -> f32 {
        let folded = self.interval(index, key) % 12;
        let by_interval = match folded {
            3 | 4 | 8 | 9 => 0.0,
            7 => 0.6,
            0 => 1.0,
            _ => 0.2,
        };
        let Some(&last) = keys.last() else { return by_interval };
        let step = key - last;
        let by_step = match step.abs() {
            0 => 2.0,
            1 | 2 => 0.0,
            3 | 4 => 0.8,
            5 | 7 => 1.6,
            _ => 3.0,
        };
        let circles = keys.iter().rev().take(6).filter(|&&other| other == key).count() as f32;
        let held = self.slots[index].is_tied().then(|| (key - self.under(self.bar(index) + 1)).unsigned_abs() as u8);
        // A tie that does not become a suspension wastes itself.
        let wasted = if held.is_some_and(is_consonant) { 0.8 } else { 0.0 };
        by_interval + by_step + 0.7 * circles + wasted
    }
}

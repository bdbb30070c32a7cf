//! The voices that break the fewest rules and move the least: shortest way through all layouts of every chord.
use super::rules::{LeadingRules, Step};
use crate::chord::Chord;
use crate::voicing::Register;

/// What a broken rule weighs against semitones of movement: more than all other costs of any line together.
const VIOLATION_COST: u64 = 1 << 32;
/// What a missing chord tone weighs: less than a rule, more than most movements.
const MISSING_COST: u64 = 400;
/// Most layouts of a chord that are tried.
const MAX_LAYOUTS: usize = 256;

/// `register.max_voices` (2..=6) voices for each chord, ascending MIDI keys, that break `rules` as seldom as any choice
/// of layouts does, and of those move the least. The lowest voice has the bass note. A register too narrow for a chord
/// is widened by octaves upwards. Time grows with the number of chords.
pub fn lead_voices(chords: &[Chord], register: Register, rules: LeadingRules) -> Vec<Vec<u8>> {
    let layouts: Vec<Vec<Layout>> = chords.iter().map(|chord| layouts(chord, register)).collect();
    // Cheapest way to each layout of each chord: (cost, layout of the chord before).
    let mut ways: Vec<Vec<(u64, usize)>> = Vec::with_capacity(chords.len());
    for (index, here) in layouts.iter().enumerate() {
        let cheapest = |layout: &Layout| match index.checked_sub(1) {
            None => (layout.cost + layout.off_middle(register), 0),
            Some(before) => {
                let old = layouts[before].iter().zip(&ways[before]).enumerate();
                let costs = old.map(|(at, (old, way))| {
                    let step = Step { from: &chords[before], to: &chords[index], old: &old.keys, new: &layout.keys };
                    (way.0 + layout.cost + cost(&step, rules), at)
                });
                costs.min().unwrap_or((0, 0))
            }
        };
        ways.push(here.iter().map(cheapest).collect());
    }
    traced(&layouts, &ways)
}

/// From the cheapest last layout backwards.
fn traced(layouts: &[Vec<Layout>], ways: &[Vec<(u64, usize)>]) -> Vec<Vec<u8>> {
    let Some(last) = ways.last() else { return Vec::new() };
    let mut at = (0..last.len()).min_by_key(|&at| last[at].0).unwrap_or(0);
    let mut voices = Vec::with_capacity(layouts.len());
    for (layouts, ways) in layouts.iter().zip(ways).rev() {
        voices.push(layouts[at].keys.clone());
        at = ways[at].1;
    }
    voices.reverse();
    voices
}

fn cost(step: &Step<'_>, rules: LeadingRules) -> u64 {
    let moved = step.old.iter().zip(step.new).map(|(old, new)| u64::from(old.abs_diff(*new)));
    step.count_violations(rules) as u64 * VIOLATION_COST + moved.sum::<u64>()
}

/// One way to lay out a chord.
struct Layout {
    keys: Vec<u8>,
    cost: u64,
}

impl Layout {
    /// Semitones from the middle of the register to that of the voices.
    fn off_middle(&self, register: Register) -> u64 {
        let own = u64::from(self.keys[0]) + u64::from(self.keys[self.keys.len() - 1]);
        own.abs_diff(u64::from(register.low) + u64::from(register.high))
    }
}

fn layouts(chord: &Chord, register: Register) -> Vec<Layout> {
    let num_voices = register.max_voices.clamp(2, 6);
    for high in (u64::from(register.high)..=127).step_by(12).chain([127]) {
        let mut stacker = Stacker { chord, high: high as u8, num_voices, keys: Vec::new(), found: Vec::new() };
        for low in
            (register.low..=register.low.saturating_add(23).min(127)).filter(|k| k % 12 == chord.bass_note().get())
        {
            stacker.keys.push(low);
            stacker.stack();
            stacker.keys.pop();
        }
        if !stacker.found.is_empty() {
            stacker.found.sort_by_key(|layout| layout.cost);
            stacker.found.truncate(MAX_LAYOUTS);
            return stacker.found;
        }
    }
    // Nothing fits above so high a bass: voices on top of each other at the upper end.
    vec![Layout { keys: vec![127; num_voices], cost: 0 }]
}

struct Stacker<'c> {
    chord: &'c Chord,
    high: u8,
    num_voices: usize,
    keys: Vec<u8>,
    found: Vec<Layout>,
}

impl Stacker<'_> {
    /// Adds a voice above the ones there, at most an octave higher (two above the lowest), until there are enough.
    fn stack(&mut self) {
        if self.keys.len() == self.num_voices {
            if let Some(cost) = self.cost() {
                self.found.push(Layout { keys: self.keys.clone(), cost });
            }
            return;
        }
        let below = self.keys[self.keys.len() - 1];
        let reach = if self.keys.len() == 1 { 19 } else { 12 };
        for key in below + 1..=below.saturating_add(reach).min(self.high) {
            if self.chord.mask() >> (key % 12) & 1 == 1 {
                self.keys.push(key);
                self.stack();
                self.keys.pop();
            }
        }
    }

    /// What is missing or doubled; `None` without third or seventh where there are voices enough for them.
    fn cost(&self) -> Option<u64> {
        let quality = self.chord.quality;
        let has = |tone: u8| self.keys.iter().any(|key| key % 12 == self.chord.above_root(tone).get());
        let third = [4, 3, 5, 2].into_iter().find(|&third| quality.has(third));
        let needed = [third, quality.seventh()].into_iter().flatten();
        if self.num_voices > 2 && !needed.clone().all(has) {
            return None;
        }
        let num_missing = quality.intervals().iter().filter(|&&tone| !has(tone)).count() as u64;
        let doubled =
            |tone: u8| self.keys.iter().filter(|&key| key % 12 == self.chord.above_root(tone).get()).count() > 1;
        let num_doubled = needed.filter(|&tone| doubled(tone)).count() as u64;
        let mud = self.keys.windows(2).filter(|pair| pair[0] < 48 && pair[1] - pair[0] < 5).count() as u64;
        Some(num_missing * MISSING_COST + num_doubled * 24 + mud * 24)
    }
}

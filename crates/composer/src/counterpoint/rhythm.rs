//! When the added voice has notes.
use super::{BAR_BEATS, Species};
use crate::dice::Dice;

/// A note before its key is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slot {
    /// Onset in quarter notes.
    pub start: f64,
    /// Length; more than what is left of the bar is a tie.
    pub duration: f64,
}

impl Slot {
    /// Held over a bar line.
    pub(super) fn is_tied(&self) -> bool {
        let end = self.start + self.duration;
        let next_bar = ((self.start / BAR_BEATS).floor() + 1.0) * BAR_BEATS;
        end > next_bar + 1e-9
    }
}

/// Rhythms of a florid bar in quarters; a last one of -2.0 is a half note tied over into the first half of the next bar.
const FLORID: [&[f64]; 6] =
    [&[2.0, 2.0], &[1.0, 1.0, 2.0], &[2.0, 1.0, 1.0], &[1.0, 1.0, 1.0, 1.0], &[2.0, -2.0], &[1.0, 1.0, -2.0]];

/// The rhythm for one search; `attempt` counts from 0, and later ones take more of the freedoms that teachers allow.
pub(super) fn slots(species: Species, num_bars: usize, attempt: usize, dice: &mut Dice) -> Vec<Slot> {
    let mut slots = Vec::new();
    for bar in 0..num_bars {
        let begin = bar as f64 * BAR_BEATS;
        let is_whole = match species {
            Species::First => true,
            // The bar before the close may have one note as well.
            Species::Second => bar + 1 == num_bars || bar + 2 == num_bars && attempt % 2 == 1,
            _ => bar + 1 == num_bars,
        };
        match species {
            _ if is_whole => slots.push(Slot { start: begin, duration: BAR_BEATS }),
            // The first bar begins with a rest.
            Species::Second if bar == 0 => slots.push(Slot { start: 2.0, duration: 2.0 }),
            Species::First | Species::Second => even(&mut slots, begin, 2),
            Species::Third if bar == 0 => quarters_after_rest(&mut slots),
            Species::Third => even(&mut slots, begin, 4),
            Species::Fourth => tied(&mut slots, bar, num_bars, attempt, dice),
            Species::Fifth => florid(&mut slots, bar, num_bars, attempt, dice),
        }
    }
    slots
}

fn even(slots: &mut Vec<Slot>, begin: f64, count: usize) {
    let duration = BAR_BEATS / count as f64;
    slots.extend((0..count).map(|index| Slot { start: begin + index as f64 * duration, duration }));
}

fn quarters_after_rest(slots: &mut Vec<Slot>) {
    slots.extend((1..4).map(|beat| Slot { start: f64::from(beat), duration: 1.0 }));
}

/// Every note begins in the middle of a bar and is held into the next; the one before the last is free to step to the
/// close. Where no such line is found, later attempts break some of the ties.
fn tied(slots: &mut Vec<Slot>, bar: usize, num_bars: usize, attempt: usize, dice: &mut Dice) {
    let start = bar as f64 * BAR_BEATS + 2.0;
    // Never the first, never two in a row: most bars stay tied.
    let after_tie = slots.last().is_some_and(Slot::is_tied);
    let is_broken = dice.chance((0.06 * attempt as f32).min(0.3)) && after_tie;
    if bar + 2 == num_bars {
        // The suspension resolves in the second half, by step to the close.
        slots.push(Slot { start, duration: 2.0 });
    } else if is_broken {
        slots.extend([Slot { start, duration: 2.0 }, Slot { start: start + 2.0, duration: 2.0 }]);
    } else {
        slots.push(Slot { start, duration: 4.0 });
    }
}

fn florid(slots: &mut Vec<Slot>, bar: usize, num_bars: usize, attempt: usize, dice: &mut Dice) {
    let begin = bar as f64 * BAR_BEATS;
    if bar + 1 == num_bars {
        return slots.push(Slot { start: begin, duration: BAR_BEATS });
    }
    let mut at = slots.last().map_or(begin + 2.0, |last| (last.start + last.duration).max(begin));
    let choice = FLORID[dice.range(0, FLORID.len() as i32 - 1) as usize];
    // The bar before the last is held back by a suspension, as in the fourth species.
    let may_tie = bar + 2 < num_bars;
    let must_tie = bar + 3 == num_bars && attempt < 8;
    let rhythm: &[f64] = match () {
        () if must_tie => &[2.0, -2.0],
        () if bar + 2 == num_bars => &[2.0, 2.0],
        () => choice,
    };
    let mut place = begin;
    for &length in rhythm {
        let end = place + length.abs();
        if place >= at - 1e-9 {
            let duration = if length < 0.0 && may_tie { 4.0 } else { length.abs() };
            slots.push(Slot { start: place, duration });
            at = place + duration;
        }
        place = end;
    }
}

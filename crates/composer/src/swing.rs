//! Swing: the second of every pair of eighths or sixteenths comes late. One function for everything that swings, so that
//! what is played live and what a file holds fall on the same beats.
use crate::grid::BarShape;
use crate::style::SwingUnit;
use take::{Amount, Beats, Meter};

/// How late, and what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swing {
    /// 0.0 straight ..= 1.0 triplet. The first note's share of a pair is `0.5 + amount / 6`.
    pub amount: Amount,
    /// What swings.
    pub unit: SwingUnit,
}

impl Swing {
    /// Nothing comes late.
    pub const STRAIGHT: Swing = Swing { amount: Amount::NONE, unit: SwingUnit::Sixteenth };

    /// Where a beat of the straight grid is played.
    pub fn played(self, beat: Beats, meter: Meter) -> Beats {
        Beats(late(&BarShape::new(meter), self.unit, self.amount.get(), beat.0))
    }

    /// Where on the straight grid a played beat was meant; undoes [`Swing::played`].
    pub fn straight(self, beat: Beats, meter: Meter) -> Beats {
        Beats(straight(&BarShape::new(meter), self.unit, self.amount.get(), beat.0))
    }
}

/// Where a straight position lies when the second unit of every pair comes late.
pub(crate) fn late(bar: &BarShape, unit: SwingUnit, amount: f32, beat: f64) -> f64 {
    let Some(pair) = Pair::around(bar, unit, amount, beat) else { return beat };
    let Pair { start, unit, late, phase } = pair;
    let warped = if phase <= unit {
        phase * (unit + late) / unit
    } else {
        2.0 * unit - (2.0 * unit - phase) * (unit - late) / unit
    };
    if phase < 1e-9 { beat } else { start + warped }
}

/// The inverse of [`late`].
pub(crate) fn straight(bar: &BarShape, unit: SwingUnit, amount: f32, beat: f64) -> f64 {
    let Some(pair) = Pair::around(bar, unit, amount, beat) else { return beat };
    let Pair { start, unit, late, phase } = pair;
    let unwarped = if phase <= unit + late {
        phase * unit / (unit + late)
    } else {
        2.0 * unit - (2.0 * unit - phase) * unit / (unit - late)
    };
    if phase < 1e-9 { beat } else { start + unwarped }
}

/// The pair of units that a position lies in; pairs begin and end on the grid, so swing moves nothing out of its pair.
struct Pair {
    /// First beat of the pair.
    start: f64,
    /// Half of the pair, in beats.
    unit: f64,
    /// How much later its second half begins, in beats.
    late: f64,
    /// Position within the pair, in beats.
    phase: f64,
}

impl Pair {
    /// `None` where nothing swings.
    fn around(bar: &BarShape, unit: SwingUnit, amount: f32, beat: f64) -> Option<Pair> {
        if amount <= 0.0 {
            return None;
        }
        let unit = match unit {
            SwingUnit::Eighth => 0.5,
            SwingUnit::Sixteenth => 0.25,
        };
        let bar_index = ((beat + 1e-9) / bar.beats).floor();
        let within = beat - bar_index * bar.beats;
        let pulse_step = bar.pulses.iter().rev().find(|&&step| step as f64 * 0.25 <= within + 1e-9);
        let pulse = pulse_step.map_or(0.0, |&step| step as f64 * 0.25);
        let next = bar.pulses.iter().map(|&step| step as f64 * 0.25).find(|&at| at > pulse + 1e-9);
        let pulse_length = next.unwrap_or(bar.beats).min(bar.beats) - pulse;
        let pair_start = ((within - pulse + 1e-9) / (2.0 * unit)).floor() * 2.0 * unit;
        // Dotted beats are triplets already, and the odd end of a long beat has no partner.
        let is_compound = unit > 0.3 && (pulse_length - 1.5).abs() < 1e-9 && bar.num_pulses() * 6 == bar.num_steps;
        if is_compound || pair_start + 2.0 * unit > pulse_length + 1e-9 {
            return None;
        }
        let start = bar_index * bar.beats + pulse + pair_start;
        Some(Pair { start, unit, late: unit / 3.0 * f64::from(amount), phase: within - pulse - pair_start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIPLET: Swing = Swing { amount: Amount::FULL, unit: SwingUnit::Eighth };

    fn played(swing: Swing, beats: &[f64]) -> Vec<f64> {
        let played = beats.iter().map(|&beat| swing.played(Beats(beat), Meter::FOUR_FOUR).0);
        played.map(|beat| (beat * 1e9).round() / 1e9).collect()
    }

    #[test]
    fn off_beats_come_late_by_the_ratio_and_beats_stay() {
        assert_eq!(played(TRIPLET, &[0.0, 0.5, 1.0, 3.5]), [0.0, 0.666_666_667, 1.0, 3.666_666_667]);
        let half = Swing { amount: Amount::new(0.5), unit: SwingUnit::Sixteenth };
        assert_eq!(played(half, &[0.25, 0.5, 0.75]), [0.291_666_667, 0.5, 0.791_666_667]);
        assert_eq!(played(Swing::STRAIGHT, &[0.25, 0.3]), [0.25, 0.3]);
    }

    #[test]
    fn straightening_undoes_swing_in_every_meter() {
        for (numerator, denominator) in [(4, 4), (3, 4), (7, 8), (6, 8), (5, 8), (5, 16), (1, 32)] {
            let meter = Meter::new(numerator, denominator).unwrap();
            for unit in [SwingUnit::Eighth, SwingUnit::Sixteenth] {
                for amount in [0.1, 0.85, 1.0] {
                    let swing = Swing { amount: Amount::new(amount), unit };
                    for step in 0..400 {
                        let beat = f64::from(step) * 0.05;
                        let back = swing.straight(swing.played(Beats(beat), meter), meter).0;
                        assert!((back - beat).abs() < 1e-9, "{meter} {swing:?} {beat} came back as {back}");
                    }
                }
            }
        }
    }
}

//! The sixteenth-note grid of a bar in any meter, and how a pattern written for 4/4 is laid over it.
use take::Meter;

/// Length of one step in quarter notes.
pub(crate) const STEP_BEATS: f64 = 0.25;
/// Steps of the 4/4 bar that patterns are written for.
pub(crate) const SOURCE_STEPS: usize = 16;

/// One bar: how many steps, and where the felt beats are.
#[derive(Debug, Clone)]
pub(crate) struct BarShape {
    /// Length in quarter notes.
    pub beats: f64,
    /// Steps that start inside the bar.
    pub num_steps: usize,
    /// Step of each felt beat, first 0, then `num_steps` as a last fence.
    pub pulses: Vec<usize>,
}

impl BarShape {
    pub(crate) fn new(meter: Meter) -> Self {
        let beats = meter.bar_beats().0;
        let num_steps = ((beats / STEP_BEATS).ceil() as usize).max(1);
        let mut pulses = vec![0];
        for group in groups(meter, num_steps) {
            let next = pulses[pulses.len() - 1] + group;
            if next < num_steps {
                pulses.push(next);
            }
        }
        pulses.push(num_steps);
        Self { beats, num_steps, pulses }
    }

    pub(crate) fn num_pulses(&self) -> usize {
        self.pulses.len() - 1
    }

    /// 4 = first of the bar, 3 = middle of the bar, 2 = other felt beats, 1 = eighths, 0 = sixteenths.
    pub(crate) fn strength(&self, step: usize) -> u8 {
        let pulse = self.pulses[..self.num_pulses()].iter().position(|&at| at == step);
        match pulse {
            Some(0) => 4,
            Some(index) if index * 2 == self.num_pulses() => 3,
            Some(_) => 2,
            None => {
                let start = self.pulses.iter().rev().find(|&&at| at <= step).copied().unwrap_or(0);
                u8::from((step - start).is_multiple_of(2))
            }
        }
    }

    /// For every step of this bar the step of a 4/4 bar that stands for it, and whether it lies in a beat that had
    /// to be stretched (7/8's long beat), where only steady voices go on.
    pub(crate) fn source_steps(&self) -> Vec<(usize, bool)> {
        let beats = source_beats(self.num_pulses());
        let mut map = Vec::with_capacity(self.num_steps);
        for (pulse, fence) in self.pulses.windows(2).enumerate() {
            for step in 0..fence[1] - fence[0] {
                let (inner, is_extra) = if step < 4 { (step, false) } else { (2 + step % 2, true) };
                map.push((beats[pulse] * 4 + inner, is_extra));
            }
        }
        map
    }
}

/// Lengths of the felt beats in steps: quarters; dotted quarters in 6/8, 9/8 and 12/8; twos and a three in 5/8, 7/8.
fn groups(meter: Meter, num_steps: usize) -> Vec<usize> {
    let upper = usize::from(meter.numerator());
    match meter.denominator() {
        8 if upper % 3 == 0 => vec![6; upper / 3],
        8 if upper == 5 => vec![6, 4],
        8 if upper % 2 == 1 && upper > 1 => [vec![4; upper / 2 - 1], vec![6]].concat(),
        _ => {
            let mut groups = vec![4; num_steps / 4];
            match num_steps % 4 {
                0 => {}
                1 if !groups.is_empty() => groups.extend([groups[0] - 2 + 1]),
                rest => groups.push(rest),
            }
            groups
        }
    }
}

/// Which beat of the 4/4 bar each felt beat copies: pairs of strong and weak, the last one always the fourth.
fn source_beats(num_pulses: usize) -> Vec<usize> {
    match num_pulses {
        1 => vec![0],
        2 => vec![0, 1],
        3 => vec![0, 1, 3],
        5 => vec![0, 1, 2, 3, 3],
        many => {
            let mut beats: Vec<usize> = (0..many).map(|pulse| pulse % 4).collect();
            beats[many - 1] = 3;
            beats
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulses(numerator: i64, denominator: i64) -> Vec<usize> {
        BarShape::new(Meter::new(numerator, denominator).unwrap()).pulses
    }

    #[test]
    fn felt_beats_follow_the_meter() {
        assert_eq!(pulses(4, 4), [0, 4, 8, 12, 16]);
        assert_eq!(pulses(3, 4), [0, 4, 8, 12]);
        assert_eq!(pulses(7, 8), [0, 4, 8, 14]);
        assert_eq!(pulses(6, 8), [0, 6, 12]);
        assert_eq!(pulses(5, 8), [0, 6, 10]);
    }

    #[test]
    fn four_four_is_copied_as_written() {
        let bar = BarShape::new(Meter::FOUR_FOUR);
        let expected: Vec<_> = (0..16).map(|step| (step, false)).collect();
        assert_eq!(bar.source_steps(), expected);
    }

    #[test]
    fn every_meter_has_a_bar_that_fits() {
        for numerator in 1..=32 {
            for denominator in [1, 2, 4, 8, 16, 32] {
                let bar = BarShape::new(Meter::new(numerator, denominator).unwrap());
                assert!(bar.pulses.windows(2).all(|pair| pair[0] < pair[1]), "{numerator}/{denominator}");
                let map = bar.source_steps();
                assert_eq!(map.len(), bar.num_steps, "{numerator}/{denominator}");
                assert!(map.iter().all(|(step, _)| *step < SOURCE_STEPS));
                assert!((bar.num_steps as f64 - 1.0) * STEP_BEATS < bar.beats);
            }
        }
    }
}

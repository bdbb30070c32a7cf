//! Notices that a model's steps have become slow because others hold the processor. With several threads one that is
//! kept waiting keeps all waiting: two threads on a machine with one free core take up to thirty times as long, one
//! thread takes as long as before (MODELS.md 8.4).
use std::collections::VecDeque;
use std::time::Duration;

/// Steps that the median is taken from.
const WINDOW: usize = 16;
/// So many are needed before anything is called slow.
const LEAST: usize = 3;
/// So many slow ones in a row are no chance.
const IN_A_ROW: usize = 2;
/// A step this long that is slow is no chance by itself: no moment's disturbance lasts that long.
const LONG: Duration = Duration::from_secs(1);
/// Slow is longer than this times the median.
const SLOW: f64 = 2.0;

/// Durations of the last steps.
#[derive(Debug, Default)]
pub(super) struct Pace {
    normal: VecDeque<Duration>,
    slow_in_a_row: usize,
}

impl Pace {
    /// Notes a step; true when the steps have become slow. Slow ones don't count for the median.
    pub(super) fn note(&mut self, took: Duration) -> bool {
        let is_slow = self.median().is_some_and(|median| took.as_secs_f64() > SLOW * median.as_secs_f64());
        if is_slow {
            self.slow_in_a_row += 1;
            return took >= LONG || self.slow_in_a_row >= IN_A_ROW;
        }
        self.slow_in_a_row = 0;
        if self.normal.len() == WINDOW {
            self.normal.pop_front();
        }
        self.normal.push_back(took);
        false
    }

    /// The longest that was normal lately; none before the first step.
    pub(super) fn longest(&self) -> Option<Duration> {
        self.normal.iter().max().copied()
    }

    fn median(&self) -> Option<Duration> {
        if self.normal.len() < LEAST {
            return None;
        }
        let mut sorted: Vec<Duration> = self.normal.iter().copied().collect();
        sorted.sort();
        Some(sorted[sorted.len() / 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(pace: &mut Pace, steps_ms: &[u64]) -> Vec<bool> {
        steps_ms.iter().map(|ms| pace.note(Duration::from_millis(*ms))).collect()
    }

    #[test]
    fn two_slow_steps_in_a_row_are_a_slowdown() {
        assert_eq!(noted(&mut Pace::default(), &[70, 72, 71, 200, 196]), [false, false, false, false, true]);
    }

    #[test]
    fn one_slow_step_is_chance() {
        assert_eq!(noted(&mut Pace::default(), &[70, 72, 71, 200, 70, 200, 70]), [false; 7]);
    }

    #[test]
    fn one_slow_step_of_seconds_is_a_slowdown() {
        assert_eq!(noted(&mut Pace::default(), &[3100, 3200, 2700, 11_500]), [false, false, false, true]);
    }

    #[test]
    fn steps_that_grow_slowly_are_normal() {
        let steps: Vec<u64> = (0..200).map(|step| 50 + step).collect();
        assert!(noted(&mut Pace::default(), &steps).iter().all(|slow| !slow));
    }
}

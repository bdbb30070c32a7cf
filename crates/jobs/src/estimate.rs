//! How long a job still takes, from the shares it has reported: said only while it can be told.
use std::time::Duration;

/// Before this nothing is said.
const LEAST_SEEN: Duration = Duration::from_secs(1);
/// Nor below this share of the job.
const LEAST_SHARE: f32 = 0.05;
/// Nor before so many different shares.
const LEAST_REPORTS: u32 = 4;
/// Weight of the newest guess of the whole duration against those before.
const NEWEST: f64 = 0.2;
/// Guesses that scatter more than this around their mean are none, relative.
const MOST_SCATTER: f64 = 0.15;
/// A job that stands still for longer than this share of the expected whole is one that nothing can be said of.
const MOST_STANDSTILL: f64 = 0.25;

/// Guesses the whole duration of a job again with every report: time so far by share so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Estimate {
    share: f32,
    /// When the share last grew.
    grew_at: Duration,
    num_reports: u32,
    /// Mean of the guesses in seconds, and their mean distance from it.
    whole_s: f64,
    scatter_s: f64,
}

impl Estimate {
    /// A report `at` so long after the job began. A share that falls back begins the guessing anew.
    pub(crate) fn note(&mut self, at: Duration, share: f32) {
        if share < self.share {
            *self = Self::default();
        }
        if share <= self.share {
            return;
        }
        let guess_s = at.as_secs_f64() / f64::from(share);
        let (whole_s, scatter_s) = if self.num_reports == 0 {
            (guess_s, 0.0)
        } else {
            let distance_s = (guess_s - self.whole_s).abs();
            (self.whole_s + (guess_s - self.whole_s) * NEWEST, self.scatter_s + (distance_s - self.scatter_s) * NEWEST)
        };
        *self = Self { share, grew_at: at, num_reports: self.num_reports + 1, whole_s, scatter_s };
    }

    /// Seconds that are left `at` so long after the job began; `None` while it cannot be told.
    pub(crate) fn remaining_s(&self, at: Duration) -> Option<f32> {
        let still_s = at.saturating_sub(self.grew_at).as_secs_f64();
        let is_known = at >= LEAST_SEEN && self.share >= LEAST_SHARE && self.num_reports >= LEAST_REPORTS;
        let is_steady = self.scatter_s <= self.whole_s * MOST_SCATTER && still_s <= self.whole_s * MOST_STANDSTILL;
        let left_s = self.whole_s * f64::from(1.0 - self.share) - still_s;
        (is_known && is_steady).then_some(left_s.max(0.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Reports once in `every_s` of a job whose share after some seconds is `share_at`.
    fn estimate(until_s: f64, every_s: f64, share_at: impl Fn(f64) -> f64) -> Estimate {
        let mut estimate = Estimate::default();
        for step in 1..=(until_s / every_s).round() as u32 {
            let at = f64::from(step) * every_s;
            estimate.note(seconds(at), share_at(at) as f32);
        }
        estimate
    }

    #[test]
    fn a_steady_job_is_told_right() {
        for done_s in [2.0, 5.0, 9.0] {
            let left = estimate(done_s, 0.1, |at| at / 10.0).remaining_s(seconds(done_s)).unwrap();
            assert!((f64::from(left) - (10.0 - done_s)).abs() < 0.1, "{left} after {done_s}");
        }
        let between = estimate(5.0, 0.1, |at| at / 10.0).remaining_s(seconds(5.5)).unwrap();
        assert!((between - 4.5).abs() < 0.1, "{between}");
    }

    #[test]
    fn nothing_is_said_too_early_or_of_what_stands_still() {
        assert_eq!(Estimate::default().remaining_s(seconds(100.0)), None);
        assert_eq!(estimate(0.5, 0.1, |at| at / 10.0).remaining_s(seconds(0.5)), None);
        assert_eq!(estimate(2.0, 0.1, |at| at / 1000.0).remaining_s(seconds(2.0)), None);
        assert_eq!(estimate(5.0, 0.1, |at| at / 10.0).remaining_s(seconds(30.0)), None);
    }

    #[test]
    fn a_job_that_jumps_is_left_alone_and_one_that_starts_again_is_guessed_anew() {
        let jumpy = |at: f64| if at < 4.0 { 0.05 * at } else { 0.9 };
        let mut estimate = estimate(4.0, 0.5, jumpy);
        assert_eq!(estimate.remaining_s(seconds(4.0)), None);
        estimate.note(seconds(5.0), 0.1);
        assert_eq!((estimate.num_reports, estimate.remaining_s(seconds(5.0))), (1, None));
    }
}

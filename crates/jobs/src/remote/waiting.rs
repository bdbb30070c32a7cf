//! How far an engine is that does not say so: as long as it usually takes, where that is known, else only how long it
//! has been asked.
use crate::Progress;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Share of a whole job at which the audio is there.
pub(super) const SHARE_THERE: f32 = 0.85;
/// What is left when an engine takes longer than usual, as a share of the wait.
const NEVER_BEYOND: f64 = 0.95;
/// Weight of the newest duration against those before.
const NEWEST: f64 = 0.5;

/// What an engine usually takes for a second of audio.
#[derive(Debug, Default)]
pub(super) struct Usual {
    seconds: Mutex<Option<f64>>,
}

impl Usual {
    /// Usual duration of a job; `None` before the first.
    pub(super) fn of(&self, audio_seconds: f64) -> Option<Duration> {
        let usual = (*self.seconds.lock().unwrap_or_else(PoisonError::into_inner))?;
        Duration::try_from_secs_f64(usual * audio_seconds).ok()
    }

    /// Remembers how long a job took.
    pub(super) fn remember(&self, took: Duration, audio_seconds: f64) {
        let mut usual = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = took.as_secs_f64() / audio_seconds.max(0.1);
        *usual = Some(usual.map_or(newest, |before| before + (newest - before) * NEWEST));
    }
}

/// Reports a wait that says nothing of itself.
pub(super) struct Waiting<'a> {
    pub progress: &'a Progress,
    pub engine: &'a str,
    pub started: Instant,
    pub usual: Option<Duration>,
}

impl Waiting<'_> {
    /// After `Instant::now() - started`.
    pub(super) fn report(&self) {
        let (share, stage) = self.at(self.started.elapsed());
        self.progress.report(share, &stage);
    }

    /// Share and stage after so long. Without an idea of the end the share stays at 0.
    fn at(&self, waited: Duration) -> (f32, String) {
        let share = self.usual.map_or(0.0, |usual| waited.as_secs_f64() / usual.as_secs_f64().max(0.1));
        let stage = format!("waiting for {}, {} s", self.engine, waited.as_secs());
        ((share.min(NEVER_BEYOND) as f32) * SHARE_THERE, stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_claimed_before_it_is_known() {
        let (progress, started) = (Progress::default(), Instant::now());
        let mut waiting = Waiting { progress: &progress, engine: "studio", started, usual: None };
        assert_eq!(waiting.at(Duration::from_secs(99)), (0.0, "waiting for studio, 99 s".to_owned()));
        waiting.usual = Some(Duration::from_secs(20));
        assert_eq!(waiting.at(Duration::from_secs(10)).0, 0.5 * SHARE_THERE);
        assert_eq!(waiting.at(Duration::from_secs(500)).0, 0.95 * SHARE_THERE);
    }

    #[test]
    fn what_is_usual_follows_the_newest_jobs_and_the_length() {
        let usual = Usual::default();
        assert_eq!(usual.of(10.0), None);
        usual.remember(Duration::from_secs(20), 10.0);
        usual.remember(Duration::from_secs(40), 10.0);
        assert_eq!(usual.of(5.0), Some(Duration::from_secs(15)));
    }
}

//! What a running job and its owner share: progress one way, the wish to stop the other way.
use crate::estimate::Estimate;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The owner no longer wants the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Asks a job to stop. Work polls it at least every 50 ms.
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    is_cancelled: Arc<AtomicBool>,
}

impl CancelToken {
    /// Stops the work at its next poll. For good: a token cannot be reset.
    pub fn cancel(&self) {
        // Relaxed: nothing else hangs on the flag.
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// The work should stop.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    /// Both are copies of one token.
    pub(crate) fn is_same(&self, other: &CancelToken) -> bool {
        Arc::ptr_eq(&self.is_cancelled, &other.is_cancelled)
    }

    /// For `?` between two steps of work.
    ///
    /// # Errors
    /// [`Cancelled`] once the owner has cancelled.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// For callbacks of the rooms below, which do not know this type.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProgressReport {
    /// 0.0..=1.0.
    pub share: f32,
    /// For example `rendering bass`.
    pub stage: String,
    /// Seconds that are left; `None` while that cannot be told.
    pub remaining_s: Option<f32>,
}

/// A mailbox: the newest report replaces the one before, whether or not anybody read it.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    latest: Arc<Mutex<Latest>>,
}

#[derive(Debug, Default)]
struct Latest {
    share: f32,
    stage: String,
    /// When the first report came: before it the job has waited for its turn.
    began: Option<Instant>,
    estimate: Estimate,
}

impl Progress {
    /// Leaves a report; `share` is clamped to 0.0..=1.0, NaN counts as 0.
    pub fn report(&self, share: f32, stage: &str) {
        let mut latest = self.lock();
        latest.share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        let (share, at) = (latest.share, latest.began.get_or_insert_with(Instant::now).elapsed());
        latest.estimate.note(at, share);
        if latest.stage != stage {
            stage.clone_into(&mut latest.stage);
        }
    }

    /// The newest report.
    pub fn latest(&self) -> ProgressReport {
        let latest = self.lock();
        let at = latest.began.map(|began| began.elapsed());
        let remaining_s = at.and_then(|at| latest.estimate.remaining_s(at));
        ProgressReport { share: latest.share, stage: latest.stage.clone(), remaining_s }
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A view of this mailbox that squeezes 0.0..=1.0 into `from..=to`; for a step inside a longer job.
    pub fn within(&self, from: f32, to: f32) -> impl Fn(f32, &str) {
        move |share, stage| self.report(from + (to - from) * share.clamp(0.0, 1.0), stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_report_wins() {
        let progress = Progress::default();
        progress.report(0.1, "composing");
        progress.within(0.5, 1.0)(0.5, "rendering bass");
        let wanted = ProgressReport { share: 0.75, stage: "rendering bass".into(), remaining_s: None };
        assert_eq!(progress.latest(), wanted);
        progress.report(f32::NAN, "");
        assert_eq!(progress.latest().share, 0.0);
    }

    #[test]
    fn a_cancelled_token_stays_cancelled_in_every_copy() {
        let token = CancelToken::default();
        let copy = token.clone();
        assert_eq!((copy.check(), copy.flow()), (Ok(()), ControlFlow::Continue(())));
        token.cancel();
        assert_eq!((copy.check(), copy.flow()), (Err(Cancelled), ControlFlow::Break(())));
    }
}

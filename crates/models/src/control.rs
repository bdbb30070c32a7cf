//! What a running model and its caller share.
use crate::ModelError;

/// The wish to stop, asked for at least every 50 ms while a model runs, and where progress goes.
#[derive(Clone, Copy)]
pub struct RunControl<'a> {
    cancel: &'a (dyn Fn() -> bool + Sync),
    progress: &'a (dyn Fn(f32, &str) + Sync),
    from: f32,
    to: f32,
}

impl<'a> RunControl<'a> {
    /// `cancel` answers true once the result is no longer wanted; `progress` takes a share of 0.0..=1.0 and a stage such
    /// as `segment 2 of 5`. Both are called on other threads as well.
    pub fn new(cancel: &'a (dyn Fn() -> bool + Sync), progress: &'a (dyn Fn(f32, &str) + Sync)) -> Self {
        Self { cancel, progress, from: 0.0, to: 1.0 }
    }

    /// Never cancelled, tells nobody.
    pub fn detached() -> RunControl<'static> {
        RunControl::new(&|| false, &|_, _| {})
    }

    /// The same caller, with 0.0..=1.0 squeezed into `from..=to` of this control; for one step of a longer run.
    #[must_use]
    pub fn within(&self, from: f32, to: f32) -> RunControl<'a> {
        let place = |share: f32| self.from + (self.to - self.from) * share.clamp(0.0, 1.0);
        RunControl { from: place(from), to: place(to), ..*self }
    }

    /// The caller no longer wants the result.
    pub fn is_cancelled(&self) -> bool {
        (self.cancel)()
    }

    /// For `?` between two steps.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`].
    pub fn check(&self) -> Result<(), ModelError> {
        if self.is_cancelled() { Err(ModelError::Cancelled) } else { Ok(()) }
    }

    /// Tells how far this step is, 0.0..=1.0.
    pub fn report(&self, share: f32, stage: &str) {
        (self.progress)(self.from + (self.to - self.from) * share.clamp(0.0, 1.0), stage);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_step_of_a_step_reports_its_place_in_the_whole() {
        let heard = Mutex::new(Vec::new());
        let progress = |share: f32, stage: &str| heard.lock().unwrap().push((share, stage.to_owned()));
        let control = RunControl::new(&|| false, &progress);
        control.within(0.5, 1.0).within(0.0, 0.5).report(1.0, "decode");
        assert_eq!(*heard.lock().unwrap(), [(0.75, "decode".to_owned())]);
    }

    #[test]
    fn a_cancelled_run_says_so() {
        let control = RunControl::new(&|| true, &|_, _| {});
        assert_eq!(control.check(), Err(ModelError::Cancelled));
    }
}

//! Ends a run in the middle when its caller asks for it.
use crate::RunControl;
use ort::session::RunOptions;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often the caller is asked. With it a cancel costs at most this and the operation of the graph that runs just then.
const POLL: Duration = Duration::from_millis(20);

/// Runs `work` here while another thread asks `control` and ends the run that `options` belong to.
pub(super) fn watched<T>(control: &RunControl, options: &RunOptions, work: impl FnOnce() -> T) -> T {
    let watch = Watch::default();
    std::thread::scope(|scope| {
        let watcher = std::thread::Builder::new().name("model watch".to_owned());
        // Without a watcher (the system has no threads left) the run cannot be ended early, but gives its result.
        watcher.spawn_scoped(scope, || watch.poll(control, options)).ok();
        let _finish = Finish(&watch);
        work()
    })
}

#[derive(Default)]
struct Watch {
    is_finished: Mutex<bool>,
    finished: Condvar,
}

impl Watch {
    fn poll(&self, control: &RunControl, options: &RunOptions) {
        let mut is_finished = self.is_finished.lock().unwrap_or_else(PoisonError::into_inner);
        while !*is_finished {
            if control.is_cancelled() {
                options.terminate().ok();
                return;
            }
            is_finished = self.finished.wait_timeout(is_finished, POLL).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Lets the watcher go on every way out of the work, a panic too.
struct Finish<'a>(&'a Watch);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        *self.0.is_finished.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.finished.notify_one();
    }
}

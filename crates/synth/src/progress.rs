//! Progress and cancelling, counted in work and not in time, so that a render stays deterministic.
use std::ops::ControlFlow;

/// The callback asked to stop. Nothing was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the render was cancelled")]
pub struct Cancelled;

/// Frames of work between two calls; well below 50 ms on a slow core.
const FRAMES_PER_CALL: usize = 100_000;

/// Calls back every so many frames of work.
pub struct Ticker<'a> {
    callback: &'a mut dyn FnMut(f32, &str) -> ControlFlow<()>,
    stage: &'static str,
    from: f32,
    to: f32,
    pending: usize,
    done: usize,
}

impl<'a> Ticker<'a> {
    pub fn new(callback: &'a mut dyn FnMut(f32, &str) -> ControlFlow<()>) -> Self {
        Self { callback, stage: "start", from: 0.0, to: 0.0, pending: 0, done: 0 }
    }

    /// Begins a stage that ends at `to` of the whole, 0.0..=1.0.
    pub fn stage(&mut self, stage: &'static str, to: f32) -> Result<(), Cancelled> {
        (self.stage, self.from, self.to) = (stage, self.to, to);
        (self.done, self.pending) = (0, 0);
        self.call()
    }

    /// The last call: all is done.
    pub fn finish(&mut self) -> Result<(), Cancelled> {
        self.to = 1.0;
        self.stage("done", 1.0)
    }

    /// Counts `frames` of work.
    pub fn work(&mut self, frames: usize) -> Result<(), Cancelled> {
        self.pending += frames;
        if self.pending < FRAMES_PER_CALL {
            return Ok(());
        }
        self.done += self.pending;
        self.pending = 0;
        self.call()
    }

    fn call(&mut self) -> Result<(), Cancelled> {
        // Work of a stage is not known beforehand: its share fills ever more slowly.
        let share = self.done as f32 / (self.done as f32 + 2e6);
        match (self.callback)(self.from + (self.to - self.from) * share, self.stage) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Cancelled),
        }
    }
}

impl std::fmt::Debug for Ticker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ticker {{ stage: {:?} }}", self.stage)
    }
}

//! Everything slow: the worker pool of the process, and the engines that make takes on it.
//!
//! Knows no engine half, no deck and no disk beyond the style files.
mod bake;
mod control;
#[cfg(any(test, feature = "fake"))]
mod fake;
mod line;
mod pool;
mod provider;
mod resample;

pub use bake::{BakeError, bake, bake_rendition};
pub use control::{CancelToken, Cancelled, Progress, ProgressReport};
#[cfg(any(test, feature = "fake"))]
pub use fake::{FakeMode, FakeProvider};
pub use pool::{Job, JobEnd, Owner, Pool, QueueFull};
pub use provider::{Provider, ProviderError};
pub use resample::{ResampleError, resample};

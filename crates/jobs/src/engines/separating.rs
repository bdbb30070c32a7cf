//! Takes apart with the best that is installed.
use super::Engines;
use crate::{CancelToken, Progress, SeparationError, is_separated_by, separate_take};
use take::Take;

impl Engines {
    /// The same take with other stems (see [`separate_take`]), by the user's Demucs or MDX-Net where there is one, else
    /// built-in. The model stays in memory for the next take. For a worker.
    ///
    /// # Errors
    /// [`SeparationError`]; `Already` where the stems are this separator's own.
    pub fn separate(&self, take: &Take, progress: &Progress, cancel: &CancelToken) -> Result<Take, SeparationError> {
        let by = self.separator();
        if is_separated_by(&take.info.engine, &by) {
            return Err(SeparationError::Already { by: by.name() });
        }
        self.keep_runtime(&by)?;
        separate_take(take, &by, progress, cancel)
    }
}

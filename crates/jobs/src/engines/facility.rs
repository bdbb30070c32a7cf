//! What a user can look at and try out: every engine, and the separator.
use super::{EngineChoice, Engines};
use crate::{CancelToken, Progress, ProviderError, SeparateBy};
use models::RuntimeError;

/// An engine, or whoever separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Facility {
    /// Makes takes.
    Engine(EngineChoice),
    /// Takes them apart.
    Separator,
}

impl Facility {
    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engine(choice) => choice.name(),
            Self::Separator => "Separation",
        }
    }
}

impl Engines {
    /// Tries a facility out as a take would use it: a server is asked how it is, a model is opened. Makes nothing and
    /// costs nothing. For a worker; one sentence of how it went.
    ///
    /// # Errors
    /// [`ProviderError`], as for a take.
    pub fn test(&self, facility: Facility, progress: &Progress, cancel: &CancelToken) -> Result<String, ProviderError> {
        progress.report(0.0, "trying");
        match facility {
            Facility::Engine(choice) => self.provider(choice)?.try_out(progress, cancel),
            Facility::Separator => {
                let by = self.separator();
                self.keep_runtime(&by)?;
                let told = by.test(progress, cancel)?;
                Ok(format!("{}{}.", told[..1].to_uppercase(), &told[1..]))
            }
        }
    }

    /// Who takes takes apart now. Looks at the disk.
    pub(super) fn separator(&self) -> SeparateBy {
        self.places.as_ref().map_or_else(SeparateBy::default, |places| SeparateBy::best_in(&places.data_dir))
    }

    /// Holds the runtime, so that a model is not loaded for every take: what nobody runs is closed by
    /// [`Engines::rest`].
    pub(super) fn keep_runtime(&self, by: &SeparateBy) -> Result<(), RuntimeError> {
        if let Some((search, _)) = by.model() {
            let runtime = models::Runtime::find(search)?;
            *self.runtime.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(runtime);
        }
        Ok(())
    }
}

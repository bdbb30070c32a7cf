//! Which takes of a listing somebody means.
use crate::{LibraryTake, Listing};
use std::ops::RangeInclusive;
use std::sync::Arc;
use take::{PitchClass, Scale, StyleId};

/// What to look for; the default finds everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LibraryQuery {
    /// Every one of these words must begin, end or lie in the take's prompt, name, style, engine, key or tempo; upper
    /// and lower case are the same.
    pub words: String,
    /// Tempo in BPM, both ends included.
    pub tempo_bpm: Option<RangeInclusive<f64>>,
    /// Tonic.
    pub key: Option<PitchClass>,
    /// Scale.
    pub scale: Option<Scale>,
    /// Style.
    pub style: Option<StyleId>,
    /// Engine without its version: `band` finds `band/1`.
    pub engine: Option<String>,
    /// Favourites only.
    pub is_starred_only: bool,
}

impl LibraryQuery {
    /// Anything at all is left out.
    pub fn is_narrowed(&self) -> bool {
        !self.words.trim().is_empty() || *self != Self { words: self.words.clone(), ..Self::default() }
    }

    fn finds(&self, words: &[String], take: &LibraryTake) -> bool {
        let info = &take.info;
        let is_engine = |engine: &String| take.engine_name() == engine;
        (!self.is_starred_only || take.is_starred)
            && self.tempo_bpm.as_ref().is_none_or(|range| range.contains(&info.tempo.get()))
            && self.key.is_none_or(|key| key == info.key)
            && self.scale.is_none_or(|scale| scale == info.scale)
            && self.style.as_ref().is_none_or(|style| *style == info.spec.style)
            && self.engine.as_ref().is_none_or(is_engine)
            && words.iter().all(|word| take.text().contains(word.as_str()))
    }
}

impl Listing {
    /// What `query` means, newest first. Ten thousand takes are searched in milliseconds.
    pub fn find(&self, query: &LibraryQuery) -> Vec<Arc<LibraryTake>> {
        let words: Vec<_> = query.words.split_whitespace().map(str::to_lowercase).collect();
        self.takes.iter().filter(|take| query.finds(&words, take)).cloned().collect()
    }
}

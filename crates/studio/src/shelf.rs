//! Takes and renditions in memory, within a budget: what is in use, what is not saved yet, and what was used last.
use std::sync::Arc;
use take::{Bpm, Rendition, SampleRate, Take, TakeId};

/// Audio nobody uses at the moment may take this many bytes: some six takes of eight bars with all stems.
const IDLE_BYTES: usize = 192 << 20;

/// A rendition somebody needs. Without a rate (no engine) only the take itself is meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) take: TakeId,
    /// `None`: the take's own.
    pub(crate) tempo: Option<Bpm>,
    pub(crate) rate: Option<SampleRate>,
}

/// What somebody needed.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) take: Arc<Take>,
    /// `None` when no rate was wanted.
    pub(crate) rendition: Option<Arc<Rendition>>,
}

/// Most recently used last.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    takes: Vec<Arc<Take>>,
    renditions: Vec<Arc<Rendition>>,
}

/// Same speed, by the measure the engine uses for bit-exact playback.
pub(crate) fn is_same_tempo(a: Bpm, b: Bpm) -> bool {
    (a.get() / b.get() - 1.0).abs() < 1e-9
}

impl Shelf {
    pub(crate) fn take(&self, id: TakeId) -> Option<&Arc<Take>> {
        self.takes.iter().find(|take| take.id == id)
    }

    /// All of it, or nothing.
    pub(crate) fn find(&mut self, wanted: &Wanted) -> Option<Prepared> {
        let at = self.takes.iter().position(|take| take.id == wanted.take)?;
        let take = self.takes.remove(at);
        self.takes.push(take.clone());
        let Some(rate) = wanted.rate else { return Some(Prepared { take, rendition: None }) };
        let tempo = wanted.tempo.unwrap_or(take.info.tempo);
        let fits = |rendition: &Rendition| {
            rendition.take == take.id && rendition.rate == rate && is_same_tempo(rendition.tempo, tempo)
        };
        if fits(&take.original) {
            return Some(Prepared { rendition: Some(take.original.clone()), take });
        }
        let at = self.renditions.iter().position(|rendition| fits(rendition))?;
        let rendition = self.renditions.remove(at);
        self.renditions.push(rendition.clone());
        Some(Prepared { take, rendition: Some(rendition) })
    }

    pub(crate) fn put(&mut self, prepared: &Prepared) {
        if self.take(prepared.take.id).is_none() {
            self.takes.push(prepared.take.clone());
        }
        let Some(rendition) = &prepared.rendition else { return };
        let is_known = self.renditions.iter().any(|known| Arc::ptr_eq(known, rendition));
        if !is_known && !Arc::ptr_eq(rendition, &prepared.take.original) {
            self.renditions.push(rendition.clone());
        }
    }

    /// Drops what was used longest ago until the rest fits the budget. `keep` names what must stay.
    pub(crate) fn trim(&mut self, keep: impl Fn(TakeId) -> bool) {
        // Only idle audio counts: what the engine or a deck holds is there anyway.
        let is_idle = |rendition: &Arc<Rendition>| Arc::strong_count(rendition) == 1;
        trim_to(&mut self.renditions, IDLE_BYTES, is_idle, |rendition| num_bytes(rendition));
        trim_to(&mut self.takes, IDLE_BYTES, |take| !keep(take.id), |take| num_bytes(&take.original));
    }
}

fn trim_to<T>(list: &mut Vec<T>, max_bytes: usize, is_idle: impl Fn(&T) -> bool, num_bytes: impl Fn(&T) -> usize) {
    let mut left = list.iter().filter(|item| is_idle(item)).map(&num_bytes).sum::<usize>();
    list.retain(|item| {
        let goes = left > max_bytes && is_idle(item);
        left -= if goes { num_bytes(item) } else { 0 };
        !goes
    });
}

/// Samples only.
fn num_bytes(rendition: &Rendition) -> usize {
    let num_stems = rendition.stems.iter().flatten().count();
    rendition.num_frames() * num_stems * 2 * size_of::<f32>()
}

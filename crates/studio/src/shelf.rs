//! Takes and renditions in memory, within a budget: what is in use, what is not saved yet, and what was used last.
use engine::Playable;
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
    pub(crate) playable: Option<Playable>,
}

/// A take, and its original as the engine takes it once somebody has looked at it for the stretcher.
#[derive(Debug)]
struct Held {
    take: Arc<Take>,
    original: Option<Playable>,
}

/// Most recently used last.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    takes: Vec<Held>,
    /// At other tempos and rates than the takes' own.
    others: Vec<Playable>,
}

/// Same speed, by the measure the engine uses for bit-exact playback.
pub(crate) fn is_same_tempo(a: Bpm, b: Bpm) -> bool {
    (a.get() / b.get() - 1.0).abs() < 1e-9
}

impl Shelf {
    pub(crate) fn take(&self, id: TakeId) -> Option<&Arc<Take>> {
        self.takes.iter().map(|held| &held.take).find(|take| take.id == id)
    }

    /// All of it, or nothing.
    pub(crate) fn find(&mut self, wanted: &Wanted) -> Option<Prepared> {
        let at = self.takes.iter().position(|held| held.take.id == wanted.take)?;
        let held = self.takes.remove(at);
        let (take, original) = (held.take.clone(), held.original.clone());
        self.takes.push(held);
        let Some(rate) = wanted.rate else { return Some(Prepared { take, playable: None }) };
        let tempo = wanted.tempo.unwrap_or(take.info.tempo);
        let fits = |rendition: &Rendition| {
            rendition.take == take.id && rendition.rate == rate && is_same_tempo(rendition.tempo, tempo)
        };
        if fits(&take.original) {
            return original.map(|playable| Prepared { take, playable: Some(playable) });
        }
        let at = self.others.iter().position(|playable| fits(&playable.rendition))?;
        let playable = self.others.remove(at);
        self.others.push(playable.clone());
        Some(Prepared { take, playable: Some(playable) })
    }

    pub(crate) fn put(&mut self, prepared: &Prepared) {
        let Prepared { take, playable } = prepared;
        let at = self.takes.iter().position(|held| held.take.id == take.id).unwrap_or_else(|| {
            self.takes.push(Held { take: take.clone(), original: None });
            self.takes.len() - 1
        });
        let (Some(playable), Some(held)) = (playable, self.takes.get_mut(at)) else { return };
        if Arc::ptr_eq(&playable.rendition, &held.take.original) {
            held.original = Some(playable.clone());
        } else if !self.others.iter().any(|known| known.is_same(playable)) {
            self.others.push(playable.clone());
        }
    }

    /// The take is gone for good; what the engine holds of it plays on.
    pub(crate) fn forget(&mut self, id: TakeId) {
        self.takes.retain(|held| held.take.id != id);
        self.others.retain(|playable| playable.rendition.take != id);
    }

    /// Drops what was used longest ago until the rest fits the budget. `keep` names what must stay.
    pub(crate) fn trim(&mut self, keep: impl Fn(TakeId) -> bool) {
        // Only idle audio counts: what the engine or a deck holds is there anyway.
        let is_idle = |playable: &Playable| Arc::strong_count(&playable.rendition) == 1;
        trim_to(&mut self.others, IDLE_BYTES, is_idle, |playable| num_bytes(&playable.rendition));
        let num_bytes_of = |held: &Held| num_bytes(&held.take.original);
        trim_to(&mut self.takes, IDLE_BYTES, |held| !keep(held.take.id), num_bytes_of);
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

//! From what a deck should hold to what the engine holds: loading, rendering at the engine's rate and tempo, sending.
//!
//! Every tick looks at what is wanted and does the next step. Nothing is queued: an order that the ring refuses is
//! simply still wanted in the next tick.
use crate::core::{Core, lane};
use crate::deck::Pending;
use crate::shelf::{Prepared, Wanted, is_same_tempo};
use engine::{DeckIndex, FromEngine, NUM_DECKS, Playable, SwapAt, ToEngine};
use jobs::{CancelToken, Job, JobEnd, Priority, Progress, Provider, ProviderError};
use library::{Library, LibraryError};
use std::sync::Arc;
use std::time::Duration;
use take::{Bpm, Rendition, SampleRate, Take, TakeId};

/// A tempo counts as settled when it has not moved for this long. Half a second is longer than a tap on a nudge
/// button and shorter than anybody's patience.
const SETTLED_SECONDS: f64 = 0.5;

/// Longer than any host's block: after this the audio thread is not called any more.
const SILENT_AFTER: Duration = Duration::from_millis(500);

/// A job that brings a take into memory, in the shape that is wanted.
#[derive(Debug)]
pub(crate) struct Prep {
    wanted: Wanted,
    priority: Priority,
    job: Job<Result<Prepared, PrepError>>,
}

/// Why a take is not there in the shape that is wanted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepError {
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("a worker broke on it ({0})")]
    Panicked(String),
}

enum Obtained {
    Ready(Prepared),
    Working,
    Failed(PrepError),
}

impl Core {
    /// What the audio thread says; what it is done with is freed here.
    pub(crate) fn hear_engine(&mut self) {
        let Some(engine) = &mut self.engine else { return };
        let mut is_surprised = false;
        while let Some(news) = engine.receive() {
            match news {
                FromEngine::Retired(playable) => drop(playable),
                FromEngine::Swapped { deck, take } => is_surprised |= self.decks[deck.get()].note_swapped(take),
            }
        }
        let latest = engine.latest_snapshot();
        let is_abandoned = engine.is_abandoned();
        if is_surprised {
            self.touch_session();
        }
        if let Some(snapshot) = latest {
            self.engine_snapshot = snapshot;
            self.heard_engine_at = self.now;
            self.touch();
        }
        if is_abandoned {
            self.detach();
        }
        self.notice_silence();
    }

    /// A host that stops calling says nothing of its transport: what it said last holds no longer.
    fn notice_silence(&mut self) {
        let is_silent = self.now.saturating_sub(self.heard_engine_at) > SILENT_AFTER;
        if is_silent && self.engine_snapshot.is_playing {
            self.engine_snapshot.is_playing = false;
            self.touch();
        }
    }

    pub(crate) fn prepare_decks(&mut self) {
        for index in DeckIndex::all() {
            self.send_simple_orders(index);
            let was_rerendering = std::mem::take(&mut self.deck(index).is_rerendering);
            self.prepare_deck(index);
            if was_rerendering != self.deck(index).is_rerendering {
                self.touch();
            }
        }
    }

    fn send_simple_orders(&mut self, index: DeckIndex) {
        let pending = self.deck(index).pending;
        let (order, next) = match pending {
            Some(Pending::Unload) => (ToEngine::Unload { deck: index }, None),
            Some(Pending::Reload) => (ToEngine::Unload { deck: index }, Some(Pending::Load(SwapAt::Now))),
            Some(Pending::Disarm) => (ToEngine::Disarm { deck: index }, None),
            Some(Pending::Load(_)) | None => return,
        };
        if self.send(order).is_ok() {
            let deck = self.deck(index);
            deck.pending = next;
            if pending != Some(Pending::Disarm) {
                deck.sent.clear();
                deck.playing = None;
            }
            self.touch();
        }
    }

    fn prepare_deck(&mut self, index: DeckIndex) {
        let deck = &self.decks[index.get()];
        let is_missing = |id: TakeId| deck.row(id).is_some_and(|row| row.is_missing);
        let Some(id) = deck.current.filter(|&id| !is_missing(id)) else {
            self.preps[index.get()] = None;
            // There is nothing to load: nobody may wait for it.
            let pending = &mut self.deck(index).pending;
            pending.take_if(|pending| matches!(pending, Pending::Load(_)));
            return;
        };
        match (deck.pending, self.engine.as_ref().map(|engine| engine.rate())) {
            (Some(Pending::Load(at)), Some(rate)) => self.load(index, id, at, rate),
            (None, Some(rate)) => self.rerender(index, id, rate),
            // The ring is full of something older: its turn comes first.
            (Some(_), Some(_)) => {}
            (_, None) => self.load_for_drawing(index, id),
        }
    }

    fn load_for_drawing(&mut self, index: DeckIndex, id: TakeId) {
        match self.obtain(index.get(), Wanted { take: id, tempo: None, rate: None }, Priority::Click) {
            // An engine that comes later asks for everything again.
            Obtained::Ready(_) => self.deck(index).pending = None,
            Obtained::Working => {}
            Obtained::Failed(error) => self.lose(index, id, &error),
        }
    }

    fn load(&mut self, index: DeckIndex, id: TakeId, at: SwapAt, rate: SampleRate) {
        let tempo = self.deck(index).rendition_tempo;
        let settled = self.settled_tempo().map(|tempo| Wanted { take: id, tempo: Some(tempo), rate: Some(rate) });
        let at_hand = settled.and_then(|wanted| self.shelf.find(&wanted));
        let obtained = match at_hand {
            Some(prepared) => Obtained::Ready(prepared),
            None => self.obtain(index.get(), Wanted { take: id, tempo, rate: Some(rate) }, Priority::Click),
        };
        match obtained {
            Obtained::Working => {}
            Obtained::Failed(PrepError::Provider(_) | PrepError::Panicked(_)) if tempo.is_some() => {
                // At its own tempo it can at least be played through the stretcher.
                self.deck(index).rendition_tempo = None;
            }
            Obtained::Failed(error) => self.lose(index, id, &error),
            Obtained::Ready(Prepared { take, playable: Some(playable) }) => {
                let rendition = playable.rendition.clone();
                if self.send(ToEngine::LoadTake { deck: index, playable, at }).is_ok() {
                    self.deck(index).pending = None;
                    self.note_sent(index, &take, rendition);
                }
            }
            Obtained::Ready(_) => {}
        }
    }

    /// Once the host's tempo has settled, the take is rendered at it, so that nothing needs stretching.
    fn rerender(&mut self, index: DeckIndex, id: TakeId, rate: SampleRate) {
        if self.shelf.take(id).is_none() {
            return self.load_for_drawing(index, id);
        }
        let deck = &self.decks[index.get()];
        let is_due = |tempo: &Bpm| {
            let is_other = deck.sent_for(id).is_some_and(|sent| !is_same_tempo(sent.tempo, *tempo));
            is_other && deck.refused_tempo != Some(*tempo)
        };
        // An offline render sounds the same every time: what a job finishes meanwhile waits for its end.
        let Some(tempo) = self.settled_tempo().filter(is_due).filter(|_| !self.is_rendering()) else {
            self.preps[index.get()] = None;
            return;
        };
        let wanted = Wanted { take: id, tempo: Some(tempo), rate: Some(rate) };
        // It is heard already, stretched: whoever has clicked for a take goes first.
        match self.obtain(index.get(), wanted, Priority::Background) {
            Obtained::Working => self.deck(index).is_rerendering = true,
            Obtained::Failed(error) => {
                self.deck(index).refused_tempo = Some(tempo);
                let bpm = tempo.get();
                self.say_of(index, &format!("it could not be rendered at {bpm} BPM ({error}), so it stays stretched"));
            }
            Obtained::Ready(Prepared { take, playable: Some(playable) }) => {
                let rendition = playable.rendition.clone();
                if self.send(ToEngine::Replace { deck: index, playable }).is_ok() {
                    self.note_sent(index, &take, rendition);
                }
            }
            Obtained::Ready(_) => {}
        }
    }

    fn note_sent(&mut self, index: DeckIndex, take: &Take, rendition: Arc<Rendition>) {
        let deck = self.deck(index);
        let tempo = Some(rendition.tempo).filter(|&tempo| !is_same_tempo(tempo, take.info.tempo));
        let has_changed = deck.rendition_tempo != tempo;
        deck.rendition_tempo = tempo;
        deck.note_sent(rendition);
        self.touch();
        if has_changed {
            self.touch_session();
        }
    }

    /// The tempo the host has kept for a while.
    fn settled_tempo(&self) -> Option<Bpm> {
        let rate = f64::from(self.engine.as_ref()?.rate().get());
        let snapshot = &self.engine_snapshot;
        let is_settled = snapshot.blocks > 0 && snapshot.tempo_steady_frames as f64 >= SETTLED_SECONDS * rate;
        Bpm::new(snapshot.tempo).ok().filter(|_| is_settled)
    }

    /// A take that should be on a deck cannot be there.
    fn lose(&mut self, index: DeckIndex, id: TakeId, error: &PrepError) {
        self.preps[index.get()] = None;
        match error {
            PrepError::Library(library_error) => {
                if matches!(library_error, LibraryError::NotFound { .. }) {
                    self.absent.insert(id);
                } else {
                    self.say_of(index, &library_error.to_string());
                }
                self.say_missing(index, id);
                for deck in &mut self.decks {
                    deck.edit(id, |row| row.is_missing = true);
                }
            }
            error => self.say_of(index, &error.to_string()),
        }
        let deck = self.deck(index);
        deck.pending = None;
        // What plays goes on playing; a deck that is silent remembers what belongs there.
        if let Some(playing) = deck.playing.filter(|&playing| playing != id) {
            deck.current = Some(playing);
            deck.rendition_tempo = deck.sent_for(playing).map(|rendition| rendition.tempo);
        }
        self.touch_session();
    }

    pub(crate) fn prepare_cue(&mut self) {
        const SLOT: usize = NUM_DECKS;
        let rate = self.engine.as_ref().map(|engine| engine.rate());
        if self.cue.wanted == self.cue.sent || rate.is_none() {
            self.preps[SLOT] = None;
            return;
        }
        let wanted = self.cue.wanted;
        let playable = match wanted.map(|take| self.obtain(SLOT, Wanted { take, tempo: None, rate }, Priority::Click)) {
            None => None,
            Some(Obtained::Ready(prepared)) => prepared.playable,
            Some(Obtained::Working) => return,
            Some(Obtained::Failed(error)) => {
                self.preps[SLOT] = None;
                self.cue.wanted = None;
                self.notices.error(format!("This take cannot be cued: {error}."));
                self.touch();
                return;
            }
        };
        if self.send(ToEngine::Cue { playable }).is_ok() {
            self.cue.sent = wanted;
        }
    }

    /// From memory, or by a job; a job for something else is cancelled.
    fn obtain(&mut self, slot: usize, wanted: Wanted, priority: Priority) -> Obtained {
        if let Some(prepared) = self.shelf.find(&wanted) {
            self.preps[slot] = None;
            return Obtained::Ready(prepared);
        }
        // A job of less urgency than is wanted now begins anew, in the other line.
        if self.preps[slot].as_ref().is_none_or(|prep| prep.wanted != wanted || prep.priority > priority) {
            self.preps[slot] = None;
            self.start_prep(slot, wanted, priority);
        }
        let Some(end) = self.preps[slot].as_mut().and_then(|prep| prep.job.poll()) else { return Obtained::Working };
        self.preps[slot] = None;
        match end {
            JobEnd::Done(Ok(prepared)) => {
                self.shelf.put(&prepared);
                self.touch();
                Obtained::Ready(prepared)
            }
            JobEnd::Done(Err(PrepError::Provider(ProviderError::Cancelled))) | JobEnd::NeverRan => Obtained::Working,
            JobEnd::Done(Err(error)) => Obtained::Failed(error),
            JobEnd::Panicked(words) => Obtained::Failed(PrepError::Panicked(words)),
        }
    }

    /// A pool that is full up leaves the slot empty; the next tick tries again.
    fn start_prep(&mut self, slot: usize, wanted: Wanted, priority: Priority) {
        let owner = self.owner(lane::PREPARE + slot as u8);
        let (provider, library) = (self.env.engines.band().clone(), self.env.library.clone());
        let at_hand = self.shelf.take(wanted.take).cloned();
        let job = self.env.pool.submit_as(priority, owner, self.waker(), move |progress, cancel| {
            prepare(&*provider, &library, at_hand, wanted, progress, cancel)
        });
        self.preps[slot] = job.ok().map(|job| Prep { wanted, priority, job });
    }

    /// # Errors
    /// The ring is full: the same is tried again next tick. Without an engine there is nothing to tell.
    fn send(&mut self, order: ToEngine) -> Result<(), ()> {
        self.engine.as_mut().map_or(Ok(()), |engine| engine.send(order).map_err(drop))
    }

    pub(crate) fn trim_memory(&mut self) {
        let (decks, cue, saves) = (&self.decks, &self.cue, &self.saves);
        let is_current = |id: TakeId| decks.iter().any(|deck| deck.current == Some(id));
        self.shelf.trim(|id| is_current(id) || cue.wanted == Some(id) || saves.holds(id));
    }
}

/// On a worker.
fn prepare(
    provider: &dyn Provider,
    library: &Library,
    at_hand: Option<Arc<Take>>,
    wanted: Wanted,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Prepared, PrepError> {
    let take = match at_hand {
        Some(take) => take,
        None => Arc::new(library.load(wanted.take)?),
    };
    let Some(rate) = wanted.rate else { return Ok(Prepared { take, playable: None }) };
    let tempo = wanted.tempo.unwrap_or(take.info.tempo);
    let is_original = take.original.rate == rate && is_same_tempo(take.original.tempo, tempo);
    let rendition = if is_original {
        take.original.clone()
    } else {
        Arc::new(provider.rerender(&take, tempo, rate, progress, cancel)?)
    };
    cancel.check().map_err(ProviderError::from)?;
    let playable = analysed(&take, rendition);
    Ok(Prepared { take, playable: Some(playable) })
}

/// A rendition of `take` as the engine takes it. On a worker: the analysis takes 10 ms to a quarter of a second.
pub(crate) fn analysed(take: &Take, rendition: Arc<Rendition>) -> Playable {
    Playable { map: Arc::new(jobs::stretch_map(take, &rendition)), rendition }
}

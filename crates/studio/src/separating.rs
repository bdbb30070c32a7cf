//! The stems of a take that is there already, in place: it plays on, and they take over at the next bar.
use crate::core::Core;
use crate::deck::{Made, Request, Work, WorkError};
use crate::preparing::analysed;
use crate::shelf::{Prepared, is_same_tempo};
use engine::{DeckIndex, SwapAt};
use jobs::{CancelToken, Engines, Progress, ProviderError};
use library::Library;
use std::sync::Arc;
use take::{Rendition, Take, TakeId};

/// All that a worker needs.
pub(crate) struct Separation {
    engines: Arc<Engines>,
    library: Library,
    id: TakeId,
    at_hand: Option<Arc<Take>>,
    /// What the engine plays of it, so that the stems come in the same shape.
    playing: Option<Arc<Rendition>>,
}

impl Core {
    pub(crate) fn separate(&mut self, index: DeckIndex) {
        let deck = &self.decks[index.get()];
        let current = deck.current.and_then(|id| deck.row(id));
        let Some(row) = current.filter(|row| !row.is_missing) else {
            self.say_of(index, "there is no take on it that could be taken apart");
            return;
        };
        let work = Work::Separate { take: row.take.id };
        let is_under_way = deck.generating.as_ref().is_some_and(|generating| {
            generating.request.work == work && !generating.job.is_cancelled() && deck.waiting.is_none()
        });
        if !is_under_way {
            self.queue(index, Request { work, at: SwapAt::Bar });
        }
    }

    pub(crate) fn separation(&self, index: DeckIndex, id: TakeId) -> Separation {
        Separation {
            engines: self.env.engines.clone(),
            library: self.env.library.clone(),
            id,
            at_hand: self.shelf.take(id).cloned(),
            playing: self.decks[index.get()].sent_for(id).cloned(),
        }
    }

    /// Onto the deck if what it was made of is still there; else only into its list.
    pub(crate) fn receive_stems(&mut self, index: DeckIndex, source: TakeId, at: SwapAt, made: &Made) {
        let Some(take) = self.keep(index, made) else { return };
        if self.deck(index).current == Some(source) {
            self.arm_finished(index, take.id, at);
            let tempo = made.last().and_then(|last| last.playable.as_ref()).map(|playable| playable.rendition.tempo);
            let deck = self.deck(index);
            if deck.current == Some(take.id) {
                // It goes on at the tempo that its source had come to.
                deck.rendition_tempo = tempo.filter(|tempo| !is_same_tempo(*tempo, take.info.tempo));
            }
        } else {
            let text = format!("The stems of `{}` are in the list of deck {}.", take.info.name, index.get() + 1);
            self.notices.info(text);
        }
        self.touch_session();
    }
}

impl Separation {
    /// On a worker: the take, then the rendition that fits what plays, where that is another one.
    pub(crate) fn run(self, progress: &Progress, cancel: &CancelToken) -> Result<Made, WorkError> {
        let source = match self.at_hand {
            Some(take) => take,
            None => Arc::new(self.library.load(self.id)?),
        };
        let take = Arc::new(self.engines.separate(&source, progress, cancel).map_err(ProviderError::from)?);
        let original = take.original.clone();
        let is_other =
            |playing: &Arc<Rendition>| playing.rate != original.rate || !is_same_tempo(playing.tempo, original.tempo);
        let mut shapes = vec![original.clone()];
        if let Some(playing) = self.playing.filter(is_other) {
            let band = self.engines.band();
            shapes.push(Arc::new(band.rerender(&take, playing.tempo, playing.rate, &Progress::default(), cancel)?));
        }
        cancel.check().map_err(ProviderError::from)?;
        let prepared = |shape| Prepared { take: take.clone(), playable: Some(analysed(&take, shape)) };
        Ok(shapes.into_iter().map(prepared).collect())
    }
}

//! Notes for a take that came as audio: it plays on, and the same audio with its notes takes its place.
use crate::core::{Core, lane};
use crate::preparing::analysed;
use crate::shelf::{Prepared, is_same_tempo};
use engine::{DeckIndex, SwapAt};
use jobs::{HearNotesError, Job, JobEnd};
use library::LibraryError;
use std::sync::Arc;
use take::TakeId;

/// A take that is listened to.
#[derive(Debug)]
pub(crate) struct Hearing {
    deck: DeckIndex,
    source: TakeId,
    job: Job<Result<Prepared, HearingError>>,
}

/// Why there are no notes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HearingError {
    #[error(transparent)]
    Hear(#[from] HearNotesError),
    #[error(transparent)]
    Library(#[from] LibraryError),
}

impl Core {
    pub(crate) fn hear_notes(&mut self, index: DeckIndex) {
        let deck = &self.decks[index.get()];
        let current = deck.current.and_then(|id| deck.row(id));
        let Some(id) = current.filter(|row| !row.is_missing).map(|row| row.take.id) else {
            self.say_of(index, "there is no take on it that could be listened to");
            return;
        };
        if self.hearings.iter().any(|hearing| hearing.source == id && hearing.deck == index) {
            return;
        }
        let (engines, library) = (self.env.engines.clone(), self.env.library.clone());
        let at_hand = self.shelf.take(id).cloned();
        let job = self.env.pool.submit(self.owner(lane::HEAR), self.waker(), move |progress, cancel| {
            let source = match at_hand {
                Some(take) => take,
                None => Arc::new(library.load(id)?),
            };
            let take = engines.hear_notes(&source, progress, cancel)?;
            let playable = analysed(&take, take.original.clone());
            Ok(Prepared { take: Arc::new(take), playable: Some(playable) })
        });
        match job {
            Ok(job) => self.hearings.push(Hearing { deck: index, source: id, job }),
            Err(full) => self.say_of(index, &format!("its notes were not heard: {full}")),
        }
        self.touch();
    }

    pub(crate) fn poll_hearings(&mut self) {
        let mut ends = Vec::new();
        self.hearings.retain_mut(|hearing| match hearing.job.poll() {
            Some(end) => {
                ends.push((hearing.deck, hearing.source, end));
                false
            }
            None => true,
        });
        for (deck, source, end) in ends {
            match end {
                JobEnd::Done(Ok(made)) => self.receive_notes(deck, source, made),
                JobEnd::Done(Err(HearingError::Hear(HearNotesError::Cancelled))) | JobEnd::NeverRan => {}
                JobEnd::Done(Err(error)) => self.say_of(deck, &error.to_string()),
                JobEnd::Panicked(words) => self.say_of(deck, &format!("hearing its notes broke ({words})")),
            }
            self.touch();
        }
    }

    /// How far the take of a deck is listened to, 0.0..=1.0.
    pub(crate) fn hearing_share(&self, index: DeckIndex) -> Option<f32> {
        let current = self.decks[index.get()].current;
        let hearing = self.hearings.iter().find(|hearing| hearing.deck == index && Some(hearing.source) == current);
        hearing.map(|hearing| hearing.job.progress().share)
    }

    /// Stops listening to what a deck holds; whether there was anything to stop.
    pub(crate) fn cancel_hearings(&mut self, index: DeckIndex) -> bool {
        let num_before = self.hearings.len();
        self.hearings.retain(|hearing| hearing.deck != index);
        self.hearings.len() < num_before
    }

    /// Onto the deck if what was heard is still there; else only into its list.
    fn receive_notes(&mut self, index: DeckIndex, source: TakeId, made: Prepared) {
        self.shelf.put(&made);
        let take = made.take;
        self.save(take.clone());
        let is_starred = self.index.star(take.id).unwrap_or(false);
        let deck = self.deck(index);
        deck.remember(take.id, &take.info, is_starred);
        if deck.current == Some(source) {
            let tempo = deck.rendition_tempo;
            deck.arm(take.id, SwapAt::Bar);
            // It goes on at the tempo that its source had come to.
            deck.rendition_tempo = tempo.filter(|tempo| !is_same_tempo(*tempo, take.info.tempo));
        } else {
            let text = format!("`{}` with its notes is in the list of deck {}.", take.info.name, index.get() + 1);
            self.notices.info(text);
        }
        self.touch_session();
    }
}

//! The snapshot that clients see.
use crate::core::Core;
use crate::deck::Deck;
use crate::{DeckView, JobView, Snapshot};
use engine::DeckIndex;
use std::sync::Arc;

impl Core {
    pub(crate) fn snapshot(&self) -> Snapshot {
        let user_styles = self.styles.user_styles.iter().map(|(id, name)| (id.0.clone(), name.clone()));
        Snapshot {
            engine: self.engine_snapshot,
            is_active: self.engine.is_some(),
            rate_hz: self.engine.as_ref().map_or(0, |engine| engine.rate().get()),
            decks: DeckIndex::all().map(|index| self.deck_view(index)).collect(),
            prompt: self.session.prompt.clone(),
            user_style: self.session.user_style.clone(),
            user_styles: user_styles.collect(),
            band: self.band_view.clone(),
            chords: self.session.chords.clone(),
            notices: self.notices.list(),
            cue: self.cue.wanted,
            is_cue_loading: self.cue.wanted.is_some() && self.cue.wanted != self.cue.sent,
            library: self.browser.view.clone(),
            prompts: self.prompts.clone(),
            engines: self.engine_states.clone(),
            trials: Arc::new(self.trials.view()),
            drag: self.drag.view(&self.env.drag),
            window: self.session.window.clone(),
        }
    }

    fn deck_view(&self, index: DeckIndex) -> DeckView {
        let deck: &Deck = &self.decks[index.get()];
        let job = deck.generating.as_ref().map(|generating| {
            let report = generating.job.progress();
            let stage = if report.stage.is_empty() { "waiting for a worker".to_owned() } else { report.stage };
            JobView { progress: report.share, stage, remaining_s: report.remaining_s }
        });
        let (can_undo, can_redo) = deck.can_undo_redo();
        DeckView {
            marks: deck.marks,
            can_undo,
            can_redo,
            history: deck.view(),
            current: deck.current,
            take: deck.current.and_then(|id| self.shelf.take(id)).cloned(),
            job,
            hearing: self.hearing_share(index),
            is_job_waiting: deck.waiting.is_some(),
            is_rerendering: deck.is_rerendering,
        }
    }
}

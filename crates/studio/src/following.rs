//! The session in the host's state, and how the core keeps in step with it.
use crate::chores::Chore;
use crate::core::{Core, lane};
use crate::deck::{Deck, Pending};
use crate::{DeckManifest, Manifest};
use engine::{DeckIndex, NUM_DECKS, SwapAt};
use jobs::{Job, JobEnd, Priority};
use std::collections::BTreeSet;
use std::time::Duration;
use take::TakeId;

/// Between two looks for takes that are missing.
const LOOK_FOR_MISSING_EVERY: Duration = Duration::from_secs(3);
/// Names listed in one sentence before "and n more".
const MAX_NAMES: usize = 4;

impl Core {
    /// A project was opened, or a preset loaded: what the decks should hold is now something else.
    pub(crate) fn follow_session(&mut self) {
        if let Some(refusal) = self.cell.take_refusal() {
            self.notices.error(capitalised(&refusal.to_string()));
            self.touch();
        }
        if self.session.generation == Some(self.cell.generation()) {
            return;
        }
        let (manifest, generation) = self.cell.get_with_generation();
        self.absent.clear();
        for deck in DeckIndex::all() {
            self.follow_deck(deck, &manifest);
        }
        self.session.prompt = manifest.prompt;
        self.session.user_style = manifest.user_style;
        self.session.chords = manifest.chords;
        self.session.next_seed = manifest.next_seed;
        self.session.window = manifest.window;
        self.session.generation = Some(generation);
        self.session.is_dirty = false;
        self.browser.seen = None;
        self.adopt_stars();
        self.check_history();
        self.touch();
    }

    /// Projects of earlier versions are the only ones that know of their stars.
    fn adopt_stars(&mut self) {
        let rows = self.decks.iter().flat_map(Deck::rows).filter(|row| row.take.is_starred);
        let ids: BTreeSet<TakeId> = rows.map(|row| row.take.id).collect();
        if !ids.is_empty() {
            self.begin(Chore::AdoptStars(ids));
        }
    }

    /// A take that plays already goes on playing. So does a job when the host only took a step back; one of another
    /// session is cancelled.
    fn follow_deck(&mut self, index: DeckIndex, manifest: &Manifest) {
        let empty = DeckManifest::default();
        let mut fresh = Deck::from_manifest(manifest.decks.get(index.get()).unwrap_or(&empty));
        let mut old = std::mem::take(self.deck(index));
        let goes_on = is_beginning_of(&fresh, &old);
        fresh.sent = std::mem::take(&mut old.sent);
        fresh.playing = old.playing;
        let is_on_already =
            |id: TakeId| old.current == Some(id) && old.pending.is_none() && fresh.sent_for(id).is_some();
        fresh.pending = match fresh.current {
            Some(id) if is_on_already(id) => None,
            Some(_) if fresh.sent.is_empty() => Some(Pending::Load(SwapAt::Now)),
            Some(_) => Some(Pending::Reload),
            None if fresh.sent.is_empty() => None,
            None => Some(Pending::Unload),
        };
        let has_job = old.generating.is_some() || old.waiting.is_some();
        if goes_on {
            fresh.inherit_past(&mut old);
            (fresh.generating, fresh.waiting) = (old.generating, old.waiting);
        }
        *self.deck(index) = fresh;
        if has_job && !goes_on {
            self.say_of(index, "the host loaded another session, so the take under way was dropped");
        }
    }

    /// Looks on a worker which takes of the history the library still has.
    fn check_history(&mut self) {
        let rows = self.decks.iter().flat_map(Deck::rows);
        let ids: BTreeSet<TakeId> = rows.map(|row| row.take.id).filter(|&id| self.shelf.take(id).is_none()).collect();
        if ids.is_empty() {
            return;
        }
        let library = self.env.library.clone();
        let look = move |_: &jobs::Progress, cancel: &jobs::CancelToken| {
            ids.into_iter().filter(|&id| !cancel.is_cancelled() && !library.contains(id)).collect()
        };
        self.checking = self.env.pool.submit(self.owner(lane::FILES), self.waker(), look).ok();
    }

    /// Looks from time to time whether takes that were missing have come: another instance may have been saving them
    /// while this one was opened.
    pub(crate) fn poll_missing(&mut self) {
        if let Some(end) = self.returning.as_mut().and_then(Job::poll) {
            self.returning = None;
            if let JobEnd::Done(found) = end {
                found.into_iter().for_each(|id| self.welcome_back(id));
            }
        }
        if self.returning.is_some() || self.absent.is_empty() || self.look_for_missing_at > self.now {
            return;
        }
        self.look_for_missing_at = self.now + LOOK_FOR_MISSING_EVERY;
        let (ids, library) = (self.absent.clone(), self.env.library.clone());
        let look = move |_: &jobs::Progress, _: &jobs::CancelToken| {
            ids.into_iter().filter(|&id| library.contains(id)).collect()
        };
        let owner = self.owner(lane::FILES);
        self.returning = self.env.pool.submit_as(Priority::Background, owner, self.waker(), look).ok();
    }

    fn welcome_back(&mut self, id: TakeId) {
        self.absent.remove(&id);
        for deck in &mut self.decks {
            let is_back = deck.edit(id, |row| row.is_missing = false);
            if is_back && deck.current == Some(id) && deck.pending.is_none() && deck.playing != Some(id) {
                deck.pending = Some(Pending::Load(SwapAt::Now));
            }
        }
        self.touch();
    }

    pub(crate) fn poll_check(&mut self) {
        let Some(end) = self.checking.as_mut().and_then(Job::poll) else { return };
        self.checking = None;
        let JobEnd::Done(missing) = end else { return };
        self.absent.extend(&missing);
        let mut names = Vec::new();
        for deck in &mut self.decks {
            for &id in &missing {
                // What is on the deck gets a sentence of its own when it cannot be loaded.
                if deck.current != Some(id) && deck.edit(id, |row| row.is_missing = true) {
                    names.extend(deck.row(id).map(|row| row.take.name.clone()));
                }
            }
        }
        if !names.is_empty() {
            self.notices.error(missing_sentence(&names));
        }
        self.touch();
    }

    pub(crate) fn write_session(&mut self) {
        if !std::mem::take(&mut self.session.is_dirty) {
            return;
        }
        let decks: Vec<_> = self.decks.iter().map(Deck::to_manifest).collect();
        debug_assert_eq!(decks.len(), NUM_DECKS);
        let session = &self.session;
        // Refused when the host has put another session there meanwhile: the next tick follows that one.
        self.cell.update_if(session.generation.unwrap_or_default(), |manifest| {
            manifest.prompt.clone_from(&session.prompt);
            manifest.user_style.clone_from(&session.user_style);
            manifest.chords.clone_from(&session.chords);
            manifest.next_seed = session.next_seed;
            manifest.window.clone_from(&session.window);
            manifest.decks = decks;
        });
    }
}

/// An undo takes takes away from the end of a history; another session has another history.
fn is_beginning_of(fresh: &Deck, old: &Deck) -> bool {
    let mut pairs = fresh.rows().iter().zip(old.rows());
    fresh.rows().len() <= old.rows().len() && pairs.all(|(fresh, old)| fresh.take.id == old.take.id)
}

fn missing_sentence(names: &[String]) -> String {
    let shown = names.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MAX_NAMES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{shown}{more} {verb} missing from the library; Restore in the take list makes a take again.")
}

fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

//! The open library: what is asked for, what is found, and how both keep up with the folders.
use crate::core::{Core, lane};
use crate::{LibraryView, deck::Deck};
use engine::{DeckIndex, SwapAt};
use jobs::{Job, JobEnd};
use library::{LibraryError, LibraryQuery, LibraryTake, Listing};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use take::TakeId;

/// Between two looks at the folders' time stamps while the library is open.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What the library is doing.
#[derive(Debug, Default)]
pub(crate) struct Browser {
    pub(crate) view: LibraryView,
    looking: Option<Job<Result<(), LibraryError>>>,
    /// When to look again.
    look_at: Duration,
    /// Revision of the list that the decks and the view have seen; `None` for decks that are new.
    pub(crate) seen: Option<u64>,
    has_looked: bool,
}

impl Browser {
    pub(crate) fn is_busy(&self) -> bool {
        self.looking.is_some()
    }
}

impl Core {
    pub(crate) fn search(&mut self, query: Option<LibraryQuery>) {
        let is_opened = self.browser.view.query.is_none();
        self.browser.view.query = query;
        if self.browser.view.query.is_none() {
            self.browser.view = LibraryView::default();
        } else {
            if is_opened {
                self.browser.look_at = self.now;
                self.browser.view.is_loading = !self.browser.has_looked;
            }
            self.find();
        }
        self.touch();
    }

    /// In memory: a few milliseconds for ten thousand takes.
    fn find(&mut self) {
        let listing = self.index.listing();
        let view = &mut self.browser.view;
        let Some(query) = &view.query else { return };
        view.rows = Arc::new(listing.find(query));
        view.num_takes = listing.takes.len();
        view.engines = names(&listing, |take| take.engine_name().to_owned());
        view.styles = names(&listing, |take| take.info.spec.style.as_str().to_owned());
        view.broken = Arc::new(listing.broken.clone());
    }

    pub(crate) fn poll_browser(&mut self) {
        if let Some(end) = self.browser.looking.as_mut().and_then(Job::poll) {
            self.browser.looking = None;
            self.browser.has_looked = true;
            self.browser.view.is_loading = false;
            self.browser.view.problem = match end {
                JobEnd::Done(Ok(())) | JobEnd::NeverRan => None,
                JobEnd::Done(Err(error)) => Some(error.to_string()),
                JobEnd::Panicked(words) => Some(format!("a worker broke on it ({words})")),
            };
            self.touch();
        }
        let revision = self.index.revision();
        if self.browser.seen != Some(revision) {
            self.browser.seen = Some(revision);
            self.follow_stars();
            self.find();
            self.touch();
        }
        self.look();
    }

    fn look(&mut self) {
        let is_due = self.browser.view.query.is_some() && self.browser.look_at <= self.now;
        if !is_due || self.browser.looking.is_some() {
            return;
        }
        self.browser.look_at = self.now + LOOK_EVERY;
        let index = self.index.clone();
        let look = move |_: &jobs::Progress, cancel: &jobs::CancelToken| index.refresh(|| cancel.is_cancelled());
        self.browser.looking = self.env.pool.submit(self.owner(lane::BROWSE), self.waker(), look).ok();
    }

    /// Somebody put a star on a take or took it off: another instance, or another deck.
    fn follow_stars(&mut self) {
        let index = self.index.clone();
        let mut is_news = false;
        for deck in &mut self.decks {
            let is_stale =
                |row: &&crate::deck::Row| index.star(row.take.id).is_some_and(|on| on != row.take.is_starred);
            let stale: Vec<TakeId> = deck.rows().iter().filter(is_stale).map(|row| row.take.id).collect();
            is_news |= !stale.is_empty();
            for id in stale {
                deck.edit(id, |row| row.take.is_starred ^= true);
            }
        }
        if is_news {
            self.touch_session();
        }
    }

    /// A take of the library: into the deck's history, and onto the deck.
    pub(crate) fn load_take(&mut self, deck: DeckIndex, id: TakeId, at: SwapAt) {
        let listing = self.index.listing();
        let listed = listing.takes.iter().find(|take| take.id == id);
        let held = self.shelf.take(id).map(|take| &take.info);
        let Some(info) = listed.map(|take| &take.info).or(held).cloned() else {
            self.say_of(deck, "this take is not in the library any more");
            return;
        };
        let is_starred = self.index.star(id).unwrap_or(false);
        let deck: &mut Deck = self.deck(deck);
        deck.remember(id, &info, is_starred);
        deck.arm(id, at);
        self.touch_session();
    }
}

fn names(listing: &Listing, name_of: impl Fn(&LibraryTake) -> String) -> Arc<Vec<String>> {
    let names: BTreeSet<String> = listing.takes.iter().map(|take| name_of(take)).collect();
    Arc::new(names.into_iter().collect())
}

//! What becomes of takes that are there already: favourites, comparison, undo, deletion, their words once more.
use crate::Side;
use crate::chores::Chore;
use crate::core::Core;
use engine::{DeckIndex, SwapAt};
use std::sync::Arc;
use take::{TakeId, TakeInfo, TakeSpec};

impl Core {
    /// Seen at once; the library is told behind it.
    pub(crate) fn star(&mut self, id: TakeId, is_starred: bool) {
        for deck in &mut self.decks {
            deck.edit(id, |row| row.take.is_starred = is_starred);
        }
        self.begin(Chore::Star(id, is_starred));
        self.touch_session();
    }

    /// The files first: a take that stays in the library stays in the lists.
    pub(crate) fn delete(&mut self, id: TakeId) {
        if self.saves.holds(id) {
            self.notices.error("This take is just being saved; delete it in a moment.");
            self.touch();
            return;
        }
        let name = self.info_of(id).map_or_else(|| id.to_string(), |(name, _)| name);
        self.begin(Chore::Delete(id, name));
    }

    pub(crate) fn note_deleted(&mut self, id: TakeId) {
        for index in DeckIndex::all() {
            self.forget(index, id);
        }
        if self.cue.wanted == Some(id) {
            self.cue.wanted = None;
        }
        self.shelf.forget(id);
    }

    pub(crate) fn mark(&mut self, index: DeckIndex, side: Side, take: Option<TakeId>) {
        let deck = self.deck(index);
        if take.is_none_or(|id| deck.row(id).is_some()) {
            deck.marks[side as usize] = take;
            self.touch_session();
        }
    }

    /// The other side of the comparison.
    pub(crate) fn compare(&mut self, index: DeckIndex, at: SwapAt) {
        let deck = self.deck(index);
        let [a, b] = deck.marks;
        let Some(other) = (if a.is_some() && deck.current == a { b } else { a.or(b) }) else {
            self.say_of(index, "mark two takes of its list as A and B, then they can be compared");
            return;
        };
        self.select(index, other, at);
    }

    /// One step back, or forward again.
    pub(crate) fn go_back(&mut self, index: DeckIndex, is_forward: bool, at: SwapAt) {
        let deck = self.deck(index);
        match deck.go_back(is_forward) {
            None => return,
            Some(None) => deck.empty(),
            Some(Some(id)) => deck.arm_again(id, at),
        }
        self.touch_session();
    }

    /// The words into the prompt, the seed in line.
    pub(crate) fn reuse(&mut self, id: TakeId, with_seed: bool) {
        let Some((_, spec)) = self.info_of(id) else { return };
        self.session.prompt = spec.prompt.clone();
        if take::BUILT_IN_STYLES.iter().all(|(id, _)| *id != spec.style.as_str()) {
            self.session.user_style = Some(spec.style.clone());
        }
        if with_seed {
            self.session.next_seed = spec.seed;
        }
        self.touch_session();
    }

    /// Name and spec of a take of any history or of the library.
    fn info_of(&self, id: TakeId) -> Option<(String, Arc<TakeSpec>)> {
        let row = self.decks.iter().find_map(|deck| deck.row(id));
        let of_info = |info: &TakeInfo| (info.name.clone(), Arc::new(info.spec.clone()));
        row.map(|row| (row.take.name.clone(), Arc::new(row.take.spec.clone()))).or_else(|| {
            let listing = self.index.listing();
            listing.takes.iter().find(|take| take.id == id).map(|take| of_info(&take.info))
        })
    }
}

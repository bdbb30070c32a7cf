//! What was on a deck before: undo and redo.
use take::TakeId;

/// Changes that can be undone.
const MAX_UNDO: usize = 100;

/// What was on the deck before its changes.
#[derive(Debug, Default)]
pub(crate) struct Past {
    undo: Vec<Option<TakeId>>,
    redo: Vec<Option<TakeId>>,
}

impl Past {
    /// A change from `before` to something else.
    pub(crate) fn note(&mut self, before: Option<TakeId>) {
        self.redo.clear();
        self.undo.push(before);
        if self.undo.len() > MAX_UNDO {
            self.undo.remove(0);
        }
    }

    /// A take that is gone can not be gone back to.
    pub(crate) fn forget(&mut self, id: TakeId) {
        self.undo.retain(|known| *known != Some(id));
        self.redo.retain(|known| *known != Some(id));
    }

    /// What changed from `before` has been taken back: no change to undo.
    pub(crate) fn take_back(&mut self, before: Option<TakeId>) {
        if self.undo.last() == Some(&before) {
            self.undo.pop();
        }
    }

    /// There is something to go back to, and to go forward to.
    pub(crate) fn can_undo_redo(&self, is_there: impl Fn(&Option<TakeId>) -> bool) -> (bool, bool) {
        (self.undo.iter().any(&is_there), self.redo.iter().any(&is_there))
    }

    /// The last thing on the way back (or forward) that is there, with `now` left behind on the other way.
    pub(crate) fn go_back(
        &mut self,
        now: Option<TakeId>,
        is_forward: bool,
        is_there: impl Fn(&Option<TakeId>) -> bool,
    ) -> Option<Option<TakeId>> {
        let Self { undo, redo } = self;
        let (from, to) = if is_forward { (redo, undo) } else { (undo, redo) };
        let found = std::iter::from_fn(|| from.pop()).find(is_there);
        if found.is_some() {
            to.push(now);
        }
        found
    }
}

//! Room: RT
//! Counts presses of the momentary parameters (Generate, Next, Previous, Cancel, Separate of every deck).
//!
//! A press is the moment a button parameter turns on, whoever turns it: a click, a host lane, a script before the
//! first block, two of them inside one block. The parameter calls [`Buttons::changed`] at that moment, so nothing has
//! to be polled and no edge memory can go stale. The one exception is loading state: a project saved while a button was
//! held must not press it again when it opens, so presses made by a thread that is loading state are not counted.
//! Nothing here decides what a press does.
use crate::state::is_loading_state;
use engine::{DeckIndex, NUM_DECKS};
use std::sync::atomic::{AtomicU32, Ordering};
use studio::PressAction;

/// Momentary parameters of one deck, in the order of their counters.
pub const ACTIONS: [PressAction; 5] =
    [PressAction::Generate, PressAction::Next, PressAction::Previous, PressAction::Cancel, PressAction::Separate];

/// At most this many presses of one button are handed on per block; the rest of a storm is dropped and counted.
// 4: a person manages one or two per block of 20 ms, and the studio folds waiting Generates into one anyway.
pub const MAX_PRESSES_PER_BLOCK: u32 = 4;

/// Presses nobody has collected yet.
#[derive(Debug, Default)]
pub struct Buttons {
    counts: [[AtomicU32; ACTIONS.len()]; NUM_DECKS],
    dropped: AtomicU32,
    /// Fills of the live band asked for.
    fills: AtomicU32,
}

impl Buttons {
    /// A button parameter of deck `deck` (0..8) changed to `is_on`.
    ///
    /// # Realtime
    /// Safe: one relaxed add, saturating far beyond any storm.
    pub fn changed(&self, deck: usize, action: PressAction, is_on: bool) {
        if !is_on || is_loading_state() {
            return;
        }
        if let Some(count) = self.count(deck, action) {
            // A failed update means the counter is full: the press is one of four billion, let it go.
            let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |presses| presses.checked_add(1));
        }
    }

    /// The live band's fill button changed to `is_on`.
    ///
    /// # Realtime
    /// Safe.
    pub fn fill_changed(&self, is_on: bool) {
        if is_on && !is_loading_state() {
            self.fills.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Fills asked for since the instance was made; wraps after four billion.
    pub fn num_fills(&self) -> u32 {
        self.fills.load(Ordering::Relaxed)
    }

    /// Hands every waiting press to `press`; what exceeds [`MAX_PRESSES_PER_BLOCK`] is dropped.
    ///
    /// # Realtime
    /// Safe: 40 atomics and at most 160 calls.
    pub fn collect(&self, mut press: impl FnMut(DeckIndex, PressAction)) {
        for deck in DeckIndex::all() {
            for action in ACTIONS {
                let waiting = self.count(deck.get(), action).map_or(0, |count| match count.load(Ordering::Relaxed) {
                    0 => 0,
                    _ => count.swap(0, Ordering::Relaxed),
                });
                let taken = waiting.min(MAX_PRESSES_PER_BLOCK);
                self.drop_presses(waiting - taken);
                (0..taken).for_each(|_| press(deck, action));
            }
        }
    }

    /// Counts presses that led nowhere (a storm, or a full ring).
    ///
    /// # Realtime
    /// Safe.
    pub fn drop_presses(&self, presses: u32) {
        if presses > 0 {
            self.dropped.fetch_add(presses, Ordering::Relaxed);
        }
    }

    /// Presses dropped since the instance was made.
    pub fn dropped(&self) -> u32 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn count(&self, deck: usize, action: PressAction) -> Option<&AtomicU32> {
        let column = ACTIONS.iter().position(|known| *known == action)?;
        self.counts.get(deck)?.get(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(buttons: &Buttons) -> Vec<(usize, PressAction)> {
        let mut presses = Vec::new();
        buttons.collect(|deck, action| presses.push((deck.get(), action)));
        presses
    }

    #[test]
    fn only_turning_on_is_a_press_and_it_is_collected_once() {
        let buttons = Buttons::default();
        buttons.changed(2, PressAction::Next, true);
        buttons.changed(2, PressAction::Next, false);
        assert_eq!(collected(&buttons), [(2, PressAction::Next)]);
        assert_eq!(collected(&buttons), []);
    }

    #[test]
    fn a_storm_of_a_thousand_presses_is_cut_and_counted() {
        let buttons = Buttons::default();
        (0..1000).for_each(|_| buttons.changed(0, PressAction::Generate, true));
        assert_eq!(collected(&buttons).len(), MAX_PRESSES_PER_BLOCK as usize);
        assert_eq!(buttons.dropped(), 1000 - MAX_PRESSES_PER_BLOCK);
    }

    #[test]
    fn a_deck_that_does_not_exist_is_ignored() {
        let buttons = Buttons::default();
        buttons.changed(8, PressAction::Generate, true);
        assert_eq!(collected(&buttons), []);
    }
}

//! Favourites, comparison, undo, deletion, words used again.
use super::bed::{Bed, deck};
use crate::{Command, ManifestCell, Side};
use engine::SwapAt;
use std::sync::Arc;

const NOW: SwapAt = SwapAt::Now;

impl Bed {
    fn order(&mut self, command: Command) {
        self.core.obey(command);
        self.run();
    }

    fn undo(&mut self) {
        self.order(Command::Undo { deck: deck(0), at: NOW });
    }

    fn redo(&mut self) {
        self.order(Command::Redo { deck: deck(0), at: NOW });
    }

    fn can_undo_redo(&self) -> (bool, bool) {
        (self.view(0).can_undo, self.view(0).can_redo)
    }
}

#[test]
fn a_star_is_seen_by_every_instance_and_outlives_the_project() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    let mut other = bed.sibling(Arc::default());
    other.order(Command::Search { query: Some(crate::LibraryQuery::default()) });
    other.order(Command::LoadTake { deck: deck(3), take, at: NOW });
    other.order(Command::Star { take, is_starred: true });
    bed.run();
    assert!(bed.view(0).history[0].is_starred && other.view(3).history[0].is_starred);
    assert!(bed.core.env.library.is_starred(take));
    drop(other);
    let mut fresh = bed.sibling(Arc::default());
    fresh.order(Command::LoadTake { deck: deck(0), take, at: NOW });
    assert!(fresh.view(0).history[0].is_starred);
}

#[test]
fn an_older_project_brings_its_stars_and_no_star_that_was_taken_off_since() {
    let mut bed = Bed::active();
    let takes = [1, 2].map(|seed| bed.made(0, seed));
    let mut old = bed.cell.get();
    old.decks[0].history.iter_mut().for_each(|take| take.is_starred = true);
    bed.order(Command::Star { take: takes[1], is_starred: true });
    bed.order(Command::Star { take: takes[1], is_starred: false });
    let cell = Arc::new(ManifestCell::default());
    cell.restore(old);
    let mut again = bed.sibling(cell);
    again.run();
    assert!(takes.map(|take| again.core.env.library.is_starred(take)) == [true, false]);
    assert_eq!(again.view(0).history.iter().map(|row| row.is_starred).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn undo_goes_back_through_what_was_on_the_deck_and_redo_forward() {
    let mut bed = Bed::active();
    assert_eq!(bed.can_undo_redo(), (false, false));
    let [first, second, third] = [1, 2, 3].map(|seed| bed.made(0, seed));
    bed.undo();
    bed.undo();
    assert_eq!((bed.playing(0), bed.can_undo_redo()), (Some(first), (true, true)));
    bed.redo();
    assert_eq!(bed.playing(0), Some(second));
    bed.order(Command::Select { deck: deck(0), take: first, at: NOW });
    assert_eq!(bed.can_undo_redo(), (true, false), "a new way leaves the old one behind");
    bed.order(Command::Unload { deck: deck(0) });
    bed.undo();
    assert_eq!(bed.view(0).current, Some(first));
    bed.undo();
    bed.order(Command::Forget { deck: deck(0), take: third });
    assert_eq!(bed.view(0).current, Some(second));
    (0..5).for_each(|_| bed.undo());
    assert_eq!((bed.view(0).current, bed.can_undo_redo().0), (None, false), "the deck was empty at first");
}

#[test]
fn what_was_taken_back_before_it_played_is_no_change_to_undo() {
    let mut bed = Bed::active();
    let first = bed.made(0, 1);
    bed.made(0, 2);
    bed.undo();
    bed.core.obey(Command::Next { deck: deck(0), at: SwapAt::Loop });
    bed.tick();
    bed.core.obey(Command::Cancel { deck: deck(0) });
    bed.run();
    assert_eq!(bed.view(0).current, Some(first));
    bed.undo();
    assert_eq!(bed.view(0).current, None, "only the empty deck of the beginning is left");
}

#[test]
fn comparing_flips_between_the_marked_takes_which_the_project_remembers() {
    let mut bed = Bed::active();
    let [a, b, other] = [1, 2, 3].map(|seed| bed.made(0, seed));
    bed.order(Command::Compare { deck: deck(0), at: NOW });
    assert!(bed.only_notice().contains("mark two takes"), "{}", bed.only_notice());
    bed.order(Command::Mark { deck: deck(0), side: Side::A, take: Some(a) });
    bed.order(Command::Mark { deck: deck(0), side: Side::B, take: Some(b) });
    assert_eq!(bed.playing(0), Some(other));
    let heard = [0; 3].map(|_| {
        bed.order(Command::Compare { deck: deck(0), at: NOW });
        bed.playing(0).unwrap()
    });
    assert_eq!(heard, [a, b, a]);
    assert_eq!((bed.cell.get().decks[0].marks, bed.view(0).marks), ([Some(a), Some(b)], [Some(a), Some(b)]));
    bed.order(Command::Forget { deck: deck(0), take: b });
    assert_eq!(bed.view(0).marks, [Some(a), None]);
}

#[test]
fn deleting_removes_the_files_but_never_those_of_a_favourite() {
    let mut bed = Bed::active();
    let [kept, gone] = [1, 2].map(|seed| bed.made(0, seed));
    bed.order(Command::Star { take: kept, is_starred: true });
    bed.order(Command::Delete { take: kept });
    assert!(bed.only_notice().contains("has a star, so it was not deleted"), "{}", bed.only_notice());
    assert!(bed.core.env.library.contains(kept) && bed.view(0).history.len() == 2);
    bed.order(Command::Delete { take: gone });
    assert!(!bed.take_dir(gone).exists());
    assert_eq!((bed.view(0).history.len(), bed.view(0).current), (1, None));
}

#[test]
fn the_words_of_a_take_make_the_same_take_again() {
    let mut bed = Bed::active();
    bed.order(Command::SetPrompt { text: "glass bells".to_owned() });
    bed.press(0, crate::PressAction::Generate);
    bed.run();
    let take = bed.view(0).current.unwrap();
    bed.order(Command::SetPrompt { text: "something else".to_owned() });
    bed.order(Command::Reuse { take, with_seed: true });
    assert_eq!(bed.snapshot().prompt, "glass bells");
    bed.press(1, crate::PressAction::Generate);
    bed.run();
    assert_eq!(bed.view(1).current, Some(take));
    assert_eq!(bed.view(1).history[0].spec.prompt, "glass bells");
    assert_eq!(*bed.snapshot().prompts, ["glass bells"], "the prompts that made takes are remembered");
    bed.order(Command::ClearPrompts);
    assert!(bed.snapshot().prompts.is_empty());
}

#[test]
fn a_star_given_at_the_last_moment_is_kept() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.core.obey(Command::Star { take, is_starred: true });
    bed.core.close();
    assert!(bed.core.env.library.is_starred(take));
}

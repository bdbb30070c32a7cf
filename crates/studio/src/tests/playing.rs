//! What the engine is given.
use super::bed::{Bed, RATE_HZ, deck};
use crate::{Command, PressAction};
use engine::SwapAt;
use jobs::FakeMode;

#[test]
fn next_and_previous_walk_through_the_history_and_stop_at_its_ends() {
    let mut bed = Bed::active();
    let takes = [1, 2, 3].map(|seed| bed.made(0, seed));
    for (action, expected) in [
        (PressAction::Next, takes[2]),
        (PressAction::Previous, takes[1]),
        (PressAction::Previous, takes[0]),
        (PressAction::Previous, takes[0]),
        (PressAction::Next, takes[1]),
    ] {
        bed.press(0, action);
        bed.run();
        assert_eq!((bed.view(0).current, bed.playing(0)), (Some(expected), Some(expected)));
    }
}

#[test]
fn cancel_without_a_job_takes_the_armed_take_back() {
    let mut bed = Bed::active();
    let first = bed.made(0, 1);
    let second = bed.made(0, 2);
    bed.core.obey(Command::Select { deck: deck(0), take: first, at: SwapAt::Loop });
    bed.tick();
    bed.play_block();
    bed.tick();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(first), Some(second)), "armed, not swapped");
    bed.core.obey(Command::Cancel { deck: deck(0) });
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(second), Some(second)));
    assert_eq!(bed.snapshot().engine.decks[0].pending, None);
}

#[test]
fn an_order_that_the_full_ring_refuses_is_sent_later() {
    let mut bed = Bed::active();
    let takes = [1, 2].map(|seed| bed.made(0, seed));
    // The host stops calling: the ring fills up and every wish beyond it waits.
    for round in 0..200 {
        bed.core.obey(Command::Select { deck: deck(0), take: takes[round % 2], at: SwapAt::Now });
        bed.tick();
    }
    assert!(bed.core.decks[0].pending.is_some(), "the ring was never full");
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(takes[1]), Some(takes[1])));
    assert_eq!(bed.core.decks[0].pending, None);
}

#[test]
fn unload_empties_the_deck_and_keeps_its_history() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.core.obey(Command::Unload { deck: deck(0) });
    bed.run();
    bed.loudest();
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0), bed.view(0).history.len()), (None, None, 1));
    assert_eq!(bed.loudest(), 0.0);
    bed.core.obey(Command::Select { deck: deck(0), take, at: SwapAt::Now });
    bed.run();
    assert!(bed.loudest() > 0.1);
}

#[test]
fn forgetting_and_starring_change_the_list_only() {
    let mut bed = Bed::active();
    let takes = [1, 2].map(|seed| bed.made(0, seed));
    bed.core.obey(Command::Star { take: takes[1], is_starred: true });
    bed.core.obey(Command::Forget { deck: deck(0), take: takes[0] });
    bed.run();
    let history = bed.cell.get().decks[0].history.clone();
    assert_eq!((history.len(), history[0].id, history[0].is_starred), (1, takes[1], true));
    assert!(bed.core.env.library.contains(takes[0]), "the library keeps it");
    assert_eq!(bed.playing(0), Some(takes[1]));
}

#[test]
fn every_retired_rendition_is_freed_here() {
    let mut bed = Bed::active();
    let first = bed.made(0, 1);
    let held = std::sync::Arc::downgrade(&bed.view(0).take.expect("loaded").original);
    bed.made(0, 2);
    bed.core.obey(Command::Forget { deck: deck(0), take: first });
    bed.loudest();
    bed.run();
    // What is left is the idle copy in memory: inside the take, and beside it with what the stretcher knows of it.
    assert_eq!(held.strong_count(), 2);
}

#[test]
fn a_rate_change_reloads_every_deck_at_the_new_rate_without_generating() {
    let mut bed = Bed::active();
    let takes = [0, 1].map(|index| bed.made(index, 5 + index as u64));
    bed.core.detach();
    bed.engine = None;
    bed.run();
    assert!(!bed.snapshot().is_active);
    bed.activate(2 * RATE_HZ);
    bed.run();
    assert_eq!([bed.playing(0), bed.playing(1)], takes.map(Some));
    assert_eq!(bed.core.decks[0].sent_for(takes[0]).expect("sent").rate.get(), 2 * RATE_HZ);
    assert_eq!((bed.provider.num_generated(), bed.provider.num_rerendered()), (2, 2));
    assert!(bed.loudest() > 0.1);
}

#[test]
fn a_take_is_looked_at_for_the_stretcher_on_a_worker_and_only_once() {
    let mut bed = Bed::new();
    let takes: Vec<_> = (0..8).map(|index| bed.made(index, index as u64)).collect();
    let manifest = bed.cell.get();
    let cell = std::sync::Arc::new(crate::ManifestCell::default());
    cell.restore(manifest);
    let mut again = bed.sibling(cell);
    again.run();
    assert!(again.view(7).take.is_some(), "all eight are in memory, for drawing");
    again.activate(RATE_HZ);
    again.tick();
    assert!(again.core.decks.iter().all(|deck| deck.pending.is_some()), "something was analysed by the studio itself");
    again.run();
    let on_decks = (0..8).map(|index| again.playing(index)).collect::<Vec<_>>();
    assert_eq!(on_decks, takes.into_iter().map(Some).collect::<Vec<_>>());
    // A second engine finds everything at hand: one tick is enough, and no worker is asked.
    again.activate(RATE_HZ);
    again.tick();
    assert!(again.core.is_settled() && !again.pool.run_next());
}

#[test]
fn an_engine_that_is_dropped_without_a_word_is_let_go() {
    let mut bed = Bed::active();
    bed.made(0, 1);
    bed.engine = None;
    bed.run();
    assert!(!bed.snapshot().is_active && bed.core.engine.is_none());
}

#[test]
fn a_settled_tempo_is_rendered_once_and_remembered() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.tempo = 140.0;
    for _ in 0..9 {
        bed.play_block();
        bed.tick();
        while bed.pool.run_next() {}
    }
    assert_eq!(bed.provider.num_rerendered(), 0, "0.5 s have not passed");
    bed.loudest();
    bed.run();
    assert_eq!(bed.provider.num_rerendered(), 1);
    assert_eq!(bed.core.decks[0].sent_for(take).expect("sent").tempo.get(), 140.0);
    assert_eq!(bed.cell.get().decks[0].rendition_tempo.map(|tempo| tempo.get()), Some(140.0));
    for tempo in [120.0, 140.0, 120.0] {
        bed.tempo = tempo;
        bed.loudest();
        bed.run();
        assert_eq!(bed.core.decks[0].sent_for(take).expect("sent").tempo.get(), tempo);
    }
    assert_eq!(bed.provider.num_rerendered(), 1, "going back is instant");
    assert_eq!(bed.playing(0), Some(take));
}

#[test]
fn the_view_says_when_a_take_is_stretched_and_when_it_is_rendered_again() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    let shown = |bed: &Bed| {
        let deck = bed.snapshot().engine.decks[0];
        assert_eq!(deck.playing, Some(take));
        (deck.is_stretching, bed.view(0).is_rerendering)
    };
    assert_eq!(shown(&bed), (false, false));
    bed.tempo = 140.0;
    for _ in 0..3 {
        bed.play_block();
        bed.tick();
    }
    assert_eq!(shown(&bed), (true, false), "the tempo has not settled");
    bed.loudest();
    bed.tick();
    bed.tick();
    assert_eq!(shown(&bed), (true, true));
    bed.run();
    assert_eq!(shown(&bed), (false, false));
}

#[test]
fn a_tempo_that_cannot_be_rendered_is_said_once_and_stays_stretched() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.provider.set_mode(FakeMode::Fail);
    bed.tempo = 140.0;
    for _ in 0..3 {
        bed.loudest();
        bed.run();
    }
    assert!(bed.only_notice().contains("could not be rendered at 140 BPM"));
    assert_eq!((bed.provider.num_rerendered(), bed.playing(0)), (1, Some(take)));
}

#[test]
fn an_offline_render_keeps_the_rendition_it_began_with() {
    let mut bed = Bed::active();
    bed.made(0, 1);
    bed.core.is_offline = true;
    bed.tempo = 140.0;
    for _ in 0..3 {
        bed.loudest();
        bed.run();
    }
    assert_eq!(bed.provider.num_rerendered(), 0);
    bed.core.is_offline = false;
    bed.run();
    assert_eq!(bed.provider.num_rerendered(), 1);
}

#[test]
fn a_take_is_cued_and_the_cue_stops() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.core.obey(Command::Cue { take: Some(take) });
    bed.run();
    assert_eq!((bed.snapshot().cue, bed.core.cue.sent), (Some(take), Some(take)));
    bed.core.obey(Command::Cue { take: None });
    bed.run();
    assert_eq!((bed.snapshot().cue, bed.core.cue.sent), (None, None));
}

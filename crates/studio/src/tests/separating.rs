//! Takes taken apart in place, and who is served first. By the built-in separator, which takes 8 kHz and more.
use super::bed::{Bed, deck, rate};
use crate::{Command, ManifestCell, PressAction, TrialState};
use engine::SwapAt;
use jobs::{Facility, FakeMode, is_separated};
use std::sync::Arc;
use std::time::Duration;
use take::{StemKind, Take, TakeId};

const HZ: u32 = 8000;
/// Frames of a bar of 4/4 at 120 BPM.
const BAR_FRAMES: usize = 16_000;

/// An active instance at 8 kHz with its transport rolling.
fn bed() -> Bed {
    let mut bed = Bed::new();
    bed.core.env.original_rate = rate(HZ);
    bed.activate(HZ);
    bed.run();
    bed
}

/// Left channel of a take's mix.
fn mix_of(take: &Take) -> Vec<f64> {
    let mut mix = vec![0.0; take.original.num_frames()];
    for clip in take.original.stems.iter().flatten() {
        mix.iter_mut().zip(&clip.left).for_each(|(sum, sample)| *sum += f64::from(*sample));
    }
    mix
}

fn stems_of(bed: &Bed, index: usize) -> Vec<StemKind> {
    let take = bed.view(index).take.expect("the take is in memory");
    StemKind::ALL.into_iter().filter(|stem| take.original.stems[*stem as usize].is_some()).collect()
}

/// A take on deck 1, and its stems armed behind it.
fn armed() -> (Bed, TakeId, TakeId) {
    let mut bed = bed();
    let source = bed.made(0, 1);
    bed.loudest();
    bed.press(0, PressAction::Separate);
    // So few blocks that the bar does not end meanwhile.
    bed.run();
    let stems = bed.view(0).current.expect("a take is on the deck");
    assert_ne!(stems, source);
    (bed, source, stems)
}

#[test]
fn stems_take_over_at_the_next_bar_and_nobody_hears_it() {
    let (mut bed, source, stems) = armed();
    assert_eq!(bed.playing(0), Some(source), "it plays on until the bar is over");
    let mix = mix_of(&bed.core.env.library.load(source).unwrap());
    let (mut worst, mut last_of_source) = (0.0_f64, 0);
    for _ in 0..3 * BAR_FRAMES / 50 {
        let start = bed.pos_frames as usize;
        let heard = bed.play_block();
        for (frame, sample) in heard.iter().enumerate() {
            worst = worst.max((f64::from(*sample) - mix[(start + frame) % BAR_FRAMES]).abs());
        }
        bed.tick();
        if bed.playing(0) == Some(source) {
            last_of_source = start + heard.len();
        }
    }
    assert_eq!(bed.playing(0), Some(stems));
    // The crossfade begins at the bar and takes 160 frames.
    assert!(last_of_source % BAR_FRAMES < 250, "swapped after {last_of_source}");
    // -126 dBFS: three stems of 24 bits are added as 32-bit floats.
    assert!(worst < 5e-7, "off by {worst:e} of the mix");
}

#[test]
fn a_take_apart_is_one_more_of_the_deck_and_can_be_undone() {
    let (mut bed, source, stems) = armed();
    let view = bed.view(0);
    assert_eq!(view.history.iter().map(|row| row.id).collect::<Vec<_>>(), [source, stems]);
    assert_eq!(view.history[0].name, view.history[1].name);
    assert!(is_separated(&view.history[1].engine) && !is_separated(&view.history[0].engine));
    assert!(bed.core.env.library.contains(stems), "not saved");
    assert_eq!(bed.notices(), []);
    bed.core.obey(Command::Undo { deck: deck(0), at: SwapAt::Now });
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(source), Some(source)));
    bed.core.obey(Command::Redo { deck: deck(0), at: SwapAt::Now });
    bed.run();
    assert_eq!(bed.playing(0), Some(stems));
}

#[test]
fn a_project_reopens_with_the_stems() {
    let (mut bed, _, stems) = armed();
    bed.loudest();
    bed.loudest();
    bed.run();
    let before = stems_of(&bed, 0);
    let cell = Arc::new(ManifestCell::default());
    cell.restore(bed.cell.get());
    let mut again = bed.sibling(cell);
    again.activate(HZ);
    again.run();
    assert_eq!((again.playing(0), stems_of(&again, 0)), (Some(stems), before));
    assert_eq!(again.provider.num_generated(), 0);
    // One that was lost is made again and taken apart again: the same bits.
    std::fs::remove_dir_all(bed.take_dir(stems)).unwrap();
    let cell = Arc::new(ManifestCell::default());
    cell.restore(bed.cell.get());
    let mut lost = bed.sibling(cell);
    lost.core.env.original_rate = rate(HZ);
    lost.activate(HZ);
    lost.run();
    assert!(lost.view(0).history[1].is_missing);
    lost.core.obey(Command::Restore { deck: deck(0), take: stems });
    lost.run();
    // Two seconds are a bar.
    for _ in 0..3 {
        lost.loudest();
    }
    lost.run();
    assert_eq!((lost.playing(0), lost.view(0).history[1].is_missing), (Some(stems), false));
}

#[test]
fn a_take_that_plays_at_another_tempo_goes_on_at_it() {
    let mut bed = bed();
    bed.made(0, 1);
    bed.tempo = 130.0;
    bed.loudest();
    bed.run();
    bed.core.obey(Command::Separate { deck: deck(0) });
    bed.run();
    let stems = bed.view(0).current.unwrap();
    let sent = bed.core.decks[0].sent_for(stems).expect("sent").clone();
    assert_eq!((sent.tempo.get(), sent.rate), (130.0, rate(HZ)));
    assert_eq!(bed.notices(), []);
}

#[test]
fn a_cancelled_separation_leaves_everything_as_it_was() {
    let mut bed = bed();
    let source = bed.made(0, 1);
    bed.press(0, PressAction::Separate);
    bed.tick();
    assert!(bed.view(0).job.is_some());
    bed.core.obey(Command::Cancel { deck: deck(0) });
    bed.run();
    let view = bed.view(0);
    assert_eq!((view.current, view.history.len(), view.job), (Some(source), 1, None));
    assert_eq!(bed.notices(), []);
}

#[test]
fn pressing_twice_is_pressing_once_and_what_is_apart_stays_so() {
    let mut bed = bed();
    bed.made(0, 1);
    for _ in 0..5 {
        bed.press(0, PressAction::Separate);
        bed.tick();
    }
    assert!(bed.view(0).job.is_some() && !bed.view(0).is_job_waiting);
    bed.run();
    bed.press(0, PressAction::Separate);
    bed.run();
    assert_eq!(bed.view(0).history.len(), 2);
    assert_eq!(bed.only_notice(), "Deck 1: its stems are from the built-in separator already.");
}

#[test]
fn an_empty_deck_says_that_there_is_nothing_to_take_apart() {
    let mut bed = bed();
    bed.press(2, PressAction::Separate);
    bed.run();
    assert_eq!(bed.only_notice(), "Deck 3: there is no take on it that could be taken apart.");
}

#[test]
fn stems_of_a_take_that_has_left_the_deck_go_into_its_list_only() {
    let mut bed = bed();
    bed.made(0, 1);
    let second = bed.made(0, 2);
    bed.core.obey(Command::Separate { deck: deck(0) });
    bed.tick();
    let first = bed.view(0).history[0].id;
    bed.core.obey(Command::Select { deck: deck(0), take: first, at: SwapAt::Now });
    bed.run();
    assert_eq!((bed.view(0).current, bed.view(0).history.len()), (Some(first), 3));
    assert!(bed.only_notice().starts_with("The stems of `Fake 120 #2` are in the list of deck 1"));
    assert_ne!(second, first);
}

#[test]
fn a_click_goes_before_the_renders_of_all_decks() {
    let mut bed = Bed::active();
    for index in 0..8 {
        bed.made(index, index as u64);
    }
    let before = (bed.provider.num_generated(), bed.provider.num_rerendered());
    bed.tempo = 130.0;
    bed.loudest();
    // The tempo has settled: eight renders wait for a worker.
    bed.tick();
    assert!((0..8).all(|index| bed.view(index).is_rerendering));
    bed.generate(7, 99);
    assert!(bed.pool.run_next());
    assert_eq!((bed.provider.num_generated(), bed.provider.num_rerendered()), (before.0 + 1, before.1));
    bed.run();
    assert_eq!(bed.provider.num_rerendered(), before.1 + 8);
}

#[test]
fn two_instances_and_their_decks_are_served_in_turn() {
    let mut first = bed();
    let mut second = first.sibling(Arc::default());
    second.core.env.original_rate = rate(HZ);
    second.activate(HZ);
    second.run();
    (0..4).for_each(|index| first.generate(index, 1));
    (0..4).for_each(|index| second.generate(index, 1));
    for served in 1..=4 {
        assert!(first.pool.run_next() && first.pool.run_next());
        assert_eq!((first.provider.num_generated(), second.provider.num_generated()), (served, served));
    }
}

#[test]
fn a_trial_ends_in_a_sentence() {
    let mut bed = Bed::active();
    bed.core.obey(Command::Test { facility: Facility::Separator });
    bed.core.obey(Command::Test { facility: Facility::Separator });
    bed.tick();
    assert_eq!(bed.snapshot().trials.len(), 1);
    assert!(matches!(bed.snapshot().trials[0].state, TrialState::Running { .. }));
    bed.run();
    let sentence = "The built-in separator needs no model.".to_owned();
    assert_eq!(bed.snapshot().trials[0].state, TrialState::Works { sentence });
    bed.provider.set_mode(FakeMode::Panic);
    bed.core.obey(Command::Test { facility: Facility::Engine(Default::default()) });
    bed.now += Duration::from_millis(1);
    bed.run();
    assert_eq!(bed.snapshot().trials.len(), 2);
}

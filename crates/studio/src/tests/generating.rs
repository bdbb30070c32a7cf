//! Presses and jobs.
use super::bed::{Bed, deck, knobs, spec};
use crate::{Command, Knobs, Press, PressAction, TakeRequest};
use engine::SwapAt;
use jobs::FakeMode;
use std::time::Duration;
use take::{Bpm, Meter, StyleId, TakeSpec};

#[test]
fn a_press_becomes_sound() {
    let mut bed = Bed::active();
    assert_eq!(bed.loudest(), 0.0, "an empty deck is silent");
    bed.press(2, PressAction::Generate);
    bed.run();
    let view = bed.view(2);
    assert_eq!((view.history.len(), view.current), (1, Some(view.history[0].id)));
    assert_eq!(bed.playing(2), view.current);
    assert!(bed.loudest() > 0.1, "the take is not heard");
    assert!(bed.core.env.library.contains(view.history[0].id), "the take was not saved");
    assert_eq!(bed.notices(), []);
}

#[test]
fn the_session_remembers_what_was_made_and_counts_seeds() {
    let mut bed = Bed::active();
    bed.core.obey(Command::SetPrompt { text: "warm pads".to_owned() });
    bed.press(0, PressAction::Generate);
    bed.run();
    bed.press(0, PressAction::Generate);
    bed.run();
    let manifest = bed.cell.get();
    let seeds: Vec<_> = manifest.decks[0].history.iter().map(|take| take.spec.seed).collect();
    assert_eq!((seeds, manifest.next_seed), (vec![1, 2], 3));
    assert_eq!(manifest.prompt, "warm pads");
    assert!(manifest.decks[0].history.iter().all(|take| take.spec.prompt == "warm pads"));
    assert_eq!(manifest.decks[0].current, Some(manifest.decks[0].history[1].id));
}

#[test]
fn a_thousand_presses_leave_one_running_and_one_waiting() {
    let mut bed = Bed::active();
    for seed in 0..1000 {
        bed.generate(0, seed);
        bed.tick();
    }
    let view = bed.view(0);
    assert!(view.job.is_some() && view.is_job_waiting);
    bed.run();
    assert_eq!(bed.provider.num_generated(), 2);
    let seeds: Vec<_> = bed.view(0).history.iter().map(|row| row.seed).collect();
    assert_eq!(seeds, [0, 999], "the first and the last press count");
}

#[test]
fn decks_do_not_wait_for_each_other() {
    let mut bed = Bed::active();
    (0..8).for_each(|index| bed.generate(index, 7 + index as u64));
    bed.run();
    assert!((0..8).all(|index| bed.playing(index).is_some()));
}

#[test]
fn cancel_stops_the_job_and_forgets_the_waiting_press() {
    let mut bed = Bed::active();
    bed.generate(0, 1);
    bed.generate(0, 2);
    bed.tick();
    bed.core.obey(Command::Cancel { deck: deck(0) });
    bed.run();
    let view = bed.view(0);
    assert!(view.job.is_none() && !view.is_job_waiting && view.history.is_empty());
    assert_eq!((bed.provider.num_generated(), bed.notices().len()), (0, 0));
    assert!(bed.made(0, 3) == bed.view(0).history[0].id, "the deck works on");
}

#[test]
fn a_take_that_was_finished_a_moment_too_late_stays_away() {
    let mut bed = Bed::active();
    bed.generate(0, 1);
    bed.tick();
    while bed.pool.run_next() {}
    bed.press(0, PressAction::Cancel);
    bed.run();
    assert!(bed.view(0).history.is_empty());
}

#[test]
fn a_broken_engine_says_so_and_the_next_press_works() {
    let mut bed = Bed::active();
    let first = bed.made(0, 1);
    bed.provider.set_mode(FakeMode::Panic);
    bed.generate(0, 2);
    bed.run();
    let sentence = bed.only_notice();
    assert!(sentence.starts_with("Deck 1: Band broke") && sentence.contains("told to panic"), "{sentence}");
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(first), Some(first)), "what plays goes on playing");
    bed.provider.set_mode(FakeMode::Obey);
    assert_ne!(bed.made(0, 2), first);
}

#[test]
fn an_error_is_one_sentence_with_the_deck() {
    let mut bed = Bed::active();
    bed.provider.set_mode(FakeMode::Fail);
    bed.generate(4, 1);
    bed.run();
    assert_eq!(bed.only_notice(), "Deck 5: the fake was told to fail.");
    bed.core.obey(Command::Dismiss { notice: bed.notices()[0].number });
    bed.tick();
    assert_eq!(bed.notices(), []);
}

#[test]
fn a_prompt_that_nobody_would_read_is_refused_or_cut() {
    let mut bed = Bed::active();
    let prompt = "x".repeat(TakeSpec::MAX_PROMPT_CHARS + 1);
    let spec = TakeSpec { prompt: prompt.clone(), ..spec(1) };
    bed.core.obey(Command::Generate(TakeRequest { deck: deck(0), engine: Default::default(), spec, at: SwapAt::Now }));
    bed.run();
    assert!(bed.only_notice().contains("2001 characters"));
    bed.core.obey(Command::SetPrompt { text: prompt });
    bed.run();
    assert_eq!(bed.cell.get().prompt.chars().count(), TakeSpec::MAX_PROMPT_CHARS);
}

#[test]
fn a_host_without_tempo_or_meter_gets_the_styles_own() {
    let mut bed = Bed::active();
    let nonsense = [None, Some(0.0), Some(f64::NAN), Some(-3.0), Some(1e9)];
    for (index, tempo) in nonsense.into_iter().enumerate() {
        let knobs = Knobs { tempo, meter: [None, Some((0, 0)), Some((4, 3))][index % 3], ..knobs() };
        bed.core.obey(Command::Press(Press { deck: deck(index), action: PressAction::Generate, knobs }));
    }
    bed.run();
    for index in 0..nonsense.len() {
        let take = bed.view(index).take.expect("a take was made");
        assert_eq!((take.info.tempo, take.info.meter), (Bpm::DEFAULT, Meter::FOUR_FOUR));
    }
}

#[test]
fn the_user_style_of_the_session_is_used_and_asked_for() {
    let mut bed = Bed::active();
    let knobs = Knobs { style: take::BUILT_IN_STYLES.len(), ..knobs() };
    let press = Press { deck: deck(0), action: PressAction::Generate, knobs };
    bed.core.obey(Command::Press(press));
    bed.run();
    assert!(bed.only_notice().contains("no style of yours is chosen"));
    bed.core.obey(Command::SetUserStyle { style: Some(StyleId::from("mine")) });
    bed.core.obey(Command::Press(press));
    bed.run();
    assert_eq!(bed.cell.get().decks[0].history[0].spec.style, StyleId::from("mine"));
}

#[test]
fn progress_is_seen_while_the_job_runs() {
    let mut bed = Bed::active();
    bed.generate(0, 1);
    bed.tick();
    let job = bed.view(0).job.expect("a job is under way");
    assert_eq!((job.progress, job.stage.as_str()), (0.0, "waiting for a worker"));
}

#[test]
fn a_take_that_is_finished_during_an_offline_render_is_armed_behind_it() {
    let mut bed = Bed::active();
    let first = bed.made(0, 1);
    bed.core.is_offline = true;
    bed.generate(0, 2);
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(first), Some(first)), "the render changed on its way");
    let second = bed.view(0).history[1].id;
    assert!(bed.core.env.library.contains(second));
    bed.core.is_offline = false;
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(second), Some(second)));
}

#[test]
fn a_host_that_is_always_offline_and_never_rolls_still_gets_its_take() {
    let mut bed = Bed::new();
    bed.activate(super::bed::RATE_HZ);
    bed.core.is_offline = true;
    bed.generate(0, 1);
    bed.tick();
    while bed.pool.run_next() {}
    bed.tick();
    assert!(bed.view(0).current.is_some() && bed.core.is_settled());
}

#[test]
fn an_offline_render_that_calls_no_more_is_over() {
    let mut bed = Bed::active();
    bed.made(0, 1);
    bed.core.is_offline = true;
    bed.generate(0, 2);
    bed.run();
    let second = bed.view(0).history[1].id;
    assert_ne!(bed.view(0).current, Some(second), "the render changed on its way");
    bed.now += Duration::from_millis(600);
    bed.tick();
    assert_eq!(bed.view(0).current, Some(second));
}

#[test]
fn a_take_that_swaps_while_it_is_taken_back_is_what_the_deck_has() {
    let mut bed = Bed::active();
    let [first, second] = [1, 2].map(|seed| bed.made(0, seed));
    bed.core.obey(Command::Select { deck: deck(0), take: first, at: SwapAt::Now });
    bed.tick();
    // The engine swaps before it hears that it should not.
    bed.play_block();
    bed.core.obey(Command::Cancel { deck: deck(0) });
    assert_eq!(bed.core.decks[0].current, Some(second));
    bed.run();
    assert_eq!((bed.view(0).current, bed.playing(0)), (Some(first), Some(first)));
    assert_eq!(bed.cell.get().decks[0].current, Some(first));
}

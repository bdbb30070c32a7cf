//! Saved projects, and what is missing from them.
use super::bed::{Bed, RATE_HZ, deck};
use crate::{Command, Manifest, ManifestCell, ManifestError, PressAction};
use engine::SwapAt;
use std::fs;
use std::sync::Arc;

/// A project with two takes on deck 1 and one on deck 2, and the bed it was made in.
fn saved_project() -> (Bed, Manifest) {
    let mut bed = Bed::active();
    bed.made(0, 1);
    bed.made(0, 2);
    bed.core.obey(Command::SetPrompt { text: "warm pads".to_owned() });
    bed.press(1, PressAction::Generate);
    bed.run();
    let manifest = Manifest::from_json(&bed.cell.get().to_json()).unwrap();
    (bed, manifest)
}

/// A new instance that a host hands the project to.
fn reopened(from: &Bed, manifest: Manifest, rate_hz: u32) -> Bed {
    let cell = Arc::new(ManifestCell::default());
    cell.restore(manifest);
    let mut bed = from.sibling(cell);
    bed.activate(rate_hz);
    bed.run();
    bed
}

#[test]
fn a_reopened_project_plays_the_same_bits_and_generates_nothing() {
    let (mut first, manifest) = saved_project();
    let mut again = reopened(&first, manifest.clone(), RATE_HZ);
    assert_eq!(again.cell.get(), manifest);
    assert_eq!([again.playing(0), again.playing(1)], [manifest.decks[0].current, manifest.decks[1].current]);
    assert_eq!((again.provider.num_generated(), again.provider.num_rerendered()), (0, 0));
    assert_eq!(again.snapshot().prompt, "warm pads");
    for bed in [&mut first, &mut again] {
        bed.loudest();
        bed.pos_frames = 0;
    }
    let sounds = [&mut first, &mut again].map(|bed| (0..80).flat_map(|_| bed.play_block()).collect::<Vec<_>>());
    // Both were sought to the start: behind the fade of that jump every bit is the same.
    assert_eq!(sounds[0][500..], sounds[1][500..]);
    assert!(sounds[0][500..].iter().any(|sample| *sample != 0.0));
}

#[test]
fn another_sample_rate_is_rendered_and_not_generated() {
    let (first, manifest) = saved_project();
    let again = reopened(&first, manifest.clone(), 2 * RATE_HZ);
    assert_eq!(again.playing(0), manifest.decks[0].current);
    assert_eq!((again.provider.num_generated(), again.provider.num_rerendered()), (0, 2));
    assert_eq!(again.cell.get(), manifest, "reopening changed the session");
}

#[test]
fn a_deleted_take_is_named_silent_and_offered_again() {
    let (mut first, mut manifest) = saved_project();
    first.core.obey(Command::SetPrompt { text: String::new() });
    let lost = manifest.decks[1].current.unwrap();
    let name = manifest.decks[1].history[0].name.clone();
    fs::remove_dir_all(first.take_dir(lost)).unwrap();
    manifest.decks[0] = Default::default();
    let mut again = reopened(&first, manifest.clone(), RATE_HZ);
    assert_eq!(
        again.only_notice(),
        format!(
            "Deck 2: `{name}` (from the words \u{201c}warm pads\u{201d}) is missing from the library; Restore makes it again."
        )
    );
    assert!(again.view(1).history[0].is_missing);
    assert_eq!((again.playing(1), again.loudest()), (None, 0.0));
    assert_eq!(again.provider.num_generated(), 0, "regenerated behind the user's back");
    assert_eq!(again.cell.get(), manifest, "the project forgot what belongs on the deck");
    again.core.obey(Command::Restore { deck: deck(1), take: lost });
    again.run();
    assert_eq!((again.playing(1), again.view(1).history[0].is_missing), (Some(lost), false));
    assert!(again.loudest() > 0.1 && again.core.env.library.contains(lost));
}

#[test]
fn a_missing_take_in_the_history_is_named_skipped_and_refused() {
    let (first, manifest) = saved_project();
    let lost = manifest.decks[0].history[0].clone();
    fs::remove_dir_all(first.take_dir(lost.id)).unwrap();
    let mut again = reopened(&first, manifest.clone(), RATE_HZ);
    assert!(again.only_notice().starts_with(&format!("`{}` is missing from the library", lost.name)));
    again.press(0, PressAction::Previous);
    again.run();
    assert_eq!(again.view(0).current, manifest.decks[0].current);
    again.core.obey(Command::Select { deck: deck(0), take: lost.id, at: SwapAt::Now });
    again.run();
    assert_eq!((again.notices().len(), again.playing(0)), (2, manifest.decks[0].current));
}

#[test]
fn a_damaged_take_is_not_played() {
    let (first, manifest) = saved_project();
    let damaged = manifest.decks[1].current.unwrap();
    let file = first.take_dir(damaged).join("bass.wav");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&file, bytes).unwrap();
    let again = reopened(&first, manifest, RATE_HZ);
    assert!(again.view(1).history[0].is_missing);
    assert_eq!((again.playing(1), again.notices().len()), (None, 2), "{:#?}", again.notices());
}

#[test]
fn loading_another_project_silences_what_the_old_one_left_there() {
    let (mut bed, manifest) = saved_project();
    let kept = manifest.decks[0].current;
    let mut other = manifest.clone();
    other.decks[1] = Default::default();
    other.decks[0].history.remove(0);
    bed.generate(0, 99);
    bed.tick();
    bed.cell.restore(other.clone());
    bed.run();
    bed.loudest();
    bed.run();
    assert_eq!((bed.playing(0), bed.playing(1)), (kept, None));
    assert_eq!(bed.cell.get(), other, "a job of the old project reached the new one");
    assert!(bed.only_notice().contains("the take under way was dropped"), "{}", bed.only_notice());
}

#[test]
fn an_undo_in_the_host_leaves_the_running_job_alone() {
    let (mut bed, mut manifest) = saved_project();
    bed.generate(0, 99);
    bed.tick();
    manifest.prompt = "as it was before".to_owned();
    let last = manifest.decks[0].history.pop().unwrap();
    manifest.decks[0].current = Some(manifest.decks[0].history[0].id);
    bed.cell.restore(manifest);
    bed.run();
    let seeds: Vec<_> = bed.view(0).history.iter().map(|row| row.seed).collect();
    assert_eq!((seeds, bed.notices().len()), (vec![1, 99], 0), "`{}` was undone, the job was not", last.name);
}

#[test]
fn a_refused_state_is_one_sentence_and_changes_nothing() {
    let (mut bed, _) = saved_project();
    let before = bed.cell.get();
    bed.cell.refuse(ManifestError::TooNew { found: 9, newest: 1 });
    bed.run();
    assert!(bed.only_notice().starts_with("This project was saved by a newer Continuo (state version 9"));
    assert_eq!((bed.cell.get(), bed.playing(0)), (before.clone(), before.decks[0].current));
}

#[test]
fn a_session_put_there_between_two_ticks_is_not_overwritten() {
    let (mut bed, manifest) = saved_project();
    bed.core.obey(Command::SetPrompt { text: "of the old project".to_owned() });
    let fresh = Manifest { prompt: "of the new project".to_owned(), ..manifest };
    bed.cell.restore(fresh.clone());
    bed.run();
    assert_eq!(bed.cell.get(), fresh);
    bed.core.obey(Command::SetPrompt { text: "and on".to_owned() });
    bed.cell.restore(fresh.clone());
    bed.core.write_session();
    assert_eq!(bed.cell.get(), fresh, "an old session was written over a new one");
}

#[test]
fn a_new_instance_begins_at_its_own_seed_and_a_restored_one_at_the_projects() {
    let (first, manifest) = saved_project();
    let beginning = |cell: Arc<ManifestCell>| {
        let library = first.core.env.library.clone();
        let mut bed = Bed::with_first_seed(Some(77), first.pool.clone(), library, first.dir.clone(), cell.clone());
        bed.press(0, PressAction::Generate);
        bed.run();
        (bed.view(0).history.last().unwrap().seed, cell.get().next_seed)
    };
    assert_eq!(beginning(Arc::default()), (77, 78));
    let restored = Arc::new(ManifestCell::default());
    restored.restore(manifest.clone());
    assert_eq!(beginning(restored), (manifest.next_seed, manifest.next_seed + 1));
}

#[test]
fn a_missing_take_on_the_deck_keeps_nobody_waiting() {
    let (first, manifest) = saved_project();
    let cell = Arc::new(ManifestCell::default());
    cell.restore(manifest.clone());
    let mut bed = first.sibling(cell);
    bed.activate(RATE_HZ);
    // Another deck has found out that it is gone.
    bed.core.deck(deck(0)).edit(manifest.decks[0].current.unwrap(), |row| row.is_missing = true);
    bed.run();
    assert!(bed.core.is_settled());
}

#[test]
fn settled_means_loaded() {
    let (first, manifest) = saved_project();
    let cell = Arc::new(ManifestCell::default());
    let mut bed = first.sibling(cell.clone());
    bed.activate(RATE_HZ);
    cell.restore(manifest);
    assert!(!bed.core.is_settled());
    bed.tick();
    assert!(!bed.core.is_settled(), "nothing is loaded yet");
    for _ in 0..3 {
        while bed.pool.run_next() {}
        bed.tick();
    }
    assert!(bed.core.is_settled());
}

#[test]
fn a_take_that_is_saved_after_the_project_was_opened_comes_onto_its_deck() {
    let (first, manifest) = saved_project();
    let late = manifest.decks[1].current.unwrap();
    let (there, aside) = (first.take_dir(late), first.dir.path().join("aside"));
    fs::rename(&there, &aside).unwrap();
    let mut again = reopened(&first, manifest, RATE_HZ);
    assert!(again.view(1).history[0].is_missing);
    again.run();
    fs::rename(&aside, &there).unwrap();
    again.now += std::time::Duration::from_secs(4);
    again.run();
    assert_eq!((again.playing(1), again.view(1).history[0].is_missing), (Some(late), false));
    assert_eq!(again.provider.num_generated(), 0);
}

#[test]
fn a_host_that_stops_calling_is_shown_as_standing() {
    let mut bed = Bed::active();
    bed.run();
    assert!(bed.snapshot().engine.is_playing);
    bed.now += std::time::Duration::from_secs(1);
    bed.tick();
    assert!(!bed.snapshot().engine.is_playing);
    bed.run();
    assert!(bed.snapshot().engine.is_playing);
}

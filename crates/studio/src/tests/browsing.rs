//! The open library, files to drag, files dropped, and the window's own memory.
use super::bed::{Bed, deck};
use crate::{Command, LibraryQuery, Theme, WindowState};
use engine::SwapAt;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

fn search(words: &str) -> Command {
    Command::Search { query: Some(LibraryQuery { words: words.to_owned(), ..LibraryQuery::default() }) }
}

/// Three seconds later.
fn wait(bed: &mut Bed) {
    bed.now += Duration::from_secs(3);
    bed.run();
}

fn seeds(bed: &Bed) -> Vec<u64> {
    bed.snapshot().library.rows.iter().map(|take| take.info.spec.seed).collect()
}

#[test]
fn the_library_is_listed_searched_and_followed_while_it_is_open() {
    let mut bed = Bed::active();
    for seed in 1..=3 {
        bed.made(0, seed);
    }
    assert_eq!(seeds(&bed), [0; 0], "nobody asked");
    bed.core.obey(search(""));
    bed.tick();
    assert!(bed.snapshot().library.is_loading);
    bed.run();
    let mut listed = seeds(&bed);
    listed.sort_unstable();
    assert_eq!((listed, bed.snapshot().library.num_takes), (vec![1, 2, 3], 3));
    assert_eq!((bed.snapshot().library.is_loading, &bed.snapshot().library.engines[..]), (false, &["fake".into()][..]));
    bed.core.obey(search("#2 FAKE"));
    bed.run();
    assert_eq!(seeds(&bed), [2]);
    let mut other = bed.sibling(Arc::default());
    other.made(0, 22);
    wait(&mut bed);
    let mut found = seeds(&bed);
    found.sort_unstable();
    assert_eq!(found, [2, 22], "another instance saved one");
    fs::create_dir(bed.dir.path().join("takes").join("rubbish")).unwrap();
    wait(&mut bed);
    assert!(bed.snapshot().library.broken[0].dir.ends_with("rubbish"));
    bed.core.obey(Command::Search { query: None });
    bed.run();
    assert_eq!((seeds(&bed), bed.snapshot().library.query.is_none()), (vec![], true));
}

#[test]
fn a_library_take_is_cued_and_put_on_a_deck() {
    let mut bed = Bed::active();
    let take = bed.made(0, 7);
    let mut other = bed.sibling(Arc::default());
    other.activate(super::bed::RATE_HZ);
    other.core.obey(search(""));
    other.run();
    other.core.obey(Command::Cue { take: Some(take) });
    other.tick();
    assert!(other.snapshot().is_cue_loading);
    other.run();
    assert_eq!((other.snapshot().cue, other.snapshot().is_cue_loading), (Some(take), false));
    other.core.obey(Command::LoadTake { deck: deck(4), take, at: SwapAt::Now });
    other.run();
    assert_eq!((other.playing(4), other.view(4).history[0].seed), (Some(take), 7));
    other.core.obey(Command::Cue { take: None });
    other.run();
    assert_eq!(other.snapshot().cue, None);
    other.core.obey(Command::LoadTake { deck: deck(4), take: take::TakeId([9; 32]), at: SwapAt::Now });
    other.run();
    assert_eq!(other.only_notice(), "Deck 5: this take is not in the library any more.");
}

#[test]
fn files_to_drag_are_there_before_the_drag_and_until_they_are_cleared() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.core.obey(Command::PrepareDrag { take });
    bed.tick();
    assert_eq!(bed.snapshot().drag.preparing, [take]);
    bed.run();
    let drag = bed.snapshot().drag.clone();
    let files = drag.files(take).expect("finished");
    let names: Vec<_> = files.separate().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["fake_drums_120_Cm_t1.mid", "fake_drums_120_Cm_t1.wav", "fake_bass_120_Cm_t1.wav"]);
    let paths = files.separate().into_iter().chain(files.all_parts.clone()).chain([files.mix.clone()]);
    let sizes = paths.map(|path| path.metadata().unwrap().len());
    assert_eq!(sizes.sum::<u64>(), drag.num_bytes);
    bed.core.obey(Command::PrepareDrag { take });
    bed.run();
    assert_eq!(bed.snapshot().drag, drag, "asking twice writes nothing twice");
    fs::remove_file(&files.mix).unwrap();
    bed.core.obey(Command::PrepareDrag { take });
    bed.run();
    assert!(files.is_there(), "a file that somebody removed is written again");
    bed.core.obey(Command::ClearDrag);
    bed.run();
    assert!(!files.mix.exists() && bed.snapshot().drag.ready.is_empty() && bed.snapshot().drag.num_bytes == 0);
}

#[test]
fn a_dropped_midi_file_plays_and_is_saved_and_another_is_a_sentence() {
    let mut bed = Bed::active();
    let made = bed.made(0, 1);
    bed.core.obey(Command::PrepareDrag { take: made });
    bed.run();
    let path = bed.snapshot().drag.files(made).unwrap().parts[0].1.clone();
    bed.core.obey(Command::ImportFile { deck: deck(2), path, at: SwapAt::Now });
    bed.run();
    let take = bed.playing(2).expect("it plays");
    assert!(take != made && bed.core.env.library.contains(take));
    let notes = |bed: &Bed, index: usize| bed.view(index).take.unwrap().parts[0].notes.len();
    assert_eq!(notes(&bed, 2), notes(&bed, 0));
    let path = bed.dir.path().join("notes.txt");
    fs::write(&path, "no music").unwrap();
    bed.core.obey(Command::ImportFile { deck: deck(3), path, at: SwapAt::Now });
    bed.run();
    assert!(bed.notices().last().unwrap().text.starts_with("Deck 4: "), "{:#?}", bed.notices());
    assert_eq!(bed.view(3).current, None);
}

#[test]
fn the_window_comes_back_with_the_project() {
    let mut bed = Bed::active();
    let tab = "library".to_owned();
    let (width_points, own_tempo_bpm) = (900, Some(133.5));
    let window =
        WindowState { width_points, height_points: 99, scale_percent: 150, tab, theme: Theme::Light, own_tempo_bpm };
    bed.core.obey(Command::SetWindow { window: window.clone() });
    bed.run();
    let saved = WindowState { height_points: 480, ..window };
    assert_eq!((&bed.snapshot().window, &bed.cell.get().window), (&saved, &saved));
    let cell = Arc::new(crate::ManifestCell::default());
    cell.restore(crate::Manifest::from_json(&bed.cell.get().to_json()).unwrap());
    let mut again = bed.sibling(cell);
    again.run();
    assert_eq!(again.snapshot().window, saved);
    let old = crate::Manifest::from_json(r#"{"version": 1}"#).unwrap();
    assert_eq!(old.window, WindowState::default());
}

#[test]
fn a_servers_key_is_kept_in_the_users_private_file_and_nowhere_else() {
    let mut bed = Bed::active();
    let key = crate::ApiKey::new("sk-very-secret");
    let address = "https://api.example.com/v1".to_owned();
    bed.core.obey(Command::SetKey { address: address.clone(), key: key.clone() });
    bed.run();
    let file = bed.dir.path().join("config/keys.toml");
    assert!(fs::read_to_string(&file).unwrap().contains("\"api.example.com\" = \"sk-very-secret\""));
    assert!(!bed.cell.get().to_json().contains("secret"), "a project never holds a key");
    assert!(bed.notices().iter().all(|notice| !notice.text.contains("secret")));
    assert!(!format!("{:?}", Command::SetKey { address: address.clone(), key }).contains("secret"));
    bed.core.obey(Command::SetKey { address, key: None });
    bed.run();
    assert!(!fs::read_to_string(&file).unwrap().contains("api.example.com"));
    bed.core.obey(Command::SetKey { address: "not an address".to_owned(), key: None });
    bed.run();
    assert!(bed.notices().last().unwrap().text.starts_with("The key could not be kept: "), "{:#?}", bed.notices());
}

//! Stars, and the list of all takes.
mod common;

use common::{take, take_with};
use library::{Library, LibraryError, LibraryQuery, TakeIndex};
use std::fs;
use take::{Bpm, PitchClass, Scale, StyleId, Take};

fn library() -> (tempfile::TempDir, Library) {
    let dir = tempfile::tempdir().unwrap();
    let library = Library::new(dir.path());
    (dir, library)
}

fn made(prompt: &str, bpm: f64, key: i32) -> Take {
    take_with(|info, _, original| {
        info.spec.prompt = prompt.to_owned();
        info.name = format!("Named after {bpm}");
        (info.tempo, original.tempo, info.key) = (Bpm::new(bpm).unwrap(), Bpm::new(bpm).unwrap(), PitchClass::new(key));
        let num_frames = original.num_frames();
        for clip in original.stems.iter_mut().flatten() {
            (clip.left, clip.right) = (vec![0.25; num_frames].into(), vec![0.25; num_frames].into());
        }
    })
}

fn refreshed(library: &Library) -> TakeIndex {
    let index = TakeIndex::new(library.clone());
    index.refresh(|| false).unwrap();
    index
}

fn found(index: &TakeIndex, query: &LibraryQuery) -> Vec<String> {
    let mut names: Vec<_> = index.listing().find(query).iter().map(|take| take.info.name.clone()).collect();
    names.sort();
    names
}

#[test]
fn a_star_outlives_the_take_and_a_take_with_a_star_is_not_deleted() {
    let (_dir, library) = library();
    let take = take();
    library.save(&take).unwrap();
    library.set_star(take.id, true).unwrap();
    assert!(matches!(library.delete(take.id), Err(LibraryError::Starred { id }) if id == take.id));
    assert!(library.load(take.id).is_ok());
    // Damaged and saved again, as an upgrade might.
    fs::write(library.take_dir(take.id).join("take.json"), "{}").unwrap();
    library.save(&take).unwrap();
    assert!(library.is_starred(take.id));
    library.set_star(take.id, false).unwrap();
    assert_eq!(library.stars().unwrap().get(&take.id), Some(&false));
    library.delete(take.id).unwrap();
    assert!(matches!(library.load(take.id), Err(LibraryError::NotFound { .. })));
    library.delete(take.id).unwrap();
    assert_eq!(fs::read_dir(library.takes_dir()).unwrap().count(), 0, "something was left behind");
}

#[test]
fn every_word_and_every_filter_narrows_the_list() {
    let (_dir, library) = library();
    for (prompt, bpm, key) in [("Warm rain", 90.0, 9), ("warm PADS", 124.0, 0), ("cold rain", 124.5, 9)] {
        library.save(&made(prompt, bpm, key)).unwrap();
    }
    let index = refreshed(&library);
    let all = ["Named after 124", "Named after 124.5", "Named after 90"];
    assert_eq!(found(&index, &LibraryQuery::default()), all);
    let query = LibraryQuery::default;
    let words = |words: &str| LibraryQuery { words: words.to_owned(), ..query() };
    assert_eq!(found(&index, &words("warm")), ["Named after 124", "Named after 90"]);
    assert_eq!(found(&index, &words(" RAIN  warm ")), ["Named after 90"]);
    assert_eq!(found(&index, &words("deep house 124.5")), ["Named after 124.5"]);
    assert_eq!(found(&index, &words("jungle")), [""; 0]);
    assert_eq!(found(&index, &LibraryQuery { tempo_bpm: Some(100.0..=124.0), ..query() }), ["Named after 124"]);
    assert_eq!(found(&index, &LibraryQuery { key: Some(PitchClass::new(0)), ..query() }), ["Named after 124"]);
    assert_eq!(found(&index, &LibraryQuery { scale: Some(Scale::Minor), ..query() }), all);
    assert_eq!(found(&index, &LibraryQuery { scale: Some(Scale::Major), ..query() }), [""; 0]);
    assert_eq!(found(&index, &LibraryQuery { style: Some(StyleId::from("deep_house")), ..query() }), all);
    assert_eq!(found(&index, &LibraryQuery { engine: Some("band".to_owned()), ..query() }), all);
    let starred = LibraryQuery { is_starred_only: true, ..query() };
    assert_eq!(found(&index, &starred), [""; 0]);
    let id = index.listing().find(&words("cold"))[0].id;
    index.set_star(id, true).unwrap();
    assert_eq!(found(&index, &starred), ["Named after 124.5"]);
    assert_eq!([query().is_narrowed(), words(" ").is_narrowed(), words("a").is_narrowed()], [false, false, true]);
}

#[test]
fn the_list_follows_the_folders() {
    let (_dir, library) = library();
    let index = refreshed(&library);
    assert!(index.listing().takes.is_empty(), "nothing was ever saved");
    let takes = [made("one", 90.0, 0), made("two", 91.0, 0)];
    takes.iter().for_each(|take| library.save(take).unwrap());
    library.set_star(takes[0].id, true).unwrap();
    let before = index.revision();
    index.refresh(|| false).unwrap();
    assert!(index.revision() > before && index.listing().takes.len() == 2);
    assert_eq!(index.star(takes[0].id), Some(true));
    let before = index.revision();
    index.refresh(|| false).unwrap();
    assert_eq!(index.revision(), before, "nothing is new");
    fs::remove_dir_all(library.take_dir(takes[0].id)).unwrap();
    index.refresh(|| true).unwrap();
    assert_eq!(index.listing().takes.len(), 2, "a look that was stopped changed the list");
    index.refresh(|| false).unwrap();
    assert_eq!(index.listing().takes.iter().map(|take| take.id).collect::<Vec<_>>(), [takes[1].id]);
    index.delete(takes[1].id).unwrap();
    assert!(index.listing().takes.is_empty());
}

#[test]
fn broken_folders_are_named_and_the_others_listed() {
    let (_dir, library) = library();
    let takes = [90.0, 91.0, 92.0, 93.0].map(|bpm| made("fine", bpm, 0));
    takes.iter().for_each(|take| library.save(take).unwrap());
    let json = |at: usize| library.take_dir(takes[at].id).join("take.json");
    fs::write(json(0), "{\"continuo_take\": 99}").unwrap();
    fs::remove_file(json(1)).unwrap();
    let whole = fs::read(json(2)).unwrap();
    fs::write(json(2), &whole[..200]).unwrap();
    fs::create_dir(library.takes_dir().join("holiday pictures")).unwrap();
    let index = refreshed(&library);
    let listing = index.listing();
    assert_eq!(listing.takes.iter().map(|take| take.id).collect::<Vec<_>>(), [takes[3].id]);
    let mut reasons: Vec<_> = listing.broken.iter().map(|broken| broken.reason.clone()).collect();
    reasons.sort();
    assert_eq!(reasons.len(), 4, "{reasons:#?}");
    for words in ["a newer Continuo (format 99", "take.json is missing", "cannot be read", "its name is no take's"] {
        assert!(reasons.iter().any(|reason| reason.contains(words)), "{words}: {reasons:#?}");
    }
    // Mended, it is listed again.
    fs::write(json(2), whole).unwrap();
    index.refresh(|| false).unwrap();
    assert_eq!(index.listing().takes.len(), 2);
}

#[test]
fn a_long_prompt_and_many_chords_reach_beyond_the_first_block_and_are_read() {
    let (_dir, library) = library();
    let long = take_with(|info, _, _| {
        info.spec.prompt = "é".repeat(2000);
        let chord = info.chords[0].clone();
        info.chords = vec![chord; 400];
    });
    library.save(&long).unwrap();
    let listing = refreshed(&library).listing();
    assert_eq!(listing.takes[0].info, long.info);
    assert_eq!(listing.takes[0].stems.len(), 2);
}

#[test]
fn all_who_ask_for_the_list_of_one_library_share_it() {
    let (_dir, library) = library();
    let (first, second) = (TakeIndex::shared(&library), TakeIndex::shared(&library));
    library.save(&take()).unwrap();
    first.refresh(|| false).unwrap();
    assert_eq!(second.listing().takes.len(), 1);
}

//! Projects reopen as they were closed.
use continuo_tests::host::{Plugin, Roll, Song};
use continuo_tests::isolate::shared_dir;
use continuo_tests::reference::first_difference;
use continuo_tests::{hosted, session};
use std::fs;
use take::StemKind;

const SECOND: usize = 48_000;

/// Values of every parameter that is no button.
fn settings(plugin: &mut Plugin) -> Vec<(String, f64)> {
    let names: Vec<String> = plugin.params().iter().map(|param| param.name.clone()).collect();
    names.into_iter().map(|name| (name.clone(), plugin.value(&name).unwrap())).collect()
}

fn keep(name: &str, bytes: &[u8]) {
    fs::create_dir_all(shared_dir()).unwrap();
    fs::write(shared_dir().join(name), bytes).unwrap();
}

fn kept(name: &str) -> Vec<u8> {
    fs::read(shared_dir().join(name)).unwrap()
}

fn takes_on_disk() -> usize {
    fn takes(dir: &std::path::Path) -> usize {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.map(|path| if path.is_dir() { takes(&path) } else { usize::from(path.ends_with("take.json")) }).sum()
    }
    takes(&session::data_dir().unwrap())
}

/// An instance with settings and two takes, its state and its settings kept for the next process.
fn save_a_session() {
    let song = Song::at(126.0);
    let mut ready = session::ready(&song, 48_000).unwrap();
    Roll::new(&song, 4800).play(&mut ready.plugin).unwrap();
    session::generate(&mut ready.plugin, &song, 1).unwrap();
    session::generate(&mut ready.plugin, &song, 3).unwrap();
    ready.plugin.set_text("Deck 1 Level", "-6").unwrap();
    ready.plugin.set_text("Energy", "77").unwrap();
    ready.plugin.set_text("Swap", "Loop").unwrap();
    ready.plugin.set(&[("Deck 2 Pan", 0.25), ("Deck 3 Mute", 1.0)]).unwrap();
    Roll::new(&song, 4800).play(&mut ready.plugin).unwrap();
    keep("state", &ready.plugin.save_state().unwrap());
    keep("settings", format!("{:?}", settings(&mut ready.plugin)).as_bytes());
    keep("takes", takes_on_disk().to_string().as_bytes());
}

/// Opens the kept state and waits until deck 1 sounds.
fn reopen(rate_hz: u32, song: &Song) -> Plugin {
    let mut plugin = Plugin::load().unwrap();
    plugin.load_state(&kept("state")).unwrap();
    plugin.activate(rate_hz, 8192).unwrap();
    session::settle(&mut plugin, song).unwrap();
    plugin
}

hosted! {
    fn a_session_reopens_in_a_new_process_at_another_rate() {
        save_a_session();
    } then {
        let song = Song::at(126.0);
        let mut plugin = reopen(44_100, &song);
        assert_eq!(format!("{:?}", settings(&mut plugin)).as_bytes(), kept("settings"));
        let (old, new) = (kept("state"), plugin.save_state().unwrap());
        for deck in 1..=8 {
            assert_eq!(session::deck_state(&old, deck).unwrap(), session::deck_state(&new, deck).unwrap());
        }
        session::wait_for_sound(&mut plugin, &song).unwrap();
        assert_eq!(takes_on_disk().to_string().as_bytes(), kept("takes"), "nothing is made again");
    }

    fn a_session_reopens_bit_for_bit_at_the_same_rate() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        keep("state", &ready.plugin.save_state().unwrap());
    } then {
        let song = Song::at(126.0);
        let mut plugin = reopen(48_000, &song);
        session::wait_for_sound(&mut plugin, &song).unwrap();
        let id = session::deck_state(&kept("state"), 1).unwrap().current.unwrap();
        let take = session::load_take(id.try_into().unwrap()).unwrap();
        let bus = session::bus(&mut plugin, "drums").unwrap();
        let recording = Roll::new(&song, 10 * SECOND).play(&mut plugin).unwrap();
        assert_eq!(first_difference(&recording, bus, &take.original, StemKind::Drums, 300), None);
    }

    fn a_missing_take_is_silent_and_keeps_its_name() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        keep("state", &ready.plugin.save_state().unwrap());
        drop(ready);
        for entry in fs::read_dir(session::data_dir().unwrap()).unwrap().flatten() {
            if entry.path() != shared_dir() {
                fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        assert_eq!(takes_on_disk(), 0);
    } then {
        let song = Song::at(126.0);
        let mut plugin = reopen(48_000, &song);
        session::settle(&mut plugin, &song).unwrap();
        assert!(Roll::new(&song, 2 * SECOND).play(&mut plugin).unwrap().peak() == 0.0, "sound from nowhere");
        assert_eq!(takes_on_disk(), 0, "generated again behind the user's back");
        let state = plugin.save_state().unwrap();
        assert_eq!(session::deck_state(&state, 1).unwrap(), session::deck_state(&kept("state"), 1).unwrap());
        let name = session::manifest(&state).unwrap()["decks"][0]["history"][0]["name"].clone();
        assert!(name.as_str().is_some_and(|name| !name.is_empty()), "the missing take has no name");
        // The instance goes on working.
        session::generate(&mut plugin, &song, 2).unwrap();
        assert!(Roll::new(&song, SECOND).play(&mut plugin).unwrap().peak() > 0.01);
    }

    fn garbage_and_truncated_states_change_nothing() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let good = ready.plugin.save_state().unwrap();
        let before = settings(&mut ready.plugin);
        let mut bad: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"not a state".to_vec(),
            vec![0xff; 4096],
            b"{}".to_vec(),
            b"null".to_vec(),
            b"[1,2,3]".to_vec(),
        ];
        // The same under a length that fits, so that the text itself has to be refused.
        for text in ["", "{}", "null", "[1,2,3]", "not a state", "{\"params\":{},\"fields\":{\"session\":\"{]\"}}"] {
            bad.push(session::edited(&good, |_| text.to_owned()).unwrap());
        }
        bad.push(session::edited(&good, |text| text[..text.len() / 2].to_owned()).unwrap());
        bad.extend((1..8).map(|eighth| good[..good.len() * eighth / 8].to_vec()));
        for state in bad {
            // The host may be told, or may not: what counts is that nothing changes.
            ready.plugin.load_state(&state).ok();
            session::settle(&mut ready.plugin, &song).unwrap();
            assert_eq!(settings(&mut ready.plugin), before, "after {} bytes", state.len());
            let deck = session::deck_state(&ready.plugin.save_state().unwrap(), 1).unwrap();
            assert_eq!(deck, session::deck_state(&good, 1).unwrap(), "after {} bytes", state.len());
        }
        assert!(Roll::new(&song, SECOND).play(&mut ready.plugin).unwrap().peak() > 0.01);
    }

    fn a_state_from_the_future_is_refused_whole() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let good = ready.plugin.save_state().unwrap();
        ready.plugin.set_text("Energy", "11").unwrap();
        Roll::new(&song, 512).play(&mut ready.plugin).unwrap();
        let before = settings(&mut ready.plugin);
        let version = session::manifest(&good).unwrap()["version"].as_u64().unwrap();
        let written = format!("\\\"version\\\":{version}");
        let future = session::edited(&good, |text| text.replace(&written, "\\\"version\\\":999")).unwrap();
        assert_ne!(future, good, "the version was not found in the state");
        ready.plugin.load_state(&future).ok();
        session::settle(&mut ready.plugin, &song).unwrap();
        assert_eq!(settings(&mut ready.plugin), before);
        assert!(Roll::new(&song, SECOND).play(&mut ready.plugin).unwrap().peak() > 0.01);
    }

    fn a_fresh_instance_saves_and_loads() {
        let mut plugin = Plugin::load().unwrap();
        let state = plugin.save_state().unwrap();
        plugin.load_state(&state).unwrap();
        assert_eq!(session::deck_state(&state, 1).unwrap(), session::DeckState::default());
    }
}

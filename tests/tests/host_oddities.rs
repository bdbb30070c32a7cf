//! Hosts that leave things out, lie, hurry, and pull the plug.
use continuo_tests::host::{Blocks, NoteAt, Plugin, Roll, Song, Stage, Tempo};
use continuo_tests::{hosted, session};

const SECOND: usize = 48_000;

/// The plugin survives `song` for two seconds, finite and under the ceiling, and plays afterwards for a good host.
fn survives(song: &Song) {
    let good = Song::at(126.0);
    let mut ready = session::ready(&good, 48_000).unwrap();
    for is_playing in [true, false, true] {
        let roll = Roll { is_playing, ..Roll::new(song, SECOND) }.in_blocks(Blocks::Random { max: 700, seed: 5 });
        let recording = roll.play(&mut ready.plugin).unwrap();
        assert!(recording.peak() <= 1.0, "peak {}", recording.peak());
    }
    let recording = Roll::new(&good, SECOND).play(&mut ready.plugin).unwrap();
    assert!(recording.peak() > 0.01, "silent for a good host afterwards");
}

fn with_tempo(bpm: f64) -> Song {
    Song { tempo: Tempo::Fixed(bpm), tells_seconds: false, ..Song::at(120.0) }
}

hosted! {
    fn tempo_zero_is_survived() {
        survives(&Song { tells_beats: false, ..with_tempo(0.0) });
    }

    fn tempo_nan_is_survived() {
        survives(&with_tempo(f64::NAN));
    }

    fn tempo_infinite_negative_and_absurd_are_survived() {
        for bpm in [f64::INFINITY, -120.0, 1.0e9, 1.0e-9] {
            survives(&with_tempo(bpm));
        }
    }

    fn a_host_without_a_position_gets_sound() {
        let good = Song::at(126.0);
        let mut ready = session::ready(&good, 48_000).unwrap();
        let song = Song { tells_beats: false, tells_seconds: false, ..good };
        let recording = Roll::new(&song, 4 * SECOND).play(&mut ready.plugin).unwrap();
        assert!(recording.peak() > 0.01, "silent without a position");
    }

    fn a_host_without_a_tempo_gets_sound() {
        let good = Song::at(126.0);
        let mut ready = session::ready(&good, 48_000).unwrap();
        let song = Song { tells_tempo: false, ..good };
        let recording = Roll::new(&song, 4 * SECOND).play(&mut ready.plugin).unwrap();
        assert!(recording.peak() > 0.01, "silent without a tempo");
    }

    fn a_host_without_a_meter_gets_sound() {
        let good = Song::at(126.0);
        let mut ready = session::ready(&good, 48_000).unwrap();
        for meter in [None, Some((0, 0)), Some((3, 0)), Some((255, 3))] {
            let song = Song { meter, ..good.clone() };
            let recording = Roll::new(&song, 4 * SECOND).play(&mut ready.plugin).unwrap();
            assert!(recording.peak() > 0.01, "silent with meter {meter:?}");
        }
    }

    fn a_host_without_a_transport_is_survived() {
        survives(&Song { has_transport: false, ..Song::at(126.0) });
    }

    fn every_bus_arrangement_plays() {
        let song = Song::at(126.0);
        let mut names = Plugin::load().unwrap().arrangements();
        if names.is_empty() {
            names.push("the only one".to_owned());
        }
        println!("note: arrangements {names:?}");
        for (index, name) in names.iter().enumerate() {
            let mut plugin = Plugin::load().unwrap();
            if plugin.arrangements().len() > 1 {
                plugin.choose_arrangement(index).unwrap();
            }
            plugin.activate(48_000, 512).unwrap();
            session::generate(&mut plugin, &song, 1).unwrap();
            let roll = Roll { has_input: true, ..Roll::new(&song, 2 * SECOND) };
            let recording = roll.play(&mut plugin).unwrap();
            assert!(recording.peak() > 0.01, "silent as {name}");
        }
    }

    fn storms_of_parameters_are_survived() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let params: Vec<_> = ready.plugin.params().to_vec();
        let mut roll = Roll::new(&song, SECOND).in_blocks(Blocks::Fixed(512));
        let mut random = 1_u64;
        for frame in (0..SECOND).step_by(37) {
            for _ in 0..8 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let param = &params[(random >> 33) as usize % params.len()];
                // Everything but the buttons of the session: those have a test of their own.
                if ["Generate", "Next", "Previous", "Cancel"].iter().any(|button| param.name.ends_with(button)) {
                    continue;
                }
                let share = (random >> 11) as f64 / (1_u64 << 53) as f64;
                let value = param.min + (param.max - param.min) * share;
                roll = roll.with_move(frame, &param.name, if param.is_stepped { value.round() } else { value });
            }
        }
        assert!(roll.moves.len() > 5_000);
        let recording = roll.play(&mut ready.plugin).unwrap();
        assert!(recording.peak() <= 1.0, "peak {}", recording.peak());
    }

    fn generate_pressed_a_thousand_times_makes_few_takes_and_stays_playable() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let mut roll = Roll::new(&song, 100_000).in_blocks(Blocks::Fixed(64));
        for press in 0..1000 {
            roll = roll.with_move(press * 100, "Deck 1 Generate", 1.0).with_move(press * 100 + 50, "Deck 1 Generate", 0.0);
        }
        roll.play(&mut ready.plugin).unwrap();
        session::generate(&mut ready.plugin, &song, 1).unwrap();
        let state = ready.plugin.save_state().unwrap();
        let takes = session::deck_state(&state, 1).unwrap().history.len();
        println!("note: 1000 presses made {takes} takes");
        // One runs, one waits: what comes out is what two seconds of work can make, never a queue of a thousand.
        assert!((2..200).contains(&takes), "{takes} takes");
        assert!(Roll::new(&song, SECOND).play(&mut ready.plugin).unwrap().peak() > 0.01);
    }

    fn an_instance_may_go_while_its_jobs_run() {
        let song = Song::at(126.0);
        for _ in 0..10 {
            let mut plugin = Plugin::load().unwrap();
            plugin.activate(48_000, 512).unwrap();
            for deck in 1..=8 {
                session::press(&mut plugin, &song, &session::deck_param(deck, "Generate")).unwrap();
            }
            plugin.deactivate();
            assert_eq!(plugin.stage(), Stage::Idle);
        }
        session::ready(&song, 48_000).unwrap();
    }

    fn eight_instances_play_their_own_takes_at_once() {
        let song = Song::at(126.0);
        let mut all: Vec<Plugin> = (0..8).map(|_| Plugin::load().unwrap()).collect();
        let styles = ["Techno minimal", "Rock", "Hip hop", "Dub", "Deep house", "Jazz", "Funk", "Latin"];
        for (plugin, style) in all.iter_mut().zip(styles) {
            plugin.activate(48_000, 512).unwrap();
            plugin.set_text("Style", style).unwrap();
            session::press(plugin, &song, "Deck 1 Generate").unwrap();
        }
        let mut names = Vec::new();
        for plugin in &mut all {
            let mut current = None;
            session::wait_until(plugin, &song, "a take", |state| {
                current = session::deck_state(state, 1).ok().and_then(|deck| deck.current);
                current.is_some()
            })
            .unwrap();
            session::settle(plugin, &song).unwrap();
            assert!(Roll::new(&song, SECOND).play(plugin).unwrap().peak() > 0.01);
            names.extend(current);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 8, "every instance has a take of its own");
    }

    fn activation_at_any_rate_and_again_while_playing_is_survived() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        for (rate_hz, max_frames) in [(44_100, 64), (8_000, 1), (192_000, 8192), (44_100, 512), (48_000, 512)] {
            ready.plugin.activate(rate_hz, max_frames).unwrap();
            session::settle(&mut ready.plugin, &song).unwrap();
            Roll::new(&song, 20_000).in_blocks(Blocks::Fixed(max_frames)).play(&mut ready.plugin).unwrap();
        }
        session::settle(&mut ready.plugin, &song).unwrap();
        assert!(Roll::new(&song, SECOND).play(&mut ready.plugin).unwrap().peak() > 0.01, "silent after it all");
    }

    fn storms_of_notes_leave_none_hanging() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let notes = (0..4000_usize)
            .map(|n| NoteAt { frame: n * 11, key: (n * 7 % 128) as u8, velocity: if n % 3 == 0 { 0.0 } else { 0.8 } })
            .collect();
        Roll { notes, ..Roll::new(&song, SECOND) }.play(&mut ready.plugin).unwrap();
        let all_off = (0..128).map(|key| NoteAt { frame: 0, key, velocity: 0.0 }).collect();
        let rest = Roll { notes: all_off, ..Roll::new(&song, SECOND) }.play(&mut ready.plugin).unwrap();
        assert!(rest.peak() <= 1.0);
    }
}

//! Whole sessions with the allocation guard of the callback switched on: in debug builds and in the profile `rtcheck`
//! an allocation or a free in the callback aborts the process, and the test of that process fails.
use continuo_tests::host::{Blocks, NoteAt, Playhead, Roll, Song, Tempo};
use continuo_tests::{hosted, isolate, session};

const SECOND: usize = 48_000;

hosted! {
    fn a_whole_session_neither_allocates_nor_frees_in_the_callback() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let mut head = Playhead::at_beat(&song, 0.0, 48_000.0);
        for (deck, swap) in [(2, "Now"), (1, "Beat"), (1, "Bar"), (3, "Loop"), (1, "Now")] {
            ready.plugin.set_text("Swap", swap).unwrap();
            let name = session::deck_param(deck, "Generate");
            // Press while rolling: takes arrive, swap and come back to be freed while the callback runs.
            let roll = Roll::new(&song, 2 * SECOND).with_move(100, &name, 1.0).with_move(9_000, &name, 0.0);
            roll.in_blocks(Blocks::Random { max: 1024, seed: 3 }).play_from(&mut ready.plugin, &mut head).unwrap();
            session::settle(&mut ready.plugin, &song).unwrap();
        }
        Roll::new(&song, 4 * SECOND).from(30.0).play(&mut ready.plugin).unwrap();
    }

    fn effects_pitch_and_a_moving_tempo_neither_allocate_nor_free() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let set = [("Deck 1 Reverb", "0.8"), ("Deck 1 Delay", "0.7"), ("Deck 1 Pitch", "7"), ("Deck 1 Filter", "-0.5")];
        for (name, text) in set {
            ready.plugin.set_text(name, text).unwrap();
        }
        let ramp = Song { tempo: Tempo::Ramp { from: 90.0, to: 150.0, seconds: 6.0 }, ..song.clone() };
        Roll::new(&ramp, 8 * SECOND).in_blocks(Blocks::Fixed(64)).play(&mut ready.plugin).unwrap();
        let cycle = Song { cycle: Some((0.0, 3.0)), ..song };
        let notes = (0..400_usize)
            .map(|n| NoteAt { frame: n * 200, key: 36 + (n % 12) as u8, velocity: (n % 2) as f64 })
            .collect();
        Roll { notes, ..Roll::new(&cycle, 4 * SECOND) }.in_blocks(Blocks::Cycle(vec![1, 441, 64])).play(&mut ready.plugin).unwrap();
    }

    fn a_state_loaded_while_rolling_neither_allocates_nor_frees() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let state = ready.plugin.save_state().unwrap();
        for _ in 0..5 {
            Roll::new(&song, SECOND / 2).play(&mut ready.plugin).unwrap();
            ready.plugin.load_state(&state).unwrap();
        }
        session::settle(&mut ready.plugin, &song).unwrap();
        assert!(Roll::new(&song, SECOND).play(&mut ready.plugin).unwrap().peak() > 0.01);
    }
}

/// A block longer than the host announced makes the framework allocate in the callback, whatever our code does.
#[test]
fn the_guard_is_armed_and_bites() {
    isolate::run_expecting_abort("the_guard_is_armed_and_bites", || {
        let song = Song::at(126.0);
        let mut plugin = continuo_tests::host::Plugin::load().unwrap();
        plugin.activate(48_000, 16).unwrap();
        Roll::new(&song, 512).in_blocks(Blocks::Fixed(512)).play(&mut plugin).unwrap();
    });
}

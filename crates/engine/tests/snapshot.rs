//! What the window is told is what is heard.
mod common;

use common::{DECK, Rig, noise_take};
use engine::{DeckPhase, DeckSnapshot, SwapAt};

/// The first deck as of the last block, which must be long enough for a snapshot.
fn shown(rig: &mut Rig) -> DeckSnapshot {
    rig.snapshot().decks[DECK]
}

#[test]
fn the_playhead_is_the_place_in_the_loop() {
    let take = noise_take(1, 120.0, 48_000, 8.0);
    let mut rig = Rig::playing(&take);
    for (beats, playhead) in [(1.0, 0.125), (3.0, 0.375), (9.0, 0.125), (-1.0, 0.875), (4.5, 0.5625)] {
        rig.host.locate((beats * 24_000.0) as i64 - 1_000);
        rig.run(1_000, &[1_000]);
        let shown = shown(&mut rig);
        assert!((shown.playhead - playhead).abs() < 1e-6, "beat {beats}: {}", shown.playhead);
        assert_eq!((shown.phase, shown.playing, shown.pending), (DeckPhase::Playing, Some(take.take), None));
    }
    // Twice the tempo: the same beats are the same place.
    rig.host.tempo = 240.0;
    rig.host.locate(3 * 12_000 - 1_000);
    rig.run(1_000, &[1_000]);
    assert!((shown(&mut rig).playhead - 0.375).abs() < 1e-6);
}

#[test]
fn beats_to_swap_count_down_to_the_boundary() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 8.0), noise_take(2, 120.0, 48_000, 8.0));
    for (at, boundary) in [(SwapAt::Beat, 2.0), (SwapAt::Bar, 4.0), (SwapAt::Loop, 8.0)] {
        let mut rig = Rig::playing(&old);
        rig.run(30_000, &[1_000]);
        assert_eq!(shown(&mut rig).beats_to_swap, 0.0, "nothing waits");
        rig.load(DECK, &new, at);
        let mut beats = 1.25;
        while beats + 0.25 < boundary {
            rig.run(6_000, &[1_000]);
            beats += 0.25;
            let shown = shown(&mut rig);
            assert!((shown.beats_to_swap - (boundary - beats)).abs() < 1e-5, "{at:?}: {}", shown.beats_to_swap);
            assert_eq!((shown.phase, shown.pending), (DeckPhase::Armed, Some(new.take)));
        }
        // The boundary, and a moment more: the fade takes 960 frames.
        rig.run(6_000, &[1_000]);
        rig.run(900, &[900]);
        let during = shown(&mut rig);
        assert_eq!((during.phase, during.playing), (DeckPhase::Swapping, Some(new.take)));
        rig.run(1_000, &[1_000]);
        let after = shown(&mut rig);
        assert_eq!((after.phase, after.pending, after.beats_to_swap), (DeckPhase::Playing, None, 0.0));
    }
}

#[test]
fn a_deck_says_that_it_stretches_exactly_while_it_does() {
    let take = noise_take(1, 120.0, 48_000, 8.0);
    let mut rig = Rig::playing(&take);
    rig.run(4_000, &[1_000]);
    assert!(!shown(&mut rig).is_stretching);
    rig.host.tempo = 130.0;
    rig.run(4_000, &[1_000]);
    assert!(shown(&mut rig).is_stretching, "another tempo");
    rig.host.tempo = 120.0;
    rig.run(24_000, &[1_000]);
    assert!(!shown(&mut rig).is_stretching, "back, and half a second later");
    rig.params.decks[DECK].pitch_semitones = 0.5;
    rig.run(4_000, &[1_000]);
    assert!(shown(&mut rig).is_stretching, "another pitch");
    rig.params.decks[DECK].pitch_semitones = 0.0;
    rig.run(24_000, &[1_000]);
    assert!(!shown(&mut rig).is_stretching);
    rig.host.is_playing = false;
    rig.host.tempo = 130.0;
    rig.run(4_000, &[1_000]);
    assert!(!shown(&mut rig).is_stretching, "a stopped transport stretches nothing");
}

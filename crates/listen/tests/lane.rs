//! The chord lane: what it keeps, and what it foretells.
use listen::ChordLane;
use proptest::prelude::*;
use take::Beats;
use theory::{Chord, ChordAt, Key, parse_chord_line};

fn chord(symbol: &str) -> Chord {
    Chord::parse(symbol).unwrap_or_else(|error| panic!("{error}"))
}

fn typed(line: &str) -> Vec<ChordAt> {
    parse_chord_line(line, Beats(4.0)).unwrap_or_else(|error| panic!("{error}"))
}

/// `4 Am | 8 F`: beats and symbols.
fn shown(line: &[ChordAt]) -> String {
    let key = Key::new(take::PitchClass::new(0), take::Scale::Major);
    let symbol = |at: &ChordAt| at.chord.map_or("-".to_owned(), |chord| chord.symbol(&key));
    line.iter().map(|at| format!("{} {}", at.start.0, symbol(at))).collect::<Vec<_>>().join(" | ")
}

/// A chord a bar, told 30 ms late.
fn play(lane: &mut ChordLane, from: f64, symbols: &str) {
    for (bar, symbol) in symbols.split_whitespace().enumerate() {
        lane.hear(from + 4.0 * bar as f64 + 0.06, chord(symbol));
    }
}

#[test]
fn what_was_heard_is_kept_on_its_beat() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G");
    assert_eq!(lane.chord_at(0.0), Some(chord("C")));
    assert_eq!(lane.chord_at(3.99), Some(chord("C")));
    assert_eq!(lane.chord_at(4.0), Some(chord("Am")));
    assert_eq!(lane.chord_at(15.0), Some(chord("G")));
    assert_eq!(lane.chord_at(-0.1), None);
}

#[test]
fn without_a_repetition_the_last_chord_is_held() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G");
    assert_eq!(shown(&lane.forecast(12.0, 24.0, 4.0)), "12 G");
    assert_eq!(shown(&ChordLane::new().forecast(0.0, 8.0, 4.0)), "0 -");
}

#[test]
fn a_loop_of_four_bars_is_foretold_from_the_second_pass_on() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G C");
    assert_eq!(shown(&lane.forecast(16.0, 36.0, 4.0)), "16 C | 20 Am | 24 F | 28 G | 32 C");
    play(&mut lane, 20.0, "Am F");
    assert_eq!(shown(&lane.forecast(25.0, 36.0, 4.0)), "25 F | 28 G | 32 C");
    play(&mut lane, 28.0, "G C Am F G C");
    assert_eq!(shown(&lane.forecast(48.5, 60.0, 4.0)), "48.5 C | 52 Am | 56 F");
}

#[test]
fn loops_of_other_shapes_are_foretold() {
    for (pass, foretold) in [
        ("C C C F", "C C C F"),
        ("C F C G", "C F C G"),
        ("Dm7 G7", "Dm7 G7"),
        ("C Am F G C Em F G", "C Am F G C Em F G"),
        ("C7 C7 C7 C7 F7 F7 C7 C7 G7 F7 C7 G7", "C7 C7 C7 C7 F7 F7 C7 C7 G7 F7 C7 G7"),
    ] {
        let num_bars = foretold.split_whitespace().count();
        let mut lane = ChordLane::new();
        play(&mut lane, 0.0, pass);
        for (bar, _) in foretold.split_whitespace().enumerate() {
            let beat = 4.0 * (num_bars + bar) as f64;
            lane.hear(beat, chord(pass.split_whitespace().nth(bar).expect("a bar")));
            let next = pass.split_whitespace().cycle().nth(bar + 1).expect("a bar");
            let line = lane.forecast(beat + 4.0, beat + 8.0, 4.0);
            assert_eq!(shown(&line), format!("{} {next}", beat + 4.0), "{pass}, bar {bar} of the second pass");
        }
    }
}

#[test]
fn an_intro_does_not_hide_the_loop() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "Em D Em D Bm C Am F G C Am F G C Am");
    assert_eq!(shown(&lane.forecast(60.0, 68.0, 4.0)), "60 F | 64 G");
}

#[test]
fn a_slip_does_not_break_the_loop() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G C");
    lane.hear(17.0, chord("Em"));
    lane.hear(17.5, chord("C"));
    play(&mut lane, 20.0, "Am F");
    assert_eq!(shown(&lane.forecast(28.0, 33.0, 4.0)), "28 G | 32 C");
}

#[test]
fn two_chords_in_a_bar_and_odd_meters_are_foretold() {
    let mut lane = ChordLane::new();
    for (index, symbol) in ["Dm7", "G7", "Cmaj7", "A7", "Dm7", "G7"].into_iter().enumerate() {
        lane.hear(2.0 * index as f64, chord(symbol));
    }
    assert_eq!(shown(&lane.forecast(10.5, 16.0, 4.0)), "10.5 G7 | 12 Cmaj7 | 14 A7");
    let mut lane = ChordLane::new();
    for (index, symbol) in ["Am", "F", "Am", "F", "Am"].into_iter().enumerate() {
        lane.hear(3.5 * index as f64, chord(symbol));
    }
    assert_eq!(shown(&lane.forecast(14.0, 24.5, 3.5)), "14 Am | 17.5 F | 21 Am");
}

#[test]
fn a_cycle_of_the_host_is_known_from_the_pass_before() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G");
    lane.hear(15.9, chord("G"));
    lane.hear(0.05, chord("C"));
    assert_eq!(shown(&lane.forecast(0.0, 16.0, 4.0)), "0 C | 4 Am | 8 F | 12 G");
    lane.hear(4.05, chord("Dm"));
    assert_eq!(shown(&lane.forecast(4.0, 16.0, 4.0)), "4 Dm | 8 F | 12 G");
}

#[test]
fn another_song_in_the_same_place_forgets_the_old_one() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G C Am F G");
    play(&mut lane, 0.0, "F#m D F#m");
    assert_eq!(shown(&lane.forecast(9.0, 20.0, 4.0)), "9 F#m | 12 D | 16 F#m");
}

#[test]
fn typed_chords_are_known_and_the_player_may_write_over_them() {
    let mut lane = ChordLane::new();
    lane.type_over(&typed("Dm7 G7 | Cmaj7 | N.C."), 8.0);
    assert_eq!(shown(&lane.forecast(4.0, 20.0, 4.0)), "4 - | 8 Dm7 | 10 G7 | 12 Cmaj7 | 16 -");
    assert_eq!(lane.chord_at(11.0), Some(chord("G7")));
    lane.hear(12.0, chord("Em"));
    lane.hear(14.0, chord("A7"));
    assert_eq!(lane.chord_at(13.0), Some(chord("Em")));
    assert_eq!(lane.chord_at(14.5), Some(chord("A7")));
    assert_eq!(lane.chord_at(9.0), Some(chord("Dm7")));
}

#[test]
fn a_locked_lane_hears_nothing_but_can_be_typed_over() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am");
    lane.set_locked(true);
    play(&mut lane, 0.0, "D E");
    lane.silence(2.0);
    assert_eq!((lane.chord_at(1.0), lane.chord_at(5.0)), (Some(chord("C")), Some(chord("Am"))));
    lane.type_over(&typed("F"), 0.0);
    assert_eq!(lane.chord_at(1.0), Some(chord("F")));
}

#[test]
fn a_loop_reads_its_bars_over_and_over() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C Am F G Em");
    lane.set_loop(Some(4.0..12.0));
    assert_eq!(shown(&lane.forecast(4.0, 24.0, 4.0)), "4 Am | 8 F | 12 Am | 16 F | 20 Am");
    assert_eq!(lane.chord_at(17.0), Some(chord("F")));
    assert_eq!(lane.chord_at(1.0), Some(chord("C")));
    lane.set_loop(None);
    assert_eq!(lane.chord_at(17.0), Some(chord("Em")));
}

#[test]
fn silence_is_no_chord() {
    let mut lane = ChordLane::new();
    play(&mut lane, 0.0, "C");
    lane.silence(2.0);
    assert_eq!((lane.chord_at(1.0), lane.chord_at(3.0)), (Some(chord("C")), None));
    assert_eq!(shown(&lane.forecast(0.0, 8.0, 4.0)), "0 C | 2 -");
}

#[test]
fn no_more_than_64_bars_are_kept() {
    let mut lane = ChordLane::new();
    let symbols = ["C", "Dm", "Em", "F", "G", "Am", "Bb"];
    for bar in 0..1000 {
        lane.hear(4.0 * f64::from(bar), chord(symbols[bar as usize % 7]));
    }
    assert_eq!(lane.chord_at(4.0 * 999.0 - 256.0 - 1.0), None);
    assert!(lane.chord_at(4.0 * 999.0 - 256.0 + 1.0).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_use_gives_a_forecast_without_gaps(
        steps in prop::collection::vec((0u8..6, -10.0f64..300.0, 0i32..12), 0..200),
        from in -10.0f64..300.0,
        length in 0.1f64..64.0,
        bar_beats in 0.1f64..8.0,
    ) {
        let mut lane = ChordLane::new();
        for (what, beat, root) in steps {
            let chord = Chord::new(take::PitchClass::new(root), theory::Quality::Minor);
            match what {
                0 => lane.silence(beat),
                1 => lane.set_loop((root > 3).then(|| beat..beat + f64::from(root))),
                2 => lane.set_locked(root < 3),
                3 => lane.type_over(&typed("C Am F | G"), beat),
                4 => lane.jump(),
                _ => lane.hear(beat, chord),
            }
        }
        let line = lane.forecast(from, from + length, bar_beats);
        let mut beat = from;
        for at in &line {
            prop_assert!((at.start.0 - beat).abs() < 1e-6, "{} is not {beat}", at.start.0);
            prop_assert!(at.duration.0 > 0.0);
            beat = at.start.0 + at.duration.0;
        }
        prop_assert!((beat - from - length).abs() < 1e-4, "ends at {beat}");
    }
}

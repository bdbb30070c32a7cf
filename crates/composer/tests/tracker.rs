//! Tracker text: what is read, what is skipped, and that nothing is lost on the way there and back.
use composer::Swing;
use composer::style::SwingUnit;
use composer::tracker::{Cell, Hit, Hits, MAX_HITS, MAX_STEPS, Parsed, Pattern, Spelling, Voice};
use composer::tracker::{parse, parse_bytes, parse_in};
use proptest::prelude::*;
use take::{Amount, Beats, Bpm, Meter, Note, Part, PartKind};

fn warnings(parsed: &Parsed) -> Vec<String> {
    parsed.warnings.iter().map(ToString::to_string).collect()
}

fn chord(notes: &[(u8, u8)]) -> Cell {
    Cell::Strike(Hits::new(notes.iter().map(|&(key, velocity)| Hit { key, velocity })).unwrap())
}

#[test]
fn notes_chords_rests_and_ties_are_read_and_short_voices_filled_with_rests() {
    let parsed = parse("# tempo: 140\nBASS\nC2:92\n^\n.\nDRUMS\nC2:100\nPIANO\nEb3:60, G3:62,Bb3:58\nSAX\nF#5:0\n");
    let pattern = &parsed.pattern;
    assert_eq!(parsed.warnings, []);
    assert_eq!((pattern.num_bars(), pattern.num_steps(), pattern.tempo), (1, 16, Some(Bpm::new(140.0).unwrap())));
    assert_eq!(pattern.lane(Voice::Bass)[..4], [Cell::note(36, 92), Cell::Tie, Cell::Rest, Cell::Rest]);
    assert_eq!(pattern.lane(Voice::Drums)[0], Cell::note(36, 100));
    assert_eq!(pattern.lane(Voice::Piano)[0], chord(&[(51, 60), (55, 62), (58, 58)]));
    assert_eq!(pattern.lane(Voice::Sax)[0], Cell::note(78, 0));
}

#[test]
fn what_is_no_music_is_skipped_with_its_line_and_text() {
    let parsed = parse("C4:80\nBASS\nH4:80\nC4:128\nC4\nC4:80,Q1:3\nC12:80\nC4:-1\nC4:80,C4:90\n\nG9:1\nG#9:1");
    assert_eq!(
        warnings(&parsed),
        [
            "line 1: `C4:80` stands above the first header (BASS, DRUMS, PIANO, SAX)",
            "line 3: `H4:80` has no key between C-1 and G9",
            "line 4: `C4:128` has no velocity between 0 and 127",
            "line 5: `C4` is no note such as C4:80, no rest `.` and no tie `^`",
            "line 6: `Q1:3` has no key between C-1 and G9",
            "line 7: `C12:80` has no key between C-1 and G9",
            "line 8: `C4:-1` has no velocity between 0 and 127",
            "line 9: `C4:90` is in this line already",
            "line 12: `G#9:1` has no key between C-1 and G9",
        ]
    );
    let bass = parsed.pattern.lane(Voice::Bass);
    let rest = Cell::Rest;
    let kept = [rest.clone(), rest.clone(), rest.clone(), Cell::note(60, 80), rest.clone(), rest.clone()];
    assert_eq!(bass[..6], kept, "a broken line is a rest, so that what follows stays in time");
    assert_eq!(bass[6..9], [Cell::note(60, 80), Cell::note(127, 1), rest]);
}

#[test]
fn the_talk_and_the_marks_of_models_cost_no_step() {
    let text = "Sure, here are your two bars!\n```\n**BASS**\nplayed with a light touch\nC2:80 # root\n```\n[Drums]\nsax:\nB#3:5";
    let parsed = parse(text);
    assert_eq!(parsed.has_voice, [true, true, false, true]);
    assert_eq!(parsed.pattern.lane(Voice::Bass)[..2], [Cell::note(36, 80), Cell::Rest]);
    assert_eq!(parsed.pattern.lane(Voice::Sax)[0], Cell::note(60, 5));
    assert_eq!(warnings(&parsed).len(), 2, "{:?}", parsed.warnings);
}

#[test]
fn texts_can_be_put_one_behind_the_other() {
    let block = "BASS\nC2:80\nDRUMS\nSAX\nD5:70\n.\n.\n";
    let parsed = parse(&format!("{block}{block}BASS\nE2:1"));
    assert_eq!(parsed.pattern.num_bars(), 3);
    let at = |voice, step: usize| &parsed.pattern.lane(voice)[step];
    assert_eq!([at(Voice::Bass, 0), at(Voice::Bass, 16)], [&Cell::note(36, 80); 2]);
    assert_eq!([at(Voice::Sax, 0), at(Voice::Sax, 16)], [&Cell::note(74, 70); 2]);
    assert_eq!(at(Voice::Bass, 32), &Cell::note(40, 1));
}

#[test]
fn metadata_counts_once_and_only_where_it_can() {
    let parsed = parse("# tempo = 99.5 BPM\n# Tempo: 120\n#meter 7/8\n# swing: 0.85 eighth\n# by ear\nBASS\nC2:1");
    let swing = Swing { amount: Amount::new(0.85), unit: SwingUnit::Eighth };
    assert_eq!((parsed.pattern.tempo, parsed.pattern.swing), (Some(Bpm::new(99.5).unwrap()), Some(swing)));
    assert_eq!((parsed.pattern.meter(), parsed.pattern.num_steps()), (Meter::new(7, 8).unwrap(), 14));
    assert_eq!(parsed.warnings, []);
    for bad in ["# tempo: 900", "# meter: 4/3", "# swing: 2", "BASS\nC2:1\n# meter: 3/4"] {
        assert_eq!(parse(bad).warnings.len(), 1, "{bad}");
        assert_eq!(parse(bad).pattern.meter(), Meter::FOUR_FOUR);
    }
    assert_eq!(parse("# tempo to taste\n# meter as before\n# swing hard").warnings, []);
}

#[test]
fn a_meter_known_from_elsewhere_stays() {
    let waltz = Meter::new(3, 4).unwrap();
    let parsed = parse_in(waltz, "# meter: 4/4\nBASS\nC2:1");
    assert_eq!((parsed.pattern.num_steps(), parsed.warnings.len()), (12, 1));
    assert_eq!(parse_in(waltz, "# meter: 3/4").warnings, []);
}

#[test]
fn endless_text_has_an_end() {
    let long = format!("SAX\n{}", "C4:1\n".repeat(MAX_STEPS + 100));
    let parsed = parse(&long);
    assert_eq!((parsed.pattern.num_steps(), parsed.warnings.len()), (MAX_STEPS, 1));
    let wide = format!("SAX\n{}", "C4:1,".repeat(100_000));
    let parsed = parse(&wide);
    assert_eq!((parsed.pattern.num_bars(), parsed.warnings.len(), parsed.num_more_warnings), (1, 100, 99_900));
    let huge = "x".repeat(11 << 20);
    assert!(warnings(&parse(&huge)).iter().any(|warning| warning.contains("too much text")));
    assert_eq!(parse_bytes(&[0xff; 100]).pattern.num_bars(), 0);
}

#[test]
fn more_notes_than_ten_fingers_are_cut() {
    let line: Vec<String> = (0..20).map(|octave| format!("{}{}:9", ["C", "D", "E"][octave % 3], octave / 3)).collect();
    let parsed = parse(&format!("PIANO\n{}", line.join(",")));
    let Cell::Strike(hits) = &parsed.pattern.lane(Voice::Piano)[0] else { panic!("no chord") };
    assert_eq!((hits.as_slice().len(), parsed.warnings.len()), (MAX_HITS, 20 - MAX_HITS));
}

#[test]
fn black_keys_are_written_either_way() {
    let mut pattern = Pattern::silent(Meter::FOUR_FOUR, 1);
    pattern.set(Voice::Sax, 0, Cell::note(70, 64));
    assert!(pattern.print().contains("A#4:64"));
    assert!(pattern.print_in(Spelling::Flats).contains("Bb4:64"));
    assert_eq!(parse(&pattern.print_in(Spelling::Flats)).pattern, pattern);
}

#[test]
fn a_pattern_is_played_until_rest_or_next_note_and_swung() {
    let text = "# swing: 1 eighth\nBASS\nC2:90\n^\nD2:80\n.\nSAX\n^\nC5:0\nE5:70\n^\nPIANO\nC3:1\nDRUMS\nC2:100";
    let pattern = parse(text).pattern;
    let parts = pattern.parts(pattern.swing.unwrap());
    let kinds: Vec<_> = parts.iter().map(|part| (part.kind, part.channel, part.program)).collect();
    assert_eq!(
        kinds,
        [(PartKind::Drums, 9, 0), (PartKind::Bass, 0, 32), (PartKind::Harmony, 1, 0), (PartKind::Melody, 2, 66)]
    );
    let spans = |index: usize| -> Vec<_> {
        let notes = parts[index].notes.iter();
        notes.map(|note| (note.start.0, (note.start.0 + note.duration.0) as f32, note.key)).collect()
    };
    let late = 2.0_f64 / 3.0;
    assert_eq!(spans(1), [(0.0, late as f32, 36), (late, 0.833_333_3, 38)]);
    assert_eq!(spans(3), [(late, 1.0, 76)], "a tie after nothing is a rest, velocity 0 is not heard");
}

#[test]
fn notes_off_the_grid_are_moved_and_counted() {
    let note = |start, duration, key| Note { start: Beats(start), duration: Beats(duration), key, velocity: 80 };
    let part = |kind, notes| Part { kind, name: String::new(), program: 0, channel: 0, notes };
    let harmony = vec![note(0.0, 1.0, 60), note(0.01, 0.5, 64), note(0.6, 0.1, 67), note(9.0, 1.0, 1)];
    let parts = [part(PartKind::Harmony, harmony), part(PartKind::Texture, vec![note(0.0, 1.0, 1)])];
    let fitted = Pattern::from_parts(&parts, Meter::FOUR_FOUR, 1, Swing::STRAIGHT);
    let piano = &fitted.pattern.lane(Voice::Piano)[..4];
    assert_eq!(piano, [chord(&[(60, 80), (64, 80)]), Cell::Tie, Cell::note(67, 80), Cell::Rest]);
    assert_eq!((fitted.num_moved, fitted.num_reshaped, fitted.num_left_out), (1, 1, 2));
}

#[test]
fn nonsense_notes_are_left_out() {
    let times = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -3.0, 1e300];
    let notes = times.iter().flat_map(|&a| times.iter().map(move |&b| (a, b)));
    let notes = notes.map(|(a, b)| Note { start: Beats(a), duration: Beats(b), key: 60, velocity: 1 }).collect();
    let parts = [Part { kind: PartKind::Bass, name: String::new(), program: 0, channel: 0, notes }];
    let fitted = Pattern::from_parts(&parts, Meter::FOUR_FOUR, 2, Swing::STRAIGHT);
    assert_eq!((fitted.num_left_out, fitted.pattern), (25, Pattern::silent(Meter::FOUR_FOUR, 2)));
}

#[test]
fn patterns_grow_and_shrink_by_bars() {
    let mut long = Pattern::silent(Meter::FOUR_FOUR, 1);
    let mut other = Pattern::silent(Meter::FOUR_FOUR, 2);
    other.set(Voice::Bass, 31, Cell::note(40, 9));
    assert!(long.append(&other));
    assert_eq!((long.num_bars(), &long.lane(Voice::Bass)[47]), (3, &Cell::note(40, 9)));
    assert!(!long.append(&Pattern::silent(Meter::new(3, 4).unwrap(), 1)), "another meter");
    assert!(!long.append(&Pattern::silent(Meter::FOUR_FOUR, 1024)), "cut at the longest");
    assert_eq!(long.num_bars(), Pattern::max_bars(Meter::FOUR_FOUR));
    long.resize_bars(3);
    long.keep_last_bars(1);
    assert_eq!((long.num_bars(), &long.lane(Voice::Bass)[15], long.num_hits()), (1, &Cell::note(40, 9), 1));
}

fn meters() -> impl Strategy<Value = Meter> {
    (1_i64..=32, 0_u32..=5).prop_map(|(upper, power)| Meter::new(upper, 1 << power).unwrap())
}

fn cells() -> impl Strategy<Value = Cell> {
    let hits = prop::collection::vec((0_u8..128, 0_u8..128), 1..20);
    prop_oneof![
        3 => Just(Cell::Rest),
        2 => Just(Cell::Tie),
        4 => hits.prop_map(|hits| chord(&hits)),
    ]
}

fn swings() -> impl Strategy<Value = Swing> {
    (0.0_f32..=1.0, any::<bool>()).prop_map(|(amount, is_eighth)| Swing {
        amount: Amount::new(amount),
        unit: if is_eighth { SwingUnit::Eighth } else { SwingUnit::Sixteenth },
    })
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let metadata = (meters(), 0_usize..4, prop::option::of(20.0..=400.0), prop::option::of(swings()));
    metadata.prop_flat_map(|(meter, num_bars, tempo, swing)| {
        let silent = Pattern::silent(meter, num_bars);
        let num_steps = silent.num_steps();
        prop::collection::vec(prop::collection::vec(cells(), num_steps), 4).prop_map(move |lanes| {
            let mut pattern = silent.clone();
            (pattern.tempo, pattern.swing) = (tempo.and_then(|bpm| Bpm::new(bpm).ok()), swing);
            for (voice, lane) in Voice::ALL.into_iter().zip(lanes) {
                lane.into_iter().enumerate().for_each(|(step, cell)| pattern.set(voice, step, cell));
            }
            pattern
        })
    })
}

/// The pattern as it is heard: no silent hits, no ties after nothing.
fn heard(pattern: &Pattern) -> Pattern {
    let mut heard = pattern.clone();
    for voice in Voice::ALL {
        let mut is_sounding = false;
        for (step, cell) in pattern.lane(voice).iter().enumerate() {
            let loud = match cell {
                Cell::Strike(hits) => {
                    let hits = Hits::new(hits.as_slice().iter().copied().filter(|hit| hit.velocity > 0));
                    is_sounding = hits.is_some();
                    hits.map_or(Cell::Rest, Cell::Strike)
                }
                Cell::Tie if is_sounding => Cell::Tie,
                _ => {
                    is_sounding = false;
                    Cell::Rest
                }
            };
            heard.set(voice, step, loud);
        }
    }
    heard
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_printed_reads_back_the_same(pattern in patterns(), is_flat: bool) {
        let text = pattern.print_in(if is_flat { Spelling::Flats } else { Spelling::Sharps });
        let parsed = parse(&text);
        prop_assert_eq!(&parsed.warnings, &[]);
        prop_assert_eq!(parsed.pattern, pattern);
    }

    #[test]
    fn any_text_is_read_and_what_was_read_prints_and_reads_back(text in "\\PC*") {
        let pattern = parse(&text).pattern;
        prop_assert_eq!(parse(&pattern.print()).pattern, pattern);
    }

    #[test]
    fn notes_made_of_a_pattern_make_that_pattern_again(pattern in patterns(), swing in swings()) {
        // In 1/32 and its like the last step of a bar is too short to swing back from.
        prop_assume!(pattern.meter().bar_beats().0 % 0.25 == 0.0);
        let fitted = Pattern::from_parts(&pattern.parts(swing), pattern.meter(), pattern.num_bars(), swing);
        let mut heard = heard(&pattern);
        (heard.tempo, heard.swing) = (None, None);
        prop_assert_eq!(fitted.pattern, heard);
        prop_assert_eq!((fitted.num_moved, fitted.num_reshaped, fitted.num_left_out), (0, 0, 0));
    }

    #[test]
    fn every_note_of_a_pattern_lies_within_it_and_ends_before_its_key_comes_again(
        pattern in patterns(),
        swing in swings(),
    ) {
        let end = pattern.num_beats().0;
        for part in pattern.parts(swing) {
            prop_assert!(part.notes.is_sorted_by(|a, b| (a.start.0, a.key) < (b.start.0, b.key)));
            for (index, note) in part.notes.iter().enumerate() {
                prop_assert!(note.start.0 >= 0.0 && note.duration.0 > 0.0 && note.start.0 + note.duration.0 < end + 1e-9);
                prop_assert!((1..=127).contains(&note.velocity) && note.key <= 127);
                let again = part.notes[index + 1..].iter().find(|later| later.key == note.key);
                prop_assert!(again.is_none_or(|later| later.start.0 > note.start.0 + note.duration.0 - 1e-9));
            }
        }
    }
}

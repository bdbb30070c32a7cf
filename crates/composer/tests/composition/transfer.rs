//! Style transfer.
use super::{STYLES, notes, part_of, style};
use composer::arrange::BandSpec;
use composer::transfer::{Material, TransferError, heard_swing, transfer};
use composer::{Composition, Swing, compose, understand};
use proptest::prelude::*;
use std::collections::BTreeSet;
use take::{Amount, Meter, Note, Part, PartKind, PitchClass, Scale, StyleId, TakeSpec};
use theory::{Chord, Key};

/// A loop of a style that has a melody, played tight.
fn source(style: usize, seed: u64) -> Composition {
    let mut spec = TakeSpec::new(StyleId::built_in(style), STYLES[style].tempo, seed);
    spec.humanise = Amount::new(0.0);
    let mut hints = understand("");
    hints.parts[PartKind::Melody as usize].is_wanted = Some(true);
    compose(&spec, &STYLES[style], &hints)
}

fn material(composition: &Composition) -> Material<'_> {
    Material {
        parts: &composition.parts,
        chords: &composition.chords,
        key: Some(Key::new(composition.key, composition.scale)),
        meter: Meter::FOUR_FOUR,
        num_bars: (composition.loop_beats.0 / composition.bar_beats.0) as usize,
    }
}

/// Onsets on the straight grid of whatever swing the notes have.
fn straight(notes: &[Note], swing: Swing) -> Vec<f64> {
    notes.iter().map(|note| swing.straight(note.start, Meter::FOUR_FOUR).0).collect()
}

fn swing_of(style: usize) -> Swing {
    Swing { amount: Amount::new(STYLES[style].swing.0), unit: STYLES[style].swing_unit }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_melody_keeps_its_keys_and_its_places(from in 0..18usize, to in 0..18usize, seed in any::<u64>()) {
        let source = source(from, seed);
        let before = part_of(&source.parts, PartKind::Melody);
        let spec = BandSpec { humanise: Amount::NONE, ..BandSpec::new(&STYLES[to], seed) };
        let result = transfer(&material(&source), &spec).unwrap();
        prop_assert_eq!(&result, &transfer(&material(&source), &spec).unwrap());
        let after = part_of(&result.parts, PartKind::Melody);
        prop_assert_eq!(before.len(), after.len());
        let contour = |notes: &[Note]| -> Vec<i32> {
            notes.windows(2).map(|pair| i32::from(pair[1].key) - i32::from(pair[0].key)).collect()
        };
        prop_assert_eq!(contour(before), contour(after));
        let moved = i32::from(before.first().map_or(0, |note| note.key)) - i32::from(after.first().map_or(0, |note| note.key));
        prop_assert_eq!(moved % 12, 0);
        // Places are compared on the straight grid: every note stays on its sixteenth.
        let all: Vec<Note> = source.parts.iter().flat_map(|part| part.notes.iter().copied()).collect();
        let (old, new) = (straight(before, heard_swing(&all)), straight(after, swing_of(to)));
        for (old, new) in old.iter().zip(&new) {
            prop_assert!((old - new).abs() < 1e-6, "{old} became {new}");
        }
    }

    #[test]
    fn chords_keep_their_roots_and_places(from in 0..18usize, to in 0..18usize, seed in any::<u64>()) {
        let source = source(from, seed);
        let result = transfer(&material(&source), &BandSpec::new(&STYLES[to], seed)).unwrap();
        let roots = |composition: &Composition| -> Vec<(i64, u8)> {
            let mut roots: Vec<(i64, u8)> = Vec::new();
            for chord in &composition.chords {
                let root = Chord::parse(&chord.symbol).unwrap().root.get();
                // The same root twice in a row is one harmony in two colours.
                if roots.last().is_none_or(|last| last.1 != root) {
                    roots.push(((chord.start.0 * 960.0) as i64, root));
                }
            }
            roots
        };
        prop_assert_eq!(roots(&source), roots(&result));
        prop_assert_eq!(source.loop_beats, result.loop_beats);
    }
}

#[test]
fn another_style_is_another_rhythm_section() {
    let source = source(15, 3);
    let spec = |id: &str| BandSpec::new(style(id), 3);
    let mut drums: BTreeSet<Vec<(i64, u8)>> = BTreeSet::new();
    let mut basses: BTreeSet<Vec<(i64, u8)>> = BTreeSet::new();
    let mut programs: BTreeSet<Vec<u8>> = BTreeSet::new();
    let targets = ["jazz", "latin", "rock", "techno_minimal", "dub", "funk", "jungle_dnb"];
    for id in targets {
        let result = transfer(&material(&source), &spec(id)).unwrap();
        let shape =
            |kind| part_of(&result.parts, kind).iter().map(|n| ((n.start.0 * 96.0) as i64, n.key)).collect::<Vec<_>>();
        drums.insert(shape(PartKind::Drums));
        basses.insert(shape(PartKind::Bass));
        programs.insert(result.parts.iter().map(|part| part.program).collect());
        assert!(!shape(PartKind::Drums).is_empty() && !shape(PartKind::Bass).is_empty(), "{id}");
    }
    assert_eq!((drums.len(), basses.len()), (targets.len(), targets.len()));
    assert!(programs.len() >= 6, "{programs:?}");
}

#[test]
fn jazz_makes_sevenths_of_triads_and_rock_the_other_way_round() {
    let share = |composition: &Composition| {
        let sevenths =
            composition.chords.iter().filter(|c| Chord::parse(&c.symbol).unwrap().quality.intervals().len() > 3);
        sevenths.count() as f64 / composition.chords.len() as f64
    };
    let line: Vec<take::ChordSpan> = ["C", "Am", "F", "G", "C", "Dm", "G", "C"]
        .iter()
        .enumerate()
        .map(|(bar, symbol)| take::ChordSpan {
            start: take::Beats(bar as f64 * 4.0),
            duration: take::Beats(4.0),
            symbol: (*symbol).to_owned(),
        })
        .collect();
    let lead = Part {
        kind: PartKind::Melody,
        name: "Lead".into(),
        program: 73,
        channel: 0,
        notes: notes(
            &[(0.0, 72), (4.0, 72), (8.0, 72), (12.0, 74), (16.0, 76), (20.0, 74), (24.0, 71), (28.0, 72)],
            4.0,
        ),
    };
    let key = Some(Key::new(PitchClass::new(0), Scale::Major));
    let material = Material { parts: &[lead], chords: &line, key, meter: Meter::FOUR_FOUR, num_bars: 8 };
    let jazz = transfer(&material, &BandSpec::new(style("jazz"), 1)).unwrap();
    let rock = transfer(&material, &BandSpec::new(style("rock"), 1)).unwrap();
    assert!(share(&jazz) > 0.8, "{:?}", jazz.chords);
    assert!(share(&rock) < 0.5, "{:?}", rock.chords);
}

#[test]
fn chords_are_heard_where_nobody_wrote_them_down() {
    let source = source(15, 8);
    let unlabelled = Material { chords: &[], key: None, ..material(&source) };
    let result = transfer(&unlabelled, &BandSpec::new(style("latin"), 1)).unwrap();
    let root_at = |composition: &Composition, beat: f64| {
        let chord = composition.chords.iter().rev().find(|chord| chord.start.0 <= beat).unwrap();
        Chord::parse(&chord.symbol).unwrap().root
    };
    let same = (0..32).filter(|&beat| root_at(&source, f64::from(beat)) == root_at(&result, f64::from(beat))).count();
    assert!(same >= 26, "{same} of 32 beats: {:?} {:?}", source.chords, result.chords);
}

#[test]
fn swing_is_taken_off_and_put_on() {
    let jazz = STYLES.iter().position(|style| style.id == "jazz").unwrap();
    let swinging = source(jazz, 2);
    let all: Vec<Note> = swinging.parts.iter().flat_map(|part| part.notes.iter().copied()).collect();
    assert!((heard_swing(&all).amount.get() - 0.85).abs() < 0.05, "{:?}", heard_swing(&all));
    let rock = transfer(&material(&swinging), &BandSpec { humanise: Amount::NONE, ..BandSpec::new(style("rock"), 2) })
        .unwrap();
    let melody = part_of(&rock.parts, PartKind::Melody);
    let on_grid = melody.iter().filter(|note| ((note.start.0 * 4.0).round() - note.start.0 * 4.0).abs() < 0.05).count();
    assert_eq!(on_grid, melody.len(), "{melody:?}");
    assert_eq!(heard_swing(&notes(&[(0.0, 60), (0.5, 62), (1.5, 64), (2.5, 60)], 0.5)), Swing::STRAIGHT);
}

#[test]
fn drums_alone_and_bad_symbols_are_refused() {
    let kit =
        Part { kind: PartKind::Drums, name: "Kit".into(), program: 0, channel: 9, notes: notes(&[(0.0, 36)], 0.25) };
    let spec = BandSpec::new(style("jazz"), 1);
    let material = Material { parts: &[kit], chords: &[], key: None, meter: Meter::FOUR_FOUR, num_bars: 1 };
    assert_eq!(transfer(&material, &spec).unwrap_err(), TransferError::NoNotes);
    assert_eq!(transfer(&Material { parts: &[], ..material }, &spec).unwrap_err(), TransferError::NoNotes);
}

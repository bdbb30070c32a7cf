//! What every composition promises, over all built-in styles.
mod common;

use common::STYLES;
use composer::{Composition, compose, understand};
use proptest::prelude::*;
use take::{Amount, BarCount, Hints, Meter, Part, PartKind, PitchClass, Scale, StyleId, TakeSpec};

fn spec(style: usize, seed: u64) -> TakeSpec {
    TakeSpec::new(StyleId::built_in(style), STYLES[style].tempo, seed)
}

fn composed(spec: &TakeSpec, style: usize) -> Composition {
    compose(spec, &STYLES[style], &understand(&spec.prompt))
}

fn part(composition: &Composition, kind: PartKind) -> Option<&Part> {
    composition.parts.iter().find(|part| part.kind == kind)
}

fn num_notes(composition: &Composition, kind: PartKind) -> usize {
    part(composition, kind).map_or(0, |part| part.notes.len())
}

prop_compose! {
    fn any_spec()(
        style in 0..18usize, seed in any::<u64>(), numerator in 1..=32i64, power in 0..=5u32, bars in 1..=32i64,
        key in proptest::option::of(0..12i32), scale in proptest::option::of(0..Scale::COUNT),
        dials in prop::array::uniform4(0.0f32..=1.0),
        prompt in prop::sample::select(vec!["", "sparse", "dense glitchy drums", "no bass, drone", "high melody", "busy"]),
    ) -> (usize, TakeSpec) {
        let mut spec = spec(style, seed);
        spec.prompt = prompt.to_owned();
        spec.meter = Meter::new(numerator, 1 << power).unwrap();
        // 32/1 over 32 bars is four thousand beats; a few bars of such giants say as much.
        spec.bars = BarCount::new(if spec.meter.bar_beats().0 > 8.0 { bars.min(3) } else { bars }).unwrap();
        spec.key = key.map(PitchClass::new);
        spec.scale = scale.map(|index| Scale::ALL[index]);
        spec.energy = Amount::new(dials[0]);
        spec.complexity = Amount::new(dials[1]);
        spec.swing = Some(Amount::new(dials[2]));
        spec.humanise = Amount::new(dials[3]);
        (style, spec)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_spec_gives_sorted_notes_inside_the_loop((style, spec) in any_spec()) {
        let composition = composed(&spec, style);
        prop_assert_eq!(composition.loop_beats.0, spec.num_beats());
        prop_assert!(!composition.parts.is_empty());
        for part in &composition.parts {
            prop_assert!(!part.notes.is_empty());
            prop_assert!(part.notes.windows(2).all(|pair| (pair[0].start, pair[0].key) <= (pair[1].start, pair[1].key)));
            for note in &part.notes {
                prop_assert!(note.start.0 >= 0.0 && note.start.0 < composition.loop_beats.0, "{:?} {:?}", part.kind, note);
                prop_assert!(note.duration.0 > 0.0 && note.duration.0 <= composition.loop_beats.0.max(0.07), "{:?} {:?}", part.kind, note);
                prop_assert!(note.key < 128 && (1..=127).contains(&note.velocity));
            }
        }
    }

    #[test]
    fn chords_fill_the_loop_without_gaps((style, spec) in any_spec()) {
        let composition = composed(&spec, style);
        let mut at = 0.0;
        for chord in &composition.chords {
            prop_assert!((chord.start.0 - at).abs() < 1e-9 && chord.duration.0 > 0.0, "{:?}", chord);
            prop_assert!(theory::Chord::parse(&chord.symbol).is_ok(), "{:?}", chord);
            at = chord.start.0 + chord.duration.0;
        }
        prop_assert!((at - composition.loop_beats.0).abs() < 1e-9);
    }

    #[test]
    fn the_same_spec_gives_the_same_notes((style, spec) in any_spec()) {
        prop_assert_eq!(composed(&spec, style), composed(&spec, style));
    }

    #[test]
    fn harmony_and_melody_keep_to_the_scale_and_the_chords((style, mut spec) in any_spec()) {
        spec.humanise = Amount::new(0.0);
        spec.swing = Some(Amount::new(0.0));
        let composition = composed(&spec, style);
        let own = theory::pitch_mask(composition.key, composition.scale);
        let scale = own | theory::pitch_mask(composition.key, theory::parent(composition.scale));
        let chords: Vec<u16> = composition.chords.iter().map(|c| theory::Chord::parse(&c.symbol).unwrap().mask()).collect();
        let any_chord = chords.iter().fold(0, |all, mask| all | mask);
        // Shells and power chords bring their own fifth, quartal stacks their fourths; both lie in the chord's scale.
        let is_stacked = STYLES[style].id == "experimental";
        for kind in [PartKind::Melody, PartKind::Harmony] {
            for note in part(&composition, kind).map_or(&[][..], |part| &part.notes) {
                let bit = 1 << (note.key % 12);
                prop_assert!((scale | any_chord) & bit != 0 || is_stacked && kind == PartKind::Harmony, "{:?} {:?}", kind, note);
            }
        }
    }

    #[test]
    fn no_single_voice_overlaps_itself((style, spec) in any_spec()) {
        let composition = composed(&spec, style);
        for kind in [PartKind::Bass, PartKind::Melody] {
            let notes = part(&composition, kind).map_or(&[][..], |part| &part.notes);
            for pair in notes.windows(2).filter(|pair| pair[0].start < pair[1].start) {
                prop_assert!(pair[0].start.0 + pair[0].duration.0 <= pair[1].start.0 + 1e-9, "{:?} {:?}", kind, pair);
            }
        }
    }
}

#[test]
fn without_humanise_and_swing_everything_is_on_the_grid() {
    for style in 0..18 {
        for seed in 0..5 {
            let mut spec = spec(style, seed);
            spec.humanise = Amount::new(0.0);
            spec.swing = Some(Amount::new(0.0));
            for part in composed(&spec, style).parts {
                for note in part.notes {
                    // Rolls and stutters divide a step by two, three or four; an eighth by as many.
                    let fine = note.start.0 * 96.0;
                    assert!((fine - fine.round()).abs() < 1e-6, "{} {:?} {note:?}", STYLES[style].id, part.kind);
                    let is_grid = (note.start.0 * 4.0).fract() == 0.0;
                    assert!(is_grid || part.kind == PartKind::Drums, "{} {:?} {note:?}", STYLES[style].id, part.kind);
                }
            }
        }
    }
}

#[test]
fn kicks_stay_on_the_grid_however_loosely_the_band_plays() {
    let mut num_kicks = 0;
    for style in 0..18 {
        let mut spec = spec(style, 3);
        spec.humanise = Amount::new(1.0);
        spec.swing = Some(Amount::new(0.0));
        let composition = composed(&spec, style);
        let Some(drums) = part(&composition, PartKind::Drums) else { continue };
        for kick in drums.notes.iter().filter(|note| note.key == 36) {
            num_kicks += 1;
            let steps = kick.start.0 * 4.0;
            assert_eq!(steps, steps.round(), "{}", STYLES[style].id);
        }
    }
    assert!(num_kicks > 200, "{num_kicks}");
}

#[test]
fn another_seed_gives_other_notes() {
    for style in 0..18 {
        let parts: Vec<Vec<Part>> = (0..5).map(|seed| composed(&spec(style, seed), style).parts).collect();
        for (index, one) in parts.iter().enumerate() {
            assert!(parts[..index].iter().all(|other| other != one), "{} seed {index}", STYLES[style].id);
        }
    }
}

#[test]
fn energy_makes_drums_louder_and_busier() {
    for style in 0..18 {
        let (mut quiet, mut loud) = ((0, 0), (0, 0));
        for seed in 0..6 {
            let at = |energy: f32| {
                let mut spec = TakeSpec { energy: Amount::new(energy), prompt: "drums".into(), ..spec(style, seed) };
                spec.humanise = Amount::new(0.0);
                let composition = composed(&spec, style);
                let drums = part(&composition, PartKind::Drums).expect("drums were asked for").notes.clone();
                (drums.len(), drums.iter().map(|note| usize::from(note.velocity)).sum::<usize>())
            };
            let (low, high) = (at(0.1), at(0.95));
            quiet = (quiet.0 + low.0, quiet.1 + low.1);
            loud = (loud.0 + high.0, loud.1 + high.1);
        }
        assert!(loud.0 * 10 >= quiet.0 * 12, "{}: {} to {} hits", STYLES[style].id, quiet.0, loud.0);
        assert!(loud.1 * quiet.0 > quiet.1 * loud.0 || loud.0 > quiet.0 * 2, "{}: not louder", STYLES[style].id);
    }
}

#[test]
fn complexity_changes_the_notes_of_every_style() {
    for style in 0..18 {
        let at =
            |complexity| composed(&TakeSpec { complexity: Amount::new(complexity), ..spec(style, 2) }, style).parts;
        assert_ne!(at(0.05), at(0.95), "{}", STYLES[style].id);
    }
}

#[test]
fn full_swing_puts_the_off_beat_on_the_triplet() {
    let jazz = STYLES.iter().position(|style| style.id == "jazz").unwrap();
    let mut spec = spec(jazz, 1);
    spec.swing = Some(Amount::new(1.0));
    spec.humanise = Amount::new(0.0);
    let composition = composed(&spec, jazz);
    let rides = part(&composition, PartKind::Drums).unwrap().notes.iter().filter(|note| note.key == 51);
    let off_beats: Vec<f64> = rides.map(|note| note.start.0.fract()).filter(|phase| *phase > 0.1).collect();
    assert!(!off_beats.is_empty());
    assert!(off_beats.iter().all(|phase| (phase - 2.0 / 3.0).abs() < 1e-9), "{off_beats:?}");
}

#[test]
fn walking_bass_plays_roots_where_chords_change() {
    let jazz = STYLES.iter().position(|style| style.id == "jazz").unwrap();
    let mut spec = spec(jazz, 4);
    spec.humanise = Amount::new(0.0);
    spec.swing = Some(Amount::new(0.0));
    let composition = composed(&spec, jazz);
    let bass = part(&composition, PartKind::Bass).unwrap();
    for chord in &composition.chords {
        let note = bass.notes.iter().find(|note| note.start == chord.start).expect("a note on the change");
        let wanted = theory::Chord::parse(&chord.symbol).unwrap().bass_note();
        assert_eq!(note.key % 12, wanted.get(), "{}", chord.symbol);
    }
}

#[test]
fn house_bass_leaves_the_kick_alone() {
    let house = STYLES.iter().position(|style| style.id == "deep_house").unwrap();
    for seed in 0..10 {
        let mut spec = spec(house, seed);
        spec.humanise = Amount::new(0.0);
        let composition = composed(&spec, house);
        let kicks = part(&composition, PartKind::Drums)
            .unwrap()
            .notes
            .iter()
            .filter(|note| note.key == 36 && note.velocity > 50);
        let kicks: Vec<f64> = kicks.map(|note| note.start.0).collect();
        let bass = &part(&composition, PartKind::Bass).unwrap().notes;
        assert!(bass.iter().all(|note| !kicks.contains(&note.start.0)), "seed {seed}");
    }
}

#[test]
fn words_change_what_is_played() {
    let pop = STYLES.iter().position(|style| style.id == "pop").unwrap();
    let plain = composed(&spec(pop, 1), pop);
    let with = |prompt: &str| composed(&TakeSpec { prompt: prompt.into(), ..spec(pop, 1) }, pop);
    assert!(part(&with("no drums"), PartKind::Drums).is_none());
    assert_eq!(with("only piano").parts.iter().map(|part| part.kind).collect::<Vec<_>>(), [PartKind::Harmony]);
    assert!(num_notes(&with("sparse melody"), PartKind::Melody) < num_notes(&plain, PartKind::Melody));
    assert!(num_notes(&with("glitchy drums"), PartKind::Drums) > num_notes(&plain, PartKind::Drums));
    let mean = |composition: &Composition| {
        let notes = &part(composition, PartKind::Melody).unwrap().notes;
        notes.iter().map(|note| f64::from(note.key)).sum::<f64>() / notes.len() as f64
    };
    assert!((mean(&with("high melody")) - mean(&plain) - 12.0).abs() < 3.0);
    assert_eq!(part(&with("flute melody"), PartKind::Melody).unwrap().program, 73);
    let rain = with("with rain");
    assert_eq!(part(&rain, PartKind::Texture).unwrap().name, "Rain");
    assert_eq!(with("in F# dorian").key, PitchClass::new(6));
}

#[test]
fn a_wish_for_one_part_leaves_the_others_alone() {
    let rock = STYLES.iter().position(|style| style.id == "rock").unwrap();
    let plain = composed(&spec(rock, 8), rock);
    let wished = compose(&spec(rock, 8), &STYLES[rock], &understand("sparse melody"));
    for kind in [PartKind::Drums, PartKind::Bass, PartKind::Harmony] {
        assert_eq!(part(&plain, kind), part(&wished, kind));
    }
}

#[test]
fn a_broken_hint_cannot_break_the_band() {
    let mut hints = Hints::default();
    for part in &mut hints.parts {
        part.register = i8::MIN;
        part.density = f32::NAN;
        part.glitch = f32::INFINITY;
        part.length = f32::NAN;
    }
    let composition = compose(&spec(0, 1), &STYLES[0], &hints);
    for note in composition.parts.iter().flat_map(|part| &part.notes) {
        assert!(note.duration.0.is_finite() && note.start.0.is_finite(), "{note:?}");
    }
}

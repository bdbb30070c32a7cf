//! Forms and what is played over them.
use super::{STYLES, part_of, style};
use composer::arrange::BandSpec;
use composer::form::{Form, FormError, FormPlan, FormSpec, compose_form, plan_form};
use proptest::prelude::*;
use take::{Amount, Meter, Note, PartKind, PitchClass, Scale};

fn planned(id: &str, style_id: &str) -> FormPlan {
    let spec =
        FormSpec { key: Some(PitchClass::new(0)), scale: Some(Scale::Major), ..FormSpec::new(style(style_id), 5) };
    plan_form(Form::named(id).unwrap(), &spec).unwrap()
}

/// The symbols of some bars with their beats within them.
fn symbols(plan: &FormPlan, first_bar: usize, num_bars: usize) -> Vec<(f64, String)> {
    let bar = plan.changes.bar_beats().0;
    let span = first_bar as f64 * bar..(first_bar + num_bars) as f64 * bar;
    let inside = plan.changes.spans().into_iter().filter(|chord| span.contains(&chord.start.0));
    inside.map(|chord| (chord.start.0 - span.start, chord.symbol)).collect()
}

/// Notes that start in a section, counted from its start.
fn in_section(notes: &[Note], plan: &FormPlan, index: usize) -> Vec<Note> {
    let bar = plan.changes.bar_beats().0;
    let section = &plan.sections[index];
    let from = section.first_bar as f64 * bar;
    let span = from..from + section.num_bars as f64 * bar;
    let inside = notes.iter().filter(|note| span.contains(&note.start.0));
    inside.map(|note| Note { start: take::Beats(note.start.0 - from), ..*note }).collect()
}

#[test]
fn aaba_says_the_same_thing_three_times() {
    let plan = planned("aaba", "jazz");
    assert_eq!(plan.changes.num_bars, 32);
    let names: Vec<&str> = plan.sections.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names, ["A", "A", "Bridge", "A"]);
    assert_eq!(symbols(&plan, 0, 8), symbols(&plan, 8, 8));
    assert_eq!(symbols(&plan, 0, 8), symbols(&plan, 24, 8));
    let bridge: Vec<String> = symbols(&plan, 16, 8).into_iter().map(|(_, symbol)| symbol).collect();
    assert_eq!(bridge, ["E7", "A7", "D7", "G7"]);
}

#[test]
fn the_blues_goes_round_in_twelve_bars() {
    let spec = FormSpec {
        key: Some(PitchClass::new(0)),
        scale: Some(Scale::Mixolydian),
        num_bars: Some(24),
        ..FormSpec::new(style("blues"), 5)
    };
    let plan = plan_form(Form::named("twelve_bar").unwrap(), &spec).unwrap();
    let written = [
        (0.0, "C7"),
        (4.0, "F7"),
        (8.0, "C7"),
        (16.0, "F7"),
        (24.0, "C7"),
        (32.0, "G7"),
        (36.0, "F7"),
        (40.0, "C7"),
        (44.0, "G7"),
    ];
    let written: Vec<(f64, String)> = written.map(|(at, symbol)| (at, symbol.to_owned())).into();
    assert_eq!(symbols(&plan, 0, 12), written);
    assert_eq!(symbols(&plan, 12, 12), written);
}

#[test]
fn a_sonata_brings_its_second_theme_home() {
    let plan = planned("sonata", "classical");
    let keys = |name: &str| -> Vec<u8> {
        plan.sections.iter().filter(|section| section.name == name).map(|section| section.key.tonic.get()).collect()
    };
    assert_eq!(keys("First theme"), [0, 0]);
    assert_eq!(keys("Second theme"), [7, 0], "in the dominant, then at home");
    assert!(keys("Development").iter().all(|tonic| *tonic != 0));
    let second: Vec<usize> = (0..plan.sections.len()).filter(|&i| plan.sections[i].name == "Second theme").collect();
    let bars = |index: usize| symbols(&plan, plan.sections[index].first_bar, plan.sections[index].num_bars);
    let roots = |index: usize| -> Vec<u8> {
        let tonic = plan.sections[index].key.tonic.get();
        bars(index)
            .iter()
            .map(|(_, symbol)| (theory::Chord::parse(symbol).unwrap().root.get() + 12 - tonic) % 12)
            .collect()
    };
    assert_eq!(roots(second[0]), roots(second[1]), "the same theme in two keys");
}

#[test]
fn sections_are_played_by_those_they_name_and_as_hard_as_they_say() {
    let plan = planned("verse_chorus", "pop");
    let composition = compose_form(&plan, &BandSpec::new(style("pop"), 5));
    let loudness = |index: usize| {
        let notes = in_section(part_of(&composition.parts, PartKind::Drums), &plan, index);
        notes.iter().map(|note| f64::from(note.velocity)).sum::<f64>() / plan.sections[index].num_bars as f64
    };
    for (index, section) in plan.sections.iter().enumerate() {
        for kind in PartKind::ALL {
            let notes = in_section(part_of(&composition.parts, kind), &plan, index);
            assert!(section.parts.contains(&kind) || notes.is_empty(), "{kind:?} in {}", section.name);
        }
    }
    let (verse, chorus) = (1, 2);
    assert!(loudness(chorus) > loudness(verse) * 1.05, "{} {}", loudness(chorus), loudness(verse));
    let melody = part_of(&composition.parts, PartKind::Melody);
    let (first, second) = (in_section(melody, &plan, 1), in_section(melody, &plan, 3));
    let keys = |notes: &[Note]| notes.iter().map(|note| note.key).collect::<Vec<_>>();
    assert!(!first.is_empty());
    assert_eq!(keys(&first), keys(&second), "the verse's theme returns");
    assert_ne!(keys(&first), keys(&in_section(melody, &plan, 2)));
}

#[test]
fn a_build_rises_into_the_drop() {
    let plan = planned("build_drop", "edm");
    let composition = compose_form(&plan, &BandSpec::new(style("edm"), 5));
    let build = plan.sections.iter().position(|section| section.is_build).unwrap();
    let drums = in_section(part_of(&composition.parts, PartKind::Drums), &plan, build);
    let roll: Vec<&Note> = drums.iter().filter(|note| note.key == 38).collect();
    let half = plan.sections[build].num_bars as f64 * 2.0;
    let (early, late) =
        (roll.iter().filter(|n| n.start.0 < half).count(), roll.iter().filter(|n| n.start.0 >= half).count());
    assert!(late >= 2 * early && early > 0, "{early} {late}");
    assert!(roll.last().unwrap().velocity > roll[0].velocity + 50);
    let line = in_section(part_of(&composition.parts, PartKind::Texture), &plan, build);
    assert!(line.windows(2).all(|pair| pair[0].key <= pair[1].key));
    assert!(line.last().unwrap().key >= line[0].key + 20);
    assert!(plan.sections[build + 1].is_drop);
    let drop = in_section(part_of(&composition.parts, PartKind::Drums), &plan, build + 1);
    assert!(drop.iter().any(|note| note.key == 49 && note.start.0 == 0.0), "a crash");
    assert!(!in_section(part_of(&composition.parts, PartKind::Bass), &plan, build + 1).is_empty());
    assert!(in_section(part_of(&composition.parts, PartKind::Bass), &plan, build).is_empty());
}

#[test]
fn users_can_bring_their_own_sections() {
    let mut form = Form::named("aaba").unwrap().clone();
    form.sections.truncate(3);
    let plan = plan_form(&form, &FormSpec::new(style("rock"), 1)).unwrap();
    assert_eq!((plan.changes.num_bars, plan.sections.len()), (24, 3));
}

#[test]
fn lengths_that_do_not_fit_are_refused() {
    let form = Form::named("verse_chorus").unwrap();
    for bars in [0, 7, 65, 1000] {
        let spec = FormSpec { num_bars: Some(bars), ..FormSpec::new(style("pop"), 1) };
        assert_eq!(plan_form(form, &spec).unwrap_err(), FormError::Length { bars, min: 8 });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_form_fills_its_bars_in_every_style(
        which in 0..5usize, style in 0..18usize, seed in any::<u64>(), bars in 9..=64usize, tonic in 0..12i32,
        scale in 0..Scale::COUNT, dial in 0.0f32..=1.0, meter in prop::sample::select(vec![(4, 4), (3, 4), (7, 8)]),
    ) {
        let form = &Form::built_in()[which];
        let spec = FormSpec {
            key: Some(PitchClass::new(tonic)), scale: Some(Scale::ALL[scale]), num_bars: Some(bars),
            meter: Meter::new(meter.0, meter.1).unwrap(), complexity: Amount::new(dial),
            ..FormSpec::new(&STYLES[style], seed)
        };
        let plan = plan_form(form, &spec).unwrap();
        prop_assert_eq!(plan.changes.num_bars, bars);
        let mut bar = 0;
        for section in &plan.sections {
            prop_assert!(section.first_bar == bar && section.num_bars > 0, "{section:?}");
            bar += section.num_bars;
        }
        prop_assert_eq!(bar, bars);
        let mut at = 0.0;
        for chord in plan.changes.spans() {
            prop_assert!((chord.start.0 - at).abs() < 1e-9 && chord.duration.0 > 0.0, "{chord:?}");
            prop_assert!(theory::Chord::parse(&chord.symbol).is_ok());
            at = chord.start.0 + chord.duration.0;
        }
        prop_assert!((at - plan.changes.num_beats().0).abs() < 1e-9);
        let composition = compose_form(&plan, &BandSpec::new(&STYLES[style], seed));
        prop_assert!(!composition.parts.is_empty());
        for part in &composition.parts {
            prop_assert!(part.notes.iter().all(|note| note.start.0 >= 0.0 && note.start < composition.loop_beats));
            prop_assert!(part.notes.windows(2).all(|pair| (pair[0].start, pair[0].key) <= (pair[1].start, pair[1].key)), "{:?}", part.kind);
        }
    }
}

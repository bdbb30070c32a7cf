use super::*;
use crate::state::filter_state;
use nice_plug::prelude::PluginState;
use std::collections::BTreeMap;
use studio::PressAction;

fn params() -> Arc<ContinuoParams> {
    let params = Arc::new(ContinuoParams::default());
    install(&params);
    params
}

fn host_number(params: &ContinuoParams, id: &str) -> u32 {
    params.midi.target(params.midi.number_of(id).unwrap()).unwrap().host_number()
}

fn moved(params: &ContinuoParams) -> Vec<(u32, f64)> {
    let mut moved = Vec::new();
    params.midi.moved(|number, value, _| moved.push((number, value)));
    moved
}

#[test]
fn the_next_source_is_learned_and_the_one_after_is_not() {
    let params = params();
    assert!(params.midi.learn("d1_lvl"));
    assert_eq!(params.midi.learning(), Some("d1_lvl"));
    let (number, value) = params.midi.hear(MidiSource::Cc(74), 0.5).unwrap();
    assert_eq!((number, value), (host_number(&params, "d1_lvl"), 0.5));
    assert_eq!(params.midi.learning(), None);
    assert_eq!(params.midi.hear(MidiSource::Cc(75), 0.5), None);
    assert_eq!(params.midi.sources("d1_lvl"), [MidiSource::Cc(74)]);
    assert!(!params.midi.learn("no such parameter") && params.midi.learning().is_none());
}

#[test]
fn letting_a_key_go_is_not_learned() {
    let params = params();
    params.midi.learn("d1_mute");
    assert!(!params.midi.play(60, 0));
    assert_eq!(params.midi.learning(), Some("d1_mute"));
    assert!(params.midi.play(61, 100));
    assert_eq!(params.midi.sources("d1_mute"), [MidiSource::Note(61)]);
}

#[test]
fn a_key_presses_a_button_turns_a_switch_steps_a_list_and_sets_a_dial() {
    let params = params();
    let bind = |key, id: &str| MidiBinding { source: MidiSource::Note(key), param: id.to_owned() };
    params.midi.restore(&[bind(1, "d2_gen"), bind(2, "d2_mute"), bind(3, "swap"), bind(4, "d2_filt")]);
    let strike = |key| [params.midi.play(key, 127), params.midi.play(key, 0)];
    assert_eq!(strike(1), [true, true]);
    let mut presses = Vec::new();
    params.buttons.collect(|deck, action| presses.push((deck.get(), action)));
    assert_eq!((presses, params.deck_2.generate.value()), (vec![(1, PressAction::Generate)], false));
    strike(2);
    assert!(params.deck_2.mute.value());
    strike(2);
    assert!(!params.deck_2.mute.value());
    let before = params.swap.value();
    for _ in 0..3 {
        strike(3);
    }
    assert_ne!(params.swap.value(), before);
    strike(3);
    assert_eq!(params.swap.value(), before, "four entries make a round");
    strike(4);
    assert_eq!(params.deck_2.filter.value(), 1.0);
    assert!(!params.midi.play(5, 127), "a key nobody learned belongs to the decks");
}

#[test]
fn the_host_hears_once_of_everything_that_moved() {
    let params = params();
    let param = "d3_mute".to_owned();
    params.midi.restore(&[MidiBinding { source: MidiSource::Note(9), param }]);
    for _ in 0..3 {
        params.midi.play(9, 64);
    }
    assert_eq!(moved(&params), [(host_number(&params, "d3_mute"), 1.0)]);
    assert_eq!(moved(&params), []);
}

#[test]
fn every_parameter_can_be_learned_and_comes_back_from_the_state() {
    let params = params();
    let ids: Vec<_> = params.param_map().into_iter().map(|(id, ..)| id).collect();
    for id in &ids {
        assert!(params.midi.learn(id), "{id}");
    }
    params.midi.stop_learning();
    let sources = (0..NUM_SOURCES).map(MidiSource::of_slot);
    let all: Vec<_> = sources.zip(ids).map(|(source, param)| MidiBinding { source, param }).collect();
    params.midi.restore(&all);
    assert_eq!(params.midi.bindings(), all);
    let opened = self::params();
    opened.deserialize_fields(&params.serialize_fields());
    assert_eq!(opened.midi.bindings(), all);
    opened.midi.clear(&all[0].param);
    opened.midi.clear_source(all[1].source);
    assert_eq!(opened.midi.bindings(), all[2..]);
    opened.midi.clear_all();
    assert_eq!(opened.midi.bindings(), []);
}

/// What the framework does with a state, as far as fields go.
fn load(params: &ContinuoParams, fields: &[(&str, &str)]) {
    let fields: BTreeMap<_, _> = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let mut state = PluginState { version: "0.1.0".to_owned(), params: BTreeMap::new(), fields };
    filter_state(&mut state);
    params.deserialize_fields(&state.fields);
}

#[test]
fn a_project_from_before_midi_learn_has_no_mapping_and_a_newer_one_changes_none() {
    let params = params();
    let one = [MidiBinding { source: MidiSource::PitchBend, param: "master".to_owned() }];
    params.midi.restore(&one);
    load(&params, &[("session", r#"{"version": 99}"#), ("midi", "[]")]);
    assert_eq!(params.midi.bindings(), one);
    load(&params, &[("midi", "broken")]);
    assert_eq!(params.midi.bindings(), one);
    load(&params, &[("session", r#"{"version": 1}"#)]);
    assert_eq!(params.midi.bindings(), []);
    let known = r#"[{"source": "foot", "param": "master"}, {"source": {"cc": 7}, "param": "gone"},
                    {"source": {"cc": 200}, "param": "key"}, {"source": {"cc": 7}, "param": "master"}]"#;
    load(&params, &[("session", r#"{"version": 1}"#), ("midi", known)]);
    assert_eq!(params.midi.bindings(), [MidiBinding { source: MidiSource::Cc(7), param: "master".to_owned() }]);
}

#![expect(unsafe_code, reason = "the framework sets parameters through pointers")]
use super::*;
use crate::params::ContinuoParams;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::{ParamPtr, Params};
use std::collections::BTreeMap;
use studio::{PressAction, TakeRef};
use take::{Bpm, StyleId, TakeId, TakeSpec};

/// A session with a prompt and a take.
fn session() -> Manifest {
    let mut manifest = Manifest { prompt: "deep \"sub\" bass ♭".to_owned(), next_seed: 7, ..Manifest::default() };
    let mut spec = TakeSpec::new(StyleId::built_in(0), Bpm::new(126.1).unwrap(), 6);
    spec.prompt.clone_from(&manifest.prompt);
    let (id, engine, name) = (TakeId([9; 32]), "band/1".to_owned(), "Nine".to_owned());
    let json = serde_json::json!({ "id": id, "name": name, "spec": spec, "engine": engine });
    let take: TakeRef = serde_json::from_value(json).unwrap();
    manifest.decks[2].current = Some(id);
    manifest.decks[2].history.push(take);
    manifest
}

fn button(params: &ContinuoParams, id: &str) -> ParamPtr {
    params.param_map().into_iter().find(|(known, ..)| known == id).unwrap().1
}

fn set(param: ParamPtr, normalized: f32) {
    // SAFETY: every test keeps its parameters alive, on one thread.
    unsafe { param._internal_set_normalized_value(normalized) };
}

/// What the framework does with a state, in its order.
fn load(params: &ContinuoParams, buttons_on: &[&str], fields: BTreeMap<String, String>) {
    let mut state = PluginState { version: "0.1.0".to_owned(), params: BTreeMap::new(), fields };
    state.params.extend(buttons_on.iter().map(|id| ((*id).to_owned(), ParamValue::Bool(true))));
    filter_state(&mut state);
    state.params.keys().for_each(|id| set(button(params, id), 1.0));
    params.deserialize_fields(&state.fields);
}

fn field(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(SESSION_FIELD.to_owned(), text.to_owned())])
}

fn presses(params: &ContinuoParams) -> Vec<(usize, PressAction)> {
    let mut presses = Vec::new();
    params.buttons.collect(|deck, action| presses.push((deck.get(), action)));
    presses
}

#[test]
fn a_session_comes_back_and_bumps_the_generation_once() {
    let (saved, opened) = (ContinuoParams::default(), ContinuoParams::default());
    saved.session.0.restore(session());
    load(&opened, &[], saved.serialize_fields());
    assert_eq!(opened.session.0.get(), session());
    assert_eq!(opened.session.0.generation(), 1);
    assert_eq!(opened.serialize_fields(), saved.serialize_fields());
    assert!(!is_loading_state());
}

#[test]
fn a_button_saved_while_held_presses_nothing_when_the_project_opens() {
    let params = ContinuoParams::default();
    load(&params, &["d1_gen", "d8_cancel"], params.serialize_fields());
    assert!(params.deck_1.generate.value());
    assert_eq!(presses(&params), []);
    // The next press needs the button to be let go first, as with any button.
    set(button(&params, "d1_gen"), 0.0);
    set(button(&params, "d1_gen"), 1.0);
    assert_eq!(presses(&params), [(0, PressAction::Generate)]);
}

#[test]
fn a_press_before_the_first_block_counts() {
    let params = ContinuoParams::default();
    set(button(&params, "d3_next"), 1.0);
    assert_eq!(presses(&params), [(2, PressAction::Next)]);
}

#[test]
fn a_state_without_our_session_keeps_the_one_there_is() {
    let params = ContinuoParams::default();
    params.session.0.restore(session());
    load(&params, &["d2_gen"], BTreeMap::new());
    assert_eq!(params.session.0.get(), session());
    assert_eq!(params.session.0.take_refusal(), None);
    assert_eq!((presses(&params), is_loading_state()), (vec![], false));
}

#[test]
fn a_newer_state_changes_nothing_not_even_a_dial() {
    let params = ContinuoParams::default();
    params.session.0.restore(session());
    load(&params, &["d1_mute"], field(r#"{"version": 99, "decks": "in a shape nobody knows yet"}"#));
    assert!(!params.deck_1.mute.value());
    assert_eq!(params.session.0.get(), session());
    assert_eq!(params.session.0.take_refusal(), Some(ManifestError::TooNew { found: 99, newest: Manifest::VERSION }));
}

#[test]
fn garbage_is_refused_with_a_sentence_and_changes_no_session() {
    let many_decks = format!(r#"{{"version": 1, "decks": [{}]}}"#, ["{}"; 9].join(","));
    let long_prompt = format!(r#"{{"version": 1, "prompt": "{}"}}"#, "a".repeat(TakeSpec::MAX_PROMPT_CHARS + 1));
    let huge = format!(r#"{{"version": 1, "prompt": "{}"}}"#, " ".repeat(Manifest::MAX_BYTES));
    let whole = serde_json::to_string(&session()).unwrap();
    let bad_tempo = whole.replace("126.1", "0.0");
    let bad_bars = whole.replace("\"bars\":8", "\"bars\":10000");
    assert!(bad_tempo != whole && bad_bars != whole);
    let cut = &whole[..whole.len() / 2];
    for text in [
        "",
        "not json",
        "[]",
        "{}",
        "null ",
        "3",
        "\"text\"",
        "{\"version\": \"1\"}",
        cut,
        &many_decks,
        &long_prompt,
        &huge,
        &bad_tempo,
        &bad_bars,
    ] {
        let params = ContinuoParams::default();
        params.session.0.restore(session());
        load(&params, &[], field(text));
        assert_eq!(params.session.0.get(), session(), "{}", &text[..text.len().min(80)]);
        assert!(!is_loading_state());
        if text.trim() != "null" {
            let refusal = params.session.0.take_refusal();
            let sentence = refusal.unwrap_or_else(|| panic!("{:?} was taken", &text[..text.len().min(80)])).to_string();
            assert!(sentence.contains("cannot be read"), "{sentence}");
        }
    }
}

#[test]
fn a_session_of_fewer_decks_is_filled_up() {
    let params = ContinuoParams::default();
    load(&params, &[], field(r#"{"version": 1, "prompt": "x"}"#));
    assert_eq!(params.session.0.get().decks.len(), engine::NUM_DECKS);
    assert_eq!(params.session.0.get().prompt, "x");
}

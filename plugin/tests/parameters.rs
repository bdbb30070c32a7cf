//! The parameters are an interface: projects keep their ids, scripts look for their names, people type their texts.
#![expect(unsafe_code, reason = "the framework reads and sets parameters through pointers")]
use continuo_plugin::params::ContinuoParams;
use engine::EngineParams;
use nice_plug::prelude::{ParamPtr, Params};
use std::collections::HashSet;
use std::fmt::Write;

const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parameters.txt");

/// What a host is told about one parameter, and a handle to it that lives as long as `_params`.
struct Row {
    id: String,
    name: String,
    group: String,
    param: ParamPtr,
}

impl Row {
    fn text(&self, normalized: f32, with_unit: bool) -> String {
        // SAFETY: the parameters outlive the rows, see `rows`.
        unsafe { self.param.normalized_value_to_string(normalized, with_unit) }
    }

    fn value_of(&self, text: &str) -> Option<f32> {
        // SAFETY: as above.
        unsafe { self.param.string_to_normalized_value(text) }
    }

    fn default(&self) -> f32 {
        // SAFETY: as above.
        unsafe { self.param.default_normalized_value() }
    }

    fn steps(&self) -> Option<usize> {
        // SAFETY: as above.
        unsafe { self.param.step_count() }
    }

    fn set(&self, normalized: f32) {
        // SAFETY: as above, and nothing else uses the parameters at the same time.
        unsafe { self.param._internal_set_normalized_value(normalized) };
    }
}

/// Keep `params` while using the rows.
fn rows(params: &ContinuoParams) -> Vec<Row> {
    let map = params.param_map().into_iter();
    map.map(|(id, param, group)| {
        // SAFETY: `params` is borrowed.
        let name = unsafe { param.name() }.to_owned();
        Row { id, name, group, param }
    })
    .collect()
}

#[test]
fn the_parameters_are_the_frozen_ones() {
    let params = ContinuoParams::default();
    let mut table = String::from("id | name | group | lowest | default | highest | steps\n");
    for row in rows(&params) {
        let texts = [0.0, row.default(), 1.0].map(|normalized| row.text(normalized, true)).join(" | ");
        let steps = row.steps().map_or_else(|| "-".to_owned(), |steps| steps.to_string());
        writeln!(table, "{} | {} | {} | {texts} | {steps}", row.id, row.name, row.group).unwrap();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(FROZEN, &table).unwrap();
    }
    let frozen = std::fs::read_to_string(FROZEN).unwrap_or_default();
    assert_eq!(table, frozen, "ids and names are permanent; after adding parameters run once with UPDATE_GOLDEN=1");
}

#[test]
fn ids_names_and_host_numbers_are_unique() {
    let params = ContinuoParams::default();
    let rows = rows(&params);
    // The framework numbers parameters by this hash of their id.
    let hash = |id: &str| id.bytes().fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let number = |id: &str| hash(id) & !(1 << 31);
    let unique = |values: Vec<String>| values.into_iter().collect::<HashSet<_>>().len();
    assert_eq!(unique(rows.iter().map(|row| row.id.clone()).collect()), rows.len());
    assert_eq!(unique(rows.iter().map(|row| row.name.clone()).collect()), rows.len());
    assert_eq!(unique(rows.iter().map(|row| number(&row.id).to_string()).collect()), rows.len());
}

#[test]
fn scripts_find_every_promised_name() {
    let params = ContinuoParams::default();
    let names: HashSet<String> = rows(&params).into_iter().map(|row| row.name).collect();
    let globals = ["Style", "Key", "Scale", "Bars", "Energy", "Complexity", "Swing", "Humanise", "Swap", "Crossfade"];
    let dials = "Generate Play Next Previous Cancel Level Pan Pitch Filter Resonance Reverb Delay Drums Bass Harmony \
                 Melody Other Mute Solo";
    let mutes = ["Mute Drums", "Mute Bass", "Mute Harmony", "Mute Melody", "Mute Other"];
    let of_deck = |deck: u32| dials.split_whitespace().chain(mutes).map(move |dial| format!("Deck {deck} {dial}"));
    let promised = globals.into_iter().chain(["Master"]).map(str::to_owned).chain((1..=8).flat_map(of_deck));
    let missing: Vec<_> = promised.filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_text_can_be_typed_back() {
    let params = ContinuoParams::default();
    for row in rows(&params) {
        for normalized in (0..=500).map(|step| step as f32 / 500.0) {
            for with_unit in [true, false] {
                let text = row.text(normalized, with_unit);
                let back = row.value_of(&text).unwrap_or_else(|| panic!("{} does not read its own `{text}`", row.name));
                assert_eq!(row.text(back, with_unit), text, "{} at {normalized}", row.name);
            }
        }
    }
}

#[test]
fn nonsense_texts_are_refused_and_never_become_nan() {
    let params = ContinuoParams::default();
    for row in rows(&params) {
        for text in ["", "nan", "inf", "-", "loud please", "1e999", "\u{221e}"] {
            let value = row.value_of(text);
            assert!(value.is_none_or(f32::is_finite), "{} takes `{text}` as {value:?}", row.name);
        }
    }
}

#[test]
fn people_may_type_what_they_mean() {
    let params = ContinuoParams::default();
    let rows = rows(&params);
    let typed = |name: &str, text: &str| {
        let row = rows.iter().find(|row| row.name == name).unwrap();
        row.text(row.value_of(text).unwrap_or_else(|| panic!("{name} refuses `{text}`")), true)
    };
    assert_eq!(typed("Deck 1 Level", "-inf"), "-inf dB");
    assert_eq!(typed("Deck 1 Level", "-6"), "-6.00 dB");
    assert_eq!(typed("Deck 1 Pan", "l 50"), "L50");
    assert_eq!(typed("Deck 1 Pan", "30R"), "R30");
    assert_eq!(typed("Deck 1 Pan", "centre"), "C");
    assert_eq!(typed("Deck 1 Pitch", "3"), "+3.00 st");
    assert_eq!(typed("Deck 1 Filter", "lp 35"), "LP 35.0 %");
    assert_eq!(typed("Bars", "10000"), "32 bars");
    assert_eq!(typed("Bars", "0"), "1 bar");
    assert_eq!(typed("Swing", "style"), "Style");
    assert_eq!(typed("Energy", "77%"), "77 %");
    assert_eq!(typed("Crossfade", "20 ms"), "20.0 ms");
}

#[test]
fn a_default_that_went_through_a_host_is_still_exactly_the_engines_default() {
    let params = ContinuoParams::default();
    assert_eq!(params.engine_params([false; 8]), EngineParams::default());
    for row in rows(&params) {
        row.set(1.0 - row.default());
        row.set(row.default());
    }
    assert_eq!(params.engine_params([false; 8]), EngineParams::default());
}

#[test]
fn a_held_key_sounds_a_deck_whose_play_is_off() {
    let params = ContinuoParams::default();
    rows(&params).iter().filter(|row| row.name.ends_with("Play")).for_each(|row| row.set(0.0));
    let mut held = [false; 8];
    held[4] = true;
    let decks = params.engine_params(held).decks;
    assert_eq!(decks.map(|deck| deck.is_on), held);
}

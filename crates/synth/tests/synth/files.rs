//! Style files: good ones load, bad ones are named.
use crate::common::style_files;
use synth::{Sound, SoundError};

fn error(text: &str) -> SoundError {
    Sound::parse("x", "x.toml", text).unwrap_err()
}

#[test]
fn every_style_file_has_a_sound_that_loads() {
    for (name, text) in style_files() {
        Sound::parse(&name, &name, &text).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn other_tables_are_not_looked_at() {
    let text = "name = \"X\"\n[harmony]\nfoo = 1\n[sound.drums]\nkit = \"kit_808\"\n";
    assert!(Sound::parse("x", "x.toml", text).is_ok());
}

#[test]
fn an_unknown_field_is_named_with_file_and_line() {
    let error = error("\n[sound.bass]\ninstrument = \"sub_bass\"\ncutof = 3\n").to_string();
    assert!(error.starts_with("x.toml, line 4:") && error.contains("cutof"), "{error}");
}

#[test]
fn a_value_out_of_range_is_named_with_its_limits() {
    let error = error("[sound.room]\ndecay_s = 500.0\n");
    let SoundError::OutOfRange { ref file, line, ref field, value, min, max } = error else { panic!("{error}") };
    assert_eq!((file.as_str(), line, field.as_str()), ("x.toml", 2, "sound.room.decay_s"));
    assert_eq!((value, min, max), (500.0, 0.1, 20.0));
}

#[test]
fn nan_and_wrong_types_are_refused() {
    assert!(error("[sound.bass]\nlevel_db = nan\n").to_string().contains("level_db"));
    assert!(error("[sound.bass]\n\nlevel_db = \"loud\"\n").to_string().contains("line 3"));
    assert!(error("[sound\n").to_string().contains("line 1"));
}

#[test]
fn an_unknown_instrument_lists_those_nearby() {
    let error = error("[sound.bass]\nlevel_db = 1\ninstrument = \"subbass\"\n");
    let SoundError::Unknown { line, ref field, ref name, ref nearby, .. } = error else { panic!("{error}") };
    assert_eq!((line, field.as_str(), name.as_str()), (3, "sound.bass.instrument", "subbass"));
    assert_eq!(nearby[0], "sub_bass");
    assert!(error.to_string().contains("sub_bass"));
}

#[test]
fn an_unknown_kit_or_drum_lists_those_nearby() {
    assert!(error("[sound.drums]\nkit = \"808\"\n").to_string().contains("kit_808"));
    let text = "[sound.drums.voices]\nkik = { tune = 1 }\n";
    assert!(error(text).to_string().contains("nearest: kick"), "{}", error(text));
    assert!(error("[sound.drums.voices]\nkick = { tune = 99 }\n").to_string().contains("voices.kick.tune"));
}

#[test]
fn an_empty_file_sounds_like_the_default() {
    assert_eq!(Sound::parse("x", "x.toml", "").unwrap(), Sound::fallback());
}

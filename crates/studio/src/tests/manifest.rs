//! The session as text.
use crate::{Manifest, ManifestError};
use take::TakeSpec;

#[test]
fn a_manifest_reads_back_as_written() {
    let manifest = Manifest { prompt: "söft pads ♪".to_owned(), next_seed: u64::MAX, ..Manifest::default() };
    assert_eq!(Manifest::from_json(&manifest.to_json()), Ok(manifest));
}

#[test]
fn a_small_state_gets_the_defaults() {
    let manifest = Manifest::from_json(r#"{"version": 1, "decks": [{}], "a field of tomorrow": 3}"#).unwrap();
    assert_eq!(manifest.decks.len(), engine::NUM_DECKS);
}

#[test]
fn a_future_version_is_refused_with_a_sentence() {
    let error = Manifest::from_json(r#"{"version": 7, "decks": "something else by then"}"#).unwrap_err();
    assert_eq!(error, ManifestError::TooNew { found: 7, newest: Manifest::VERSION });
    assert!(error.to_string().contains("newer Continuo"));
}

#[test]
fn garbage_and_truncated_states_are_refused() {
    let whole = Manifest::default().to_json();
    let mut texts: Vec<String> = (0..whole.len()).map(|end| whole[..end].to_owned()).collect();
    for garbage in ["", "null", "[]", "{}", "7", "\u{0}", r#"{"version": -1}"#, r#"{"version": 1, "decks": 3}"#] {
        texts.push(garbage.to_owned());
    }
    for text in texts {
        let error = Manifest::from_json(&text).expect_err(&text);
        assert!(matches!(error, ManifestError::Unreadable { .. }), "{text}");
    }
}

#[test]
fn states_beyond_the_limits_are_refused() {
    let long = "x".repeat(TakeSpec::MAX_PROMPT_CHARS + 1);
    let decks = ["{}"; engine::NUM_DECKS + 1].join(",");
    for text in [
        format!(r#"{{"version": 1, "prompt": "{long}"}}"#),
        format!(r#"{{"version": 1, "decks": [{decks}]}}"#),
        format!(r#"{{"version": 1, "prompt": "{}"}}"#, "x".repeat(Manifest::MAX_BYTES)),
    ] {
        assert!(Manifest::from_json(&text).is_err());
    }
}

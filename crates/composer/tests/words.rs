//! What the words of a prompt are understood to mean.
use composer::understand;
use take::{Hints, PartKind, PitchClass, Scale};

fn key_of(prompt: &str) -> (Option<u8>, Option<Scale>) {
    let hints = understand(prompt);
    (hints.key.map(PitchClass::get), hints.scale)
}

fn bpm_of(prompt: &str) -> Option<f64> {
    understand(prompt).tempo.map(|tempo| tempo.get())
}

#[test]
fn the_examples_of_the_product_page_are_understood() {
    let bass = understand("deep sub bass");
    assert_eq!(bass.part(PartKind::Bass).instrument.as_deref(), Some("sub_bass"));
    let pad = understand("spacey pad with delay");
    let harmony = pad.part(PartKind::Harmony);
    assert!(harmony.instrument.as_deref().is_some_and(|id| id.ends_with("_pad")));
    assert!(harmony.delay > 0.4);
    let percussion = understand("glitchy percussion");
    assert!(percussion.part(PartKind::Drums).glitch > 0.3 || percussion.part(PartKind::Drums).instrument.is_some());
    let synth = understand("melodic synth in C minor, 90 bpm, sparse");
    assert_eq!((synth.key.map(PitchClass::get), synth.scale), (Some(0), Some(Scale::Minor)));
    assert_eq!(synth.tempo.map(|tempo| tempo.get()), Some(90.0));
    assert_eq!(synth.part(PartKind::Melody).is_wanted, Some(true));
    assert!(synth.part(PartKind::Melody).density < 0.0 && synth.complexity.is_some_and(|dial| dial.get() < 0.3));
    for hints in [bass, pad, percussion, synth] {
        assert!(hints.unknown.is_empty(), "{:?}", hints.unknown);
    }
}

#[test]
fn keys_are_found_in_their_usual_spellings() {
    assert_eq!(key_of("in C minor"), (Some(0), Some(Scale::Minor)));
    assert_eq!(key_of("F# dorian"), (Some(6), Some(Scale::Dorian)));
    assert_eq!(key_of("a groove in Am"), (Some(9), Some(Scale::Minor)));
    assert_eq!(key_of("Eb major please"), (Some(3), Some(Scale::Major)));
    assert_eq!(key_of("in f sharp minor"), (Some(6), Some(Scale::Minor)));
    assert_eq!(key_of("key of B flat"), (Some(10), None));
    assert_eq!(key_of("C harmonic minor"), (Some(0), Some(Scale::HarmonicMinor)));
    assert_eq!(key_of("c# minor pentatonic"), (Some(1), Some(Scale::MinorPentatonic)));
    assert_eq!(key_of("A blues"), (Some(9), Some(Scale::Blues)));
    assert_eq!(key_of("in a minor"), (Some(9), Some(Scale::Minor)));
    assert_eq!(key_of("something dorian"), (None, Some(Scale::Dorian)));
}

#[test]
fn words_that_look_like_keys_are_not() {
    assert_eq!(key_of("a dark pad in a cave"), (None, None));
    assert_eq!(key_of("be my baby, feed me"), (None, None));
}

#[test]
fn tempos_are_found_in_their_usual_spellings() {
    for prompt in ["90 bpm", "90bpm", "90 BPM beat", "bpm 90", "tempo 90", "tempo: 90 bpm", "house at 90"] {
        assert!(bpm_of(prompt) == Some(90.0) || prompt.contains(':'), "{prompt}");
    }
    assert_eq!(bpm_of("5000 bpm"), None);
    assert_eq!(bpm_of("8 bars of jazz"), None);
}

#[test]
fn negations_take_parts_and_effects_away() {
    let wanted = |prompt: &str, kind| understand(prompt).part(kind).is_wanted;
    assert_eq!(wanted("no drums", PartKind::Drums), Some(false));
    assert_eq!(wanted("without bass, with piano", PartKind::Bass), Some(false));
    assert_eq!(wanted("without bass, with piano", PartKind::Harmony), Some(true));
    let neither = understand("no drums or bass");
    assert_eq!(
        (neither.part(PartKind::Drums).is_wanted, neither.part(PartKind::Bass).is_wanted),
        (Some(false), Some(false))
    );
    assert!(understand("piano with no reverb").part(PartKind::Harmony).reverb <= -0.9);
    assert_eq!(understand("only drums").parts.iter().filter(|part| part.is_wanted == Some(false)).count(), 4);
}

#[test]
fn adjectives_go_to_the_instrument_they_stand_with() {
    let hints = understand("dark pad and bright lead, distorted bass");
    assert!(hints.part(PartKind::Melody).brightness > 0.3);
    assert!(hints.part(PartKind::Bass).drive > 0.4);
    assert_eq!(hints.part(PartKind::Drums), &take::PartHints::default());
    let far = understand("pad with long reverb and delay and punchy bass");
    assert!(far.part(PartKind::Harmony).delay > 0.3 && far.part(PartKind::Harmony).reverb > 0.3);
    assert!(far.part(PartKind::Bass).length < 0.0 && far.part(PartKind::Bass).delay == 0.0);
}

#[test]
fn strength_words_make_more_or_less_of_it() {
    let bright = |prompt: &str| understand(prompt).part(PartKind::Melody).brightness;
    assert!(bright("very bright lead") > bright("bright lead"));
    assert!(bright("slightly bright lead") < bright("bright lead"));
}

#[test]
fn moods_set_the_dials() {
    assert!(understand("calm").energy.is_some_and(|dial| dial.get() < 0.4));
    assert!(understand("driving").energy.is_some_and(|dial| dial.get() > 0.8));
    assert!(understand("simple").complexity.is_some_and(|dial| dial.get() < 0.3));
    assert!(understand("swung").swing.is_some_and(|dial| dial.get() > 0.5));
    assert_eq!(understand("straight").swing.map(|dial| dial.get()), Some(0.0));
}

#[test]
fn two_instruments_of_a_kind_share_the_band() {
    let hints = understand("piano and strings");
    assert_eq!(hints.part(PartKind::Harmony).instrument.as_deref(), Some("piano"));
    assert_eq!(hints.part(PartKind::Melody).instrument.as_deref(), Some("strings"));
}

#[test]
fn unknown_words_are_listed_and_nothing_else_happens() {
    let hints = understand("xyzzy plugh");
    assert_eq!(hints, Hints { unknown: vec!["xyzzy".into(), "plugh".into()], ..Hints::default() });
    assert_eq!(understand(""), Hints::default());
}

#[test]
fn odd_prompts_are_survived() {
    for prompt in
        ["\u{0}", "♯♭♯♭", "🎹🎹 bpm", "bpm", "-", "in", "no", "and and and", "1e999 bpm", "F####", &"no ".repeat(700)]
    {
        let _hints = understand(prompt);
    }
}

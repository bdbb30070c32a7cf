//! What MusicGen is told: the user's words, and what the spec knows beyond them.
//!
//! MusicGen was trained on descriptions followed by fields such as `bpm: 124. key: A minor` (the data set code of its
//! authors), so that is how the spec is put.
use composer::understand;
use take::{Meter, TakeSpec};
use theory::Key;

/// The words, then style, tempo, key, meter and mood as far as the words don't say them already. Pure: the same spec and
/// style name give the same text.
///
/// `style_name` is the style's name for people, such as `Deep house`.
pub fn musicgen_prompt(spec: &TakeSpec, style_name: &str) -> String {
    let words = spec.prompt.trim().trim_end_matches('.');
    let said = words.to_lowercase();
    let hints = understand(words);
    let mut text: Vec<String> = Vec::new();
    match words.is_empty() {
        true => text.push(format!("{style_name} loop")),
        false => text.push(words.to_owned()),
    }
    if !words.is_empty() && !said.contains(&style_name.to_lowercase()) {
        text.push(format!("genre: {style_name}"));
    }
    // The spec decides: what the words say of another tempo is contradicted, not left alone.
    if hints.tempo != Some(spec.tempo) {
        text.push(format!("bpm: {}", spec.tempo.get().round()));
    }
    if let Some(tonic) = spec.key {
        let scale = spec.scale.or(hints.scale).unwrap_or(take::Scale::Major);
        if (hints.key, hints.scale) != (Some(tonic), Some(scale)) {
            text.push(format!("key: {} {}", Key::new(tonic, scale).tonic_name(), scale.name().to_lowercase()));
        }
    }
    if spec.meter != Meter::FOUR_FOUR {
        text.push(format!("{} time", spec.meter));
    }
    let energy = if hints.energy.is_some() { "" } else { energy_words(spec.energy.get()) };
    let complexity = if hints.complexity.is_some() { "" } else { complexity_words(spec.complexity.get()) };
    let moods: Vec<&str> = [energy, complexity].into_iter().filter(|words| !words.is_empty()).collect();
    if !moods.is_empty() {
        text.push(format!("moods: {}", moods.join(", ")));
    }
    let swung =
        if hints.swing.is_none() && spec.swing.is_some_and(|swing| swing.get() >= 0.5) { ", swing" } else { "" };
    text.push(format!("keywords: loop, steady tempo{swung}"));
    text.join(". ")
}

/// Nothing in the middle: the default dial should not colour every prompt.
fn energy_words(energy: f32) -> &'static str {
    match energy {
        e if e < 0.2 => "calm, soft",
        e if e < 0.4 => "relaxed",
        e if e < 0.7 => "",
        e if e < 0.85 => "energetic",
        _ => "energetic, powerful",
    }
}

fn complexity_words(complexity: f32) -> &'static str {
    match complexity {
        c if c < 0.2 => "minimal",
        c if c < 0.8 => "",
        _ => "intricate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::{Amount, Bpm, PitchClass, Scale, StyleId};

    fn spec(prompt: &str) -> TakeSpec {
        let spec = TakeSpec::new(StyleId::built_in(0), Bpm::new(124.0).unwrap(), 1);
        TakeSpec { prompt: prompt.to_owned(), ..spec }
    }

    #[test]
    fn without_words_the_style_is_what_is_played() {
        let text = musicgen_prompt(&spec(""), "Deep house");
        assert_eq!(text, "Deep house loop. bpm: 124. keywords: loop, steady tempo");
    }

    #[test]
    fn words_come_first_and_the_spec_after_them() {
        let asked = TakeSpec {
            key: Some(PitchClass::new(10)),
            scale: Some(Scale::Minor),
            energy: Amount::new(0.9),
            complexity: Amount::new(0.1),
            swing: Some(Amount::new(0.8)),
            meter: Meter::new(3, 4).unwrap(),
            ..spec("dusty piano with brushes.")
        };
        assert_eq!(
            musicgen_prompt(&asked, "Jazz waltz"),
            "dusty piano with brushes. genre: Jazz waltz. bpm: 124. key: Bb minor. 3/4 time. \
             moods: energetic, powerful, minimal. keywords: loop, steady tempo, swing"
        );
    }

    #[test]
    fn what_the_words_say_is_not_said_twice() {
        let asked = TakeSpec {
            key: Some(PitchClass::new(9)),
            scale: Some(Scale::Minor),
            energy: Amount::new(0.1),
            ..spec("Driving deep house in A minor at 124 bpm")
        };
        assert_eq!(
            musicgen_prompt(&asked, "Deep house"),
            "Driving deep house in A minor at 124 bpm. keywords: loop, steady tempo"
        );
    }

    #[test]
    fn another_tempo_in_the_words_is_contradicted() {
        assert!(musicgen_prompt(&spec("house at 90 bpm"), "Deep house").contains("bpm: 124."));
    }
}

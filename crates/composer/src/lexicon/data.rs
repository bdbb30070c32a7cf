//! The words of prompts, read from `assets/lexicon.toml`.
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use take::{Amount, PartHints, PartKind, Scale};

/// Embedded: the words are part of the program.
const SOURCE: &str = include_str!("../../../../assets/lexicon.toml");

/// Longest phrase in words.
pub(super) const MAX_PHRASE_WORDS: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    ignored: Vec<String>,
    negations: Vec<String>,
    only: Vec<String>,
    strength: Vec<Strength>,
    scale: Vec<ScaleWords>,
    tempo: Vec<TempoWords>,
    part: Vec<PartWords>,
    word: Vec<Word>,
    instrument: Vec<Instrument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strength {
    words: Vec<String>,
    by: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleWords {
    words: Vec<String>,
    scale: Scale,
    /// Means a scale only after a tonic ("C blues").
    #[serde(default)]
    after_tonic_only: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TempoWords {
    words: Vec<String>,
    bpm: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartWords {
    words: Vec<String>,
    kind: PartKind,
}

/// What an adjective or an effect asks for.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    words: Vec<String>,
    pub(super) energy: Option<f32>,
    pub(super) complexity: Option<f32>,
    pub(super) swing: Option<f32>,
    pub(super) part: Option<PartHints>,
    /// Parts it is about where none is named; empty = all.
    #[serde(default)]
    pub(super) about: Vec<PartKind>,
}

/// A named instrument.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(super) struct Instrument {
    pub(super) id: String,
    pub(super) part: PartKind,
    program: Option<u8>,
    words: Vec<String>,
}

/// What a phrase means.
pub(super) enum Meaning {
    Nothing,
    Negation,
    Only,
    Strength(f32),
    Scale { scale: Scale, after_tonic_only: bool },
    Tempo(f64),
    Part(PartKind),
    Word(Word),
    Instrument(Instrument),
}

/// Phrases in lower case with their meanings. The file is embedded and tested; without it a prompt would mean nothing
/// and the band still play.
pub(super) static LEXICON: LazyLock<BTreeMap<String, Meaning>> = LazyLock::new(|| parse(SOURCE).unwrap_or_default());

/// General MIDI program of an instrument id; `None` for kits and unknown ids.
pub fn instrument_program(id: &str) -> Option<u8> {
    static PROGRAMS: LazyLock<BTreeMap<String, u8>> = LazyLock::new(|| {
        let file: Result<File, _> = toml::from_str(SOURCE);
        let instruments = file.map(|file| file.instrument).unwrap_or_default();
        instruments.into_iter().filter_map(|instrument| Some((instrument.id, instrument.program?))).collect()
    });
    PROGRAMS.get(id).copied()
}

fn parse(source: &str) -> Result<BTreeMap<String, Meaning>, toml::de::Error> {
    let file: File = toml::from_str(source)?;
    let mut lexicon = BTreeMap::new();
    let mut add = |words: &[String], meaning: &dyn Fn() -> Meaning| {
        for word in words {
            lexicon.insert(word.clone(), meaning());
        }
    };
    add(&file.ignored, &|| Meaning::Nothing);
    add(&file.negations, &|| Meaning::Negation);
    add(&file.only, &|| Meaning::Only);
    file.strength.iter().for_each(|entry| add(&entry.words, &|| Meaning::Strength(entry.by)));
    for entry in &file.scale {
        add(&entry.words, &|| Meaning::Scale { scale: entry.scale, after_tonic_only: entry.after_tonic_only });
    }
    file.tempo.iter().for_each(|entry| add(&entry.words, &|| Meaning::Tempo(entry.bpm)));
    file.part.iter().for_each(|entry| add(&entry.words, &|| Meaning::Part(entry.kind)));
    file.word.iter().for_each(|entry| add(&entry.words, &|| Meaning::Word(entry.clone())));
    file.instrument.iter().for_each(|entry| add(&entry.words, &|| Meaning::Instrument(entry.clone())));
    Ok(lexicon)
}

/// Adds what a word asks of a part, scaled by `strength` (negative = the opposite), within the limits of each field.
pub(super) fn apply(wish: &PartHints, strength: f32, part: &mut PartHints) {
    let add = |field: &mut f32, wish: f32, low: f32, high: f32| *field = (*field + wish * strength).clamp(low, high);
    add(&mut part.density, wish.density, -1.0, 1.0);
    add(&mut part.brightness, wish.brightness, -1.0, 1.0);
    add(&mut part.drive, wish.drive, 0.0, 1.0);
    // "no reverb" is dry, not half of the style's.
    let reverb = if strength < 0.0 && wish.reverb > 0.0 { 1.0 / strength.abs().max(0.1) } else { wish.reverb };
    add(&mut part.reverb, reverb, -1.0, 1.0);
    add(&mut part.delay, wish.delay, 0.0, 1.0);
    add(&mut part.chorus, wish.chorus, 0.0, 1.0);
    add(&mut part.gain_db, wish.gain_db, -12.0, 12.0);
    add(&mut part.length, wish.length, -1.0, 1.0);
    add(&mut part.glitch, wish.glitch, 0.0, 1.0);
    let octaves = if strength < 0.0 { -wish.register } else { wish.register };
    part.register = (part.register + octaves).clamp(-3, 3);
}

/// A dial a word sets; words after the first meet halfway. A negated word is its mirror image.
pub(super) fn set_dial(dial: &mut Option<Amount>, word: Option<f32>, strength: f32) {
    let Some(word) = word else { return };
    let wanted = Amount::new(0.5 + (word - 0.5) * strength);
    *dial = Some(dial.map_or(wanted, |before| Amount::new((before.get() + wanted.get()) / 2.0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_words_can_be_read() {
        let lexicon = parse(SOURCE).unwrap_or_else(|error| panic!("{error}"));
        assert!(lexicon.len() > 300, "{} phrases", lexicon.len());
        for phrase in lexicon.keys() {
            assert_eq!(*phrase, phrase.to_lowercase());
            assert!(phrase.split(' ').count() <= MAX_PHRASE_WORDS, "{phrase}");
            assert!(!phrase.contains(['-', ',', '.']), "{phrase}");
        }
    }
}

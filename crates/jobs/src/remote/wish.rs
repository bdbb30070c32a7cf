//! What is asked of an engine: words, key, tempo and length, out of a take's spec.
use super::{Engine, RemoteFault, RemoteStem};
use composer::understand;
use take::{Bpm, PitchClass, Scale, TakeSpec};
use theory::Key;

/// Shortest prompt that DJ-IA takes.
const MIN_PROMPT_CHARS: usize = 3;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    /// The user's words, the style and what else is no number.
    pub prompt: String,
    /// Tempo of the take.
    pub tempo: Bpm,
    /// The spec's key, else the prompt's; `None` leaves it to the engine.
    pub key: Option<(PitchClass, Scale)>,
    /// Bars of the take.
    pub bars: u8,
    /// Beats in a bar and the note that is one, as in 3/4.
    pub meter: (u8, u8),
    /// Length of the loop in seconds.
    pub loop_seconds: f64,
    /// Length of a bar in seconds.
    pub bar_seconds: f64,
    /// Rate the audio should have.
    pub rate_hz: u32,
    /// Voices to prefer.
    pub stems: Vec<RemoteStem>,
    /// Random seed, where the engine has one.
    pub seed: u64,
}

impl Wish {
    /// # Errors
    /// [`RemoteFault::NoPrompt`] where neither prompt nor style has enough letters.
    pub(super) fn of(spec: &TakeSpec, engine: &Engine, rate_hz: u32) -> Result<Self, RemoteFault> {
        let hints = understand(&spec.prompt);
        let tonic = spec.key.or(hints.key);
        let bar_seconds = spec.meter.bar_beats().0 * 60.0 / spec.tempo.get();
        let prompt = words(spec);
        if prompt.trim().chars().count() < MIN_PROMPT_CHARS {
            return Err(RemoteFault::NoPrompt { min_chars: MIN_PROMPT_CHARS });
        }
        Ok(Self {
            prompt,
            tempo: spec.tempo,
            key: tonic.map(|tonic| (tonic, spec.scale.or(hints.scale).unwrap_or(Scale::Minor))),
            bars: spec.bars.get(),
            meter: (spec.meter.numerator(), spec.meter.denominator()),
            loop_seconds: bar_seconds * f64::from(spec.bars.get()),
            bar_seconds,
            rate_hz,
            stems: engine.preferred_stems.clone(),
            seed: spec.seed,
        })
    }

    /// The loop and two bars, so that a first beat that comes late costs nothing, within what the engine makes.
    pub(super) fn wanted_seconds(&self, min_seconds: f64, max_seconds: f64) -> f64 {
        let wanted = self.loop_seconds + 2.0 * self.bar_seconds;
        (wanted.clamp(min_seconds, max_seconds) * 100.0).round() / 100.0
    }

    /// `C Minor`, `F# Dorian`.
    pub(super) fn key_name(&self) -> Option<String> {
        self.key.map(|(tonic, scale)| key_name(tonic, scale))
    }
}

/// Tonic and scale as these servers write them: every word with a capital.
pub(super) fn key_name(tonic: PitchClass, scale: Scale) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let scale: Vec<String> = scale.name().split(' ').map(capital).collect();
    format!("{} {}", Key::new(tonic, Scale::Major).tonic_name(), scale.join(" "))
}

/// Key of an answer's header: `C Minor`, `Eb`, `F# aeolian`, `Am`.
pub(super) fn parse_key(text: &str) -> Option<(PitchClass, Scale)> {
    let (tonic, rest) = theory::parse_note_name(text.trim())?;
    let scale = rest.trim().to_lowercase().replace(['-', '_'], " ");
    let scale = match scale.as_str() {
        "" | "maj" | "ionian" => Scale::Major,
        "m" | "min" | "aeolian" | "natural minor" => Scale::Minor,
        named => Scale::ALL.into_iter().find(|scale| scale.name().to_lowercase().replace('-', " ") == named)?,
    };
    Some((tonic.pitch(), scale))
}

/// The user's words come first: a model listens to the beginning most.
fn words(spec: &TakeSpec) -> String {
    let style = spec.style.as_str().replace(['_', '-'], " ");
    let energy = match spec.energy.get() {
        energy if energy < 0.3 => Some("calm"),
        energy if energy > 0.8 => Some("energetic"),
        _ => None,
    };
    let prompt = spec.prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    let has_style = prompt.to_lowercase().contains(&style);
    let pieces = [Some(prompt.as_str()), Some(style.as_str()).filter(|_| !has_style), energy];
    pieces.into_iter().flatten().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::EngineKind;
    use super::*;
    use take::StyleId;

    fn wish(prompt: &str, edit: impl FnOnce(&mut TakeSpec)) -> Result<Wish, RemoteFault> {
        let mut spec = TakeSpec { prompt: prompt.to_owned(), ..TakeSpec::new(StyleId::from("dub"), Bpm::DEFAULT, 7) };
        edit(&mut spec);
        Wish::of(&spec, &Engine::new("e", EngineKind::Auto, "http://h").unwrap(), 48_000)
    }

    #[test]
    fn words_key_and_length_are_the_specs() {
        let made = wish("  deep\nsub bass ", |_| ()).unwrap();
        assert_eq!((made.prompt.as_str(), made.key, made.loop_seconds), ("deep sub bass, dub", None, 16.0));
        assert_eq!(made.wanted_seconds(1.0, 30.0), 20.0);
        assert_eq!((made.wanted_seconds(30.0, 60.0), made.wanted_seconds(1.0, 10.0)), (30.0, 10.0));
        let keyed = wish("Dub in F# minor", |spec| spec.energy = take::Amount::new(1.0)).unwrap();
        assert_eq!(
            (keyed.prompt.as_str(), keyed.key_name().unwrap().as_str()),
            ("Dub in F# minor, energetic", "F# Minor")
        );
        let spec_wins =
            wish("in C", |spec| (spec.key, spec.scale) = (Some(PitchClass::new(2)), Some(Scale::HarmonicMinor)));
        assert_eq!(spec_wins.unwrap().key_name().unwrap(), "D Harmonic Minor");
        let wordless = wish("", |spec| spec.style = StyleId::from("x"));
        assert_eq!(wordless, Err(RemoteFault::NoPrompt { min_chars: 3 }));
    }

    #[test]
    fn every_key_reads_back_and_what_is_none_does_not() {
        for tonic in 0..12 {
            for scale in Scale::ALL {
                let name = key_name(PitchClass::new(tonic), scale);
                assert_eq!(parse_key(&name), Some((PitchClass::new(tonic), scale)), "{name}");
            }
        }
        assert_eq!(parse_key("C Aeolian"), Some((PitchClass::new(0), Scale::Minor)));
        assert_eq!(parse_key("Ebm"), Some((PitchClass::new(3), Scale::Minor)));
        for none in ["", "None", "H dur", "C sideways"] {
            assert_eq!(parse_key(none), None, "{none}");
        }
    }
}

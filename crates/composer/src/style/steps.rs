//! Step strings: one character per sixteenth note, `|` and spaces for the eye only.
use serde::Deserialize;
use std::marker::PhantomData;

/// The characters one kind of step string may hold.
pub trait Alphabet {
    /// Allowed characters.
    const CHARS: &'static str;
    /// What it is, for messages.
    const NAME: &'static str;
}

macro_rules! alphabet {
    ($(#[$doc:meta])* $type:ident, $chars:literal, $name:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $type;
        impl Alphabet for $type {
            const CHARS: &'static str = $chars;
            const NAME: &'static str = $name;
        }
    };
}

alphabet!(
    /// `X` accent, `x` normal, `o` soft, `g` ghost (more with complexity), `?` perhaps, `r` two hits, `t` three hits.
    DrumAlphabet, "Xxog?rt.", "drum");
alphabet!(
    /// `R`/`r` root loud/soft, `8` octave, `5` fifth, `b` fifth below, `3`, `7`, `2`, `4` tones, `a` approach to the
    /// next note, `N` root of the next chord, `g` dead note, `?` perhaps a root, `~` hold.
    BassAlphabet, "Rr85b3724aNg?~.", "bass");
alphabet!(
    /// `X`, `x`, `o` the chord loud, normal, soft; `^` without its lowest voice; `B` lowest voice alone; `1`..`9` one
    /// voice; `N` the next chord, early; `g` dead strum; `?` perhaps; `~` hold.
    ChordAlphabet, "Xxo^B123456789Ng?~.", "chord");
alphabet!(
    /// `X` accent, `x` normal, `o` soft, `?` perhaps, `~` hold.
    RhythmAlphabet, "Xxo?~.", "melody");

/// A string of steps, checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String", bound = "A: Alphabet")]
pub struct Steps<A> {
    bytes: Box<[u8]>,
    kind: PhantomData<A>,
}

/// A step string that cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    /// A character that means nothing here.
    #[error("`{found}` is no {kind} step; allowed are {allowed}")]
    Character {
        /// The character.
        found: char,
        /// Kind of string.
        kind: &'static str,
        /// What may stand there.
        allowed: &'static str,
    },
    /// Too short or too long.
    #[error("{found} steps; 1 to {max} are allowed", max = MAX_STEPS)]
    Length {
        /// Number of steps.
        found: usize,
    },
}

const MAX_STEPS: usize = 512;

impl<A: Alphabet> TryFrom<String> for Steps<A> {
    type Error = StepsError;
    fn try_from(text: String) -> Result<Self, StepsError> {
        let mut bytes = Vec::with_capacity(text.len());
        for found in text.chars().filter(|&c| c != '|' && c != ' ') {
            if !A::CHARS.contains(found) {
                return Err(StepsError::Character { found, kind: A::NAME, allowed: A::CHARS });
            }
            bytes.push(found as u8);
        }
        if bytes.is_empty() || bytes.len() > MAX_STEPS {
            return Err(StepsError::Length { found: bytes.len() });
        }
        Ok(Self { bytes: bytes.into(), kind: PhantomData })
    }
}

impl<A> Steps<A> {
    /// The characters, one byte a step.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Step `step` of bar `bar` when a bar has `bar_steps`; strings shorter than a bar repeat within it, longer ones
    /// over several bars.
    pub fn at(&self, bar: usize, step: usize, bar_steps: usize) -> u8 {
        let start = if self.bytes.len() > bar_steps { bar * bar_steps } else { 0 };
        self.bytes[(start + step) % self.bytes.len()]
    }
}

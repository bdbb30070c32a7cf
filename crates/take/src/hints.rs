//! What the words of a prompt ask for, as numbers the composer and the synth both read.
use crate::{Amount, Bpm, PartKind, PitchClass, Scale};
use serde::{Deserialize, Serialize};

/// Wishes for one part. `None` and 0.0 leave the style as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PartHints {
    /// The part was named (`Some(true)`), or asked away (`Some(false)`, as in "no drums").
    pub is_wanted: Option<bool>,
    /// Instrument id from the synth's list, for example `sub_bass`, `saw_lead`, `electric_piano`.
    pub instrument: Option<String>,
    /// Octaves up or down.
    pub register: i8,
    /// Notes per bar: -1.0 sparse ..= 1.0 dense.
    pub density: f32,
    /// Filter and harmonics: -1.0 dark ..= 1.0 bright.
    pub brightness: f32,
    /// Saturation 0.0..=1.0.
    pub drive: f32,
    /// Reverb -1.0 dry ..= 1.0 wet.
    pub reverb: f32,
    /// Tempo-synced delay 0.0..=1.0.
    pub delay: f32,
    /// Chorus or detune 0.0..=1.0.
    pub chorus: f32,
    /// Level change in decibels, -12.0..=12.0.
    pub gain_db: f32,
    /// Attack and release: -1.0 short, plucked ..= 1.0 long, soft.
    pub length: f32,
    /// Broken, stuttering repeats 0.0..=1.0 ("glitchy").
    pub glitch: f32,
}

/// A whole prompt, understood. Words nobody knows are listed, not dropped silently.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// Tempo named in the prompt ("90 bpm").
    pub tempo: Option<Bpm>,
    /// Tonic named in the prompt ("in C minor").
    pub key: Option<PitchClass>,
    /// Scale named in the prompt.
    pub scale: Option<Scale>,
    /// Energy asked for in words ("calm", "driving").
    pub energy: Option<Amount>,
    /// Complexity asked for in words ("simple", "busy").
    pub complexity: Option<Amount>,
    /// Swing asked for in words ("straight", "swung").
    pub swing: Option<Amount>,
    /// Per part, indexed by `PartKind as usize`.
    pub parts: [PartHints; 5],
    /// Words that meant nothing.
    pub unknown: Vec<String>,
}

impl Hints {
    /// Wishes for one part.
    pub fn part(&self, kind: PartKind) -> &PartHints {
        &self.parts[kind as usize]
    }
}

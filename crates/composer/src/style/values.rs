//! Small checked values of a style file.
use serde::Deserialize;
use take::PitchClass;
pub use theory::{ChordBars, ChordBarsError};
use theory::{VoicingKind, key_number, parse_note_name};

/// A number outside the limits of its field.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{value} is outside {low}..={high}")]
pub struct RangeError {
    value: f64,
    low: f64,
    high: f64,
}

/// A number within `LOW..=HIGH` hundredths.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct Within<const LOW: i32, const HIGH: i32>(pub f32);

impl<const LOW: i32, const HIGH: i32> TryFrom<f64> for Within<LOW, HIGH> {
    type Error = RangeError;
    fn try_from(value: f64) -> Result<Self, RangeError> {
        let (low, high) = (f64::from(LOW) / 100.0, f64::from(HIGH) / 100.0);
        if (low..=high).contains(&value) { Ok(Self(value as f32)) } else { Err(RangeError { value, low, high }) }
    }
}

/// 0.0..=1.0.
pub type Dial = Within<0, 100>;
/// How often among its rivals, 0.01..=100.0.
pub type Weight = Within<1, 10_000>;
/// Early (negative) or late, -30.0..=30.0 milliseconds.
pub type PushMs = Within<{ -3000 }, 3000>;
/// Sounding share of the written length, 0.05..=2.0.
pub type Gate = Within<5, 200>;

/// A band of a dial, `[low, high]`, low <= high.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "[f64; 2]")]
pub struct Band {
    low: f32,
    high: f32,
}

/// A band that is none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("[{low}, {high}] is not a band within 0.0..=1.0, low first")]
pub struct BandError {
    low: f64,
    high: f64,
}

impl TryFrom<[f64; 2]> for Band {
    type Error = BandError;
    fn try_from([low, high]: [f64; 2]) -> Result<Self, BandError> {
        let is_band = (0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= high;
        if is_band { Ok(Self { low: low as f32, high: high as f32 }) } else { Err(BandError { low, high }) }
    }
}

impl Band {
    /// The whole dial.
    pub const ALL: Band = Band { low: 0.0, high: 1.0 };

    /// Whether the dial stands within.
    pub fn holds(self, value: f32) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

impl Default for Band {
    fn default() -> Self {
        Band::ALL
    }
}

/// A tonic such as `F#`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Tonic(pub PitchClass);

/// Text that is no tonic.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{0}` is not a note name such as C, F# or Bb")]
pub struct TonicError(String);

impl TryFrom<String> for Tonic {
    type Error = TonicError;
    fn try_from(text: String) -> Result<Self, TonicError> {
        match parse_note_name(&text) {
            Some((name, "")) => Ok(Self(name.pitch())),
            _ => Err(TonicError(text)),
        }
    }
}

/// Lowest and highest note, `["E1", "G2"]`, at least an octave apart, within E0..=C8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "[String; 2]")]
pub struct NoteRange {
    /// Lowest MIDI key.
    pub low: u8,
    /// Highest MIDI key.
    pub high: u8,
}

/// Two notes that span no range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("[\"{low}\", \"{high}\"] is not a range: two notes within E0..=C8, the lower first, an octave or more apart")]
pub struct NoteRangeError {
    low: String,
    high: String,
}

impl TryFrom<[String; 2]> for NoteRange {
    type Error = NoteRangeError;
    fn try_from([low, high]: [String; 2]) -> Result<Self, NoteRangeError> {
        match (key_number(&low), key_number(&high)) {
            (Ok(from), Ok(to)) if from >= 16 && to <= 108 && to >= from + 12 => Ok(Self { low: from, high: to }),
            _ => Err(NoteRangeError { low, high }),
        }
    }
}

/// `close`, `drop2`, ... as the theory crate has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named and described in theory::VoicingKind")]
pub enum Voicing {
    Close,
    Drop2,
    Drop3,
    Rootless,
    Shell,
    Power,
    Spread,
    Quartal,
}

impl From<Voicing> for VoicingKind {
    fn from(voicing: Voicing) -> Self {
        match voicing {
            Voicing::Close => VoicingKind::Close,
            Voicing::Drop2 => VoicingKind::Drop2,
            Voicing::Drop3 => VoicingKind::Drop3,
            Voicing::Rootless => VoicingKind::Rootless,
            Voicing::Shell => VoicingKind::Shell,
            Voicing::Power => VoicingKind::Power,
            Voicing::Spread => VoicingKind::Spread,
            Voicing::Quartal => VoicingKind::Quartal,
        }
    }
}

//! Notes, parts, chords, keys: music before it is sound.
use crate::Beats;
use serde::{Deserialize, Serialize};

/// One of the twelve pitch classes, C = 0. Spelling is the theory crate's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PitchClass(u8);

impl PitchClass {
    /// Any integer, folded into 0..12.
    pub fn new(semitones: i32) -> Self {
        Self(semitones.rem_euclid(12) as u8)
    }

    /// 0..12, C = 0.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// The scales a take can be asked for. Intervals live in the theory crate; ids are permanent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the field's own names")]
pub enum Scale {
    Major,
    Minor,
    HarmonicMinor,
    MelodicMinor,
    Dorian,
    Phrygian,
    Lydian,
    Mixolydian,
    Locrian,
    MajorPentatonic,
    MinorPentatonic,
    Blues,
}

impl Scale {
    /// Every scale, in the permanent order of the host parameter.
    pub const ALL: [Scale; 12] = [
        Scale::Major,
        Scale::Minor,
        Scale::HarmonicMinor,
        Scale::MelodicMinor,
        Scale::Dorian,
        Scale::Phrygian,
        Scale::Lydian,
        Scale::Mixolydian,
        Scale::Locrian,
        Scale::MajorPentatonic,
        Scale::MinorPentatonic,
        Scale::Blues,
    ];

    /// Name for people: `Harmonic minor`.
    pub fn name(self) -> &'static str {
        match self {
            Scale::Major => "Major",
            Scale::Minor => "Minor",
            Scale::HarmonicMinor => "Harmonic minor",
            Scale::MelodicMinor => "Melodic minor",
            Scale::Dorian => "Dorian",
            Scale::Phrygian => "Phrygian",
            Scale::Lydian => "Lydian",
            Scale::Mixolydian => "Mixolydian",
            Scale::Locrian => "Locrian",
            Scale::MajorPentatonic => "Major pentatonic",
            Scale::MinorPentatonic => "Minor pentatonic",
            Scale::Blues => "Blues",
        }
    }
}

/// A sounding chord, `start` and `duration` in beats from the start of the take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChordSpan {
    /// First beat, 0.0 = start of the take.
    pub start: Beats,
    /// Length in beats.
    pub duration: Beats,
    /// Chord symbol as printed by the theory crate, for example `Dm7b5`.
    pub symbol: String,
}

/// The voices of the band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Kit; note numbers follow the General MIDI percussion map.
    Drums,
    /// Bass line.
    Bass,
    /// Chords: piano, guitar, pad, stabs.
    Harmony,
    /// Lead line.
    Melody,
    /// Everything atmospheric a style wants on top.
    Texture,
}

impl PartKind {
    /// Every part, in stem order.
    pub const ALL: [PartKind; 5] =
        [PartKind::Drums, PartKind::Bass, PartKind::Harmony, PartKind::Melody, PartKind::Texture];

    /// Lower-case file and parameter name.
    pub fn name(self) -> &'static str {
        match self {
            PartKind::Drums => "drums",
            PartKind::Bass => "bass",
            PartKind::Harmony => "harmony",
            PartKind::Melody => "melody",
            PartKind::Texture => "texture",
        }
    }
}

/// One note as played: swing and micro-timing are already in `start`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Onset in beats, 0.0 <= start < length of the take.
    pub start: Beats,
    /// Length in beats, > 0.0. A note may ring past the end of the loop; its tail wraps round.
    pub duration: Beats,
    /// MIDI note number 0..=127, 60 = middle C (C4).
    pub key: u8,
    /// MIDI velocity 1..=127.
    pub velocity: u8,
}

/// One voice of the band, notes sorted by start, then key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Which voice.
    pub kind: PartKind,
    /// Track name for people, for example `Walking bass`.
    pub name: String,
    /// General MIDI program 0..=127 (ignored for drums).
    pub program: u8,
    /// MIDI channel 0..=15; 9 for drums.
    pub channel: u8,
    /// The notes.
    pub notes: Vec<Note>,
}

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

/// One line a scale: variant, permanent id, name for people.
macro_rules! scales {
    ($($scale:ident $id:literal $name:literal)*) => {
        /// The scales a take can be asked for. Intervals live in the theory crate; ids are permanent.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the variants are the field's own names")]
        pub enum Scale {
            $(#[serde(rename = $id)] $scale,)*
        }

        impl Scale {
            /// How many there are.
            pub const COUNT: usize = [$($id),*].len();
            /// Every scale, in the permanent order of the host parameter: new ones come last.
            pub const ALL: [Scale; Self::COUNT] = [$(Scale::$scale),*];
            /// Permanent ids in the order of `ALL`: `harmonic_minor`.
            pub const IDS: [&str; Self::COUNT] = [$($id),*];
            /// Names for people in the order of `ALL`: `Harmonic minor`.
            pub const NAMES: [&str; Self::COUNT] = [$($name),*];

            /// Name for people: `Harmonic minor`.
            pub fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }

            /// Permanent id: `harmonic_minor`.
            pub fn id(self) -> &'static str {
                Self::IDS[self as usize]
            }
        }
    };
}

scales! {
    Major "major" "Major"
    Minor "minor" "Minor"
    HarmonicMinor "harmonic_minor" "Harmonic minor"
    MelodicMinor "melodic_minor" "Melodic minor"
    Dorian "dorian" "Dorian"
    Phrygian "phrygian" "Phrygian"
    Lydian "lydian" "Lydian"
    Mixolydian "mixolydian" "Mixolydian"
    Locrian "locrian" "Locrian"
    MajorPentatonic "major_pentatonic" "Major pentatonic"
    MinorPentatonic "minor_pentatonic" "Minor pentatonic"
    Blues "blues" "Blues"
    MajorBlues "major_blues" "Major blues"
    BebopDominant "bebop_dominant" "Bebop dominant"
    BebopMajor "bebop_major" "Bebop major"
    BebopMinor "bebop_minor" "Bebop minor"
    Altered "altered" "Altered"
    HalfWholeDiminished "half_whole_diminished" "Half-whole diminished"
    WholeHalfDiminished "whole_half_diminished" "Whole-half diminished"
    WholeTone "whole_tone" "Whole tone"
    In "in" "In"
    Yo "yo" "Yo"
    Hirajoshi "hirajoshi" "Hirajoshi"
    Iwato "iwato" "Iwato"
    Bhairav "bhairav" "Bhairav"
    Kafi "kafi" "Kafi"
    Todi "todi" "Todi"
    Marwa "marwa" "Marwa"
    Hijaz "hijaz" "Hijaz"
    Nahawand "nahawand" "Nahawand"
    Saba "saba" "Saba"
    Rast "rast" "Rast"
    HungarianMinor "hungarian_minor" "Hungarian minor"
    Gypsy "gypsy" "Gypsy"
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    #[test]
    fn ids_are_names_in_lower_case_and_what_is_saved() {
        for scale in Scale::ALL {
            assert_eq!(scale.id(), scale.name().to_lowercase().replace([' ', '-'], "_"));
            let saved: StrDeserializer<'_, Error> = scale.id().into_deserializer();
            assert_eq!(Scale::deserialize(saved), Ok(scale));
        }
        assert_eq!((Scale::COUNT, Scale::Blues as usize, Scale::Gypsy as usize), (34, 11, 33));
    }
}

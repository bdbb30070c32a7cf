//! Chords and their symbols.
use crate::quality::Quality;
use crate::spelling::{Key, NoteName, parse_note_name};
use take::PitchClass;

/// Root, quality and, for slash chords, another bass note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Root.
    pub root: PitchClass,
    /// What is stacked on it.
    pub quality: Quality,
    /// Bass note where it is not the root.
    pub bass: Option<PitchClass>,
}

/// A chord symbol nobody can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{symbol}` is not a chord symbol such as Am7, F#maj9 or Bb7/D")]
pub struct ChordError {
    symbol: String,
}

impl Chord {
    /// A chord over its root.
    pub fn new(root: PitchClass, quality: Quality) -> Self {
        Self { root, quality, bass: None }
    }

    /// Reads a symbol: root, suffix, and `/bass`; `C6/9` is a sixth chord with a ninth.
    ///
    /// # Errors
    /// [`ChordError`] if root or suffix is unknown.
    pub fn parse(symbol: &str) -> Result<Self, ChordError> {
        let bad = || ChordError { symbol: symbol.to_owned() };
        let (root, rest) =
            parse_note_name(symbol.trim()).filter(|_| !symbol.trim_start().starts_with(is_small)).ok_or_else(bad)?;
        if let Some(quality) = Quality::parse(rest) {
            return Ok(Self::new(root.pitch(), quality));
        }
        let (suffix, bass) = rest.rsplit_once('/').ok_or_else(bad)?;
        let (bass, after) = parse_note_name(bass).ok_or_else(bad)?;
        let quality = Quality::parse(suffix).filter(|_| after.is_empty()).ok_or_else(bad)?;
        Ok(Self { root: root.pitch(), quality, bass: Some(bass.pitch()) })
    }

    /// The symbol as written in `key`.
    pub fn symbol(&self, key: &Key) -> String {
        let chord = format!("{}{}", key.name_of(self.root), self.quality.suffix());
        match self.bass {
            Some(bass) => format!("{chord}/{}", key.name_of(bass)),
            None => chord,
        }
    }

    /// The chord's notes as written in `key`, root first, each on the letter that its interval asks for: the ninth of a
    /// C7b9 is Db, the seventh of a Cdim7 Bbb. The slash bass is not among them unless it is a chord tone.
    pub fn tone_names(&self, key: &Key) -> Vec<NoteName> {
        let root = key.name_of(self.root);
        let above = |&interval: &u8| root.above(interval, self.quality.letter_steps(interval));
        self.quality.intervals().iter().map(above).collect()
    }

    /// Chord tones as bits, bit 0 = C; the slash bass is one of them.
    pub fn mask(&self) -> u16 {
        let above_root = u32::from(self.quality.pitch_mask()) << self.root.get();
        let tones = (above_root | above_root >> 12) as u16 & 0xfff;
        tones | self.bass.map_or(0, |bass| 1 << bass.get())
    }

    /// The note the bass plays.
    pub fn bass_note(&self) -> PitchClass {
        self.bass.unwrap_or(self.root)
    }

    /// Pitch class `semitones` above the root.
    pub fn above_root(&self, semitones: u8) -> PitchClass {
        PitchClass::new(i32::from(self.root.get()) + i32::from(semitones))
    }
}

fn is_small(letter: char) -> bool {
    letter.is_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::Scale;

    #[test]
    fn symbols_read_back_as_printed_in_every_key() {
        for tonic in (0..12).map(PitchClass::new) {
            let key = Key::new(tonic, Scale::Minor);
            for quality in Quality::all() {
                for root in (0..12).map(PitchClass::new) {
                    for bass in [None, Some(PitchClass::new(5))] {
                        let chord = Chord { root, quality, bass };
                        assert_eq!(Chord::parse(&chord.symbol(&key)), Ok(chord), "{}", chord.symbol(&key));
                    }
                }
            }
        }
    }

    #[test]
    fn chord_tones_are_spelled_by_their_intervals() {
        let names = |symbol: &str, tonic: i32| {
            let key = Key::new(PitchClass::new(tonic), Scale::Major);
            let names = Chord::parse(symbol).unwrap().tone_names(&key);
            names.iter().map(NoteName::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("C7b9", 0), "C E G Bb Db");
        assert_eq!(names("Cdim7", 0), "C Eb Gb Bbb");
        assert_eq!(names("C7(#5,#9)", 0), "C E G# Bb D#");
        assert_eq!(names("F#maj7#11", 4), "F# A# C# E# B#");
        assert_eq!(names("C6", 0), "C E G A");
        assert_eq!(names("Bb13", 3), "Bb D F Ab C G");
        assert_eq!(names("Csus2", 0), "C D G");
        assert_eq!(names("C7alt", 0), "C E Bb Db D# Ab");
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["", "H7", "Cfoo", "C/", "C/H", "am7", "7", "C7/Ebm", "N.C.", "C7/E/G", "C 7 x"] {
            assert!(Chord::parse(bad).is_err(), "{bad} was taken");
        }
    }
}

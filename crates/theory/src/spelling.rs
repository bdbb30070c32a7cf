//! Letters and accidentals: which of C# and Db a pitch is called in a key.
use crate::scale::{intervals, is_minor_like, letters, parent};
use take::{PitchClass, Scale};

const LETTERS: [char; 7] = ['C', 'D', 'E', 'F', 'G', 'A', 'B'];
const NATURALS: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
/// Letter steps above the tonic for each semitone that the scale does not own: b2, b3, #4, b6, b7.
const CHROMATIC_LETTERS: [usize; 12] = [0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6];

/// A spelled pitch class: letter 0..7 (C = 0) and accidental in semitones, negative = flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteName {
    letter: usize,
    accidental: i32,
}

impl NoteName {
    /// `pitch` written with `letter`, whatever accidental that takes, -6..=5.
    fn with_letter(pitch: PitchClass, letter: usize) -> Self {
        let distance = i32::from(pitch.get()) - NATURALS[letter % 7];
        Self { letter: letter % 7, accidental: (distance + 6).rem_euclid(12) - 6 }
    }

    /// The plainest name: a natural, or one sharp or flat.
    fn plain(pitch: PitchClass, prefer_flat: bool) -> Self {
        let names = (0..7).map(|letter| Self::with_letter(pitch, letter)).filter(|name| name.accidental.abs() <= 1);
        let wanted = if prefer_flat { -1 } else { 1 };
        names
            .min_by_key(|name| (name.accidental.abs(), name.accidental != wanted))
            .unwrap_or(Self::with_letter(pitch, 0))
    }

    /// Letter 0..7, C = 0.
    pub fn letter(self) -> usize {
        self.letter
    }

    /// Semitones above the natural of that letter, negative = flat.
    pub fn accidental(self) -> i32 {
        self.accidental
    }

    /// The note `semitones` and `num_letters` above this one: a major third is 4 and 2.
    pub fn above(self, semitones: u8, num_letters: usize) -> Self {
        Self::with_letter(
            PitchClass::new(i32::from(self.pitch().get()) + i32::from(semitones)),
            self.letter + num_letters,
        )
    }

    /// The pitch class it names.
    pub fn pitch(self) -> PitchClass {
        PitchClass::new(NATURALS[self.letter] + self.accidental)
    }
}

impl std::fmt::Display for NoteName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.accidental < 0 { "b" } else { "#" };
        write!(f, "{}{}", LETTERS[self.letter], sign.repeat(self.accidental.unsigned_abs() as usize))
    }
}

/// Reads a letter with accidentals (`b`, `#`, `♭`, `♯`) from the start of `text`; returns it and the rest.
/// The letter may be lower case. `None` if `text` does not start with a letter A to G.
pub fn parse_note_name(text: &str) -> Option<(NoteName, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?.to_ascii_uppercase();
    let letter = LETTERS.iter().position(|&known| known == first)?;
    let mut accidental = 0;
    let mut rest = chars.as_str();
    while let Some(sign) = rest.chars().next() {
        match sign {
            'b' | '♭' if accidental > -2 => accidental -= 1,
            '#' | '♯' if accidental < 2 => accidental += 1,
            _ => break,
        }
        rest = &rest[sign.len_utf8()..];
    }
    Some((NoteName { letter, accidental }, rest))
}

/// A note name with octave that is not one, or lies outside MIDI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a note from C-1 to G9, such as E2 or Bb4")]
pub struct KeyNumberError {
    text: String,
}

/// MIDI key number of a name such as `E2` or `Bb4`; C4 = 60.
///
/// # Errors
/// [`KeyNumberError`] if it is not a note name or lies outside 0..=127.
pub fn key_number(text: &str) -> Result<u8, KeyNumberError> {
    let bad = || KeyNumberError { text: text.to_owned() };
    let (name, octave) = parse_note_name(text).ok_or_else(bad)?;
    let octave: i32 = octave.parse().map_err(|_| bad())?;
    let number = octave.checked_add(1).and_then(|o| o.checked_mul(12)).ok_or_else(bad)?;
    let number = number.checked_add(NATURALS[name.letter] + name.accidental).ok_or_else(bad)?;
    u8::try_from(number).ok().filter(|&key| key < 128).ok_or_else(bad)
}

/// A tonic and scale with the names their notes go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Tonic.
    pub tonic: PitchClass,
    /// Scale.
    pub scale: Scale,
    tonic_name: NoteName,
}

impl Default for Key {
    /// C major: what is put down where nothing tells.
    fn default() -> Self {
        Self::new(PitchClass::new(0), Scale::Major)
    }
}

impl Key {
    /// Spells the tonic so that the key signature has the fewest accidentals; of F# and Gb major the sharp one,
    /// of D# and Eb minor the flat one.
    pub fn new(tonic: PitchClass, scale: Scale) -> Self {
        let is_minor = is_minor_like(scale);
        let candidates = (0..7).map(|letter| NoteName::with_letter(tonic, letter)).filter(|n| n.accidental.abs() <= 1);
        let tonic_name = candidates
            .min_by_key(|&name| (signature_weight(name, scale), (name.accidental < 0) != is_minor))
            .unwrap_or(NoteName::plain(tonic, is_minor));
        Self { tonic, scale, tonic_name }
    }

    /// A key whose tonic is written as told: Gb major, or D# minor.
    pub fn named(tonic_name: NoteName, scale: Scale) -> Self {
        Self { tonic: tonic_name.pitch(), scale, tonic_name }
    }

    /// How the tonic is written.
    pub fn tonic_name(&self) -> NoteName {
        self.tonic_name
    }

    /// The notes of the scale as textbooks spell them, one letter a degree in scales of seven; G# harmonic minor has
    /// an F double sharp.
    pub fn scale_names(&self) -> Vec<NoteName> {
        let steps = intervals(self.scale).iter().zip(letters(self.scale));
        steps.map(|(&semitones, &num_letters)| self.tonic_name.above(semitones, num_letters)).collect()
    }

    /// How `pitch` is written in this key: scale notes by their degree, others as the usual chromatic degree
    /// (b2, b3, #4, b6, b7); never with a double accidental.
    pub fn name_of(&self, pitch: PitchClass) -> NoteName {
        let letter = self.tonic_name.letter + self.letters_above(pitch);
        let name = NoteName::with_letter(pitch, letter);
        if name.accidental.abs() <= 1 { name } else { NoteName::plain(pitch, name.accidental < 0) }
    }

    /// Letters from the tonic up to `pitch`, 0..=6: by the degree of the scale, else as the usual chromatic degree.
    pub(crate) fn letters_above(&self, pitch: PitchClass) -> usize {
        let above = (pitch.get() + 12 - self.tonic.get()) % 12;
        let of_scale = |scale| intervals(scale).iter().position(|&step| step == above).map(|at| letters(scale)[at]);
        let degree = of_scale(self.scale).or_else(|| of_scale(parent(self.scale)));
        degree.unwrap_or(CHROMATIC_LETTERS[usize::from(above)])
    }

    /// Short name: `Am`, `F#`, `D dorian`.
    pub fn short_name(&self) -> String {
        let tonic = self.tonic_name;
        match self.scale {
            Scale::Major => tonic.to_string(),
            Scale::Minor => format!("{tonic}m"),
            other => format!("{tonic} {}", other.name().to_lowercase()),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.tonic_name, self.scale.name().to_lowercase())
    }
}

/// Sum of accidentals of the scale spelled from `tonic`; doubles weigh ten times.
fn signature_weight(tonic: NoteName, scale: Scale) -> i32 {
    let steps = intervals(parent(scale)).iter().enumerate();
    steps
        .map(|(degree, &semitones)| {
            let pitch = PitchClass::new(i32::from(tonic.pitch().get()) + i32::from(semitones));
            let accidental = NoteName::with_letter(pitch, tonic.letter + degree).accidental.abs();
            if accidental > 1 { accidental * 10 } else { accidental }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tonic: i32, scale: Scale) -> String {
        let key = Key::new(PitchClass::new(tonic), scale);
        let notes = intervals(parent(scale)).iter();
        notes.map(|&s| key.name_of(PitchClass::new(tonic + i32::from(s))).to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn scales_use_every_letter_once() {
        assert_eq!(names(3, Scale::Major), "Eb F G Ab Bb C D");
        assert_eq!(names(6, Scale::Major), "F# G# A# B C# D# E#");
        assert_eq!(names(3, Scale::Minor), "Eb F Gb Ab Bb Cb Db");
        assert_eq!(names(8, Scale::Minor), "G# A# B C# D# E F#");
        assert_eq!(names(6, Scale::Dorian), "F# G# A B C# D# E");
        assert_eq!(names(9, Scale::HarmonicMinor), "A B C D E F G#");
    }

    #[test]
    fn scales_of_other_sizes_have_their_usual_letters() {
        let spelled = |tonic: &str, scale| {
            let (tonic, _) = parse_note_name(tonic).unwrap();
            Key::named(tonic, scale).scale_names().iter().map(NoteName::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(spelled("G#", Scale::HarmonicMinor), "G# A# B C# D# E F##");
        assert_eq!(spelled("C", Scale::Altered), "C Db Eb Fb Gb Ab Bb");
        assert_eq!(spelled("C", Scale::WholeTone), "C D E F# G# A#");
        assert_eq!(spelled("D", Scale::BebopDominant), "D E F# G A B C C#");
        assert_eq!(spelled("C", Scale::Blues), "C Eb F F# G Bb");
        assert_eq!(spelled("C", Scale::Bhairav), "C Db E F G Ab B");
        assert_eq!(spelled("E", Scale::In), "E F A B C");
        assert_eq!(spelled("Gb", Scale::Major), "Gb Ab Bb Cb Db Eb F");
    }

    #[test]
    fn chromatic_notes_are_named_by_their_degree() {
        let a_minor = Key::new(PitchClass::new(9), Scale::Minor);
        assert_eq!(a_minor.name_of(PitchClass::new(10)).to_string(), "Bb");
        assert_eq!(a_minor.name_of(PitchClass::new(8)).to_string(), "G#");
        let e_major = Key::new(PitchClass::new(4), Scale::Major);
        assert_eq!(e_major.name_of(PitchClass::new(10)).to_string(), "A#");
        assert_eq!(e_major.name_of(PitchClass::new(0)).to_string(), "C");
    }

    #[test]
    fn no_name_in_any_key_has_a_double_accidental_and_each_names_its_pitch() {
        for scale in Scale::ALL {
            for tonic in 0..12 {
                let key = Key::new(PitchClass::new(tonic), scale);
                for pitch in (0..12).map(PitchClass::new) {
                    let name = key.name_of(pitch);
                    assert_eq!(name.pitch(), pitch, "{key}");
                    assert!(name.accidental.abs() <= 1, "{key}: {name}");
                }
            }
        }
    }

    #[test]
    fn key_numbers_read_names_with_octaves() {
        assert_eq!(key_number("C4"), Ok(60));
        assert_eq!(key_number("Bb2"), Ok(46));
        assert_eq!(key_number("c-1"), Ok(0));
        for bad in ["", "H2", "C", "C99", "A9", "Cb-1", "E2x", "C2147483647"] {
            assert!(key_number(bad).is_err(), "{bad} was taken");
        }
    }
}

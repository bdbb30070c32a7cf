//! Two-voice counterpoint against a cantus firmus of whole notes, in the five species of Fux's Gradus ad Parnassum
//! (1725), with the rules as Jeppesen and Kennan teach them.
//!
//! [`counterpoint`] writes a line, [`check()`] judges any line note by note and shares no code with the writer but the
//! names of intervals.
mod cantus;
mod check;
mod rhythm;
mod write;

pub use check::{Fault, Rule, check};

use crate::dice::{Dice, Stream};
use take::{Beats, Note};
use theory::Key;

/// How the added voice moves against each whole note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Species {
    /// Note against note.
    First,
    /// Two half notes.
    Second,
    /// Four quarter notes.
    Third,
    /// Half notes tied over the bar line: suspensions.
    Fourth,
    /// Florid: all of them mixed.
    Fifth,
}

impl Species {
    /// Every species.
    pub const ALL: [Species; 5] = [Species::First, Species::Second, Species::Third, Species::Fourth, Species::Fifth];
}

/// Where the added voice lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above the cantus.
    Above,
    /// Below it.
    Below,
}

/// A fixed melody: one key a bar, each a whole note of four quarters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cantus {
    /// The key it is in, for the leading tone and the close.
    pub key: Key,
    /// MIDI keys.
    pub keys: Vec<u8>,
}

/// Length of a bar of counterpoint in quarter notes.
pub const BAR_BEATS: f64 = 4.0;

/// A cantus nothing can be written against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CounterpointError {
    /// Too short or too long.
    #[error("a cantus of {bars} notes; 4 to {max} are taken", max = Cantus::MAX_BARS)]
    Length {
        /// Its notes.
        bars: usize,
    },
    /// The close would not be one.
    #[error("the cantus has to end on the tonic and come to it by a step")]
    NoClose,
    /// It leaves too little room above or below.
    #[error("the cantus leaves no room for another voice within the keyboard")]
    NoRoom,
    /// Every line breaks a rule somewhere.
    #[error("no line keeps every rule against this cantus")]
    NoLine,
}

impl Cantus {
    /// Most bars.
    pub const MAX_BARS: usize = 32;

    /// A cantus by chance: begins on the tonic, moves mostly by step within a tenth, has one highest note, and closes
    /// 2-1. `num_bars` is brought into 6..=[`Cantus::MAX_BARS`]; `low` is the lowest key its tonic may have, at most 90.
    pub fn by_chance(key: Key, low: u8, num_bars: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed, Stream::Counterpoint);
        let keys = cantus::cantus(&key, low.min(90), num_bars.clamp(6, Self::MAX_BARS), &mut dice);
        Self { key, keys }
    }

    /// The notes, for a part.
    pub fn notes(&self) -> Vec<Note> {
        let note = |(bar, &key): (usize, &u8)| Note {
            start: Beats(bar as f64 * BAR_BEATS),
            duration: Beats(BAR_BEATS),
            key,
            velocity: 80,
        };
        self.keys.iter().enumerate().map(note).collect()
    }

    fn checked(&self) -> Result<(), CounterpointError> {
        let bars = self.keys.len();
        if !(4..=Self::MAX_BARS).contains(&bars) {
            return Err(CounterpointError::Length { bars });
        }
        let (before, last) = (self.keys[bars - 2], self.keys[bars - 1]);
        let is_step = (1..=2).contains(&before.abs_diff(last));
        if !is_step || last % 12 != self.key.tonic.get() {
            return Err(CounterpointError::NoClose);
        }
        Ok(())
    }
}

/// A line against `cantus`. Ties are written as one longer note. The line keeps every rule of [`check()`].
///
/// # Errors
/// [`CounterpointError`]; `NoLine` where the search found none.
pub fn counterpoint(cantus: &Cantus, species: Species, side: Side, seed: u64) -> Result<Vec<Note>, CounterpointError> {
    cantus.checked()?;
    let lowest = cantus.keys.iter().copied().min().unwrap_or(0);
    let highest = cantus.keys.iter().copied().max().unwrap_or(127);
    let has_room = match side {
        Side::Above => highest <= 127 - 20,
        Side::Below => lowest >= 20,
    };
    if !has_room {
        return Err(CounterpointError::NoRoom);
    }
    let mut dice = Dice::new(seed, Stream::Counterpoint);
    // Another rhythm, where there is one, for each search that found nothing.
    for attempt in 0..TRIES {
        let slots = rhythm::slots(species, cantus.keys.len(), attempt, &mut dice);
        if let Some(line) = write::line(cantus, side, species, &slots, &mut dice) {
            return Ok(line);
        }
    }
    Err(CounterpointError::NoLine)
}

/// Searches before giving up.
const TRIES: usize = 24;

/// Semitones folded into an octave that are consonant between two voices; the fourth is not.
fn is_consonant(semitones: u8) -> bool {
    matches!(semitones % 12, 0 | 3 | 4 | 7 | 8 | 9)
}

/// Unison, fifth, octave and their compounds.
fn is_perfect(semitones: u8) -> bool {
    matches!(semitones % 12, 0 | 7)
}

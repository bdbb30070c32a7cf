//! Analysis: which key, which numerals in it, what they do there.
mod key_finding;
mod roman;

pub use key_finding::{KeyGuess, KeyProfile, find_keys, key_of_chords, key_of_notes, key_of_parts, pitch_weights};
pub use roman::{HarmonicFunction, RomanNumeral, analyse};

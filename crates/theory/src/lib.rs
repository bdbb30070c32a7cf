//! Music theory as pure functions: scales, spelling, chords, numerals, voicings.
//!
//! Knows nothing of time, styles or sound. Pitch is 12-tone equal temperament throughout.
mod chord;
mod numeral;
mod quality;
mod scale;
mod spelling;
mod voicing;

pub use chord::{Chord, ChordError};
pub use numeral::{Numeral, NumeralError};
pub use quality::Quality;
pub use scale::{degree_interval, intervals, is_minor_like, parent, pitch_mask, pitches};
pub use spelling::{Key, KeyNumberError, NoteName, key_number, parse_note_name};
pub use voicing::{Register, VoicingKind, voice_lead};

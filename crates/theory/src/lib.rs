//! Music theory as pure functions: scales, spelling, chords, numerals, voicings.
//!
//! Knows nothing of styles or sound. Pitch is 12-tone equal temperament; maqamat and users' scales carry cents.
mod analysis;
mod chord;
mod chord_bars;
mod chord_line;
mod leading;
mod numeral;
mod progressions;
mod quality;
mod scale;
mod spelling;
mod suffix;
mod tuning;
mod user_scale;
mod voicing;

pub use analysis::{
    HarmonicFunction, KeyGuess, KeyProfile, RomanNumeral, analyse, find_keys, key_of_chords, key_of_notes,
    key_of_parts, pitch_weights,
};
pub use chord::{Chord, ChordError};
pub use chord_bars::{ChordBars, ChordBarsError};
pub use chord_line::{ChordAt, ChordLineError, ChordLineProblem, parse_chord_line, print_chord_line};
pub use leading::{LeadingRule, LeadingRules, Violation, lead_voices, violations};
pub use numeral::{Numeral, NumeralError};
pub use progressions::{NamedProgression, ProgressionFamily, progression, progressions};
pub use quality::{Quality, Tones};
pub use scale::{degree_interval, intervals, is_minor_like, parent, pitch_mask, pitches};
pub use spelling::{Key, KeyNumberError, NoteName, key_number, parse_note_name};
pub use tuning::{Tuned, scale_cents, tuned};
pub use user_scale::{UserScale, UserScaleError};
pub use voicing::{Register, VoicingKind, voice_lead};

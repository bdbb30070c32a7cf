//! SoundFonts (.sf2) that a user gives, in place of the built-in instruments.
//!
//! The notes and the style's mix stay as they are (levels, effects, room, ducking, loudness); only the instruments are
//! others. SoundFonts are read as a whole and played through rustysynth, whose own reverb and chorus stay off.
mod bank;
mod chokes;
mod font_player;
mod riff;

pub use bank::{Preset, SoundFontBank, SoundFontError};
pub(crate) use font_player::FontPlayer;

/// Channels by General MIDI: percussion has its own.
const DRUM_CHANNEL: i32 = 9;

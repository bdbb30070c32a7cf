//! Listens to the player: chords from MIDI notes and from audio, keys, and the lane that remembers the chords; and to
//! finished audio: tempo, beats, onsets, key, loudness, spectral profile.
//!
//! Pure computation: no threads, no clocks, no files. Beats are quarter notes of the host's position.
mod analysis;
mod audio;
mod key;
mod lane;
mod notes;
mod shapes;

pub use analysis::{Analysis, AudioEar, BandShares, HeardTempo, RoleShares, SpectralProfile, analyse};
pub use audio::AudioChords;
pub use key::{HeardKey, KeyEar};
pub use lane::{ChordLane, LANE_BARS};
pub use notes::NoteChords;

/// A chord that was recognised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// The chord.
    pub chord: theory::Chord,
    /// How far it is ahead of every other chord, 0.0..=1.0; what is under 0.3 is a guess.
    pub confidence: f32,
}

//! What the window may know of the audio thread: small, `Copy`, sent through a ring, latest wins.
use crate::NUM_DECKS;
use take::TakeId;

/// Where a deck's state machine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeckPhase {
    /// Nothing loaded.
    #[default]
    Idle,
    /// A take plays (or waits for the transport).
    Playing,
    /// A pending take waits for its boundary.
    Armed,
    /// Both slots sound.
    Swapping,
    /// The playing take fades out.
    Stopping,
}

/// One deck.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DeckSnapshot {
    /// State machine.
    pub phase: DeckPhase,
    /// Take in the playing slot.
    pub playing: Option<TakeId>,
    /// Take in the pending slot.
    pub pending: Option<TakeId>,
    /// Position in the playing take's loop, 0.0..1.0.
    pub playhead: f32,
    /// Beats until the pending take takes over; 0.0 when none waits.
    pub beats_to_swap: f32,
    /// The stretcher is at work: the tempo or pitch is not the rendition's.
    pub is_stretching: bool,
    /// Largest absolute sample since the last snapshot, left and right.
    pub peak: [f32; 2],
}

/// The whole engine.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EngineSnapshot {
    /// The transport rolls.
    pub is_playing: bool,
    /// Position in quarter notes.
    pub pos_beats: f64,
    /// Tempo the engine works with, BPM.
    pub tempo: f64,
    /// The tempo has not moved for this many frames.
    pub tempo_steady_frames: u64,
    /// Meter the engine works with.
    pub meter: (i32, i32),
    /// Decks.
    pub decks: [DeckSnapshot; NUM_DECKS],
    /// Largest absolute sample of the main output since the last snapshot.
    pub peak: [f32; 2],
    /// Gain reduction of the limiter, decibels <= 0.
    pub limiter_db: f32,
    /// The live band is switched on.
    pub is_band_on: bool,
    /// Blocks processed since `prepare`.
    pub blocks: u64,
    /// Blocks that took longer than their own length.
    pub deadline_misses: u64,
    /// Longest block of the last one or two seconds of audio, as a share of its own length; 1.0 = a miss.
    pub recent_worst_block: f32,
}

//! What the host's parameters tell the engine, read once per block. The engine smooths every jump itself.
use crate::{BandParams, NUM_DECKS, NUM_STEMS};

/// Everything a host lane can move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngineParams {
    /// Linear gain of the main output, 0.0..=4.0. Default 1.0.
    pub master: f32,
    /// Crossfade length in milliseconds, 1.0..=500.0. Default 20.0. Read once per swap.
    pub crossfade_ms: f32,
    /// The decks.
    pub decks: [DeckParams; NUM_DECKS],
    /// The live band.
    pub band: BandParams,
    /// What is cued is also heard on the main output, where its level and the limiter are behind it. Default true:
    /// most hosts have nobody listening to the cue bus.
    pub is_cue_in_main: bool,
}

/// One deck's dials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeckParams {
    /// The deck sounds while the transport rolls.
    pub is_on: bool,
    /// Silences the deck.
    pub is_muted: bool,
    /// While any deck is soloed, the others are silent.
    pub is_soloed: bool,
    /// Linear gain, 0.0..=4.0. Default 1.0.
    pub level: f32,
    /// -1.0 left ..= 1.0 right, balance law with 0 dB in the middle. Default 0.0.
    pub pan: f32,
    /// Transposition in semitones, -24.0..=24.0; cents are fractions. Default 0.0.
    pub pitch_semitones: f32,
    /// DJ filter: -1.0 low-pass closed ..= 0.0 off (bit-exact) ..= 1.0 high-pass closed. Default 0.0.
    pub filter: f32,
    /// Filter resonance, 0.0..=1.0. Default 0.1.
    pub resonance: f32,
    /// Send to the shared reverb, linear 0.0..=1.0. Default 0.0.
    pub reverb_send: f32,
    /// Send to the shared tempo-synced delay, linear 0.0..=1.0. Default 0.0.
    pub delay_send: f32,
    /// Linear gain per stem, 0.0..=4.0, mutes already in. Default 1.0.
    pub stems: [f32; NUM_STEMS],
}

impl Default for DeckParams {
    fn default() -> Self {
        Self {
            is_on: true,
            is_muted: false,
            is_soloed: false,
            level: 1.0,
            pan: 0.0,
            pitch_semitones: 0.0,
            filter: 0.0,
            resonance: 0.1,
            reverb_send: 0.0,
            delay_send: 0.0,
            stems: [1.0; NUM_STEMS],
        }
    }
}

impl Default for EngineParams {
    fn default() -> Self {
        Self {
            master: 1.0,
            crossfade_ms: 20.0,
            decks: [DeckParams::default(); NUM_DECKS],
            band: BandParams::default(),
            is_cue_in_main: true,
        }
    }
}

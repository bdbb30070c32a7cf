//! Everything the engine will ever need is sized here, in `activate`, off the audio path.
use crate::{Engine, EngineHandle};
use take::SampleRate;

/// What the host fixed for this activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngineConfig {
    /// Host sample rate.
    pub rate: SampleRate,
    /// Longest block the host may ask for, 1..=65 536 frames.
    pub max_frames: usize,
}

/// Builds both halves. Allocates; call it off the audio path.
pub fn prepare(config: EngineConfig) -> (Engine, EngineHandle) {
    let (order_tx, order_rx) = rtrb::RingBuffer::new(64);
    // Two slots a deck, one cue take and every order in flight can come back at once.
    let (news_tx, news_rx) = rtrb::RingBuffer::new(128);
    let (snapshot_tx, snapshot_rx) = rtrb::RingBuffer::new(16);
    let engine = Engine::new(config, order_rx, news_tx, snapshot_tx);
    let handle = EngineHandle { orders: order_tx, news: news_rx, snapshots: snapshot_rx, rate: config.rate };
    (engine, handle)
}

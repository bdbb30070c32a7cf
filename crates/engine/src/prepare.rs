//! Everything the engine will ever need is sized here, in `activate`, off the audio path.
use crate::rt::{BandLink, Rings};
use crate::{BandHandle, Engine, EngineHandle};
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
    // A section a tick, a hundred ticks behind; as many sections as the engine holds may come back at once.
    let (section_tx, section_rx) = rtrb::RingBuffer::new(128);
    let (retired_tx, retired_rx) = rtrb::RingBuffer::new(256);
    // Ten fingers at their fastest for several seconds, and a second and a half of side-chain sound at 44.1 kHz.
    let (heard_tx, heard_rx) = rtrb::RingBuffer::new(1024);
    let (sound_tx, sound_rx) = rtrb::RingBuffer::new(65_536);
    let link = BandLink { orders: section_rx, retired: retired_tx, heard: heard_tx, sound: sound_tx };
    let band = BandHandle { orders: section_tx, retired: retired_rx, heard: heard_rx, sound: sound_rx };
    let engine = Engine::new(config, Rings { orders: order_rx, news: news_tx, snapshots: snapshot_tx, band: link });
    let handle =
        EngineHandle { orders: order_tx, news: news_rx, snapshots: snapshot_rx, rate: config.rate, band: Some(band) };
    (engine, handle)
}

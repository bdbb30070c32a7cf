//! The studio's half of the engine.
use crate::{BandHandle, EngineSnapshot, FromEngine, Refused, ToEngine};
use take::SampleRate;

/// Sends orders, receives news, drops what the audio thread is done with. Lives off the audio thread.
#[derive(Debug)]
pub struct EngineHandle {
    pub(crate) orders: rtrb::Producer<ToEngine>,
    pub(crate) news: rtrb::Consumer<FromEngine>,
    pub(crate) snapshots: rtrb::Consumer<EngineSnapshot>,
    pub(crate) rate: SampleRate,
    pub(crate) band: Option<BandHandle>,
}

impl EngineHandle {
    /// Rate the engine was prepared for.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// The live band's end, once.
    pub fn take_band(&mut self) -> Option<BandHandle> {
        self.band.take()
    }

    /// Hands an order over. Takes no time worth naming: see [`crate::Playable`] for what was worked out before.
    ///
    /// # Errors
    /// [`Refused`] when the ring is full: nothing changed, the order comes back.
    pub fn send(&mut self, order: ToEngine) -> Result<(), Refused> {
        self.orders.push(order).map_err(|rtrb::PushError::Full(order)| Refused(order))
    }

    /// The oldest unread piece of news.
    pub fn receive(&mut self) -> Option<FromEngine> {
        self.news.pop().ok()
    }

    /// The newest snapshot, if one came since the last call.
    pub fn latest_snapshot(&mut self) -> Option<EngineSnapshot> {
        std::iter::from_fn(|| self.snapshots.pop().ok()).last()
    }

    /// The audio half is gone; no more news will come.
    pub fn is_abandoned(&self) -> bool {
        self.news.is_abandoned()
    }
}

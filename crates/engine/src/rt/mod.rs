//! Room: RT
use crate::{EngineConfig, EngineParams, EngineSnapshot, FromEngine, HostBlock, Outputs, ToEngine};

/// The audio thread's half.
pub struct Engine {
    _orders: rtrb::Consumer<ToEngine>,
    _news: rtrb::Producer<FromEngine>,
    _snapshots: rtrb::Producer<EngineSnapshot>,
}

impl Engine {
    pub(crate) fn new(
        _config: EngineConfig,
        orders: rtrb::Consumer<ToEngine>,
        news: rtrb::Producer<FromEngine>,
        snapshots: rtrb::Producer<EngineSnapshot>,
    ) -> Self {
        Self { _orders: orders, _news: news, _snapshots: snapshots }
    }

    /// Forgets positions and effect tails; keeps the loaded takes.
    ///
    /// # Realtime
    /// Safe.
    pub fn reset(&mut self) {}

    /// Renders one block.
    ///
    /// # Realtime
    /// Safe: no allocation, no lock, bounded work.
    pub fn process(&mut self, _host: &HostBlock, _params: &EngineParams, out: &mut Outputs<'_>) {
        out.main.iter_mut().for_each(|channel| channel.fill(0.0));
    }

    /// Tells the meter how long the last block took, as a share of its own length (1.0 = its whole deadline).
    ///
    /// # Realtime
    /// Safe.
    pub fn report_load(&mut self, _share: f32) {}
}

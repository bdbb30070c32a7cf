//! The studio's half of the engine.
use crate::messages::{News, Order};
use crate::{EngineSnapshot, FromEngine, Refused, ToEngine};
use dsp::stretch::{Grouping, StretchMap};
use std::sync::{Arc, Weak};
use take::{Rendition, SampleRate};

/// Sends orders, receives news, drops what the audio thread is done with. Lives off the audio thread.
#[derive(Debug)]
pub struct EngineHandle {
    pub(crate) orders: rtrb::Producer<Order>,
    pub(crate) news: rtrb::Consumer<News>,
    pub(crate) snapshots: rtrb::Consumer<EngineSnapshot>,
    pub(crate) rate: SampleRate,
    /// Maps of renditions that are still somewhere, newest last.
    pub(crate) maps: Vec<(Weak<Rendition>, Arc<StretchMap>)>,
}

impl EngineHandle {
    /// Rate the engine was prepared for.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Hands an order over. A rendition that is sent for the first time is analysed for the stretcher here, on the
    /// caller's thread: about 10 ms for every stem of 16 s.
    ///
    /// # Errors
    /// [`Refused`] when the ring is full: nothing changed, the order comes back.
    pub fn send(&mut self, order: ToEngine) -> Result<(), Refused> {
        if self.orders.is_full() {
            return Err(Refused(order));
        }
        let stretch = match &order {
            ToEngine::LoadTake { rendition, .. } | ToEngine::Replace { rendition, .. } => Some(self.map_of(rendition)),
            ToEngine::Disarm { .. } | ToEngine::Unload { .. } | ToEngine::Cue { .. } => None,
        };
        self.orders.push(Order { order, stretch }).map_err(|rtrb::PushError::Full(back)| Refused(back.order))
    }

    /// The oldest unread piece of news.
    pub fn receive(&mut self) -> Option<FromEngine> {
        self.news.pop().ok().map(|News { news, .. }| news)
    }

    /// The newest snapshot, if one came since the last call.
    pub fn latest_snapshot(&mut self) -> Option<EngineSnapshot> {
        std::iter::from_fn(|| self.snapshots.pop().ok()).last()
    }

    /// What the stretcher has to know of a rendition; remembered as long as anybody holds the rendition.
    fn map_of(&mut self, rendition: &Arc<Rendition>) -> Arc<StretchMap> {
        self.maps.retain(|(owner, _)| owner.strong_count() > 0);
        let known = self.maps.iter().find(|(owner, _)| std::ptr::eq(owner.as_ptr(), Arc::as_ptr(rendition)));
        if let Some((_, map)) = known {
            return map.clone();
        }
        let stems =
            std::array::from_fn(|stem| rendition.stems[stem].as_ref().map(|clip| [&clip.left[..], &clip.right[..]]));
        let rate = f64::from(rendition.rate.get());
        // The band's stems are made one by one, so each is spliced for itself.
        let map = StretchMap::analyse(&stems, rendition.loop_frames(), rate, Grouping::Apart, &Default::default());
        let map = Arc::new(map);
        self.maps.push((Arc::downgrade(rendition), map.clone()));
        map
    }

    /// The audio half is gone; no more news will come.
    pub fn is_abandoned(&self) -> bool {
        self.news.is_abandoned()
    }
}

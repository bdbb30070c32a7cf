//! Sections in stock: a worker writes ahead, a player takes one when it is time and never waits.
use super::{PlayedBy, Quartet, Section, SectionRequest, StandIn, section, stand_in};
use crate::{CancelToken, Cancelled};
use composer::Swing;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Shared by the worker that fills it and the player that empties it.
pub struct Ahead {
    stock: Mutex<Stock>,
    stand_in: Mutex<Box<dyn StandIn>>,
    capacity: usize,
    swing: Swing,
    seed: u64,
}

#[derive(Default)]
struct Stock {
    sections: VecDeque<Section>,
    /// The section that is played next.
    next: u64,
}

impl Ahead {
    /// Nothing in stock. `capacity` sections at most, 1..=16; swing and seed as the quartet's settings have them.
    pub fn new(capacity: usize, swing: Swing, seed: u64, stand_in: Box<dyn StandIn>) -> Self {
        let stock = Mutex::new(Stock::default());
        Self { stock, stand_in: Mutex::new(stand_in), capacity: capacity.clamp(1, 16), swing, seed }
    }

    /// Number of the section to write next; `None` while enough are in stock.
    pub fn wanted(&self) -> Option<u64> {
        let stock = self.stock();
        let after_last = stock.sections.back().map_or(stock.next, |last| last.number + 1);
        (stock.sections.len() < self.capacity).then(|| after_last.max(stock.next))
    }

    /// Writes one section and puts it in stock; one that came too late is dropped. `request` says what section of that
    /// number is to be; its own number is not looked at. Returns whether there was anything to write. For a worker.
    ///
    /// # Errors
    /// [`Cancelled`]; the stock is as it was.
    pub fn write_one(
        &self,
        quartet: &mut Quartet,
        request: &SectionRequest<'_>,
        cancel: &CancelToken,
    ) -> Result<bool, Cancelled> {
        let Some(number) = self.wanted() else { return Ok(false) };
        let section = quartet.next_section(&SectionRequest { number, ..*request }, cancel)?;
        let mut stock = self.stock();
        if number >= stock.next {
            stock.sections.push_back(section);
        }
        Ok(true)
    }

    /// The section to play now, at once: the one in stock if it was written for these chords and this meter, else the
    /// band's. Sections before it are dropped; with other chords, those after it too.
    pub fn take(&self, request: &SectionRequest<'_>) -> Section {
        match self.stock().due(request) {
            Ok(section) => section,
            Err(why) => self.by_band(request, why),
        }
    }

    /// Forgets what was written: another tempo of the transport, another place in the song.
    pub fn forget(&self, next: u64) {
        *self.stock() = Stock { sections: VecDeque::new(), next };
    }

    /// Sections in stock.
    pub fn num_ready(&self) -> usize {
        self.stock().sections.len()
    }

    fn by_band(&self, request: &SectionRequest<'_>, why: &str) -> Section {
        let mut stand_in = self.stand_in.lock().unwrap_or_else(PoisonError::into_inner);
        let pattern = stand_in::pattern(&mut **stand_in, request, self.seed);
        let section = section(request, pattern, PlayedBy::Band, self.swing);
        Section { said: Some(why.to_owned()), ..section }
    }

    fn stock(&self) -> std::sync::MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stock {
    /// Else why there is none.
    fn due(&mut self, request: &SectionRequest<'_>) -> Result<Section, &'static str> {
        self.next = request.number + 1;
        self.sections.retain(|section| section.number >= request.number);
        let is_due = self.sections.front().is_some_and(|section| section.number == request.number);
        let Some(section) = self.sections.pop_front_if(|_| is_due) else {
            return Err("The model is late; the band plays this section.");
        };
        let is_as_long = section.pattern.num_bars() == request.num_bars;
        if section.chords == request.chords && section.pattern.meter() == request.meter && is_as_long {
            return Ok(section);
        }
        self.sections.clear();
        Err("The chords have changed; the band plays this section.")
    }
}

impl std::fmt::Debug for Ahead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ahead").field("num_ready", &self.num_ready()).field("capacity", &self.capacity).finish()
    }
}

//! Random choices, the same on every system for the same seed.
use rand_pcg::Pcg32;
use rand_pcg::rand_core::RngCore;

/// A seeded stream of choices. Each part of the band has its own, so that a wish for one part leaves the notes of the
/// others as they were.
pub(crate) struct Dice(Pcg32);

/// Which choices a stream is for; the numbers decide the notes and must not change.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Plan = 1,
    Drums = 2,
    Bass = 3,
    Harmony = 4,
    Melody = 5,
    Texture = 6,
    Feel = 7,
    Glitch = 8,
    Tune = 9,
    Harmonise = 10,
    Counterpoint = 11,
    Form = 12,
    Humanise = 13,
    Transfer = 14,
}

impl Dice {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut pcg = Pcg32::new(seed ^ 0x9e37_79b9_7f4a_7c15, stream as u64);
        // The first numbers of neighbouring seeds are alike.
        for _ in 0..4 {
            pcg.next_u32();
        }
        Self(pcg)
    }

    /// 0.0..1.0.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 16_777_216.0
    }

    /// True with probability `chance`; draws one number whatever the chance.
    pub(crate) fn chance(&mut self, chance: f32) -> bool {
        self.unit() < chance
    }

    /// Whole number in `low..=high`.
    pub(crate) fn range(&mut self, low: i32, high: i32) -> i32 {
        let width = high.saturating_sub(low).max(0) as f32 + 1.0;
        low + (self.unit() * width) as i32
    }

    /// Bell-shaped, -1.0..=1.0, mostly within 0.5.
    pub(crate) fn bell(&mut self) -> f32 {
        (self.unit() + self.unit() + self.unit()) / 1.5 - 1.0
    }

    /// An index in proportion to the weights; 0 if there are none.
    pub(crate) fn weighted(&mut self, weights: impl Iterator<Item = f32> + Clone) -> usize {
        let total: f32 = weights.clone().sum();
        let mut left = self.unit() * total;
        for (index, weight) in weights.clone().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.count().saturating_sub(1)
    }

    /// One of the items; `None` if there are none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = self.range(0, items.len() as i32 - 1);
        items.get(index.max(0) as usize)
    }
}

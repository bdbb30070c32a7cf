//! How a host cuts time into blocks.
use rand_pcg::Pcg32;
use rand_pcg::rand_core::RngCore;

/// A plan of block sizes.
#[derive(Debug, Clone)]
pub enum Blocks {
    /// Always this many frames.
    Fixed(usize),
    /// These sizes over and over.
    Cycle(Vec<usize>),
    /// Anything from 1 to `max`, the same for the same seed.
    Random {
        /// Largest block.
        max: usize,
        /// Of the sizes.
        seed: u64,
    },
}

impl Blocks {
    /// Largest block this plan asks for; what the plugin is activated with.
    pub fn max(&self) -> usize {
        match self {
            Blocks::Fixed(size) => *size,
            Blocks::Cycle(sizes) => sizes.iter().copied().max().unwrap_or(1),
            Blocks::Random { max, .. } => *max,
        }
    }

    /// The sizes, without end.
    pub(crate) fn sizes(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Blocks::Fixed(size) => Box::new(std::iter::repeat(*size)),
            Blocks::Cycle(sizes) => Box::new(sizes.iter().copied().cycle()),
            Blocks::Random { max, seed } => {
                let mut random = Pcg32::new(*seed, 1);
                Box::new(std::iter::repeat_with(move || 1 + random.next_u32() as usize % max))
            }
        }
    }
}

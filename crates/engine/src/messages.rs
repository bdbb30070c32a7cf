//! What crosses between the studio thread and the audio thread.
use crate::Playable;
use take::TakeId;

/// Decks in an engine.
pub const NUM_DECKS: usize = 8;
/// Stems in a take, in `take::StemKind` order.
pub const NUM_STEMS: usize = 5;

/// Which deck, 0..8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeckIndex(u8);

impl DeckIndex {
    /// `None` from 8 on.
    pub fn new(index: usize) -> Option<Self> {
        (index < NUM_DECKS).then_some(Self(index as u8))
    }

    /// 0..8.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// All eight, in order.
    pub fn all() -> impl Iterator<Item = DeckIndex> {
        (0..NUM_DECKS as u8).map(DeckIndex)
    }
}

/// When a pending take takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SwapAt {
    /// With the next frame.
    Now,
    /// On the next beat of the meter (a quarter in 4/4, an eighth in 7/8).
    Beat,
    /// On the next bar line of the host.
    #[default]
    Bar,
    /// Where the playing take's loop ends; on the next bar line when nothing plays.
    Loop,
}

/// Orders to the audio thread. Every [`Playable`] that goes in comes back as [`FromEngine::Retired`].
#[derive(Debug)]
pub enum ToEngine {
    /// Arms a take on a deck. An earlier pending take is retired. An empty deck starts it at `at` as well.
    LoadTake {
        /// Where.
        deck: DeckIndex,
        /// What.
        playable: Playable,
        /// When.
        at: SwapAt,
    },
    /// The same take at another tempo or rate: fades over at once, at the same musical position, whichever slot
    /// holds it. Retired unused when no slot of the deck holds that take any more.
    Replace {
        /// Where.
        deck: DeckIndex,
        /// The new rendition.
        playable: Playable,
    },
    /// Drops the pending take.
    Disarm {
        /// Where.
        deck: DeckIndex,
    },
    /// Fades out and empties the deck.
    Unload {
        /// Where.
        deck: DeckIndex,
    },
    /// Plays a take on the cue bus: with the host while the transport rolls, else from its start. `None` stops.
    Cue {
        /// What.
        playable: Option<Playable>,
    },
}

/// News from the audio thread.
#[derive(Debug)]
pub enum FromEngine {
    /// No longer played: drop it, off the audio thread.
    Retired(Playable),
    /// The pending take of a deck is now the playing one.
    Swapped {
        /// Where.
        deck: DeckIndex,
        /// Which take plays now.
        take: TakeId,
    },
}

/// The ring to the audio thread is full; the order comes back untouched. Try again next tick.
#[derive(Debug)]
pub struct Refused(pub ToEngine);

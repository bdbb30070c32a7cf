//! The live band's side of the engine: what is heard of the player, what comes back to be played, and the MIDI output.
use take::{LivePlace, LiveSection};

/// What the audio thread tells the band, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Heard {
    /// A key was played.
    NoteOn {
        /// When, in quarter notes.
        beat: f64,
        /// MIDI key.
        key: u8,
        /// MIDI velocity 1..=127.
        velocity: u8,
    },
    /// A key was let go.
    NoteOff {
        /// When, in quarter notes.
        beat: f64,
        /// MIDI key.
        key: u8,
    },
    /// The transport started, stopped, jumped, or its tempo, meter or cycle changed.
    Placed {
        /// Number of this message; [`BandOrder::Done`] answers it.
        number: u64,
        /// Now.
        place: LivePlace,
        /// The music does not go on from where it was.
        is_jump: bool,
    },
    /// The music is about to reach a place on the grid of [`TICK_BEATS`]: the last moment to change what comes there.
    Tick {
        /// Number of this message; [`BandOrder::Done`] answers it.
        number: u64,
        /// The place on the grid, a little ahead of now.
        beat: f64,
        /// Now.
        place: LivePlace,
    },
}

/// Grid on which the band may change its mind, in quarter notes.
pub const TICK_BEATS: f64 = 0.5;

/// Orders to the audio thread.
#[derive(Debug)]
pub enum BandOrder {
    /// Plays these bars instead of what is held for them. Comes back through [`BandHandle::retired`].
    Play(Box<LiveSection>),
    /// Everything up to this number has been heard and answered.
    Done(u64),
}

/// The studio's end of the live band.
#[derive(Debug)]
pub struct BandHandle {
    pub(crate) orders: rtrb::Producer<BandOrder>,
    pub(crate) retired: rtrb::Consumer<Box<LiveSection>>,
    pub(crate) heard: rtrb::Consumer<Heard>,
    pub(crate) sound: rtrb::Consumer<[f32; 2]>,
}

impl BandHandle {
    /// The oldest message from the audio thread.
    pub fn hear(&mut self) -> Option<Heard> {
        self.heard.pop().ok()
    }

    /// One frame of side-chain sound.
    pub fn hear_sound(&mut self) -> Option<[f32; 2]> {
        self.sound.pop().ok()
    }

    /// Hands an order over.
    ///
    /// # Errors
    /// The order, when the ring is full; nothing changed.
    pub fn send(&mut self, order: BandOrder) -> Result<(), BandOrder> {
        self.orders.push(order).map_err(|rtrb::PushError::Full(order)| order)
    }

    /// A section that is no longer played: drop it here.
    pub fn retired(&mut self) -> Option<Box<LiveSection>> {
        self.retired.pop().ok()
    }

    /// The audio half is gone.
    pub fn is_abandoned(&self) -> bool {
        self.heard.is_abandoned()
    }
}

/// Dials of the live band, read once per block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandParams {
    /// The band plays while the transport rolls.
    pub is_on: bool,
    /// Linear gain per part, 0.0..=4.0, indexed by `take::PartKind`. Default 1.0.
    pub levels: [f32; 5],
    /// Notes leave on the MIDI output.
    pub sends_midi: bool,
    /// Side-chain sound is handed to the band.
    pub hears_sound: bool,
}

impl Default for BandParams {
    fn default() -> Self {
        Self { is_on: false, levels: [1.0; 5], sends_midi: false, hears_sound: false }
    }
}

/// One event of the MIDI output.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MidiOut {
    /// Frame inside the block.
    pub frame: u32,
    /// 0..=15.
    pub channel: u8,
    /// 0..=127.
    pub key: u8,
    /// 1..=127 starts the note, 0 ends it.
    pub velocity: u8,
    /// What the note that starts is bent by, in cents.
    pub bend_cents: f32,
}

/// Notes of the MIDI output that are on. Handed from one engine to the next, so that none is left hanging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenNotes(pub(crate) [u128; 16]);

impl OpenNotes {
    /// Adds a key 0..=127 of a channel 0..=15.
    pub fn add(&mut self, channel: u8, key: u8) {
        if let Some(keys) = self.0.get_mut(usize::from(channel & 15)) {
            *keys |= 1 << (key & 127);
        }
    }
}

//! The player: eight decks locked to the host's musical position.
//!
//! Two halves. [`Engine`] lives on the audio thread and owns what is heard; [`EngineHandle`] lives on the studio
//! thread and owns what is freed. Between them run lock-free rings of [`ToEngine`] and [`FromEngine`].
//! Nothing here knows a plugin API, a disk, a job or a chord.
mod band;
mod handle;
mod host;
mod messages;
mod params;
mod playable;
mod prepare;
mod rt;
mod snapshot;

pub use band::{BandHandle, BandOrder, BandParams, Heard, MidiOut, OpenNotes, TICK_BEATS};
pub use handle::EngineHandle;
pub use host::{HostBlock, LoopRange, Outputs};
pub use messages::{DeckIndex, FromEngine, NUM_DECKS, NUM_STEMS, Refused, SwapAt, ToEngine};
pub use params::{DeckParams, EngineParams};
pub use playable::Playable;
pub use prepare::{EngineConfig, prepare};
pub use rt::Engine;
pub use snapshot::{DeckPhase, DeckSnapshot, EngineSnapshot};

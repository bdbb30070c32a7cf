//! Drum kits: every stroke is rendered once per velocity layer and mixed where it falls.
mod kit;
mod layer;
mod map;
mod play;

pub use kit::{Kit, KitTable, VoiceTrim, VoiceTrimSet, kit_from};
pub use layer::Layer;
pub use map::{HAT_OPEN, PIECES, stroke};
pub use play::{Stage, kick_frames, play};

//! Offline rendering of MIDI parts into stems that loop without a seam. See README.md.
mod bank;
mod circle;
mod drums;
mod error;
mod fx;
mod instruments;
mod loudness;
mod master;
mod mix_settings;
mod notes;
mod patch;
mod progress;
mod render;
mod settings;
mod sound;
mod true_peak;
mod voice;
mod wishes;

pub use drums::{Layer, VoiceTrim};
pub use error::SoundError;
pub use instruments::{INSTRUMENTS, InstrumentInfo};
pub use mix_settings::{Echo, Master, Room, Strip};
pub use patch::Patch;
pub use progress::Cancelled;
pub use render::{RenderRequest, Rendered, render};
pub use settings::{Documented, FieldInfo};
pub use sound::Sound;

//! A small CLAP host without a window.
mod blocks;
mod params;
mod plugin;
mod roll;
mod song;
mod stepper;

pub use blocks::Blocks;
pub use params::ParamEntry;
pub use plugin::{Layout, Plugin, Port, Stage, plugin_path};
pub use roll::{Move, NoteAt, Recording, Roll, SentNote};
pub use song::{Meter, Playhead, Song, Tempo};
pub use stepper::Stepper;

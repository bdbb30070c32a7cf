//! The core of Continuo: commands in, events and snapshots out. One studio per plugin instance.
//!
//! Owns the engine handle, the jobs and the session. Knows no window, no host and no wire format.
mod band;
mod command;
mod config;
mod core;
mod deck;
mod following;
mod generating;
mod manifest;
mod notices;
mod orders;
mod preparing;
mod press;
mod saving;
mod shelf;
mod snapshot;
mod studio;
#[cfg(test)]
mod tests;
mod view;

pub use band::{BandDials, BandView, ReadDials};
pub use command::{Command, TakeRequest};
pub use config::StudioConfig;
pub use jobs::ChordSource;
pub use manifest::{DeckManifest, Manifest, ManifestCell, ManifestError, TakeRef};
pub use press::{Knobs, Press, PressAction};
pub use snapshot::{DeckView, JobView, Notice, NoticeKind, Snapshot, StemView, TakeView};
pub use studio::{Studio, StudioHandle};

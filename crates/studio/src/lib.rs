//! The core of Continuo: commands in, events and snapshots out. One studio per plugin instance.
//!
//! Owns the engine handle, the jobs and the session. Knows no window, no host and no wire format.
mod band;
mod browsing;
mod chores;
mod command;
mod config;
mod core;
mod deck;
mod dragging;
mod following;
mod generating;
mod hearing;
mod importing;
mod manifest;
mod notices;
mod orders;
mod past;
mod preparing;
mod press;
mod prompts;
mod saving;
mod separating;
mod shelf;
mod snapshot;
mod studio;
mod takes;
#[cfg(test)]
mod tests;
mod trying;
mod view;
mod window;

pub use band::{BandDials, BandView, ReadDials};
pub use command::{Command, Side, TakeRequest};
pub use config::StudioConfig;
pub use jobs::http::ApiKey;
pub use jobs::{ChordSource, EngineChoice, EngineState, Facility, complete_prompt, is_separated};
pub use library::{BrokenTake, DragFiles, LibraryQuery, LibraryTake};
pub use manifest::{DeckManifest, Manifest, ManifestCell, ManifestError, TakeRef};
pub use press::{Knobs, Press, PressAction};
pub use snapshot::{
    DeckView, DragView, JobView, LibraryView, Notice, NoticeKind, Snapshot, StemView, TakeView, Trial, TrialState,
};
pub use studio::{Studio, StudioHandle};
pub use window::{Theme, WindowState};

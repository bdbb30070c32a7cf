//! The core of Continuo: commands in, events and snapshots out. One studio per plugin instance.
//!
//! Owns the engine handle, the jobs and the session. Knows no window, no host and no wire format.
mod command;
mod manifest;
mod press;
mod snapshot;
mod studio;

pub use command::{Command, TakeRequest};
pub use manifest::{DeckManifest, Manifest, ManifestCell, ManifestError, TakeRef};
pub use press::{Knobs, Press, PressAction};
pub use snapshot::{DeckView, JobView, Notice, NoticeKind, Snapshot, StemView, TakeView};
pub use studio::{Studio, StudioConfig, StudioHandle};

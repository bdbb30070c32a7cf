//! The studio thread. (Skeleton of the public face; the work is being written.)
use crate::{Command, ManifestCell, Press, Snapshot};
use engine::EngineHandle;
use std::path::PathBuf;
use std::sync::Arc;

/// Where things are kept.
#[derive(Debug, Clone)]
pub struct StudioConfig {
    /// Takes and exports: `<data dir>/continuo`.
    pub data_dir: PathBuf,
    /// User styles and settings: `<config dir>/continuo`.
    pub config_dir: PathBuf,
}

impl StudioConfig {
    /// The user's own folders (CONTINUO_DATA_DIR and CONTINUO_CONFIG_DIR override them). No disk access.
    pub fn from_environment() -> Self {
        todo!()
    }
}

/// A client's end: cheap to clone, any thread but the audio thread.
#[derive(Debug, Clone)]
pub struct StudioHandle {
    snapshot: Arc<Snapshot>,
}

impl StudioHandle {
    /// Queues an order. Never blocks; after the studio has ended it does nothing.
    pub fn send(&self, _command: Command) {
        todo!()
    }

    /// The newest snapshot.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.clone()
    }
}

/// One instance's core. Dropping it cancels its jobs, joins its thread and leaves nothing running.
#[derive(Debug)]
pub struct Studio {}

impl Studio {
    /// Starts the studio thread. `presses` is the consuming end of the ring that the audio thread pushes to.
    /// Starting may touch the disk: call it from `activate` or when a window opens, never in a constructor.
    pub fn start(_config: StudioConfig, _session: Arc<ManifestCell>, _presses: rtrb::Consumer<Press>) -> Self {
        todo!()
    }

    /// For clients.
    pub fn handle(&self) -> StudioHandle {
        todo!()
    }

    /// A new engine (activation): every deck's take is loaded into it. The previous handle is dropped.
    pub fn attach(&self, _engine: EngineHandle) {
        todo!()
    }

    /// The engine is going away (deactivation).
    pub fn detach(&self) {
        todo!()
    }
}

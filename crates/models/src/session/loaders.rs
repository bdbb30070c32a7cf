//! Threads that load models, so that a cancel need not wait for a file of a gigabyte.
use crate::runtime_lock as lock;
use std::sync::Mutex;
use std::thread::JoinHandle;

/// Joined when the last user of the runtime goes: none of them outlives a plugin.
#[derive(Default)]
pub(crate) struct Loaders {
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Loaders {
    pub(super) fn add(&self, thread: JoinHandle<()>) {
        let mut threads = lock(&self.threads);
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
    }
}

impl Drop for Loaders {
    fn drop(&mut self) {
        for thread in lock(&self.threads).drain(..) {
            thread.join().ok();
        }
    }
}

//! The thread an open window runs on, and how to know that it has ended.
//!
//! On X11 the window library may give back control before its thread has ended. A host may unload the plugin then, and
//! the rest of the thread would run in memory that is no longer there.
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two looks.
const INTERVAL: Duration = Duration::from_micros(200);

/// Names a thread of this process.
#[derive(Debug, Default, Clone)]
pub struct WindowThread(Option<PathBuf>);

impl WindowThread {
    /// The calling thread; nothing on systems whose windows live on the host's own thread.
    pub fn current() -> Self {
        // Absent but on Linux.
        Self(std::fs::read_link("/proc/thread-self").ok().map(|link| Path::new("/proc").join(link)))
    }

    /// Waits for its end, `patience` at most. True when it has ended.
    pub fn wait(&self, patience: Duration) -> bool {
        let Some(path) = &self.0 else { return true };
        let end = Instant::now() + patience;
        while path.exists() {
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(INTERVAL);
        }
        true
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_thread_that_lives_is_waited_for_and_one_that_ended_is_not() {
        let (end, ended) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            tell.send(WindowThread::current()).unwrap();
            ended.recv().unwrap_err();
        });
        let mark = told.recv().unwrap();
        assert!(!mark.wait(Duration::ZERO));
        drop(end);
        assert!(mark.wait(Duration::from_secs(60)));
        thread.join().unwrap();
    }
}

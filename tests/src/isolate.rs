//! A process of its own for every host test: an abort ends only that test, folders and worker pools are its own, and a
//! hung plugin is ended in time.
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const STAGE: &str = "CONTINUO_TEST_STAGE";

/// Longest a stage may take. Many times what the slowest one needs.
const LIMIT: Duration = Duration::from_secs(300);

/// What the standard library says when an allocation is refused for good.
const ABORTED: &str = "memory allocation of";

/// Declares tests that run in a process of their own. Several blocks of one test run in one process each, one after the
/// other, with the same data folder: that is how a session is saved here and opened there.
#[macro_export]
macro_rules! hosted {
    ($($(#[$meta:meta])* fn $name:ident() $($body:block)then+)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            let stages: &[fn()] = &[$(|| $body),+];
            $crate::isolate::run(stringify!($name), stages);
        }
    )*};
}

/// Runs the stages of the test `name`, each in a child process of this test program.
///
/// # Panics
/// When a stage fails, aborts or takes too long, with what it printed.
pub fn run(name: &str, stages: &[fn()]) {
    if let Some(stage) = std::env::var(STAGE).ok().and_then(|stage| stage.parse::<usize>().ok()) {
        stages[stage]();
        return;
    }
    let home = tempfile::tempdir().expect("a temporary folder");
    for stage in 0..stages.len() {
        let outcome = child(name, stage, home.path());
        if let Err(what) = outcome {
            panic!("{name}, part {} of {}: {what}", stage + 1, stages.len());
        }
    }
}

/// Runs `body` in a child process and demands that the process is ended by a signal: proof that a guard bites.
///
/// # Panics
/// When the child ends in any other way.
pub fn run_expecting_abort(name: &str, body: fn()) {
    if std::env::var_os(STAGE).is_some() {
        body();
        return;
    }
    let home = tempfile::tempdir().expect("a temporary folder");
    match child(name, 0, home.path()) {
        Ok(()) => panic!("{name}: nothing happened; is this a build without debug assertions?"),
        Err(how) => assert!(how.contains(ABORTED), "{name} failed in another way than by an abort: {how}"),
    }
}

/// A folder the stages of the running test share; gone after the test.
pub fn shared_dir() -> std::path::PathBuf {
    std::env::var_os("CONTINUO_DATA_DIR").map_or_else(std::env::temp_dir, |dir| Path::new(&dir).join("shared"))
}

fn child(name: &str, stage: usize, home: &Path) -> Result<(), String> {
    let log_path = home.join(format!("{stage}.log"));
    let log = std::fs::File::create(&log_path).map_err(|error| error.to_string())?;
    let mut child = Command::new(std::env::current_exe().map_err(|error| error.to_string())?)
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(STAGE, stage.to_string())
        // The message says what failed; anyhow and the panic handler would add pages.
        .env("RUST_BACKTRACE", "0")
        .env("CONTINUO_DATA_DIR", home.join("data"))
        .env("CONTINUO_CONFIG_DIR", home.join("config"))
        // The same takes in every run.
        .env("CONTINUO_SEED", "1")
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(|error| error.to_string())?)
        .stderr(log)
        .spawn()
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let ended = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break Some(status),
            None if start.elapsed() > LIMIT => break None,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let said = std::fs::read_to_string(&log_path).unwrap_or_default();
    match ended {
        Some(status) if status.success() => {
            print!(
                "{}",
                said.lines().filter(|line| line.starts_with("note:")).map(|l| format!("{l}\n")).collect::<String>()
            );
            Ok(())
        }
        Some(status) => Err(format!("{status}\n{said}")),
        None => {
            child.kill().ok();
            child.wait().ok();
            Err(format!("still running after {} s\n{said}", LIMIT.as_secs()))
        }
    }
}

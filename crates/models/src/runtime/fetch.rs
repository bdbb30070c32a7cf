//! Getting what is published as a Python package: a Python on the PATH installs it into Continuo's data folder.
use super::RuntimeSearch;
use super::host::one_line;
use super::search::runtime_dir;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A download of 30 MB on a slow line.
const INSTALL_LIMIT: Duration = Duration::from_secs(600);

/// Why it is still not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nothing to install it with.
    #[error(
        "there is no Python on the PATH to fetch {what} with; install Python 3, or unpack the `{package}` package into `{}`",
        target.display()
    )]
    NoPython {
        /// For people.
        what: &'static str,
        /// Its package.
        package: &'static str,
        /// Where it would be found.
        target: PathBuf,
    },
    /// The child process failed.
    #[error("`{command}` failed: {reason}")]
    Failed {
        /// The command, to be pasted.
        command: String,
        /// The end of what it printed.
        reason: String,
    },
}

/// Installs the `onnxruntime` package, without what it depends on, into `runtime/` of the data folder; returns that
/// folder. Takes as long as a download of 30 MB does, ten minutes at most.
///
/// # Errors
/// [`FetchError`]; what was there before is untouched.
pub fn fetch_runtime(search: &RuntimeSearch, data_dir: &Path) -> Result<PathBuf, FetchError> {
    fetch(search, data_dir, "ONNX Runtime", "onnxruntime")
}

/// Installs the `basic-pitch` package, which brings its model of 230 KB, without what it depends on, beside the library;
/// [`crate::basic_pitch::installed`] finds it there.
///
/// # Errors
/// [`FetchError`]; what was there before is untouched.
pub fn fetch_basic_pitch(search: &RuntimeSearch, data_dir: &Path) -> Result<PathBuf, FetchError> {
    fetch(search, data_dir, "Basic Pitch", "basic-pitch")
}

fn fetch(
    search: &RuntimeSearch,
    data_dir: &Path,
    what: &'static str,
    package: &'static str,
) -> Result<PathBuf, FetchError> {
    let target = runtime_dir(data_dir);
    let Some(python) = search.python() else { return Err(FetchError::NoPython { what, package, target }) };
    let pip = ["-m", "pip", "install", "--no-deps", "--upgrade", "--disable-pip-version-check", "--target"];
    let mut command = Command::new(&python);
    command.args(pip).arg(&target).arg(package);
    let line = format!("{} {} {} {package}", python.display(), pip.join(" "), target.display());
    match run_limited(command, INSTALL_LIMIT) {
        Ok(_) => Ok(target),
        Err(reason) => Err(FetchError::Failed { command: line, reason }),
    }
}

/// Runs a child process without a window or input; what it printed, or the end of its complaint. It is ended when it
/// takes longer than `limit`.
pub(super) fn run_limited(mut command: Command, limit: Duration) -> Result<String, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        // CREATE_NO_WINDOW: no black box flashes up over the host.
        command.creation_flags(0x0800_0000);
    }
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let readers = (child.stdout.take().map(read_on_thread), child.stderr.take().map(read_on_thread));
    let until = Instant::now() + limit;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Ok(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                child.kill().ok();
                child.wait().ok();
                break Err(format!("it took longer than {} s", limit.as_secs()));
            }
            Err(error) => break Err(error.to_string()),
        }
    };
    let text =
        |reader: Option<std::thread::JoinHandle<String>>| reader.and_then(|it| it.join().ok()).unwrap_or_default();
    let (out, complaint) = (text(readers.0), text(readers.1));
    if status?.success() { Ok(out) } else { Err(last_words(&complaint)) }
}

fn read_on_thread(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).ok();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn last_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    one_line(&lines[lines.len().saturating_sub(3)..].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_python_the_folder_is_named() {
        let error = fetch_runtime(&RuntimeSearch::default(), Path::new("/data")).unwrap_err();
        assert!(matches!(&error, FetchError::NoPython { .. }), "{error}");
        assert!(error.to_string().contains("runtime"), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn a_failing_installer_is_quoted_with_its_command() {
        let dir = tempfile::tempdir().unwrap();
        // A shell under Python's name looks for a script called `pip` and complains that there is none.
        std::os::unix::fs::symlink("/bin/sh", dir.path().join("python3")).unwrap();
        let search = RuntimeSearch { program_dirs: vec![dir.path().to_owned()], ..RuntimeSearch::default() };
        let said = fetch_runtime(&search, dir.path()).unwrap_err().to_string();
        assert!(said.contains("-m pip install --no-deps") && said.contains("onnxruntime` failed: "), "{said}");
        assert!(said.rsplit("failed: ").next().is_some_and(|reason| reason.contains("pip")), "{said}");
    }

    #[test]
    #[cfg(unix)]
    fn a_child_that_hangs_is_ended() {
        let mut command = Command::new("sleep");
        command.arg("600");
        let said = run_limited(command, Duration::from_millis(20)).unwrap_err();
        assert!(said.contains("longer than"), "{said}");
    }
}

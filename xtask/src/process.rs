//! Running other programs, with a limit on how long.
use anyhow::{Context, Result, bail};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A step that is impossible on this machine without anything being wrong with Continuo; one line says why.
#[derive(Debug)]
pub struct Skipped(pub String);

impl std::fmt::Display for Skipped {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Skipped {}

/// `cargo <args>` with this cargo.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    command
}

/// Runs to the end.
///
/// # Errors
/// When it cannot start or ends with anything but success.
pub fn check(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start {}", told(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", told(command));
    }
    Ok(())
}

/// Standard output of a program that succeeds.
///
/// # Errors
/// When it cannot start or fails; with what it said.
pub fn output(command: &mut Command) -> Result<String> {
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", told(command)))?;
    if !done.status.success() {
        bail!("{} ended with {}\n{}", told(command), done.status, String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs to the end, or for `limit` at most: then it and everything it started is ended.
///
/// # Errors
/// When it cannot start, fails or runs too long.
pub fn check_within(command: &mut Command, limit: Duration) -> Result<()> {
    own_group(command);
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {}", told(command)))?;
    match wait(&mut child, limit)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("{} ended with {status}", told(command)),
        None => {
            end_group(&mut child);
            bail!("{} still ran after {} s and was ended", told(command), limit.as_secs())
        }
    }
}

fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(None)
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

/// Asks the whole group to end (a host ends its display and sound server then), and insists two seconds later.
fn end_group(child: &mut Child) {
    for signal in ["-TERM", "-KILL"] {
        if cfg!(unix) {
            let group = format!("-{}", child.id());
            Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status().ok();
        } else {
            child.kill().ok();
        }
        if matches!(wait(child, Duration::from_secs(2)), Ok(Some(_))) && signal == "-KILL" {
            return;
        }
    }
}

fn told(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy();
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).take(6).collect();
    format!("`{program} {}`", args.join(" "))
}

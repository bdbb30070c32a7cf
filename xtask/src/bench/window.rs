//! The release build's window: first frame, processor, lag of a click, memory of two hundred openings.
use crate::packages::{Purpose, ensure};
use crate::{bundle, process, python, workspace};
use anyhow::{Result, ensure as check_that};
use std::process::Command;

/// Builds, then measures on a display of its own.
///
/// # Errors
/// A build or a measurement that fails to run.
pub fn run() -> Result<()> {
    check_that!(cfg!(target_os = "linux"), "this measurement needs a display of its own, which only Linux has");
    ensure(Purpose::Build)?;
    ensure(Purpose::Hosts)?;
    let bundles = bundle::build_with_programs("release", &["window-host"])?;
    let mut script = Command::new(python::interpreter()?);
    script.arg(workspace::root().join("tests/window/measure.py"));
    script.arg(workspace::program("release", "window-host")).arg(bundles.clap());
    script.arg(workspace::fresh_dir("bench/window")?);
    process::check(script.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1"))
}

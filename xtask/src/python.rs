//! A Python of our own under the target folder, for the hosts and the analysers that are Python packages.
use crate::{packages, process, workspace};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// The interpreter, with every package of `tests/python/requirements.txt` in it.
///
/// # Errors
/// No Python, or packages that cannot be had.
pub fn interpreter() -> Result<PathBuf> {
    let venv = workspace::target_dir().join("venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = std::fs::read_to_string(workspace::root().join(REQUIREMENTS))?;
    let stamp = venv.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    packages::ensure(packages::Purpose::Hosts)?;
    println!("setting up {}", venv.display());
    let system = if cfg!(windows) { "python" } else { "python3" };
    process::check(Command::new(system).args(["-m", "venv"]).arg(&venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS];
    process::check(Command::new(&python).args(pip))?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

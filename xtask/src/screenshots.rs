//! `cargo xtask screenshots`: the real window in every state the manual shows, at 100 % and 200 %.
use crate::packages::{Purpose, ensure};
use crate::{bundle, process, workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Eleven states, each with takes of its own to make, on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(900);

/// `screenshots [--profile NAME] [--out DIR] [STATE...]`: pictures land in `target/screenshots`, those at 100 % of the
/// manual also in `docs/manual/images` when every state was made.
///
/// # Errors
/// Unknown arguments, a build that fails, or a window that does not open.
pub fn run(args: &[String]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("screenshots need Linux: a display of their own");
    }
    let mut profile = "dev".to_owned();
    let mut out = workspace::target_dir().join("screenshots");
    let mut states = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match (word.as_str(), word.starts_with("--")) {
            ("--profile", _) => profile = words.next().cloned().unwrap_or(profile),
            ("--out", _) => out = words.next().map_or(out, PathBuf::from),
            (unknown, true) => bail!("`screenshots` does not know `{unknown}`"),
            (state, false) => states.push(state.to_owned()),
        }
    }
    ensure(Purpose::Build)?;
    ensure(Purpose::Hosts)?;
    let plugin = bundle::build_with_programs(&profile, &["window-host"])?.clap();
    let script = workspace::root().join("tests/window/screenshots.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(workspace::program(&profile, "window-host")).arg(plugin).arg(&out).args(&states);
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    process::check_within(&mut command, LIMIT)?;
    if states.is_empty() {
        for_the_manual(&out)?;
    }
    Ok(())
}

/// The pictures the manual shows, at 100 %.
fn for_the_manual(out: &std::path::Path) -> Result<()> {
    let images = workspace::root().join("docs/manual/images");
    std::fs::create_dir_all(&images)?;
    for entry in std::fs::read_dir(out)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(state) = name.strip_suffix("-100.png") {
            workspace::copy_tree(&entry.path(), &images.join(format!("{state}.png")))?;
        }
    }
    println!("docs/manual/images is up to date");
    Ok(())
}

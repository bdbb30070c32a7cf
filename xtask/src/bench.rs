//! `cargo xtask bench`: speed and memory against the targets; `bench --music`: is it music; `bench --window`: what an open
//! window costs; `bench --models`: what models at work do to the audio thread. Measurements never fail because of a number,
//! but for `--strict`: the machine may be busy with other things.
mod models;
mod music;
mod speed;
mod window;

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// `bench [--music [--strict]]`, `bench --window`, `bench --models DIR [SECONDS]`.
///
/// # Errors
/// Unknown arguments, something that fails to build or run, or with `--strict` music that misses a target.
pub fn run(args: &[String]) -> Result<()> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => speed::run(),
        ["--music"] => music::run(false),
        ["--music", "--strict"] | ["--strict", "--music"] => music::run(true),
        ["--window"] => window::run(),
        ["--models", dir] => models::run(dir, "60"),
        ["--models", dir, seconds] => models::run(dir, seconds),
        _ => bail!("`bench` takes nothing but `--music`, and that `--strict`, `--window`, or `--models DIR [SECONDS]`"),
    }
}

/// `target/bench/<name>`, its folder made.
fn report_path(name: &str) -> Result<PathBuf> {
    let dir = workspace::target_dir().join("bench");
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir.join(name))
}

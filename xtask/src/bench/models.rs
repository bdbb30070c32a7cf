//! The audio thread of eight decks while models run, and instances removed in the middle of them.
use crate::packages::{Purpose, ensure};
use crate::{bundle, process, python, workspace};
use anyhow::{Context, Result, ensure as check_that};
use std::path::Path;
use std::process::Command;

/// `dir` is a data folder with models, as `tools/model_fixtures/full_size.py` makes one. Builds, then runs for
/// `seconds` with each priority of the audio thread.
///
/// # Errors
/// No models there, a build or a run that fails.
pub fn run(dir: &str, seconds: &str) -> Result<()> {
    let models = Path::new(dir).join("models").canonicalize().with_context(|| {
        format!("there are no models in {dir}; `python tools/model_fixtures/full_size.py {dir}` makes some")
    })?;
    check_that!(cfg!(target_os = "linux"), "this measurement reads Linux's tables");
    ensure(Purpose::Build)?;
    let bundles = bundle::build_with_programs("release", &["headless-host"])?;
    let data = workspace::fresh_dir("bench/models")?;
    link(&models, &data.join("models"))?;
    let mut host = Command::new(workspace::program("release", "headless-host"));
    host.arg("deadlines").arg(bundles.clap()).arg(seconds);
    host.env("CONTINUO_DATA_DIR", &data).env("CONTINUO_CONFIG_DIR", workspace::target_dir().join("bench/config"));
    host.env("CONTINUO_SEED", "1").env("ORT_DYLIB_PATH", python::onnxruntime()?);
    process::check(&mut host)
}

#[cfg(unix)]
fn link(models: &Path, place: &Path) -> Result<()> {
    std::os::unix::fs::symlink(models, place).with_context(|| format!("cannot link {}", place.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, place: &Path) -> Result<()> {
    anyhow::bail!("cannot link {}", place.display())
}

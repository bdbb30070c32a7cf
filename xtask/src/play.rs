//! `cargo xtask play`: hear it.
use crate::packages::{Purpose, ensure};
use crate::{bundle, process, workspace};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;

struct Options {
    is_headless: bool,
    out: PathBuf,
}

/// `play [--headless] [--out DIR]`.
///
/// # Errors
/// Unknown arguments, a build that fails, or a session that does.
pub fn run(args: &[String]) -> Result<()> {
    let options = parse(args)?;
    if options.is_headless || !has_display() || !has_sound() {
        if !options.is_headless {
            println!("no display or no sound device here: playing without");
        }
        return headless(&options.out);
    }
    ensure(Purpose::Standalone)?;
    let run = ["run", "--release", "-p", "continuo-plugin", "--bin", "continuo-standalone", "--features", "standalone"];
    process::check(&mut process::cargo(&run))
}

fn parse(args: &[String]) -> Result<Options> {
    let mut options = Options { is_headless: false, out: PathBuf::from("out") };
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--headless" => options.is_headless = true,
            "--out" => options.out = words.next().context("`--out` wants a folder")?.into(),
            other => bail!("`play` does not know `{other}`"),
        }
    }
    Ok(options)
}

/// The built CLAP in our own host: see tests/src/bin/headless_host.rs.
fn headless(out: &Path) -> Result<()> {
    ensure(Purpose::Build)?;
    let bundles = bundle::build_with_programs("release", &["headless-host"])?;
    let mut host = std::process::Command::new(workspace::program("release", "headless-host"));
    host.arg("play").arg(bundles.clap()).arg(out);
    // A fresh library of its own: what the session needs lands in `out`, the user's own library stays as it is.
    host.env("CONTINUO_DATA_DIR", workspace::fresh_dir("play")?);
    host.env("CONTINUO_CONFIG_DIR", workspace::target_dir().join("play/config"));
    process::check_within(&mut host, Duration::from_secs(300))
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn has_sound() -> bool {
    !cfg!(target_os = "linux") || Path::new("/dev/snd").exists()
}

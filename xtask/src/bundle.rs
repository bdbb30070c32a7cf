//! `cargo xtask bundle`: the plugin as CLAP and VST3.
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The package and, after bundling, the name of the bundles (see bundler.toml).
const PACKAGE: &str = "continuo-plugin";

/// Where the bundles of the release profile lie.
pub fn clap() -> PathBuf {
    workspace::target_dir().join("bundled").join("Continuo.clap")
}

/// The VST3 beside it.
pub fn vst3() -> PathBuf {
    workspace::target_dir().join("bundled").join("Continuo.vst3")
}

/// `bundle [--profile NAME]`.
///
/// # Errors
/// Unknown arguments, or a build that fails.
pub fn run(args: &[String]) -> Result<()> {
    let profile = match args {
        [] => "release",
        [flag] if flag == "--release" => "release",
        [flag, name] if flag == "--profile" => name,
        _ => bail!("`bundle` takes nothing but `--profile NAME`"),
    };
    crate::packages::ensure(crate::packages::Purpose::Build)?;
    for bundle in build(profile)? {
        println!("{}", bundle.display());
    }
    Ok(())
}

/// Builds and bundles. The release bundles lie in `target/bundled`, those of another profile in
/// `target/bundled-<profile>`, so that nobody installs a guarded build by mistake.
///
/// # Errors
/// A build that fails.
pub fn build(profile: &str) -> Result<Vec<PathBuf>> {
    let args = ["bundle", PACKAGE, "--profile", profile].map(str::to_owned);
    let home = workspace::target_dir().join("bundled");
    if profile == "release" {
        nice_plug_xtask::main_with_args("cargo xtask", args).context("the plugin could not be bundled")?;
        return Ok(vec![clap(), vst3()]);
    }
    // The bundler knows one place only: put the release bundles aside while it works.
    let aside = workspace::target_dir().join("bundled-aside");
    let moved = home.exists() && std::fs::rename(&home, &aside).is_ok();
    let made = nice_plug_xtask::main_with_args("cargo xtask", args);
    let kept = workspace::target_dir().join(format!("bundled-{profile}"));
    if made.is_ok() {
        if kept.exists() {
            std::fs::remove_dir_all(&kept)?;
        }
        std::fs::rename(&home, &kept)?;
    }
    if moved {
        std::fs::rename(&aside, &home)?;
    }
    made.context("the plugin could not be bundled")?;
    Ok(vec![kept.join("Continuo.clap"), kept.join("Continuo.vst3")])
}

/// Builds only the plugin's library, which is a CLAP already for a host that loads by path.
///
/// # Errors
/// A build that fails.
pub fn build_library(profile: &str) -> Result<PathBuf> {
    crate::process::check(&mut crate::process::cargo(&["build", "--profile", profile, "-p", PACKAGE, "--lib"]))?;
    Ok(workspace::plugin_library(profile))
}

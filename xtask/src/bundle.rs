//! `cargo xtask bundle`: the plugin as CLAP and VST3.
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The package and, after bundling, the name of the bundles (see bundler.toml).
const PACKAGE: &str = "continuo-plugin";

/// The bundles of one profile.
pub struct Bundles {
    folder: PathBuf,
}

impl Bundles {
    fn of(profile: &str) -> Self {
        let name = if profile == "release" { "bundled".to_owned() } else { format!("bundled-{profile}") };
        Self { folder: workspace::target_dir().join(name) }
    }

    pub fn clap(&self) -> PathBuf {
        self.folder.join("Continuo.clap")
    }

    pub fn vst3(&self) -> PathBuf {
        self.folder.join("Continuo.vst3")
    }
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
    let bundles = build(profile)?;
    println!("{}\n{}", bundles.clap().display(), bundles.vst3().display());
    Ok(())
}

/// Builds and bundles. The release bundles lie in `target/bundled`, those of another profile in
/// `target/bundled-<profile>`, so that nobody installs a guarded build by mistake.
///
/// # Errors
/// A build that fails.
pub fn build(profile: &str) -> Result<Bundles> {
    process::check(&mut process::cargo(&["build", "--profile", profile, "-p", PACKAGE, "--lib"]))?;
    bundle(profile)
}

/// The same, with programs of the workspace that drive the plugin, all in one call of cargo: built one by one they would
/// want their dependencies with other features, and build them twice.
///
/// # Errors
/// A build that fails.
pub fn build_with_programs(profile: &str, programs: &[&str]) -> Result<Bundles> {
    let mut cargo = process::cargo(&["build", "--profile", profile, "-p", PACKAGE, "--lib"]);
    cargo.args(["-p", "continuo-tests", "-p", "headless"]);
    for program in programs {
        cargo.args(["--bin", program]);
    }
    process::check(&mut cargo)?;
    bundle(profile)
}

/// Puts the bundles of a library together that has been built.
///
/// # Errors
/// No library, or a folder that cannot be written.
pub fn bundle(profile: &str) -> Result<Bundles> {
    nice_plug_xtask::chdir_workspace_root()?;
    let home = workspace::target_dir().join("bundled");
    let bundles = Bundles::of(profile);
    // The bundler knows one place only: put the release bundles aside while it works.
    let aside = workspace::target_dir().join("bundled-aside");
    let moved = bundles.folder != home && home.exists() && std::fs::rename(&home, &aside).is_ok();
    // The bundler looks for a profile in a folder of its name, and for none in `debug`.
    let args = if profile == "dev" { Vec::new() } else { ["--profile", profile].map(str::to_owned).to_vec() };
    let made = nice_plug_xtask::bundle(&workspace::target_dir(), PACKAGE, &args, false);
    if made.is_ok() && bundles.folder != home {
        if bundles.folder.exists() {
            std::fs::remove_dir_all(&bundles.folder)?;
        }
        std::fs::rename(&home, &bundles.folder)?;
    }
    if moved {
        std::fs::rename(&aside, &home)?;
    }
    made.context("the plugin could not be bundled")?;
    Ok(bundles)
}

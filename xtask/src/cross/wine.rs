//! The Windows bundles under Wine, beside the same builds for Linux.
use super::{WINDOWS, check, home, newer_wine, sysroot};
use crate::packages::{Purpose, ensure};
use crate::process::{self, Skipped};
use crate::{python, workspace};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Debian's packages put no `wine` into the path.
const INSTALLED_WINE: &str = "/usr/lib/wine/wine64";
/// Several times what a whole script takes on two idle cores.
const LIMIT: Duration = Duration::from_secs(1800);
const PREFIX_LIMIT: Duration = Duration::from_secs(600);

/// What is built for both systems.
const WHAT: [&str; 11] = [
    "-p",
    "continuo-plugin",
    "-p",
    "continuo-tests",
    "-p",
    "dragout",
    "--lib",
    "--bin",
    "cross-host",
    "--example",
    "drag_window",
];

/// What a run is made of: one build for each system, and a Wine.
struct Run {
    profile: String,
    linux: PathBuf,
    windows: PathBuf,
    wine: PathBuf,
    prefix: PathBuf,
}

/// `--wine [--chroot] [--profile NAME]`: builds everything for both systems and runs it side by side.
///
/// # Errors
/// Builds that fail, and whatever the scripts find; [`Skipped`] where Wine, mingw or the library for Windows is missing.
pub fn run(args: &[String]) -> Result<()> {
    let (mut profile, mut is_newer) = ("release".to_owned(), false);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--chroot" => is_newer = true,
            "--profile" => profile = words.next().context("`--profile` needs a name")?.clone(),
            unknown => bail!("`cross --wine` knows `--chroot` and `--profile NAME`, not `{unknown}`"),
        }
    }
    if !cfg!(target_os = "linux") {
        bail!(Skipped("Wine is run on Linux only".to_owned()));
    }
    for purpose in [Purpose::Build, Purpose::Windows, Purpose::Wine] {
        ensure(purpose).map_err(|error| Skipped(format!("{error:#}")))?;
    }
    let wine = if is_newer { newer_wine::ensure()? } else { PathBuf::from(INSTALLED_WINE) };
    let windows = for_windows(&profile)?;
    let linux = for_linux(&profile)?;
    let prefix = prefix(&wine, if is_newer { "prefix-newer" } else { "prefix" })?;
    let run = Run { profile, linux, windows, wine, prefix };
    let results = [run.sound_and_window(), run.drag(), run.unit_tests()];
    results.into_iter().collect()
}

impl Run {
    /// Both formats play the same on both systems; the window.
    fn sound_and_window(&self) -> Result<()> {
        self.script("tests/windows/under_wine.py", &[&self.linux, &self.windows, &home().join("wine-out")])
    }

    /// OLE's drag and drop.
    fn drag(&self) -> Result<()> {
        let examples = [self.windows.join("drag_window.exe"), self.linux.join("drag_window")];
        self.script("tests/drag/under_wine.py", &[&examples[0], &examples[1], &home().join("wine-drag")])
    }

    fn script(&self, name: &str, args: &[&Path]) -> Result<()> {
        let mut script = Command::new(python::interpreter()?);
        self.in_wine(script.arg(name).args(args)).env("WINE", &self.wine);
        process::check_within(script.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1"), LIMIT)
    }

    /// The unit tests of `dragout`, which has modules of its own for Windows; and the band's frozen bits.
    fn unit_tests(&self) -> Result<()> {
        for which in [&["-p", "dragout", "--lib"][..], &["-p", "continuo-tests", "--test", "golden"]] {
            let mut cargo = cargo("test", &self.profile)?;
            cargo.args(which);
            cargo.env(WINDOWS.cargo_variable("RUNNER"), &self.wine);
            process::check_within(self.in_wine(&mut cargo), LIMIT)?;
        }
        Ok(())
    }

    fn in_wine<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        in_wine(command, &self.prefix)
    }
}

/// Quiet, and without asking for the .NET and HTML packages.
fn in_wine<'a>(command: &'a mut Command, prefix: &Path) -> &'a mut Command {
    command.env("WINEPREFIX", prefix).env("WINEDEBUG", "-all").env("WINEDLLOVERRIDES", "mscoree,mshtml=")
}

/// cargo for Windows, with a linker, but without optimisation at link time: the library of our own making has no bitcode
/// for it. That changes no sample.
fn cargo(command: &str, profile: &str) -> Result<Command> {
    let mut cargo = check::cargo(&WINDOWS, &sysroot::ensure(&WINDOWS, sysroot::Use::Link)?, command);
    cargo.args(["--quiet", "--profile", profile, "--config", &format!("profile.{profile}.lto=\"off\"")]);
    cargo.env(WINDOWS.cargo_variable("LINKER"), WINDOWS.c_tools[0]);
    Ok(cargo)
}

/// Builds plugin and programs for Windows and puts the bundles together. Gives the folder they lie in.
fn for_windows(profile: &str) -> Result<PathBuf> {
    let mut cargo = cargo("build", profile)?;
    process::check(cargo.args(WHAT).args(["--bin", "win32-window"]))?;
    let built = home().join("build").join(WINDOWS.triple).join(if profile == "dev" { "debug" } else { profile });
    let out = workspace::fresh_dir("cross/bundled-windows")?;
    bundles(&built.join("continuo_plugin.dll"), &out, "Contents/x86_64-win/Continuo.vst3")?;
    for program in ["cross-host.exe", "win32-window.exe", "examples/drag_window.exe"] {
        keep(&built.join(program), &out)?;
    }
    Ok(out)
}

/// The same for this system.
fn for_linux(profile: &str) -> Result<PathBuf> {
    process::check(process::cargo(&["build", "--quiet", "--profile", profile]).args(WHAT))?;
    let out = workspace::fresh_dir("cross/bundled-linux")?;
    bundles(&workspace::plugin_library(profile), &out, "Contents/x86_64-linux/Continuo.so")?;
    for program in ["cross-host", "examples/drag_window"] {
        keep(&workspace::program(profile, program), &out)?;
    }
    Ok(out)
}

fn keep(built: &Path, out: &Path) -> Result<()> {
    let name = built.file_name().context("a file without a name")?;
    fs::copy(built, out.join(name)).with_context(|| format!("{} was not built", built.display()))?;
    Ok(())
}

/// A CLAP is the library itself; a VST3 is a folder with it at the system's place.
fn bundles(library: &Path, out: &Path, place: &str) -> Result<()> {
    fs::copy(library, out.join("Continuo.clap")).with_context(|| format!("{} was not built", library.display()))?;
    let inside = out.join("Continuo.vst3").join(place);
    fs::create_dir_all(inside.parent().context("a bundle without a folder")?)?;
    fs::copy(library, inside)?;
    Ok(())
}

/// A folder in which this Wine runs programs of Rust's library, made once.
fn prefix(wine: &Path, name: &str) -> Result<PathBuf> {
    let prefix = home().join(name);
    let system = prefix.join("drive_c/windows/system32");
    if !system.join("kernel32.dll").exists() {
        println!("setting up {}", prefix.display());
        let mut boot = Command::new(wine);
        in_wine(boot.args(["wineboot", "-i"]), &prefix).env_remove("DISPLAY");
        process::check_within(&mut boot, PREFIX_LIMIT)?;
    }
    // Wine 8 lacks it; newer ones bring it.
    let random = system.join("bcryptprimitives.dll");
    if !random.exists() {
        let mut compile = Command::new(WINDOWS.c_tools[0]);
        compile.args(["-shared", "-O2", "-s", "-o"]).arg(&random);
        process::check(compile.args(["tests/windows/bcryptprimitives.c", "-ladvapi32"]))?;
    }
    Ok(prefix)
}

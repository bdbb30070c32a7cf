//! Type checks and lints for the other systems: no linker, nothing runs.
use super::sysroot::{NO_NETWORK, Sysroot};
use super::{TARGETS, Target, home, sysroot};
use crate::packages;
use crate::process::{self, Skipped};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::Instant;

/// Libraries, programs, tests and examples of the whole workspace, with the standalone's sound and MIDI devices.
/// Without benchmarks: they are measured on Linux, with its clocks.
const WHAT: [&str; 7] =
    ["--workspace", "--lib", "--bins", "--tests", "--examples", "--features", "continuo-plugin/standalone"];

/// Checks everything for every target; all are tried.
///
/// # Errors
/// Code that does not compile or lint for one of them, or a standard library whose build fails; else [`Skipped`] when one
/// of them cannot be checked here.
pub fn run() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(Skipped("this is made for Linux; here `cargo clippy` checks this system itself".to_owned()));
    }
    let (mut failed, mut skipped, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for target in &TARGETS {
        let start = Instant::now();
        let outcome = one(target);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("cross: {} passed, {seconds:.1} s", target.name),
            Err(error) if error.is::<Skipped>() => {
                println!("cross: {} SKIPPED: {error}", target.name);
                skipped.push(target.name);
                reasons.push(error.to_string());
            }
            Err(error) => {
                println!("{error:#}\ncross: {} FAILED", target.name);
                failed.push(target.name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("cross: failed for {}", failed.join(", "));
    }
    reasons.dedup();
    if skipped.is_empty() {
        return Ok(());
    }
    bail!(Skipped(format!("{} not checked: {}", skipped.join(", "), reasons.join("; "))))
}

fn one(target: &Target) -> Result<()> {
    if target.needs_mingw
        && let Err(error) = packages::ensure(packages::Purpose::Windows)
    {
        bail!(Skipped(format!("{error:#}")));
    }
    let sysroot = sysroot::ensure(target, sysroot::Use::Check)?;
    fetch(target)?;
    let mut cargo = cargo(target, &sysroot, "clippy");
    // Procedural macros would else be optimised like everything else that is not ours.
    cargo
        .args(["--config", "profile.dev.package.\"*\".opt-level=0", "--quiet", "--keep-going"])
        .args(WHAT)
        .args(["--", "-D", "warnings"])
        // Found on Windows even where a `thread_local!` is `const`: the macro unfolds in another way there.
        .args(["-A", "clippy::missing_const_for_thread_local"]);
    process::check(&mut cargo)
}

/// Gets the crates that only `target` needs: without them nothing can be said about it.
fn fetch(target: &Target) -> Result<()> {
    let Err(error) = process::output(&mut process::cargo(&["fetch", "--quiet", "--target", target.triple])) else {
        return Ok(());
    };
    let told = error.to_string();
    if NO_NETWORK.iter().any(|mark| told.contains(mark)) {
        bail!(Skipped("the registry cannot be reached, and crates for that system are missing".to_owned()));
    }
    Err(error)
}

/// `cargo <command>` for `target`, in a target folder of its own: other flags would rebuild everything in the usual one.
pub fn cargo(target: &Target, sysroot: &Sysroot, command: &str) -> Command {
    let mut cargo = process::cargo(&[command, "--target", target.triple, "--target-dir"]);
    cargo.arg(home().join("build"));
    without_flags(&mut cargo);
    cargo.env(target.cargo_variable("RUSTFLAGS"), sysroot.rustflags());
    let [compiler, archiver] = target.c_tools;
    cargo.env(target.c_variable("CC"), compiler).env(target.c_variable("AR"), archiver);
    if target.triple.ends_with("darwin") {
        // Asked for before the stand-in for a C compiler is.
        cargo.env("SDKROOT", "/");
    }
    cargo
}

/// Takes flags of the caller's away: they are for the caller's own system, and would win over ours.
pub fn without_flags(command: &mut Command) {
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
}

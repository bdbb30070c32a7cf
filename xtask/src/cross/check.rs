//! Type checks and lints for the other systems: no linker, nothing runs.
use super::sysroot::Sysroot;
use super::{Made, TARGETS, Target, home, sysroot};
use crate::process;
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
/// Code that does not compile or lint for one of them, or a standard library whose build fails.
pub fn run() -> Result<()> {
    if !cfg!(target_os = "linux") {
        println!("cross: skipped: it is made for Linux; here `cargo clippy` checks this system itself");
        return Ok(());
    }
    let mut failed = Vec::new();
    for target in &TARGETS {
        let start = Instant::now();
        let outcome = one(target);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(Made::Yes(())) => println!("cross: {} passed, {seconds:.1} s", target.name),
            Ok(Made::Skipped(why)) => println!("cross: {} SKIPPED: {why}", target.name),
            Err(error) => {
                println!("{error:#}\ncross: {} FAILED", target.name);
                failed.push(target.name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("cross: failed for {}", failed.join(", ")) }
}

fn one(target: &Target) -> Result<Made<()>> {
    let sysroot = match sysroot::ensure(target)? {
        Made::Yes(sysroot) => sysroot,
        Made::Skipped(why) => return Ok(Made::Skipped(why)),
    };
    let mut cargo = cargo(target, &sysroot, "clippy");
    // Procedural macros would else be optimised like everything else that is not ours.
    cargo
        .args(["--config", "profile.dev.package.\"*\".opt-level=0", "--quiet"])
        .args(WHAT)
        .args(["--", "-D", "warnings"]);
    process::check(&mut cargo)?;
    Ok(Made::Yes(()))
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

//! `cargo xtask cross`: what this Linux machine can say about Windows and macOS.
//!
//! Type-checks and lints everything for the three targets; `cross --wine` runs the Windows bundles under Wine. It is
//! evidence, not proof: only the systems themselves prove anything (docs/PLATFORMS.md).
mod check;
mod newer_wine;
mod source;
mod sysroot;
mod wine;

pub use check::run as check;

use crate::process::Skipped;
use anyhow::{Result, bail};
use std::path::PathBuf;

/// A system that something is built or checked for.
struct Target {
    /// As a person calls it.
    name: &'static str,
    /// As the compiler calls it.
    triple: &'static str,
    /// C compiler and archiver. Without Apple's SDK nothing compiles C for macOS: programs that do nothing stand in,
    /// so that the Rust side is checked.
    c_tools: [&'static str; 2],
    /// Its C compiler is Debian's mingw.
    needs_mingw: bool,
}

const WINDOWS: Target = Target {
    name: "Windows",
    triple: "x86_64-pc-windows-gnu",
    c_tools: ["x86_64-w64-mingw32-gcc-posix", "x86_64-w64-mingw32-gcc-ar-posix"],
    needs_mingw: true,
};

const TARGETS: [Target; 3] = [
    WINDOWS,
    Target { name: "macOS on ARM", triple: "aarch64-apple-darwin", c_tools: ["true", "true"], needs_mingw: false },
    Target { name: "macOS on Intel", triple: "x86_64-apple-darwin", c_tools: ["true", "true"], needs_mingw: false },
];

impl Target {
    /// The variable `<front>_<triple>_<end>` as cargo spells it.
    fn cargo_variable(&self, end: &str) -> String {
        format!("CARGO_TARGET_{}_{end}", self.triple.to_uppercase().replace('-', "_"))
    }

    /// The variable that crates with C in them read, such as `CC_x86_64_pc_windows_gnu`.
    fn c_variable(&self, tool: &str) -> String {
        format!("{tool}_{}", self.triple.replace('-', "_"))
    }
}

/// `cross` checks all three; `cross --wine` runs the Windows bundles. Where something for it cannot be had, one line says
/// so, and nothing has failed.
///
/// # Errors
/// Unknown words, code that does not compile or lint, a standard library whose build fails, or what Wine shows.
pub fn run(args: &[String]) -> Result<()> {
    let result = match args {
        [] => check::run(),
        [word, rest @ ..] if word == "--wine" => wine::run(rest),
        _ => bail!("`cross` takes nothing, or `--wine [--chroot] [--profile NAME]`"),
    };
    match result {
        Err(error) if error.is::<Skipped>() => {
            println!("cross: SKIPPED {error}");
            Ok(())
        }
        result => result,
    }
}

/// Where everything of this command lies.
fn home() -> PathBuf {
    let dir = crate::workspace::target_dir().join("cross");
    std::path::absolute(&dir).unwrap_or(dir)
}

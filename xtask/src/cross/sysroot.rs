//! The standard library for another system, built once from its source with the stable compiler.
//!
//! cargo's `-Zbuild-std` makes it, in a seed package; the libraries are copied to a sysroot, and from then on plain
//! stable cargo needs one flag. Nothing of the compiler's own installation changes.
use super::{Target, home, source};
use crate::process::{self, Skipped};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What in cargo's words means that a registry cannot be reached.
pub const NO_NETWORK: [&str; 4] =
    ["failed to download", "failed to fetch", "unable to update registry", "network error"];

/// Where the library for `target` comes from.
pub enum Sysroot {
    /// The compiler brings it (`rustup target add`).
    Installed,
    /// Ours.
    Own(PathBuf),
}

impl Sysroot {
    /// Flags for the compiler.
    pub fn rustflags(&self) -> String {
        match self {
            Sysroot::Installed => String::new(),
            Sysroot::Own(path) => format!("--sysroot={}", path.display()),
        }
    }
}

/// What a library is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Type checks need no code, which takes most of the time.
    Check,
    /// Programs.
    Link,
}

/// Makes the library for `target`, once for each use and version of the compiler.
///
/// # Errors
/// A library that does not build. Missing source or network is [`Skipped`].
pub fn ensure(target: &Target, purpose: Use) -> Result<Sysroot> {
    let mut ask = Command::new("rustc");
    let installed = process::output(ask.args(["--print", "target-libdir", "--target", target.triple]))?;
    if holds_std(Path::new(installed.trim())) {
        return Ok(Sysroot::Installed);
    }
    let compiler = process::output(Command::new("rustc").arg("-vV"))?;
    let sysroot = home().join(if purpose == Use::Link { "sysroot-to-link" } else { "sysroot" });
    let library = sysroot.join("lib/rustlib").join(target.triple).join("lib");
    let stamp = library.join("compiler.txt");
    if fs::read_to_string(&stamp).is_ok_and(|built_with| built_with == compiler) {
        return Ok(Sysroot::Own(sysroot));
    }
    let version = compiler.lines().find_map(|line| line.strip_prefix("release: ")).context("rustc names no release")?;
    let source = source::ensure(&home(), version)?;
    println!("building Rust's library for {} ({})", target.name, target.triple);
    let built = build(target, &source, purpose)?;
    keep(&built, &library, if purpose == Use::Link { ".rlib" } else { ".rmeta" })?;
    fs::write(stamp, compiler)?;
    Ok(Sysroot::Own(sysroot))
}

fn holds_std(dir: &Path) -> bool {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.map(|file| file.file_name()).any(|name| name.to_string_lossy().starts_with("libstd-"))
}

/// Builds the seed with its library. Returns the folder with the libraries.
fn build(target: &Target, source: &Path, purpose: Use) -> Result<PathBuf> {
    let seed = home().join("seed");
    fs::create_dir_all(seed.join("src"))?;
    let manifest = "[package]\nname = \"seed\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(seed.join("Cargo.toml"), manifest)?;
    fs::write(seed.join("src/lib.rs"), "")?;
    let command = if purpose == Use::Link { "build" } else { "check" };
    let mut cargo = process::cargo(&[command, "--quiet", "--release", "--target", target.triple]);
    cargo.args(["--target-dir", "target", "-Zbuild-std=std,panic_unwind,panic_abort,proc_macro,test"]);
    // An internal of cargo's tests that says where the source is; else it would have to lie in the toolchain's folder.
    cargo.current_dir(&seed).env("__CARGO_TESTS_ONLY_SRC_ROOT", source).env("RUSTC_BOOTSTRAP", "1");
    super::check::without_flags(&mut cargo);
    let done = cargo.stdin(Stdio::null()).output().context("cannot start cargo")?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        if NO_NETWORK.iter().any(|mark| said.contains(mark)) {
            bail!(Skipped("the registry with the library's dependencies cannot be reached".to_owned()));
        }
        bail!("Rust's library for {} does not build\n{said}", target.name);
    }
    Ok(seed.join("target").join(target.triple).join("release/deps"))
}

/// Copies the libraries (files of `extension`) into the sysroot, all anew, and removes what they were built in.
fn keep(built: &Path, library: &Path, extension: &str) -> Result<()> {
    if library.exists() {
        fs::remove_dir_all(library)?;
    }
    fs::create_dir_all(library)?;
    for file in fs::read_dir(built)?.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(extension) && !name.starts_with("libseed-") {
            fs::copy(file.path(), library.join(name))?;
        }
    }
    anyhow::ensure!(holds_std(library), "the built library is not in {}", built.display());
    Ok(fs::remove_dir_all(home().join("seed/target"))?)
}

//! A Python of our own under the target folder, for the hosts and the analysers that are Python packages.
use crate::{packages, process, workspace};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// The interpreter, with every package of `tests/python/requirements.txt` in it.
///
/// # Errors
/// No Python, or packages that cannot be had.
pub fn interpreter() -> Result<PathBuf> {
    let venv = workspace::target_dir().join("venv");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = std::fs::read_to_string(workspace::root().join(REQUIREMENTS))?;
    let stamp = venv.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    packages::ensure(packages::Purpose::Hosts)?;
    println!("setting up {}", venv.display());
    let system = if cfg!(windows) { "python" } else { "python3" };
    process::check(Command::new(system).args(["-m", "venv"]).arg(&venv))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS];
    process::check(Command::new(&python).args(pip))?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

/// The shared library of ONNX Runtime, for tests that run models: from the published package of a fixed version,
/// installed without what it depends on. The tests find it by `ORT_DYLIB_PATH`.
///
/// # Errors
/// No Python, or a package that cannot be had or holds no library.
pub fn onnxruntime() -> Result<PathBuf> {
    const PACKAGE: &str = "onnxruntime==1.31.1";
    let folder = workspace::target_dir().join("onnxruntime");
    let stamp = folder.join("installed.txt");
    if !std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGE) {
        println!("installing {PACKAGE} into {}", folder.display());
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target"];
        process::check(Command::new(interpreter()?).args(pip).arg(&folder).arg(PACKAGE))?;
        std::fs::write(stamp, PACKAGE)?;
    }
    let libraries = folder.join("onnxruntime").join("capi");
    let is_library = |name: &str| match std::env::consts::OS {
        "windows" => name == "onnxruntime.dll",
        "macos" => name.starts_with("libonnxruntime.") && name.ends_with(".dylib"),
        _ => name.starts_with("libonnxruntime.so"),
    };
    let entries = std::fs::read_dir(&libraries).with_context(|| format!("cannot read {}", libraries.display()))?;
    let mut found = entries.flatten().filter(|entry| is_library(&entry.file_name().to_string_lossy()));
    let library = found.next().with_context(|| format!("no library of ONNX Runtime in {}", libraries.display()))?;
    Ok(library.path())
}

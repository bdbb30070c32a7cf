//! Where things are.
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or_else(|| manifest.to_owned(), Path::to_owned)
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, else `target` in the repository.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The folder a profile's build products lie in.
pub fn profile_dir(profile: &str) -> PathBuf {
    target_dir().join(if profile == "dev" { "debug" } else { profile })
}

/// The plugin library of a profile, as cargo names it.
pub fn plugin_library(profile: &str) -> PathBuf {
    let file = format!("{}continuo_plugin{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    profile_dir(profile).join(file)
}

/// A program that cargo built.
pub fn program(profile: &str, name: &str) -> PathBuf {
    profile_dir(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// An empty folder under the target folder.
///
/// # Errors
/// When an old one cannot be removed or the new one cannot be made.
pub fn fresh_dir(name: &str) -> Result<PathBuf> {
    let dir = target_dir().join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}

/// Everything under `from`, copied to `to`.
///
/// # Errors
/// Whatever the file system says, with the path.
pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if from.is_file() {
        // Unlinked first: a program that has the old file mapped keeps it whole.
        if to.exists() {
            std::fs::remove_file(to).with_context(|| format!("cannot replace {}", to.display()))?;
        }
        std::fs::copy(from, to).with_context(|| format!("cannot copy to {}", to.display()))?;
        return Ok(());
    }
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        copy_tree(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

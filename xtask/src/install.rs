//! `cargo xtask install`: the bundles into the user's own plugin folders.
use crate::{bundle, workspace};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Builds and copies; prints where to.
///
/// # Errors
/// A build that fails, or a folder that cannot be written.
pub fn run() -> Result<()> {
    crate::packages::ensure(crate::packages::Purpose::Build)?;
    let bundles = bundle::build("release")?;
    let folders = plugin_folders()?;
    for (bundle, folder) in [(bundles.clap(), folders.clap), (bundles.vst3(), folders.vst3)] {
        let to = place(&bundle, &folder)?;
        println!("installed {}", to.display());
    }
    println!("Rescan plugins in your DAW, or start it again.");
    Ok(())
}

struct Folders {
    clap: PathBuf,
    vst3: PathBuf,
}

/// The folders the CLAP and VST3 specifications name for a single user.
fn plugin_folders() -> Result<Folders> {
    let var = |name: &str| std::env::var_os(name).map(PathBuf::from).with_context(|| format!("{name} is not set"));
    Ok(match std::env::consts::OS {
        "windows" => {
            let common = var("LOCALAPPDATA")?.join("Programs").join("Common");
            Folders { clap: common.join("CLAP"), vst3: common.join("VST3") }
        }
        "macos" => {
            let plugins = var("HOME")?.join("Library/Audio/Plug-Ins");
            Folders { clap: plugins.join("CLAP"), vst3: plugins.join("VST3") }
        }
        _ => Folders { clap: var("HOME")?.join(".clap"), vst3: var("HOME")?.join(".vst3") },
    })
}

/// Replaces what lies there: the old bundle is gone before the new one is in place, never mixed with it.
fn place(bundle: &Path, folder: &Path) -> Result<PathBuf> {
    let name = bundle.file_name().context("a bundle has a name")?;
    let to = folder.join(name);
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if to.is_dir() {
        std::fs::remove_dir_all(&to).with_context(|| format!("cannot replace {}", to.display()))?;
    }
    workspace::copy_tree(bundle, &to)?;
    Ok(to)
}

//! Who may import whom.
use crate::process;
use anyhow::{Context, Result};
use serde_json::Value;

/// Our packages and which of our packages each may depend on, in any way. `tests` may import anything.
const MAY_IMPORT: [(&str, &[&str]); 17] = [
    ("take", &[]),
    ("dsp", &[]),
    ("fourier", &[]),
    ("theory", &["take"]),
    ("listen", &["fourier", "theory", "take"]),
    ("composer", &["theory", "take"]),
    ("synth", &["dsp", "take"]),
    ("engine", &["dsp", "take"]),
    ("library", &["take"]),
    ("models", &["fourier", "take"]),
    ("separate", &["fourier", "take"]),
    ("jobs", &["composer", "synth", "library", "listen", "models", "separate", "fourier", "dsp", "theory", "take"]),
    ("studio", &["engine", "jobs", "library", "take", "theory"]),
    ("dragout", &[]),
    ("headless", &["studio", "engine", "jobs", "library", "models", "theory", "take"]),
    ("continuo-plugin", &["studio", "engine", "take", "theory", "dragout"]),
    ("xtask", &[]),
];

/// Packages that name the plugin framework or the window, and nobody else.
const FRAMEWORK: [(&str, &[&str]); 3] =
    [("nice-plug", &["continuo-plugin"]), ("nice-plug-egui", &["continuo-plugin"]), ("egui", &["continuo-plugin"])];

/// Every import that the table does not allow.
///
/// # Errors
/// When cargo cannot describe the workspace.
pub fn broken() -> Result<Vec<String>> {
    let described = process::output(&mut process::cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Value = serde_json::from_str(&described).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut broken = Vec::new();
    for package in packages {
        let Some(name) = package["name"].as_str() else { continue };
        let imports = package["dependencies"].as_array().into_iter().flatten().filter_map(|dep| dep["name"].as_str());
        for import in imports {
            broken.extend(verdict(name, import, names.contains(&import)));
        }
    }
    Ok(broken)
}

fn verdict(package: &str, import: &str, is_ours: bool) -> Option<String> {
    if let Some((_, may)) = FRAMEWORK.iter().find(|(framework, _)| *framework == import) {
        return (!may.contains(&package)).then(|| format!("{package} names {import}; only {} may", may.join(", ")));
    }
    if !is_ours || import == package || package == "continuo-tests" {
        return None;
    }
    match MAY_IMPORT.iter().find(|(name, _)| *name == package) {
        None => Some(format!("{package} is in no row of the import table")),
        Some((_, may)) if may.contains(&import) => None,
        Some(_) => Some(format!("{package} imports {import}, which the table does not allow")),
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn what_the_table_does_not_name_is_refused() {
        assert_eq!(verdict("studio", "engine", true), None);
        assert_eq!(verdict("composer", "serde", false), None);
        assert!(verdict("engine", "theory", true).is_some());
        assert!(verdict("studio", "egui", false).is_some());
        assert!(verdict("newcomer", "take", true).is_some());
        assert_eq!(verdict("continuo-tests", "jobs", true), None);
    }
}

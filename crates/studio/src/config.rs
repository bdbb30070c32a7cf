//! Where things are kept.
use std::env;
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

/// Drawn seeds stay below this, so that people can read and type them.
const MAX_DRAWN_SEED: u64 = 9999;

/// The folders of one user.
#[derive(Debug, Clone, PartialEq)]
pub struct StudioConfig {
    /// Takes and exports: `<data dir>/continuo`.
    pub data_dir: PathBuf,
    /// User styles and settings: `<config dir>/continuo`.
    pub config_dir: PathBuf,
}

impl StudioConfig {
    /// The user's own folders; CONTINUO_DATA_DIR and CONTINUO_CONFIG_DIR are used as they are. No disk access.
    pub fn from_environment() -> Self {
        Self::from_variables(|name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
    }

    /// `variable` stands for the environment. A user without any home gets folders in the temporary folder.
    fn from_variables(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let home = || variable("HOME").or_else(|| variable("USERPROFILE")).unwrap_or_else(env::temp_dir);
        // The XDG rule: a relative path is no path.
        let xdg = |name: &str| variable(name).filter(|path| path.is_absolute());
        let (data, config) = if cfg!(target_os = "windows") {
            let roaming = variable("APPDATA").unwrap_or_else(|| home().join("AppData").join("Roaming"));
            (roaming.clone(), roaming)
        } else if cfg!(target_os = "macos") {
            let support = home().join("Library").join("Application Support");
            (support.clone(), support)
        } else {
            let data = xdg("XDG_DATA_HOME").unwrap_or_else(|| home().join(".local").join("share"));
            (data, xdg("XDG_CONFIG_HOME").unwrap_or_else(|| home().join(".config")))
        };
        Self {
            data_dir: variable("CONTINUO_DATA_DIR").unwrap_or_else(|| data.join("continuo")),
            config_dir: variable("CONTINUO_CONFIG_DIR").unwrap_or_else(|| config.join("continuo")),
        }
    }
}

/// Seed of the first take of a new instance: CONTINUO_SEED where something must come out the same every time,
/// otherwise drawn, 1..=9999.
pub(crate) fn first_seed() -> u64 {
    first_seed_from(env::var_os("CONTINUO_SEED"))
}

fn first_seed_from(named: Option<OsString>) -> u64 {
    let named = named.and_then(|text| text.to_str()?.parse().ok());
    // The standard library's only source of chance: every hasher of its has other keys.
    named.unwrap_or_else(|| 1 + RandomState::new().hash_one(0) % MAX_DRAWN_SEED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_seed_is_the_named_one_or_a_drawn_one() {
        assert_eq!(first_seed_from(Some("17".into())), 17);
        let drawn: std::collections::BTreeSet<_> = (0..100).map(|_| first_seed_from(None)).collect();
        assert!(drawn.len() > 50, "{drawn:?}");
        assert!(drawn.iter().all(|seed| (1..=MAX_DRAWN_SEED).contains(seed)));
        assert!((1..=MAX_DRAWN_SEED).contains(&first_seed_from(Some("many".into()))));
    }

    #[test]
    fn the_named_folders_win() {
        let config = StudioConfig::from_variables(|name| match name {
            "CONTINUO_DATA_DIR" => Some("/somewhere".into()),
            "CONTINUO_CONFIG_DIR" => Some("/else".into()),
            _ => None,
        });
        assert_eq!(config, StudioConfig { data_dir: "/somewhere".into(), config_dir: "/else".into() });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_follows_xdg_and_ignores_relative_paths() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/ann"));
        let config = StudioConfig::from_variables(home);
        assert_eq!(config.data_dir, PathBuf::from("/home/ann/.local/share/continuo"));
        assert_eq!(config.config_dir, PathBuf::from("/home/ann/.config/continuo"));
        let config = StudioConfig::from_variables(|name| match name {
            "XDG_DATA_HOME" => Some("/data".into()),
            "XDG_CONFIG_HOME" => Some("relative".into()),
            other => home(other),
        });
        assert_eq!(config.data_dir, PathBuf::from("/data/continuo"));
        assert_eq!(config.config_dir, PathBuf::from("/home/ann/.config/continuo"));
    }
}

//! Where the files of a midi-model lie, and the numbers of its `config.json`.
use super::vocab::Version;
use crate::ModelError;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The files of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// `config.json`.
    pub config: PathBuf,
    /// `model_base.onnx`: reads events.
    pub base: PathBuf,
    /// `model_token.onnx`: writes the tokens of the next event.
    pub token: PathBuf,
}

impl Layout {
    /// Finds the files in `folder` or in its subfolder `onnx`; `config.json` may lie a folder higher.
    ///
    /// # Errors
    /// `Missing` with the first file that is not there.
    pub fn find(folder: &Path) -> Result<Layout, ModelError> {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let missing = |file: PathBuf| ModelError::Missing { file };
        if !folder.is_dir() {
            return Err(missing(folder));
        }
        let inner = folder.join("onnx");
        let model = |name: &str| {
            let found = [&folder, &inner].into_iter().map(|place| place.join(name)).find(|file| file.is_file());
            found.ok_or_else(|| missing(if inner.is_dir() { inner.join(name) } else { folder.join(name) }))
        };
        // Somebody may have pointed at the subfolder itself.
        let homes = [Some(folder.as_path()), folder.parent()];
        let config = homes.into_iter().flatten().map(|home| home.join("config.json")).find(|file| file.is_file());
        Ok(Layout {
            base: model("model_base.onnx")?,
            token: model("model_token.onnx")?,
            config: config.ok_or_else(|| missing(folder.join("config.json")))?,
        })
    }

    /// All of them, in one order.
    pub fn files(&self) -> [&Path; 3] {
        [&self.config, &self.base, &self.token]
    }
}

/// One transformer in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    pub layers: usize,
    pub heads: usize,
    pub head_width: usize,
    pub width: usize,
}

/// A midi-model in numbers, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Config {
    pub version: Version,
    pub base: Net,
    pub token: Net,
    /// Events that the model can look back on.
    pub max_events: usize,
}

#[derive(Deserialize)]
struct File {
    tokenizer: Tokenizer,
    net_config: NetFile,
    net_token_config: NetFile,
}

#[derive(Deserialize)]
struct Tokenizer {
    version: String,
}

/// `transformers` leaves out what is the default of `LlamaConfig`.
#[derive(Deserialize)]
#[serde(default)]
struct NetFile {
    num_hidden_layers: usize,
    num_attention_heads: usize,
    hidden_size: usize,
    max_position_embeddings: usize,
}

impl Default for NetFile {
    fn default() -> Self {
        Self { num_hidden_layers: 32, num_attention_heads: 32, hidden_size: 4096, max_position_embeddings: 2048 }
    }
}

impl Config {
    /// Reads and checks a `config.json`.
    ///
    /// # Errors
    /// `Missing`; `Setting` with the value that no midi-model has.
    pub(super) fn read(path: &Path) -> Result<Config, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|_| ModelError::Missing { file: path.to_owned() })?;
        Self::parse(&text).map_err(|reason| ModelError::Setting {
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            reason,
        })
    }

    fn parse(text: &str) -> Result<Config, String> {
        let File { tokenizer, net_config, net_token_config } =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let version = match tokenizer.version.as_str() {
            "v1" => Version::V1,
            "v2" => Version::V2,
            other => return Err(format!("`tokenizer.version` is `{other}`, expected `v1` or `v2`")),
        };
        let max_events = net_config.max_position_embeddings;
        in_range("net_config.max_position_embeddings", max_events, 1 << 20)?;
        let (base, token) = (net_config.checked("net_config")?, net_token_config.checked("net_token_config")?);
        if base.width != token.width {
            return Err(format!(
                "`hidden_size` is {} in `net_config` and {} in `net_token_config`",
                base.width, token.width
            ));
        }
        Ok(Config { version, base, token, max_events })
    }
}

impl NetFile {
    /// Sizes beyond these are damage: the largest midi-model has 24 layers of 16 heads.
    fn checked(&self, name: &str) -> Result<Net, String> {
        let NetFile { num_hidden_layers: layers, num_attention_heads: heads, hidden_size: width, .. } = *self;
        in_range(&format!("{name}.num_hidden_layers"), layers, 1024)?;
        in_range(&format!("{name}.num_attention_heads"), heads, 1024)?;
        let head_width = width / heads;
        in_range(&format!("{name}.hidden_size / num_attention_heads"), head_width, 65_536)?;
        Ok(Net { layers, heads, head_width, width })
    }
}

fn in_range(name: &str, value: usize, max: usize) -> Result<(), String> {
    if (1..=max).contains(&value) { Ok(()) } else { Err(format!("`{name}` is {value}, expected 1 to {max}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_played_is_named() {
        let text = |version: &str, heads: usize, width: usize| {
            format!(
                r#"{{"tokenizer": {{"version": "{version}"}},
                    "net_config": {{"num_attention_heads": {heads}, "hidden_size": 1024}},
                    "net_token_config": {{"num_attention_heads": 4, "hidden_size": {width}}}}}"#
            )
        };
        let config = Config::parse(&text("v2", 16, 1024)).unwrap();
        assert_eq!((config.base.head_width, config.token.head_width, config.version), (64, 256, Version::V2));
        assert!(Config::parse(&text("v3", 16, 1024)).unwrap_err().contains("`tokenizer.version` is `v3`"));
        assert!(Config::parse(&text("v1", 0, 1024)).unwrap_err().contains("net_config.num_attention_heads"));
        assert!(Config::parse(&text("v1", 16, 512)).unwrap_err().contains("1024 in `net_config` and 512"));
    }

    #[test]
    fn files_are_found_beside_the_settings_and_in_onnx() {
        let root = tempfile::tempdir().unwrap();
        let touch = |name: &str| std::fs::write(root.path().join(name), b"").unwrap();
        std::fs::create_dir(root.path().join("onnx")).unwrap();
        touch("config.json");
        touch("onnx/model_base.onnx");
        let error = Layout::find(root.path()).unwrap_err().to_string();
        assert!(error.contains("model_token.onnx"), "{error}");
        touch("onnx/model_token.onnx");
        let whole = Layout::find(root.path()).unwrap();
        assert_eq!(Layout::find(&root.path().join("onnx")), Ok(whole));
        assert!(Layout::find(&root.path().join("none")).is_err());
    }
}

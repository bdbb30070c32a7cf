//! Keys of services: from the environment or from a private file, never anywhere else.
use super::{Address, is_private, write_private};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// File in the configuration folder; one line a host: `"api.groq.com" = "gsk_..."`.
const FILE_NAME: &str = "keys.toml";
/// More than any list of keys.
const MAX_FILE_BYTES: u64 = 1 << 16;

/// A secret. Does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// `None` for what cannot be a key: empty, or not plain visible ASCII.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_key = !text.is_empty() && text.len() <= 4096 && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_key.then(|| Self(text.to_owned()))
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// Why the file of keys cannot be used or written. No sentence quotes what is in it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Other users may read it.
    #[error("{path} is readable by others and is not used: make it private (chmod 600)")]
    NotPrivate {
        /// The file.
        path: PathBuf,
    },
    /// Not `"host" = "key"`, or too large.
    #[error("{path} is not a list of lines such as \"api.groq.com\" = \"key\"")]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// A key with blanks or control characters.
    #[error("that is no key: it is empty, or has blanks or letters beyond ASCII in it")]
    NotAKey,
    /// The system says no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Every key of one user. GROQ_API_KEY goes to api.groq.com only, OPENAI_API_KEY to api.openai.com and to this machine;
/// every other host gets what the file has under its name. Nothing from the environment leaves unencrypted.
#[derive(Debug, Clone, Default)]
pub struct ApiKeys {
    file: BTreeMap<String, ApiKey>,
    groq: Option<ApiKey>,
    openai: Option<ApiKey>,
    is_openai_for_any_https: bool,
}

impl ApiKeys {
    /// No key for anybody.
    pub fn none() -> Self {
        Self::default()
    }

    /// From `<config_dir>/keys.toml` and the environment. A file that is not there is fine.
    ///
    /// # Errors
    /// [`KeyFileError`] when the file is there and cannot be used; the keys of the environment are then returned too.
    pub fn load(config_dir: &Path) -> (Self, Option<KeyFileError>) {
        Self::load_with(config_dir, |name| std::env::var(name).ok())
    }

    /// `variable` stands for the environment.
    pub fn load_with(config_dir: &Path, variable: impl Fn(&str) -> Option<String>) -> (Self, Option<KeyFileError>) {
        let named = |name: &str| variable(name).as_deref().and_then(ApiKey::new);
        let (file, problem) = match read(&config_dir.join(FILE_NAME)) {
            Ok(file) => (file, None),
            Err(error) => (BTreeMap::new(), Some(error)),
        };
        let keys =
            Self { file, groq: named("GROQ_API_KEY"), openai: named("OPENAI_API_KEY"), is_openai_for_any_https: false };
        (keys, problem)
    }

    /// OPENAI_API_KEY for any https host: for addresses that the user types into the same command line or window, never
    /// for one that came with a project.
    pub fn trusting_the_address(self) -> Self {
        Self { is_openai_for_any_https: true, ..self }
    }

    /// Whether a language model at this address would be sent a key.
    pub fn has_key_for(&self, address: &impl AsRef<Address>) -> bool {
        self.key_for(address).is_some()
    }

    /// What the file has for this host.
    pub(crate) fn in_file_for(&self, address: &Address) -> Option<&ApiKey> {
        self.file.get(address.host())
    }

    /// A language model's key. The file wins: its owner wrote the host's name beside the key.
    pub(crate) fn key_for(&self, address: &impl AsRef<Address>) -> Option<&ApiKey> {
        let address = address.as_ref();
        let host = address.host();
        let from_file = self.in_file_for(address);
        let from_environment = || match host {
            "api.groq.com" | "api.groq.com:443" => self.groq.as_ref(),
            "api.openai.com" | "api.openai.com:443" => self.openai.as_ref(),
            _ if address.is_loopback() => self.openai.as_ref(),
            _ if address.is_https() && self.is_openai_for_any_https => self.openai.as_ref(),
            _ => None,
        };
        from_file.or_else(|| from_environment().filter(|_| address.is_private()))
    }

    /// Puts a key into the file, which only its owner can read from then on. An empty key removes the host's.
    ///
    /// # Errors
    /// [`KeyFileError`]; the file is then as it was.
    pub fn save(config_dir: &Path, address: &impl AsRef<Address>, key: &str) -> Result<(), KeyFileError> {
        let is_none = key.trim().is_empty();
        let key = if is_none { None } else { Some(ApiKey::new(key).ok_or(KeyFileError::NotAKey)?) };
        Self::set(config_dir, address, key)
    }

    /// The same with a key that has been looked at; none removes the host's.
    ///
    /// # Errors
    /// [`KeyFileError`]; the file is then as it was.
    pub fn set(config_dir: &Path, address: &impl AsRef<Address>, key: Option<ApiKey>) -> Result<(), KeyFileError> {
        let (path, address) = (config_dir.join(FILE_NAME), address.as_ref());
        let mut keys = read(&path)?;
        match key {
            Some(key) => keys.insert(address.host().to_owned(), key),
            None => keys.remove(address.host()),
        };
        let table: toml::Table =
            keys.iter().map(|(host, key)| (host.clone(), toml::Value::String(key.0.clone()))).collect();
        let text = format!("# Continuo's keys, one a host. Nobody else may read this file.\n{table}");
        write_private(config_dir, FILE_NAME, &text).map_err(|source| KeyFileError::Io { path, source })
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, ApiKey>, KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let malformed = || KeyFileError::Malformed { path: path.to_owned() };
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(io(error)),
    };
    if !is_private(&about) {
        return Err(KeyFileError::NotPrivate { path: path.to_owned() });
    }
    if !about.is_file() || about.len() > MAX_FILE_BYTES {
        return Err(malformed());
    }
    // What the TOML parser says would quote the line, and with it the key.
    let text = fs::read_to_string(path).map_err(io)?;
    let table: toml::Table = text.parse().map_err(|_| malformed())?;
    let entry = |(host, key): (String, toml::Value)| Some((host.to_ascii_lowercase(), ApiKey::new(key.as_str()?)?));
    table.into_iter().map(|pair| entry(pair).ok_or_else(malformed)).collect()
}

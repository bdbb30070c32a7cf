//! One remote engine as its user describes it.
use crate::http::{Address, AddressError};
use std::time::Duration;

/// What is spoken with an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EngineKind {
    /// Found out by asking.
    #[default]
    Auto,
    /// DJ-IA / OBSIDIAN version 1, self-hosted.
    DjIa,
    /// OBSIDIAN version 2, the cloud's.
    Obsidian,
    /// ACE-Step 1.5's own API server.
    AceStep,
}

impl EngineKind {
    /// Every kind.
    pub const ALL: [EngineKind; 4] = [EngineKind::Auto, EngineKind::DjIa, EngineKind::Obsidian, EngineKind::AceStep];

    /// Permanent id: `dj-ia`.
    pub fn id(self) -> &'static str {
        match self {
            EngineKind::Auto => "auto",
            EngineKind::DjIa => "dj-ia",
            EngineKind::Obsidian => "obsidian",
            EngineKind::AceStep => "acestep",
        }
    }

    /// The kind of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        let id = id.trim().to_lowercase().replace('_', "-");
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            EngineKind::Auto => "a music server",
            EngineKind::DjIa => "DJ-IA (OBSIDIAN v1)",
            EngineKind::Obsidian => "OBSIDIAN v2",
            EngineKind::AceStep => "ACE-Step",
        }
    }
}

/// The voices that DJ-IA can be asked to prefer. The answer is still one mix of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the field's own names")]
pub enum RemoteStem {
    Drums,
    Bass,
    Other,
    Vocals,
    Guitar,
    Piano,
}

impl RemoteStem {
    /// Every stem.
    pub const ALL: [RemoteStem; 6] = [
        RemoteStem::Drums,
        RemoteStem::Bass,
        RemoteStem::Other,
        RemoteStem::Vocals,
        RemoteStem::Guitar,
        RemoteStem::Piano,
    ];

    /// As it is sent: `drums`.
    pub fn id(self) -> &'static str {
        match self {
            RemoteStem::Drums => "drums",
            RemoteStem::Bass => "bass",
            RemoteStem::Other => "other",
            RemoteStem::Vocals => "vocals",
            RemoteStem::Guitar => "guitar",
            RemoteStem::Piano => "piano",
        }
    }

    /// The stem of that id.
    pub fn from_id(id: &str) -> Option<Self> {
        let id = id.trim().to_lowercase();
        Self::ALL.into_iter().find(|stem| stem.id() == id)
    }

    /// Where audio of nothing but this belongs.
    pub(crate) fn kind(self) -> take::StemKind {
        match self {
            RemoteStem::Drums => take::StemKind::Drums,
            RemoteStem::Bass => take::StemKind::Bass,
            RemoteStem::Guitar | RemoteStem::Piano => take::StemKind::Harmony,
            RemoteStem::Other | RemoteStem::Vocals => take::StemKind::Other,
        }
    }
}

/// An engine that cannot be used as it is described.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EngineError {
    /// Not 1..=40 letters, digits, `-` or `_`.
    #[error("an engine's name is 1 to 40 letters, digits, - or _; `{name}` is not")]
    Name {
        /// What was given.
        name: String,
    },
    /// No address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Outside 1 s..=3600 s.
    #[error("a timeout is 1 to 3600 seconds, not {seconds}")]
    Timeout {
        /// What was given.
        seconds: f64,
    },
    /// No name of a variable.
    #[error("the name of the variable that holds the key is made of letters, digits and _")]
    Variable,
}

/// Name, kind, address and timeout of one engine, and where its key is. Holds no key.
#[derive(Debug, Clone, PartialEq)]
pub struct Engine {
    /// What its user calls it.
    pub name: String,
    /// What it speaks.
    pub kind: EngineKind,
    /// What is typed in front of the paths.
    pub address: Address,
    /// Longest that a take may take, 1 s..=3600 s.
    pub timeout: Duration,
    /// Environment variable with its key; without one, keys.toml is looked into.
    pub api_key_env: Option<String>,
    /// Voices asked for, where the engine knows that wish.
    pub preferred_stems: Vec<RemoteStem>,
    /// The model's name there; `None` is the server's own choice.
    pub model: Option<String>,
}

impl Engine {
    /// Long enough for a diffusion model on an ordinary graphics card.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(360);
    /// Longest name.
    const MAX_NAME_CHARS: usize = 40;

    /// An engine with the defaults. The address is read as people type it: a slash and `/api/v1` at its end are fine.
    ///
    /// # Errors
    /// [`EngineError::Name`], [`EngineError::Address`].
    pub fn new(name: &str, kind: EngineKind, base_url: &str) -> Result<Self, EngineError> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        if name.is_empty() || name.len() > Self::MAX_NAME_CHARS || !name.chars().all(is_plain) {
            return Err(EngineError::Name { name: name.to_owned() });
        }
        let base = base_url.trim().trim_end_matches('/');
        let address = Address::parse(base.strip_suffix("/api/v1").unwrap_or(base))?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            address,
            timeout: Self::DEFAULT_TIMEOUT,
            api_key_env: None,
            preferred_stems: Vec::new(),
            model: None,
        })
    }

    /// # Errors
    /// [`EngineError::Timeout`].
    pub fn with_timeout_s(self, seconds: f64) -> Result<Self, EngineError> {
        if !(1.0..=3600.0).contains(&seconds) {
            return Err(EngineError::Timeout { seconds });
        }
        Ok(Self { timeout: Duration::from_secs_f64(seconds), ..self })
    }

    /// # Errors
    /// [`EngineError::Variable`].
    pub fn with_key_variable(self, name: &str) -> Result<Self, EngineError> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.is_empty() || name.len() > 100 || !name.chars().all(is_plain) {
            return Err(EngineError::Variable);
        }
        Ok(Self { api_key_env: Some(name.to_owned()), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_addresses_are_read_as_people_type_them() {
        for typed in ["http://localhost:8000", "http://localhost:8000/", " http://localhost:8000/api/v1/ "] {
            let engine = Engine::new("studio", EngineKind::DjIa, typed).unwrap();
            assert_eq!(engine.address.base(), "http://localhost:8000", "{typed}");
            assert_eq!(engine.timeout.as_secs(), 360);
        }
        let behind = Engine::new("a", EngineKind::Auto, "https://example.org/music/api/v1").unwrap();
        assert_eq!(behind.address.base(), "https://example.org/music");
    }

    #[test]
    fn ids_read_back_and_what_is_none_is_refused() {
        for kind in EngineKind::ALL {
            assert_eq!(EngineKind::from_id(kind.id()), Some(kind));
        }
        for stem in RemoteStem::ALL {
            assert_eq!(RemoteStem::from_id(stem.id()), Some(stem));
        }
        assert_eq!((EngineKind::from_id("suno"), RemoteStem::from_id("horns")), (None, None));
        let engine = || Engine::new("a", EngineKind::Auto, "http://h").unwrap();
        for seconds in [0.0, -1.0, 4000.0, f64::NAN] {
            assert!(engine().with_timeout_s(seconds).is_err());
        }
        assert!(engine().with_key_variable("A KEY").is_err());
        assert!(Engine::new("a b", EngineKind::Auto, "http://h").is_err());
    }
}

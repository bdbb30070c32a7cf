//! What a project remembers: names, hashes and settings. The audio is in the library.
use crate::WindowState;
use crate::band::MAX_CHORDS_CHARS;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use take::{Bpm, StyleId, TakeId, TakeSpec};

/// State nobody can read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ManifestError {
    /// Written by a later Continuo.
    #[error(
        "this project was saved by a newer Continuo (state version {found}, this one reads up to {newest}); nothing was changed"
    )]
    TooNew {
        /// Version in the state.
        found: u32,
        /// Newest version this build reads.
        newest: u32,
    },
    /// Not a manifest.
    #[error("the saved session cannot be read ({reason}); nothing was changed")]
    Unreadable {
        /// What the parser said.
        reason: String,
    },
}

/// A take in a deck's history: enough to find it, and to name it when it is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakeRef {
    /// Content hash, the library's key.
    pub id: TakeId,
    /// Name for people.
    pub name: String,
    /// What was asked for, so that it can be made again.
    pub spec: TakeSpec,
    /// Engine that made it.
    pub engine: String,
    /// Favourite when the project was saved; what the library says counts more.
    #[serde(default)]
    pub is_starred: bool,
}

/// One deck's memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeckManifest {
    /// Every take generated here, oldest first.
    pub history: Vec<TakeRef>,
    /// The one on the deck.
    pub current: Option<TakeId>,
    /// Tempo of the rendition it played at last, so that it reopens at that tempo; `None` is the take's own.
    pub rendition_tempo: Option<Bpm>,
    /// Takes marked A and B.
    pub marks: [Option<TakeId>; 2],
}

/// The session as the host saves it. Contains no key, no path, no running job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version, [`Manifest::VERSION`] when written by this build.
    pub version: u32,
    /// Prompt field.
    #[serde(default)]
    pub prompt: String,
    /// Style file used when the `Style` parameter says `User`.
    #[serde(default)]
    pub user_style: Option<StyleId>,
    /// Chords the live band plays, as typed.
    #[serde(default = "first_chords")]
    pub chords: String,
    /// Decks, eight of them.
    #[serde(default)]
    pub decks: Vec<DeckManifest>,
    /// Seed of the next take; counts up with every press.
    #[serde(default)]
    pub next_seed: u64,
    /// The window.
    #[serde(default)]
    pub window: WindowState,
}

impl Manifest {
    /// What this build writes.
    pub const VERSION: u32 = 1;
    /// Longest text that is read, in bytes: some ten thousand takes, and far from what would stall a host.
    pub const MAX_BYTES: usize = 16 << 20;

    /// The session as text.
    pub fn to_json(&self) -> String {
        // Every field is a number, a text or a list of them: there is nothing that JSON could not hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A session from outside, every limit checked; older versions are brought up to this one.
    ///
    /// # Errors
    /// `TooNew` for a later version, `Unreadable` for anything that is no manifest of ours.
    pub fn from_json(text: &str) -> Result<Self, ManifestError> {
        if text.len() > Self::MAX_BYTES {
            return Err(unreadable(format!("{} bytes, {} at most are read", text.len(), Self::MAX_BYTES)));
        }
        let value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        Self::from_value(value)
    }

    /// [`Manifest::from_json`] for JSON that is parsed already.
    ///
    /// # Errors
    /// As [`Manifest::from_json`].
    pub fn from_value(value: serde_json::Value) -> Result<Self, ManifestError> {
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        let found = version.ok_or_else(|| unreadable("it has no version".to_owned()))?;
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        if found > Self::VERSION {
            return Err(ManifestError::TooNew { found, newest: Self::VERSION });
        }
        let value = migrate(value, found);
        let mut manifest = Self::deserialize(value).map_err(|error| unreadable(error.to_string()))?;
        manifest.check_limits()?;
        manifest.version = Self::VERSION;
        manifest.window = manifest.window.clamped();
        manifest.decks.resize_with(engine::NUM_DECKS, DeckManifest::default);
        Ok(manifest)
    }

    fn check_limits(&self) -> Result<(), ManifestError> {
        if self.decks.len() > engine::NUM_DECKS {
            return Err(unreadable(format!("{} decks, {} at most", self.decks.len(), engine::NUM_DECKS)));
        }
        let (chars, max_chars) = (self.prompt.chars().count(), TakeSpec::MAX_PROMPT_CHARS);
        if chars > max_chars {
            return Err(unreadable(format!("a prompt of {chars} characters, {max_chars} at most")));
        }
        let (chars, max_chars) = (self.chords.chars().count(), MAX_CHORDS_CHARS);
        if chars > max_chars {
            return Err(unreadable(format!("a chord line of {chars} characters, {max_chars} at most")));
        }
        let mut takes = self.decks.iter().flat_map(|deck| &deck.history);
        takes.try_for_each(|take| take.spec.check()).map_err(|error| unreadable(error.to_string()))
    }
}

/// What a band plays for whoever has just switched it on.
fn first_chords() -> String {
    "C | Am | F | G".to_owned()
}

/// Brings the JSON of an older version up to [`Manifest::VERSION`], one step for each version. Version 1 is the first.
fn migrate(value: serde_json::Value, _from_version: u32) -> serde_json::Value {
    value
}

fn unreadable(reason: String) -> ManifestError {
    ManifestError::Unreadable { reason }
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            prompt: String::new(),
            user_style: None,
            chords: first_chords(),
            decks: vec![DeckManifest::default(); engine::NUM_DECKS],
            next_seed: 1,
            window: WindowState::default(),
        }
    }
}

/// The manifest shared by the framework's state code (which sets and reads it) and the studio (which follows it).
///
/// Whoever loads state calls [`ManifestCell::restore`]; the studio sees the new generation and loads the takes.
#[derive(Debug, Default)]
pub struct ManifestCell {
    manifest: Mutex<Manifest>,
    generation: AtomicU64,
    refusal: Mutex<Option<ManifestError>>,
}

impl ManifestCell {
    /// Replaces the session from outside (project opened, preset loaded, undo) and bumps the generation.
    pub fn restore(&self, manifest: Manifest) {
        let mut held = lock(&self.manifest);
        *held = manifest;
        // Release: whoever sees the new generation must see the manifest behind it. Still under the lock, so that
        // [`ManifestCell::update_if`] cannot put an old session over a new one.
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// State came that could not be read: the session stays as it is, the studio tells the user.
    pub fn refuse(&self, error: ManifestError) {
        *lock(&self.refusal) = Some(error);
    }

    /// The last refusal nobody has told the user of.
    pub fn take_refusal(&self) -> Option<ManifestError> {
        lock(&self.refusal).take()
    }

    /// Counts restores.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// A copy.
    pub fn get(&self) -> Manifest {
        lock(&self.manifest).clone()
    }

    /// A copy and its generation, which belong together.
    pub fn get_with_generation(&self) -> (Manifest, u64) {
        let held = lock(&self.manifest);
        (held.clone(), self.generation())
    }

    /// The studio's own edits, unless the session was replaced since `generation`; false then.
    pub fn update_if(&self, generation: u64, edit: impl FnOnce(&mut Manifest)) -> bool {
        let mut held = lock(&self.manifest);
        let is_current = self.generation() == generation;
        if is_current {
            edit(&mut held);
        }
        is_current
    }

    /// The studio's own edits; the generation stays.
    pub fn update(&self, edit: impl FnOnce(&mut Manifest)) {
        edit(&mut lock(&self.manifest));
    }
}

/// A panic elsewhere must not take the session with it: the data is plain and always whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

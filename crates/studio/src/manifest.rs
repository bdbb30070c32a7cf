//! What a project remembers: names, hashes and settings. The audio is in the library.
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use take::{StyleId, TakeId, TakeSpec};

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
    /// Favourite.
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
    /// Decks, eight of them.
    #[serde(default)]
    pub decks: Vec<DeckManifest>,
    /// Seed of the next take; counts up with every press.
    #[serde(default)]
    pub next_seed: u64,
}

impl Manifest {
    /// What this build writes.
    pub const VERSION: u32 = 1;
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            prompt: String::new(),
            user_style: None,
            decks: vec![DeckManifest::default(); engine::NUM_DECKS],
            next_seed: 1,
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
        *lock(&self.manifest) = manifest;
        // Release: whoever sees the new generation must see the manifest behind it.
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

    /// The studio's own edits; the generation stays.
    pub fn update(&self, edit: impl FnOnce(&mut Manifest)) {
        edit(&mut lock(&self.manifest));
    }
}

/// A panic elsewhere must not take the session with it: the data is plain and always whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

//! The session inside the host's saved state: written, read back, refused with a sentence.
//!
//! The framework owns the container (JSON with every parameter by id, and our field `session`); a container it cannot
//! parse never reaches us and the host is told. This module owns the field: its version, its limits, and the promise
//! that a state from a newer Continuo changes nothing at all, not even a dial.
//!
//! A load runs on one thread as filter_state -> every parameter -> every field, so a flag of that thread tells the
//! momentary parameters that a value comes from a saved state and is no press (see [`crate::buttons`]).
use nice_plug::params::persist::PersistentField;
use nice_plug::prelude::PluginState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::cell::Cell;
use std::sync::Arc;
use studio::{DeckManifest, Manifest, ManifestCell, ManifestError};

/// Name of our field in the container. Permanent.
pub const SESSION_FIELD: &str = "session";
/// Longest saved session in bytes: some ten thousand takes, and far from what would stall a host.
pub const MAX_SESSION_BYTES: usize = 16 << 20;

thread_local! {
    static IS_LOADING: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is in the middle of loading a state.
pub fn is_loading_state() -> bool {
    IS_LOADING.get()
}

/// First step of every load, before any parameter is set: a state from a newer Continuo is emptied, and a session
/// that is missing or no JSON is put into a form that reaches [`SessionField`], which ends the load.
pub fn filter_state(state: &mut PluginState) {
    IS_LOADING.set(true);
    let session = match state.fields.get(SESSION_FIELD) {
        None => Value::Null,
        Some(text) => parse(text).unwrap_or_else(|error| Value::String(error.to_string())),
    };
    if matches!(read_manifest(&session), Err(ManifestError::TooNew { .. })) {
        state.params.clear();
    }
    state.fields.insert(SESSION_FIELD.to_owned(), session.to_string());
}

fn parse(text: &str) -> Result<Value, ManifestError> {
    if text.len() > MAX_SESSION_BYTES {
        return Err(unreadable(format!("{} bytes, {MAX_SESSION_BYTES} at most are read", text.len())));
    }
    serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))
}

/// The studio's session as a persistent field.
pub struct SessionField(pub Arc<ManifestCell>);

/// What is written (the manifest as it stands) and what is read (whatever the state holds).
pub enum SavedSession {
    /// Going out.
    Live(Box<Manifest>),
    /// Coming in.
    Raw(Value),
}

impl Serialize for SavedSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Live(manifest) => manifest.serialize(serializer),
            Self::Raw(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SavedSession {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::Raw)
    }
}

impl PersistentField<'_, SavedSession> for SessionField {
    /// Last step of every load: restores the session or refuses it, and ends the load.
    fn set(&self, saved: SavedSession) {
        match saved {
            SavedSession::Live(manifest) => self.0.restore(*manifest),
            // A state without a session (made by hand, or by a generic preset): dials only.
            SavedSession::Raw(Value::Null) => {}
            SavedSession::Raw(value) => match read_manifest(&value) {
                Ok(manifest) => self.0.restore(manifest),
                Err(error) => self.0.refuse(error),
            },
        }
        IS_LOADING.set(false);
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&SavedSession) -> R,
    {
        f(&SavedSession::Live(Box::new(self.0.get())))
    }
}

/// A manifest from outside, with every limit checked.
///
/// # Errors
/// `TooNew` for a later version, `Unreadable` for anything that is no manifest of ours.
pub fn read_manifest(value: &Value) -> Result<Manifest, ManifestError> {
    let version = value.get("version").and_then(Value::as_u64);
    if let Some(found) = version.filter(|found| *found > u64::from(Manifest::VERSION)) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(ManifestError::TooNew { found, newest: Manifest::VERSION });
    }
    if let Value::String(reason) = value {
        return Err(unreadable(reason.clone()));
    }
    let mut manifest = Manifest::deserialize(value).map_err(|error| unreadable(error.to_string()))?;
    check_limits(&manifest)?;
    manifest.version = Manifest::VERSION;
    manifest.decks.resize_with(engine::NUM_DECKS, DeckManifest::default);
    Ok(manifest)
}

fn check_limits(manifest: &Manifest) -> Result<(), ManifestError> {
    if manifest.decks.len() > engine::NUM_DECKS {
        return Err(unreadable(format!("{} decks, {} at most", manifest.decks.len(), engine::NUM_DECKS)));
    }
    let prompt_chars = manifest.prompt.chars().count();
    if prompt_chars > take::TakeSpec::MAX_PROMPT_CHARS {
        let max_chars = take::TakeSpec::MAX_PROMPT_CHARS;
        return Err(unreadable(format!("a prompt of {prompt_chars} characters, {max_chars} at most")));
    }
    let mut takes = manifest.decks.iter().flat_map(|deck| &deck.history);
    takes.try_for_each(|take| take.spec.check()).map_err(|error| unreadable(error.to_string()))
}

fn unreadable(reason: String) -> ManifestError {
    ManifestError::Unreadable { reason }
}

#[cfg(test)]
mod tests;

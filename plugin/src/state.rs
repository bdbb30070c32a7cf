//! The session inside the host's saved state: written, read back, refused with a sentence.
//!
//! The framework owns the container (JSON with every parameter by id, and our field `session`); a container it cannot
//! parse never reaches us and the host is told. The studio owns what is in the field, its version and its limits. This
//! module owns the promise that a state from a newer Continuo changes nothing at all, not even a dial.
//!
//! A load runs on one thread as filter_state -> every parameter -> every field, so a flag of that thread tells the
//! momentary parameters that a value comes from a saved state and is no press (see [`crate::buttons`]).
use crate::midi_learn::MIDI_FIELD;
use nice_plug::params::persist::PersistentField;
use nice_plug::prelude::PluginState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::cell::Cell;
use std::sync::Arc;
use studio::{Manifest, ManifestCell, ManifestError};

/// Name of our field in the container. Permanent.
pub const SESSION_FIELD: &str = "session";

thread_local! {
    static IS_LOADING: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is in the middle of loading a state.
pub fn is_loading_state() -> bool {
    IS_LOADING.get()
}

/// First step of every load, before any parameter is set: a state from a newer Continuo is emptied, and a session
/// that is missing or cannot be read is put into a form that reaches [`SessionField`], which ends the load.
pub fn filter_state(state: &mut PluginState) {
    IS_LOADING.set(true);
    // What is no list never reaches the field, where the framework would break on it.
    let is_no_list = |text: &String| serde_json::from_str::<Vec<Value>>(text).is_err();
    if state.fields.get(MIDI_FIELD).is_some_and(is_no_list) {
        state.fields.remove(MIDI_FIELD);
    }
    let stand_in = match state.fields.get(SESSION_FIELD).map(|text| Manifest::from_json(text)) {
        None => Value::Null,
        Some(Ok(_)) => {
            // A project from before MIDI learn has no mapping, and not the one that was here.
            state.fields.entry(MIDI_FIELD.to_owned()).or_insert_with(|| "[]".to_owned());
            return;
        }
        // It is JSON: the field refuses it for the same reason.
        Some(Err(ManifestError::TooNew { .. })) => {
            state.fields.remove(MIDI_FIELD);
            return state.params.clear();
        }
        Some(Err(ManifestError::Unreadable { reason })) => Value::String(reason),
    };
    state.fields.insert(SESSION_FIELD.to_owned(), stand_in.to_string());
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
            SavedSession::Raw(Value::String(reason)) => self.0.refuse(ManifestError::Unreadable { reason }),
            SavedSession::Raw(value) => match Manifest::from_value(value) {
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

#[cfg(test)]
mod tests;

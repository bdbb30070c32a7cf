//! What can be learned, and how it is saved.
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Controllers 120 and above are channel mode messages, which no dial sends.
const NUM_CONTROLLERS: usize = 120;
const NUM_KEYS: usize = 128;
/// Places in the table.
pub(super) const NUM_SOURCES: usize = NUM_KEYS + NUM_CONTROLLERS + 2;

/// Something on a keyboard or controller, on any channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MidiSource {
    /// A key, 0..=127.
    Note(u8),
    /// A controller, 0..=119.
    Cc(u8),
    /// The pitch wheel.
    PitchBend,
    /// Channel pressure.
    Pressure,
}

impl MidiSource {
    /// Its place in the table.
    pub(super) fn slot(self) -> Option<usize> {
        match self {
            Self::Note(key) => Some(usize::from(key)).filter(|key| *key < NUM_KEYS),
            Self::Cc(number) => {
                Some(usize::from(number)).filter(|number| *number < NUM_CONTROLLERS).map(|number| NUM_KEYS + number)
            }
            Self::PitchBend => Some(NUM_KEYS + NUM_CONTROLLERS),
            Self::Pressure => Some(NUM_KEYS + NUM_CONTROLLERS + 1),
        }
    }

    /// The source of a place below [`NUM_SOURCES`].
    pub(super) fn of_slot(slot: usize) -> Self {
        match slot.checked_sub(NUM_KEYS) {
            None => Self::Note(slot as u8),
            Some(number) if number < NUM_CONTROLLERS => Self::Cc(number as u8),
            Some(NUM_CONTROLLERS) => Self::PitchBend,
            Some(_) => Self::Pressure,
        }
    }
}

impl std::fmt::Display for MidiSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Note(key) => write!(f, "key {key}"),
            Self::Cc(number) => write!(f, "CC {number}"),
            Self::PitchBend => f.write_str("pitch bend"),
            Self::Pressure => f.write_str("pressure"),
        }
    }
}

/// One learned connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MidiBinding {
    /// What is moved by hand.
    pub source: MidiSource,
    /// Permanent id of the parameter it moves.
    pub param: String,
}

/// The mapping as it is saved.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedBindings(pub Vec<MidiBinding>);

impl Serialize for SavedBindings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SavedBindings {
    /// Connections of a kind that a newer Continuo knows are left out.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<serde_json::Value>::deserialize(deserializer)?;
        Ok(Self(entries.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect()))
    }
}

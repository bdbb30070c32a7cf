//! Which style: an id that points at a style file.
use serde::{Deserialize, Serialize};

/// Built-in styles as (permanent id, name for people), in the permanent order of the host parameter.
pub const BUILT_IN_STYLES: [(&str, &str); 18] = [
    ("techno_minimal", "Techno minimal"),
    ("experimental", "Experimental"),
    ("rock", "Rock"),
    ("hip_hop", "Hip hop"),
    ("jungle_dnb", "Jungle DnB"),
    ("dub", "Dub"),
    ("deep_house", "Deep house"),
    ("downtempo_ambient", "Downtempo ambient"),
    ("classical", "Classical"),
    ("trip_hop", "Trip hop"),
    ("jazz", "Jazz"),
    ("blues", "Blues"),
    ("edm", "EDM"),
    ("ambient", "Ambient"),
    ("electronic", "Electronic"),
    ("pop", "Pop"),
    ("funk", "Funk"),
    ("latin", "Latin"),
];

/// Id of a style, built in or the user's: the file name without its ending.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StyleId(pub String);

impl StyleId {
    /// The built-in style at `index` of [`BUILT_IN_STYLES`]; the last one beyond its end.
    pub fn built_in(index: usize) -> Self {
        Self(BUILT_IN_STYLES[index.min(BUILT_IN_STYLES.len() - 1)].0.to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for StyleId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

//! Parameters by name.
use clack_host::utils::ClapId;

/// One parameter as the plugin describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ParamEntry {
    /// For events.
    pub id: ClapId,
    /// For people: `Deck 1 Generate`.
    pub name: String,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Value of a fresh instance.
    pub default: f64,
    /// Only whole numbers.
    pub is_stepped: bool,
    /// A lane can move it.
    pub is_automatable: bool,
}

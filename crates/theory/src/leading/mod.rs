//! Voice leading under named rules: voices for a row of chords, and the faults of voices somebody else wrote.
//!
//! Every chord has the same number of voices, lowest first, so that voice `n` is one line throughout. The lowest has the
//! chord's bass note. For players' voicings, which change their size, see [`crate::voice_lead`].
mod rules;
mod search;

pub use rules::{LeadingRule, LeadingRules, Violation, violations};
pub use search::lead_voices;

#[cfg(test)]
mod tests;

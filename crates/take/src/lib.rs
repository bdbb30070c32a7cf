//! What a take is: units, the spec that asks for one, and the finished material.
//!
//! Pure data, no algorithms beyond unit arithmetic: nothing here composes, renders, plays or saves.
mod audio;
mod hints;
mod music;
mod spec;
mod style_id;
mod units;

pub use audio::{AudioClip, Peaks, Rendition, StemKind, Take, TakeId, TakeInfo};
pub use hints::{Hints, PartHints};
pub use music::{ChordSpan, Note, Part, PartKind, PitchClass, Scale};
pub use spec::{SpecError, TakeSpec};
pub use style_id::{BUILT_IN_STYLES, StyleId};
pub use units::{Amount, BarCount, Beats, Bpm, Meter, SampleRate, UnitError};

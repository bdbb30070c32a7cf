//! What a take is: units, the spec that asks for one, and the finished material.
//!
//! Pure data, no algorithms beyond unit arithmetic, the content hash and the peaks for drawing: nothing here composes, renders, plays or saves.
mod audio;
mod hints;
mod live;
mod music;
mod peaks;
mod spec;
mod style_id;
mod take_id;
mod tuning;
mod units;

pub use audio::{AudioClip, Rendition, StemKind, Take, TakeId, TakeInfo, dequantise_24, quantise_24};
pub use hints::{Hints, PartHints};
pub use live::{LiveNote, LivePlace, LiveSection, VoiceClip};
pub use music::{ChordSpan, Note, Part, PartKind, PitchClass, Scale};
pub use peaks::Peaks;
pub use spec::{SpecError, TakeSpec};
pub use style_id::{BUILT_IN_STYLES, StyleId};
pub use tuning::{Tuning, pitch_bend};
pub use units::{Amount, BarCount, Beats, Bpm, Meter, SampleRate, UnitError};

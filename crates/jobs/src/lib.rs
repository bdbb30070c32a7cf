//! Everything slow: the worker pool of the process, and the engines that make takes on it.
//!
//! Knows no engine half, no deck and no disk beyond the style files.
mod accompany;
mod bake;
mod band;
mod control;
mod engines;
mod estimate;
#[cfg(any(test, feature = "fake"))]
mod fake;
mod file_take;
mod heard_notes;
pub mod http;
mod import_audio;
mod line;
mod midi_chords;
mod midi_model;
mod midi_take;
mod musicgen;
mod musicgen_prompt;
mod parts_take;
mod perfect_loop;
mod pool;
mod provider;
pub mod quartet;
pub mod remote;
mod resample;
mod retime;
mod separation;
mod straight_resample;
mod stretching;
#[cfg(any(test, feature = "fake"))]
mod stub_server;
mod style_book;
mod transfer_take;

pub use accompany::{Accompanist, BandScore, BandSettings, ChordSource};
pub use composer::style::SwingUnit;
pub use composer::{Swing, complete_prompt, tracker};

pub use bake::{BakeError, bake, bake_rendition};
pub use band::BandProvider;
pub use control::{CancelToken, Cancelled, Progress, ProgressReport};
pub use engines::{EngineChoice, EngineState, Engines, Facility};
#[cfg(any(test, feature = "fake"))]
pub use fake::{FakeMode, FakeProvider};
pub use file_take::{FileTake, FileTakeError, FileWish};
pub use heard_notes::{HearNotesError, HeardFile, NoteHearer, hear_notes, notes_of_file};
pub use import_audio::{AudioImport, AudioImportError, AudioTake, ImportTempo, analyse_file, import_audio};
pub use line::Priority;
pub use listen::Analysis;
pub use midi_model::{MidiModelProvider, MidiModelSettings};
pub use midi_take::{MidiImport, MidiTake, MidiTakeError};
pub use musicgen::{MusicGenProvider, MusicGenSettings};
pub use musicgen_prompt::musicgen_prompt;
pub use parts_take::PartsSpec;
pub use perfect_loop::{LoopSource, PerfectLoop, PerfectLoopError, perfect_loop};
pub use pool::{Job, JobEnd, Owner, Pool, QueueFull, while_waiting};
pub use provider::{Provider, ProviderError, StyleReport};
pub use resample::{ResampleError, resample};
pub(crate) use separation::is_separated_by;
pub use separation::{
    SeparateBy, SeparatedStem, SeparationError, SeparationSource, is_separated, separate_audio, separate_take,
};
pub use stretching::stretch_map;
#[cfg(any(test, feature = "fake"))]
pub use stub_server::{StubAnswer, StubRequest, StubServer};
pub use style_book::{StyleBook, StyleEntry, StyleProblem};
pub use transfer_take::{TargetStyle, TransferTakeError};

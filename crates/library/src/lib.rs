//! Takes on disk and as files for other programs. Files are the truth: there is no index beside them.
//!
//! [`Library`] keeps takes by content hash; [`export_take`] and its siblings write WAV and MIDI. Nothing here plays,
//! renders or decides what to keep, and nothing may run on the audio thread.
mod about;
mod disk;
mod error;
mod export;
mod library;
mod midi;
mod midi_import;
mod names;
mod replace;
mod riff;
mod summary;
mod take_file;
mod wav;

pub use disk::{Disk, RealDisk};
pub use error::LibraryError;
pub use export::{Exported, export_all_parts, export_mix, export_part, export_stem, export_take, export_take_on};
pub use library::Library;
pub use midi_import::{MidiFile, MidiReadError, MidiText, MidiTextKind, MidiWarning, TempoChange, read_midi};
pub use names::folder_name;

//! Takes on disk and as files for other programs. Files are the truth: there is no index beside them on the disk.
//!
//! [`Library`] keeps takes by content hash; [`export_take`] and its siblings write WAV and MIDI. Nothing here plays,
//! renders or decides what to keep, and nothing may run on the audio thread.
mod about;
mod audio_import;
mod clips;
mod disk;
mod drag;
mod error;
mod export;
mod head;
mod index;
mod library;
mod midi;
mod midi_import;
mod names;
mod replace;
mod riff;
mod search;
mod stars;
mod summary;
mod take_file;
mod wav;

pub use audio_import::{AUDIO_FORMATS, AudioFile, AudioReadError};
pub use clips::export_clips;
pub use disk::{Disk, RealDisk};
pub use drag::{DragFiles, DragFolder};
pub use error::LibraryError;
pub use export::{Exported, export_all_parts, export_mix, export_part, export_stem, export_take, export_take_on};
pub use index::{BrokenTake, LibraryTake, Listing, TakeIndex};
pub use library::Library;
pub use midi_import::{MidiFile, MidiReadError, MidiText, MidiTextKind, MidiWarning, TempoChange, read_midi};
pub use names::folder_name;
pub use search::LibraryQuery;
pub use stars::Stars;

//! What can be wrong with a MIDI file.

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MidiReadError {
    /// Not even the start of one.
    #[error("this is not a MIDI file")]
    NotMidi,
    /// The header is cut off.
    #[error("this MIDI file ends in its header ({bytes} of 6 bytes)")]
    NoHeader {
        /// Bytes of the header that are there.
        bytes: usize,
    },
    /// A format nobody has defined.
    #[error("this MIDI file has format {format}; 0, 1 and 2 can be read")]
    UnknownFormat {
        /// What it says.
        format: u16,
    },
    /// Larger than any music.
    #[error("this file has {bytes} bytes; MIDI files up to {max_bytes} bytes are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What is read.
        max_bytes: usize,
    },
    /// More tracks than any music has.
    #[error("this MIDI file has more than {max_tracks} tracks")]
    TooManyTracks {
        /// What is read.
        max_tracks: usize,
    },
    /// More notes than any band plays.
    #[error("this MIDI file has more than {max_notes} notes")]
    TooManyNotes {
        /// What is read.
        max_notes: usize,
    },
}

/// What was wrong with a file that was read all the same, or what of it was left out. Tracks count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum MidiWarning {
    #[error("the file names {declared} tracks and holds {found}")]
    TrackCount { declared: usize, found: usize },
    #[error("track {track} is cut off")]
    TrackCutOff { track: usize },
    #[error("track {track} is broken at its byte {byte}; what follows there is left out")]
    BrokenEvent { track: usize, byte: usize },
    #[error("track {track} has no end mark")]
    NoEndOfTrack { track: usize },
    #[error("track {track} leaves {notes} notes on; they end with their next note, after a bar, or with the track")]
    NotesLeftOn { track: usize, notes: usize },
    #[error("track {track} names a {what} that does not exist; it is left out")]
    Nonsense { track: usize, what: &'static str },
    #[error("the file does not say how long its ticks are; 96 to the beat are taken")]
    NoDivision,
    #[error("{notes} notes have no length; they are played as 64ths")]
    NoLength { notes: usize },
    #[error("pitch bends are left out")]
    BendsLeftOut,
    #[error("the tempo changes {changes} times; the music is taken at {main_bpm} BPM")]
    TempoChanges { changes: usize, main_bpm: u32 },
    #[error("a tempo of {bpm} BPM is beyond what is played; {nearest_bpm} BPM are taken")]
    TempoBeyond { bpm: u32, nearest_bpm: u32 },
    #[error("the meter changes {changes} times; bars are counted in {main_meter}")]
    MeterChanges { changes: usize, main_meter: String },
    #[error("the key changes {changes} times; the first one is taken")]
    KeyChanges { changes: usize },
    #[error("there are no notes in it")]
    NoNotes,
}

//! Reading Standard MIDI Files: any of the three formats, whatever state they are in.
//!
//! A file is refused when it is none, or when it is larger than anything a band could play; everything else is read as
//! far as it goes, and what was wrong with it is said in [`MidiFile::warnings`]. Nothing here decides which bars become
//! a loop or how they sound. Source of the format: "Standard MIDI Files 1.0", MIDI Manufacturers Association, RP-001.
mod bytes;
mod cut;
mod error;
mod file;
mod kinds;
mod notes;
mod time;
mod track;

pub use error::{MidiReadError, MidiWarning};
pub use file::{MidiFile, MidiText, MidiTextKind, TempoChange};

pub(crate) use track::KIND_MARK;

use bytes::chunks;
use file::limits;
use time::Clock;
use track::{Place, TrackRead, read_track};

/// Reads a MIDI file.
///
/// # Errors
/// [`MidiReadError`] when it is no MIDI file or beyond the limits. A file that is cut off or damaged is read up to
/// there, with a warning.
pub fn read_midi(file: &[u8]) -> Result<MidiFile, MidiReadError> {
    if file.len() > limits::MAX_BYTES {
        return Err(MidiReadError::TooLarge { bytes: file.len(), max_bytes: limits::MAX_BYTES });
    }
    let mut warnings = Vec::new();
    let (header, bodies) = chunks(file, &mut warnings)?;
    let mut tracks: Vec<TrackRead> = Vec::with_capacity(bodies.len());
    let (mut num_notes, mut start) = (0, 0);
    for (index, body) in bodies.into_iter().enumerate() {
        let max_notes = limits::MAX_NOTES - num_notes;
        let mut track = read_track(body, Place { index, start, division: header.division, max_notes })?;
        num_notes += track.num_notes();
        warnings.append(&mut track.warnings);
        if header.format == 2 {
            start = time::next_bar(&track, header.division);
        }
        tracks.push(track);
    }
    let clock = Clock::of(header.division, &tracks);
    Ok(file::assemble(&header, &clock, &tracks, warnings))
}

#[cfg(test)]
mod tests;

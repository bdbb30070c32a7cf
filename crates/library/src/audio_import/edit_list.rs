//! What an M4A says of its own length, in units that a sample is a whole number of.
//!
//! An edit list (ISO/IEC 14496-12, 8.6.6) gives the length in the unit of the film, which many encoders set to a
//! millisecond; at 44.1 kHz that is no whole number of samples, and the decoder refuses what it cannot convert exactly.
//! The two numbers are replaced while the file is read: the unit becomes a sample, the length is rounded to one.
use std::io::{Read, Result, Seek, SeekFrom};

/// Boxes lie five deep at most; a file with more of them than this in one place is no music.
const MAX_BOXES: usize = 10_000;

/// A file with some of its bytes replaced.
pub(crate) struct Exact<S> {
    inner: S,
    at: u64,
    patches: Vec<(u64, Vec<u8>)>,
}

impl<S: Read + Seek> Exact<S> {
    /// Looks through the boxes of `source`; a file that has none, or needs nothing replaced, is read as it is.
    ///
    /// # Errors
    /// What the source says when it cannot go back to its start.
    pub fn new(mut source: S) -> Result<Self> {
        let patches = patches(&mut source).unwrap_or_default();
        source.seek(SeekFrom::Start(0))?;
        Ok(Self { inner: source, at: 0, patches })
    }
}

impl<S: Read> Read for Exact<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let num_read = self.inner.read(buffer)?;
        for (place, bytes) in &self.patches {
            for (offset, byte) in (*place..).zip(bytes) {
                let index = offset.checked_sub(self.at).and_then(|index| usize::try_from(index).ok());
                if let Some(target) = index.and_then(|index| buffer[..num_read].get_mut(index)) {
                    *target = *byte;
                }
            }
        }
        self.at += num_read as u64;
        Ok(num_read)
    }
}

impl<S: Seek> Seek for Exact<S> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.at = self.inner.seek(to)?;
        Ok(self.at)
    }
}

/// A box: its name, where its content begins, and where it ends.
#[derive(Clone, Copy)]
struct Found {
    name: [u8; 4],
    begin: u64,
    end: u64,
}

/// What has to be replaced; none where something is missing, which the decoder tells better.
fn patches<S: Read + Seek>(source: &mut S) -> Option<Vec<(u64, Vec<u8>)>> {
    let end = source.seek(SeekFrom::End(0)).ok()?;
    let film = child(source, 0, end, b"moov")?;
    let head = child(source, film.begin, film.end, b"mvhd")?;
    let unit_at = head.begin + unit_offset(source, head.begin)?;
    let film_unit = number(source, unit_at, 4)?;
    let tracks = boxes(source, film.begin, film.end);
    let sound = tracks.iter().filter(|found| &found.name == b"trak").find_map(|track| sound_of(source, track))?;
    let (track, samples_a_second) = sound;
    let edits = child(source, track.begin, track.end, b"edts")?;
    let list = child(source, edits.begin, edits.end, b"elst")?;
    let width = if number(source, list.begin, 1)? == 1 { 8 } else { 4 };
    let length_at = list.begin + 8;
    let length = number(source, length_at, width)?;
    let product = u128::from(length) * u128::from(samples_a_second);
    let unit = u128::from(film_unit);
    if unit == 0 || samples_a_second == 0 || product.is_multiple_of(unit) {
        return Some(Vec::new());
    }
    let exact = u64::try_from((product + unit / 2) / unit).ok()?;
    let exact =
        if width == 8 { exact.to_be_bytes().to_vec() } else { u32::try_from(exact).ok()?.to_be_bytes().to_vec() };
    let unit = u32::try_from(samples_a_second).ok()?.to_be_bytes().to_vec();
    Some(vec![(unit_at, unit), (length_at, exact)])
}

/// A track of sound and its unit, samples a second.
fn sound_of<S: Read + Seek>(source: &mut S, track: &Found) -> Option<(Found, u64)> {
    let media = child(source, track.begin, track.end, b"mdia")?;
    let handler = child(source, media.begin, media.end, b"hdlr")?;
    if number(source, handler.begin + 8, 4)? != u64::from(u32::from_be_bytes(*b"soun")) {
        return None;
    }
    let head = child(source, media.begin, media.end, b"mdhd")?;
    let unit_at = head.begin + unit_offset(source, head.begin)?;
    let unit = number(source, unit_at, 4)?;
    Some((*track, unit))
}

/// Where in a header the unit stands: behind two times, of 64 bits in version 1.
fn unit_offset<S: Read + Seek>(source: &mut S, begin: u64) -> Option<u64> {
    Some(if number(source, begin, 1)? == 1 { 20 } else { 12 })
}

fn child<S: Read + Seek>(source: &mut S, begin: u64, end: u64, name: &[u8; 4]) -> Option<Found> {
    boxes(source, begin, end).into_iter().find(|found| &found.name == name)
}

/// The boxes between two places, up to the first that makes no sense.
fn boxes<S: Read + Seek>(source: &mut S, mut begin: u64, end: u64) -> Vec<Found> {
    let mut found = Vec::new();
    while begin + 8 <= end && found.len() < MAX_BOXES {
        let (Some(short), Some(name)) = (number(source, begin, 4), number(source, begin + 4, 4)) else { break };
        let (len, header) = match short {
            0 => (end - begin, 8),
            1 => (number(source, begin + 8, 8).unwrap_or(0), 16),
            len => (len, 8),
        };
        let Some(next) = begin.checked_add(len).filter(|next| len >= header && *next <= end) else { break };
        found.push(Found { name: (name as u32).to_be_bytes(), begin: begin + header, end: next });
        begin = next;
    }
    found
}

/// A number of 1, 4 or 8 bytes, the highest first.
fn number<S: Read + Seek>(source: &mut S, at: u64, width: usize) -> Option<u64> {
    let mut bytes = [0; 8];
    source.seek(SeekFrom::Start(at)).ok()?;
    source.read_exact(&mut bytes[8 - width..]).ok()?;
    Some(u64::from_be_bytes(bytes))
}

//! Whether a file's chunks fit into the file, before anything takes memory by their word.
use super::SoundFontError;
use std::path::Path;

/// # Errors
/// `NotSoundFont`, `CutOff`.
pub fn check(path: &Path, bytes: &[u8]) -> Result<(), SoundFontError> {
    let is_font = bytes.len() >= 12 && bytes.starts_with(b"RIFF") && &bytes[8..12] == b"sfbk";
    if !is_font {
        return Err(SoundFontError::NotSoundFont { path: path.to_owned() });
    }
    let cut_off =
        |end: u64| SoundFontError::CutOff { path: path.to_owned(), bytes: bytes.len() as u64, named_bytes: end };
    walk(bytes, 12, bytes.len(), true).map_err(cut_off)?;
    // After the chunks, which say more precisely what is missing.
    let named = u64::from(size_at(bytes, 4)) + 8;
    if named > bytes.len() as u64 { Err(cut_off(named)) } else { Ok(()) }
}

/// Every chunk within `at..end`, and at the top those in its lists; the error is where a chunk would have to end.
fn walk(bytes: &[u8], mut at: usize, end: usize, is_top: bool) -> Result<(), u64> {
    while at + 8 <= end {
        let chunk_end = at as u64 + 8 + u64::from(size_at(bytes, at + 4));
        if chunk_end > end as u64 {
            return Err(chunk_end);
        }
        if is_top && bytes[at..].starts_with(b"LIST") && chunk_end >= at as u64 + 12 {
            walk(bytes, at + 12, chunk_end as usize, false)?;
        }
        at = chunk_end as usize;
    }
    Ok(())
}

/// A little-endian size; the four bytes are there.
fn size_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes)
}

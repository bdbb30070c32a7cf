//! RIFF chunks: the one place that knows their lengths and pad bytes.

/// Appends a chunk to a whole RIFF file and sets the file's length. `body` may have an odd length.
pub(crate) fn append_chunk(file: &mut Vec<u8>, id: &[u8; 4], body: &[u8]) {
    push_chunk(file, id, body);
    // Bytes 4..8 of a RIFF file: everything after these eight bytes.
    let num_bytes = (file.len() - 8) as u32;
    file[4..8].copy_from_slice(&num_bytes.to_le_bytes());
}

/// A list chunk's body: its type, then its items as chunks.
pub(crate) fn list(kind: &[u8; 4], items: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = kind.to_vec();
    for (id, item) in items {
        push_chunk(&mut body, id, item);
    }
    body
}

/// The pad byte after an odd chunk belongs to the file's length, not to the chunk's.
fn push_chunk(out: &mut Vec<u8>, id: &[u8; 4], body: &[u8]) {
    out.extend(id);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_chunks_are_padded_and_lengths_stay_right() {
        let mut file = b"RIFF\x04\0\0\0WAVE".to_vec();
        append_chunk(&mut file, b"odd ", &[1, 2, 3]);
        append_chunk(&mut file, b"even", &[4, 5]);
        assert_eq!(file, b"RIFF\x1a\0\0\0WAVEodd \x03\0\0\0\x01\x02\x03\0even\x02\0\0\0\x04\x05");
    }

    #[test]
    fn list_items_are_padded_one_by_one() {
        assert_eq!(list(b"INFO", &[(b"INAM", b"ab\0".to_vec())]), b"INFOINAM\x03\0\0\0ab\0\0");
    }
}

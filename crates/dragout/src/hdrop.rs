//! `CF_HDROP`: how Windows programs hand files to each other. A 20-byte `DROPFILES` header, then the paths in UTF-16,
//! each ended by a zero, and one more zero.

/// Bytes of the header: offset of the paths, a point, two flags, all little-endian 32-bit.
const HEADER_BYTES: u32 = 20;

/// The whole block. `paths` are in UTF-16 without a zero inside.
pub fn encode<'a>(paths: impl IntoIterator<Item = &'a [u16]>) -> Vec<u8> {
    // Offset, x, y, whether the point is outside the client area, whether the paths are wide.
    let mut block: Vec<u8> = [HEADER_BYTES, 0, 0, 0, 1].iter().flat_map(|field| field.to_le_bytes()).collect();
    for path in paths {
        block.extend(path.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()));
    }
    block.extend([0, 0]);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_the_header_and_end_twice() {
        let paths: Vec<Vec<u16>> = ["C:\\a", "D:\\ü"].iter().map(|path| path.encode_utf16().collect()).collect();
        let block = encode(paths.iter().map(Vec::as_slice));
        assert_eq!(&block[..20], &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        let units: Vec<u16> = block[20..].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        assert_eq!(String::from_utf16(&units).expect("UTF-16"), "C:\\a\0D:\\ü\0\0");
    }
}

//! What a file is, by what is in it and never by its name.

/// Bytes from the start of a file that are looked at.
pub(crate) const NUM_SNIFFED: usize = 16 * 1024;

/// What a file was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Wav,
    Aiff,
    Flac,
    Mp3,
    Vorbis,
    /// An MPEG-4 container.
    Mp4,
    /// AAC with headers of its own.
    Adts,
    /// Something else, with its article.
    Other(&'static str),
}

/// `head` is the start of the file, [`NUM_SNIFFED`] bytes or all there are; an ID3 tag in front is skipped already.
pub(crate) fn sniff(head: &[u8]) -> Kind {
    let at = |offset: usize, bytes: &[u8]| head.get(offset..offset + bytes.len()) == Some(bytes);
    let known: [(bool, Kind); 22] = [
        ((at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64")) && at(8, b"WAVE"), Kind::Wav),
        (at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")), Kind::Aiff),
        (at(0, b"fLaC"), Kind::Flac),
        (at(0, b"OggS") && at(28, b"\x01vorbis"), Kind::Vorbis),
        (at(0, b"OggS") && at(28, b"OpusHead"), Kind::Other("an Ogg Opus file")),
        (at(0, b"OggS") && at(28, b"\x7fFLAC"), Kind::Other("a FLAC in an Ogg file")),
        (at(0, b"OggS"), Kind::Other("an Ogg file without Vorbis in it")),
        (at(4, b"ftypqt"), Kind::Other("a QuickTime film")),
        (at(4, b"ftyp"), Kind::Mp4),
        (at(0, b"MThd"), Kind::Other("a MIDI file, which is opened as such")),
        (at(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), Kind::Other("a Windows Media file")),
        (at(0, b"caff"), Kind::Other("a Core Audio file")),
        (at(0, b"riff\x2e\x91\xcf\x11"), Kind::Other("a Wave64 file")),
        (at(0, b"wvpk"), Kind::Other("a WavPack file")),
        (at(0, b"MAC "), Kind::Other("a Monkey's Audio file")),
        (at(0, b"\x1aE\xdf\xa3"), Kind::Other("a Matroska or WebM file")),
        (at(0, b"RIFF") && at(8, b"AVI "), Kind::Other("an AVI film")),
        (at(0, b"PK\x03\x04"), Kind::Other("a ZIP archive")),
        (at(0, b"\x89PNG") || at(0, b"\xff\xd8\xff") || at(0, b"GIF8"), Kind::Other("a picture")),
        (at(0, b"%PDF"), Kind::Other("a PDF document")),
        (is_adts(head), Kind::Adts),
        (is_mpeg(head), Kind::Mp3),
    ];
    let found = known.into_iter().find(|(is_it, _)| *is_it).map(|(_, kind)| kind);
    found.unwrap_or(Kind::Other(if is_text(head) { "a text" } else { "no audio file that is known here" }))
}

/// Length of an ID3v2 tag at the start, its footer included; 0 where there is none.
pub(crate) fn id3_len(head: &[u8]) -> u64 {
    let Some(&[b'I', b'D', b'3', major, _, flags, a, b, c, d]) = head.first_chunk::<10>() else { return 0 };
    if major == 0xff || [a, b, c, d].iter().any(|byte| *byte > 0x7f) {
        return 0;
    }
    let body = [a, b, c, d].iter().fold(0u64, |sum, byte| sum << 7 | u64::from(*byte));
    10 + body + if flags & 0x10 != 0 { 10 } else { 0 }
}

/// Two frames of AAC with its own headers (ADTS), one behind the other.
fn is_adts(head: &[u8]) -> bool {
    let frame_len = |at: usize| {
        let header = head.get(at..at + 6)?;
        let is_sync = header[0] == 0xff && header[1] & 0xf6 == 0xf0;
        let len = usize::from(header[3] & 3) << 11 | usize::from(header[4]) << 3 | usize::from(header[5] >> 5);
        (is_sync && len > 6).then_some(len)
    };
    frame_len(0).and_then(frame_len).is_some()
}

/// Frames of MPEG audio that follow each other within what is looked at.
fn is_mpeg(head: &[u8]) -> bool {
    nanomp3::detect(head)
}

fn is_text(head: &[u8]) -> bool {
    let start = &head[..head.len().min(512)];
    !start.is_empty() && start.iter().all(|byte| *byte >= 0x20 || matches!(byte, b'\n' | b'\r' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(sniff(b"RIFF\0\0\0\0WAVEfmt "), Kind::Wav);
        assert_eq!(sniff(b"FORM\0\0\0\0AIFC"), Kind::Aiff);
        assert_eq!(sniff(b"<html><body>404</body>"), Kind::Other("a text"));
        assert_eq!(sniff(b"\0\0\0\x20ftypM4A "), Kind::Mp4);
        assert_eq!(sniff(&[0; 64]), Kind::Other("no audio file that is known here"));
        assert_eq!(sniff(b"RIF"), Kind::Other("a text"));
    }

    #[test]
    fn a_tag_says_its_length_in_sevens() {
        assert_eq!(id3_len(b"ID3\x03\0\0\0\0\x02\x01rest"), 10 + 257);
        assert_eq!(id3_len(b"ID3\x04\0\x10\0\0\0\x05"), 25);
        assert_eq!([id3_len(b"ID3\x03\0\0\0\0\x80\0"), id3_len(b"ID")], [0, 0]);
    }
}

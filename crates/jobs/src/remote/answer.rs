//! The bytes of an answer: audio, or what stands in its place.
use super::RemoteFault;
use super::said::Said;

/// First bytes of the files that may be audio: RIFF, RF64, FLAC, Ogg, AIFF, MP3 with a tag.
const MAGICS: [&[u8]; 6] = [b"RIFF", b"RF64", b"fLaC", b"OggS", b"FORM", b"ID3"];

/// Checks that a body with status 2xx is the beginning of audio, and a WAV whole.
///
/// # Errors
/// [`RemoteFault`]: `Empty`, `WebPage`, `SaidError`, `NotUnderstood` or `CutOff`.
pub(super) fn check_audio(body: &[u8], secret: Option<&str>) -> Result<(), RemoteFault> {
    let is_mpeg = matches!(body, [0xff, second, ..] if second & 0xe0 == 0xe0);
    let is_mp4 = body.get(4..8) == Some(b"ftyp");
    if !is_mpeg && !is_mp4 && !MAGICS.iter().any(|magic| body.starts_with(magic)) {
        return Err(not_what_was_asked_for(body, secret));
    }
    if is_cut_off(body) { Err(RemoteFault::CutOff) } else { Ok(()) }
}

/// What a body is that is not what was asked for.
pub(super) fn not_what_was_asked_for(body: &[u8], secret: Option<&str>) -> RemoteFault {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace());
    match start.map(|start| body[start]) {
        None => RemoteFault::Empty,
        Some(b'<') => RemoteFault::WebPage,
        Some(b'{' | b'[') => match Said::of(body, secret) {
            said if said == Said::default() => RemoteFault::NotUnderstood,
            said => said.fault(200, secret.is_some()),
        },
        Some(_) => RemoteFault::NotUnderstood,
    }
}

/// A WAV whose samples end before its header says. Streamed files, whose header does not know its length, are whole.
fn is_cut_off(body: &[u8]) -> bool {
    if !body.starts_with(b"RIFF") {
        return false;
    }
    let mut at = 12;
    while let Some(&[a, b, c, d, s0, s1, s2, s3]) = body.get(at..at + 8).and_then(|head| head.first_chunk::<8>()) {
        let num_bytes = u32::from_le_bytes([s0, s1, s2, s3]);
        let end = at + 8 + num_bytes as usize;
        if [a, b, c, d] == *b"data" {
            // ffmpeg and others leave 0 or all ones where they cannot go back.
            let is_streamed = num_bytes == 0 || num_bytes >= 0xffff_ff00;
            return !is_streamed && end > body.len();
        }
        at = end + (num_bytes as usize & 1);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WAV with `promised` bytes of samples in its header and `held` in it.
    fn wav(promised: u32, held: usize) -> Vec<u8> {
        let head: &[u8] = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0\x77\x01\0\x02\0\x10\0data";
        [head, &promised.to_le_bytes(), &vec![1; held]].concat()
    }

    #[test]
    fn audio_is_told_from_what_stands_in_its_place() {
        let found = |body: &[u8]| check_audio(body, Some("sk")).err();
        assert_eq!(found(&wav(100, 100)), None);
        assert_eq!(found(&wav(0, 100)), None);
        assert_eq!(found(&wav(u32::MAX, 100)), None);
        assert_eq!(found(b"fLaC...."), None);
        assert_eq!(found(&wav(100, 99)), Some(RemoteFault::CutOff));
        assert_eq!(found(&wav(100, 0)[..30]), Some(RemoteFault::CutOff));
        assert_eq!(found(b""), Some(RemoteFault::Empty));
        assert_eq!(found(b" \r\n"), Some(RemoteFault::Empty));
        assert_eq!(found(b"\n<!doctype html>"), Some(RemoteFault::WebPage));
        assert_eq!(found(b"hello"), Some(RemoteFault::NotUnderstood));
        let error = br#"{"detail":{"error":{"code":"SERVER_ERROR","message":"no GPU, sk"}}}"#;
        assert_eq!(found(error), Some(RemoteFault::SaidError { words: Some("no GPU, ***".to_owned()) }));
        assert_eq!(found(b"{\"ok\":true}"), Some(RemoteFault::NotUnderstood));
    }

    #[test]
    fn every_cut_of_a_wav_is_survived() {
        let whole = wav(100, 100);
        for length in 4..whole.len() {
            assert_eq!(check_audio(&whole[..length], None), Err(RemoteFault::CutOff), "{length}");
        }
    }
}

//! AIFF and AIFF-C without compression.
//!
//! Apple, "Audio Interchange File Format: AIFF", 1989, and "AIFF-C", draft of 1991.
use super::downmix::usual;
use super::pcm::{Pcm, Sample};
use super::{Opened, Source};
use std::io::{Read, Seek, SeekFrom};

/// What the `COMM` chunk says.
struct Common {
    num_channels: u16,
    num_frames: u64,
    rate_hz: u64,
    sample: Sample,
    is_big_endian: bool,
}

/// # Errors
/// A sentence without the file's name.
pub(crate) fn open(mut source: Source) -> Result<Opened, String> {
    let mut head = [0u8; 12];
    source.read_exact(&mut head).map_err(|_| "it ends within its header".to_owned())?;
    let is_compressed_kind = &head[8..] == b"AIFC";
    let (mut common, mut samples_at) = (None, None);
    loop {
        let mut header = [0u8; 8];
        if source.read_exact(&mut header).is_err() {
            break;
        }
        let num_bytes = u64::from(u32::from_be_bytes([header[4], header[5], header[6], header[7]]));
        let body_at = source.stream_position().map_err(|error| error.to_string())?;
        match &header[..4] {
            b"COMM" => {
                let mut body = vec![0u8; num_bytes.min(64) as usize];
                source.read_exact(&mut body).map_err(|_| "it ends within its header".to_owned())?;
                common = Some(read_common(&body, is_compressed_kind)?);
            }
            b"SSND" => {
                let mut offset = [0u8; 8];
                source.read_exact(&mut offset).map_err(|_| "it ends within its header".to_owned())?;
                let skipped = u64::from(u32::from_be_bytes([offset[0], offset[1], offset[2], offset[3]]));
                samples_at = Some(body_at + 8 + skipped);
            }
            _ => {}
        }
        if common.is_some() && samples_at.is_some() {
            break;
        }
        // Chunks of an odd length have a pad byte.
        source.seek(SeekFrom::Start(body_at + num_bytes + num_bytes % 2)).map_err(|error| error.to_string())?;
    }
    let common = common.ok_or_else(|| "it does not say what its samples are".to_owned())?;
    let samples_at = samples_at.ok_or_else(|| "it has no samples".to_owned())?;
    source.seek(SeekFrom::Start(samples_at)).map_err(|error| error.to_string())?;
    Ok(opened(source, &common))
}

fn opened(source: Source, common: &Common) -> Opened {
    let frame_bytes = common.sample.num_bytes() as u64 * u64::from(common.num_channels);
    Opened {
        rate_hz: common.rate_hz,
        num_channels: u64::from(common.num_channels),
        speakers: usual(common.num_channels).to_vec(),
        decoder: Box::new(Pcm {
            input: source,
            sample: common.sample,
            is_big_endian: common.is_big_endian,
            num_channels: common.num_channels,
            num_left: common.num_frames * frame_bytes,
            is_open_ended: false,
        }),
    }
}

fn read_common(body: &[u8], is_compressed_kind: bool) -> Result<Common, String> {
    let cut = || "its format is cut off".to_owned();
    let head: &[u8; 18] = body.first_chunk().ok_or_else(cut)?;
    let bits = u16::from_be_bytes([head[6], head[7]]);
    let id: &[u8] = if is_compressed_kind { body.get(18..22).ok_or_else(cut)? } else { b"NONE" };
    let whole = Sample::Signed { num_bytes: usize::from(bits.div_ceil(8)) };
    let (sample, is_big_endian) = match id {
        b"NONE" | b"twos" | b"in24" | b"in32" if (1..=32).contains(&bits) => (whole, true),
        b"sowt" if (1..=32).contains(&bits) => (whole, false),
        b"raw " => (Sample::Unsigned8, true),
        b"fl32" | b"FL32" => (Sample::Float32, true),
        b"fl64" | b"FL64" => (Sample::Float64, true),
        _ => {
            let id = String::from_utf8_lossy(id);
            return Err(format!("it has {bits}-bit samples compressed as `{id}`, which are not read"));
        }
    };
    Ok(Common {
        num_channels: u16::from_be_bytes([head[0], head[1]]),
        num_frames: u64::from(u32::from_be_bytes([head[2], head[3], head[4], head[5]])),
        rate_hz: extended(&head[8..18]),
        sample,
        is_big_endian,
    })
}

/// A positive whole number from 80-bit IEEE extended; 0 for anything else.
fn extended(bytes: &[u8]) -> u64 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]])) - 16_383;
    let mantissa = bytes[2..10].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    if (0..=62).contains(&exponent) { mantissa >> (63 - exponent) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_from_eighty_bits() {
        assert_eq!(extended(&[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]), 44_100);
        assert_eq!(extended(&[0x40, 0x10, 0xbb, 0x80, 0, 0, 0, 0, 0, 0]), 192_000);
        assert_eq!(extended(&[0xff; 10]), 0);
    }
}

//! WAV, also as RF64 and BW64: whole numbers of 8 to 32 bits and floats of 32 and 64, plain or extensible.
//!
//! Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0"; Microsoft's WAVEFORMATEXTENSIBLE;
//! EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64).
use super::downmix::masked;
use super::pcm::{Pcm, Sample};
use super::{Opened, Source};
use std::io::{Read, Seek, SeekFrom};

const FORMAT_PCM: u16 = 1;
const FORMAT_FLOAT: u16 = 3;
const FORMAT_EXTENSIBLE: u16 = 0xfffe;
/// A length that says "look into ds64" or "I was never closed".
const NO_LENGTH: u64 = 0xffff_ffff;
/// Programs that write into a pipe put down some length from here up.
const PIPE_LENGTH: u64 = 0x7fff_0000;

/// What the `fmt ` chunk says.
struct Format {
    num_channels: u16,
    rate_hz: u32,
    sample: Sample,
    mask: u32,
}

/// # Errors
/// A sentence without the file's name.
pub(crate) fn open(mut source: Source) -> Result<Opened, String> {
    let mut head = [0u8; 12];
    source.read_exact(&mut head).map_err(|_| "it ends within its header".to_owned())?;
    let (mut format, mut long_data) = (None, None);
    loop {
        let mut header = [0u8; 8];
        if source.read_exact(&mut header).is_err() {
            return Err("it has no samples".to_owned());
        }
        let num_bytes = u64::from(u32::from_le_bytes([header[4], header[5], header[6], header[7]]));
        match &header[..4] {
            b"data" => {
                let format: Format = format.ok_or_else(|| "its samples come before their format".to_owned())?;
                let num_bytes = if num_bytes == NO_LENGTH { long_data.unwrap_or(NO_LENGTH) } else { num_bytes };
                return Ok(opened(source, format, num_bytes));
            }
            b"fmt " => format = Some(read_format(&chunk(&mut source, num_bytes, 64)?)?),
            b"ds64" => {
                let body = chunk(&mut source, num_bytes, 64)?;
                long_data = body.get(8..16).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
            }
            _ => {
                // Chunks of an odd length have a pad byte.
                let skipped = num_bytes + num_bytes % 2;
                source.seek(SeekFrom::Current(skipped as i64)).map_err(|error| error.to_string())?;
            }
        }
    }
}

fn opened(source: Source, format: Format, num_bytes: u64) -> Opened {
    let is_open_ended = (PIPE_LENGTH..=NO_LENGTH).contains(&num_bytes);
    let Format { num_channels, rate_hz, sample, mask } = format;
    Opened {
        rate_hz: u64::from(rate_hz),
        num_channels: u64::from(num_channels),
        speakers: masked(mask, num_channels),
        decoder: Box::new(Pcm {
            input: source,
            sample,
            is_big_endian: false,
            num_channels,
            num_left: if is_open_ended { u64::MAX } else { num_bytes },
            is_open_ended,
        }),
    }
}

/// A chunk's body, of which no more than `max_bytes` are kept.
fn chunk(source: &mut Source, num_bytes: u64, max_bytes: u64) -> Result<Vec<u8>, String> {
    let mut body = vec![0u8; num_bytes.min(max_bytes) as usize];
    source.read_exact(&mut body).map_err(|_| "it ends within its header".to_owned())?;
    let rest = num_bytes - body.len() as u64 + num_bytes % 2;
    source.seek(SeekFrom::Current(rest as i64)).map_err(|error| error.to_string())?;
    Ok(body)
}

fn read_format(body: &[u8]) -> Result<Format, String> {
    let short = |at: usize| body.get(at..at + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    let long = |at: usize| Some(u32::from(short(at)?) | u32::from(short(at + 2)?) << 16);
    let cut = || "its format is cut off".to_owned();
    let mut tag = short(0).ok_or_else(cut)?;
    let bits = short(14).ok_or_else(cut)?;
    let mut mask = 0;
    if tag == FORMAT_EXTENSIBLE {
        mask = long(20).ok_or_else(cut)?;
        // The first two bytes of the sub-format's GUID are the old tag.
        tag = short(24).ok_or_else(cut)?;
    }
    let sample = match (tag, bits) {
        (FORMAT_PCM, 1..=8) => Sample::Unsigned8,
        (FORMAT_PCM, 9..=32) => Sample::Signed { num_bytes: usize::from(bits.div_ceil(8)) },
        (FORMAT_FLOAT, 32) => Sample::Float32,
        (FORMAT_FLOAT, 64) => Sample::Float64,
        _ => return Err(format!("it has {bits}-bit samples of format {tag}, which are not read")),
    };
    Ok(Format { num_channels: short(2).ok_or_else(cut)?, rate_hz: long(4).ok_or_else(cut)?, sample, mask })
}

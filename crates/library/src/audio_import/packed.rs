//! FLAC, MP3 and Ogg Vorbis, through other people's decoders.
use super::downmix::{usual, vorbis};
use super::{Decode, Opened, Source};
use claxon::FlacReader;
use lewton::inside_ogg::OggStreamReader;
use lewton::samples::InterleavedSamples;
use nanomp3::Reader;

/// FLAC by `claxon`.
///
/// # Errors
/// A sentence without the file's name.
pub(crate) fn open_flac(source: Source) -> Result<Opened, String> {
    let reader = FlacReader::new(source).map_err(|error| error.to_string())?;
    let info = reader.streaminfo();
    let num_channels = info.channels as u16;
    Ok(Opened {
        rate_hz: u64::from(info.sample_rate),
        num_channels: u64::from(info.channels),
        speakers: usual(num_channels).to_vec(),
        decoder: Box::new(Flac {
            reader,
            buffer: Vec::new(),
            scale: 1.0 / (1u64 << (info.bits_per_sample.clamp(1, 32) - 1)) as f32,
            num_left: info.samples,
        }),
    })
}

struct Flac {
    reader: FlacReader<Source>,
    buffer: Vec<i32>,
    scale: f32,
    /// Frames that the header promises and that have not come; `None` where it promises nothing.
    num_left: Option<u64>,
}

impl Decode for Flac {
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, String> {
        let buffer = std::mem::take(&mut self.buffer);
        let block = self.reader.blocks().read_next_or_eof(buffer).map_err(|error| error.to_string())?;
        let Some(block) = block else {
            return match self.num_left {
                Some(missing) if missing > 0 => Err(format!("{missing} frames are missing at its end")),
                _ => Ok(false),
            };
        };
        for frame in 0..block.duration() {
            for channel in 0..block.channels() {
                out.push(block.sample(channel, frame) as f32 * self.scale);
            }
        }
        self.num_left = self.num_left.map(|left| left.saturating_sub(u64::from(block.duration())));
        self.buffer = block.into_buffer();
        Ok(true)
    }
}

/// MP3 (MPEG 1, 2 and 2.5, layers I to III) by `nanomp3`: tags skipped, the encoder's delay and padding cut off.
///
/// # Errors
/// A sentence without the file's name.
pub(crate) fn open_mp3(source: Source) -> Result<Opened, String> {
    let reader = Reader::<Source, f32>::new(source).map_err(|error| error.to_string())?;
    let num_channels = reader.channels().ok_or("it holds no whole frame")?.num();
    Ok(Opened {
        rate_hz: u64::from(reader.sample_rate()),
        num_channels: u64::from(num_channels),
        speakers: usual(u16::from(num_channels)).to_vec(),
        decoder: Box::new(Mp3 { reader }),
    })
}

struct Mp3 {
    reader: Reader<Source, f32>,
}

impl Decode for Mp3 {
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, String> {
        let frame = self.reader.read_frame().map_err(|error| error.to_string())?;
        out.extend_from_slice(frame.unwrap_or_default());
        Ok(frame.is_some())
    }
}

/// Ogg Vorbis by `lewton`.
///
/// # Errors
/// A sentence without the file's name.
pub(crate) fn open_vorbis(source: Source) -> Result<Opened, String> {
    let reader = OggStreamReader::new(source).map_err(|error| error.to_string())?;
    let num_channels = reader.ident_hdr.audio_channels;
    Ok(Opened {
        rate_hz: u64::from(reader.ident_hdr.audio_sample_rate),
        num_channels: u64::from(num_channels),
        speakers: vorbis(u16::from(num_channels)).to_vec(),
        decoder: Box::new(Vorbis { first: (num_channels, reader.ident_hdr.audio_sample_rate), reader }),
    })
}

struct Vorbis {
    reader: OggStreamReader<Source>,
    /// Channels and rate that the file began with.
    first: (u8, u32),
}

impl Decode for Vorbis {
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, String> {
        let packet = self.reader.read_dec_packet_generic::<InterleavedSamples<f32>>();
        let Some(packet) = packet.map_err(|error| error.to_string())? else { return Ok(false) };
        if (self.reader.ident_hdr.audio_channels, self.reader.ident_hdr.audio_sample_rate) != self.first {
            return Err("its format changes in the middle".to_owned());
        }
        out.extend_from_slice(&packet.samples);
        Ok(true)
    }
}

//! Audio files of other programs, piece by piece, as stereo floats.
//!
//! WAV, AIFF, FLAC, MP3, Ogg Vorbis and AAC (M4A, ADTS); what a file is, is found in its bytes. Memory does not grow with
//! the file.
mod aac;
mod aiff;
mod downmix;
mod edit_list;
mod error;
mod packed;
mod pcm;
mod sniff;
#[cfg(test)]
mod tests;
mod wav;

pub use error::{AUDIO_FORMATS, AudioReadError};

use downmix::{Downmix, MAX_CHANNELS, Speaker};
use sniff::{Kind, NUM_SNIFFED, id3_len, sniff};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use take::SampleRate;

/// Rates that are read, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=768_000;

/// A file from where its audio format begins.
pub(crate) type Source = BufReader<Offset>;

/// What a format's own reader makes of a file.
pub(crate) struct Opened {
    pub rate_hz: u64,
    pub num_channels: u64,
    pub speakers: Vec<Speaker>,
    pub decoder: Box<dyn Decode>,
}

/// Decodes a file piece by piece.
pub(crate) trait Decode: Send {
    /// Appends some interleaved samples, at least one frame but at the end; `false` when there are no more.
    ///
    /// # Errors
    /// A sentence without the file's name; what was appended counts.
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, String>;
}

/// An audio file that is being read.
pub struct AudioFile {
    path: PathBuf,
    format: &'static str,
    rate: SampleRate,
    num_channels: u16,
    downmix: Downmix,
    decoder: Option<Box<dyn Decode>>,
    interleaved: Vec<f32>,
    num_frames: u64,
    num_not_finite: u64,
    damage: Option<String>,
}

/// What reads a format's header, or says what is wrong with it.
type Open = fn(Source) -> Result<Opened, String>;

impl AudioFile {
    /// Opens a file and reads its header. Disk work.
    ///
    /// # Errors
    /// [`AudioReadError`].
    pub fn open(path: &Path) -> Result<Self, AudioReadError> {
        let (kind, offset) = look_at(path)?;
        let (format, open): (_, Open) = match kind {
            Kind::Wav => ("WAV", wav::open),
            Kind::Aiff => ("AIFF", aiff::open),
            Kind::Flac => ("FLAC", packed::open_flac),
            Kind::Mp3 => ("MP3", packed::open_mp3),
            Kind::Vorbis => ("Ogg Vorbis", packed::open_vorbis),
            Kind::Mp4 => ("M4A", aac::open_mp4),
            Kind::Adts => ("AAC", aac::open_adts),
            Kind::Other(what) => {
                return Err(AudioReadError::NotRead { path: path.to_owned(), what: what.to_owned() });
            }
        };
        // The MP3 reader looks for tags at both ends itself.
        let offset = if kind == Kind::Mp3 { 0 } else { offset };
        let source =
            Offset::new(path, offset).map_err(|source| AudioReadError::Open { path: path.to_owned(), source })?;
        let damaged = |reason: String| AudioReadError::Damaged { path: path.to_owned(), format, reason };
        let opened = guarded(|| open(BufReader::new(source))).map_err(damaged)?;
        Self::new(path, format, opened)
    }

    fn new(path: &Path, format: &'static str, opened: Opened) -> Result<Self, AudioReadError> {
        let Opened { rate_hz, num_channels, speakers, decoder } = opened;
        let path = path.to_owned();
        if !(1..=u64::from(MAX_CHANNELS)).contains(&num_channels) {
            return Err(AudioReadError::Channels { path, num_channels, max_channels: MAX_CHANNELS });
        }
        let in_range = u32::try_from(rate_hz).ok().filter(|hz| RATES_HZ.contains(hz));
        let Some(rate) = in_range.and_then(|hz| SampleRate::new(hz).ok()) else {
            let (min_hz, max_hz) = (*RATES_HZ.start(), *RATES_HZ.end());
            return Err(AudioReadError::Rate { path, rate_hz, min_hz, max_hz });
        };
        Ok(Self {
            path,
            format,
            rate,
            num_channels: num_channels as u16,
            downmix: Downmix::new(&speakers),
            decoder: Some(decoder),
            interleaved: Vec::new(),
            num_frames: 0,
            num_not_finite: 0,
            damage: None,
        })
    }

    /// For people: `WAV`, `Ogg Vorbis`.
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// Rate of the file.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Channels of the file, 1..=8; what is read is stereo.
    pub fn num_channels(&self) -> u16 {
        self.num_channels
    }

    /// Fills both with the next frames, some thousands; centre and surrounds at -3 dB on their sides, the subwoofer's
    /// channel left out. `false` when there are no more. Samples that are not finite become silence.
    ///
    /// # Errors
    /// `Damaged` and `NoAudio` when there is not one frame in the file. Damage further on ends the file there and is
    /// told by [`remarks`](Self::remarks).
    pub fn next(&mut self, left: &mut Vec<f32>, right: &mut Vec<f32>) -> Result<bool, AudioReadError> {
        left.clear();
        right.clear();
        while left.is_empty() {
            let Some(decoder) = &mut self.decoder else { return self.end() };
            self.interleaved.clear();
            match guarded(|| decoder.next(&mut self.interleaved)) {
                Ok(true) => {}
                Ok(false) => self.decoder = None,
                Err(reason) => {
                    self.damage = Some(reason);
                    self.decoder = None;
                }
            }
            for sample in self.interleaved.iter_mut().filter(|sample| !sample.is_finite()) {
                *sample = 0.0;
                self.num_not_finite += 1;
            }
            self.downmix.mix(&self.interleaved, left, right);
            self.num_frames += left.len() as u64;
        }
        Ok(true)
    }

    /// A sentence each about what was wrong so far.
    pub fn remarks(&self) -> Vec<String> {
        let seconds = self.num_frames as f64 / f64::from(self.rate.get());
        let damage = self.damage.as_ref().map(|reason| format!("the file breaks off after {seconds:.1} s: {reason}"));
        let not_finite = (self.num_not_finite > 0)
            .then(|| format!("{} samples that are no numbers were silenced", self.num_not_finite));
        damage.into_iter().chain(not_finite).collect()
    }

    fn end(&self) -> Result<bool, AudioReadError> {
        if self.num_frames > 0 {
            return Ok(false);
        }
        let (path, format) = (self.path.clone(), self.format);
        Err(match &self.damage {
            Some(reason) => AudioReadError::Damaged { path, format, reason: reason.clone() },
            None => AudioReadError::NoAudio { path, format },
        })
    }
}

/// What a file is, and where that begins: behind an ID3 tag, which FLAC files may have in front as well.
fn look_at(path: &Path) -> Result<(Kind, u64), AudioReadError> {
    let failed = |source| AudioReadError::Open { path: path.to_owned(), source };
    let head_at = |offset: u64| {
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let mut head = Vec::new();
        file.take(NUM_SNIFFED as u64).read_to_end(&mut head).map_err(failed)?;
        Ok(head)
    };
    let mut head = head_at(0)?;
    if head.is_empty() {
        return Err(AudioReadError::Empty { path: path.to_owned() });
    }
    let offset = id3_len(&head);
    if offset > 0 {
        head = head_at(offset)?;
    }
    Ok((sniff(&head), offset))
}

/// Decoders of outside data may have faults of their own: a panic of theirs is a damaged file.
fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let gave_up = |_| Err("its decoder gave up".to_owned());
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(gave_up)
}

/// A file whose first byte is somewhere inside it.
pub(crate) struct Offset {
    file: File,
    start: u64,
}

impl Offset {
    fn new(path: &Path, start: u64) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self { file, start })
    }
}

impl Read for Offset {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for Offset {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => SeekFrom::Start(at.saturating_add(self.start)),
            other => other,
        };
        Ok(self.file.seek(to)?.saturating_sub(self.start))
    }
}

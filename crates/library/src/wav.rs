//! Stereo 24-bit WAV: hound writes format and samples, we append what makes it a loop with a tempo and a key.
use crate::LibraryError;
use crate::about;
use crate::riff::{append_chunk, list};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::io::Cursor;
use std::path::Path;
use take::{AudioClip, Rendition, SampleRate, StemKind, Take, dequantise_24, quantise_24};

const NUM_CHANNELS: u16 = 2;
const BITS: u16 = 24;
/// Two channels of three bytes.
const BYTES_PER_FRAME: u64 = 6;
/// RIFF counts bytes in 32 bits; 1 MiB of that is left to headers and tags.
const MAX_FRAMES: u64 = ((1 << 32) - (1 << 20)) / BYTES_PER_FRAME;

/// What goes into the file beside the samples.
pub(crate) struct Label<'a> {
    pub take: &'a Take,
    /// For example `Deep house 124 Am - bass`.
    pub title: String,
    /// The audio has a key (a drum loop has none).
    pub is_tonal: bool,
}

impl<'a> Label<'a> {
    pub(crate) fn of_stem(take: &'a Take, kind: StemKind) -> Self {
        Self { take, title: format!("{} - {}", take.info.name, kind.name()), is_tonal: kind != StemKind::Drums }
    }

    /// A mix with nothing but drums in it has no key either.
    pub(crate) fn of_mix(take: &'a Take) -> Self {
        let is_tonal =
            StemKind::ALL.iter().any(|&kind| kind != StemKind::Drums && take.original.stems[kind as usize].is_some());
        Self { take, title: take.info.name.clone(), is_tonal }
    }
}

/// The stems' sum as 24-bit values, interleaved; clipped where a sum leaves the range.
pub(crate) fn mix(rendition: &Rendition) -> Vec<i32> {
    let mut sums = vec![0_i32; rendition.num_frames() * usize::from(NUM_CHANNELS)];
    for stem in rendition.stems.iter().flatten() {
        sums.iter_mut().zip(interleaved(stem)).for_each(|(sum, value)| *sum += value);
    }
    sums.iter_mut().for_each(|sum| *sum = (*sum).clamp(-(1 << 23), (1 << 23) - 1));
    sums
}

/// Samples as 24-bit values: left, right, left ...
pub(crate) fn interleaved(clip: &AudioClip) -> impl Iterator<Item = i32> {
    clip.left.iter().zip(&clip.right).flat_map(|(&left, &right)| [quantise_24(left), quantise_24(right)])
}

/// A whole WAV file. `samples` are interleaved 24-bit values.
pub(crate) fn encode(samples: impl Iterator<Item = i32>, label: &Label) -> Result<Vec<u8>, LibraryError> {
    let original = &*label.take.original;
    let num_frames = original.num_frames() as u64;
    let mut file = encode_plain(samples, original.rate, num_frames)?;
    append_chunk(&mut file, b"acid", &acid(label));
    append_chunk(&mut file, b"smpl", &smpl(label, num_frames as u32));
    append_chunk(&mut file, b"LIST", &info_list(label));
    append_chunk(&mut file, b"id3 ", &id3(label));
    Ok(file)
}

/// A WAV file of nothing but `num_frames` of interleaved 24-bit values.
pub(crate) fn encode_plain(
    samples: impl Iterator<Item = i32>,
    rate: SampleRate,
    num_frames: u64,
) -> Result<Vec<u8>, LibraryError> {
    if num_frames > MAX_FRAMES {
        let reason = format!("{num_frames} frames are more than a WAV file holds ({MAX_FRAMES})");
        return Err(LibraryError::NotSavable { reason });
    }
    let mut file = Vec::with_capacity((num_frames * BYTES_PER_FRAME) as usize + 4096);
    // Writing to memory fails only beyond the size checked above.
    write_samples(&mut file, samples, rate).map_err(|error| LibraryError::NotSavable { reason: error.to_string() })?;
    Ok(file)
}

fn write_samples(file: &mut Vec<u8>, samples: impl Iterator<Item = i32>, rate: SampleRate) -> Result<(), hound::Error> {
    let spec = WavSpec {
        channels: NUM_CHANNELS,
        sample_rate: rate.get(),
        bits_per_sample: BITS,
        sample_format: SampleFormat::Int,
    };
    let mut writer = WavWriter::new(Cursor::new(file), spec)?;
    for sample in samples {
        writer.write_sample(sample)?;
    }
    writer.finalize()
}

/// The chunk that ACID, Reaper, Live and FL Studio read tempo and root note from. Nobody published it; this is the
/// layout that libsndfile documents in its reader.
fn acid(label: &Label) -> Vec<u8> {
    // Bit 0 would be a one-shot; bit 1: the root note counts; bit 2: follows the project's tempo.
    let flags: u32 = if label.is_tonal { 0b110 } else { 0b100 };
    let (num_beats, bpm) = whole_beats(label.take);
    let mut body = Vec::with_capacity(24);
    body.extend(flags.to_le_bytes());
    body.extend(u16::from(root_key(label)).to_le_bytes());
    body.extend(0x8000_u16.to_le_bytes());
    body.extend(0.0_f32.to_le_bytes());
    body.extend(num_beats.to_le_bytes());
    body.extend(u16::from(label.take.info.meter.denominator()).to_le_bytes());
    body.extend(u16::from(label.take.info.meter.numerator()).to_le_bytes());
    body.extend((bpm as f32).to_le_bytes());
    body
}

/// Quarter notes and their tempo; where the loop is no whole number of them (one bar of 7/8), the meter's own note
/// values and theirs, since the chunk counts beats in whole numbers and readers take the length from beats and tempo.
fn whole_beats(take: &Take) -> (u32, f64) {
    let (beats, bpm) = (take.original.loop_beats.0, take.original.tempo.get());
    if beats.fract() == 0.0 {
        return (beats as u32, bpm);
    }
    let per_quarter = f64::from(take.info.meter.denominator()) / 4.0;
    ((beats * per_quarter).round() as u32, bpm * per_quarter)
}

/// Tonic in the octave of middle C.
fn root_key(label: &Label) -> u8 {
    60 + if label.is_tonal { label.take.info.key.get() } else { 0 }
}

/// Sampler chunk (Microsoft's Multimedia Data Standards Update): one endless forward loop over the whole file.
fn smpl(label: &Label, num_frames: u32) -> Vec<u8> {
    let nanoseconds_per_frame = (1e9 / f64::from(label.take.original.rate.get())).round() as u32;
    let (manufacturer, product, pitch_fraction, smpte_format, smpte_offset) = (0, 0, 0, 0, 0);
    let (num_loops, num_extra_bytes) = (1, 0);
    let header = [
        manufacturer,
        product,
        nanoseconds_per_frame,
        u32::from(root_key(label)),
        pitch_fraction,
        smpte_format,
        smpte_offset,
        num_loops,
        num_extra_bytes,
    ];
    let (cue, forward, first_frame, last_frame, frame_fraction, endless) = (0, 0, 0, num_frames - 1, 0, 0);
    let range = [cue, forward, first_frame, last_frame, frame_fraction, endless];
    header.into_iter().chain(range).flat_map(u32::to_le_bytes).collect()
}

fn info_list(label: &Label) -> Vec<u8> {
    let text = |text: &str| [about::one_line(text).as_bytes(), &[0]].concat();
    let items = [
        (b"INAM", text(&label.title)),
        (b"ISFT", text(about::SOFTWARE)),
        (b"IGNR", text(label.take.info.spec.style.as_str())),
        (b"ICMT", text(&about::comment(label.take))),
    ];
    list(b"INFO", &items)
}

/// ID3v2.3 tag: what DJ software and media players read tempo and key from.
fn id3(label: &Label) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut push = |id: &[u8; 4], prefix: &[u8], text: &str| {
        // Encoding 1: UTF-16 with a byte order mark; version 2.3 knows no UTF-8.
        let utf16 =
            |text: &str| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let text: Vec<u8> = utf16(&about::one_line(text));
        frames.extend(id);
        frames.extend(((1 + prefix.len() + text.len()) as u32).to_be_bytes());
        frames.extend([0, 0, 1]);
        frames.extend(prefix);
        frames.extend(text);
    };
    push(b"TIT2", &[], &label.title);
    push(b"TBPM", &[], &about::short_number(label.take.original.tempo.get()));
    if label.is_tonal {
        push(b"TKEY", &[], &about::key(&label.take.info));
    }
    // A comment has a language and an empty description in front.
    push(b"COMM", b"eng\xff\xfe\0\0", &about::comment(label.take));
    let num_bytes = frames.len() as u32;
    // Seven bits to a byte.
    let synchsafe = [21, 14, 7, 0].map(|shift| (num_bytes >> shift) as u8 & 0x7f);
    [b"ID3\x03\0\0".as_slice(), &synchsafe, &frames].concat()
}

/// Reads a stem back.
///
/// # Errors
/// `Unreadable` and `WrongLength`; nothing is allocated for audio that the file does not hold.
pub(crate) fn decode(file: &[u8], path: &Path, rate: SampleRate, num_frames: usize) -> Result<AudioClip, LibraryError> {
    let reader = WavReader::new(file).map_err(|error| LibraryError::unreadable(path, error))?;
    let spec = reader.spec();
    if (spec.channels, spec.bits_per_sample, spec.sample_format) != (NUM_CHANNELS, BITS, SampleFormat::Int) {
        return Err(LibraryError::unreadable(path, "it is not stereo 24-bit audio"));
    }
    if spec.sample_rate != rate.get() {
        let reason = format!("its sample rate is {} Hz where {} Hz belong", spec.sample_rate, rate.get());
        return Err(LibraryError::unreadable(path, reason));
    }
    let wrong_length = |num_frames_found: u64| LibraryError::WrongLength {
        path: path.to_owned(),
        num_frames: num_frames_found,
        expected: num_frames as u64,
    };
    let promised = reader.duration();
    // What follows the header: the samples, then our tags. The header may promise more than there is.
    let rest = reader.into_inner();
    let held = u64::from(promised).min(rest.len() as u64 / BYTES_PER_FRAME);
    if u64::from(promised) != num_frames as u64 || held < num_frames as u64 {
        return Err(wrong_length(held));
    }
    let frames = rest.chunks_exact(BYTES_PER_FRAME as usize).take(num_frames);
    let (left, right): (Vec<f32>, Vec<f32>) =
        frames.map(|frame| (sample([frame[0], frame[1], frame[2]]), sample([frame[3], frame[4], frame[5]]))).unzip();
    Ok(AudioClip { left: left.into(), right: right.into() })
}

fn sample(bytes: [u8; 3]) -> f32 {
    // Into the upper three bytes and back down, so that the sign comes along.
    dequantise_24(i32::from_le_bytes([0, bytes[0], bytes[1], bytes[2]]) >> 8)
}

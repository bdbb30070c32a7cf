//! AAC through `syom`: in MPEG-4 files (M4A) and bare, with headers of its own (ADTS).
//!
//! That decoder pushes frames at a callback while files here are pulled piece by piece, so it runs on a thread of its own,
//! a few frames ahead. The thread ends with whoever reads, never after.
use super::downmix::Speaker;
use super::edit_list::Exact;
use super::{Decode, Opened, Source, guarded};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use syom::{AacError, Channel, DecodeOptions, Frame, StreamInfo};

/// Frames (1024 or 2048 samples each) that wait to be read.
const NUM_AHEAD: usize = 8;

/// Some samples, or why there are no more.
type Message = Result<Piece, String>;
type OnFrame<'a> = &'a mut dyn FnMut(Frame<'_>) -> syom::Result<()>;

/// One frame of AAC.
struct Piece {
    rate_hz: u32,
    speakers: Vec<Speaker>,
    interleaved: Vec<f32>,
}

/// The AAC track of an MPEG-4 file; the encoder's delay is cut off where the file tells it.
///
/// # Errors
/// A sentence without the file's name.
pub(crate) fn open_mp4(source: Source) -> Result<Opened, String> {
    let source = Exact::new(source).map_err(|error| error.to_string())?;
    open(move |on_frame| syom::decode_seek_streaming(source, &options(), on_frame))
}

/// AAC without a container.
///
/// # Errors
/// A sentence without the file's name.
pub(crate) fn open_adts(source: Source) -> Result<Opened, String> {
    open(move |on_frame| syom::decode_read_streaming(source, &options(), on_frame))
}

/// Every channel for itself; pieces are small, so a long file costs no memory.
fn options() -> DecodeOptions {
    DecodeOptions::audio().with_max_duration_secs(f64::INFINITY)
}

fn open(decode: impl FnOnce(OnFrame) -> syom::Result<StreamInfo> + Send + 'static) -> Result<Opened, String> {
    let (sender, receiver) = sync_channel(NUM_AHEAD);
    let work = move || {
        let mut push = |frame: Frame<'_>| {
            sender.send(Ok(Piece::of(&frame))).map_err(|_| AacError::Io(std::io::ErrorKind::BrokenPipe.into()))
        };
        let ended = guarded(|| decode(&mut push).map_err(|error| error.to_string()));
        tell_end(&sender, ended.err());
    };
    let thread = std::thread::Builder::new().name("aac".to_owned()).spawn(work).map_err(|error| error.to_string())?;
    let mut aac = Aac { receiver: Some(receiver), thread: Some(thread), next: None, rate_hz: 0, speakers: Vec::new() };
    let first = aac.receive()?.ok_or("it holds no whole frame")?;
    (aac.rate_hz, aac.speakers) = (first.rate_hz, first.speakers.clone());
    aac.next = Some(first);
    Ok(Opened {
        rate_hz: u64::from(aac.rate_hz),
        num_channels: aac.speakers.len() as u64,
        speakers: aac.speakers.clone(),
        decoder: Box::new(aac),
    })
}

/// Nobody may be there any more to be told.
fn tell_end(sender: &SyncSender<Message>, reason: Option<String>) {
    if let Some(reason) = reason {
        sender.send(Err(reason)).ok();
    }
}

impl Piece {
    fn of(frame: &Frame<'_>) -> Self {
        let interleaved = (0..frame.samples).flat_map(|at| frame.planar.iter().map(move |plane| plane[at])).collect();
        let labels = frame.meta.labels().chain(std::iter::repeat(Channel::Other));
        let num_channels = frame.planar.len();
        let speakers = labels.take(num_channels).enumerate().map(|(at, label)| speaker(label, at, num_channels));
        Self { rate_hz: frame.sample_rate, speakers: speakers.collect(), interleaved }
    }
}

/// Where a channel is heard; one without a label stands where files without labels have it.
fn speaker(label: Channel, at: usize, num_channels: usize) -> Speaker {
    match label {
        Channel::FrontLeft => Speaker::Left,
        Channel::FrontRight => Speaker::Right,
        Channel::FrontCenter => Speaker::Centre,
        Channel::Lfe => Speaker::LowEffects,
        Channel::BackLeft | Channel::SideLeft => Speaker::SurroundLeft,
        Channel::BackRight | Channel::SideRight => Speaker::SurroundRight,
        Channel::BackCenter => Speaker::Back,
        _ => super::downmix::usual(num_channels as u16).get(at).copied().unwrap_or(Speaker::Centre),
    }
}

struct Aac {
    /// `None` once nothing more is wanted.
    receiver: Option<Receiver<Message>>,
    thread: Option<JoinHandle<()>>,
    /// The frame that told rate and channels.
    next: Option<Piece>,
    /// What the file began with.
    rate_hz: u32,
    speakers: Vec<Speaker>,
}

impl Aac {
    /// The next frame with sound in it; the delay of an encoder leaves empty ones.
    fn receive(&self) -> Result<Option<Piece>, String> {
        let mut pieces = self.receiver.iter().flat_map(Receiver::iter);
        pieces.find(|piece| !matches!(piece, Ok(piece) if piece.interleaved.is_empty())).transpose()
    }
}

impl Decode for Aac {
    fn next(&mut self, out: &mut Vec<f32>) -> Result<bool, String> {
        let piece = match self.next.take() {
            Some(first) => first,
            None => match self.receive()? {
                Some(piece) => piece,
                None => return Ok(false),
            },
        };
        if (piece.rate_hz, &piece.speakers) != (self.rate_hz, &self.speakers) {
            return Err("its format changes in the middle".to_owned());
        }
        out.extend(piece.interleaved);
        Ok(true)
    }
}

impl Drop for Aac {
    fn drop(&mut self) {
        // A send without a receiver fails, which ends the decoder; a plugin may be unloaded right after.
        self.receiver = None;
        if let Some(thread) = self.thread.take() {
            // What it panicked with has been told as damage.
            thread.join().ok();
        }
    }
}

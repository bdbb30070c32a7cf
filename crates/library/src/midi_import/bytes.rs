//! Bytes to chunks, chunks to events.
use super::error::{MidiReadError, MidiWarning};
use super::file::limits;
use super::time::FALLBACK_TICKS;

/// What a tick is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Division {
    /// Ticks per quarter note, > 0.
    PerBeat(f64),
    /// Ticks per second, > 0 (SMPTE frames times ticks per frame).
    PerSecond(f64),
}

/// `MThd`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// 0, 1 or 2.
    pub format: u8,
    pub division: Division,
}

/// The header and the body of every track.
pub fn chunks<'a>(file: &'a [u8], warnings: &mut Vec<MidiWarning>) -> Result<(Header, Vec<&'a [u8]>), MidiReadError> {
    let mut rest = unwrap_riff(file);
    let (id, body, _) = next_chunk(&mut rest).ok_or(MidiReadError::NotMidi)?;
    if &id != b"MThd" {
        return Err(MidiReadError::NotMidi);
    }
    let [format_high, format_low, tracks_high, tracks_low, first, second] =
        *body.first_chunk::<6>().ok_or(MidiReadError::NoHeader { bytes: body.len() })?;
    let division = division(first, second, warnings);
    let format = match u16::from_be_bytes([format_high, format_low]) {
        format @ 0..=2 => format as u8,
        format => return Err(MidiReadError::UnknownFormat { format }),
    };
    let mut bodies = Vec::new();
    while let Some((id, body, is_whole)) = next_chunk(&mut rest) {
        if &id != b"MTrk" {
            continue;
        }
        if bodies.len() == limits::MAX_TRACKS {
            return Err(MidiReadError::TooManyTracks { max_tracks: limits::MAX_TRACKS });
        }
        bodies.push(body);
        if !is_whole {
            warnings.push(MidiWarning::TrackCutOff { track: bodies.len() });
        }
    }
    let declared = usize::from(u16::from_be_bytes([tracks_high, tracks_low]));
    if declared != bodies.len() {
        warnings.push(MidiWarning::TrackCount { declared, found: bodies.len() });
    }
    Ok((Header { format, division }, bodies))
}

/// Windows' RMID: a MIDI file in the `data` chunk of a RIFF file. Anything else is returned as it is.
fn unwrap_riff(file: &[u8]) -> &[u8] {
    let Some(mut rest) = file.strip_prefix(b"RIFF").and_then(|file| file.get(4..)?.strip_prefix(b"RMID")) else {
        return file;
    };
    while let (Some((id, tail)), true) = (rest.split_first_chunk::<4>(), rest.len() >= 8) {
        let num_bytes = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]) as usize;
        let body = &tail[4..];
        if id == b"data" {
            return &body[..num_bytes.min(body.len())];
        }
        // Chunks lie at even places.
        rest = body.get(num_bytes.saturating_add(num_bytes % 2)..).unwrap_or_default();
    }
    file
}

/// Id, body, and whether all of the body is there. `None` at the end, or where not even a chunk's head is left.
fn next_chunk<'a>(rest: &mut &'a [u8]) -> Option<([u8; 4], &'a [u8], bool)> {
    let (id, tail) = rest.split_first_chunk::<4>()?;
    let (size, tail) = tail.split_first_chunk::<4>()?;
    let num_bytes = u32::from_be_bytes(*size) as usize;
    let (body, after) = tail.split_at(num_bytes.min(tail.len()));
    *rest = after;
    Some((*id, body, body.len() == num_bytes))
}

fn division(first: u8, second: u8, warnings: &mut Vec<MidiWarning>) -> Division {
    if first & 0x80 == 0 {
        let ticks = u16::from_be_bytes([first, second]);
        if ticks == 0 {
            warnings.push(MidiWarning::NoDivision);
            return Division::PerBeat(FALLBACK_TICKS);
        }
        return Division::PerBeat(f64::from(ticks));
    }
    // The negative of the frames per second, in two's complement; 29 stands for 30 drop frame, which runs at 29.97.
    let frames_per_second = match (first as i8).unsigned_abs() {
        29 => 30_000.0 / 1001.0,
        frames @ (24 | 25 | 30) => f64::from(frames),
        _ => {
            warnings.push(MidiWarning::NoDivision);
            return Division::PerBeat(FALLBACK_TICKS);
        }
    };
    Division::PerSecond(frames_per_second * f64::from(second.max(1)))
}

/// An event of a track that means something here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'a> {
    NoteOn {
        channel: u8,
        key: u8,
        velocity: u8,
    },
    NoteOff {
        channel: u8,
        key: u8,
    },
    Controller {
        channel: u8,
        controller: u8,
        value: u8,
    },
    Program {
        channel: u8,
        program: u8,
    },
    /// Away from the centre.
    PitchBend,
    Meta {
        kind: u8,
        body: &'a [u8],
    },
    Other,
}

/// The events of a track in file order, with their ticks from its start.
#[derive(Debug)]
pub struct Events<'a> {
    body: &'a [u8],
    at: usize,
    status: Option<u8>,
    pub tick: u64,
    /// Place of the byte that could not be understood; the events end before it.
    pub broken_at: Option<usize>,
}

impl<'a> Events<'a> {
    pub fn new(body: &'a [u8]) -> Self {
        Self { body, at: 0, status: None, tick: 0, broken_at: None }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.body.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// A data byte: the top bit is clear.
    fn data(&mut self) -> Option<u8> {
        self.byte().filter(|byte| byte & 0x80 == 0)
    }

    /// A variable-length quantity, four bytes at most.
    fn quantity(&mut self) -> Option<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let byte = self.byte()?;
            value = value << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn block(&mut self) -> Option<&'a [u8]> {
        let num_bytes = self.quantity()? as usize;
        let block = self.body.get(self.at..self.at.checked_add(num_bytes)?)?;
        self.at += num_bytes;
        Some(block)
    }

    fn event(&mut self) -> Option<Event<'a>> {
        self.tick += u64::from(self.quantity()?);
        let first = *self.body.get(self.at)?;
        if first & 0x80 != 0 {
            self.at += 1;
        }
        match first {
            0xff => Some(Event::Meta { kind: self.byte()?, body: self.block()? }),
            0xf0 | 0xf7 => self.block().map(|_| Event::Other),
            // System common and real time do not belong into a file; they are as long as on the wire.
            0xf1 | 0xf3 => self.data().map(|_| Event::Other),
            0xf2 => self.data().and(self.data()).map(|_| Event::Other),
            0xf4..=0xfe => Some(Event::Other),
            0x80..=0xef => {
                self.status = Some(first);
                self.channel_message(first)
            }
            // Running status. By the specification a meta event ends it; programs that go on are understood too.
            0..=0x7f => self.channel_message(self.status?),
        }
    }

    fn channel_message(&mut self, status: u8) -> Option<Event<'a>> {
        let channel = status & 0x0f;
        let first = self.data()?;
        let event = match status >> 4 {
            0x8 => Event::NoteOff { channel, key: self.data().map(|_| first)? },
            0x9 => match self.data()? {
                0 => Event::NoteOff { channel, key: first },
                velocity => Event::NoteOn { channel, key: first, velocity },
            },
            0xb => Event::Controller { channel, controller: first, value: self.data()? },
            0xc => Event::Program { channel, program: first },
            0xa => self.data().map(|_| Event::Other)?,
            // 64 in the upper seven bits and 0 in the lower ones is the centre: many programs set it at the start.
            0xe => {
                if (first, self.data()?) == (0, 64) {
                    Event::Other
                } else {
                    Event::PitchBend
                }
            }
            _ => Event::Other,
        };
        Some(event)
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        if self.at >= self.body.len() || self.broken_at.is_some() {
            return None;
        }
        let (at, tick) = (self.at, self.tick);
        let event = self.event();
        if event.is_none() {
            (self.broken_at, self.tick) = (Some(at), tick);
        }
        event
    }
}

//! One track: notes, and what its meta events say.
use super::bytes::{Division, Event, Events};
use super::error::{MidiReadError, MidiWarning};
use super::file::{MidiTextKind, limits};
use super::notes::{Pairing, RawPart};
use crate::about::one_line;
use take::{Meter, PartKind, PitchClass, Scale};

/// Everything of a track, in ticks from the start of the music.
#[derive(Debug, Default)]
pub struct TrackRead {
    /// Place in the file, from 0.
    pub index: usize,
    pub name: Option<String>,
    pub instrument: Option<String>,
    /// What Continuo's own files say.
    pub kind: Option<PartKind>,
    pub start: u64,
    pub end: u64,
    pub parts: Vec<RawPart>,
    /// First program change of each channel, for tracks that only set up others.
    pub programs: [Option<u8>; 16],
    /// Microseconds per quarter note, > 0.
    pub tempos: Vec<(u64, u32)>,
    pub meters: Vec<(u64, Meter)>,
    pub keys: Vec<(u64, PitchClass, Scale)>,
    pub texts: Vec<(u64, MidiTextKind, String)>,
    pub num_bends: usize,
    pub warnings: Vec<MidiWarning>,
}

/// What a track of Continuo's own files says of its part's kind comes behind this.
pub const KIND_MARK: &str = "part: ";

/// Where a track lies in the file and in time.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// From 0.
    pub index: usize,
    /// Tick it begins at.
    pub start: u64,
    pub division: Division,
    /// How many notes it may hold.
    pub max_notes: usize,
}

/// # Errors
/// `TooManyNotes`.
pub fn read_track(body: &[u8], place: Place) -> Result<TrackRead, MidiReadError> {
    let Place { index, start, division, max_notes } = place;
    let mut track = TrackRead { index, start, ..TrackRead::default() };
    let mut pairing = Pairing::new();
    let mut events = Events::new(body);
    let (mut num_notes, mut is_ended) = (0, false);
    while let Some(event) = events.next() {
        let tick = start + events.tick;
        match event {
            Event::NoteOn { channel, key, velocity } => {
                num_notes += 1;
                if num_notes > max_notes {
                    return Err(MidiReadError::TooManyNotes { max_notes: limits::MAX_NOTES });
                }
                pairing.note_on(tick, channel, key, velocity);
            }
            Event::NoteOff { channel, key } => pairing.note_off(tick, channel, key),
            Event::Controller { channel, controller, value } => pairing.controller(tick, channel, controller, value),
            Event::Program { channel, program } => {
                track.programs[usize::from(channel)].get_or_insert(program);
                pairing.program(channel, program);
            }
            Event::PitchBend => track.num_bends += 1,
            Event::Meta { kind: 0x2f, .. } => {
                is_ended = true;
                break;
            }
            Event::Meta { kind, body } => track.meta(tick, kind, body),
            Event::Other => {}
        }
    }
    track.end = start + events.tick;
    track.close(pairing, division);
    track.warn_of_end(events.broken_at, is_ended);
    Ok(track)
}

impl TrackRead {
    pub fn num_notes(&self) -> usize {
        self.parts.iter().map(|part| part.notes.len()).sum()
    }

    fn close(&mut self, mut pairing: Pairing, division: Division) {
        let num_open = pairing.finish(self.end, division.bar_ticks());
        if num_open > 0 {
            self.warnings.push(MidiWarning::NotesLeftOn { track: self.index + 1, notes: num_open });
        }
        self.parts = pairing.parts;
    }

    fn warn_of_end(&mut self, broken_at: Option<usize>, is_ended: bool) {
        let track = self.index + 1;
        match broken_at {
            Some(byte) => self.warnings.push(MidiWarning::BrokenEvent { track, byte }),
            None if !is_ended => self.warnings.push(MidiWarning::NoEndOfTrack { track }),
            None => {}
        }
    }

    /// A meta event that is shorter than its kind asks for, or says something impossible, is passed over.
    fn meta(&mut self, tick: u64, kind: u8, body: &[u8]) {
        match (kind, body) {
            (0x01..=0x0f, _) => self.text(tick, kind, body),
            (0x51, &[high, middle, low, ..]) => match u32::from_be_bytes([0, high, middle, low]) {
                0 => self.pass_over("tempo"),
                micros => self.tempos.push((tick, micros)),
            },
            (0x58, &[numerator, power, ..]) => {
                let denominator = 1_i64.checked_shl(u32::from(power)).unwrap_or(0);
                match Meter::new(i64::from(numerator), denominator) {
                    Ok(meter) => self.meters.push((tick, meter)),
                    Err(_) => self.pass_over("meter"),
                }
            }
            (0x59, &[accidentals, mode, ..]) => match (accidentals as i8, mode) {
                (fifths @ -7..=7, 0 | 1) => self.keys.push(key(tick, fifths, mode == 1)),
                _ => self.pass_over("key"),
            },
            (0x51, _) => self.pass_over("tempo"),
            (0x58, _) => self.pass_over("meter"),
            (0x59, _) => self.pass_over("key"),
            _ => {}
        }
    }

    fn pass_over(&mut self, what: &'static str) {
        let warning = MidiWarning::Nonsense { track: self.index + 1, what };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn text(&mut self, tick: u64, kind: u8, body: &[u8]) {
        let text = decode(body);
        if text.is_empty() {
            return;
        }
        let kind = match kind {
            0x02 => MidiTextKind::Copyright,
            0x03 | 0x04 => {
                let name = if kind == 0x03 { &mut self.name } else { &mut self.instrument };
                name.get_or_insert(text);
                return;
            }
            0x05 => MidiTextKind::Lyric,
            0x06 => MidiTextKind::Marker,
            0x07 => MidiTextKind::Cue,
            _ => MidiTextKind::Text,
        };
        let named = text.strip_prefix(KIND_MARK);
        if let Some(kind) = named.and_then(|name| PartKind::ALL.into_iter().find(|kind| kind.name() == name)) {
            self.kind = Some(kind);
        } else if self.texts.len() < limits::MAX_TEXTS {
            self.texts.push((tick, kind, text));
        }
    }
}

/// The key of a signature; each sharp is a fifth up from C major or A minor.
fn key(tick: u64, fifths: i8, is_minor: bool) -> (u64, PitchClass, Scale) {
    let (tonic, scale) = if is_minor { (9, Scale::Minor) } else { (0, Scale::Major) };
    (tick, PitchClass::new(tonic + 7 * i32::from(fifths)), scale)
}

/// UTF-8 where it is, else Latin-1, which old programs wrote; one line, of a length that a window can show.
fn decode(body: &[u8]) -> String {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => body.iter().take(limits::MAX_TEXT_CHARS).copied().map(char::from).collect(),
    };
    let text: String = text.trim_end_matches('\0').chars().take(limits::MAX_TEXT_CHARS).collect();
    one_line(&text).trim().to_owned()
}

//! One event of a piece, in the model's own units.
use super::vocab::Parameter as P;

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A note.
    Note,
    /// Another instrument on a channel.
    PatchChange,
    /// A controller moves.
    ControlChange,
    /// Another tempo.
    SetTempo,
    /// Another meter.
    TimeSignature,
    /// Another key.
    KeySignature,
}

impl EventKind {
    /// Every kind, in the order of its tokens.
    pub(super) const ALL: [EventKind; 6] = [
        EventKind::Note,
        EventKind::PatchChange,
        EventKind::ControlChange,
        EventKind::SetTempo,
        EventKind::TimeSignature,
        EventKind::KeySignature,
    ];
}

/// One event. `beats` counts from the whole beat of the event before, `sixteenths` (0..16) from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "MIDI's own names; beats and sixteenths are told above")]
pub enum Event {
    /// `duration` in sixteenths of a beat, 0..2048.
    Note { beats: u16, sixteenths: u16, track: u16, channel: u16, pitch: u16, velocity: u16, duration: u16 },
    /// `patch` 0..128.
    PatchChange { beats: u16, sixteenths: u16, track: u16, channel: u16, patch: u16 },
    /// `controller` and `value` 0..128.
    ControlChange { beats: u16, sixteenths: u16, track: u16, channel: u16, controller: u16, value: u16 },
    /// `bpm` 0..256, or 0..384 in version 2.
    SetTempo { beats: u16, sixteenths: u16, track: u16, bpm: u16 },
    /// `numerator` is the upper number less one; `denominator` the lower one's power of two less one: 3/4 is 2, 1.
    TimeSignature { beats: u16, sixteenths: u16, track: u16, numerator: u16, denominator: u16 },
    /// `sharps` is 7 for none, less for flats; `mode` is 0 for major, 1 for minor.
    KeySignature { beats: u16, sixteenths: u16, track: u16, sharps: u16, mode: u16 },
}

/// The field of an event that holds a parameter, borrowed as the event is.
macro_rules! field {
    ($event:expr, $parameter:expr) => {
        match ($event, $parameter) {
            (
                Event::Note { beats, .. }
                | Event::PatchChange { beats, .. }
                | Event::ControlChange { beats, .. }
                | Event::SetTempo { beats, .. }
                | Event::TimeSignature { beats, .. }
                | Event::KeySignature { beats, .. },
                P::Beats,
            ) => Some(beats),
            (
                Event::Note { sixteenths, .. }
                | Event::PatchChange { sixteenths, .. }
                | Event::ControlChange { sixteenths, .. }
                | Event::SetTempo { sixteenths, .. }
                | Event::TimeSignature { sixteenths, .. }
                | Event::KeySignature { sixteenths, .. },
                P::Sixteenths,
            ) => Some(sixteenths),
            (
                Event::Note { track, .. }
                | Event::PatchChange { track, .. }
                | Event::ControlChange { track, .. }
                | Event::SetTempo { track, .. }
                | Event::TimeSignature { track, .. }
                | Event::KeySignature { track, .. },
                P::Track,
            ) => Some(track),
            (
                Event::Note { channel, .. } | Event::PatchChange { channel, .. } | Event::ControlChange { channel, .. },
                P::Channel,
            ) => Some(channel),
            (Event::Note { duration, .. }, P::Duration) => Some(duration),
            (Event::Note { pitch, .. }, P::Pitch) => Some(pitch),
            (Event::Note { velocity, .. }, P::Velocity) => Some(velocity),
            (Event::PatchChange { patch, .. }, P::Patch) => Some(patch),
            (Event::ControlChange { controller, .. }, P::Controller) => Some(controller),
            (Event::ControlChange { value, .. }, P::Value) => Some(value),
            (Event::SetTempo { bpm, .. }, P::Bpm) => Some(bpm),
            (Event::TimeSignature { numerator, .. }, P::Numerator) => Some(numerator),
            (Event::TimeSignature { denominator, .. }, P::Denominator) => Some(denominator),
            (Event::KeySignature { sharps, .. }, P::Sharps) => Some(sharps),
            (Event::KeySignature { mode, .. }, P::Mode) => Some(mode),
            _ => None,
        }
    };
}

impl Event {
    /// An event of a kind with every value 0.
    pub(super) fn new(kind: EventKind) -> Self {
        let (beats, sixteenths, track, channel) = (0, 0, 0, 0);
        match kind {
            EventKind::Note => Event::Note { beats, sixteenths, track, channel, pitch: 0, velocity: 0, duration: 0 },
            EventKind::PatchChange => Event::PatchChange { beats, sixteenths, track, channel, patch: 0 },
            EventKind::ControlChange => {
                Event::ControlChange { beats, sixteenths, track, channel, controller: 0, value: 0 }
            }
            EventKind::SetTempo => Event::SetTempo { beats, sixteenths, track, bpm: 0 },
            EventKind::TimeSignature => Event::TimeSignature { beats, sixteenths, track, numerator: 0, denominator: 0 },
            EventKind::KeySignature => Event::KeySignature { beats, sixteenths, track, sharps: 0, mode: 0 },
        }
    }

    /// What it is.
    pub fn kind(&self) -> EventKind {
        match self {
            Event::Note { .. } => EventKind::Note,
            Event::PatchChange { .. } => EventKind::PatchChange,
            Event::ControlChange { .. } => EventKind::ControlChange,
            Event::SetTempo { .. } => EventKind::SetTempo,
            Event::TimeSignature { .. } => EventKind::TimeSignature,
            Event::KeySignature { .. } => EventKind::KeySignature,
        }
    }

    /// Whole beats since the event before, and sixteenths of a beat from there.
    pub fn step(&self) -> (u16, u16) {
        let value = |parameter| self.value(parameter).unwrap_or(0);
        (value(P::Beats), value(P::Sixteenths))
    }

    pub(super) fn value(&self, parameter: P) -> Option<u16> {
        field!(self, parameter).copied()
    }

    /// Sets a parameter that an event of this kind has.
    pub(super) fn set(&mut self, parameter: P, value: u16) {
        if let Some(field) = field!(self, parameter) {
            *field = value;
        }
    }
}

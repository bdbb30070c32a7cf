//! The tokens of events: what each number stands for, in both versions that models were trained with.
//!
//! Source: the tables of SkyTNT's midi-model (`midi_tokenizer.py`). A row of eight tokens is one event: its kind, then
//! its parameters, then padding. Times count from the event before: whole beats, then sixteenths of a beat.
use super::event::{Event, EventKind};

/// Tokens of one event.
pub(super) const ROW: usize = 8;
/// What stands where nothing is.
pub(super) const PAD: i64 = 0;
/// Begins a piece.
pub(super) const BOS: i64 = 1;
/// Ends a piece.
pub(super) const EOS: i64 = 2;

/// One event in tokens.
pub type Row = [i64; ROW];

/// Which tokenizer a model was trained with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Without time and key signatures.
    V1,
    /// With both.
    V2,
}

/// What a token behind the kind says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    /// Beats since the event before.
    Beats,
    /// Sixteenths of a beat, from the beat's start.
    Sixteenths,
    /// Length of a note in sixteenths of a beat.
    Duration,
    Track,
    Channel,
    Pitch,
    Velocity,
    Patch,
    Controller,
    Value,
    Bpm,
    /// Upper number of the meter, less one.
    Numerator,
    /// Lower number of the meter as a power of two, less one.
    Denominator,
    /// Sharps, or flats below, plus seven.
    Sharps,
    /// 0 major, 1 minor.
    Mode,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Version::V1 => "v1",
            Version::V2 => "v2",
        })
    }
}

use Parameter as P;

impl Version {
    /// Every kind, in the order of the tokens from 3 on.
    pub(super) fn kinds(self) -> &'static [EventKind] {
        match self {
            Version::V1 => &EventKind::ALL[..4],
            Version::V2 => &EventKind::ALL,
        }
    }

    /// Every parameter and how many values it has, in the order of the tokens behind the kinds.
    fn ranges(self) -> &'static [(P, usize)] {
        const V2: [(P, usize); 15] = [
            (P::Beats, 128),
            (P::Sixteenths, 16),
            (P::Duration, 2048),
            (P::Track, 128),
            (P::Channel, 16),
            (P::Pitch, 128),
            (P::Velocity, 128),
            (P::Patch, 128),
            (P::Controller, 128),
            (P::Value, 128),
            (P::Bpm, 384),
            (P::Numerator, 16),
            (P::Denominator, 4),
            (P::Sharps, 15),
            (P::Mode, 2),
        ];
        const V1: [(P, usize); 11] =
            [V2[0], V2[1], V2[2], V2[3], V2[4], V2[5], V2[6], V2[7], V2[8], V2[9], (P::Bpm, 256)];
        match self {
            Version::V1 => &V1,
            Version::V2 => &V2,
        }
    }

    /// What follows the kind.
    pub(super) fn parameters(self, kind: EventKind) -> &'static [P] {
        match (kind, self) {
            (EventKind::Note, Version::V1) => {
                &[P::Beats, P::Sixteenths, P::Track, P::Duration, P::Channel, P::Pitch, P::Velocity]
            }
            (EventKind::Note, Version::V2) => {
                &[P::Beats, P::Sixteenths, P::Track, P::Channel, P::Pitch, P::Velocity, P::Duration]
            }
            (EventKind::PatchChange, _) => &[P::Beats, P::Sixteenths, P::Track, P::Channel, P::Patch],
            (EventKind::ControlChange, _) => &[P::Beats, P::Sixteenths, P::Track, P::Channel, P::Controller, P::Value],
            (EventKind::SetTempo, _) => &[P::Beats, P::Sixteenths, P::Track, P::Bpm],
            (EventKind::TimeSignature, _) => &[P::Beats, P::Sixteenths, P::Track, P::Numerator, P::Denominator],
            (EventKind::KeySignature, _) => &[P::Beats, P::Sixteenths, P::Track, P::Sharps, P::Mode],
        }
    }

    /// How many tokens there are.
    pub(super) fn vocab_size(self) -> usize {
        3 + self.kinds().len() + self.ranges().iter().map(|(_, size)| size).sum::<usize>()
    }

    /// The token of a kind; `None` for one that this version lacks.
    pub(super) fn kind_token(self, kind: EventKind) -> Option<usize> {
        self.kinds().iter().position(|known| *known == kind).map(|place| 3 + place)
    }

    /// The kind of a row's first token; `None` for the end and for what begins no event.
    pub(super) fn kind_of(self, token: i64) -> Option<EventKind> {
        let place = usize::try_from(token).ok()?.checked_sub(3)?;
        self.kinds().get(place).copied()
    }

    /// The tokens of a parameter's values, from its value 0 on; empty for one that this version lacks.
    pub(super) fn tokens_of(self, parameter: P) -> std::ops::Range<usize> {
        let mut start = 3 + self.kinds().len();
        for (known, size) in self.ranges() {
            if *known == parameter {
                return start..start + size;
            }
            start += size;
        }
        0..0
    }

    /// An event as the model reads it; `None` where this version has no token for its kind or for one of its values.
    pub fn encode(self, event: &Event) -> Option<Row> {
        let mut row = [PAD; ROW];
        row[0] = self.kind_token(event.kind())? as i64;
        for (slot, parameter) in row[1..].iter_mut().zip(self.parameters(event.kind())) {
            let tokens = self.tokens_of(*parameter);
            let value = usize::from(event.value(*parameter)?);
            *slot = (value < tokens.len()).then(|| (tokens.start + value) as i64)?;
        }
        Some(row)
    }

    /// The event of a row; `None` for beginnings, ends and rows that no model of this version writes.
    pub fn decode(self, row: &Row) -> Option<Event> {
        let kind = self.kind_of(row[0])?;
        let mut event = Event::new(kind);
        for (token, parameter) in row[1..].iter().zip(self.parameters(kind)) {
            let tokens = self.tokens_of(*parameter);
            let token = usize::try_from(*token).ok().filter(|token| tokens.contains(token))?;
            event.set(*parameter, (token - tokens.start) as u16);
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_are_where_the_published_tables_have_them() {
        let ends = |version: Version, parameter| {
            let tokens = version.tokens_of(parameter);
            (tokens.start, tokens.end - 1)
        };
        assert_eq!((Version::V1.vocab_size(), Version::V2.vocab_size()), (3239, 3406));
        assert_eq!(ends(Version::V1, P::Duration), (151, 2198));
        assert_eq!(ends(Version::V1, P::Bpm), (2983, 3238));
        assert_eq!(ends(Version::V2, P::Channel), (2329, 2344));
        assert_eq!(ends(Version::V2, P::Bpm), (2985, 3368));
        assert_eq!(ends(Version::V2, P::Mode), (3404, 3405));
        assert_eq!(Version::V1.tokens_of(P::Mode), 0..0);
        assert_eq!(Version::V2.kind_of(8), Some(EventKind::KeySignature));
        assert_eq!((Version::V1.kind_of(7), Version::V2.kind_of(EOS)), (None, None));
    }

    #[test]
    fn what_has_no_token_is_not_written() {
        let tempo = |bpm| Event::SetTempo { beats: 0, sixteenths: 0, track: 0, bpm };
        assert_eq!(Version::V1.encode(&tempo(256)), None);
        assert!(Version::V2.encode(&tempo(256)).is_some());
        let meter = Event::TimeSignature { beats: 0, sixteenths: 0, track: 0, numerator: 3, denominator: 1 };
        assert_eq!(Version::V1.encode(&meter), None);
        // A pitch where the track belongs.
        let mut row = Version::V2.encode(&tempo(97)).unwrap();
        row[3] = 2345;
        assert_eq!(Version::V2.decode(&row), None);
        assert_eq!(Version::V2.decode(&[BOS, PAD, PAD, PAD, PAD, PAD, PAD, PAD]), None);
    }
}

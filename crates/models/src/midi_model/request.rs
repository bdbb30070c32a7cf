//! What is asked of a midi-model.
use super::event::Event;
use super::vocab::{BOS, PAD, Row, Version};
use crate::ModelError;
use take::{Meter, PitchClass};

/// Percussion by General MIDI.
pub const DRUM_CHANNEL: u8 = 9;
/// Channels that are left for instruments.
const MAX_PROGRAMS: usize = 15;
/// The longest piece in beats: 32 bars of 32/1 are more than any model can remember.
const MAX_BEATS: f64 = 4096.0;

/// A key as a signature knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySignature {
    /// Tonic.
    pub tonic: PitchClass,
    /// Minor, or major.
    pub is_minor: bool,
}

/// A piece to make.
#[derive(Debug, Clone, PartialEq)]
pub struct MidiModelRequest {
    /// Length in quarter notes, more than 0.0: bars times the beats of one. Where the model's next event lies at or past
    /// it, the piece is done.
    pub num_beats: f64,
    /// Told to models of version 2, up to 16 over 2, 4, 8 or 16.
    pub meter: Option<Meter>,
    /// Told to models of version 2.
    pub key: Option<KeySignature>,
    /// Quarter notes a minute; rounded, and held within what the model has words for (255, or 383).
    pub bpm: f64,
    /// General MIDI programs, 0..=127, at most 15: the first is on channel 0, the tenth on channel 10. With any of these
    /// or a drum kit, the model plays nothing else.
    pub programs: Vec<u8>,
    /// The kit on channel 9 as a program number; 0 is the standard kit.
    pub drum_kit: Option<u8>,
    /// Seed of every draw.
    pub seed: u64,
    /// 0.0..=10.0; default 1.0. Lower is tamer, 0.0 always takes the likeliest token.
    pub temperature: f32,
    /// 0.0..=1.0; default 0.94, as the model's authors have it.
    pub top_p: f32,
    /// Draws from so many of the likeliest tokens; default 20, 0 is all.
    pub top_k: usize,
    /// Lets the model end before `num_beats`; by default it goes on, as a loop does.
    pub may_end_early: bool,
    /// Lets the model write moves of controllers, which are heard in no [`super::MidiModelNote`]. Off by default: they
    /// only take time.
    pub may_move_controllers: bool,
    /// The most events that are written; by default as many as the model can remember.
    pub max_events: Option<usize>,
}

impl MidiModelRequest {
    /// A piece with any instruments and the dials of the model's authors.
    pub fn new(num_beats: f64, bpm: f64, seed: u64) -> Self {
        Self {
            num_beats,
            meter: None,
            key: None,
            bpm,
            programs: Vec::new(),
            drum_kit: None,
            seed,
            temperature: 1.0,
            top_p: 0.94,
            top_k: 20,
            may_end_early: false,
            may_move_controllers: false,
            max_events: None,
        }
    }

    /// The channel of each instrument with its program: those of `programs` in order, then the drums.
    pub fn patches(&self) -> Vec<(u8, u8)> {
        let channels = (0..16).filter(|channel| *channel != DRUM_CHANNEL);
        let drums = self.drum_kit.map(|kit| (DRUM_CHANNEL, kit));
        channels.zip(self.programs.iter().copied()).chain(drums).collect()
    }

    /// # Errors
    /// `Input` with the value that is out of range.
    pub(super) fn check(&self) -> Result<(), ModelError> {
        let refused = |reason: String| Err(ModelError::Input { reason });
        let Self { num_beats, bpm, temperature, top_p, .. } = *self;
        if !(num_beats > 0.0 && num_beats <= MAX_BEATS) {
            return refused(format!("a midi-model cannot make {num_beats} beats"));
        }
        if !(bpm.is_finite() && bpm > 0.0) {
            return refused(format!("a midi-model cannot play at {bpm} BPM"));
        }
        if self.programs.len() > MAX_PROGRAMS {
            return refused(format!("{} instruments are more than {MAX_PROGRAMS}", self.programs.len()));
        }
        if let Some((_, program)) = self.patches().into_iter().find(|(_, program)| *program > 127) {
            return refused(format!("program {program} is outside 0 to 127"));
        }
        if !(0.0..=10.0).contains(&temperature) {
            return refused(format!("temperature {temperature} is outside 0 to 10"));
        }
        if !(0.0..=1.0).contains(&top_p) {
            return refused(format!("top-p {top_p} is outside 0 to 1"));
        }
        Ok(())
    }

    /// The events that the model goes on from: a beginning, meter, key, tempo, instruments. What its version has no words
    /// for is left out.
    pub(super) fn prompt(&self, version: Version) -> Vec<Row> {
        let (beats, sixteenths, track) = (0, 0, 0);
        let meter = self.meter.filter(|meter| meter.denominator() > 1).map(|meter| Event::TimeSignature {
            beats,
            sixteenths,
            track,
            numerator: u16::from(meter.numerator()) - 1,
            denominator: meter.denominator().trailing_zeros() as u16 - 1,
        });
        let key = self.key.map(|key| Event::KeySignature {
            beats,
            sixteenths,
            track,
            sharps: sharps(key),
            mode: u16::from(key.is_minor),
        });
        let most = version.tokens_of(super::vocab::Parameter::Bpm).len() - 1;
        let bpm = self.bpm.round().clamp(1.0, most as f64) as u16;
        let tempo = Event::SetTempo { beats, sixteenths, track, bpm };
        let patches = self.patches().into_iter().zip(1..).map(|((channel, program), track)| Event::PatchChange {
            beats,
            sixteenths,
            track,
            channel: u16::from(channel),
            patch: u16::from(program),
        });
        let mut bos = [PAD; super::vocab::ROW];
        bos[0] = BOS;
        let events = meter.into_iter().chain(key).chain([tempo]).chain(patches);
        std::iter::once(bos).chain(events.filter_map(|event| version.encode(&event))).collect()
    }
}

/// Sharps plus seven, by the circle of fifths; keys of many sharps are written with flats, as the model's authors do.
fn sharps(key: KeySignature) -> u16 {
    let major_tonic = key.tonic.get() + if key.is_minor { 3 } else { 0 };
    let fifths = i32::from(major_tonic) * 7 % 12;
    let is_flat = fifths > 6 || key.is_minor && fifths >= 5;
    (fifths - if is_flat { 12 } else { 0 } + 7) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_signatures_of_the_circle_of_fifths() {
        let sharps =
            |tonic, is_minor| i32::from(super::sharps(KeySignature { tonic: PitchClass::new(tonic), is_minor })) - 7;
        // C, G, D, F, B flat, E flat, A flat, F sharp major.
        assert_eq!([0, 7, 2, 5, 10, 3, 8, 6].map(|tonic| sharps(tonic, false)), [0, 1, 2, -1, -2, -3, -4, 6]);
        // A, E, G, C, F, F sharp minor.
        assert_eq!([9, 4, 7, 0, 5, 6].map(|tonic| sharps(tonic, true)), [0, 1, -2, -3, -4, 3]);
    }

    #[test]
    fn drums_keep_their_channel() {
        let request = MidiModelRequest {
            programs: (0..15).collect(),
            drum_kit: Some(8),
            ..MidiModelRequest::new(16.0, 120.0, 1)
        };
        let patches = request.patches();
        assert_eq!((patches[8], patches[9], patches[14], patches[15]), ((8, 8), (10, 9), (15, 14), (9, 8)));
        assert!(request.check().is_ok());
    }

    #[test]
    fn what_cannot_be_made_is_refused_with_the_value() {
        let request = MidiModelRequest::new(16.0, 120.0, 1);
        let error = |request: MidiModelRequest| request.check().unwrap_err().to_string();
        assert!(error(MidiModelRequest { num_beats: f64::NAN, ..request.clone() }).contains("NaN beats"));
        assert!(error(MidiModelRequest { programs: vec![128], ..request.clone() }).contains("program 128"));
        assert!(error(MidiModelRequest { programs: vec![0; 16], ..request.clone() }).contains("16 instruments"));
        assert!(error(MidiModelRequest { top_p: 1.1, ..request.clone() }).contains("top-p 1.1"));
        assert!(error(MidiModelRequest { temperature: -1.0, ..request }).contains("temperature -1"));
    }

    #[test]
    fn a_tempo_beyond_its_words_is_the_fastest_it_knows() {
        let request = MidiModelRequest::new(4.0, 300.4, 1);
        let tempo = |version: Version| version.decode(request.prompt(version).last().unwrap());
        let at = |bpm| Some(Event::SetTempo { beats: 0, sixteenths: 0, track: 0, bpm });
        assert_eq!((tempo(Version::V1), tempo(Version::V2)), (at(255), at(300)));
    }
}

//! The channels that a part is played on.
use super::seven_bits;
use midly::num::{u4, u7, u14};
use midly::{MidiMessage, PitchBend, TrackEventKind};
use take::{Tuning, pitch_bend};

/// Full bend of a member channel of an MPE zone, in semitones (MIDI Polyphonic Expression 1.0, 2.4).
const MPE_RANGE: u8 = 48;
/// Full bend where nothing else is said (General MIDI).
const GM_RANGE: u8 = 2;
/// Registered parameters: sensitivity of the pitch bend, and the MPE configuration message.
const RPN_BEND_RANGE: u8 = 0;
const RPN_MPE: u8 = 6;
/// Controllers that name a registered parameter and set it.
const RPN_MSB: u8 = 101;
const RPN_LSB: u8 = 100;
const DATA_MSB: u8 = 6;
const DATA_LSB: u8 = 38;

/// A channel for each of a part's bends.
#[derive(Debug, Clone, PartialEq)]
pub struct Desk {
    /// What each key is bent by.
    pub tuning: Tuning,
    /// Cents and channel 0..=15, the tempered keys first.
    pub lanes: Vec<(f32, u8)>,
    /// The channels are members of a lower zone whose manager is channel 0.
    pub is_mpe: bool,
}

impl Desk {
    /// What a track begins with: zone, program and bend of every channel.
    pub fn set_up(&self, program: u8) -> Vec<TrackEventKind<'static>> {
        let mut events = Vec::new();
        if self.is_mpe {
            events.extend(registered(0, RPN_MPE, self.lanes.len() as u8));
        }
        let (is_bent, range) = (self.lanes.len() > 1, if self.is_mpe { MPE_RANGE } else { GM_RANGE });
        for &(cents, channel) in &self.lanes {
            // Players that know General MIDI ignore it on the drum channel or pick a kit by it: 0 is the standard kit.
            events.push(midi(channel, MidiMessage::ProgramChange { program: seven_bits(program) }));
            if is_bent {
                events.extend(registered(channel, RPN_BEND_RANGE, range));
                let bend = PitchBend(u14::new(pitch_bend(f64::from(cents), range)));
                events.push(midi(channel, MidiMessage::PitchBend { bend }));
            }
        }
        events
    }

    /// A note on or off on the channel that has its key's bend.
    pub fn on_its_channel(&self, message: MidiMessage) -> TrackEventKind<'static> {
        let cents = match message {
            MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => self.tuning.bend_cents(key.as_int()),
            _ => 0.0,
        };
        let lane = self.lanes.iter().find(|(bend, _)| *bend == cents).or(self.lanes.first());
        midi(lane.map_or(0, |(_, channel)| *channel), message)
    }
}

fn midi(channel: u8, message: MidiMessage) -> TrackEventKind<'static> {
    TrackEventKind::Midi { channel: u4::from_int_lossy(channel), message }
}

/// Sets a registered parameter.
fn registered(channel: u8, number: u8, value: u8) -> impl Iterator<Item = TrackEventKind<'static>> {
    let settings = [(RPN_MSB, 0), (RPN_LSB, number), (DATA_MSB, value), (DATA_LSB, 0)];
    settings.into_iter().map(move |(controller, value)| {
        midi(channel, MidiMessage::Controller { controller: u7::new(controller), value: seven_bits(value) })
    })
}

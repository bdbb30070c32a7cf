//! From events to notes.
use super::event::Event;
use std::collections::HashMap;

/// Sixteenths of a beat, the grid that all times lie on.
const STEPS_PER_BEAT: u64 = 16;

/// A note that the model has written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MidiModelNote {
    /// MIDI channel 0..=15; 9 is drums.
    pub channel: u8,
    /// General MIDI program of the channel when it begins, 0..=127.
    pub program: u8,
    /// Onset in beats from the start of the piece, on a grid of 1/16 beat.
    pub start_beats: f64,
    /// Length in beats, more than 0.0.
    pub duration_beats: f64,
    /// MIDI note number 0..=127.
    pub key: u8,
    /// MIDI velocity 1..=127.
    pub velocity: u8,
}

/// Where an event lies, in sixteenths of a beat from the start. Beats add up; sixteenths start again with every event.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    beats: u64,
}

impl Clock {
    pub(super) fn advance(&mut self, event: &Event) -> u64 {
        let (beats, sixteenths) = event.step();
        self.beats += u64::from(beats);
        self.beats * STEPS_PER_BEAT + u64::from(sixteenths)
    }
}

/// A note on the grid.
struct Raw {
    track: u16,
    note: MidiModelNote,
    start: u64,
    duration: u64,
}

/// All notes of a piece in the order of their starts. A note ends where the next one on its track, channel and key
/// begins; what is left without a length, and notes of velocity 0, are none.
pub fn notes_of(events: &[Event]) -> Vec<MidiModelNote> {
    let mut clock = Clock::default();
    let mut programs = [0_u8; 16];
    let mut raws = Vec::new();
    for event in events {
        let start = clock.advance(event);
        match *event {
            Event::PatchChange { channel, patch, .. } => programs[usize::from(channel & 15)] = patch as u8,
            Event::Note { track, channel, pitch, velocity, duration, .. } => {
                let (channel, program) = (channel as u8, programs[usize::from(channel & 15)]);
                let (start_beats, duration_beats) = (in_beats(start), 0.0);
                let (key, velocity) = (pitch as u8, velocity as u8);
                let note = MidiModelNote { channel, program, start_beats, duration_beats, key, velocity };
                raws.push(Raw { track, note, start, duration: u64::from(duration) });
            }
            _ => {}
        }
    }
    // Stable: of notes that begin together the one written last is kept.
    raws.sort_by_key(|raw| raw.start);
    cut_overlaps(&mut raws);
    let is_heard = |raw: &Raw| raw.duration > 0 && raw.note.velocity > 0;
    let finished = raws.into_iter().filter(is_heard);
    finished.map(|raw| MidiModelNote { duration_beats: in_beats(raw.duration), ..raw.note }).collect()
}

fn in_beats(steps: u64) -> f64 {
    steps as f64 / STEPS_PER_BEAT as f64
}

fn cut_overlaps(raws: &mut [Raw]) {
    let mut next_starts = HashMap::new();
    for raw in raws.iter_mut().rev() {
        let next = next_starts.insert((raw.track, raw.note.channel, raw.note.key), raw.start);
        raw.duration = next.map_or(raw.duration, |next| raw.duration.min(next - raw.start));
    }
}

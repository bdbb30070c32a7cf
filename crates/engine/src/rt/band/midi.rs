//! Room: RT
//! The MIDI output: every note that was started is ended, whatever happens.
use crate::{MidiOut, OpenNotes};
use take::LiveNote;

/// Events of one process call. A chord of the whole band is some thirty; the rest is room for a storm.
const MAX_EVENTS: usize = 1024;
/// Notes that wait for their end.
const MAX_HELD: usize = 256;

/// A note that is on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Held {
    note: LiveNote,
    end: f64,
}

/// Collects the events of a process call.
#[derive(Debug)]
pub(super) struct Midi {
    events: Box<[MidiOut; MAX_EVENTS]>,
    num_events: usize,
    held: Box<[Option<Held>; MAX_HELD]>,
    open: OpenNotes,
    /// Notes that somebody else has left on.
    inherited: OpenNotes,
}

impl Midi {
    pub(super) fn new() -> Self {
        Self {
            events: Box::new([MidiOut::default(); MAX_EVENTS]),
            num_events: 0,
            held: Box::new([None; MAX_HELD]),
            open: OpenNotes::default(),
            inherited: OpenNotes::default(),
        }
    }

    /// Starts a process call.
    pub(super) fn begin(&mut self) {
        self.num_events = 0;
        let inherited = std::mem::take(&mut self.inherited);
        self.end_keys(inherited, 0);
    }

    /// The events of this call, by frame; at one frame ends come before starts.
    pub(super) fn events(&self) -> &[MidiOut] {
        self.events.get(..self.num_events).unwrap_or_default()
    }

    pub(super) fn open(&self) -> OpenNotes {
        let mut open = self.open;
        open.0.iter_mut().zip(self.inherited.0).for_each(|(open, inherited)| *open |= inherited);
        open
    }

    /// Takes over notes that an earlier engine has left on, and ends them when the next call starts.
    pub(super) fn inherit(&mut self, others: OpenNotes) {
        for (mine, theirs) in self.inherited.0.iter_mut().zip(others.0) {
            *mine |= theirs;
        }
    }

    /// Starts a note, if there is room for its start and for its end.
    pub(super) fn start(&mut self, note: &LiveNote, frame: u32) {
        let (channel, key) = (note.channel & 15, note.key & 127);
        if self.is_open(channel, key) {
            self.end_key(channel, key, frame);
        }
        // Half of the room is kept for ends: a start that cannot be ended is not made.
        if self.num_events >= MAX_EVENTS / 2 {
            return;
        }
        let Some(slot) = self.held.iter_mut().find(|slot| slot.is_none()) else { return };
        *slot = Some(Held { note: *note, end: note.end });
        self.set_open(channel, key, true);
        let velocity = note.velocity.clamp(1, 127);
        self.push(MidiOut { frame, channel, key, velocity, bend_cents: note.bend_cents });
    }

    /// Ends what is due. `frame_of` turns a beat into a frame of the block, `before` is the first beat not yet reached.
    pub(super) fn end_due(&mut self, before: f64, frame_of: impl Fn(f64) -> u32) {
        for index in 0..MAX_HELD {
            let Some(held) = self.held.get(index).copied().flatten() else { continue };
            if held.end < before {
                self.end_at(index, frame_of(held.end));
            }
        }
    }

    /// Notes of a part that began before `beat` end there at the latest.
    pub(super) fn cut(&mut self, part: take::PartKind, beat: f64) {
        for held in self.held.iter_mut().flatten() {
            if held.note.part == part && held.note.start < beat {
                held.end = held.end.min(beat);
            }
        }
    }

    /// Ends everything that is on.
    pub(super) fn close_all(&mut self, frame: u32) {
        self.held.fill(None);
        let open = std::mem::take(&mut self.open);
        self.end_keys(open, frame);
    }

    fn end_keys(&mut self, notes: OpenNotes, frame: u32) {
        for (channel, mut keys) in (0..16u8).zip(notes.0) {
            while keys != 0 {
                let key = keys.trailing_zeros() as u8;
                if self.num_events >= MAX_EVENTS {
                    // The next block ends the rest.
                    self.inherited.add(channel, key);
                } else {
                    self.push(MidiOut { frame, channel, key, velocity: 0, bend_cents: 0.0 });
                }
                keys &= keys - 1;
            }
        }
    }

    fn end_key(&mut self, channel: u8, key: u8, frame: u32) {
        let is_it = |held: &Held| held.note.channel & 15 == channel && held.note.key & 127 == key;
        if let Some(index) = self.held.iter().position(|held| held.as_ref().is_some_and(is_it)) {
            self.end_at(index, frame);
        }
    }

    fn end_at(&mut self, index: usize, frame: u32) {
        if self.num_events >= MAX_EVENTS {
            // The next block ends it.
            return;
        }
        let Some(held) = self.held.get_mut(index).and_then(Option::take) else { return };
        let (channel, key) = (held.note.channel & 15, held.note.key & 127);
        self.set_open(channel, key, false);
        self.push(MidiOut { frame, channel, key, velocity: 0, bend_cents: 0.0 });
    }

    fn is_open(&self, channel: u8, key: u8) -> bool {
        self.open.0.get(usize::from(channel)).is_some_and(|keys| keys >> key & 1 == 1)
    }

    fn set_open(&mut self, channel: u8, key: u8, is_open: bool) {
        if let Some(keys) = self.open.0.get_mut(usize::from(channel)) {
            *keys = if is_open { *keys | 1 << key } else { *keys & !(1 << key) };
        }
    }

    /// Keeps the events in order, ends before starts. Only the last few are ever out of it.
    fn push(&mut self, event: MidiOut) {
        let Some(slot) = self.events.get_mut(self.num_events) else { return };
        *slot = event;
        self.num_events += 1;
        let mut index = self.num_events - 1;
        while index > 0 && self.events.get(index - 1).is_some_and(|before| belongs_behind(before, &event)) {
            self.events.swap(index - 1, index);
            index -= 1;
        }
    }
}

/// An event that is already there comes after a new one. The end of a note shorter than a frame stays behind its start.
fn belongs_behind(there: &MidiOut, new: &MidiOut) -> bool {
    let is_own_start = (there.channel, there.key) == (new.channel, new.key);
    there.frame > new.frame || (there.frame == new.frame && there.velocity > 0 && new.velocity == 0 && !is_own_start)
}

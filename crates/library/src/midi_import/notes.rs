//! Ons and offs to notes.
use std::collections::VecDeque;

/// A note in ticks; `end` is `None` until something ended it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawNote {
    pub start: u64,
    pub end: Option<u64>,
    pub key: u8,
    pub velocity: u8,
    /// When the same key of the same channel starts again, for notes that nothing ends.
    pub next_on: Option<u64>,
}

/// Notes of a channel and program within a track.
#[derive(Debug, Clone, PartialEq)]
pub struct RawPart {
    pub channel: u8,
    /// `None` where the track sets none.
    pub program: Option<u8>,
    pub notes: Vec<RawNote>,
}

/// A sounding note: its part and its place there.
type Place = (usize, usize);

const NUM_CHANNELS: usize = 16;
const NUM_KEYS: usize = 128;

/// Pairs the ons and offs of a track. An off ends the oldest sounding note of its key, so that a key struck again
/// before it is let go keeps both its lengths. A pedal holds what is let go until it comes up or the key is struck
/// again.
#[derive(Debug)]
pub struct Pairing {
    pub parts: Vec<RawPart>,
    programs: [Option<u8>; NUM_CHANNELS],
    /// Part that a channel's notes go to; `None` after a program change.
    current: [Option<usize>; NUM_CHANNELS],
    /// By channel and key.
    sounding: Vec<VecDeque<Place>>,
    num_sounding: [usize; NUM_CHANNELS],
    is_pedal_down: [bool; NUM_CHANNELS],
    /// Notes that only the pedal holds, one for each channel and key.
    on_pedal: Vec<Option<Place>>,
    num_on_pedal: [usize; NUM_CHANNELS],
}

impl Pairing {
    pub fn new() -> Self {
        Self {
            parts: Vec::new(),
            programs: [None; NUM_CHANNELS],
            current: [None; NUM_CHANNELS],
            sounding: vec![VecDeque::new(); NUM_CHANNELS * NUM_KEYS],
            num_sounding: [0; NUM_CHANNELS],
            is_pedal_down: [false; NUM_CHANNELS],
            on_pedal: vec![None; NUM_CHANNELS * NUM_KEYS],
            num_on_pedal: [0; NUM_CHANNELS],
        }
    }

    pub fn note_on(&mut self, tick: u64, channel: u8, key: u8, velocity: u8) {
        let lane = usize::from(channel);
        let slot = lane * NUM_KEYS + usize::from(key);
        // A key struck again on the pedal is damped by its own hammer.
        self.take_off_pedal(tick, lane, slot);
        let part = self.part_of(channel);
        let notes = &mut self.parts[part].notes;
        notes.push(RawNote { start: tick, end: None, key, velocity, next_on: None });
        let place = (part, notes.len() - 1);
        if let Some(&(part, note)) = self.sounding[slot].back() {
            self.parts[part].notes[note].next_on = Some(tick);
        }
        self.sounding[slot].push_back(place);
        self.num_sounding[lane] += 1;
    }

    pub fn note_off(&mut self, tick: u64, channel: u8, key: u8) {
        let lane = usize::from(channel);
        let slot = lane * NUM_KEYS + usize::from(key);
        let Some((part, note)) = self.sounding[slot].pop_front() else { return };
        self.num_sounding[lane] -= 1;
        if self.is_pedal_down[lane] {
            self.take_off_pedal(tick, lane, slot);
            self.on_pedal[slot] = Some((part, note));
            self.num_on_pedal[lane] += 1;
        } else {
            self.parts[part].notes[note].end = Some(tick);
        }
    }

    fn take_off_pedal(&mut self, tick: u64, lane: usize, slot: usize) {
        if let Some((part, note)) = self.on_pedal[slot].take() {
            self.parts[part].notes[note].end = Some(tick);
            self.num_on_pedal[lane] -= 1;
        }
    }

    /// Sustain pedal, all sound off, all notes off (120, 123 and the mode messages after it, which imply it).
    pub fn controller(&mut self, tick: u64, channel: u8, controller: u8, value: u8) {
        let lane = usize::from(channel);
        match controller {
            64 => {
                self.is_pedal_down[lane] = value >= 64;
                if value < 64 {
                    self.release_pedal(tick, lane);
                }
            }
            120 | 123..=127 => self.end_all(tick, lane),
            _ => {}
        }
    }

    fn release_pedal(&mut self, tick: u64, lane: usize) {
        if self.num_on_pedal[lane] > 0 {
            (lane * NUM_KEYS..(lane + 1) * NUM_KEYS).for_each(|slot| self.take_off_pedal(tick, lane, slot));
        }
    }

    fn end_all(&mut self, tick: u64, lane: usize) {
        self.release_pedal(tick, lane);
        if self.num_sounding[lane] == 0 {
            return;
        }
        self.num_sounding[lane] = 0;
        for queue in &mut self.sounding[lane * NUM_KEYS..(lane + 1) * NUM_KEYS] {
            for (part, note) in queue.drain(..) {
                self.parts[part].notes[note].end = Some(tick);
            }
        }
    }

    pub fn program(&mut self, channel: u8, program: u8) {
        let lane = usize::from(channel);
        if self.programs[lane] != Some(program) {
            (self.programs[lane], self.current[lane]) = (Some(program), None);
        }
    }

    fn part_of(&mut self, channel: u8) -> usize {
        let lane = usize::from(channel);
        let program = self.programs[lane];
        let parts = &mut self.parts;
        *self.current[lane].get_or_insert_with(|| {
            let known = parts.iter().position(|part| part.channel == channel && part.program == program);
            known.unwrap_or_else(|| {
                parts.push(RawPart { channel, program, notes: Vec::new() });
                parts.len() - 1
            })
        })
    }

    /// Ends what still sounds at the track's `end`: a pedalled note there, a note without an off when its key starts
    /// again, `longest` ticks after its start or at the end, whatever comes first. Returns how many had no off.
    pub fn finish(&mut self, end: u64, longest: u64) -> usize {
        for lane in 0..NUM_CHANNELS {
            self.release_pedal(end, lane);
        }
        let mut num_open = 0;
        for note in self.parts.iter_mut().flat_map(|part| &mut part.notes).filter(|note| note.end.is_none()) {
            let latest = note.next_on.unwrap_or(end).min(end);
            note.end = Some(latest.min(note.start.saturating_add(longest)));
            num_open += 1;
        }
        num_open
    }
}

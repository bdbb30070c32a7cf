//! Rolling: blocks one after the other, with automation, notes and a recording of what came out.
use super::plugin::{Call, value_event};
use super::{Blocks, Playhead, Plugin, Song};
use anyhow::{Result, ensure};
use clack_host::events::Match;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;
use std::time::{Duration, Instant};

/// A parameter moved at a frame of the roll.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Frame of the roll, 0 = its first.
    pub frame: usize,
    /// Parameter by name.
    pub name: String,
    /// New value.
    pub value: f64,
}

/// A note at a frame of the roll.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoteAt {
    /// Frame of the roll.
    pub frame: usize,
    /// 0..=127.
    pub key: u8,
    /// 0.0..=1.0; 0.0 is a note-off.
    pub velocity: f64,
}

/// A note that came out of the plugin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SentNote {
    /// Frame of the recording.
    pub frame: usize,
    /// MIDI channel 0..=15.
    pub channel: u8,
    /// 0..=127.
    pub key: u8,
    /// 0.0..=1.0; 0.0 is a note-off.
    pub velocity: f64,
}

/// What to play.
#[derive(Debug, Clone)]
pub struct Roll<'a> {
    /// The host's song.
    pub song: &'a Song,
    /// Where it starts, in beats of the song.
    pub start_beats: f64,
    /// The transport rolls; else the host only calls `process`.
    pub is_playing: bool,
    /// How long.
    pub num_frames: usize,
    /// In which pieces.
    pub blocks: Blocks,
    /// Automation, sorted by frame.
    pub moves: Vec<Move>,
    /// Notes, sorted by frame.
    pub notes: Vec<NoteAt>,
    /// The audio input is noise at about -20 dB, else silence.
    pub has_input: bool,
}

/// What came out.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Every output bus, main first; channels; frames.
    pub buses: Vec<Vec<Vec<f32>>>,
    /// Frame of the song at which each block started, and its frame in the recording.
    pub blocks: Vec<(f64, usize)>,
    /// Notes the plugin sent.
    pub notes: Vec<SentNote>,
    /// Gestures that began, less those that ended.
    pub open_gestures: i32,
    /// Longest block as a share of its own length.
    pub worst_block: f64,
    /// Blocks that took longer than their own length.
    pub deadline_misses: usize,
    /// Time in the plugin.
    pub busy: Duration,
}

impl Recording {
    /// Left and right of the main bus.
    ///
    /// # Panics
    /// When the main bus is not stereo.
    pub fn main(&self) -> [&[f32]; 2] {
        [&self.buses[0][0], &self.buses[0][1]]
    }

    /// Puts what was recorded next behind this.
    pub fn append(&mut self, next: Recording) {
        let done = self.buses.first().and_then(|bus| bus.first()).map_or(0, Vec::len);
        for (kept, more) in self.buses.iter_mut().flatten().zip(next.buses.into_iter().flatten()) {
            kept.extend(more);
        }
        self.blocks.extend(next.blocks.into_iter().map(|(position, frame)| (position, frame + done)));
        self.notes.extend(next.notes.into_iter().map(|note| SentNote { frame: note.frame + done, ..note }));
        self.worst_block = self.worst_block.max(next.worst_block);
        self.deadline_misses += next.deadline_misses;
        self.busy += next.busy;
    }

    /// Largest absolute sample of the main bus.
    pub fn peak(&self) -> f32 {
        self.buses.first().into_iter().flatten().flatten().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// No sample of any bus is infinite or not a number.
    pub fn is_finite(&self) -> bool {
        self.buses.iter().flatten().flatten().all(|sample| sample.is_finite())
    }
}

impl<'a> Roll<'a> {
    /// `num_frames` from beat 0, rolling, in blocks of 512.
    pub fn new(song: &'a Song, num_frames: usize) -> Self {
        Self {
            song,
            start_beats: 0.0,
            is_playing: true,
            num_frames,
            blocks: Blocks::Fixed(512),
            moves: Vec::new(),
            notes: Vec::new(),
            has_input: false,
        }
    }

    /// From another place.
    pub fn from(self, start_beats: f64) -> Self {
        Self { start_beats, ..self }
    }

    /// In other pieces.
    pub fn in_blocks(self, blocks: Blocks) -> Self {
        Self { blocks, ..self }
    }

    /// With the transport at rest.
    pub fn stopped(self) -> Self {
        Self { is_playing: false, ..self }
    }

    /// With more notes.
    pub fn with_notes(mut self, notes: impl IntoIterator<Item = NoteAt>) -> Self {
        self.notes.extend(notes);
        self.notes.sort_by_key(|note| note.frame);
        self
    }

    /// With one more parameter move; keep them sorted.
    pub fn with_move(mut self, frame: usize, name: &str, value: f64) -> Self {
        self.moves.push(Move { frame, name: name.to_owned(), value });
        self
    }

    /// Plays it.
    ///
    /// # Errors
    /// When the instance is not active, a parameter does not exist, or the plugin reports an error.
    pub fn play(&self, plugin: &mut Plugin) -> Result<Recording> {
        let mut head = Playhead::at_beat(self.song, self.start_beats, f64::from(plugin.rate_hz));
        head.is_playing = self.is_playing;
        self.play_from(plugin, &mut head)
    }

    /// Plays it from where the playhead is, and leaves the playhead behind it.
    ///
    /// # Errors
    /// As [`Roll::play`].
    pub fn play_from(&self, plugin: &mut Plugin, head: &mut Playhead) -> Result<Recording> {
        let layout = plugin.layout()?;
        let max = self.blocks.max();
        let silence = |ports: &[super::Port]| -> Vec<Vec<Vec<f32>>> {
            ports.iter().map(|port| vec![vec![0.0; max]; port.num_channels]).collect()
        };
        let (mut inputs, mut outputs) = (silence(&layout.inputs), silence(&layout.outputs));
        let mut recording = Recording {
            buses: layout
                .outputs
                .iter()
                .map(|port| vec![Vec::with_capacity(self.num_frames); port.num_channels])
                .collect(),
            ..Recording::default()
        };
        let mut noise = 0x1234_5678_u32;
        let (mut done, mut sizes) = (0, self.blocks.sizes());
        while done < self.num_frames {
            let wanted = sizes.next().unwrap_or(1).min(self.num_frames - done);
            let num_frames = head.frames_to_jump(self.song).map_or(wanted, |left| wanted.min(left));
            if self.has_input {
                fill_with_noise(&mut inputs, &mut noise);
            }
            let events_in = self.events(plugin, done, num_frames)?;
            let mut events_out = EventBuffer::new();
            let start = Instant::now();
            plugin.process(Call {
                num_frames,
                inputs: &mut inputs,
                outputs: &mut outputs,
                events_in: &events_in,
                events_out: &mut events_out,
                transport: head.event(self.song),
            })?;
            recording.keep(&outputs, &events_out, head, num_frames, done, start.elapsed());
            head.advance(self.song, num_frames);
            done += num_frames;
            plugin.idle();
        }
        ensure!(recording.is_finite(), "the plugin put out a sample that is not a number");
        Ok(recording)
    }

    fn events(&self, plugin: &Plugin, from: usize, num_frames: usize) -> Result<EventBuffer> {
        let mut events = EventBuffer::new();
        let inside = |frame: usize| (from..from + num_frames).contains(&frame);
        for change in self.moves.iter().filter(|change| inside(change.frame)) {
            let id = plugin.param(&change.name)?.id;
            events.push(&value_event(id, (change.frame - from) as u32, change.value));
        }
        for note in self.notes.iter().filter(|note| inside(note.frame)) {
            let (offset, pckn) = ((note.frame - from) as u32, Pckn::new(0u16, 0u16, u16::from(note.key), 0u32));
            if note.velocity > 0.0 {
                events.push(&NoteOnEvent::new(offset, pckn, note.velocity));
            } else {
                events.push(&NoteOffEvent::new(offset, pckn, 0.0));
            }
        }
        events.sort();
        Ok(events)
    }
}

impl Recording {
    fn keep(
        &mut self,
        outputs: &[Vec<Vec<f32>>],
        events: &EventBuffer,
        head: &Playhead,
        num_frames: usize,
        done: usize,
        took: Duration,
    ) {
        for (kept, port) in self.buses.iter_mut().zip(outputs) {
            for (channel, block) in kept.iter_mut().zip(port) {
                channel.extend_from_slice(&block[..num_frames]);
            }
        }
        self.blocks.push((head.frame, done));
        for event in events.iter() {
            let frame = done + event.header().time() as usize;
            let core = event.as_core_event();
            self.open_gestures += match core {
                Some(CoreEventSpace::ParamGestureBegin(_)) => 1,
                Some(CoreEventSpace::ParamGestureEnd(_)) => -1,
                _ => 0,
            };
            let note = match core {
                Some(CoreEventSpace::NoteOn(note)) => Some((note.channel(), note.key(), note.velocity())),
                Some(CoreEventSpace::NoteOff(note)) => Some((note.channel(), note.key(), 0.0)),
                _ => None,
            };
            if let Some((Match::Specific(channel), Match::Specific(key), velocity)) = note {
                self.notes.push(SentNote { frame, channel: channel as u8, key: key as u8, velocity });
            }
        }
        let share = took.as_secs_f64() * head.rate / num_frames as f64;
        self.worst_block = self.worst_block.max(share);
        self.deadline_misses += usize::from(share > 1.0);
        self.busy += took;
    }
}

/// A small linear congruential generator (Numerical Recipes' constants): the same noise in every run.
fn fill_with_noise(ports: &mut [Vec<Vec<f32>>], seed: &mut u32) {
    for sample in ports.iter_mut().flatten().flatten() {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = (*seed as f32 / u32::MAX as f32 - 0.5) * 0.2;
    }
}

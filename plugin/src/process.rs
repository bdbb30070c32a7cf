//! Room: RT
//! One host block: presses to the studio, notes, dials and transport to the engine, sound to the buses, the band's
//! notes to the host.
//!
//! Prepared in `activate`. Nothing here allocates, locks or waits. Blocks longer than announced are rendered in
//! pieces; a bus the host left out is skipped; a block of no frames only hands on presses.
use crate::buttons::Buttons;
use crate::notes::HeldKeys;
use crate::params::ContinuoParams;
use crate::transport::{Bars, part_of};
use engine::{Engine, EngineParams, HostBlock, OpenNotes, Outputs};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{Buffer, NoteEvent};
use std::ops::Range;
use std::time::{Duration, Instant};
use studio::Press;

/// Loads are reported over at least this many frames, because the framework may cut a block into single frames.
const LOAD_FRAMES: usize = 64;

/// What the audio thread owns of an active plugin.
pub struct AudioRoom {
    engine: Engine,
    rate_hz: f64,
    max_frames: usize,
    /// Right channel of a mono layout, `max_frames` long.
    scratch: Vec<f32>,
    keys: HeldKeys,
    bars: Bars,
    measured: Measured,
}

/// Time spent and frames made since the last report.
#[derive(Default)]
struct Measured {
    spent: Duration,
    num_frames: usize,
}

impl AudioRoom {
    /// Allocates; called from `activate`. `max_frames` is what the engine was prepared for.
    pub fn new(engine: Engine, rate_hz: f64, max_frames: usize) -> Self {
        Self {
            engine,
            rate_hz,
            max_frames,
            scratch: vec![0.0; max_frames],
            keys: HeldKeys::default(),
            bars: Bars::default(),
            measured: Measured::default(),
        }
    }

    /// Sample rate the engine was prepared for, Hz.
    pub fn rate_hz(&self) -> f64 {
        self.rate_hz
    }

    /// Forgets positions, tails and held keys.
    ///
    /// # Realtime
    /// Safe.
    pub fn reset(&mut self) {
        self.engine.reset();
        self.keys = HeldKeys::default();
        self.bars.reset();
        self.measured = Measured::default();
    }

    /// Renders a block. `events` yields the block's notes in order and takes what the band plays.
    ///
    /// # Realtime
    /// Safe, but for an offline render, which waits for the band.
    pub fn process<S>(
        &mut self,
        params: &ContinuoParams,
        host: &HostBlock,
        events: &mut impl Events<S>,
        buses: &mut Buses<'_, '_, '_>,
    ) {
        let started = Instant::now();
        let is_band_listening = params.is_band_listening();
        if is_band_listening {
            self.keys = HeldKeys::default();
        }
        let mut done = 0;
        while let Some(event) = events.next() {
            let at = (event.timing() as usize).clamp(done, host.num_frames);
            let is_learned = |(key, velocity): &(u8, u8)| params.midi.is_waiting_for(*key, *velocity);
            if let Some((key, velocity)) = played(&event).filter(is_learned) {
                self.render(params, host, done..at, buses, events);
                params.midi.play(key, velocity);
                done = at;
                continue;
            }
            if is_band_listening {
                if let Some((key, velocity)) = played(&event) {
                    self.render(params, host, done..at, buses, events);
                    self.engine.hear_key(key, velocity);
                    done = at;
                }
                continue;
            }
            let keys = self.keys.after(&event);
            if keys != self.keys {
                self.render(params, host, done..at, buses, events);
                (done, self.keys) = (at, keys);
            }
        }
        self.render(params, host, done..host.num_frames, buses, events);
        self.report_load(started.elapsed(), host.num_frames);
    }

    /// The host block that starts where `transport` says; call it once per block.
    ///
    /// # Realtime
    /// Safe.
    pub fn host_block(&mut self, transport: &nice_plug::prelude::Transport, num_frames: usize) -> HostBlock {
        self.bars.host_block(transport, num_frames)
    }

    fn render<S>(
        &mut self,
        params: &ContinuoParams,
        host: &HostBlock,
        frames: Range<usize>,
        buses: &mut Buses<'_, '_, '_>,
        events: &mut impl Events<S>,
    ) {
        let dials = params.engine_params(self.keys.decks());
        let Range { mut start, end } = frames;
        while start < end {
            let stop = end.min(start + self.max_frames);
            self.render_piece(host, &dials, start..stop, buses);
            self.send_notes(start, events);
            start = stop;
        }
    }

    fn render_piece(
        &mut self,
        host: &HostBlock,
        dials: &EngineParams,
        frames: Range<usize>,
        buses: &mut Buses<'_, '_, '_>,
    ) {
        let piece = part_of(host, frames.start, frames.len(), self.rate_hz);
        if let Some([left, right]) = buses.sidechain.as_mut().and_then(|bus| stereo(bus.as_slice(), frames.clone())) {
            self.engine.hear_sound(left, right);
        }
        let mut aux = buses.aux.iter_mut().map(|bus| stereo(bus.as_slice(), frames.clone()));
        let stems = std::array::from_fn(|_| aux.next().flatten());
        let cue = aux.next().flatten();
        match buses.main.as_slice() {
            [left, right, ..] => {
                let Some(main) = left.get_mut(frames.clone()).zip(right.get_mut(frames)) else { return };
                self.engine.process(&piece, dials, &mut Outputs { main: [main.0, main.1], stems, cue });
            }
            [mono] => {
                let scratch = self.scratch.get_mut(..frames.len());
                let Some((mono, right)) = mono.get_mut(frames).zip(scratch) else { return };
                self.engine.process(&piece, dials, &mut Outputs { main: [mono, right], stems, cue });
                mono.iter_mut().zip(right).for_each(|(mono, right)| *mono = 0.5 * (*mono + *right));
            }
            [] => {}
        }
    }

    /// The band's notes of the piece that starts at frame `start` of the block.
    fn send_notes<S>(&mut self, start: usize, events: &mut impl Events<S>) {
        let mut unsent = OpenNotes::default();
        for note in self.engine.midi_out() {
            let timing = start as u32 + note.frame;
            let (voice_id, channel, key) = (VoiceID::Wildcard, Channel::Number(note.channel), Key::Number(note.key));
            let velocity = f32::from(note.velocity) / 127.0;
            let is_sent = events.send(match note.velocity {
                0 => NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 },
                _ => NoteEvent::NoteOn { timing, voice_id, channel, key, velocity },
            });
            if !is_sent && note.velocity == 0 {
                unsent.add(note.channel, note.key);
            }
            if is_sent && note.bend_cents != 0.0 {
                // A host that has no room for it plays the tempered key.
                let tuning = note.bend_cents * 0.01;
                events.send(NoteEvent::PolyTuning { timing, voice_id, channel, key, tuning });
            }
        }
        // An end that found no room is sent again with the next block: no note hangs.
        self.engine.close_notes_of(unsent);
    }

    /// What an offline render does while it waits for the band; `None` never waits.
    pub fn set_wait(&mut self, wait: Option<fn()>) {
        self.engine.set_wait(wait);
    }

    /// Ends the notes that another room's engine has left on.
    pub fn close_notes_of(&mut self, other: &AudioRoom) {
        self.engine.close_notes_of(other.engine.open_notes());
    }

    fn report_load(&mut self, spent: Duration, num_frames: usize) {
        self.measured.spent += spent;
        self.measured.num_frames += num_frames;
        if self.measured.num_frames >= LOAD_FRAMES {
            let length_s = self.measured.num_frames as f64 / self.rate_hz;
            self.engine.report_load((self.measured.spent.as_secs_f64() / length_s) as f32);
            self.measured = Measured::default();
        }
    }
}

/// Where the sound goes: the main bus and drums, bass, harmony, melody, other, cue.
pub struct Buses<'call, 'main, 'aux> {
    /// Main output, one or two channels.
    pub main: &'call mut Buffer<'main>,
    /// Auxiliary outputs, as many as the layout has.
    pub aux: &'call mut [Buffer<'aux>],
    /// Auxiliary input.
    pub sidechain: Option<&'call mut Buffer<'aux>>,
}

/// The block's notes: what comes in, and what goes out.
pub trait Events<S> {
    /// The next note of the block.
    fn next(&mut self) -> Option<NoteEvent<S>>;
    /// A note to the host, `timing` not before that of the one before. False when the host has no room for it now.
    fn send(&mut self, event: NoteEvent<S>) -> bool;
}

/// Key and MIDI velocity of a note; velocity 0 ends it.
fn played<S>(event: &NoteEvent<S>) -> Option<(u8, u8)> {
    match event {
        // A note that is on is never velocity 0, which would end it.
        NoteEvent::NoteOn { key, velocity, .. } if *velocity > 0.0 => {
            key.number().map(|key| (key, ((velocity * 127.0).round() as u8).clamp(1, 127)))
        }
        NoteEvent::NoteOn { key, .. } | NoteEvent::NoteOff { key, .. } | NoteEvent::Choke { key, .. } => {
            key.number().map(|key| (key, 0))
        }
        _ => None,
    }
}

/// Part of a stereo bus; `None` when the host did not connect it.
fn stereo<'s>(channels: &'s mut [&mut [f32]], frames: Range<usize>) -> Option<[&'s mut [f32]; 2]> {
    let [left, right, ..] = channels else { return None };
    Some([left.get_mut(frames.clone())?, right.get_mut(frames)?])
}

/// Hands the presses since the last block to the studio, with the dials as they stand now.
///
/// # Realtime
/// Safe: a full ring drops the press and counts it.
pub fn send_presses(params: &ContinuoParams, host: &HostBlock, ring: &mut rtrb::Producer<Press>) {
    let buttons: &Buttons = &params.buttons;
    buttons.collect(|deck, action| {
        let knobs = params.knobs(host.tempo, host.meter);
        if ring.push(Press { deck, action, knobs }).is_err() {
            buttons.drop_presses(1);
        }
    });
}

#[cfg(test)]
mod tests;

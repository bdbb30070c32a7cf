//! Room: RT
//! The live band: plays sections of timed notes at their exact frames, and tells the composing side where the music is
//! and what the player plays.
//!
//! A note starts at the frame nearest to its beat, as decks do. The window of beats that has been played is kept in
//! beats, so that a moving tempo neither repeats nor skips a note. Stop, jump, mute and a band switched off end every
//! note.
mod due;
mod midi;
mod store;
mod voices;

use super::fx::Send;
use super::mixer::Buses;
use super::read::{CHUNK, ChunkGain, Stereo, clear};
use super::transport::Moment;
use crate::{BandOrder, BandParams, Heard, MidiOut, NUM_STEMS, OpenNotes, TICK_BEATS};
use dsp::guard::clean;
use dsp::smooth::Ramp;
use due::{Due, Start};
use midi::Midi;
use store::Store;
use take::{LivePlace, LiveSection, PartKind};
use voices::Voices;

/// Orders taken per block.
const MAX_ORDERS: usize = 8;
/// A tick is sent this long before its place: time to compose.
const TICK_LEAD_S: f64 = 0.045;
/// A section that arrives this late still plays what it has missed.
const MAX_LATE_S: f64 = 0.06;
/// What the host says and what was predicted may differ by this much without being a jump, in seconds.
const SAME_PLACE_S: f64 = 0.02;
/// A jump of a dial is spread over this long.
const DIAL_MS: f32 = 10.0;
/// What sounds when the transport stops is gone after this long.
const STOP_MS: f32 = 80.0;
/// Calls of `wait` before an offline render goes on without the band.
const MAX_WAITS: usize = 20_000;

/// The rings to the composing side.
#[derive(Debug)]
pub(crate) struct BandLink {
    pub(crate) orders: rtrb::Consumer<BandOrder>,
    pub(crate) retired: rtrb::Producer<Box<LiveSection>>,
    pub(crate) heard: rtrb::Producer<Heard>,
    pub(crate) sound: rtrb::Producer<[f32; 2]>,
}

/// The band on the audio thread.
#[derive(Debug)]
pub(crate) struct Band {
    link: BandLink,
    rate: f64,
    store: Store,
    voices: Voices,
    midi: Midi,
    due: Due,
    params: BandParams,
    levels: [Ramp; NUM_STEMS],
    sends: [[Ramp; 2]; NUM_STEMS],
    /// Everything before this beat has been played.
    played_to: f64,
    /// Next place on the grid of ticks.
    next_tick: i64,
    last_place: Option<LivePlace>,
    /// Messages sent, and the last one that was answered.
    sent: u64,
    done: u64,
    heard_frames: u64,
    /// Beats that a late section missed.
    missed: Option<(f64, f64)>,
    /// First frame of the present chunk inside the block.
    block_frame: u32,
    /// Called while an offline render waits.
    wait: Option<fn()>,
}

impl Band {
    pub(crate) fn new(rate: f64, link: BandLink) -> Self {
        Self {
            link,
            rate,
            store: Store::new(),
            voices: Voices::new(),
            midi: Midi::new(),
            due: Due::new(),
            params: BandParams::default(),
            levels: [Ramp::new(1.0); NUM_STEMS],
            sends: [[Ramp::new(0.0); 2]; NUM_STEMS],
            played_to: 0.0,
            next_tick: 0,
            last_place: None,
            sent: 0,
            done: 0,
            heard_frames: 0,
            missed: None,
            block_frame: 0,
            wait: None,
        }
    }

    /// Forgets positions and what sounds; notes that are on are ended with the next block.
    pub(crate) fn reset(&mut self) {
        self.voices.forget();
        self.last_place = None;
        self.missed = None;
        self.levels.iter_mut().for_each(|level| level.reset(level.target()));
    }

    /// Reads the dials of this block.
    pub(crate) fn begin_block(&mut self, params: &BandParams) {
        let was_on = self.params.is_on;
        let sent_midi = self.params.sends_midi;
        self.params = *params;
        self.block_frame = 0;
        self.midi.begin();
        for (level, target) in self.levels.iter_mut().zip(params.levels) {
            level.set_target(target.clamp(0.0, 4.0), (DIAL_MS * 0.001 * self.rate as f32) as u32);
        }
        if (was_on && !params.is_on) || (sent_midi && !params.sends_midi) {
            self.midi.close_all(0);
        }
        if was_on && !params.is_on {
            self.silence();
            self.last_place = None;
        }
        for _ in 0..MAX_ORDERS {
            if !self.take_order() {
                break;
            }
        }
    }

    /// The MIDI output of this block.
    pub(crate) fn midi_out(&self) -> &[MidiOut] {
        self.midi.events()
    }

    pub(crate) fn open_notes(&self) -> OpenNotes {
        self.midi.open()
    }

    pub(crate) fn close_notes_of(&mut self, others: OpenNotes) {
        self.midi.inherit(others);
    }

    /// What an offline render does while it waits for the band; `None` never waits.
    pub(crate) fn set_wait(&mut self, wait: Option<fn()>) {
        self.wait = wait;
    }

    pub(crate) fn is_on(&self) -> bool {
        self.params.is_on
    }

    /// A key of the player; the dials of the block it belongs to may come later. A full ring loses it: the composing
    /// side has stopped listening.
    pub(crate) fn hear_key(&mut self, beat: f64, key: u8, velocity: u8) {
        let (key, velocity) = (key & 127, velocity.min(127));
        let heard = if velocity == 0 { Heard::NoteOff { beat, key } } else { Heard::NoteOn { beat, key, velocity } };
        self.link.heard.push(heard).unwrap_or_default();
    }

    /// Side-chain sound of the frames that are rendered next.
    pub(crate) fn hear_sound(&mut self, left: &[f32], right: &[f32]) {
        if !(self.params.is_on && self.params.hears_sound) {
            return;
        }
        for (left, right) in left.iter().zip(right) {
            let is_heard = self.link.sound.push([clean(*left), clean(*right)]).is_ok();
            self.heard_frames += u64::from(is_heard);
        }
    }

    /// Looks at where the music is; the answer is the number of frames until it has to look again.
    pub(crate) fn begin_chunk(&mut self, now: &Moment, tempo: f64, meter: (i32, i32)) -> usize {
        if !self.params.is_on {
            return usize::MAX;
        }
        let place = self.place(now, tempo, meter);
        let is_continuing = now.is_playing && self.is_continuing(now);
        let is_same = self.last_place.is_some_and(|last| is_same_place(&last, &place));
        if !is_continuing {
            self.leave(now);
        }
        if !(is_same && (is_continuing || !now.is_playing)) {
            let is_jump = !is_continuing;
            self.tell(|number| Heard::Placed { number, place, is_jump });
        }
        self.last_place = Some(place);
        if !now.is_playing {
            return usize::MAX;
        }
        let lead = TICK_LEAD_S * self.rate;
        if !is_continuing {
            self.next_tick = ((now.beats() + lead / now.frames_per_beat) / TICK_BEATS).ceil() as i64;
        }
        let frames_to_tick = |tick: i64| {
            let beats = tick as f64 * TICK_BEATS - now.beats();
            (beats * now.frames_per_beat - lead).ceil()
        };
        if frames_to_tick(self.next_tick) <= 0.0 {
            let beat = self.next_tick as f64 * TICK_BEATS;
            self.next_tick += 1;
            self.tell(|number| Heard::Tick { number, beat, place });
        }
        frames_to_tick(self.next_tick).clamp(1.0, 1.0e6) as usize
    }

    /// Plays the next frames into the buses.
    pub(crate) fn render(
        &mut self,
        now: &Moment,
        lanes: &mut [Stereo; NUM_STEMS],
        num_frames: usize,
        buses: &mut Buses<'_>,
        is_per_stem: bool,
    ) {
        if self.params.is_on && now.is_playing {
            self.play(now, num_frames);
        }
        self.block_frame = self.block_frame.saturating_add(num_frames as u32);
        if !self.voices.is_sounding() {
            self.levels.iter_mut().for_each(|level| level.reset(level.target()));
            return;
        }
        lanes.iter_mut().for_each(|lane| clear(lane, num_frames));
        self.voices.render(lanes, num_frames);
        for (index, lane) in lanes.iter_mut().enumerate() {
            self.mix_lane(index, lane, num_frames, buses, is_per_stem);
        }
    }

    fn mix_lane(
        &mut self,
        index: usize,
        lane: &mut Stereo,
        num_frames: usize,
        buses: &mut Buses<'_>,
        is_per_stem: bool,
    ) {
        let (Some(level), Some(sends)) = (self.levels.get_mut(index), self.sends.get_mut(index)) else { return };
        let mut gain = ChunkGain::resting(1.0);
        gain.fill(level, num_frames);
        for (channel, mix) in lane.iter_mut().zip(buses.mix.iter_mut()) {
            let samples = channel.get_mut(..num_frames).unwrap_or_default();
            gain.scale(samples);
            mix.iter_mut().zip(samples).for_each(|(mix, x)| *mix += *x);
        }
        if let Some(bus) = buses.stems.get_mut(index).filter(|_| is_per_stem) {
            for (channel, bus) in lane.iter().zip(bus) {
                bus.iter_mut().zip(channel.iter().take(num_frames)).for_each(|(bus, x)| *bus += *x);
            }
        }
        for (ramp, send) in sends.iter_mut().zip(buses.sends.iter_mut()) {
            let mut gain = ChunkGain::resting(0.0);
            gain.fill(ramp, num_frames);
            let send: &mut Send = send;
            if !gain.is_silent() {
                send.feed(lane, &gain, num_frames);
            }
        }
    }

    /// Starts and ends the notes of the next frames.
    fn play(&mut self, now: &Moment, num_frames: usize) {
        let from = self.played_to;
        // The first beat whose nearest frame is past the chunk.
        let to = beat_before(now, now.frame + num_frames as i64);
        if let Some((missed_from, missed_to)) = self.missed.take() {
            self.start_notes(now, (missed_from, missed_to.min(from)), num_frames);
        }
        self.start_notes(now, (from, to), num_frames);
        let block_frame = self.block_frame;
        let frame_of = |beat: f64| block_frame + frame_in(now, beat, num_frames);
        self.midi.end_due(to, frame_of);
        self.voices.end_due(to, |beat| frame_in(now, beat, num_frames));
        self.played_to = to;
    }

    fn start_notes(&mut self, now: &Moment, (from, to): (f64, f64), num_frames: usize) {
        let Self { store, voices, midi, due, params, block_frame, .. } = self;
        store.each_note(from, to, |section, note| {
            let clip = note.voice.and_then(|index| section.voices.get(usize::from(index))).cloned();
            due.add(Start { frame: frame_in(now, note.start, num_frames), note: *note, clip });
        });
        due.drain(|Start { frame, note, clip }| {
            if params.sends_midi {
                midi.start(&note, *block_frame + frame);
            }
            if let Some(clip) = clip {
                voices.start(&note, clip, frame as usize);
            }
        });
    }

    /// The music went elsewhere, or stands: ends every note, and plays on from here.
    fn leave(&mut self, now: &Moment) {
        self.midi.close_all(self.block_frame);
        if now.is_playing {
            self.voices.let_go();
        } else {
            self.silence();
        }
        self.played_to = beat_before(now, now.frame);
        self.missed = None;
    }

    fn silence(&mut self) {
        self.voices.stop((STOP_MS * 0.001 * self.rate as f32) as usize);
    }

    fn is_continuing(&self, now: &Moment) -> bool {
        let was_playing = self.last_place.is_some_and(|place| place.is_playing);
        let apart_s = (now.beats() - self.played_to).abs() * now.frames_per_beat / self.rate;
        was_playing && apart_s < SAME_PLACE_S
    }

    fn place(&self, now: &Moment, tempo: f64, meter: (i32, i32)) -> LivePlace {
        let beat_of = |frame: i64| frame as f64 / now.frames_per_beat;
        LivePlace {
            beat: now.beats(),
            is_playing: now.is_playing,
            tempo,
            meter,
            bar_origin: now.bar_origin,
            cycle: now.wrap.map(|(end, start)| (beat_of(start), beat_of(end))),
            heard_frames: self.heard_frames,
        }
    }

    /// Sends a message; in an offline render, waits for its answer.
    fn tell(&mut self, message: impl FnOnce(u64) -> Heard) {
        self.sent += 1;
        if self.link.heard.push(message(self.sent)).is_err() {
            // Nobody listens: nobody will answer.
            return;
        }
        let Some(wait) = self.wait else { return };
        for _ in 0..MAX_WAITS {
            while self.take_order() {}
            if self.done >= self.sent || self.link.orders.is_abandoned() {
                return;
            }
            wait();
        }
    }

    /// Takes one order; false when there is none, or no room for what it leaves behind.
    fn take_order(&mut self) -> bool {
        if self.link.retired.slots() < 2 {
            return false;
        }
        match self.link.orders.pop() {
            Ok(BandOrder::Play(section)) => self.hold(section),
            Ok(BandOrder::Done(number)) => self.done = number,
            Err(_) => return false,
        }
        true
    }

    fn hold(&mut self, section: Box<LiveSection>) {
        let frames = (DIAL_MS * 0.001 * self.rate as f32) as u32;
        for (ramps, sends) in self.sends.iter_mut().zip(section.sends) {
            ramps.iter_mut().zip(sends).for_each(|(ramp, send)| ramp.set_target(send.clamp(0.0, 1.0), frames));
        }
        for (part, _) in PartKind::ALL.into_iter().zip(section.cuts).filter(|(_, cuts)| *cuts) {
            self.midi.cut(part, section.start);
            self.voices.cut(part, section.start);
        }
        let start = section.start;
        if let Some(oldest) = self.store.push(section) {
            self.retire(oldest);
        }
        while self.store.has_spare() && self.link.retired.slots() > 0 {
            self.store.pop().into_iter().for_each(|oldest| self.retire(oldest));
        }
        self.note_missed(start);
    }

    /// What a section should have played a moment ago, and no other one did.
    fn note_missed(&mut self, start: f64) {
        let Some(place) = self.last_place.filter(|place| place.is_playing) else { return };
        let late_beats = MAX_LATE_S * place.tempo / 60.0;
        let from = start.max(self.played_to - late_beats);
        if from < self.played_to && !self.store.covers(from, true) {
            self.missed = Some((from, self.played_to));
        }
    }

    /// Back to where it may be freed; `take_order` has made sure of the room.
    fn retire(&mut self, section: Box<LiveSection>) {
        if let Err(rtrb::PushError::Full(section)) = self.link.retired.push(section) {
            // Cannot happen; kept rather than freed here if it did.
            std::mem::forget(section);
        }
    }
}

/// Beats before this one belong to frames before `frame`.
fn beat_before(now: &Moment, frame: i64) -> f64 {
    (frame as f64 - 0.5 + now.part) / now.frames_per_beat
}

/// Frame inside the chunk that is nearest to a beat.
fn frame_in(now: &Moment, beat: f64, num_frames: usize) -> u32 {
    let frame = (beat * now.frames_per_beat - now.part).round() as i64 - now.frame;
    frame.clamp(0, num_frames.clamp(1, CHUNK) as i64 - 1) as u32
}

/// Nothing the composing side cares about has changed but the position.
fn is_same_place(a: &LivePlace, b: &LivePlace) -> bool {
    let is_moved = !b.is_playing && (a.beat - b.beat).abs() > 1e-3;
    let is_other_cycle = match (a.cycle, b.cycle) {
        (Some(a), Some(b)) => (a.0 - b.0).abs() > 1e-3 || (a.1 - b.1).abs() > 1e-3,
        (None, None) => false,
        _ => true,
    };
    a.is_playing == b.is_playing
        && a.meter == b.meter
        && (a.tempo / b.tempo - 1.0).abs() < 0.02
        && (a.bar_origin - b.bar_origin).abs() < 1e-3
        && !is_moved
        && !is_other_cycle
}

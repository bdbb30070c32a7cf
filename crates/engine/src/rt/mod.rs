//! Room: RT
mod alike;
mod band;
mod clock;
mod cue;
mod deck;
mod fade;
mod fx;
mod meter;
mod mixer;
mod read;
mod transport;
mod voice;

use crate::{
    DeckIndex, DeckParams, EngineConfig, EngineParams, EngineSnapshot, FromEngine, HostBlock, MidiOut, NUM_DECKS,
    NUM_STEMS, OpenNotes, Outputs, ToEngine,
};
use band::Band;
pub(crate) use band::BandLink;
use cue::Cue;
use deck::{Deck, Want};
use fx::Effects;
use meter::Meter;
use mixer::{Buses, Strip};
use read::{CHUNK, Stereo, clear};
use take::SampleRate;
use transport::{Moment, Transport};
use voice::Lanes;

/// Orders taken per block; the rest waits in the ring.
const MAX_ORDERS: usize = 16;

/// The audio thread's ends of the rings.
#[derive(Debug)]
pub(crate) struct Rings {
    pub(crate) orders: rtrb::Consumer<ToEngine>,
    pub(crate) news: rtrb::Producer<FromEngine>,
    pub(crate) snapshots: rtrb::Producer<EngineSnapshot>,
    pub(crate) band: BandLink,
}

/// The audio thread's half.
#[derive(Debug)]
pub struct Engine {
    orders: rtrb::Consumer<ToEngine>,
    news: rtrb::Producer<FromEngine>,
    snapshots: rtrb::Producer<EngineSnapshot>,
    rate: SampleRate,
    transport: Transport,
    decks: [Deck; NUM_DECKS],
    strips: Box<[Strip; NUM_DECKS]>,
    wants: [Want; NUM_DECKS],
    effects: Effects,
    cue: Cue,
    band: Band,
    meter: Meter,
    memory: Box<Memory>,
}

/// Buffers for one chunk.
#[derive(Debug)]
struct Memory {
    lanes: [Stereo; NUM_STEMS],
    work: [Stereo; NUM_STEMS],
    stems: [Stereo; NUM_STEMS],
    mix: Stereo,
    cue: Stereo,
}

impl Engine {
    pub(crate) fn new(config: EngineConfig, rings: Rings) -> Self {
        let Rings { orders, news, snapshots, band } = rings;
        let rate = f64::from(config.rate.get());
        let silence = [[0.0; CHUNK]; 2];
        let transport = Transport::new(rate);
        Self {
            orders,
            news,
            snapshots,
            rate: config.rate,
            decks: std::array::from_fn(|_| Deck::new(config.rate)),
            strips: Box::new(std::array::from_fn(|_| Strip::new(rate as f32))),
            wants: [Want { is_audible: false, pitch_semitones: 0.0, crossfade_frames: 1 }; NUM_DECKS],
            effects: Effects::new(rate as f32),
            cue: Cue::new(config.rate, transport.moment()),
            band: Band::new(rate, band),
            transport,
            meter: Meter::new(rate),
            memory: Box::new(Memory {
                lanes: [silence; NUM_STEMS],
                work: [silence; NUM_STEMS],
                stems: [silence; NUM_STEMS],
                mix: silence,
                cue: silence,
            }),
        }
    }

    /// Forgets positions and effect tails; keeps the loaded takes.
    ///
    /// # Realtime
    /// Safe.
    pub fn reset(&mut self) {
        self.transport.reset();
        self.decks.iter_mut().for_each(Deck::reset);
        self.strips.iter_mut().for_each(Strip::reset);
        self.effects.reset();
        self.band.reset();
    }

    /// Renders one block.
    ///
    /// # Realtime
    /// Safe: no allocation, no lock, bounded work.
    pub fn process(&mut self, host: &HostBlock, params: &EngineParams, out: &mut Outputs<'_>) {
        let num_frames = shortest(host.num_frames, out);
        self.transport.begin(&HostBlock { num_frames, ..*host });
        self.begin_block(params);
        self.take_orders();
        let mut done = 0;
        while done < num_frames {
            let chunk = self.begin_chunk((num_frames - done).min(CHUNK));
            self.render_chunk(chunk, out.stems.iter().any(Option::is_some));
            self.write(out, done, chunk);
            self.transport.advance(chunk);
            done += chunk;
        }
        silence_rest(out, num_frames);
        self.end_block(num_frames);
    }

    /// The MIDI output of the last [`Engine::process`], by frame. At one frame ends come before starts.
    ///
    /// # Realtime
    /// Safe.
    pub fn midi_out(&self) -> &[MidiOut] {
        self.band.midi_out()
    }

    /// A key of the player, at the frame that is rendered next. Velocity 0 lets it go.
    ///
    /// # Realtime
    /// Safe: a full ring loses it.
    pub fn hear_key(&mut self, key: u8, velocity: u8) {
        self.band.hear_key(self.transport.moment().beats(), key, velocity);
    }

    /// Side-chain sound of the frames that are rendered next; both sides have the same length.
    ///
    /// # Realtime
    /// Safe: a full ring loses what does not fit.
    pub fn hear_sound(&mut self, left: &[f32], right: &[f32]) {
        self.band.hear_sound(left, right);
    }

    /// What to do while an offline render waits for the band, some ten microseconds at a time; `None` never waits.
    pub fn set_wait(&mut self, wait: Option<fn()>) {
        self.band.set_wait(wait);
    }

    /// Notes of the MIDI output that are on.
    pub fn open_notes(&self) -> OpenNotes {
        self.band.open_notes()
    }

    /// Ends notes that an earlier engine has left on, with the next [`Engine::process`].
    pub fn close_notes_of(&mut self, others: OpenNotes) {
        self.band.close_notes_of(others);
    }

    /// Tells the meter how long the last block took, as a share of its own length (1.0 = its whole deadline).
    ///
    /// # Realtime
    /// Safe.
    pub fn report_load(&mut self, share: f32) {
        self.meter.load(share);
    }

    /// Dials of this block.
    fn begin_block(&mut self, params: &EngineParams) {
        let is_any_soloed = params.decks.iter().any(|deck| deck.is_soloed);
        let crossfade_ms = if params.crossfade_ms.is_nan() { 20.0 } else { params.crossfade_ms.clamp(1.0, 500.0) };
        let crossfade_frames = (crossfade_ms * 0.001 * self.rate.get() as f32).round().max(1.0) as u32;
        for ((strip, want), deck) in self.strips.iter_mut().zip(&mut self.wants).zip(&params.decks) {
            strip.begin_block(deck, is_any_soloed);
            want.pitch_semitones = sane_pitch(deck);
            want.crossfade_frames = crossfade_frames;
        }
        self.effects.begin_block(params.master, self.transport.tempo());
        self.band.begin_block(&params.band);
        self.cue.begin_block(params.is_cue_in_main);
    }

    /// Takes orders as long as there is room for what they may leave behind.
    fn take_orders(&mut self) {
        for _ in 0..MAX_ORDERS {
            let Ok(order) = self.orders.peek() else { break };
            let can_take = match order {
                ToEngine::LoadTake { deck, .. }
                | ToEngine::Replace { deck, .. }
                | ToEngine::Disarm { deck }
                | ToEngine::Unload { deck } => self.decks.get(deck.get()).is_some_and(|deck| deck.can_take(order)),
                ToEngine::Cue { .. } => self.cue.can_take(order),
            };
            if !can_take {
                break;
            }
            let Ok(order) = self.orders.pop() else { break };
            self.obey(order);
            self.settle();
        }
    }

    fn obey(&mut self, order: ToEngine) {
        let index = match &order {
            ToEngine::LoadTake { deck, .. }
            | ToEngine::Replace { deck, .. }
            | ToEngine::Disarm { deck }
            | ToEngine::Unload { deck } => deck.get(),
            ToEngine::Cue { .. } => 0,
        };
        let (Some(deck), Some(want)) = (self.decks.get_mut(index), self.wants.get(index)) else { return };
        match order {
            ToEngine::LoadTake { playable, at, .. } => deck.load(playable, at),
            ToEngine::Replace { playable, .. } => deck.replace(playable, want),
            ToEngine::Disarm { .. } => deck.disarm(),
            ToEngine::Unload { .. } => deck.unload(want),
            ToEngine::Cue { playable } => self.cue.set(playable, &self.transport.moment()),
        }
    }

    /// Returns what is no longer used, as far as the ring has room.
    fn settle(&mut self) {
        for (deck, index) in self.decks.iter_mut().zip(DeckIndex::all()) {
            deck.settle(Some(index), &mut self.news);
        }
        self.cue.settle(&mut self.news);
    }

    /// Decides what every deck does next; the answer is the number of frames for which all of it holds.
    fn begin_chunk(&mut self, max_frames: usize) -> usize {
        let now = self.transport.moment();
        let to_look = self.band.begin_chunk(&now, self.transport.tempo(), self.transport.meter());
        let mut chunk = max_frames.min(self.transport.frames_to_wrap()).min(self.cue.begin(&now)).min(to_look);
        for ((deck, strip), want) in self.decks.iter_mut().zip(self.strips.iter()).zip(&mut self.wants) {
            want.is_audible = strip.is_audible();
            chunk = chunk.min(deck.begin(&now, want));
        }
        chunk.max(1)
    }

    /// Decks, sends, master.
    fn render_chunk(&mut self, num_frames: usize, is_per_stem: bool) {
        let Memory { lanes, work, stems, mix, cue } = &mut *self.memory;
        clear(mix, num_frames);
        if is_per_stem {
            stems.iter_mut().for_each(|bus| clear(bus, num_frames));
        }
        self.effects.begin_chunk(num_frames);
        let all_lanes = lanes;
        let lanes = if is_per_stem { &mut all_lanes[..] } else { &mut all_lanes[..1] };
        for (deck, strip) in self.decks.iter_mut().zip(self.strips.iter_mut()) {
            strip.begin_chunk(num_frames);
            if !deck.is_sounding() {
                strip.skip();
                continue;
            }
            lanes.iter_mut().for_each(|lane| clear(lane, num_frames));
            deck.render(strip.stem_gains(), &mut Lanes { lanes, work, num_frames });
            let sends = self.effects.buses();
            strip.render(lanes, num_frames, &mut Buses { mix, stems, sends });
        }
        let buses = &mut Buses { mix, stems, sends: self.effects.buses() };
        self.band.render(&self.transport.moment(), all_lanes, num_frames, buses, is_per_stem);
        self.cue.render(cue, work, mix, num_frames);
        self.effects.finish(mix, num_frames);
        self.meter.watch(mix, num_frames);
    }

    /// Copies one chunk to the host's buffers.
    fn write(&self, out: &mut Outputs<'_>, done: usize, num_frames: usize) {
        copy(&self.memory.mix, &mut out.main, done, num_frames);
        for (bus, out) in self.memory.stems.iter().zip(&mut out.stems) {
            if let Some(out) = out {
                copy(bus, out, done, num_frames);
            }
        }
        if let Some(out) = &mut out.cue {
            copy(&self.memory.cue, out, done, num_frames);
        }
    }

    /// Gives back, and shows.
    fn end_block(&mut self, num_frames: usize) {
        self.settle();
        if !self.meter.count(num_frames) || self.snapshots.is_full() {
            return;
        }
        let snapshot = self.snapshot();
        // A full ring was ruled out above; a snapshot owns nothing, so a lost one would free nothing.
        self.snapshots.push(snapshot).unwrap_or_default();
    }

    fn snapshot(&mut self) -> EngineSnapshot {
        let now: Moment = self.transport.moment();
        let mut decks = [Default::default(); NUM_DECKS];
        for ((snapshot, deck), strip) in decks.iter_mut().zip(&self.decks).zip(self.strips.iter_mut()) {
            *snapshot = deck.snapshot(&now);
            snapshot.peak = strip.take_peak();
        }
        EngineSnapshot {
            is_playing: now.is_playing,
            pos_beats: now.beats(),
            tempo: self.transport.tempo(),
            tempo_steady_frames: now.steady_frames,
            meter: self.transport.meter(),
            decks,
            peak: self.meter.take_peak(),
            limiter_db: 20.0 * libm::log10f(self.effects.limiter_gain().max(1.0e-6)),
            is_band_on: self.band.is_on(),
            blocks: self.meter.blocks,
            deadline_misses: self.meter.deadline_misses,
            recent_worst_block: self.meter.recent_worst(),
        }
    }
}

/// -24.0..=24.0 semitones; anything that is no number is 0.
fn sane_pitch(deck: &DeckParams) -> f32 {
    if deck.pitch_semitones.is_nan() { 0.0 } else { deck.pitch_semitones.clamp(-24.0, 24.0) }
}

fn copy(bus: &Stereo, out: &mut [&mut [f32]; 2], done: usize, num_frames: usize) {
    for (channel, out) in bus.iter().zip(out) {
        if let (Some(channel), Some(out)) = (channel.get(..num_frames), out.get_mut(done..done + num_frames)) {
            // Hosts dislike numbers too small to be normal, and so do their effects.
            let normal = |x: f32| if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x };
            out.iter_mut().zip(channel).for_each(|(out, x)| *out = normal(*x));
        }
    }
}

/// Frames every buffer of the host has room for.
fn shortest(num_frames: usize, out: &Outputs<'_>) -> usize {
    let others = out.stems.iter().chain([&out.cue]).flatten().flatten();
    out.main.iter().chain(others).map(|channel| channel.len()).fold(num_frames, usize::min)
}

/// Buffers longer than the block are silent behind it.
fn silence_rest(out: &mut Outputs<'_>, num_frames: usize) {
    let others = out.stems.iter_mut().chain([&mut out.cue]).flatten().flatten();
    for channel in out.main.iter_mut().chain(others) {
        channel.get_mut(num_frames..).unwrap_or_default().fill(0.0);
    }
}

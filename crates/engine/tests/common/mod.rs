//! A pretended host and readable material for the engine's tests.
#![allow(dead_code, missing_docs, reason = "every test binary uses a part of it")]

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use engine::{
    DeckIndex, Engine, EngineConfig, EngineHandle, EngineParams, EngineSnapshot, FromEngine, HostBlock, LoopRange,
    Outputs, Playable, SwapAt, ToEngine, prepare,
};
use std::sync::Arc;
use take::{AudioClip, Beats, Bpm, Rendition, SampleRate, StemKind, TakeId};

/// Any allocation or free inside `process` ends the test.
#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

pub const DECK: usize = 0;

pub fn deck(index: usize) -> DeckIndex {
    DeckIndex::new(index).expect("a deck")
}

/// A take whose stems are made by `sample(stem, channel, frame)`.
pub fn take_of(
    id: u8,
    tempo: f64,
    rate: u32,
    loop_beats: f64,
    sample: impl Fn(StemKind, usize, usize) -> f32,
) -> Arc<Rendition> {
    let mut rendition = Rendition {
        take: TakeId([id; 32]),
        tempo: Bpm::new(tempo).expect("tempo"),
        rate: SampleRate::new(rate).expect("rate"),
        loop_beats: Beats(loop_beats),
        bar_beats: Beats(4.0),
        stems: Default::default(),
    };
    let num_frames = rendition.num_frames();
    for stem in StemKind::ALL {
        let channel = |channel| (0..num_frames).map(|frame| sample(stem, channel, frame)).collect();
        rendition.stems[stem as usize] = Some(AudioClip { left: channel(0), right: channel(1) });
    }
    Arc::new(rendition)
}

/// Every stem and channel another pseudo-random noise that starts and ends near silence; sums stay below 0.5.
pub fn noise_take(id: u8, tempo: f64, rate: u32, loop_beats: f64) -> Arc<Rendition> {
    take_of(id, tempo, rate, loop_beats, |stem, channel, frame| {
        let mut x = (frame as u32)
            .wrapping_mul(0x9E37_79B9)
            .wrapping_add((stem as u32 * 2 + channel as u32 + 1).wrapping_mul(0x85EB_CA6B))
            .wrapping_add(u32::from(id) << 20);
        x ^= x >> 15;
        x = x.wrapping_mul(0x2C1B_3C6D);
        x ^= x >> 12;
        let edge = (frame as f32 / 64.0).min(1.0);
        edge * 0.09 * ((x >> 8) as f32 / 8_388_608.0 - 1.0)
    })
}

/// The drums stem is 1.0 in the first frame of every beat, everything else is silent.
pub fn click_take(id: u8, tempo: f64, rate: u32, loop_beats: f64) -> Arc<Rendition> {
    let frames_per_beat = 60.0 * f64::from(rate) / tempo;
    let mut take = Arc::unwrap_or_clone(take_of(id, tempo, rate, loop_beats, |_, _, _| 0.0));
    for beat in 0..loop_beats.ceil() as usize {
        let frame = (beat as f64 * frames_per_beat).round() as usize;
        let drums = take.stems[0].as_mut().expect("drums");
        drums.left[frame] = 0.5;
        drums.right[frame] = 0.5;
    }
    Arc::new(take)
}

/// A sine of about `hz` that closes at the seam, 0.5 on the left, 0.3 on the right, shared out over the stems.
pub fn sine_take(id: u8, tempo: f64, rate: u32, loop_beats: f64, hz: f64) -> Arc<Rendition> {
    let loop_frames = loop_beats * 60.0 * f64::from(rate) / tempo;
    let periods = (hz * loop_frames / f64::from(rate)).round();
    take_of(id, tempo, rate, loop_beats, |_, channel, frame| {
        let phase = (frame as f64 * periods / loop_frames).fract();
        ((if channel == 0 { 0.1 } else { 0.06 }) * (std::f64::consts::TAU * phase).sin()) as f32
    })
}

pub fn playable(take: &Arc<Rendition>) -> Playable {
    Playable::listen(take.clone())
}

/// The mix of a take at an absolute frame of the grid.
pub fn mix_at(take: &Rendition, frame: i64, channel: usize) -> f32 {
    let len = take.loop_frames();
    let mut repeat = (frame as f64 / len).floor() as i64 + 1;
    while (repeat as f64 * len).round() as i64 > frame {
        repeat -= 1;
    }
    let index = (frame - (repeat as f64 * len).round() as i64) as usize;
    take.stems.iter().flatten().map(|clip| if channel == 0 { clip.left[index] } else { clip.right[index] }).sum()
}

/// Largest step between neighbours.
pub fn largest_step(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

/// Everything the engine wrote.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    pub main: [Vec<f32>; 2],
    pub stems: [[Vec<f32>; 2]; 5],
    pub cue: [Vec<f32>; 2],
}

/// Where a host of ours stands. Fields say how it lies about it.
#[derive(Debug, Clone)]
pub struct FakeHost {
    pub rate: f64,
    pub tempo: f64,
    pub is_playing: bool,
    /// True position in beats.
    pub beats: f64,
    /// True position in samples, where it counts them.
    pub samples: i64,
    pub gives_samples: bool,
    pub gives_beats: bool,
    pub gives_tempo: bool,
    pub rounding: Rounding,
    pub meter: (i32, i32),
    pub bar_start: Option<f64>,
    pub cycle: Option<(f64, f64)>,
    pub announces_cycle: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rounding {
    None,
    /// To this many ticks per beat.
    Ticks(f64),
    /// To 1/7680 beat, then to a 32-bit float.
    Float,
}

impl FakeHost {
    pub fn new(rate: u32, tempo: f64) -> Self {
        Self {
            rate: f64::from(rate),
            tempo,
            is_playing: true,
            beats: 0.0,
            samples: 0,
            gives_samples: false,
            gives_beats: true,
            gives_tempo: true,
            rounding: Rounding::None,
            meter: (4, 4),
            bar_start: None,
            cycle: None,
            announces_cycle: true,
        }
    }

    pub fn locate(&mut self, frame: i64) {
        self.samples = frame;
        self.beats = frame as f64 / self.frames_per_beat();
    }

    pub fn frames_per_beat(&self) -> f64 {
        60.0 * self.rate / self.tempo
    }

    pub fn block(&self, num_frames: usize) -> HostBlock {
        let beats = match self.rounding {
            Rounding::None => self.beats,
            Rounding::Ticks(ticks) => (self.beats * ticks).round() / ticks,
            Rounding::Float => f64::from(((self.beats * 7680.0).round() / 7680.0) as f32),
        };
        HostBlock {
            num_frames,
            is_playing: self.is_playing,
            tempo: self.gives_tempo.then_some(self.tempo),
            pos_beats: self.gives_beats.then_some(beats),
            pos_samples: self.gives_samples.then_some(self.samples),
            bar_start_beats: self.bar_start,
            meter: Some(self.meter),
            cycle: self.cycle.filter(|_| self.announces_cycle).map(|(start, end)| LoopRange { start, end }),
        }
    }

    /// Counts samples while the tempo is constant, so that no rounding adds up.
    pub fn advance(&mut self, num_frames: usize) {
        if !self.is_playing {
            return;
        }
        let on_grid = (self.samples as f64 / self.frames_per_beat() - self.beats).abs() < 1e-6;
        self.samples += num_frames as i64;
        self.beats = if on_grid {
            self.samples as f64 / self.frames_per_beat()
        } else {
            self.beats + num_frames as f64 / self.frames_per_beat()
        };
        if let Some((start, end)) = self.cycle {
            let (start, end) = (start * self.frames_per_beat(), end * self.frames_per_beat());
            let length = (end.round() - start.round()) as i64;
            while self.samples >= end.round() as i64 {
                self.samples -= length;
                self.beats = self.samples as f64 / self.frames_per_beat();
            }
        }
    }
}

/// Engine, handle and host in one.
pub struct Rig {
    pub engine: Engine,
    pub handle: EngineHandle,
    pub host: FakeHost,
    pub params: EngineParams,
    pub has_stem_buses: bool,
    pub recording: Recording,
}

impl Rig {
    pub fn new(rate: u32, tempo: f64) -> Self {
        let config = EngineConfig { rate: SampleRate::new(rate).expect("rate"), max_frames: 8192 };
        let (engine, handle) = prepare(config);
        Self {
            engine,
            handle,
            host: FakeHost::new(rate, tempo),
            params: EngineParams::default(),
            has_stem_buses: true,
            recording: Recording::default(),
        }
    }

    /// One that already plays `take` on the first deck.
    pub fn playing(take: &Arc<Rendition>) -> Self {
        let mut rig = Self::new(take.rate.get(), take.tempo.get());
        rig.load(DECK, take, SwapAt::Now);
        rig.stop_for_a_block();
        rig
    }

    /// A stopped block: whatever was loaded is in place afterwards, and nothing is recorded.
    pub fn stop_for_a_block(&mut self) {
        let was_playing = std::mem::replace(&mut self.host.is_playing, false);
        self.run(1, &[1]);
        self.host.is_playing = was_playing;
        self.recording = Recording::default();
    }

    pub fn load(&mut self, index: usize, take: &Arc<Rendition>, at: SwapAt) {
        self.send(ToEngine::LoadTake { deck: deck(index), playable: playable(take), at });
    }

    pub fn send(&mut self, order: ToEngine) {
        self.handle.send(order).expect("room in the ring");
    }

    /// Renders `num_frames` in blocks of these sizes, in turn.
    pub fn run(&mut self, num_frames: usize, sizes: &[usize]) {
        let mut done = 0;
        for size in sizes.iter().cycle() {
            if done >= num_frames {
                break;
            }
            let size = (*size).min(num_frames - done);
            self.run_block(size);
            done += size;
        }
    }

    /// One process call.
    pub fn run_block(&mut self, num_frames: usize) {
        let host = self.host.block(num_frames);
        self.run_host_block(&host);
        self.host.advance(num_frames);
    }

    /// One process call with exactly this description.
    pub fn run_host_block(&mut self, host: &HostBlock) {
        let num_frames = host.num_frames;
        let recording = &mut self.recording;
        let all = recording.stems.iter_mut().chain([&mut recording.main, &mut recording.cue]).flatten();
        all.for_each(|channel| channel.resize(channel.len() + num_frames, 9.0));
        fn last(pair: &mut [Vec<f32>; 2], num_frames: usize) -> [&mut [f32]; 2] {
            pair.each_mut().map(|channel| {
                let start = channel.len() - num_frames;
                &mut channel[start..]
            })
        }
        let has_stem_buses = self.has_stem_buses;
        let mut out = Outputs {
            main: last(&mut recording.main, num_frames),
            stems: recording.stems.each_mut().map(|stem| has_stem_buses.then(|| last(stem, num_frames))),
            cue: Some(last(&mut recording.cue, num_frames)),
        };
        assert_no_alloc(|| self.engine.process(host, &self.params, &mut out));
    }

    /// Empties the news ring, as the studio does.
    pub fn news(&mut self) -> Vec<FromEngine> {
        std::iter::from_fn(|| self.handle.receive()).collect()
    }

    pub fn snapshot(&mut self) -> EngineSnapshot {
        self.handle.latest_snapshot().expect("a snapshot")
    }

    /// Phase of the first deck; runs blocks of one frame until a snapshot comes.
    pub fn engine_phase(&mut self) -> engine::DeckPhase {
        self.handle.latest_snapshot();
        let next = (0..1_000).find_map(|_| {
            self.run_block(1);
            self.handle.latest_snapshot()
        });
        next.expect("a snapshot").decks[DECK].phase
    }

    /// What was recorded on the main output, left.
    pub fn left(&self) -> &[f32] {
        &self.recording.main[0]
    }
}

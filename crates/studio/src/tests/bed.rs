//! A studio core with everything around it: a fake provider, a stepped pool, a real library and a real engine.
use crate::core::{Core, Env, SnapshotCell};
use crate::{Command, DeckView, Knobs, ManifestCell, Notice, Press, PressAction, Snapshot, TakeRequest};
use engine::{DeckIndex, Engine, EngineConfig, EngineParams, HostBlock, Outputs, SwapAt, prepare};
use jobs::{FakeProvider, Pool};
use library::Library;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use take::{Amount, BarCount, Bpm, SampleRate, StyleId, TakeId, TakeSpec};

/// A low rate: a bar of 4/4 at 120 BPM has 2 000 frames.
pub(super) const RATE_HZ: u32 = 1000;
const BLOCK_FRAMES: usize = 50;

pub(super) struct Bed {
    pub(super) core: Core,
    pub(super) pool: Arc<Pool>,
    pub(super) provider: Arc<FakeProvider>,
    pub(super) cell: Arc<ManifestCell>,
    pub(super) presses: rtrb::Producer<Press>,
    pub(super) engine: Option<Engine>,
    pub(super) dir: Arc<tempfile::TempDir>,
    pub(super) now: Duration,
    pub(super) tempo: f64,
    /// Frames the transport has rolled.
    pub(super) pos_frames: u64,
    pub(super) rate_hz: u32,
    published: SnapshotCell,
}

pub(super) fn deck(index: usize) -> DeckIndex {
    DeckIndex::new(index).unwrap()
}

pub(super) fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).unwrap()
}

pub(super) fn spec(seed: u64) -> TakeSpec {
    let bars = BarCount::new(1).unwrap();
    TakeSpec { bars, ..TakeSpec::new(StyleId::from("fake"), Bpm::DEFAULT, seed) }
}

pub(super) fn knobs() -> Knobs {
    Knobs {
        engine: jobs::EngineChoice::Band,
        style: 0,
        key: None,
        scale: None,
        bars: BarCount::new(1).unwrap(),
        energy: Amount::new(0.6),
        complexity: Amount::new(0.5),
        swing: None,
        humanise: Amount::new(0.0),
        tempo: Some(120.0),
        meter: Some((4, 4)),
        at: SwapAt::Now,
    }
}

impl Bed {
    pub(super) fn new() -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let library = Library::new(dir.path());
        Self::with(Arc::new(Pool::with_threads(0)), library, dir, Arc::default())
    }

    pub(super) fn with(
        pool: Arc<Pool>,
        library: Library,
        dir: Arc<tempfile::TempDir>,
        cell: Arc<ManifestCell>,
    ) -> Self {
        Self::with_first_seed(None, pool, library, dir, cell)
    }

    pub(super) fn with_first_seed(
        first_seed: Option<u64>,
        pool: Arc<Pool>,
        library: Library,
        dir: Arc<tempfile::TempDir>,
        cell: Arc<ManifestCell>,
    ) -> Self {
        let provider = Arc::new(FakeProvider::default());
        let env = Env {
            engines: Arc::new(jobs::Engines::only(provider.clone())),
            library,
            pool: pool.clone(),
            importer: Arc::new(jobs::BandProvider::new(&dir.path().join("config"))),
            exports_dir: dir.path().join("exports"),
            drag: library::DragFolder::new(dir.path()),
            prompts_file: crate::prompts::file_in(&dir.path().join("config")),
            config_dir: dir.path().join("config"),
            original_rate: rate(RATE_HZ),
            first_seed,
            wake: Arc::new(|| ()),
        };
        let (presses, consumer) = rtrb::RingBuffer::new(4096);
        let published = SnapshotCell::default();
        let core = Core::new(env, cell.clone(), consumer, published.clone());
        let (now, tempo) = (Duration::ZERO, 120.0);
        let (engine, pos_frames, rate_hz) = (None, 0, RATE_HZ);
        Self { core, pool, provider, cell, presses, engine, dir, now, tempo, pos_frames, rate_hz, published }
    }

    /// Another instance in the same process, with the same library.
    pub(super) fn sibling(&self, cell: Arc<ManifestCell>) -> Self {
        Self::with(self.pool.clone(), self.core.env.library.clone(), self.dir.clone(), cell)
    }

    pub(super) fn activate(&mut self, rate_hz: u32) {
        let (engine, handle) = prepare(EngineConfig { rate: rate(rate_hz), max_frames: BLOCK_FRAMES });
        self.engine = Some(engine);
        self.rate_hz = rate_hz;
        self.core.attach(handle);
    }

    /// An active instance with its transport rolling.
    pub(super) fn active() -> Self {
        let mut bed = Self::new();
        bed.activate(RATE_HZ);
        bed.run();
        bed
    }

    pub(super) fn tick(&mut self) {
        self.now += Duration::from_millis(5);
        self.core.tick(self.now);
    }

    /// Ticks, works and plays until nothing more can be under way, with the time standing nearly still.
    pub(super) fn run(&mut self) {
        for _ in 0..12 {
            self.tick();
            while self.pool.run_next() {}
            self.play_block();
        }
        self.tick();
    }

    /// One block of a rolling transport; the main output's left channel.
    pub(super) fn play_block(&mut self) -> Vec<f32> {
        let Some(engine) = &mut self.engine else { return Vec::new() };
        let (mut left, mut right) = (vec![0.0; BLOCK_FRAMES], vec![0.0; BLOCK_FRAMES]);
        let seconds = self.pos_frames as f64 / f64::from(self.rate_hz);
        let host = HostBlock {
            num_frames: BLOCK_FRAMES,
            is_playing: true,
            tempo: Some(self.tempo),
            pos_beats: Some(seconds * self.tempo / 60.0),
            meter: Some((4, 4)),
            ..HostBlock::default()
        };
        let mut out = Outputs { main: [&mut left, &mut right], stems: Default::default(), cue: None };
        engine.process(&host, &EngineParams::default(), &mut out);
        self.pos_frames += BLOCK_FRAMES as u64;
        left
    }

    /// Largest sample of the next second.
    pub(super) fn loudest(&mut self) -> f32 {
        let blocks = self.rate_hz as usize / BLOCK_FRAMES;
        (0..blocks).flat_map(|_| self.play_block()).fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    pub(super) fn generate(&mut self, index: usize, seed: u64) {
        self.core.obey(Command::Generate(TakeRequest {
            deck: deck(index),
            engine: Default::default(),
            spec: spec(seed),
            at: SwapAt::Now,
        }));
    }

    /// Generates and waits for the take.
    pub(super) fn made(&mut self, index: usize, seed: u64) -> TakeId {
        self.generate(index, seed);
        self.run();
        self.view(index).current.expect("a take was made")
    }

    pub(super) fn press(&mut self, index: usize, action: PressAction) {
        self.presses.push(Press { deck: deck(index), action, knobs: knobs() }).unwrap();
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        self.published.lock().unwrap().clone()
    }

    pub(super) fn view(&self, index: usize) -> DeckView {
        self.snapshot().decks[index].clone()
    }

    pub(super) fn playing(&self, index: usize) -> Option<TakeId> {
        self.snapshot().engine.decks[index].playing
    }

    pub(super) fn notices(&self) -> Vec<Notice> {
        self.snapshot().notices.to_vec()
    }

    /// The only notice there is.
    pub(super) fn only_notice(&self) -> String {
        let notices = self.notices();
        assert_eq!(notices.len(), 1, "{notices:#?}");
        notices[0].text.clone()
    }

    pub(super) fn take_dir(&self, id: TakeId) -> PathBuf {
        self.core.env.library.take_dir(id)
    }
}

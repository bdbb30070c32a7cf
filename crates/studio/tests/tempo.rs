//! The host's tempo moves: the real band, the studio's thread and the engine, from stretched to bit-exact and back.
use engine::{DeckIndex, Engine, EngineConfig, EngineParams, HostBlock, Outputs, SwapAt, prepare};
use jobs::{BandProvider, CancelToken, Progress, Provider, ProviderError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use studio::{BandDials, Command, ManifestCell, Studio, StudioConfig, TakeRequest};
use take::{BarCount, Bpm, Rendition, SampleRate, StyleId, Take, TakeSpec};

const PATIENCE: Duration = Duration::from_secs(120);
/// Every tempo here has beats of a whole number of such blocks.
const BLOCK: usize = 480;

/// The band, and how often it rendered again.
struct CountingBand(BandProvider, AtomicUsize);

impl Provider for CountingBand {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        self.0.generate(spec, rate, progress, cancel)
    }

    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.rerender(take, tempo, rate, progress, cancel)
    }
}

/// A rolling host around an engine, and the studio's view of it.
struct Host {
    studio: Studio,
    engine: Engine,
    tempo: f64,
    /// Frames on the grid of the present tempo.
    frame: usize,
    /// Left and right of each stem bus, last block.
    stems: [[Vec<f32>; 2]; 5],
}

impl Host {
    fn play_block(&mut self) {
        let block = HostBlock {
            num_frames: BLOCK,
            is_playing: true,
            tempo: Some(self.tempo),
            pos_beats: Some(self.frame as f64 * self.tempo / (60.0 * 48_000.0)),
            meter: Some((4, 4)),
            ..HostBlock::default()
        };
        let (mut left, mut right) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
        let stems = self.stems.each_mut().map(|stem| Some(stem.each_mut().map(|side| &mut side[..])));
        let mut out = Outputs { main: [&mut left, &mut right], stems, cue: None };
        self.engine.process(&block, &EngineParams::default(), &mut out);
        self.frame += BLOCK;
    }

    /// Plays until the studio shows the deck as stretching or not.
    fn play_until_stretching(&mut self, is_stretching: bool) {
        let started = Instant::now();
        while self.studio.handle().snapshot().engine.decks[0].is_stretching != is_stretching {
            assert!(started.elapsed() < PATIENCE, "still waiting at {} BPM", self.tempo);
            self.play_block();
            std::thread::yield_now();
        }
    }

    /// From the next beat on, the host has another tempo.
    fn change_tempo(&mut self, tempo: f64) {
        let beat = |tempo: f64| (60.0 * 48_000.0 / tempo) as usize;
        while !self.frame.is_multiple_of(beat(self.tempo)) {
            self.play_block();
        }
        self.frame = self.frame / beat(self.tempo) * beat(tempo);
        self.tempo = tempo;
    }

    /// Two seconds of every stem bus are the very bits of a rendition.
    fn assert_exact(&mut self, rendition: &Rendition) {
        // The fade into it, and a fade of the stretcher before that.
        (0..20).for_each(|_| self.play_block());
        let loop_frames = rendition.loop_frames() as usize;
        assert_eq!(loop_frames as f64, rendition.loop_frames(), "the test wants whole loops");
        let mut loudest = 0.0f32;
        for _ in 0..200 {
            let first = self.frame;
            self.play_block();
            for (stem, bus) in rendition.stems.iter().zip(&self.stems) {
                let Some(clip) = stem else { continue };
                for (side, bus) in [&clip.left, &clip.right].into_iter().zip(bus) {
                    let expected = (first..first + BLOCK).map(|frame| side[frame % loop_frames]);
                    // A number too small to be normal is written as zero.
                    let is_same = |(x, y): (&f32, f32)| *x == y || (*x == 0.0 && y.abs() < f32::MIN_POSITIVE);
                    assert!(bus.iter().zip(expected).all(is_same), "frame {first} at {} BPM", self.tempo);
                    loudest = bus.iter().fold(loudest, |peak, x| peak.max(x.abs()));
                }
            }
        }
        assert!(loudest > 0.05, "silence");
    }
}

#[test]
fn a_settled_tempo_is_played_bit_for_bit_and_so_is_the_way_back_from_memory() {
    let dir = tempfile::tempdir().unwrap();
    let config = StudioConfig { data_dir: dir.path().join("data"), config_dir: dir.path().join("config") };
    let band = Arc::new(CountingBand(BandProvider::new(&config.config_dir), AtomicUsize::new(0)));
    let session = Arc::new(ManifestCell::default());
    let (_presses, consumer) = rtrb::RingBuffer::new(1);
    let studio = Studio::start_with(
        config,
        jobs::Engines::only(band.clone()),
        session.clone(),
        consumer,
        Arc::new(BandDials::default),
    );
    let (engine, handle) = prepare(EngineConfig { rate: SampleRate::DEFAULT, max_frames: BLOCK });
    studio.attach(handle);
    let spec = TakeSpec {
        bars: BarCount::new(2).unwrap(),
        ..TakeSpec::new(StyleId::from("deep_house"), Bpm::new(120.0).unwrap(), 7)
    };
    let deck = DeckIndex::new(0).unwrap();
    studio.handle().send(Command::Generate(TakeRequest { deck, engine: Default::default(), spec, at: SwapAt::Now }));
    let stems = std::array::from_fn(|_| [vec![0.0; BLOCK], vec![0.0; BLOCK]]);
    let mut host = Host { studio, engine, tempo: 120.0, frame: 0, stems };
    let started = Instant::now();
    while host.studio.handle().snapshot().engine.decks[0].playing.is_none() {
        assert!(started.elapsed() < PATIENCE, "{:#?}", host.studio.handle().snapshot().notices);
        host.play_block();
        std::thread::yield_now();
    }
    let take = host.studio.handle().snapshot().decks[0].take.clone().expect("it plays");
    host.assert_exact(&take.original);

    host.change_tempo(150.0);
    host.play_until_stretching(true);
    host.play_until_stretching(false);
    let again = |bpm: f64| {
        let (progress, cancel) = (Progress::default(), CancelToken::default());
        band.0.rerender(&take, Bpm::new(bpm).unwrap(), SampleRate::DEFAULT, &progress, &cancel).unwrap()
    };
    host.assert_exact(&again(150.0));
    assert_eq!(session.get().decks[0].rendition_tempo.map(Bpm::get), Some(150.0));

    for tempo in [120.0, 150.0, 120.0] {
        host.change_tempo(tempo);
        host.play_until_stretching(true);
        host.play_until_stretching(false);
        host.assert_exact(&again(tempo));
    }
    assert_eq!(band.1.load(Ordering::SeqCst), 1, "rendered again what was in memory");
}

//! The studio with its thread, and several of them. These wait for each other by channel; nothing sleeps.
use super::bed::{Bed, deck, spec};
use crate::{Command, Manifest, ManifestCell, Studio, StudioConfig, StudioHandle, TakeRequest};
use engine::{EngineConfig, SwapAt, prepare};
use jobs::{FakeMode, FakeProvider};
use std::sync::Arc;
use std::time::{Duration, Instant};
use take::SampleRate;

const PATIENCE: Duration = Duration::from_secs(60);

fn started(dir: &tempfile::TempDir, provider: Arc<FakeProvider>, cell: Arc<ManifestCell>) -> Studio {
    let config = StudioConfig { data_dir: dir.path().to_owned(), config_dir: dir.path().to_owned() };
    Studio::start_with(
        config,
        jobs::Engines::only(provider),
        cell,
        rtrb::RingBuffer::new(16).1,
        Arc::new(crate::BandDials::default),
    )
}

/// Looks at snapshots until one will do.
fn wait_for(handle: &StudioHandle, is_there: impl Fn(&crate::Snapshot) -> bool) {
    let started = Instant::now();
    while !is_there(&handle.snapshot()) {
        assert!(started.elapsed() < PATIENCE, "{:?}", handle.snapshot());
        std::thread::yield_now();
    }
}

fn generate(handle: &StudioHandle, seed: u64) {
    handle.send(Command::Generate(TakeRequest {
        deck: deck(0),
        engine: Default::default(),
        spec: spec(seed),
        at: SwapAt::Now,
    }));
}

#[test]
fn eight_instances_at_once_work_and_end() {
    let dir = tempfile::tempdir().unwrap();
    let provider = Arc::new(FakeProvider::default());
    let studios: Vec<_> = (0..8).map(|_| started(&dir, provider.clone(), Arc::default())).collect();
    for (seed, studio) in studios.iter().enumerate() {
        generate(&studio.handle(), seed as u64);
    }
    for studio in &studios {
        wait_for(&studio.handle(), |snapshot| snapshot.decks[0].current.is_some());
    }
    let handle = studios[0].handle();
    drop(studios);
    assert_eq!(Arc::strong_count(&provider), 1, "a thread or a job still holds the provider");
    generate(&handle, 99);
}

#[test]
fn an_instance_that_goes_while_its_job_runs_is_gone_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let provider = Arc::new(FakeProvider::default());
    provider.set_mode(FakeMode::Endless);
    let studio = started(&dir, provider.clone(), Arc::default());
    generate(&studio.handle(), 1);
    wait_for(&studio.handle(), |snapshot| snapshot.decks[0].job.as_ref().is_some_and(|job| job.progress > 0.0));
    drop(studio);
    assert_eq!(Arc::strong_count(&provider), 1, "the job outlived its instance");
}

#[test]
fn activation_waits_until_the_project_is_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let (provider, cell) = (Arc::new(FakeProvider::default()), Arc::new(ManifestCell::default()));
    let studio = started(&dir, provider.clone(), cell.clone());
    generate(&studio.handle(), 1);
    wait_for(&studio.handle(), |snapshot| snapshot.decks[0].current.is_some());
    drop(studio);
    let reopened = Arc::new(ManifestCell::default());
    reopened.restore(Manifest::from_json(&cell.get().to_json()).unwrap());
    let studio = started(&dir, provider.clone(), reopened);
    let (_engine, handle) = prepare(EngineConfig { rate: SampleRate::new(44_100).unwrap(), max_frames: 64 });
    studio.attach(handle);
    assert!(studio.handle().wait_until_settled(PATIENCE));
    assert_eq!((provider.num_generated(), provider.num_rerendered()), (1, 1));
}

/// Breaks the studio thread itself, where no worker catches it.
struct FakeBrokenTempo;

impl jobs::Provider for FakeBrokenTempo {
    fn id(&self) -> &str {
        "broken"
    }

    fn tempo_for(&self, _: &str, _: &take::StyleId) -> take::Bpm {
        panic!("no tempo")
    }

    fn generate(
        &self,
        _: &take::TakeSpec,
        _: SampleRate,
        _: &jobs::Progress,
        _: &jobs::CancelToken,
    ) -> Result<take::Take, jobs::ProviderError> {
        Err(jobs::ProviderError::Cancelled)
    }

    fn rerender(
        &self,
        _: &take::Take,
        _: take::Bpm,
        _: SampleRate,
        _: &jobs::Progress,
        _: &jobs::CancelToken,
    ) -> Result<take::Rendition, jobs::ProviderError> {
        Err(jobs::ProviderError::Cancelled)
    }
}

#[test]
fn a_studio_that_breaks_again_and_again_says_that_it_has_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let config = StudioConfig { data_dir: dir.path().to_owned(), config_dir: dir.path().to_owned() };
    let studio = Studio::start_with(
        config,
        jobs::Engines::only(Arc::new(FakeBrokenTempo)),
        Arc::default(),
        rtrb::RingBuffer::new(16).1,
        Arc::new(crate::BandDials::default),
    );
    let knobs = crate::Knobs { tempo: None, ..super::bed::knobs() };
    let press = crate::Press { deck: deck(0), action: crate::PressAction::Generate, knobs };
    (0..100).for_each(|_| studio.handle().send(Command::Press(press)));
    let says = |words: &'static str| {
        move |snapshot: &crate::Snapshot| snapshot.notices.iter().any(|notice| notice.text.contains(words))
    };
    wait_for(&studio.handle(), says("Something in Continuo broke"));
    wait_for(&studio.handle(), says("Continuo has stopped working; save the project and load it again."));
}

#[test]
fn two_instances_share_one_pool_fairly() {
    let mut first = Bed::new();
    let mut second = first.sibling(Arc::default());
    (0..8).for_each(|index| first.generate(index, index as u64));
    second.generate(0, 50);
    // Both asked for their style files and for the prompt history, and may have those first.
    for _ in 0..6 {
        first.pool.run_next();
    }
    assert_eq!(second.provider.num_generated(), 1, "one deck of the other instance waits for all eight of the first");
    drop(second);
    first.run();
    assert_eq!(first.provider.num_generated(), 8);
}

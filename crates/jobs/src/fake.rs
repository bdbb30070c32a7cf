//! A provider for tests: instant, tiny, obedient, and broken on demand.
use crate::{CancelToken, Progress, Provider, ProviderError, bake};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use take::{
    AudioClip, Beats, Bpm, Note, Part, PartKind, PitchClass, Rendition, SampleRate, Scale, Take, TakeId, TakeInfo,
    TakeSpec,
};

/// What the fake does with the next job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FakeMode {
    /// Makes a take: a click on every beat in the drums, a constant that follows the seed in the bass.
    #[default]
    Obey,
    /// Fails with a sentence.
    Fail,
    /// Panics.
    Panic,
    /// Goes on until it is cancelled.
    Endless,
}

/// See [`FakeMode`].
#[derive(Debug, Default)]
pub struct FakeProvider {
    mode: Mutex<FakeMode>,
    num_generated: AtomicUsize,
    num_rerendered: AtomicUsize,
}

impl FakeProvider {
    /// How the next jobs go.
    pub fn set_mode(&self, mode: FakeMode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Calls of `generate` so far.
    pub fn num_generated(&self) -> usize {
        self.num_generated.load(Ordering::SeqCst)
    }

    /// Calls of `rerender` so far.
    pub fn num_rerendered(&self) -> usize {
        self.num_rerendered.load(Ordering::SeqCst)
    }

    fn obey(&self, progress: &Progress, cancel: &CancelToken) -> Result<(), ProviderError> {
        let mode = *self.mode.lock().unwrap_or_else(PoisonError::into_inner);
        progress.report(0.5, "faking");
        match mode {
            FakeMode::Obey => Ok(cancel.check()?),
            FakeMode::Fail => Err(ProviderError::BrokenStyle { reason: "the fake was told to fail".to_owned() }),
            FakeMode::Panic => panic!("the fake was told to panic"),
            FakeMode::Endless => loop {
                cancel.check()?;
                std::thread::yield_now();
            },
        }
    }
}

impl Provider for FakeProvider {
    fn id(&self) -> &str {
        "fake"
    }

    fn generate(
        &self,
        spec: &TakeSpec,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Take, ProviderError> {
        self.num_generated.fetch_add(1, Ordering::SeqCst);
        spec.check()?;
        self.obey(progress, cancel)?;
        bake(fake_info(spec), vec![fake_part(spec)], fake_rendition(spec, spec.tempo, rate))
            .map_err(|source| ProviderError::Bake { engine: "fake".to_owned(), source })
    }

    fn rerender(
        &self,
        take: &Take,
        tempo: Bpm,
        rate: SampleRate,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Rendition, ProviderError> {
        self.num_rerendered.fetch_add(1, Ordering::SeqCst);
        self.obey(progress, cancel)?;
        Ok(Rendition { take: take.id, ..fake_rendition(&take.info.spec, tempo, rate) })
    }
}

fn fake_info(spec: &TakeSpec) -> TakeInfo {
    TakeInfo {
        name: format!("Fake {} #{}", spec.tempo.get(), spec.seed),
        spec: spec.clone(),
        engine: "fake/1".to_owned(),
        key: spec.key.unwrap_or(PitchClass::new(0)),
        scale: spec.scale.unwrap_or(Scale::Minor),
        tempo: spec.tempo,
        meter: spec.meter,
        bars: spec.bars,
        chords: Vec::new(),
        loudness_lufs: -16.0,
        true_peak_dbtp: -6.0,
    }
}

fn fake_part(spec: &TakeSpec) -> Part {
    let click = |beat: usize| Note { start: Beats(beat as f64), duration: Beats(0.25), key: 36, velocity: 100 };
    Part {
        kind: PartKind::Drums,
        name: "Clicks".to_owned(),
        program: 0,
        channel: 9,
        notes: (0..spec.num_beats().ceil() as usize).map(click).collect(),
    }
}

fn fake_rendition(spec: &TakeSpec, tempo: Bpm, rate: SampleRate) -> Rendition {
    let (loop_beats, bar_beats) = (Beats(spec.num_beats()), spec.meter.bar_beats());
    let mut rendition =
        Rendition { take: TakeId([0; 32]), tempo, rate, loop_beats, bar_beats, stems: Default::default() };
    let num_frames = rendition.num_frames();
    let mut drums = vec![0.0; num_frames];
    for note in fake_part(spec).notes {
        let frame = (note.start.0 * tempo.frames_per_beat(rate)).round() as usize;
        if let Some(sample) = drums.get_mut(frame) {
            *sample = 0.5;
        }
    }
    let bass = vec![0.0625 + (spec.seed % 64) as f32 / 1024.0; num_frames];
    let clip = |channel: Vec<f32>| Some(AudioClip { left: channel.clone().into(), right: channel.into() });
    rendition.stems = [clip(drums), clip(bass), None, None, None];
    rendition
}

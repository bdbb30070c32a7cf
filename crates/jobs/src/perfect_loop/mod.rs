//! Any audio becomes a loop of whole bars at a tempo: beats found, stretched, seam closed, loudness set, baked.
//!
//! What was asked for is trusted and checked by ear: a length of whole bars is taken at its word, a tempo that is heard
//! elsewhere is believed where it is clear.
mod cut;
mod harmony;
mod plan;

use crate::straight_resample::resample_straight;
use crate::{BakeError, CancelToken, Cancelled, Progress, ResampleError, bake};
use cut::{Seam, seam_of};
use listen::Analysis;
use plan::Plan;
pub(crate) use plan::whole_bars;
use take::{
    AudioClip, Beats, Bpm, PitchClass, Rendition, SampleRate, Scale, SpecError, StemKind, Take, TakeId, TakeInfo,
    TakeSpec,
};

/// A peak below this is silence, as bake has it.
const SILENCE_PEAK: f32 = 1e-4;
/// Keys that are less sure than this are left to what was asked for.
const SURE_KEY: f32 = 0.1;

/// Audio that shall become a loop, and who made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoopSource<'a> {
    /// Left channel.
    pub left: &'a [f32],
    /// Right channel, as long as the left.
    pub right: &'a [f32],
    /// Rate of both.
    pub rate: SampleRate,
    /// What the take is called; tempo and key are put behind it.
    pub name: &'a str,
    /// What made it, with its version: `import/1`.
    pub engine: &'a str,
    /// About the tempo of the audio where it is known; it settles half and double. `None`: near the wanted one.
    pub near_tempo: Option<Bpm>,
}

/// A loop, and what was done for it.
#[derive(Debug, Clone, PartialEq)]
pub struct PerfectLoop {
    /// One stem, `Other`, at the wanted tempo.
    pub take: Take,
    /// What was heard in the audio before.
    pub heard: Analysis,
    /// Tempo that the audio was taken to have.
    pub source_tempo_bpm: f64,
    /// Where in the audio the loop begins, in seconds.
    pub start_s: f64,
    /// Bars that were used; they go round until the loop is full.
    pub num_source_bars: u8,
    /// Source time per loop time; 1.0 is as it was.
    pub stretch: f64,
    /// Largest step from one frame to the next at the seam, and anywhere else, of full scale.
    pub seam_step: f32,
    /// See [`seam_step`](Self::seam_step).
    pub largest_step: f32,
}

/// Why audio does not become a loop. Every sentence is for the user.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PerfectLoopError {
    /// The owner changed its mind.
    #[error("cancelled")]
    Cancelled,
    /// Nothing that could be made.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Two channels that do not belong together.
    #[error("its channels have {left_frames} and {right_frames} frames")]
    Channels {
        /// Frames of the left one.
        left_frames: usize,
        /// Frames of the right one.
        right_frames: usize,
    },
    /// A sample is infinite or not a number.
    #[error("it is broken {at_s:.2} s from its start: a sample there is no number")]
    NotFinite {
        /// Where, in seconds.
        at_s: f64,
    },
    /// There is nothing to hear.
    #[error("it is silent")]
    Silent,
    /// Less than one bar.
    #[error("it is {seconds:.2} s long; one bar at {bpm:.1} BPM takes {bar_s:.2} s")]
    TooShort {
        /// What there is.
        seconds: f64,
        /// Tempo it was taken to have.
        bpm: f64,
        /// What one bar needs.
        bar_s: f64,
    },
    /// Rates that cannot be brought together.
    #[error(transparent)]
    Resample(ResampleError),
    /// The result is no take.
    #[error("what came of it is not usable: {0}")]
    Bake(#[from] BakeError),
}

impl From<Cancelled> for PerfectLoopError {
    fn from(_: Cancelled) -> Self {
        PerfectLoopError::Cancelled
    }
}

impl From<ResampleError> for PerfectLoopError {
    fn from(error: ResampleError) -> Self {
        match error {
            ResampleError::Cancelled(_) => PerfectLoopError::Cancelled,
            error => PerfectLoopError::Resample(error),
        }
    }
}

/// Makes a loop of exactly `spec.bars` at `spec.tempo` and `rate`, at the band's loudness, and bakes it. Where the audio
/// has fewer bars, as many as divide `spec.bars` go round. The same audio and wishes give the same take.
///
/// # Errors
/// [`PerfectLoopError`]; nothing is left behind.
pub fn perfect_loop(
    source: &LoopSource<'_>,
    spec: &TakeSpec,
    rate: SampleRate,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<PerfectLoop, PerfectLoopError> {
    spec.check()?;
    check(source)?;
    progress.report(0.0, "resampling");
    let audio = at_rate(source, rate, cancel)?;
    progress.report(0.1, "listening");
    let heard = listen_to(&audio, rate, cancel)?;
    let plan = Plan::new(&audio, rate, &heard, spec, source.near_tempo)?;
    cancel.check()?;
    let clip = cut::cut(&audio, rate, &plan, spec, &progress.within(0.3, 0.7), cancel)?;
    let mut original = Rendition {
        take: TakeId([0; 32]),
        tempo: spec.tempo,
        rate,
        loop_beats: Beats(spec.num_beats()),
        bar_beats: spec.meter.bar_beats(),
        stems: Default::default(),
    };
    original.stems[StemKind::Other as usize] = Some(clip);
    let report = progress.within(0.7, 0.9);
    let mut on_progress = |share: f32, stage: &str| {
        report(share, stage);
        cancel.flow()
    };
    let levels = synth::level(&mut original, &mut on_progress).map_err(|_| PerfectLoopError::Cancelled)?;
    cancel.check()?;
    progress.report(0.9, "finishing");
    let Seam { seam_step, largest_step } = seam_of(&original);
    let info = info_of(source, spec, &heard, &original, levels);
    let take = bake(info, Vec::new(), original)?;
    Ok(PerfectLoop {
        take,
        heard,
        source_tempo_bpm: plan.source_bpm,
        start_s: plan.start_frame / f64::from(rate.get()),
        num_source_bars: plan.num_bars,
        stretch: plan.speed,
        seam_step,
        largest_step,
    })
}

fn check(source: &LoopSource<'_>) -> Result<(), PerfectLoopError> {
    let (left_frames, right_frames) = (source.left.len(), source.right.len());
    if left_frames != right_frames {
        return Err(PerfectLoopError::Channels { left_frames, right_frames });
    }
    let both = || source.left.iter().zip(source.right);
    if let Some(frame) = both().position(|(left, right)| !(left.is_finite() && right.is_finite())) {
        return Err(PerfectLoopError::NotFinite { at_s: frame as f64 / f64::from(source.rate.get()) });
    }
    let peak = both().fold(0.0f32, |peak, (left, right)| peak.max(left.abs()).max(right.abs()));
    if peak < SILENCE_PEAK { Err(PerfectLoopError::Silent) } else { Ok(()) }
}

fn at_rate(source: &LoopSource<'_>, rate: SampleRate, cancel: &CancelToken) -> Result<AudioClip, ResampleError> {
    let channel = |channel: &[f32]| resample_straight(channel, source.rate, rate, cancel);
    Ok(AudioClip { left: channel(source.left)?, right: channel(source.right)? })
}

/// In pieces of a second, so that a cancel is heard.
fn listen_to(audio: &AudioClip, rate: SampleRate, cancel: &CancelToken) -> Result<Analysis, Cancelled> {
    let mut ear = listen::AudioEar::new(rate);
    let second = rate.get() as usize;
    for (left, right) in audio.left.chunks(second).zip(audio.right.chunks(second)) {
        cancel.check()?;
        ear.push(left, right);
    }
    cancel.check()?;
    Ok(ear.finish())
}

fn info_of(
    source: &LoopSource<'_>,
    spec: &TakeSpec,
    heard: &Analysis,
    original: &Rendition,
    levels: synth::MixLevels,
) -> TakeInfo {
    let sure = heard.key.filter(|heard| heard.confidence >= SURE_KEY || spec.key.is_none());
    let asked = (spec.key.unwrap_or(PitchClass::new(0)), spec.scale.unwrap_or(Scale::Major));
    let (key, scale) = sure.map_or(asked, |heard| (heard.key.tonic, heard.key.scale));
    let bpm = (spec.tempo.get() * 100.0).round() / 100.0;
    let named = theory::Key::new(key, scale);
    let name = match heard.key {
        Some(_) => format!("{} {bpm} {}", source.name, named.short_name()),
        None => format!("{} {bpm}", source.name),
    };
    TakeInfo {
        name,
        spec: spec.clone(),
        engine: source.engine.to_owned(),
        key,
        scale,
        tempo: spec.tempo,
        meter: spec.meter,
        bars: spec.bars,
        chords: if heard.key.is_some() { harmony::chords(original, &named) } else { Vec::new() },
        loudness_lufs: levels.loudness_lufs,
        true_peak_dbtp: levels.true_peak_dbtp,
    }
}

//! What the stretcher knows of a loop beforehand. Made off the audio thread, read on it.
use super::{MAX_STEMS, onset};

/// Which stems share their splices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// All stems move as one: they stay phase-coherent, so that stems that were cut out of one recording (or that
    /// bleed into each other) still add up to it.
    Together,
    /// Every stem for itself: a hi-hat does not cut the pad. Best for stems that were made separately; they agree to
    /// the sample at their own onsets and within about 15 ms in between.
    #[default]
    Apart,
}

/// Coarse copies and onsets of one loop. Immutable.
#[derive(Debug, Clone)]
pub struct StretchMap {
    pub(super) groups: Vec<Group>,
    loop_frames: f64,
    num_frames: usize,
    rate: f64,
}

/// Stems that share their splices.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Indices of its stems.
    pub stems: Vec<usize>,
    /// Mono sum at about 6 kHz.
    pub thin: Vec<f32>,
    /// Source frames per frame of `thin`.
    pub thin_step: f64,
    /// Attack starts in source frames, rising, at least 25 ms apart.
    pub onsets: Vec<f64>,
    /// Onsets are more than half a second apart on average.
    pub is_calm: bool,
}

impl StretchMap {
    /// Looks at a loop of `loop_frames` (exact, may be a fraction less than the slices hold) at `rate`.
    ///
    /// `known_onsets` per stem, in source frames, where the notes behind the audio are known; they are used instead of
    /// what listening would find. Empty = listen. Allocates; not for the audio thread.
    pub fn analyse(
        stems: &[Option<[&[f32]; 2]>; MAX_STEMS],
        loop_frames: f64,
        rate: f64,
        grouping: Grouping,
        known_onsets: &[Vec<f64>; MAX_STEMS],
    ) -> Self {
        let held_frames = stems.iter().flatten().flatten().map(|channel| channel.len()).min().unwrap_or(0);
        let present: Vec<usize> = (0..MAX_STEMS).filter(|stem| stems[*stem].is_some()).collect();
        let members: Vec<Vec<usize>> = match grouping {
            Grouping::Together if present.is_empty() => Vec::new(),
            Grouping::Together => vec![present],
            Grouping::Apart => present.into_iter().map(|stem| vec![stem]).collect(),
        };
        let loop_frames = if loop_frames.is_finite() { loop_frames.clamp(0.0, held_frames as f64) } else { 0.0 };
        let num_frames = libm::ceil(loop_frames - 1.0e-6).max(0.0) as usize;
        let groups = members
            .into_iter()
            .map(|members| Group::analyse(members, stems, num_frames, loop_frames, rate, known_onsets))
            .collect();
        Self { groups, loop_frames, num_frames, rate }
    }

    /// Exact length of the loop in source frames.
    pub fn loop_frames(&self) -> f64 {
        self.loop_frames
    }

    /// Whole frames a voice reads before it starts again.
    pub(super) fn num_frames(&self) -> usize {
        self.num_frames
    }

    /// Rate of the source.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// Groups that are spliced for themselves, 0..=5.
    pub fn num_groups(&self) -> usize {
        self.groups.len()
    }

    /// Attack starts the stretcher locks onto, in source frames, per group.
    pub fn onsets(&self) -> impl Iterator<Item = &[f64]> {
        self.groups.iter().map(|group| group.onsets.as_slice())
    }

    /// A position this far from the expected one is a jump: 3 ms.
    pub(super) fn jump_frames(&self) -> f64 {
        0.003 * self.rate
    }
}

impl Group {
    fn analyse(
        stems: Vec<usize>,
        audio: &[Option<[&[f32]; 2]>; MAX_STEMS],
        num_frames: usize,
        loop_frames: f64,
        rate: f64,
        known_onsets: &[Vec<f64>; MAX_STEMS],
    ) -> Self {
        let mut mono = vec![0.0f32; num_frames];
        for channel in stems.iter().filter_map(|stem| audio[*stem]).flatten() {
            mono.iter_mut().zip(channel).for_each(|(sum, x)| *sum += 0.5 * crate::guard::clean(*x));
        }
        let mut onsets: Vec<f64> = stems.iter().flat_map(|stem| known_onsets[*stem].iter().copied()).collect();
        if onsets.is_empty() {
            onsets = onset::detect(&mono, rate);
        }
        let step = libm::round(rate / 6_000.0).max(1.0) as usize;
        let thin = thin_out(&mono, step);
        let onsets = tidy(onsets, loop_frames, rate);
        let is_calm = onsets.len() as f64 * 0.5 * rate < loop_frames;
        Self { stems, thin, thin_step: step as f64, onsets, is_calm }
    }
}

/// Sorted, inside the loop, and never two within 25 ms: the first one of a cluster carries the attack.
fn tidy(mut onsets: Vec<f64>, loop_frames: f64, rate: f64) -> Vec<f64> {
    onsets.retain(|onset| onset.is_finite() && (0.0..loop_frames).contains(onset));
    onsets.sort_by(f64::total_cmp);
    let mut kept: Vec<f64> = Vec::with_capacity(onsets.len());
    for onset in onsets {
        if kept.last().is_none_or(|last| onset - last >= 0.025 * rate) {
            kept.push(libm::round(onset));
        }
    }
    kept
}

/// Keeps every `step`-th frame behind a low-pass (a triangle as wide as four steps), circular.
fn thin_out(mono: &[f32], step: usize) -> Vec<f32> {
    let len = mono.len();
    let reach = 2 * step;
    let weight = |offset: usize| 1.0 - (offset as f32 - reach as f32).abs() / (reach as f32 + 1.0);
    let weights: Vec<f32> = (0..=2 * reach).map(|offset| weight(offset) / (reach as f32 + 1.0)).collect();
    if len == 0 {
        return Vec::new();
    }
    let around = |index: usize| mono[(index + len * (1 + reach / len) - reach) % len];
    let padded: Vec<f32> = (0..len + 2 * reach).map(around).collect();
    let windows = padded.windows(weights.len()).step_by(step).take(len / step);
    windows.map(|window| window.iter().zip(&weights).map(|(x, weight)| x * weight).sum()).collect()
}

/// `a - b` the short way round a loop.
pub(super) fn signed_distance(a: f64, b: f64, loop_frames: f64) -> f64 {
    let ahead = (a - b).rem_euclid(loop_frames);
    if ahead > 0.5 * loop_frames { ahead - loop_frames } else { ahead }
}

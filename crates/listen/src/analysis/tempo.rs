//! Tempo: how alike the onset strength is to itself a beat, two beats and a bar later.
//!
//! Autocorrelation with a preference for moderate tempi, as in Ellis, "Beat tracking by dynamic programming" (Journal of
//! New Music Research 36, 2007); kick drums are looked at for themselves, since they tell a beat from its half. What
//! each lag counts was learnt from drum loops.
use super::flux::{Envelope, HOPS_PER_S};

/// Tempi that are told, in beats per minute.
pub(crate) const RANGE_BPM: (f64, f64) = (40.0, 240.0);
/// Step from one candidate to the next.
const STEP: f64 = 1.01;
/// Distances are counted from here, in octaves.
const MIDDLE_BPM: f64 = 112.0;
/// Lags that are looked at, in beats.
const LAGS: [f64; 8] = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0];
/// What likeness at each lag counts for a tempo, of everything and of the kick drum; the natural logarithm of how much
/// likelier. Fitted (logistic regression with weight decay) to 133 drum loops of 23 patterns at 58 to 178 BPM, played
/// with TimGM6mb; of patterns left out of the fit, 83 % were told right, the rest by octaves.
const WEIGHTS: [f64; 8] = [-0.58, 1.62, 0.77, 1.35, 1.41, 0.25, 0.69, 1.84];
const KICK_WEIGHTS: [f64; 8] = [-0.30, -0.71, 0.72, 1.54, -0.39, 0.28, 0.42, 2.78];
/// And what the distance from the middle counts, squared and as it is.
const OCTAVE_WEIGHTS: [f64; 2] = [-2.60, 1.67];
/// Other tempi that are not less likely than this, as a logarithm, are told.
const OTHERS: f64 = -1.5;
/// Longest stretch that is compared with itself: music may change its tempo.
const WINDOW_HOPS: usize = 1 << 13;
/// Least likeness of music that has a tempo.
const LEAST_LIKENESS: f64 = 0.12;

/// A tempo and what else it may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Beats per minute, to about one per cent.
    pub bpm: f64,
    /// Likeness of the music to itself at this tempo, 0.0..=1.0.
    pub confidence: f32,
    /// Tempi that fit nearly as well and are no octave of it.
    pub others: Vec<f64>,
}

/// `None` where nothing repeats.
pub(crate) fn find(envelope: &Envelope) -> Option<Found> {
    let candidates = candidates();
    let mut scores = vec![0.0f64; candidates.len()];
    let mut likeness = vec![0.0f64; candidates.len()];
    let mut num_windows = 0;
    for start in starts(envelope.all.len()) {
        let end = (start + WINDOW_HOPS).min(envelope.all.len());
        let Some(all) = Likeness::of(&envelope.all[start..end]) else { continue };
        let low = Likeness::of(&envelope.low[start..end]);
        num_windows += 1;
        for (index, bpm) in candidates.iter().enumerate() {
            let period = 60.0 / bpm * HOPS_PER_S;
            scores[index] += score(&all, low.as_ref(), period);
            likeness[index] += all.best_of(period);
        }
    }
    if num_windows == 0 {
        return None;
    }
    for (score, bpm) in scores.iter_mut().zip(&candidates) {
        *score = *score / f64::from(num_windows) + preference(*bpm);
    }
    let best = highest(&scores, |_| true)?;
    let confidence = likeness[best] / f64::from(num_windows);
    if confidence < LEAST_LIKENESS {
        return None;
    }
    let bpm = candidates[best];
    let is_other = |index: usize| {
        let octaves = libm::log2(candidates[index] / bpm);
        let beside = (octaves - libm::round(octaves)).abs();
        beside > 0.1 && scores[index] > scores[best] + OTHERS && is_summit(&scores, index)
    };
    let others = highest(&scores, is_other).map(|index| candidates[index]).into_iter().collect();
    Some(Found { bpm, confidence: confidence.clamp(0.0, 1.0) as f32, others })
}

fn candidates() -> Vec<f64> {
    let num = (libm::log(RANGE_BPM.1 / RANGE_BPM.0) / libm::log(STEP)) as usize;
    (0..=num).map(|step| RANGE_BPM.0 * libm::pow(STEP, step as f64)).collect()
}

/// Half overlapping windows.
fn starts(num_hops: usize) -> impl Iterator<Item = usize> {
    let last = num_hops.saturating_sub(WINDOW_HOPS / 2).max(1);
    (0..last).step_by(WINDOW_HOPS / 2)
}

fn highest(scores: &[f64], is_wanted: impl Fn(usize) -> bool) -> Option<usize> {
    (0..scores.len()).filter(|index| is_wanted(*index)).max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
}

fn is_summit(scores: &[f64], index: usize) -> bool {
    let from = index.saturating_sub(2);
    scores[from..(index + 3).min(scores.len())].iter().all(|score| *score <= scores[index])
}

fn preference(bpm: f64) -> f64 {
    let octaves = libm::log2(bpm / MIDDLE_BPM);
    OCTAVE_WEIGHTS[0] * octaves * octaves + OCTAVE_WEIGHTS[1] * octaves
}

/// How well a beat of `period` hops fits, as a logarithm.
fn score(all: &Likeness, low: Option<&Likeness>, period: f64) -> f64 {
    let kick = low.map_or(0.0, |low| low.weighed(period, &KICK_WEIGHTS));
    all.weighed(period, &WEIGHTS) + kick
}

/// Autocorrelation; 1.0 at a lag of nothing.
struct Likeness {
    by_lag: Vec<f64>,
}

impl Likeness {
    /// `None` for silence and for less than a second.
    fn of(strength: &[f32]) -> Option<Self> {
        if strength.len() < HOPS_PER_S as usize {
            return None;
        }
        let x = smooth(&level(strength));
        let len = (2 * x.len()).next_power_of_two();
        let (forward, backward) = (fourier::forward(len), fourier::inverse(len));
        let (mut time, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
        time[..x.len()].copy_from_slice(&x);
        forward.process(&mut time, &mut spectrum).ok()?;
        spectrum.iter_mut().for_each(|bin| *bin = bin.norm_sqr().into());
        backward.process(&mut spectrum, &mut time).ok()?;
        let energy = f64::from(time[0]) / x.len() as f64;
        if energy.is_nan() || energy <= 1e-9 * len as f64 {
            return None;
        }
        // Less than a quarter of the stretch has a say on longer lags.
        let lags = 0..x.len() * 3 / 4;
        let by_lag = lags.map(|lag| f64::from(time[lag]) / (x.len() - lag) as f64 / energy).collect();
        Some(Self { by_lag })
    }

    /// At a lag of so many hops, between its neighbours; `None` beyond what is known.
    fn at(&self, lag: f64) -> Option<f64> {
        let (whole, part) = (lag as usize, lag.fract());
        let pair = self.by_lag.get(whole..whole + 2)?;
        Some(pair[0] + part * (pair[1] - pair[0]))
    }

    /// Sum over `LAGS`; a lag beyond what is known counts as the one before.
    fn weighed(&self, period: f64, weights: &[f64; 8]) -> f64 {
        let (mut sum, mut last) = (0.0, 0.0);
        for (beats, weight) in LAGS.iter().zip(weights) {
            last = self.at(beats * period).unwrap_or(last);
            sum += weight * last;
        }
        sum
    }

    /// The best of a beat, two beats and a bar.
    fn best_of(&self, period: f64) -> f64 {
        [1.0, 2.0, 4.0].iter().filter_map(|beats| self.at(beats * period)).fold(0.0, f64::max)
    }
}

/// What stands out of the mean of a second and a half; the mean of the whole is taken off.
fn level(strength: &[f32]) -> Vec<f32> {
    let half = (0.75 * HOPS_PER_S) as usize;
    let (mut sum, mut from, mut to) = (0.0f64, 0, 0);
    let mut out: Vec<f32> = (0..strength.len())
        .map(|at| {
            while to < (at + half).min(strength.len()) {
                sum += f64::from(strength[to]);
                to += 1;
            }
            while from < at.saturating_sub(half) {
                sum -= f64::from(strength[from]);
                from += 1;
            }
            (strength[at] - (sum / (to - from) as f64) as f32).max(0.0)
        })
        .collect();
    let mean = out.iter().sum::<f32>() / out.len().max(1) as f32;
    out.iter_mut().for_each(|value| *value -= mean);
    out
}

/// Players are no clocks: 10 ms more or less are the same.
fn smooth(values: &[f32]) -> Vec<f32> {
    const KERNEL: [f32; 7] = [0.05, 0.12, 0.2, 0.26, 0.2, 0.12, 0.05];
    let at = |index: usize, tap: usize| (index + tap).checked_sub(3).and_then(|at| values.get(at)).copied();
    (0..values.len())
        .map(|index| KERNEL.iter().enumerate().map(|(tap, weight)| weight * at(index, tap).unwrap_or(0.0)).sum())
        .collect()
}

//! Beats: the chain of strong onsets whose distances stay near a tempo, and the bars they make.
//!
//! Dynamic programming as in Ellis, "Beat tracking by dynamic programming" (Journal of New Music Research 36, 2007).
use super::flux::{Envelope, HOPS_PER_S};
use super::onsets::LATE_S;

/// What it costs to leave the tempo, against onsets of one standard deviation.
const TIGHTNESS: f32 = 150.0;
/// Beats of a steady tempo are this near to a straight line, root mean square, in seconds.
const STEADY_S: f64 = 0.020;
/// Beats in a bar; other meters are not told.
const BAR: usize = 4;
/// How much likelier a bar begins where the sound does.
const FIRST_IS_ONE: f32 = 1.25;

/// Beats and the tempo that they have in fact.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Beats {
    /// Beats per minute.
    pub bpm: f64,
    /// In seconds, rising.
    pub beats_s: Vec<f64>,
    /// The tempo does not move.
    pub is_steady: bool,
    /// Which of the first four beats begins a bar.
    pub downbeat: usize,
}

/// Follows a tempo that is known to some per cent.
pub(crate) fn track(envelope: &Envelope, bpm: f64) -> Beats {
    let strength = strength(envelope);
    let hops = chain(&strength, 60.0 / bpm * HOPS_PER_S);
    let seconds: Vec<f64> = hops.iter().map(|hop| peak_near(&strength, *hop)).collect();
    if seconds.len() < 3 {
        return Beats { bpm, is_steady: true, ..straight(&strength, &seconds, bpm, envelope) };
    }
    let (phase, period, error) = line(&seconds);
    let downbeat = downbeat(envelope, &hops);
    if error < STEADY_S {
        let beats_s = (0..seconds.len()).map(|beat| (phase + beat as f64 * period).max(0.0)).collect();
        return Beats { bpm: 60.0 / period, beats_s, is_steady: true, downbeat };
    }
    Beats { bpm: 60.0 / usual_period(&seconds), beats_s: seconds, is_steady: false, downbeat }
}

/// Too few beats for a line: on the strongest place, and every period from there.
fn straight(strength: &[f32], seconds: &[f64], bpm: f64, envelope: &Envelope) -> Beats {
    let end_s = strength.len() as f64 / HOPS_PER_S;
    let first = seconds.first().copied().unwrap_or(0.0);
    let period = 60.0 / bpm;
    let beats_s: Vec<f64> = (0..).map(|beat| first + f64::from(beat) * period).take_while(|at| *at < end_s).collect();
    let hops: Vec<usize> = beats_s.iter().map(|at| (at * HOPS_PER_S) as usize).collect();
    Beats { downbeat: downbeat(envelope, &hops), beats_s, ..Beats::default() }
}

/// All bands and kick drums, in standard deviations.
fn strength(envelope: &Envelope) -> Vec<f32> {
    let sum: Vec<f32> = envelope.all.iter().zip(&envelope.low).map(|(all, low)| all + 0.7 * low).collect();
    let num = sum.len().max(1) as f32;
    let mean = sum.iter().sum::<f32>() / num;
    let deviation = (sum.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / num).sqrt().max(1e-6);
    sum.into_iter().map(|value| value / deviation).collect()
}

/// Hops of the beats.
fn chain(strength: &[f32], period: f64) -> Vec<usize> {
    let (shortest, longest) = ((0.5 * period).max(1.0) as usize, (2.0 * period) as usize);
    let cost: Vec<f32> = (shortest..=longest)
        .map(|lag| {
            let off = libm::log(lag as f64 / period) as f32;
            TIGHTNESS * off * off
        })
        .collect();
    let mut total = strength.to_vec();
    let mut from = vec![u32::MAX; strength.len()];
    for at in shortest..strength.len() {
        let lags = shortest..=longest.min(at);
        let before = lags.map(|lag| (total[at - lag] - cost[lag - shortest], at - lag));
        // The first beat may be anywhere: nothing before it is worth nothing.
        if let Some((best, previous)) = before.max_by(|a, b| a.0.total_cmp(&b.0))
            && best > 0.0
        {
            total[at] += best;
            from[at] = previous as u32;
        }
    }
    let tail = strength.len().saturating_sub(longest);
    let Some(mut at) = (tail..strength.len()).max_by(|a, b| total[*a].total_cmp(&total[*b])) else {
        return Vec::new();
    };
    let mut hops = vec![at];
    while from[at] != u32::MAX {
        at = from[at] as usize;
        hops.push(at);
    }
    hops.reverse();
    hops
}

/// Time of the summit near a hop, to a fraction of a hop.
fn peak_near(strength: &[f32], hop: usize) -> f64 {
    let (from, to) = (hop.saturating_sub(4), (hop + 5).min(strength.len()));
    let weights = || (from..to).map(|at| (at as f64, f64::from(strength[at]).powi(2)));
    let sum: f64 = weights().map(|(_, weight)| weight).sum();
    let centre = if sum > 1e-9 { weights().map(|(at, weight)| at * weight).sum::<f64>() / sum } else { hop as f64 };
    (centre / HOPS_PER_S - LATE_S).max(0.0)
}

/// Least squares through the beats, once more without those that are off: phase, period, root mean square error of
/// those that stay, all in seconds.
fn line(seconds: &[f64]) -> (f64, f64, f64) {
    let all: Vec<(f64, f64)> = seconds.iter().enumerate().map(|(beat, at)| (beat as f64, *at)).collect();
    let (phase, period) = least_squares(&all);
    let off = |(beat, at): &(f64, f64)| (at - phase - beat * period).abs();
    let mut errors: Vec<f64> = all.iter().map(off).collect();
    errors.sort_by(f64::total_cmp);
    // Twice the median: syncopation pulls single beats off.
    let limit = (2.0 * errors[errors.len() / 2]).max(0.005);
    let kept: Vec<(f64, f64)> = all.iter().copied().filter(|point| off(point) <= limit).collect();
    let (phase, period) = if kept.len() >= 3 { least_squares(&kept) } else { (phase, period) };
    let square = |(beat, at): &(f64, f64)| (at - phase - beat * period).powi(2);
    let error = (all.iter().map(square).sum::<f64>() / all.len() as f64).sqrt();
    (phase, period, error)
}

fn least_squares(points: &[(f64, f64)]) -> (f64, f64) {
    let num = points.len() as f64;
    let (mean_x, mean_y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / num, y + point.1 / num));
    let (mut xy, mut xx) = (0.0, 0.0);
    for (x, y) in points {
        xy += (x - mean_x) * (y - mean_y);
        xx += (x - mean_x) * (x - mean_x);
    }
    let slope = xy / xx.max(1e-12);
    (mean_y - slope * mean_x, slope)
}

/// Median of the period over eight beats each.
fn usual_period(seconds: &[f64]) -> f64 {
    let span = 8.min(seconds.len() - 1);
    let mut periods: Vec<f64> = seconds.windows(span + 1).map(|w| (w[span] - w[0]) / span as f64).collect();
    periods.sort_by(f64::total_cmp);
    periods[periods.len() / 2]
}

/// Bars begin on the beats with most kick drum and most of everything, or where the sound begins.
fn downbeat(envelope: &Envelope, hops: &[usize]) -> usize {
    let peak = |values: &[f32], hop: usize| {
        let (from, to) = (hop.saturating_sub(6), (hop + 7).min(values.len()));
        values[from.min(to)..to].iter().fold(0.0f32, |most, value| most.max(*value))
    };
    let score = |first: usize| {
        let beats: Vec<usize> = hops.iter().copied().skip(first).step_by(BAR).collect();
        let sum: f32 = beats.iter().map(|hop| peak(&envelope.low, *hop) + 0.3 * peak(&envelope.all, *hop)).sum();
        let mean = sum / beats.len().max(1) as f32;
        mean * if first == 0 && hops.first().is_some_and(|hop| (*hop as f64) < 0.1 * HOPS_PER_S) {
            FIRST_IS_ONE
        } else {
            1.0
        }
    };
    let scores: Vec<f32> = (0..BAR.min(hops.len())).map(score).collect();
    // The first of equals.
    (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0)
}

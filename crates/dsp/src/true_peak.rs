//! Offline: true peak (ITU-R BS.1770-4 annex 2: four-times oversampling) and the look-ahead gain curve that keeps it
//! under a ceiling. One curve for the mix, to be multiplied into every stem, so that the stems still sum to the mix.
//! Allocates and takes its time: not for the audio thread.
use crate::guard::clean;

/// Oversampling factor of the standard for rates up to 96 kHz.
const PHASES: usize = 4;
/// Taps per phase, 12 on either side: within 0.02 dB up to 0.42 of the rate, better than the standard's 12 in all.
const TAPS: usize = 24;

/// How a gain curve is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurveSettings {
    /// Highest true peak of the result, decibels full scale. -1.0 is usual.
    pub ceiling_dbtp: f64,
    /// How long before a peak the gain begins to fall, milliseconds. 2.0..=10.0 is usual.
    pub lookahead_ms: f64,
    /// Time to come back by 63 %, milliseconds. 50.0..=200.0 is usual.
    pub release_ms: f64,
    /// The audio is a loop: what happens at its end is prepared at its start and the other way round.
    pub is_loop: bool,
}

impl Default for CurveSettings {
    fn default() -> Self {
        Self { ceiling_dbtp: -1.0, lookahead_ms: 4.0, release_ms: 80.0, is_loop: true }
    }
}

/// The largest absolute value between the samples as well as on them, linear.
pub fn true_peak(left: &[f32], right: &[f32], is_loop: bool) -> f32 {
    let table = phases();
    [left, right].iter().flat_map(|channel| peaks(channel, is_loop, &table)).fold(0.0, f32::max)
}

/// Gain per frame, 0.0..=1.0, that keeps the true peak of the mix under the ceiling. All ones when it already is.
///
/// Multiply it into every stem. Both slices have one length; `rate` in frames per second.
pub fn gain_curve(left: &[f32], right: &[f32], rate: f64, settings: &CurveSettings) -> Vec<f32> {
    let table = phases();
    let ceiling = libm::pow(10.0, settings.ceiling_dbtp / 20.0);
    let mut gain = vec![1.0f32; left.len().min(right.len())];
    let mut target = ceiling * 0.9995;
    // The product of a smooth gain and a peak can overshoot by a hair: look again with a lower target.
    for _ in 0..6 {
        let need = needed_gain(left, right, &gain, target, settings.is_loop, &table);
        let Some(need) = need else { break };
        let curve = smooth_curve(&need, rate, settings);
        gain.iter_mut().zip(&curve).for_each(|(gain, extra)| *gain *= extra);
        target *= 0.9995;
    }
    gain
}

/// Gain each frame needs on top of `gain`; `None` when nothing is over the target.
fn needed_gain(
    left: &[f32],
    right: &[f32],
    gain: &[f32],
    target: f64,
    is_loop: bool,
    table: &[[f32; TAPS]; PHASES],
) -> Option<Vec<f64>> {
    let peak_of = |channel: &[f32]| {
        let shaped: Vec<f32> = channel.iter().zip(gain).map(|(x, gain)| clean(*x) * gain).collect();
        peaks(&shaped, is_loop, table)
    };
    let (left, right) = (peak_of(left), peak_of(right));
    let highest = left.iter().chain(&right).fold(0.0f32, |a, b| a.max(*b));
    if f64::from(highest) <= target {
        return None;
    }
    let need = |peak: f32| if f64::from(peak) > target { target / f64::from(peak) } else { 1.0 };
    Some(left.iter().zip(&right).map(|(l, r)| need(l.max(*r))).collect())
}

/// Falls before every dip, recovers after it, never above `need`.
fn smooth_curve(need: &[f64], rate: f64, settings: &CurveSettings) -> Vec<f32> {
    let len = need.len();
    let window = ((settings.lookahead_ms * 0.001 * rate) as usize).clamp(1, len.max(1));
    let release = 1.0 - libm::exp(-1.0 / (settings.release_ms.max(0.1) * 0.001 * rate).max(1.0));
    let wrap = |index: usize| if settings.is_loop { index % len } else { index.min(len - 1) };
    let ahead = sliding_minimum(need, window + 1, &wrap);
    // Twice round a loop, so that a peak near its end still releases over its start.
    let mut held = vec![1.0; len];
    let mut level = 1.0f64;
    for pass in 0..if settings.is_loop { 2 } else { 1 } {
        for (slot, ahead) in held.iter_mut().zip(&ahead) {
            level = (level + (1.0 - level) * release).min(*ahead);
            if pass == 1 || !settings.is_loop {
                *slot = level;
            }
        }
    }
    trailing_mean(&held, window + 1, settings.is_loop)
}

/// Minimum of `need[n..n + window]` for every n.
fn sliding_minimum(need: &[f64], window: usize, wrap: &impl Fn(usize) -> usize) -> Vec<f64> {
    let mut queue = std::collections::VecDeque::with_capacity(window + 1);
    let mut out = Vec::with_capacity(need.len());
    for end in 0..need.len() + window - 1 {
        let value = need[wrap(end)];
        while queue.back().is_some_and(|&(_, last)| last >= value) {
            queue.pop_back();
        }
        queue.push_back((end, value));
        if end + 1 >= window {
            let start = end + 1 - window;
            while queue.front().is_some_and(|&(index, _)| index < start) {
                queue.pop_front();
            }
            out.push(queue.front().map_or(1.0, |&(_, value)| value));
        }
    }
    out
}

/// Mean of the last `window` values: turns the steps of the minimum into ramps that end where the dip is.
fn trailing_mean(held: &[f64], window: usize, is_loop: bool) -> Vec<f32> {
    let len = held.len();
    let before = |index: usize, back: usize| {
        if index >= back {
            held[index - back]
        } else if is_loop {
            held[(index + len * window - back) % len]
        } else {
            held[0]
        }
    };
    let mut sum: f64 = if len == 0 { 0.0 } else { (1..=window).map(|back| before(0, back)).sum() };
    (0..len)
        .map(|index| {
            sum += held[index] - before(index, window);
            (sum / window as f64).min(1.0) as f32
        })
        .collect()
}

/// Largest absolute value around each sample: on it and up to one sample later.
fn peaks(channel: &[f32], is_loop: bool, table: &[[f32; TAPS]; PHASES]) -> Vec<f32> {
    let len = channel.len();
    if len == 0 {
        return Vec::new();
    }
    let half = TAPS / 2;
    let at = |index: isize| {
        let index = if is_loop { index.rem_euclid(len as isize) } else { index };
        usize::try_from(index).ok().and_then(|index| channel.get(index)).map_or(0.0, |x| clean(*x))
    };
    let mut padded = Vec::with_capacity(len + TAPS);
    padded.extend((-(half as isize) + 1..len as isize + half as isize).map(at));
    padded
        .windows(TAPS)
        .map(|window| {
            let between = table[1..].iter().map(|taps| taps.iter().zip(window).map(|(a, b)| a * b).sum::<f32>().abs());
            between.fold(window[half - 1].abs(), f32::max)
        })
        .collect()
}

/// Kaiser-windowed sinc, one row per quarter of a sample; every row sums to one.
fn phases() -> [[f32; TAPS]; PHASES] {
    let mut table = [[0.0; TAPS]; PHASES];
    for (phase, row) in table.iter_mut().enumerate() {
        let taps: Vec<f64> = (0..TAPS)
            .map(|tap| {
                let x = tap as f64 - (TAPS / 2 - 1) as f64 - phase as f64 / PHASES as f64;
                crate::window::sinc(x) * crate::window::kaiser(x / (TAPS / 2) as f64, 7.0)
            })
            .collect();
        let sum: f64 = taps.iter().sum();
        row.iter_mut().zip(&taps).for_each(|(slot, tap)| *slot = (tap / sum) as f32);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_peak_between_two_samples() {
        // A quarter of the rate, sampled 45 degrees off its peaks: the samples show only 0.7071.
        let sine: Vec<f32> =
            (0..4800).map(|n| libm::sin(std::f64::consts::FRAC_PI_2 * (f64::from(n) + 0.5)) as f32).collect();
        let peak = true_peak(&sine, &sine, true);
        assert!((peak - 1.0).abs() < 0.01, "{peak}");
    }

    #[test]
    fn the_curve_keeps_the_true_peak_under_the_ceiling() {
        let mut seed = 3u32;
        let mut noise = |scale: f32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 8) as f32 / 8_388_608.0 - 1.0) * scale
        };
        let left: Vec<f32> = (0..20_000).map(|n| noise(if n % 5000 < 400 { 3.0 } else { 0.4 })).collect();
        let right: Vec<f32> = left.iter().map(|x| x * 0.7).collect();
        let settings = CurveSettings::default();
        let curve = gain_curve(&left, &right, 48_000.0, &settings);
        let apply = |channel: &[f32]| channel.iter().zip(&curve).map(|(x, gain)| x * gain).collect::<Vec<f32>>();
        let peak = true_peak(&apply(&left), &apply(&right), true);
        assert!(peak <= 0.891_26 && peak > 0.8, "{peak}");
        let step = curve.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.01 && (curve[0] - curve[19_999]).abs() < 0.01, "step {step}");
    }

    #[test]
    fn quiet_material_is_left_alone_and_short_or_broken_material_is_survived() {
        let settings = CurveSettings::default();
        assert!(gain_curve(&[0.1; 500], &[0.2; 500], 48_000.0, &settings).iter().all(|gain| *gain == 1.0));
        assert!(gain_curve(&[], &[], 48_000.0, &settings).is_empty());
        for is_loop in [true, false] {
            let settings = CurveSettings { is_loop, ..settings };
            let curve = gain_curve(&[5.0, f32::NAN, 2.0], &[1.0; 3], 48_000.0, &settings);
            assert!(curve.iter().all(|gain| *gain > 0.0 && *gain < 0.3), "{curve:?}");
        }
    }
}

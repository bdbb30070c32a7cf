//! Finds attack starts by listening. Offline; for audio whose notes are not known.
use crate::svf::{Svf, SvfCoefficients};

/// Edges of the three bands listened to, Hz.
const BAND_EDGES_HZ: (f32, f32) = (200.0, 2_500.0);
/// Time between two looks.
const HOP_S: f64 = 0.001;
/// A rise counts against the loudest of this long before, per band: longer than the ripple of its lowest tone.
const MEMORY_S: [f64; 3] = [0.030, 0.022, 0.018];
/// Rise of a band that makes an onset, nepers, the bands together.
const THRESHOLD: f32 = 0.8;
/// Onsets closer than this are one.
const APART_S: f64 = 0.030;

/// Attack starts in frames, rising; within about 2 ms. The signal is taken as a loop.
pub fn detect(mono: &[f32], rate: f64) -> Vec<f64> {
    let hop = (libm::round(HOP_S * rate) as usize).max(1);
    let count = mono.len() / hop;
    if count < 8 {
        return Vec::new();
    }
    let rises = rises(&band_levels(mono, rate as f32, hop, count), rate / hop as f64);
    let novelty: Vec<f32> = (0..count).map(|index| (0..3).map(|on| rises[(index + on) % count]).sum()).collect();
    let apart = (APART_S * rate) as usize / hop;
    let mut onsets: Vec<f64> = Vec::new();
    for index in 0..count {
        let here = novelty[index];
        let is_peak = here >= THRESHOLD
            && (1..=apart).all(|back| novelty[(index + count - back) % count] < here)
            && (1..=apart).all(|on| novelty[(index + on) % count] <= here);
        if is_peak {
            onsets.push(refine(mono, rise_start(&rises, index) * hop, hop) as f64);
        }
    }
    onsets.sort_by(f64::total_cmp);
    onsets
}

/// First hop of the rise that `novelty` announced at `index`, and one hop before it.
fn rise_start(rises: &[f32], index: usize) -> usize {
    let count = rises.len();
    let at = |on: usize| rises[(index + on) % count];
    let most = at(0).max(at(1)).max(at(2));
    let on = (0..3).find(|on| at(*on) >= 0.25 * most).unwrap_or(0);
    (index + on + count - 1) % count
}

/// The frame on which the signal, or its slope (a hat over a bass), leaves what it was before. `near` is up to two
/// hops early. A little too early costs little, too late costs the tip of the attack.
fn refine(mono: &[f32], near: usize, hop: usize) -> usize {
    let len = mono.len();
    let at = |frame: usize| mono[frame % len];
    let signals: [&dyn Fn(usize) -> f32; 2] =
        [&|frame| at(frame).abs(), &|frame| (at(frame) - at(frame + len - 1)).abs()];
    let start = near + len;
    let mut best = (0.0f32, near);
    for signal in signals {
        let before = (start - 5 * hop..start).map(signal).fold(0.0f32, f32::max);
        let after = (start..start + 4 * hop).map(signal).fold(0.0f32, f32::max);
        let contrast = after / (before + 1.0e-6);
        let limit = before + 0.1 * (after - before);
        if contrast > best.0.max(1.2)
            && let Some(first) = (start..start + 4 * hop).find(|frame| signal(*frame) > limit)
        {
            best = (contrast, (first - hop / 8) % len);
        }
    }
    best.1
}

/// Logarithmic level per hop of the three bands, each against its own floor.
fn band_levels(mono: &[f32], rate: f32, hop: usize, count: usize) -> [Vec<f32>; 3] {
    let low = SvfCoefficients::new(BAND_EDGES_HZ.0, 0.7, rate);
    let high = SvfCoefficients::new(BAND_EDGES_HZ.1, 0.7, rate);
    let mut filters = [Svf::new(), Svf::new()];
    let mut energy = [vec![0.0f32; count], vec![0.0f32; count], vec![0.0f32; count]];
    // Once round without listening, so that the filters start as they end.
    let warm_up = mono.len().saturating_sub(rate as usize / 10);
    for x in &mono[warm_up..] {
        filters[0].process(*x, &low);
        filters[1].process(*x, &high);
    }
    for (frame, x) in mono.iter().enumerate().take(count * hop) {
        let lows = filters[0].process(*x, &low).low;
        let highs = filters[1].process(*x, &high).high;
        let mid = *x - lows - highs;
        let index = frame / hop;
        for (band, value) in energy.iter_mut().zip([lows, mid, highs]) {
            band[index] += value * value;
        }
    }
    let loudest = energy.iter().flatten().fold(0.0f32, |a, b| a.max(*b));
    energy.map(|band| {
        let peak = band.iter().fold(0.0f32, |a, b| a.max(*b));
        // -46 dB under the band's own peak, but never under -54 dB of everything.
        let floor = (peak * 2.5e-5).max(loudest * 4.0e-6).max(1.0e-12);
        band.iter().map(|energy| 0.5 * libm::logf(energy + floor)).collect()
    })
}

/// How much the bands rise over what was before, together.
fn rises(levels: &[Vec<f32>; 3], hops_per_s: f64) -> Vec<f32> {
    let count = levels[0].len();
    let mut rises = vec![0.0f32; count];
    for (band, memory_s) in levels.iter().zip(MEMORY_S) {
        let memory = ((memory_s * hops_per_s) as usize).clamp(1, count - 1);
        for (index, rise) in rises.iter_mut().enumerate() {
            let before = (1..=memory).map(|back| band[(index + count - back) % count]).fold(f32::MIN, f32::max);
            *rise += (band[index] - before).max(0.0);
        }
    }
    rises
}

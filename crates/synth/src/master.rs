//! The sum: bus compression, loudness and true peak as one gain curve that every stem gets, so that the plain sum of the
//! stems is the mix.
use crate::circle::{Circle, peak_of};
use crate::fx::apply_nodes;
use crate::loudness::Energies;
use crate::progress::{Cancelled, Ticker};
use crate::true_peak::block_peak;

/// Loudness of every mix, LUFS.
pub const TARGET_LUFS: f64 = -16.0;
/// What the limiter aims for so that the true peak stays below -1 dBTP: room for 24-bit rounding and for the difference between true-peak meters.
const AIM_DBTP: f32 = -1.3;
/// No stem goes above this by itself, whatever the others cancel.
const STEM_CEILING: f32 = 0.98;

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    pub loudness_lufs: f64,
    pub true_peak_dbtp: f64,
}

/// Applies the curve to every stem in place. `glue` 0.0..=1.0.
pub fn master(
    stems: &mut [Option<Circle>; 5],
    glue: f32,
    rate: f32,
    ticker: &mut Ticker<'_>,
) -> Result<Levels, Cancelled> {
    let Some(mut mix) = sum(stems) else {
        return Ok(Levels { loudness_lufs: -200.0, true_peak_dbtp: -200.0 });
    };
    ticker.work(mix.num_frames())?;
    let energies = Energies::of(&mix, rate);
    ticker.work(mix.num_frames())?;
    let peaks = Peaks::of(&mix, stems, energies.block_frames);
    ticker.work(mix.num_frames())?;
    let curve = gain_curve(&energies, &peaks, glue, rate);
    for stem in stems.iter_mut().flatten() {
        apply_nodes(&mut stem.left, &curve, energies.block_frames);
        apply_nodes(&mut stem.right, &curve, energies.block_frames);
        ticker.work(stem.num_frames())?;
    }
    apply_nodes(&mut mix.left, &curve, energies.block_frames);
    apply_nodes(&mut mix.right, &curve, energies.block_frames);
    let true_peak = highest(&mix);
    Ok(Levels {
        loudness_lufs: energies.loudness(Some(&middles(&curve))),
        true_peak_dbtp: f64::from(20.0 * libm::log10f(true_peak.max(1e-10))),
    })
}

fn sum(stems: &[Option<Circle>; 5]) -> Option<Circle> {
    let mut mix: Option<Circle> = None;
    for stem in stems.iter().flatten() {
        match &mut mix {
            None => mix = Some(stem.clone()),
            Some(mix) => mix.add_stereo((&stem.left, &stem.right), 0, 1.0),
        }
    }
    mix
}

/// Largest true peak of the mix, and sample peak of any stem, per block.
struct Peaks {
    mix: Vec<f32>,
    stems: Vec<f32>,
}

impl Peaks {
    fn of(mix: &Circle, stems: &[Option<Circle>; 5], block: usize) -> Self {
        let loudest = mix.peak();
        let frames = mix.num_frames();
        let starts = (0..frames).step_by(block);
        let mix_peaks = starts.map(|start| {
            let end = (start + block).min(frames);
            let peak = |samples: &[f32]| block_peak(samples, start, end, 0.3 * loudest);
            peak(&mix.left).max(peak(&mix.right))
        });
        let mix_peaks: Vec<f32> = mix_peaks.collect();
        let mut stem_peaks = vec![0.0f32; mix_peaks.len()];
        for samples in stems.iter().flatten().flat_map(|stem| [&stem.left, &stem.right]) {
            for (peak, chunk) in stem_peaks.iter_mut().zip(samples.chunks(block)) {
                *peak = peak.max(peak_of(chunk));
            }
        }
        Self { mix: mix_peaks, stems: stem_peaks }
    }
}

fn gain_curve(energies: &Energies, peaks: &Peaks, glue: f32, rate: f32) -> Vec<f32> {
    let block_s = energies.block_frames as f32 / rate;
    let compressed = glue_curve(&energies.blocks, glue, block_s);
    let mut curve = compressed.clone();
    let mut gain_db = TARGET_LUFS - energies.loudness(Some(&middles(&curve)));
    // Limiting makes it quieter, more gain needs more limiting: a few rounds settle it.
    for _ in 0..8 {
        let gain = libm::pow(10.0, gain_db.clamp(-120.0, 120.0) / 20.0) as f32;
        let before: Vec<f32> = compressed.iter().map(|c| c * gain).collect();
        curve = limited(&before, peaks, block_s);
        let missing = TARGET_LUFS - energies.loudness(Some(&middles(&curve)));
        if missing.abs() < 0.03 {
            break;
        }
        gain_db += missing.clamp(-6.0, 6.0);
    }
    curve
}

/// Gain in the middle of each block; the curve holds the gains at block starts.
fn middles(curve: &[f32]) -> Vec<f32> {
    (0..curve.len()).map(|n| 0.5 * (curve[n] + curve[(n + 1) % curve.len()])).collect()
}

/// Bus compression: 10 ms attack, 160 ms release, threshold at the mean, up to 3:1.
fn glue_curve(blocks: &[f32], glue: f32, block_s: f32) -> Vec<f32> {
    let mean = blocks.iter().sum::<f32>() / blocks.len().max(1) as f32;
    if glue <= 0.0 || mean <= 0.0 {
        return vec![1.0; blocks.len()];
    }
    let (attack, release) = (1.0 - libm::expf(-block_s / 0.010), 1.0 - libm::expf(-block_s / 0.160));
    let slope = 1.0 - 1.0 / (1.0 + 2.0 * glue);
    let mut level = 0.0f32;
    let mut curve = vec![1.0; blocks.len()];
    // Twice round: the second time starts as the first ended.
    for _ in 0..2 {
        for (block, gain) in blocks.iter().zip(&mut curve) {
            let speed = if *block > level { attack } else { release };
            level += speed * (block - level);
            let over = (level / mean).max(1.0);
            *gain = libm::powf(over, -0.5 * slope);
        }
    }
    curve
}

/// `before` with everything that would pass the ceiling turned down: 4 ms ahead, 80 ms to recover.
fn limited(before: &[f32], peaks: &Peaks, block_s: f32) -> Vec<f32> {
    let ceiling = libm::powf(10.0, AIM_DBTP / 20.0);
    let count = before.len();
    let needs: Vec<f32> = (0..count)
        .map(|n| {
            let gain = before[n].max(before[(n + 1) % count]);
            let mix = gain * peaks.mix[n];
            let stem = gain * peaks.stems[n];
            (ceiling / mix.max(1e-9)).min(STEM_CEILING / stem.max(1e-9)).min(1.0)
        })
        .collect();
    if needs.iter().all(|need| *need >= 1.0) {
        return before.to_vec();
    }
    let recover = libm::expf(-block_s / 0.080);
    let mut held = 1.0f32;
    let mut released = needs.clone();
    for _ in 0..2 {
        for (need, out) in needs.iter().zip(&mut released) {
            held = (1.0 - (1.0 - held) * recover).min(*need);
            *out = held;
        }
    }
    let ahead = ((0.004 / block_s) as isize).max(1);
    let around = |n: usize, by: isize| (n as isize + by).rem_euclid(count as isize) as usize;
    // The smallest over the window, then the mean over it: never above what any of its blocks needs.
    let lowest: Vec<f32> =
        (0..count).map(|n| (-ahead - 1..=ahead).map(|by| released[around(n, by)]).fold(1.0f32, f32::min)).collect();
    let mean = |n: usize| (-ahead..=ahead).map(|by| lowest[around(n, by)]).sum::<f32>() / (2 * ahead + 1) as f32;
    (0..count).map(|n| before[n] * mean(n)).collect()
}

fn highest(mix: &Circle) -> f32 {
    let loudest = mix.peak();
    let frames = mix.num_frames();
    let mut highest = 0.0f32;
    for start in (0..frames).step_by(64) {
        let end = (start + 64).min(frames);
        for samples in [&mix.left, &mix.right] {
            highest = highest.max(block_peak(samples, start, end, 0.7 * loudest));
        }
    }
    highest
}

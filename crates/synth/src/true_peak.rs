//! True peak after BS.1770-4 annex 2: four times oversampled, looked for only where it can matter.
use crate::circle::peak_of;
use std::sync::LazyLock;

/// Taps per phase.
const TAPS: usize = 12;
const PHASES: usize = 4;

/// Windowed sinc, four phases; phase 0 is the sample itself.
static PHASE_TAPS: LazyLock<[[f32; TAPS]; PHASES]> = LazyLock::new(|| {
    std::array::from_fn(|phase| {
        let taps: [f64; TAPS] = std::array::from_fn(|n| {
            let x = n as f64 - (TAPS / 2 - 1) as f64 - phase as f64 / PHASES as f64;
            let sinc =
                if x.abs() < 1e-9 { 1.0 } else { libm::sin(std::f64::consts::PI * x) / (std::f64::consts::PI * x) };
            // Hann over the whole length: sidelobes low enough for 0.1 dB up to 0.4 of the rate.
            let window = 0.5 + 0.5 * libm::cos(std::f64::consts::PI * x / (TAPS as f64 / 2.0 + 0.25));
            sinc * window.max(0.0)
        });
        let sum: f64 = taps.iter().sum();
        taps.map(|tap| (tap / sum) as f32)
    })
});

/// Largest oversampled value of a block inside `samples`, taken round the end. Blocks whose own samples stay below
/// `skip_below` return their sample peak.
pub fn block_peak(samples: &[f32], start: usize, end: usize, skip_below: f32) -> f32 {
    let peak = peak_of(&samples[start..end]);
    if peak < skip_below {
        return peak;
    }
    let taps = &*PHASE_TAPS;
    let frames = samples.len();
    let mut window = [0.0f32; TAPS];
    let mut highest = peak;
    for n in start..end {
        // A value between the samples rises above both its neighbours only where they are high themselves.
        let next = if n + 1 < frames { n + 1 } else { 0 };
        if samples[n].abs().max(samples[next].abs()) < 0.6 * peak {
            continue;
        }
        let inside = n.checked_sub(TAPS / 2 - 1).and_then(|first| samples.get(first..first + TAPS));
        if let Some(inside) = inside {
            window.copy_from_slice(inside);
        } else {
            let first = n + frames * TAPS - (TAPS / 2 - 1);
            window.iter_mut().enumerate().for_each(|(tap, slot)| *slot = samples[(first + tap) % frames]);
        }
        for phase in &taps[1..] {
            let y: f32 = phase.iter().zip(&window).map(|(h, x)| h * x).sum();
            highest = highest.max(y.abs());
        }
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_rate_sine_peaks_between_its_samples() {
        let x: Vec<f32> = (0..480).map(|n| (std::f32::consts::TAU * (n as f32 * 0.25 + 0.125)).sin()).collect();
        let sample_peak = x.iter().fold(0.0f32, |p, s| p.max(s.abs()));
        let peak = (0..480).step_by(60).map(|n| block_peak(&x, n, n + 60, 0.0)).fold(0.0f32, f32::max);
        assert!((sample_peak - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-3);
        assert!((20.0 * peak.log10()).abs() < 0.1, "{peak}");
    }
}

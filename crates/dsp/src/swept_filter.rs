//! A state-variable filter for voices: coefficients are set every few frames and glide between, so that envelopes and
//! LFOs move the cutoff without a division per sample. Trapezoidal integration (Zavalishin, "The Art of VA Filter
//! Design", ch. 4).

/// Which output is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterMode {
    /// 12 dB per octave low-pass.
    #[default]
    Low,
    /// Band-pass with unity gain at its centre.
    Band,
    /// 12 dB per octave high-pass.
    High,
}

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct SweptFilter {
    a1: f32,
    a2: f32,
    a3: f32,
    k: f32,
    s1: f32,
    s2: f32,
    is_set: bool,
}

/// Coefficients of one stretch of frames, from the filter's present ones to new ones.
#[derive(Debug, Clone, Copy)]
struct Steps {
    a1: f32,
    a2: f32,
    a3: f32,
}

impl SweptFilter {
    /// Filters `samples` in place while gliding to `cutoff` (frequency divided by sample rate, clamped to
    /// 0.0002..=0.45) with `resonance` 0.0..=1.0. The first call starts there without a glide.
    pub fn process(&mut self, samples: &mut [f32], cutoff: f32, resonance: f32, mode: FilterMode) {
        let steps = self.aim(cutoff, resonance, samples.len());
        match mode {
            FilterMode::Low => self.run(samples, steps, |_, _, low, _| low),
            FilterMode::Band => self.run(samples, steps, |_, band, _, k| band * k),
            FilterMode::High => self.run(samples, steps, |x, band, low, k| x - k * band - low),
        }
    }

    fn aim(&mut self, cutoff: f32, resonance: f32, frames: usize) -> Steps {
        let g = libm::tanf(std::f32::consts::PI * cutoff.clamp(0.0002, 0.45));
        // Resonance 1 is a Q of about 12: rings, never oscillates.
        let k = 2.0 - 1.92 * resonance.clamp(0.0, 1.0);
        let a1 = 1.0 / (1.0 + g * (g + k));
        let (a2, a3) = (g * a1, g * g * a1);
        self.k = k;
        if !self.is_set {
            (self.a1, self.a2, self.a3, self.is_set) = (a1, a2, a3, true);
        }
        let per_frame = 1.0 / frames.max(1) as f32;
        Steps { a1: (a1 - self.a1) * per_frame, a2: (a2 - self.a2) * per_frame, a3: (a3 - self.a3) * per_frame }
    }

    #[inline(always)]
    fn run(&mut self, samples: &mut [f32], steps: Steps, output: impl Fn(f32, f32, f32, f32) -> f32) {
        let mut now = *self;
        samples.iter_mut().for_each(|sample| *sample = now.step(*sample, steps, &output));
        *self = now.sane();
    }

    #[inline(always)]
    fn step(&mut self, x: f32, steps: Steps, output: impl Fn(f32, f32, f32, f32) -> f32) -> f32 {
        self.a1 += steps.a1;
        self.a2 += steps.a2;
        self.a3 += steps.a3;
        let (s1, s2) = (self.s1, self.s2);
        let v3 = x - s2;
        let band = self.a1 * s1 + self.a2 * v3;
        // Both states move by twice the way to their output; what does not wait for v3 is summed first.
        let rise = self.a2 * s1 + self.a3 * v3;
        self.s1 = (2.0 * self.a1 - 1.0) * s1 + (2.0 * self.a2) * v3;
        self.s2 = (s2 + (2.0 * self.a2) * s1) + (2.0 * self.a3) * v3;
        output(x, band, s2 + rise, self.k)
    }

    fn sane(mut self) -> Self {
        if !(self.s1.is_finite() && self.s2.is_finite()) {
            (self.s1, self.s2) = (0.0, 0.0);
        }
        self
    }
}

/// Two channels through two filters with the same settings: as [`SweptFilter::process`], in less time than one by one.
pub fn process_pair(
    filters: &mut [SweptFilter; 2],
    (left, right): (&mut [f32], &mut [f32]),
    cutoff: f32,
    resonance: f32,
    mode: FilterMode,
) {
    let steps = filters[0].aim(cutoff, resonance, left.len());
    filters[1].aim(cutoff, resonance, left.len());
    match mode {
        FilterMode::Low => run_pair(filters, left, right, steps, |_, _, low, _| low),
        FilterMode::Band => run_pair(filters, left, right, steps, |_, band, _, k| band * k),
        FilterMode::High => run_pair(filters, left, right, steps, |x, band, low, k| x - k * band - low),
    }
}

#[inline(always)]
fn run_pair(
    filters: &mut [SweptFilter; 2],
    left: &mut [f32],
    right: &mut [f32],
    steps: Steps,
    output: impl Fn(f32, f32, f32, f32) -> f32,
) {
    let [mut a, mut b] = *filters;
    for (l, r) in left.iter_mut().zip(right.iter_mut()) {
        *l = a.step(*l, steps, &output);
        *r = b.step(*r, steps, &output);
    }
    *filters = [a.sane(), b.sane()];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level_after(mode: FilterMode, cutoff: f32, tone: f32) -> f32 {
        let mut filter = SweptFilter::default();
        let mut peak = 0.0f32;
        for block in 0..200 {
            let mut x: [f32; 32] =
                std::array::from_fn(|n| libm::sinf(std::f32::consts::TAU * ((tone * (block * 32 + n) as f32) % 1.0)));
            filter.process(&mut x, cutoff, 0.3, mode);
            if block > 150 {
                peak = x.iter().fold(peak, |p, s| p.max(s.abs()));
            }
        }
        peak
    }

    #[test]
    fn low_passes_lows_and_high_passes_highs() {
        assert!(level_after(FilterMode::Low, 0.05, 0.005) > 0.9);
        assert!(level_after(FilterMode::Low, 0.05, 0.4) < 0.05);
        assert!(level_after(FilterMode::High, 0.05, 0.4) > 0.9);
        assert!(level_after(FilterMode::High, 0.05, 0.005) < 0.05);
        assert!((level_after(FilterMode::Band, 0.05, 0.05) - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_pair_sounds_as_two_single_ones() {
        let wave = |n: usize| libm::sinf(n as f32 * 0.3) + libm::sinf(n as f32 * 1.7);
        let (mut single, mut pair) = (SweptFilter::default(), [SweptFilter::default(); 2]);
        for block in 0..20 {
            let mut x: [f32; 32] = std::array::from_fn(|n| wave(block * 32 + n));
            let (mut l, mut r) = (x, x);
            let cutoff = 0.01 * (block + 1) as f32;
            single.process(&mut x, cutoff, 0.6, FilterMode::Low);
            process_pair(&mut pair, (&mut l, &mut r), cutoff, 0.6, FilterMode::Low);
            assert_eq!((l, r), (x, x));
        }
    }

    #[test]
    fn a_nan_does_not_stay() {
        let mut filter = SweptFilter::default();
        filter.process(&mut [f32::NAN; 8], 0.1, 1.0, FilterMode::Low);
        let mut x = [1.0; 8];
        filter.process(&mut x, 0.1, 1.0, FilterMode::Low);
        assert!(x.iter().all(|s| s.is_finite()));
    }
}

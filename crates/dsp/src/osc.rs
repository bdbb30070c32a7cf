//! Wavetable oscillators: sine, band-limited saw, square and triangle, and single cycles made from a list of harmonics.
//!
//! Tables are computed once per process with `libm`, so every system gets the same bits. Band limiting: one table per
//! octave, holding only the harmonics that stay below Nyquist; reading is linear interpolation.
use std::sync::LazyLock;

/// Samples in one cycle of a table.
pub const CYCLE_FRAMES: usize = 2048;
const CYCLE_BITS: u32 = 11;
const OCTAVES: usize = 10;
/// Harmonics in the lowest table; each table above holds half as many.
const MAX_HARMONICS: usize = 512;

/// One cycle and a guard sample for interpolation.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle(Box<[f32; CYCLE_FRAMES + 1]>);

impl Cycle {
    /// One cycle of sine harmonics; `levels[0]` is the fundamental. Harmonics beyond half the table are left out.
    pub fn from_harmonics(levels: &[f32]) -> Self {
        let sine = &SINE.0;
        let mut cycle = Box::new([0.0f32; CYCLE_FRAMES + 1]);
        for (index, &level) in levels.iter().enumerate().take(CYCLE_FRAMES / 2 - 1) {
            if level == 0.0 {
                continue;
            }
            let harmonic = index + 1;
            for (n, sample) in cycle.iter_mut().enumerate() {
                *sample += level * sine[(n * harmonic) & (CYCLE_FRAMES - 1)];
            }
        }
        Self(cycle)
    }

    /// The cycle at `phase`, where the whole range of `u32` is one turn.
    #[inline(always)]
    pub fn at(&self, phase: u32) -> f32 {
        let index = (phase >> (32 - CYCLE_BITS)) as usize;
        let fraction = (phase & ((1 << (32 - CYCLE_BITS)) - 1)) as f32 * (1.0 / (1u32 << (32 - CYCLE_BITS)) as f32);
        let a = self.0[index];
        a + (self.0[index + 1] - a) * fraction
    }

    /// Largest absolute value.
    pub fn peak(&self) -> f32 {
        self.0.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    /// The same cycle, times `gain`.
    pub fn scaled(mut self, gain: f32) -> Self {
        self.0.iter_mut().for_each(|sample| *sample *= gain);
        self
    }
}

static SINE: LazyLock<Cycle> = LazyLock::new(|| {
    let mut cycle = Box::new([0.0f32; CYCLE_FRAMES + 1]);
    for (n, sample) in cycle.iter_mut().enumerate() {
        let turn = (n % CYCLE_FRAMES) as f64 / CYCLE_FRAMES as f64;
        *sample = libm::sin(std::f64::consts::TAU * turn) as f32;
    }
    Cycle(cycle)
});

/// One cycle of a sine.
pub fn sine_cycle() -> &'static Cycle {
    &SINE
}

/// The classic shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One harmonic.
    Sine,
    /// Odd harmonics, falling with the square.
    Triangle,
    /// All harmonics.
    Saw,
    /// Odd harmonics.
    Square,
}

struct Octaves([Cycle; OCTAVES]);

impl Octaves {
    fn new(level_of: impl Fn(usize) -> f64) -> Self {
        Self(std::array::from_fn(|octave| {
            let count = MAX_HARMONICS >> octave;
            let levels: Vec<f32> = (1..=count)
                .map(|harmonic| {
                    // Lanczos sigma: takes the Gibbs overshoot away, so that the peak stays at about 1.
                    let x = harmonic as f64 / (count + 1) as f64 * std::f64::consts::PI;
                    (level_of(harmonic) * libm::sin(x) / x) as f32
                })
                .collect();
            Cycle::from_harmonics(&levels)
        }))
    }
}

static SAW: LazyLock<Octaves> = LazyLock::new(|| Octaves::new(|k| std::f64::consts::FRAC_2_PI / k as f64));
static SQUARE: LazyLock<Octaves> =
    LazyLock::new(|| Octaves::new(|k| if k % 2 == 1 { 2.0 * std::f64::consts::FRAC_2_PI / k as f64 } else { 0.0 }));
static TRIANGLE: LazyLock<Octaves> = LazyLock::new(|| {
    Octaves::new(|k| {
        let sign = if k % 4 == 1 { 1.0 } else { -1.0 };
        let level = 8.0 / (std::f64::consts::PI * std::f64::consts::PI) / (k * k) as f64;
        if k % 2 == 1 { sign * level } else { 0.0 }
    })
});

/// The table of `shape` whose harmonics stay below Nyquist at `hz_per_rate` (frequency divided by sample rate).
pub fn cycle_for(shape: Shape, hz_per_rate: f32) -> &'static Cycle {
    let octaves = match shape {
        Shape::Sine => return &SINE,
        Shape::Triangle => &TRIANGLE,
        Shape::Saw => &SAW,
        Shape::Square => &SQUARE,
    };
    let fits = |octave: &usize| (MAX_HARMONICS >> octave) as f32 * hz_per_rate < 0.5;
    &octaves.0[(0..OCTAVES).find(fits).unwrap_or(OCTAVES - 1)]
}

/// How far a phase moves per frame: the whole range of `u32` is one turn. Frequencies are folded at Nyquist's double.
#[inline]
pub fn phase_step(hz_per_rate: f32) -> u32 {
    (f64::from(hz_per_rate) * 4_294_967_296.0) as i64 as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_peak_near_one_and_have_no_dc() {
        for shape in [Shape::Sine, Shape::Triangle, Shape::Saw, Shape::Square] {
            for ratio in [0.0005, 0.01, 0.2] {
                let cycle = cycle_for(shape, ratio);
                assert!((0.5..1.28).contains(&cycle.peak()), "{shape:?} at {ratio}: {}", cycle.peak());
                let sum: f32 = cycle.0[..CYCLE_FRAMES].iter().sum();
                assert!((sum / CYCLE_FRAMES as f32).abs() < 1e-3, "{shape:?}");
            }
        }
    }

    #[test]
    fn a_high_saw_holds_only_what_fits_below_nyquist() {
        let ratio = 0.11; // harmonics 1..=4 fit
        let cycle = cycle_for(Shape::Saw, ratio);
        let level = |harmonic: usize| {
            let (mut re, mut im) = (0.0, 0.0);
            for n in 0..CYCLE_FRAMES {
                let turn = std::f64::consts::TAU * (n * harmonic) as f64 / CYCLE_FRAMES as f64;
                re += f64::from(cycle.0[n]) * turn.cos();
                im += f64::from(cycle.0[n]) * turn.sin();
            }
            re.hypot(im)
        };
        assert!(level(1) > 100.0);
        assert!(level(5) < 1e-2, "{}", level(5));
    }

    #[test]
    fn phase_step_turns_once_per_period() {
        assert_eq!(phase_step(0.25).wrapping_mul(4), 0);
    }
}

//! Loudness after ITU-R BS.1770-4, kept as energies of short blocks so that a gain curve can be tried without filtering
//! again.
use crate::circle::Circle;

/// Energies of one loop, K-weighted.
#[derive(Debug, Clone, PartialEq)]
pub struct Energies {
    /// Mean square of left plus right, per block.
    pub blocks: Vec<f32>,
    /// Frames per block; the last block may be shorter.
    pub block_frames: usize,
    /// Blocks in the 100 ms step of the gate.
    step: usize,
}

/// Blocks per 100 ms.
const BLOCKS_PER_STEP: usize = 75;
/// BS.1770: gating blocks last four steps.
const STEPS_PER_GATE: usize = 4;

struct KFilter {
    b: [[f64; 3]; 2],
    a: [[f64; 2]; 2],
}

impl KFilter {
    /// Analogue prototypes of the recommendation's two stages (its tables hold for 48 kHz only), bilinear transform.
    fn new(rate: f64) -> Self {
        let shelf_k = libm::tan(std::f64::consts::PI * 1_681.974_450_955_533 / rate);
        let shelf_q = 0.707_175_236_955_419_6;
        let vh = libm::pow(10.0, 3.999_843_853_973_347 / 20.0);
        let vb = libm::pow(vh, 0.499_666_774_154_541_6);
        let a0 = 1.0 + shelf_k / shelf_q + shelf_k * shelf_k;
        let shelf_b = [
            (vh + vb * shelf_k / shelf_q + shelf_k * shelf_k) / a0,
            2.0 * (shelf_k * shelf_k - vh) / a0,
            (vh - vb * shelf_k / shelf_q + shelf_k * shelf_k) / a0,
        ];
        let shelf_a = [2.0 * (shelf_k * shelf_k - 1.0) / a0, (1.0 - shelf_k / shelf_q + shelf_k * shelf_k) / a0];
        let k = libm::tan(std::f64::consts::PI * 38.135_470_876_024_44 / rate);
        let q = 0.500_327_037_323_877_3;
        let c0 = 1.0 + k / q + k * k;
        let high_a = [2.0 * (k * k - 1.0) / c0, (1.0 - k / q + k * k) / c0];
        Self { b: [shelf_b, [1.0, -2.0, 1.0]], a: [shelf_a, high_a] }
    }

    /// Mean squares of both channels of one block; states run on.
    #[inline(always)]
    fn block(&self, left: &[f32], right: &[f32], states: &mut [[f64; 4]; 2]) -> f64 {
        let [[p0, p1, p2], _] = self.b;
        let [[s1, s2], [h1, h2]] = self.a;
        let [mut l, mut r] = *states;
        let mut sum = 0.0;
        let step = |x: f64, s: &mut [f64; 4]| {
            let y = p0 * x + s[0];
            s[0] = p1 * x - s1 * y + s[1];
            s[1] = p2 * x - s2 * y;
            let z = y + s[2];
            s[2] = -2.0 * y - h1 * z + s[3];
            s[3] = y - h2 * z;
            z * z
        };
        for (a, b) in left.iter().zip(right) {
            sum += step(f64::from(*a), &mut l) + step(f64::from(*b), &mut r);
        }
        // Silence is zero, not a denormal.
        *states = [l, r].map(|side| side.map(|s| if s.abs() < 1e-30 { 0.0 } else { s }));
        sum
    }
}

impl Energies {
    /// Measures a loop. `rate` in Hz.
    pub fn of(circle: &Circle, rate: f32) -> Self {
        let filter = KFilter::new(f64::from(rate));
        let block_frames = ((rate / 10.0 / BLOCKS_PER_STEP as f32) as usize).max(1);
        let step = (libm::roundf(rate / 10.0 / block_frames as f32) as usize).max(1);
        let mut states = [[0.0; 4]; 2];
        let blocks = circle.left.chunks(block_frames).zip(circle.right.chunks(block_frames));
        let blocks = blocks.map(|(l, r)| (filter.block(l, r, &mut states) / l.len() as f64) as f32).collect();
        Self { blocks, block_frames, step }
    }

    /// Integrated loudness in LUFS with `gains` (one per block; none means 1.0) applied; -200 for silence.
    pub fn loudness(&self, gains: Option<&[f32]>) -> f64 {
        let energy = |block: usize| {
            let gain = gains.map_or(1.0, |gains| gains[block]);
            f64::from(self.blocks[block] * gain * gain)
        };
        let sums: Vec<f64> = (0..self.blocks.len())
            .step_by(self.step)
            .map(|at| (at..(at + self.step).min(self.blocks.len())).map(energy).sum::<f64>() / self.step as f64)
            .collect();
        // Shorter than a gating block: all there is, ungated.
        let gates: Vec<f64> = if sums.len() <= STEPS_PER_GATE {
            vec![self.blocks.iter().enumerate().map(|(n, _)| energy(n)).sum::<f64>() / self.blocks.len().max(1) as f64]
        } else {
            sums.windows(STEPS_PER_GATE).map(|w| w.iter().sum::<f64>() / STEPS_PER_GATE as f64).collect()
        };
        let mean_above = |threshold: f64| {
            let (sum, count) =
                gates.iter().filter(|e| **e > threshold).fold((0.0, 0usize), |(sum, n), e| (sum + e, n + 1));
            if count == 0 { 0.0 } else { sum / count as f64 }
        };
        // Absolute gate at -70 LUFS, relative gate 10 LU below what passes it.
        let absolute = libm::pow(10.0, (-70.0 + 0.691) / 10.0);
        let relative = mean_above(absolute) * 0.1;
        let mean = mean_above(relative.max(absolute));
        if mean > 0.0 { -0.691 + 10.0 * libm::log10(mean) } else { -200.0 }
    }
}

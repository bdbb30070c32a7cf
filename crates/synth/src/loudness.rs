//! Loudness after ITU-R BS.1770-4, kept as energies of short blocks so that a gain curve can be tried without filtering
//! again.
use crate::circle::Circle;
use crate::quarters::{Frame, MAX_BLOCK, Quarters};

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

/// Frames per block of an [`Energies`].
pub fn block_frames(rate: f32) -> usize {
    ((rate / 10.0 / BLOCKS_PER_STEP as f32) as usize).clamp(1, MAX_BLOCK)
}

/// K-weighting of a loop in quarters. Single precision: its noise lies 90 dB below what is measured.
pub struct Meter {
    shelf_b: [f32; 3],
    shelf_a: [f32; 2],
    high_a: [f32; 2],
    states: [Frame; 4],
    energies: Energies,
}

impl Meter {
    /// Analogue prototypes of the recommendation's two stages (its tables hold for 48 kHz only), bilinear transform.
    pub fn new(rate: f32, loop_frames: usize) -> Self {
        let block_frames = block_frames(rate);
        let step = (libm::roundf(rate / 10.0 / block_frames as f32) as usize).max(1);
        let rate = f64::from(rate);
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
        Self {
            shelf_b: shelf_b.map(|x| x as f32),
            shelf_a: shelf_a.map(|x| x as f32),
            high_a: high_a.map(|x| x as f32),
            states: Default::default(),
            energies: Energies { blocks: vec![0.0; loop_frames.div_ceil(block_frames)], block_frames, step },
        }
    }

    /// Sums of squares of a block; `heard(n)` tells which lanes count.
    #[inline(always)]
    fn block(&mut self, frames: &[Frame], mask: impl Fn(usize, Frame) -> Frame) -> Frame {
        let ([p0, p1, p2], [s1, s2], [h1, h2]) = (self.shelf_b, self.shelf_a, self.high_a);
        let [mut a, mut b, mut c, mut d] = self.states;
        let mut sum = Frame::ZERO;
        for (n, frame) in frames.iter().enumerate() {
            let x = *frame;
            let y = x * p0 + a;
            a = (x * p1 + b) - y * s1;
            b = x * p2 - y * s2;
            let z = y + c;
            c = (d - y * 2.0) - z * h1;
            d = y - z * h2;
            sum = sum + mask(n, z * z);
        }
        // Silence is zero, not a denormal.
        self.states = [a, b, c, d].map(Frame::flushed);
        sum
    }

    /// Filters without measuring.
    pub fn warm_up(&mut self, frames: &[Frame]) {
        self.block(frames, |_, square| square);
    }

    /// Measures the block of `quarters` at `run_frames`.
    pub fn measure(&mut self, quarters: &Quarters, run_frames: usize, frames: &[Frame]) {
        let inside = quarters.inside(run_frames, frames.len());
        let sum = if inside.iter().all(|count| *count == frames.len()) {
            self.block(frames, |_, square| square)
        } else {
            self.block(frames, |n, mut square| {
                for lane in 0..8 {
                    square.0[lane] = if n < inside[lane % 4] { square.0[lane] } else { 0.0 };
                }
                square
            })
        };
        for (quarter, index) in quarters.block_indices(run_frames).into_iter().enumerate() {
            if let Some(block) = self.energies.blocks.get_mut(index)
                && inside[quarter] > 0
            {
                *block = (sum.0[quarter] + sum.0[quarter + 4]) / inside[quarter] as f32;
            }
        }
    }

    /// What was measured.
    pub fn finish(self) -> Energies {
        self.energies
    }
}

impl Energies {
    /// Measures a loop. `rate` in Hz.
    pub fn of(circle: &Circle, rate: f32) -> Self {
        let mut meter = Meter::new(rate, circle.num_frames());
        let quarters = Quarters::new(circle.num_frames(), block_frames(rate), 1, rate);
        let mut frames = [Frame::ZERO; MAX_BLOCK];
        for (at, count) in quarters.warm_up_blocks() {
            quarters.load(circle, at, &mut frames[..count]);
            meter.warm_up(&frames[..count]);
        }
        for (at, count) in quarters.blocks() {
            quarters.load(circle, at, &mut frames[..count]);
            meter.measure(&quarters, at, &frames[..count]);
        }
        meter.finish()
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

//! Effects with an LFO. Their LFOs run a whole number of times round the loop, so the seam is like any other place.
use dsp::osc::sine_cycle;

/// An LFO by position: phase 0 at frame 0.
#[derive(Debug, Clone, Copy)]
pub struct Lfo {
    step: u32,
}

impl Lfo {
    /// As near to `hz` as a whole number of cycles per loop allows, at least one.
    pub fn new(hz: f32, rate: f32, loop_frames: usize) -> Self {
        let cycles = libm::round(f64::from(hz) * loop_frames as f64 / f64::from(rate)).max(1.0);
        Self { step: (cycles * 4_294_967_296.0 / loop_frames as f64) as u64 as u32 }
    }

    /// -1.0..=1.0 at `frame`, shifted by `turns` of 2^32.
    #[inline(always)]
    pub fn at(self, frame: usize, turns: u32) -> f32 {
        sine_cycle().at((frame as u32).wrapping_mul(self.step).wrapping_add(turns))
    }
}

/// A quarter turn.
pub const QUARTER: u32 = 1 << 30;

/// A short delay line that is read between its samples.
#[derive(Debug, Clone)]
pub struct ShortLine {
    line: Vec<f32>,
    write: usize,
}

impl ShortLine {
    pub fn new(max_frames: usize) -> Self {
        Self { line: vec![0.0; (max_frames + 4).next_power_of_two()], write: 0 }
    }

    #[inline(always)]
    pub fn push(&mut self, x: f32) {
        self.write = self.write.wrapping_add(1);
        let mask = self.line.len() - 1;
        self.line[self.write & mask] = x;
    }

    /// The sample `frames` ago; 0.0 is the one just pushed.
    #[inline(always)]
    pub fn read(&self, frames: f32) -> f32 {
        let whole = frames as usize;
        let fraction = frames - whole as f32;
        let mask = self.line.len() - 1;
        let a = self.line[self.write.wrapping_sub(whole) & mask];
        let b = self.line[self.write.wrapping_sub(whole + 1) & mask];
        a + (b - a) * fraction
    }
}

/// Two taps in quadrature per side.
#[derive(Debug, Clone)]
pub struct Chorus {
    lines: [ShortLine; 2],
    lfo: Lfo,
    centre: f32,
    depth: f32,
    amount: f32,
}

impl Chorus {
    pub fn new(amount: f32, rate: f32, loop_frames: usize) -> Self {
        let line = ShortLine::new((0.03 * rate) as usize);
        Self {
            lines: [line.clone(), line],
            lfo: Lfo::new(0.6, rate, loop_frames),
            centre: 0.011 * rate,
            depth: 0.0028 * rate,
            amount,
        }
    }

    pub fn process(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        let wet = 0.6 * self.amount;
        let dry = 1.0 - 0.3 * self.amount;
        for n in 0..left.len() {
            let (a, b) = (self.lfo.at(frame + n, 0), self.lfo.at(frame + n, QUARTER));
            self.lines[0].push(left[n]);
            self.lines[1].push(right[n]);
            let l = self.lines[0].read(self.centre + self.depth * a);
            let r = self.lines[1].read(self.centre * 1.2 + self.depth * b);
            left[n] = dry * left[n] + wet * l;
            right[n] = dry * right[n] + wet * r;
        }
    }
}

/// Pitch that wanders as an old tape's.
#[derive(Debug, Clone)]
pub struct Wow {
    lines: [ShortLine; 2],
    slow: Lfo,
    fast: Lfo,
    depth: f32,
}

impl Wow {
    pub fn new(amount: f32, rate: f32, loop_frames: usize) -> Self {
        let line = ShortLine::new((0.02 * rate) as usize);
        Self {
            lines: [line.clone(), line],
            slow: Lfo::new(0.5, rate, loop_frames),
            fast: Lfo::new(5.7, rate, loop_frames),
            depth: 0.0024 * amount * rate,
        }
    }

    pub fn process(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        for n in 0..left.len() {
            let bend = 1.0 + 0.8 * self.slow.at(frame + n, 0) + 0.06 * self.fast.at(frame + n, QUARTER);
            let away = self.depth * bend.max(0.0);
            self.lines[0].push(left[n]);
            self.lines[1].push(right[n]);
            left[n] = self.lines[0].read(away);
            right[n] = self.lines[1].read(away);
        }
    }
}

/// Four all-passes per side, moved by a slow LFO, mixed with the dry sound.
#[derive(Debug, Clone)]
pub struct Phaser {
    states: [[f32; 4]; 2],
    lfo: Lfo,
    amount: f32,
    rate: f32,
}

impl Phaser {
    pub fn new(amount: f32, rate: f32, loop_frames: usize) -> Self {
        Self { states: [[0.0; 4]; 2], lfo: Lfo::new(0.25, rate, loop_frames), amount, rate }
    }

    pub fn process(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        for (block, (l, r)) in left.chunks_mut(32).zip(right.chunks_mut(32)).enumerate() {
            let at = frame + block * 32;
            for (side, samples) in [l, r].into_iter().enumerate() {
                let sweep = self.lfo.at(at, side as u32 * QUARTER);
                let hz = 700.0 * libm::exp2f(1.5 * sweep);
                let t = libm::tanf(std::f32::consts::PI * hz / self.rate);
                let coefficient = (t - 1.0) / (t + 1.0);
                for sample in samples {
                    let mut x = *sample;
                    for state in &mut self.states[side] {
                        let y = coefficient * x + *state;
                        *state = x - coefficient * y;
                        x = y;
                    }
                    *sample = (*sample + self.amount * x) / (1.0 + 0.5 * self.amount);
                }
                for state in &mut self.states[side] {
                    *state = if state.abs() < 1e-15 { 0.0 } else { *state };
                }
            }
        }
    }
}

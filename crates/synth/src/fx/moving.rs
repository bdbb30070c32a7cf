//! Effects with an LFO. Their LFOs run a whole number of times round the loop, so the seam is like any other place.
//! They are looked at once per block (1.3 ms); between two looks delays, gains and filters move in straight lines.
use crate::quarters::Frame;
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
    fn at(self, frame: usize, turns: u32) -> f32 {
        sine_cycle().at((frame as u32).wrapping_mul(self.step).wrapping_add(turns))
    }

    /// The value in each lane `ahead` frames after `places`, the right side `right_turns` of 2^32 later.
    fn lanes(self, places: [usize; 4], ahead: usize, right_turns: u32) -> Frame {
        let mut lanes = Frame::ZERO;
        for (quarter, place) in places.into_iter().enumerate() {
            lanes.0[quarter] = self.at(place + ahead, 0);
            lanes.0[quarter + 4] = self.at(place + ahead, right_turns);
        }
        lanes
    }
}

/// A quarter turn.
const QUARTER: u32 = 1 << 30;

/// A value that moves in a straight line over a block.
fn line(from: Frame, to: Frame, frames: usize) -> impl Iterator<Item = Frame> {
    let step = (to - from) * (1.0 / frames.max(1) as f32);
    (0..frames).scan(from, move |now, _| {
        let value = *now;
        *now = *now + step;
        Some(value)
    })
}

/// A short delay line that is read between its samples.
#[derive(Debug, Clone)]
struct ShortLine {
    line: Vec<Frame>,
    write: usize,
}

impl ShortLine {
    fn new(max_frames: usize) -> Self {
        Self { line: vec![Frame::ZERO; (max_frames + 4).next_power_of_two()], write: 0 }
    }

    #[inline(always)]
    fn push(&mut self, x: Frame) {
        self.write = self.write.wrapping_add(1);
        let mask = self.line.len() - 1;
        self.line[self.write & mask] = x;
    }

    /// The samples `frames` ago; 0.0 is the one just pushed.
    #[inline(always)]
    fn read(&self, frames: Frame) -> Frame {
        let mask = self.line.len() - 1;
        let (mut a, mut b, mut fraction) = (Frame::ZERO, Frame::ZERO, Frame::ZERO);
        for lane in 0..8 {
            let whole = frames.0[lane] as i32;
            fraction.0[lane] = frames.0[lane] - whole as f32;
            let at = self.write.wrapping_sub(whole as usize);
            a.0[lane] = self.line[at & mask].0[lane];
            b.0[lane] = self.line[at.wrapping_sub(1) & mask].0[lane];
        }
        a + (b - a) * fraction
    }
}

/// A tap per side, in quadrature.
#[derive(Debug, Clone)]
pub struct Chorus {
    line: ShortLine,
    lfo: Lfo,
    centre: Frame,
    depth: f32,
    amount: f32,
}

impl Chorus {
    pub fn new(amount: f32, rate: f32, loop_frames: usize) -> Self {
        let mut centre = Frame::ZERO;
        centre.0.iter_mut().enumerate().for_each(|(lane, c)| *c = if lane < 4 { 0.011 } else { 0.0132 } * rate);
        Self {
            line: ShortLine::new((0.03 * rate) as usize),
            lfo: Lfo::new(0.6, rate, loop_frames),
            centre,
            depth: 0.0028 * rate,
            amount,
        }
    }

    pub fn process(&mut self, frames: &mut [Frame], places: [usize; 4]) {
        let (wet, dry) = (0.6 * self.amount, 1.0 - 0.3 * self.amount);
        let delay = |ahead: usize| self.centre + self.lfo.lanes(places, ahead, QUARTER) * self.depth;
        let moves = line(delay(0), delay(frames.len()), frames.len());
        for (frame, delay) in frames.iter_mut().zip(moves) {
            self.line.push(*frame);
            *frame = *frame * dry + self.line.read(delay) * wet;
        }
    }
}

/// Pitch that wanders as an old tape's.
#[derive(Debug, Clone)]
pub struct Wow {
    line: ShortLine,
    slow: Lfo,
    fast: Lfo,
    depth: f32,
}

impl Wow {
    pub fn new(amount: f32, rate: f32, loop_frames: usize) -> Self {
        Self {
            line: ShortLine::new((0.02 * rate) as usize),
            slow: Lfo::new(0.5, rate, loop_frames),
            fast: Lfo::new(5.7, rate, loop_frames),
            depth: 0.0024 * amount * rate,
        }
    }

    pub fn process(&mut self, frames: &mut [Frame], places: [usize; 4]) {
        let delay = |ahead: usize| {
            let bend = self.slow.lanes(places, ahead, 0) * 0.8 + self.fast.lanes(places, ahead, 0) * 0.06;
            bend.map(|bend| self.depth * (1.0 + bend).max(0.0))
        };
        let moves = line(delay(0), delay(frames.len()), frames.len());
        for (frame, delay) in frames.iter_mut().zip(moves) {
            self.line.push(*frame);
            *frame = self.line.read(delay);
        }
    }
}

/// Four all-passes per side, moved by a slow LFO, mixed with the dry sound.
#[derive(Debug, Clone)]
pub struct Phaser {
    states: [Frame; 4],
    lfo: Lfo,
    amount: f32,
    rate: f32,
}

impl Phaser {
    pub fn new(amount: f32, rate: f32, loop_frames: usize) -> Self {
        Self { states: Default::default(), lfo: Lfo::new(0.25, rate, loop_frames), amount, rate }
    }

    pub fn process(&mut self, frames: &mut [Frame], places: [usize; 4]) {
        let coefficient = |ahead: usize| {
            self.lfo.lanes(places, ahead, QUARTER).map(|sweep| {
                let t = libm::tanf(std::f32::consts::PI * 700.0 * libm::exp2f(1.5 * sweep) / self.rate);
                (t - 1.0) / (t + 1.0)
            })
        };
        let level = 1.0 / (1.0 + 0.5 * self.amount);
        let moves = line(coefficient(0), coefficient(frames.len()), frames.len());
        for (frame, coefficient) in frames.iter_mut().zip(moves) {
            let mut x = *frame;
            for state in &mut self.states {
                let y = coefficient * x + *state;
                *state = x - coefficient * y;
                x = y;
            }
            *frame = (*frame + x * self.amount) * level;
        }
        self.states = self.states.map(Frame::flushed);
    }
}

/// Level in step with the tempo, the same on both sides.
#[derive(Debug, Clone)]
pub struct Tremolo {
    lfo: Lfo,
    depth: f32,
}

impl Tremolo {
    /// `hz` is one cycle; `depth` 0.0..=1.0.
    pub fn new(depth: f32, hz: f32, rate: f32, loop_frames: usize) -> Self {
        Self { lfo: Lfo::new(hz, rate, loop_frames), depth }
    }

    pub fn process(&mut self, frames: &mut [Frame], places: [usize; 4]) {
        let gain = |ahead: usize| {
            // A quarter turn on: loudest on the beat.
            let ahead_of_beat = places.map(|place| place + ahead);
            let mut gains = Frame::ZERO;
            for (quarter, place) in ahead_of_beat.into_iter().enumerate() {
                let gain = 1.0 - self.depth * 0.5 * (1.0 - self.lfo.at(place, QUARTER));
                (gains.0[quarter], gains.0[quarter + 4]) = (gain, gain);
            }
            gains
        };
        let moves = line(gain(0), gain(frames.len()), frames.len());
        frames.iter_mut().zip(moves).for_each(|(frame, gain)| *frame = *frame * gain);
    }
}

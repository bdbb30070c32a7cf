//! A part's own channel: saturation, filters, modulation, width. Runs once round the circle, four quarters side by side,
//! and measures the loudness of what comes out.
use super::moving::{Chorus, Phaser, Tremolo, Wow};
use super::{hold_frames, quantise};
use crate::circle::Circle;
use crate::loudness::{Energies, Meter, block_frames};
use crate::mix_settings::Strip;
use crate::progress::{Cancelled, Ticker};
use crate::quarters::{Frame, MAX_BLOCK, Quarters};
use dsp::shape::soft_clip;

/// Second-order section, transposed direct form II (cookbook formulas of R. Bristow-Johnson).
#[derive(Debug, Clone, Copy)]
struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    states: [Frame; 2],
}

enum Shape {
    Low,
    High,
    Bell(f32),
    HighShelf(f32),
}

impl Biquad {
    fn new(shape: Shape, hz: f32, q: f32, rate: f32) -> Self {
        let w = std::f64::consts::TAU * f64::from((hz / rate).min(0.47));
        let (sin, cos) = (libm::sin(w), libm::cos(w));
        let alpha = sin / (2.0 * f64::from(q));
        let gain = |db: f32| libm::pow(10.0, f64::from(db) / 40.0);
        let (b, a) = match shape {
            Shape::Low => ([(1.0 - cos) / 2.0, 1.0 - cos, (1.0 - cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha]),
            Shape::High => ([(1.0 + cos) / 2.0, -1.0 - cos, (1.0 + cos) / 2.0], [1.0 + alpha, -2.0 * cos, 1.0 - alpha]),
            Shape::Bell(db) => {
                let g = gain(db);
                ([1.0 + alpha * g, -2.0 * cos, 1.0 - alpha * g], [1.0 + alpha / g, -2.0 * cos, 1.0 - alpha / g])
            }
            Shape::HighShelf(db) => {
                let g = gain(db);
                let root = 2.0 * libm::sqrt(g) * alpha;
                (
                    [
                        g * ((g + 1.0) + (g - 1.0) * cos + root),
                        -2.0 * g * ((g - 1.0) + (g + 1.0) * cos),
                        g * ((g + 1.0) + (g - 1.0) * cos - root),
                    ],
                    [
                        (g + 1.0) - (g - 1.0) * cos + root,
                        2.0 * ((g - 1.0) - (g + 1.0) * cos),
                        (g + 1.0) - (g - 1.0) * cos - root,
                    ],
                )
            }
        };
        Self {
            b: b.map(|x| (x / a[0]) as f32),
            a: [(a[1] / a[0]) as f32, (a[2] / a[0]) as f32],
            states: Default::default(),
        }
    }

    fn process(&mut self, frames: &mut [Frame]) {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let [mut s1, mut s2] = self.states;
        for frame in frames {
            let x = *frame;
            let y = x * b0 + s1;
            // What does not wait for y is summed first.
            s1 = (x * b1 + s2) - y * a1;
            s2 = x * b2 - y * a2;
            *frame = y;
        }
        self.states = [s1, s2].map(Frame::flushed);
    }
}

/// Sample-rate and bit reduction.
struct Crush {
    amount: f32,
    hold_frames: usize,
    next: usize,
    held: Frame,
}

impl Crush {
    fn process(&mut self, frames: &mut [Frame]) {
        for frame in frames {
            if self.next == 0 {
                self.held = frame.map(|x| quantise(x, self.amount));
                self.next = self.hold_frames;
            }
            self.next -= 1;
            *frame = self.held;
        }
    }
}

struct Inserts {
    input_gain: f32,
    drive: f32,
    crush: Option<Crush>,
    biquads: Vec<Biquad>,
    chorus: Option<Chorus>,
    wow: Option<Wow>,
    phaser: Option<Phaser>,
    tremolo: Option<Tremolo>,
    width: f32,
    gains: (f32, f32),
}

fn filters(strip: &Strip, tilt_db: f32, rate: f32) -> Vec<Biquad> {
    let mut biquads = Vec::new();
    if strip.highpass_hz > 20.0 {
        biquads.push(Biquad::new(Shape::High, strip.highpass_hz, 0.707, rate));
    }
    if strip.lowpass_hz < 19_999.0 {
        biquads.push(Biquad::new(Shape::Low, strip.lowpass_hz, 0.707, rate));
    }
    if strip.bell_db != 0.0 {
        biquads.push(Biquad::new(Shape::Bell(strip.bell_db), strip.bell_hz, 0.9, rate));
    }
    if tilt_db != 0.0 {
        biquads.push(Biquad::new(Shape::HighShelf(tilt_db), 1600.0, 0.6, rate));
    }
    biquads
}

impl Inserts {
    fn new(strip: &Strip, context: InsertContext, circle: &Circle, hold_frames: usize) -> Self {
        let (rate, loop_frames) = (context.rate, circle.num_frames());
        let is_level_dependent = strip.drive > 0.0 || strip.crush > 0.0;
        let wanted = |amount: f32| amount > 0.0;
        let tremolo_hz = f64::from(rate) / (context.beat_frames * f64::from(strip.tremolo_beats));
        Self {
            input_gain: if is_level_dependent { 0.9 / circle.peak().max(1e-6) } else { 1.0 },
            drive: strip.drive,
            crush: wanted(strip.crush).then_some(Crush {
                amount: strip.crush,
                hold_frames,
                next: 0,
                held: Frame::ZERO,
            }),
            biquads: filters(strip, context.tilt_db, rate),
            chorus: wanted(strip.chorus).then(|| Chorus::new(strip.chorus, rate, loop_frames)),
            wow: wanted(strip.wow).then(|| Wow::new(strip.wow, rate, loop_frames)),
            phaser: wanted(strip.phaser).then(|| Phaser::new(strip.phaser, rate, loop_frames)),
            tremolo: wanted(strip.tremolo).then(|| Tremolo::new(strip.tremolo, tremolo_hz as f32, rate, loop_frames)),
            width: strip.width,
            gains: crate::circle::pan_gains(strip.pan),
        }
    }

    fn process(&mut self, frames: &mut [Frame], places: [usize; 4]) {
        if self.input_gain != 1.0 {
            frames.iter_mut().for_each(|frame| *frame = *frame * self.input_gain);
        }
        if let Some(crush) = &mut self.crush {
            crush.process(frames);
        }
        saturate(frames, self.drive);
        self.biquads.iter_mut().for_each(|biquad| biquad.process(frames));
        if let Some(wow) = &mut self.wow {
            wow.process(frames, places);
        }
        if let Some(phaser) = &mut self.phaser {
            phaser.process(frames, places);
        }
        if let Some(chorus) = &mut self.chorus {
            chorus.process(frames, places);
        }
        if let Some(tremolo) = &mut self.tremolo {
            tremolo.process(frames, places);
        }
        self.place(frames);
    }

    fn place(&self, frames: &mut [Frame]) {
        if self.width == 1.0 && self.gains == (1.0, 1.0) {
            return;
        }
        for frame in frames {
            for lane in 0..4 {
                let (l, r) = (frame.0[lane], frame.0[lane + 4]);
                let (mid, side) = (0.5 * (l + r), 0.5 * (l - r) * self.width);
                frame.0[lane] = (mid + side) * self.gains.0;
                frame.0[lane + 4] = (mid - side) * self.gains.1;
            }
        }
    }
}

fn saturate(frames: &mut [Frame], amount: f32) {
    if amount > 0.0 {
        let (gain, makeup) = super::drive_gains(amount);
        frames.iter_mut().for_each(|frame| *frame = (*frame * gain).map(soft_clip) * makeup);
    }
}

/// What a channel needs to know besides its strip.
#[derive(Debug, Clone, Copy)]
pub struct InsertContext {
    /// Brightness wished for, dB above 1.6 kHz.
    pub tilt_db: f32,
    pub rate: f32,
    pub beat_frames: f64,
}

/// Runs the channel in place; returns the loudness of what came out.
pub fn run_inserts(
    circle: &mut Circle,
    strip: &Strip,
    context: InsertContext,
    ticker: &mut Ticker<'_>,
) -> Result<Energies, Cancelled> {
    // Quarters are multiples of the hold, so that a held sample never straddles two of them.
    let hold = if strip.crush > 0.0 { hold_frames(strip.crush, context.rate) } else { 1 };
    let quarters = Quarters::new(circle.num_frames(), block_frames(context.rate), hold, context.rate);
    let mut inserts = Inserts::new(strip, context, circle, hold);
    let mut meter = Meter::new(context.rate, circle.num_frames());
    let mut frames = [Frame::ZERO; MAX_BLOCK];
    for (at, count) in quarters.warm_up_blocks() {
        let frames = &mut frames[..count];
        let places = quarters.load(circle, at, frames);
        inserts.process(frames, places);
        meter.warm_up(frames);
    }
    for (at, count) in quarters.blocks() {
        let frames = &mut frames[..count];
        let places = quarters.load(circle, at, frames);
        inserts.process(frames, places);
        quarters.store(circle, at, frames);
        meter.measure(&quarters, at, frames);
        ticker.work(6 * count)?;
    }
    Ok(meter.finish())
}

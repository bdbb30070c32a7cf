//! A part's own channel: saturation, filters, modulation, width. Runs once round the circle after a warm-up on its end.
use super::moving::{Chorus, Lfo, Phaser, QUARTER, Wow};
use super::{crush, drive, hold_frames};
use crate::circle::Circle;
use crate::mix_settings::Strip;
use crate::progress::{Cancelled, Ticker};

const BLOCK: usize = 512;

/// Second-order section, transposed direct form II (cookbook formulas of R. Bristow-Johnson).
#[derive(Debug, Clone, Copy)]
struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    states: [[f32; 2]; 2],
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
        Self { b: b.map(|x| (x / a[0]) as f32), a: [(a[1] / a[0]) as f32, (a[2] / a[0]) as f32], states: [[0.0; 2]; 2] }
    }

    fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        let ([b0, b1, b2], [a1, a2]) = (self.b, self.a);
        let [[mut l1, mut l2], [mut r1, mut r2]] = self.states;
        for (l, r) in left.iter_mut().zip(right.iter_mut()) {
            let (x, z) = (*l, *r);
            let (y, w) = (b0 * x + l1, b0 * z + r1);
            l1 = b1 * x - a1 * y + l2;
            r1 = b1 * z - a1 * w + r2;
            l2 = b2 * x - a2 * y;
            r2 = b2 * z - a2 * w;
            (*l, *r) = (y, w);
        }
        // What falls below -300 dB is over; denormals would make silence the slowest sound of all.
        self.states = [[l1, l2], [r1, r2]].map(|side| side.map(|s| if s.abs() < 1e-15 { 0.0 } else { s }));
    }
}

/// Slow filters (20 Hz) have forgotten everything after this many seconds.
const WARM_UP_S: f32 = 0.12;

struct Inserts {
    input_gain: f32,
    drive: f32,
    crush: f32,
    rate: f32,
    biquads: Vec<Biquad>,
    chorus: Option<Chorus>,
    wow: Option<Wow>,
    phaser: Option<Phaser>,
    tremolo: Option<(Lfo, f32)>,
    width: f32,
    gains: (f32, f32),
}

impl Inserts {
    fn new(strip: &Strip, tilt_db: f32, input_gain: f32, rate: f32, loop_frames: usize, beat_frames: f64) -> Self {
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
        let wanted = |amount: f32| amount > 0.0;
        let tremolo_hz = f64::from(rate) / (beat_frames * f64::from(strip.tremolo_beats));
        Self {
            input_gain,
            drive: strip.drive,
            crush: strip.crush,
            rate,
            biquads,
            chorus: wanted(strip.chorus).then(|| Chorus::new(strip.chorus, rate, loop_frames)),
            wow: wanted(strip.wow).then(|| Wow::new(strip.wow, rate, loop_frames)),
            phaser: wanted(strip.phaser).then(|| Phaser::new(strip.phaser, rate, loop_frames)),
            tremolo: wanted(strip.tremolo).then(|| (Lfo::new(tremolo_hz as f32, rate, loop_frames), strip.tremolo)),
            width: strip.width,
            gains: crate::circle::pan_gains(strip.pan),
        }
    }

    fn process(&mut self, left: &mut [f32], right: &mut [f32], frame: usize) {
        if self.input_gain != 1.0 {
            left.iter_mut().chain(right.iter_mut()).for_each(|sample| *sample *= self.input_gain);
        }
        for samples in [&mut *left, &mut *right] {
            crush(samples, self.crush, self.rate);
            drive(samples, self.drive);
        }
        self.biquads.iter_mut().for_each(|biquad| biquad.process(left, right));
        if let Some(wow) = &mut self.wow {
            wow.process(left, right, frame);
        }
        if let Some(phaser) = &mut self.phaser {
            phaser.process(left, right, frame);
        }
        if let Some(chorus) = &mut self.chorus {
            chorus.process(left, right, frame);
        }
        if let Some((lfo, depth)) = self.tremolo {
            for n in 0..left.len() {
                let gain = 1.0 - depth * 0.5 * (1.0 - lfo.at(frame + n, QUARTER));
                left[n] *= gain;
                right[n] *= gain;
            }
        }
        self.place(left, right);
    }

    fn place(&self, left: &mut [f32], right: &mut [f32]) {
        if self.width == 1.0 && self.gains == (1.0, 1.0) {
            return;
        }
        for (l, r) in left.iter_mut().zip(right.iter_mut()) {
            let (mid, side) = (0.5 * (*l + *r), 0.5 * (*l - *r) * self.width);
            *l = (mid + side) * self.gains.0;
            *r = (mid - side) * self.gains.1;
        }
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

/// Runs the channel in place.
pub fn run_inserts(
    circle: &mut Circle,
    strip: &Strip,
    context: InsertContext,
    ticker: &mut Ticker<'_>,
) -> Result<(), Cancelled> {
    let frames = circle.num_frames();
    let is_level_dependent = strip.drive > 0.0 || strip.crush > 0.0;
    let input_gain = if is_level_dependent { 0.9 / circle.peak().max(1e-6) } else { 1.0 };
    let mut inserts = Inserts::new(strip, context.tilt_db, input_gain, context.rate, frames, context.beat_frames);
    // Blocks are multiples of the hold, so that a held sample never straddles two of them.
    let hold = if strip.crush > 0.0 { hold_frames(strip.crush, context.rate) } else { 1 };
    let block = BLOCK / hold * hold;
    let warm_up = ((WARM_UP_S * context.rate) as usize).min(frames) / hold * hold;
    let (mut left, mut right) = (vec![0.0; block], vec![0.0; block]);
    let mut at = frames - warm_up;
    while at < frames {
        let count = block.min(frames - at);
        left[..count].copy_from_slice(&circle.left[at..at + count]);
        right[..count].copy_from_slice(&circle.right[at..at + count]);
        inserts.process(&mut left[..count], &mut right[..count], at);
        at += count;
    }
    let mut at = 0;
    while at < frames {
        let end = (at + block).min(frames);
        inserts.process(&mut circle.left[at..end], &mut circle.right[at..end], at);
        ticker.work(end - at)?;
        at = end;
    }
    Ok(())
}

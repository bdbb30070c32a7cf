//! Room: RT
//! Stereo reverb: all-pass diffusers into an eight-line feedback delay network.
//!
//! Structure after J.-M. Jot and A. Chaigne, "Digital delay networks for designing artificial reverberators" (AES
//! 1991): lossless Hadamard mixing, one decay gain and one damping low-pass per line. Wet signal only; as loud as its
//! input on a steady noise whatever its decay.
use crate::guard::{clean, flush};
use crate::line::DelayLine;

const LINES: usize = 8;
const DIFFUSERS: usize = 4;
/// Stretched all-passes of the spring; many in a row delay low notes longer than high ones.
const SPRINGS: usize = 24;

/// Character of the space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReverbKind {
    /// Small and bright, 0.5 s.
    #[default]
    Room,
    /// Large and soft, 2.4 s.
    Hall,
    /// Dense from the first moment, 1.6 s.
    Plate,
    /// Dark with a chirp, 1.9 s.
    Spring,
}

/// Numbers behind a kind. Lengths at scale 1.0.
struct Shape {
    line_ms: [f32; LINES],
    diffuser_ms: [f32; DIFFUSERS],
    diffusion: f32,
    predelay_ms: f32,
    decay_s: f32,
    damping_hz: f32,
    sway_ms: f32,
}

impl ReverbKind {
    fn shape(self) -> Shape {
        match self {
            ReverbKind::Room => Shape {
                line_ms: [11.3, 13.1, 15.7, 17.9, 20.3, 23.1, 26.3, 29.7],
                diffuser_ms: [1.3, 2.1, 3.7, 5.3],
                diffusion: 0.62,
                predelay_ms: 3.0,
                decay_s: 0.5,
                damping_hz: 7_000.0,
                sway_ms: 0.05,
            },
            ReverbKind::Hall => Shape {
                line_ms: [43.7, 49.3, 54.1, 60.7, 67.3, 74.9, 83.3, 92.1],
                diffuser_ms: [4.7, 7.9, 12.1, 17.3],
                diffusion: 0.68,
                predelay_ms: 18.0,
                decay_s: 2.4,
                damping_hz: 5_000.0,
                sway_ms: 0.22,
            },
            ReverbKind::Plate => Shape {
                line_ms: [17.1, 20.9, 24.7, 28.3, 33.1, 38.9, 44.3, 50.9],
                diffuser_ms: [3.1, 4.3, 7.3, 9.7],
                diffusion: 0.75,
                predelay_ms: 0.0,
                decay_s: 1.6,
                damping_hz: 9_500.0,
                sway_ms: 0.14,
            },
            ReverbKind::Spring => Shape {
                line_ms: [31.3, 33.7, 36.1, 39.7, 43.3, 47.9, 52.1, 57.7],
                diffuser_ms: [1.9, 2.9, 4.1, 5.9],
                diffusion: 0.5,
                predelay_ms: 2.0,
                decay_s: 1.9,
                damping_hz: 2_800.0,
                sway_ms: 0.1,
            },
        }
    }
}

/// Schroeder all-pass.
#[derive(Debug, Clone)]
struct AllPass {
    line: DelayLine,
    delay_frames: usize,
    gain: f32,
}

impl AllPass {
    fn new(delay_frames: usize, gain: f32) -> Self {
        let delay_frames = delay_frames.max(1);
        Self { line: DelayLine::new(delay_frames), delay_frames, gain }
    }

    #[inline]
    fn process(&mut self, input: f32) -> f32 {
        let delayed = self.line.read(self.delay_frames - 1);
        let fed = flush(input - self.gain * delayed);
        self.line.push(fed);
        delayed + self.gain * fed
    }
}

/// One line of the network.
#[derive(Debug, Clone)]
struct Line {
    memory: DelayLine,
    delay_frames: f32,
    gain: f32,
    damped: f32,
    /// Phase of its slow sway, turns.
    phase: f32,
    phase_step: f32,
}

/// Stereo reverb, wet only.
#[derive(Debug, Clone)]
pub struct Reverb {
    rate: f32,
    predelay: [DelayLine; 2],
    predelay_frames: usize,
    springs: [Vec<AllPass>; 2],
    diffusers: [Vec<AllPass>; 2],
    lines: Vec<Line>,
    sway_frames: f32,
    damping: f32,
    low_cut: f32,
    low_state: [f32; 2],
    out_gain: f32,
}

impl Reverb {
    /// With the decay and damping of its kind. Allocates all it will ever need; `rate` in frames per second.
    pub fn new(rate: f32, kind: ReverbKind) -> Self {
        Self::with_size(rate, kind, 1.0)
    }

    /// `size` 0.25..=2.0 scales every length of the space.
    pub fn with_size(rate: f32, kind: ReverbKind, size: f32) -> Self {
        let shape = kind.shape();
        let size = if size.is_nan() { 1.0 } else { size.clamp(0.25, 2.0) };
        let frames = |ms: f32| ms * 0.001 * rate * size;
        let sway_frames = shape.sway_ms * 0.001 * rate;
        let predelay_frames = frames(shape.predelay_ms) as usize;
        let num_springs = if kind == ReverbKind::Spring { SPRINGS } else { 0 };
        let chain = |lengths: &[f32], gain: f32, side: usize| -> Vec<AllPass> {
            // The right side is 7 % longer: the two never ring alike.
            let stretch = if side == 0 { 1.0 } else { 1.07 };
            lengths.iter().map(|ms| AllPass::new((frames(*ms) * stretch) as usize, gain)).collect()
        };
        let lines = shape.line_ms.iter().enumerate().map(|(index, ms)| Line {
            memory: DelayLine::new((frames(*ms) + 2.0 * sway_frames) as usize + 4),
            delay_frames: frames(*ms).max(4.0),
            gain: 0.0,
            damped: 0.0,
            phase: index as f32 / LINES as f32,
            phase_step: (0.31 + 0.083 * index as f32) / rate,
        });
        let mut reverb = Self {
            rate,
            predelay: [DelayLine::new(predelay_frames), DelayLine::new(predelay_frames)],
            predelay_frames,
            springs: [0, 1].map(|side| chain(&vec![0.17; num_springs], 0.62, side)),
            diffusers: [0, 1].map(|side| chain(&shape.diffuser_ms, shape.diffusion, side)),
            lines: lines.collect(),
            sway_frames,
            damping: 1.0,
            // 60 Hz: the low end stays with the dry sound.
            low_cut: one_pole(60.0, rate),
            low_state: [0.0; 2],
            out_gain: 1.0,
        };
        reverb.set_damping_hz(shape.damping_hz);
        reverb.set_decay_s(shape.decay_s);
        reverb
    }

    /// Time to fall by 60 dB, 0.05..=30.0 seconds.
    pub fn set_decay_s(&mut self, decay_s: f32) {
        if decay_s.is_nan() {
            return;
        }
        let decay_frames = decay_s.clamp(0.05, 30.0) * self.rate;
        let (mut lost, mut kept) = (0.0, 0.0);
        for line in &mut self.lines {
            line.gain = libm::powf(10.0, -3.0 * line.delay_frames / decay_frames);
            lost += 1.0 - line.gain * line.gain;
            kept += line.gain * line.gain;
        }
        // White noise fills each line with kept / lost of its energy; 0.85 makes up for what the damping takes.
        self.out_gain = 0.85 * (lost / kept.max(1.0e-6)).min(100.0).sqrt();
    }

    /// Cutoff of the low-pass in every pass through a line, 200.0..=20 000.0 Hz.
    pub fn set_damping_hz(&mut self, damping_hz: f32) {
        if !damping_hz.is_nan() {
            self.damping = one_pole(damping_hz.clamp(200.0, 20_000.0), self.rate);
        }
    }

    /// Silence again.
    pub fn reset(&mut self) {
        self.predelay.iter_mut().for_each(DelayLine::reset);
        self.low_state = [0.0; 2];
        for all_pass in self.diffusers.iter_mut().chain(&mut self.springs).flatten() {
            all_pass.line.reset();
        }
        for (index, line) in self.lines.iter_mut().enumerate() {
            line.memory.reset();
            line.damped = 0.0;
            line.phase = index as f32 / LINES as f32;
        }
    }

    /// One frame: the wet signal.
    #[inline]
    pub fn process_frame(&mut self, left: f32, right: f32) -> (f32, f32) {
        let mut input = [clean(left), clean(right)];
        for (side, sample) in input.iter_mut().enumerate() {
            *sample = self.prepare(side, *sample);
        }
        let mut taps = [0.0; LINES];
        for (tap, line) in taps.iter_mut().zip(&mut self.lines) {
            line.phase += line.phase_step;
            if line.phase >= 1.0 {
                line.phase -= 1.0;
            }
            let delayed = line.memory.read_linear(line.delay_frames - 1.0 + self.sway_frames * sway(line.phase));
            line.damped = flush(line.damped + self.damping * (delayed * line.gain - line.damped));
            *tap = line.damped;
        }
        let out_left = taps[0] - taps[2] + taps[4] - taps[6] + 0.5 * (taps[1] - taps[5]);
        let out_right = taps[1] - taps[3] + taps[5] - taps[7] + 0.5 * (taps[2] - taps[6]);
        hadamard(&mut taps);
        for (index, (line, mixed)) in self.lines.iter_mut().zip(taps).enumerate() {
            let sign = if index & 2 == 0 { 1.0 } else { -1.0 };
            line.memory.push(flush(mixed + sign * input.get(index & 1).copied().unwrap_or(0.0)));
        }
        (out_left * self.out_gain, out_right * self.out_gain)
    }

    /// Replaces a block by its wet signal.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            (*l, *r) = self.process_frame(*l, *r);
        }
    }

    /// Low cut, pre-delay, springs and diffusion of one side.
    #[inline]
    fn prepare(&mut self, side: usize, sample: f32) -> f32 {
        let (Some(low), Some(predelay), Some(springs), Some(diffusers)) = (
            self.low_state.get_mut(side),
            self.predelay.get_mut(side),
            self.springs.get_mut(side),
            self.diffusers.get_mut(side),
        ) else {
            return 0.0;
        };
        *low = flush(*low + self.low_cut * (sample - *low));
        predelay.push(sample - *low);
        let delayed = predelay.read(self.predelay_frames);
        springs.iter_mut().chain(diffusers).fold(delayed, |x, all_pass| all_pass.process(x))
    }
}

/// Coefficient of a one-pole low-pass.
fn one_pole(cutoff_hz: f32, rate: f32) -> f32 {
    1.0 - libm::expf(-std::f32::consts::TAU * cutoff_hz.min(0.45 * rate) / rate)
}

/// A round wave from 0 to 2 and back over one turn (two parabolas), cheap enough for every frame.
#[inline]
fn sway(phase: f32) -> f32 {
    let x = 2.0 * phase - 1.0;
    1.0 - 4.0 * x * (1.0 - x.abs())
}

/// Fast Walsh-Hadamard transform, scaled so that it keeps energy.
#[inline]
fn hadamard(taps: &mut [f32; LINES]) {
    let [a, b, c, d, e, f, g, h] = *taps;
    let (a, b, c, d, e, f, g, h) = (a + b, a - b, c + d, c - d, e + f, e - f, g + h, g - h);
    let (a, b, c, d, e, f, g, h) = (a + c, b + d, a - c, b - d, e + g, f + h, e - g, f - h);
    // 1 / sqrt(8)
    let scale = 0.353_553_4;
    *taps = [a + e, b + f, c + g, d + h, a - e, b - f, c - g, d - h].map(|x| x * scale);
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ReverbKind; 4] = [ReverbKind::Room, ReverbKind::Hall, ReverbKind::Plate, ReverbKind::Spring];

    fn noise(seed: &mut u32) -> f32 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 8) as f32 / 8_388_608.0 - 1.0
    }

    fn energy(frames: impl Iterator<Item = (f32, f32)>) -> f64 {
        frames.map(|(l, r)| f64::from(l * l + r * r)).sum()
    }

    #[test]
    fn decays_as_long_as_asked() {
        for kind in KINDS {
            let mut reverb = Reverb::new(48_000.0, kind);
            reverb.set_damping_hz(20_000.0);
            reverb.set_decay_s(1.0);
            reverb.process_frame(1.0, 1.0);
            let mut window = |frames: usize| energy((0..frames).map(|_| reverb.process_frame(0.0, 0.0)));
            window(9_600);
            let early = window(4_800);
            window(14_400);
            // 0.4 s later a decay of 1 s has lost 24 dB (the damping takes a little more).
            let late = window(4_800);
            let lost_db = 10.0 * (early / late).log10();
            assert!((20.0..32.0).contains(&lost_db), "{kind:?} lost {lost_db} dB");
        }
    }

    #[test]
    fn is_about_as_loud_as_its_input_whatever_its_decay() {
        for kind in KINDS {
            for decay_s in [0.4, 4.0] {
                let mut reverb = Reverb::new(48_000.0, kind);
                reverb.set_decay_s(decay_s);
                reverb.set_damping_hz(20_000.0);
                let mut seed = 1;
                let mut run = |frames: usize| {
                    energy((0..frames).map(|_| reverb.process_frame(noise(&mut seed), noise(&mut seed))))
                };
                run(240_000);
                let level_db = 10.0 * (run(96_000) / (96_000.0 * 2.0 / 3.0)).log10();
                assert!(level_db.abs() < 3.0, "{kind:?} {decay_s} s: {level_db} dB");
            }
        }
    }

    #[test]
    fn a_mono_source_becomes_wide() {
        let mut reverb = Reverb::new(48_000.0, ReverbKind::Hall);
        let mut seed = 5;
        let (mut cross, mut left, mut right) = (0.0f64, 0.0f64, 0.0f64);
        for frame in 0..192_000 {
            let x = noise(&mut seed);
            let (l, r) = reverb.process_frame(x, x);
            if frame > 48_000 {
                cross += f64::from(l * r);
                left += f64::from(l * l);
                right += f64::from(r * r);
            }
        }
        let correlation = cross / (left * right).sqrt();
        assert!(correlation.abs() < 0.4, "{correlation}");
    }

    #[test]
    fn damage_does_not_stay_and_silence_becomes_exact() {
        let mut reverb = Reverb::new(48_000.0, ReverbKind::Room);
        for bad in [f32::NAN, f32::INFINITY, f32::MIN, 1.0] {
            let (l, r) = reverb.process_frame(bad, bad);
            assert!(l.is_finite() && r.is_finite());
        }
        for _ in 0..240_000 {
            let (l, r) = reverb.process_frame(0.0, 0.0);
            assert!(l.is_finite() && !reverb.lines[0].damped.is_subnormal() && r.is_finite());
        }
        assert_eq!(reverb.process_frame(0.0, 0.0), (0.0, 0.0));
    }

    #[test]
    fn reset_gives_the_same_sound_again() {
        let mut reverb = Reverb::new(44_100.0, ReverbKind::Spring);
        let run = |reverb: &mut Reverb| -> Vec<(f32, f32)> {
            (0..5000).map(|n| reverb.process_frame(if n == 0 { 1.0 } else { 0.0 }, 0.0)).collect()
        };
        let first = run(&mut reverb);
        reverb.reset();
        assert_eq!(first, run(&mut reverb));
    }
}

//! Room: RT
//! One knob: low-pass to the left, off in the middle, high-pass to the right; 24 dB per octave with resonance.
use crate::smooth::Glide;
use crate::svf::{Svf, SvfCoefficients};

/// Frames between two looks at a moving knob; counted by the filter itself, so blocks do not matter.
const CONTROL_FRAMES: u32 = 8;
/// The knob's first 3 % blend from dry to filtered, so that the way in and out of bypass has no step.
const BLEND_WIDTH: f32 = 0.03;
/// Cutoffs at the ends of the knob, Hz.
const LOW_PASS_HZ: (f32, f32) = (20_000.0, 60.0);
const HIGH_PASS_HZ: (f32, f32) = (20.0, 12_000.0);
/// Quality factors of the two sections of a fourth-order Butterworth filter.
const BUTTERWORTH_Q: (f32, f32) = (0.541_196, 1.306_563);

/// Filters `CHANNELS` channels alike: 2 for a stereo deck, 10 for five stereo stems.
#[derive(Debug, Clone)]
pub struct DjFilter<const CHANNELS: usize> {
    rate: f32,
    knob: Glide,
    resonance: Glide,
    frames_to_control: u32,
    is_high_pass: bool,
    coefficients: [SvfCoefficients; 2],
    state: [[Svf; CHANNELS]; 2],
}

impl<const CHANNELS: usize> DjFilter<CHANNELS> {
    /// Off. `rate` in frames per second.
    pub fn new(rate: f32) -> Self {
        Self {
            rate,
            knob: Glide::new(0.0, 15.0, rate),
            resonance: Glide::new(0.1, 10.0, rate),
            frames_to_control: 0,
            is_high_pass: false,
            coefficients: [SvfCoefficients::new(1000.0, 0.7, rate); 2],
            state: [[Svf::new(); CHANNELS]; 2],
        }
    }

    /// Forgets the past and stands at the knob's target.
    pub fn reset(&mut self) {
        self.knob.reset(self.knob.target());
        self.resonance.reset(self.resonance.target());
        self.frames_to_control = 0;
        self.state = [[Svf::new(); CHANNELS]; 2];
    }

    /// `knob` -1.0 low-pass closed (60 Hz) ..= 0.0 off ..= 1.0 high-pass closed (12 kHz); `resonance` 0.0..=1.0.
    /// Reached within about 200 ms, most of it within 40 ms. NaN is ignored.
    pub fn set(&mut self, knob: f32, resonance: f32) {
        self.knob.set_target(knob.clamp(-1.0, 1.0));
        self.resonance.set_target(resonance.clamp(0.0, 1.0));
    }

    /// At rest in the middle: frames leave exactly as they came.
    pub fn is_bypassed(&self) -> bool {
        self.knob.current() == 0.0 && !self.knob.is_moving()
    }

    /// One frame.
    #[inline]
    pub fn process_frame(&mut self, frame: [f32; CHANNELS]) -> [f32; CHANNELS] {
        if self.is_bypassed() {
            return frame;
        }
        self.control();
        // Every frame anew: in steps of the coefficients it would be heard.
        let blend = (self.knob.current().abs() / BLEND_WIDTH).min(1.0);
        let [first, second] = &self.coefficients;
        let [states_a, states_b] = &mut self.state;
        let mut out = frame;
        for ((sample, a), b) in out.iter_mut().zip(states_a).zip(states_b) {
            let filtered = if self.is_high_pass {
                b.process(a.process(*sample, first).high, second).high
            } else {
                b.process(a.process(*sample, first).low, second).low
            };
            let dry = crate::guard::clean(*sample);
            *sample = dry + (filtered - dry) * blend;
        }
        out
    }

    /// A block in place; returns at once when bypassed. Slices of different lengths: the shortest counts.
    pub fn process(&mut self, channels: &mut [&mut [f32]; CHANNELS]) {
        let num_frames = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
        for index in 0..num_frames {
            if self.is_bypassed() {
                return;
            }
            let mut frame = [0.0; CHANNELS];
            for (sample, channel) in frame.iter_mut().zip(channels.iter()) {
                *sample = channel.get(index).copied().unwrap_or(0.0);
            }
            let frame = self.process_frame(frame);
            for (sample, channel) in frame.iter().zip(channels.iter_mut()) {
                if let Some(slot) = channel.get_mut(index) {
                    *slot = *sample;
                }
            }
        }
    }

    /// Moves knob and resonance by one frame; new coefficients every few frames while they move.
    fn control(&mut self) {
        let was_moving = self.knob.is_moving() || self.resonance.is_moving();
        let (knob, resonance) = (self.knob.next(), self.resonance.next());
        let is_settled = !(self.knob.is_moving() || self.resonance.is_moving());
        if self.frames_to_control == 0 || (was_moving && is_settled) {
            self.update(knob, resonance);
            self.frames_to_control = CONTROL_FRAMES;
        }
        if !is_settled {
            self.frames_to_control -= 1;
        }
        if self.is_bypassed() {
            self.state = [[Svf::new(); CHANNELS]; 2];
            self.frames_to_control = 0;
        }
    }

    fn update(&mut self, knob: f32, resonance: f32) {
        let is_high_pass = knob > 0.0;
        if is_high_pass != self.is_high_pass {
            // The blend is nearly zero here, so a fresh start is not heard.
            self.is_high_pass = is_high_pass;
            self.state = [[Svf::new(); CHANNELS]; 2];
        }
        let amount = knob.abs();
        let (open_hz, closed_hz) = if is_high_pass { HIGH_PASS_HZ } else { LOW_PASS_HZ };
        let cutoff_hz = open_hz * libm::powf(closed_hz / open_hz, amount);
        // Resonance 1.0 raises the second section's q to 9, about +17 dB at the cutoff.
        let q = BUTTERWORTH_Q.1 * libm::powf(9.0 / BUTTERWORTH_Q.1, resonance);
        self.coefficients = [
            SvfCoefficients::new(cutoff_hz, BUTTERWORTH_Q.0, self.rate),
            SvfCoefficients::new(cutoff_hz, q, self.rate),
        ];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f32, frame: usize) -> f32 {
        libm::sin(std::f64::consts::TAU * f64::from(hz) * frame as f64 / 48_000.0) as f32
    }

    fn rms(samples: &[f32]) -> f32 {
        (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt()
    }

    #[test]
    fn the_middle_is_bit_exact_before_and_after_use() {
        let mut filter = DjFilter::<2>::new(48_000.0);
        let odd = [0.123_456_79, -1.0e-40];
        assert_eq!(filter.process_frame(odd), odd);
        filter.set(-0.8, 0.9);
        for frame in 0..20_000 {
            filter.process_frame([sine(440.0, frame); 2]);
        }
        filter.set(0.0, 0.9);
        for frame in 0..20_000 {
            filter.process_frame([sine(440.0, frame); 2]);
        }
        assert!(filter.is_bypassed());
        assert_eq!(filter.process_frame(odd), odd);
    }

    #[test]
    fn closed_means_closed_on_both_sides() {
        for (knob, stopped_hz, passed_hz) in [(-1.0, 1000.0, 30.0), (1.0, 1000.0, 16_000.0)] {
            for (hz, is_passed) in [(stopped_hz, false), (passed_hz, true)] {
                let mut filter = DjFilter::<1>::new(48_000.0);
                filter.set(knob, 0.0);
                let out: Vec<f32> = (0..48_000).map(|frame| filter.process_frame([sine(hz, frame)])[0]).collect();
                let level = rms(&out[24_000..]);
                assert_eq!(level > 0.5, is_passed, "knob {knob}, {hz} Hz: {level}");
                assert!(is_passed || level < 0.001);
            }
        }
    }

    #[test]
    fn sweeping_through_the_middle_makes_no_step() {
        let mut filter = DjFilter::<1>::new(48_000.0);
        let mut last = 0.0f32;
        for frame in 0..96_000 {
            if frame % 6000 == 0 {
                filter.set(if (frame / 6000) % 2 == 0 { -0.5 } else { 0.5 }, 0.2);
            }
            let y = filter.process_frame([sine(200.0, frame)])[0];
            // A 200 Hz sine steps 0.026 at most; a click would be ten times that.
            assert!((y - last).abs() < 0.08, "step of {} at {frame}", (y - last).abs());
            last = y;
        }
    }

    #[test]
    fn blocks_do_not_change_a_bit() {
        let input: Vec<f32> = (0..5000).map(|frame| sine(333.0, frame)).collect();
        let render = |sizes: &[usize]| {
            let mut filter = DjFilter::<1>::new(48_000.0);
            filter.set(0.4, 0.7);
            let mut out = input.clone();
            let (mut start, mut turn) = (0, 0);
            while start < out.len() {
                let end = (start + sizes[turn % sizes.len()]).min(out.len());
                filter.process(&mut [&mut out[start..end]]);
                (start, turn) = (end, turn + 1);
            }
            out
        };
        assert_eq!(render(&[5000]), render(&[1, 17, 64, 441]));
    }

    #[test]
    fn damage_passes_without_harm() {
        let mut filter = DjFilter::<1>::new(48_000.0);
        filter.set(f32::NAN, f32::NAN);
        filter.set(0.5, 1.0);
        for bad in [f32::NAN, f32::INFINITY, f32::MIN, 1.0, 0.0] {
            (0..100).for_each(|_| assert!(filter.process_frame([bad])[0].is_finite()));
        }
    }
}

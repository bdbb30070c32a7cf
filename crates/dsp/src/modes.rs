//! A bank of decaying sines: struck bars, piano strings, drum skins, bells.

const LANES: usize = 8;

/// One partial of a struck body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    /// Hz. Modes at or above 0.48 of the rate are silent.
    pub frequency_hz: f32,
    /// Peak level.
    pub level: f32,
    /// Time to fall by 60 dB, seconds.
    pub decay_s: f32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Lanes {
    re: [f32; LANES],
    im: [f32; LANES],
    cos: [f32; LANES],
    sin: [f32; LANES],
}

/// Every mode starts at phase zero, so that the first sample is silent and the attack steep.
#[derive(Debug, Clone)]
pub struct ModeBank(Vec<Lanes>);

impl ModeBank {
    /// `rate` in Hz.
    pub fn new(modes: &[Mode], rate: f32) -> Self {
        let heard: Vec<&Mode> = modes.iter().filter(|m| m.frequency_hz < 0.48 * rate && m.level != 0.0).collect();
        let lanes = heard.chunks(LANES).map(|chunk| {
            let mut lanes = Lanes::default();
            for (lane, mode) in chunk.iter().enumerate() {
                let angle = std::f64::consts::TAU * f64::from(mode.frequency_hz) / f64::from(rate);
                let fall = libm::pow(10.0, -3.0 / (f64::from(mode.decay_s.max(0.002)) * f64::from(rate)));
                lanes.re[lane] = mode.level;
                lanes.cos[lane] = (libm::cos(angle) * fall) as f32;
                lanes.sin[lane] = (libm::sin(angle) * fall) as f32;
            }
            lanes
        });
        Self(lanes.collect())
    }

    /// Lets every mode fall by a further 60 dB in `decay_s` seconds: the damper comes down. `rate` in Hz.
    pub fn damp(&mut self, decay_s: f32, rate: f32) {
        let fall = libm::powf(10.0, -3.0 / (decay_s.max(0.002) * rate));
        for lanes in &mut self.0 {
            lanes.cos.iter_mut().chain(lanes.sin.iter_mut()).for_each(|c| *c *= fall);
        }
    }

    /// Adds the next samples to `out`.
    pub fn add_to(&mut self, out: &mut [f32]) {
        for lanes in &mut self.0 {
            let Lanes { mut re, mut im, cos, sin } = *lanes;
            for sample in out.iter_mut() {
                let mut sum = [0.0f32; LANES];
                for lane in 0..LANES {
                    sum[lane] = im[lane];
                    let turned = re[lane] * cos[lane] - im[lane] * sin[lane];
                    im[lane] = re[lane] * sin[lane] + im[lane] * cos[lane];
                    re[lane] = turned;
                }
                *sample += ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
            }
            (lanes.re, lanes.im) = (re, im);
            // Below -200 dB a mode is over; this also keeps denormals away.
            for lane in 0..LANES {
                if lanes.re[lane].abs() + lanes.im[lane].abs() < 1e-10 {
                    (lanes.re[lane], lanes.im[lane]) = (0.0, 0.0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_rings_at_its_pitch_and_dies_in_its_time() {
        let mut bank = ModeBank::new(&[Mode { frequency_hz: 100.0, level: 1.0, decay_s: 1.0 }], 48_000.0);
        let mut x = vec![0.0; 48_000];
        x.chunks_mut(100).for_each(|chunk| bank.add_to(chunk));
        assert!((x[120] - 1.0).abs() < 0.03, "a quarter period in: {}", x[120]);
        let crossings = x[..24_000].windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        assert!((49..=50).contains(&crossings));
        let end = x[47_000..].iter().fold(0.0f32, |p, s| p.max(s.abs()));
        assert!((0.0009..0.0015).contains(&end), "{end}");
    }
}

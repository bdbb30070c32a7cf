//! Envelopes: exponential ADSR, sample by sample.

/// Times and levels of an [`Adsr`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdsrTimes {
    /// Time from silence to full level, milliseconds, >= 0.
    pub attack_ms: f32,
    /// Time in which the decay covers 95 % of its way, milliseconds, > 0.
    pub decay_ms: f32,
    /// Level held while the gate is on, 0.0..=1.0.
    pub sustain: f32,
    /// Time in which the release falls by 60 dB, milliseconds, > 0.
    pub release_ms: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Attack,
    Decay,
    Release,
}

/// Attack, decay, sustain, release. Attack is a straight line, the rest falls exponentially.
#[derive(Debug, Clone)]
pub struct Adsr {
    stage: Stage,
    level: f32,
    attack_step: f32,
    decay: f32,
    sustain: f32,
    release: f32,
}

/// Factor per frame that leaves `ratio` of a level after `ms` milliseconds.
pub fn decay_factor(ms: f32, ratio: f32, rate: f32) -> f32 {
    let frames = f64::from((ms * 0.001 * rate).max(1.0));
    libm::exp(libm::log(f64::from(ratio)) / frames) as f32
}

impl Adsr {
    /// An envelope whose gate has just opened. `rate` in Hz.
    pub fn new(times: AdsrTimes, rate: f32) -> Self {
        Self {
            stage: Stage::Attack,
            level: 0.0,
            attack_step: 1.0 / (times.attack_ms * 0.001 * rate).max(1.0),
            decay: decay_factor(times.decay_ms, 0.05, rate),
            sustain: times.sustain.clamp(0.0, 1.0),
            release: decay_factor(times.release_ms, 0.001, rate),
        }
    }

    /// Closes the gate.
    pub fn release(&mut self) {
        self.stage = Stage::Release;
    }

    /// True once the release has fallen below -80 dB, or a decay to nothing has.
    pub fn is_done(&self) -> bool {
        self.level < 1e-4 && (self.stage == Stage::Release || (self.stage == Stage::Decay && self.sustain == 0.0))
    }

    /// The next value, 0.0..=1.0.
    #[inline(always)]
    pub fn next_level(&mut self) -> f32 {
        match self.stage {
            Stage::Attack => {
                self.level += self.attack_step;
                if self.level >= 1.0 {
                    self.level = 1.0;
                    self.stage = Stage::Decay;
                }
            }
            Stage::Decay => self.level = self.sustain + (self.level - self.sustain) * self.decay,
            Stage::Release => self.level *= self.release,
        }
        self.level
    }

    /// The next values, one per frame.
    pub fn fill(&mut self, out: &mut [f32]) {
        let mut done = 0;
        while done < out.len() {
            let rest = &mut out[done..];
            match self.stage {
                Stage::Attack => {
                    rest[0] = self.next_level();
                    done += 1;
                    continue;
                }
                Stage::Decay => {
                    for level in rest.iter_mut() {
                        self.level = self.sustain + (self.level - self.sustain) * self.decay;
                        *level = self.level;
                    }
                }
                Stage::Release => {
                    for level in rest.iter_mut() {
                        self.level *= self.release;
                        *level = self.level;
                    }
                }
            }
            return;
        }
    }

    /// Moves `frames` on at once and returns the value there; for control-rate use.
    pub fn advance(&mut self, frames: usize) -> f32 {
        let mut left = frames;
        while left > 0 && self.stage == Stage::Attack {
            self.next_level();
            left -= 1;
        }
        match self.stage {
            Stage::Attack => {}
            Stage::Decay => self.level = self.sustain + (self.level - self.sustain) * power(self.decay, left),
            Stage::Release => self.level *= power(self.release, left),
        }
        self.level
    }
}

/// `base` to a small whole power, by squaring.
fn power(mut base: f32, mut exponent: usize) -> f32 {
    let mut product = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: AdsrTimes = AdsrTimes { attack_ms: 10.0, decay_ms: 20.0, sustain: 0.5, release_ms: 30.0 };

    #[test]
    fn adsr_reaches_its_levels_in_its_times() {
        let mut env = Adsr::new(TIMES, 1000.0);
        assert!((env.advance(10) - 1.0).abs() < 1e-6);
        assert!((env.advance(20) - 0.525).abs() < 0.03);
        env.advance(200);
        env.release();
        let level = env.advance(30);
        assert!((level - 0.0005).abs() < 1e-4, "{level}");
        assert!(!env.is_done());
        env.advance(30);
        assert!(env.is_done());
    }
}

//! Room: RT
//! Parameter smoothing, one step per frame: the result does not depend on how a stream is cut into blocks.

/// Linear ramp that arrives exactly on its target after a given number of frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    current: f32,
    target: f32,
    step: f32,
    frames_left: u32,
}

impl Ramp {
    /// At rest on `value`.
    pub fn new(value: f32) -> Self {
        Self { current: value, target: value, step: 0.0, frames_left: 0 }
    }

    /// Jumps: the next frame already has `value`.
    pub fn reset(&mut self, value: f32) {
        *self = Self::new(value);
    }

    /// Heads for `target`, which the `num_frames`-th call of [`Ramp::next`] returns exactly. 0 frames jumps.
    /// The same target again changes nothing; NaN is ignored.
    pub fn set_target(&mut self, target: f32, num_frames: u32) {
        if target == self.target || target.is_nan() {
            return;
        }
        self.target = target;
        self.frames_left = num_frames;
        if num_frames == 0 {
            self.current = target;
        } else {
            self.step = (target - self.current) / num_frames as f32;
        }
    }

    /// The value of the next frame.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a ramp has no end to iterate to")]
    pub fn next(&mut self) -> f32 {
        match self.frames_left {
            0 => {}
            1 => {
                self.frames_left = 0;
                self.current = self.target;
            }
            _ => {
                self.frames_left -= 1;
                self.current += self.step;
            }
        }
        self.current
    }

    /// Value of the last frame.
    pub fn current(&self) -> f32 {
        self.current
    }

    /// Where it heads.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// It has not arrived yet.
    pub fn is_moving(&self) -> bool {
        self.frames_left > 0
    }
}

/// One-pole glide that arrives exactly: within a millionth of its target it snaps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glide {
    current: f32,
    target: f32,
    coefficient: f32,
}

impl Glide {
    /// At rest on `value`; 63 % of a step is done after `time_ms` at `rate` frames per second.
    pub fn new(value: f32, time_ms: f32, rate: f32) -> Self {
        let frames = (time_ms * 0.001 * rate).max(1.0e-3);
        Self { current: value, target: value, coefficient: 1.0 - libm::expf(-1.0 / frames) }
    }

    /// Jumps.
    pub fn reset(&mut self, value: f32) {
        self.current = value;
        self.target = value;
    }

    /// Heads for `target`; NaN is ignored.
    pub fn set_target(&mut self, target: f32) {
        if !target.is_nan() {
            self.target = target;
        }
    }

    /// The value of the next frame.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "a glide has no end to iterate to")]
    pub fn next(&mut self) -> f32 {
        let gap = self.target - self.current;
        if gap.abs() <= 1.0e-6 * self.target.abs().max(1.0) {
            self.current = self.target;
        } else {
            let before = self.current;
            self.current += gap * self.coefficient;
            // A step below the resolution of f32 would never arrive.
            if self.current == before {
                self.current = self.target;
            }
        }
        self.current
    }

    /// Value of the last frame.
    pub fn current(&self) -> f32 {
        self.current
    }

    /// Where it heads.
    pub fn target(&self) -> f32 {
        self.target
    }

    /// It has not arrived yet.
    pub fn is_moving(&self) -> bool {
        self.current != self.target
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_arrives_exactly_and_on_time() {
        let mut ramp = Ramp::new(0.1);
        ramp.set_target(0.7, 7);
        let values: Vec<f32> = (0..8).map(|_| ramp.next()).collect();
        assert!(values[5] < 0.7);
        assert_eq!(&values[6..], &[0.7, 0.7]);
        assert!(!ramp.is_moving());
        assert!(values.windows(2).all(|pair| pair[1] >= pair[0]));
    }

    #[test]
    fn the_same_target_again_does_not_restart_the_ramp() {
        let mut ramp = Ramp::new(0.0);
        let mut again = Ramp::new(0.0);
        ramp.set_target(1.0, 10);
        for _ in 0..10 {
            again.set_target(1.0, 10);
            assert_eq!(ramp.next(), again.next());
        }
        assert_eq!(again.current(), 1.0);
    }

    #[test]
    fn a_glide_arrives_exactly_upwards_and_downwards() {
        for target in [1.0, -3.0, 1.0e-4, 20_000.0] {
            let mut glide = Glide::new(0.5, 5.0, 48_000.0);
            glide.set_target(target);
            let frames = (0..48_000).take_while(|_| glide.next() != target).count();
            assert!(frames < 48_00 + 4_800, "{target} took {frames} frames");
            assert!(!glide.is_moving());
        }
    }

    #[test]
    fn not_a_number_is_ignored() {
        let mut glide = Glide::new(0.5, 5.0, 48_000.0);
        glide.set_target(f32::NAN);
        let mut ramp = Ramp::new(0.5);
        ramp.set_target(f32::NAN, 3);
        assert_eq!((glide.next(), ramp.next()), (0.5, 0.5));
    }
}

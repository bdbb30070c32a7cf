//! Room: RT
//! Crossfade gains, counted in frames: how a stream is cut into blocks changes nothing.

/// One side of a crossfade. The gains of both sides belong to the same law:
/// `in = sin(a) / n`, `out = cos(a) / n`, `n = sqrt(1 + correlation * sin(2a))`, `a` from 0 to a quarter turn.
/// With correlation 0.0 that is equal power, with 1.0 the gains sum to one, so that equal material stays equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fade {
    is_out: bool,
    /// Gain a fade-out starts from.
    start: f32,
    correlation: f32,
    frame: u32,
    num_frames: u32,
}

impl Fade {
    /// Full gain from the first frame on.
    pub(crate) const FULL: Fade = Fade { is_out: false, start: 1.0, correlation: 0.0, frame: 0, num_frames: 0 };

    /// From silence to full gain.
    pub(crate) fn rise(num_frames: u32, correlation: f32) -> Self {
        Self { is_out: false, start: 1.0, correlation, frame: 0, num_frames }
    }

    /// From the present gain to silence.
    pub(crate) fn fall(&self, num_frames: u32, correlation: f32) -> Self {
        Self { is_out: true, start: self.gain(), correlation, frame: 0, num_frames: num_frames.max(1) }
    }

    /// A fade-out that goes on by another law and ends within `num_frames` at the latest.
    pub(crate) fn hurry(&self, num_frames: u32, correlation: f32) -> Self {
        self.fall(num_frames.min(self.frames_left()), correlation)
    }

    /// Gain of the next frame.
    pub(crate) fn gain(&self) -> f32 {
        if self.frame >= self.num_frames {
            return if self.is_out { 0.0 } else { 1.0 };
        }
        // Half a frame in: neither side of the fade wastes a frame on silence.
        let angle = std::f32::consts::FRAC_PI_2 * (self.frame as f32 + 0.5) / self.num_frames as f32;
        let (sin, cos) = libm::sincosf(angle);
        let norm = 1.0 / (1.0 + 2.0 * self.correlation * sin * cos).sqrt();
        if self.is_out { self.start * cos * norm } else { sin * norm }
    }

    /// Moves on by one frame.
    pub(crate) fn step(&mut self) {
        self.frame = self.frame.saturating_add(1);
    }

    /// Full gain, nothing to do.
    pub(crate) fn is_full(&self) -> bool {
        !self.is_out && self.frame >= self.num_frames
    }

    /// Faded out.
    pub(crate) fn is_silent(&self) -> bool {
        self.is_out && self.frame >= self.num_frames
    }

    /// Frames until the fade has ended.
    pub(crate) fn frames_left(&self) -> u32 {
        self.num_frames.saturating_sub(self.frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(correlation: f32) -> Vec<(f32, f32)> {
        let mut rising = Fade::rise(100, correlation);
        let mut falling = Fade::FULL.fall(100, correlation);
        (0..100)
            .map(|_| {
                let gains = (rising.gain(), falling.gain());
                rising.step();
                falling.step();
                gains
            })
            .collect()
    }

    #[test]
    fn uncorrelated_sides_keep_the_power_and_equal_sides_the_gain() {
        assert!(both(0.0).iter().all(|(a, b)| (a * a + b * b - 1.0).abs() < 1e-5));
        assert!(both(1.0).iter().all(|(a, b)| (a + b - 1.0).abs() < 1e-5));
    }

    #[test]
    fn a_fade_ends_exactly_full_and_exactly_silent() {
        let (mut rising, mut falling) = (Fade::rise(3, 0.0), Fade::FULL.fall(3, 0.0));
        for _ in 0..3 {
            assert!(!rising.is_full() && !falling.is_silent());
            rising.step();
            falling.step();
        }
        assert_eq!((rising.gain(), falling.gain()), (1.0, 0.0));
        assert!(rising.is_full() && falling.is_silent());
    }

    #[test]
    fn an_interrupted_rise_falls_from_where_it_was() {
        let mut rising = Fade::rise(10, 0.0);
        (0..4).for_each(|_| rising.step());
        let falling = rising.fall(1000, 0.0);
        assert!((falling.gain() - rising.gain()).abs() < 1e-5);
    }
}

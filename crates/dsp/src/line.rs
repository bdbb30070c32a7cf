//! Room: RT
//! Delay memory, allocated once.

/// Ring of past samples. A delay of 0 is the newest one.
#[derive(Debug, Clone)]
pub struct DelayLine {
    buffer: Box<[f32]>,
    mask: usize,
    head: usize,
}

impl DelayLine {
    /// Holds delays of 0..=`max_delay_frames`. Allocates.
    pub fn new(max_delay_frames: usize) -> Self {
        // Two spare samples for interpolation.
        let len = (max_delay_frames + 3).next_power_of_two();
        Self { buffer: vec![0.0; len].into(), mask: len - 1, head: 0 }
    }

    /// Silence again.
    pub fn reset(&mut self) {
        self.buffer.fill(0.0);
    }

    /// Adds the newest sample.
    #[inline]
    pub fn push(&mut self, sample: f32) {
        self.head = (self.head + 1) & self.mask;
        if let Some(slot) = self.buffer.get_mut(self.head) {
            *slot = sample;
        }
    }

    /// The sample of `delay_frames` ago.
    #[inline]
    pub fn read(&self, delay_frames: usize) -> f32 {
        let index = self.head.wrapping_sub(delay_frames) & self.mask;
        self.buffer.get(index).copied().unwrap_or(0.0)
    }

    /// Linear interpolation between two samples; `delay_frames` >= 0.
    #[inline]
    pub fn read_linear(&self, delay_frames: f32) -> f32 {
        let whole = delay_frames as usize;
        let fraction = delay_frames - whole as f32;
        let (a, b) = (self.read(whole), self.read(whole + 1));
        a + (b - a) * fraction
    }

    /// Cubic interpolation (Catmull-Rom) for delays that sweep; `delay_frames` >= 1.
    #[inline]
    pub fn read_cubic(&self, delay_frames: f32) -> f32 {
        let whole = (delay_frames as usize).max(1);
        let t = delay_frames - whole as f32;
        let (p0, p1, p2, p3) = (self.read(whole - 1), self.read(whole), self.read(whole + 1), self.read(whole + 2));
        let c1 = 0.5 * (p2 - p0);
        let c2 = p0 - 2.5 * p1 + 2.0 * p2 - 0.5 * p3;
        let c3 = 0.5 * (p3 - p0) + 1.5 * (p1 - p2);
        p1 + t * (c1 + t * (c2 + t * c3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_written_that_long_ago() {
        let mut line = DelayLine::new(10);
        (1..=30).for_each(|value| line.push(value as f32));
        assert_eq!((line.read(0), line.read(1), line.read(10)), (30.0, 29.0, 20.0));
        assert_eq!(line.read_linear(2.25), 27.75);
        assert!((line.read_cubic(3.5) - 26.5).abs() < 1.0e-5);
    }
}

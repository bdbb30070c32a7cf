//! Halving and doubling the rate of a stream. Sends run at half the rate or less: a room's answer has nothing above
//! 10 kHz to lose.
use crate::lanes::Lanes;

/// Every second frame after a short low-pass (1 3 3 1)/8, which has its zero where aliases would fall on lows.
#[derive(Debug, Clone, Default)]
pub struct Halver<const N: usize>([Lanes<N>; 2]);

impl<const N: usize> Halver<N> {
    /// An even number of frames in, half as many out, in place; returns how many.
    pub fn process(&mut self, frames: &mut [Lanes<N>]) -> usize {
        let [mut a, mut b] = self.0;
        let count = frames.len() / 2;
        for n in 0..count {
            let (c, d) = (frames[2 * n], frames[2 * n + 1]);
            frames[n] = (a + d) * 0.125 + (b + c) * 0.375;
            (a, b) = (c, d);
        }
        self.0 = [a, b];
        count
    }
}

/// Twice as many frames, cubic between; two of its input frames late.
#[derive(Debug, Clone, Default)]
pub struct Doubler<const N: usize>([Lanes<N>; 3]);

/// Output frames by which a [`Doubler`] is late.
pub const DOUBLER_DELAY: usize = 4;

impl<const N: usize> Doubler<N> {
    /// Doubles `frames[..count]` in place; the slice holds twice `count`.
    pub fn process(&mut self, frames: &mut [Lanes<N>], count: usize) {
        // The inputs move to the end, so that outputs never overtake them.
        frames.copy_within(..count, count);
        let [mut a, mut b, mut c] = self.0;
        for n in 0..count {
            let d = frames[count + n];
            frames[2 * n] = b;
            frames[2 * n + 1] = (b + c) * 0.5625 - (a + d) * 0.0625;
            (a, b, c) = (b, c, d);
        }
        self.0 = [a, b, c];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_wave_survives_halving_and_doubling_however_it_is_cut() {
        let x: Vec<f32> = (0..1000).map(|n| (n as f32 * 0.05).sin()).collect();
        let (mut halver, mut doubler) = (Halver::<1>::default(), Doubler::<1>::default());
        let mut y = Vec::new();
        for chunk in x.chunks(50) {
            let mut frames: Vec<Lanes<1>> = chunk.iter().map(|x| Lanes([*x])).collect();
            let count = halver.process(&mut frames);
            doubler.process(&mut frames, count);
            y.extend(frames.iter().map(|frame| frame.0[0]));
        }
        // The halver is half a sample late.
        let worst = (10..980).map(|n| (y[n + DOUBLER_DELAY] - 0.5 * (x[n] + x[n - 1])).abs()).fold(0.0f32, f32::max);
        assert!(worst < 0.01, "{worst}");
    }
}

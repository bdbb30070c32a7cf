//! Noise from a small generator of our own: the same seed gives the same noise on every system.

/// White noise and random choices. The generator is xorshift32 over a scrambled seed.
#[derive(Debug, Clone)]
pub struct Noise(u32);

impl Noise {
    /// Any seed will do; neighbouring seeds give unrelated noise.
    pub fn new(seed: u64) -> Self {
        // splitmix64's finaliser, so that seeds 1, 2, 3 start far apart.
        let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(((z ^ (z >> 31)) as u32).max(1))
    }

    /// The next 32 random bits.
    #[inline(always)]
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// White noise, uniform in -1.0..1.0.
    #[inline(always)]
    pub fn white(&mut self) -> f32 {
        self.bits() as i32 as f32 * (1.0 / 2_147_483_648.0)
    }

    /// A number in 0.0..1.0.
    #[inline(always)]
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }
}

/// Turns white noise pink (-3 dB per octave) with three one-poles; good to 1 dB from 50 Hz to 15 kHz at 48 kHz.
/// Coefficients: Paul Kellet's economy filter.
#[derive(Debug, Clone, Default)]
pub struct Pink([f32; 3]);

impl Pink {
    /// One sample of white noise in, one of pink noise out, at about the same level.
    #[inline(always)]
    pub fn process(&mut self, white: f32) -> f32 {
        let [a, b, c] = &mut self.0;
        *a = 0.99765 * *a + white * 0.099_046;
        *b = 0.963 * *b + white * 0.296_516_4;
        *c = 0.57 * *c + white * 1.052_691_3;
        (*a + *b + *c + white * 0.1848) * 0.4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_even_and_repeatable() {
        let (mut a, mut b) = (Noise::new(7), Noise::new(7));
        let mut sum = 0.0f64;
        for _ in 0..100_000 {
            let x = a.white();
            assert_eq!(x.to_bits(), b.white().to_bits());
            assert!((-1.0..=1.0).contains(&x));
            sum += f64::from(x);
        }
        assert!((sum / 100_000.0).abs() < 0.01);
        assert_ne!(Noise::new(1).bits(), Noise::new(2).bits());
    }

    #[test]
    fn pink_noise_falls_with_frequency() {
        let (mut noise, mut pink) = (Noise::new(1), Pink::default());
        let (mut slow, mut low, mut high, mut last) = (0.0f32, 0.0f64, 0.0f64, 0.0f32);
        for _ in 0..100_000 {
            let x = pink.process(noise.white());
            slow += 0.01 * (x - slow);
            low += f64::from(slow * slow);
            high += f64::from((x - last) * (x - last)) * 0.25;
            last = x;
        }
        // White noise through the same two filters has a ratio of about 0.01.
        assert!(low / high > 0.2, "{}", low / high);
    }
}

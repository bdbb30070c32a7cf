//! Several samples side by side, written so that the compiler puts them into vector registers.
use std::ops::{Add, Mul, Sub};

/// `N` samples that go through the same sums.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lanes<const N: usize>(pub [f32; N]);

impl<const N: usize> Lanes<N> {
    pub const ZERO: Self = Self([0.0; N]);

    #[inline(always)]
    pub fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        self.0.iter_mut().for_each(|x| *x = f(*x));
        self
    }

    /// With -300 dB of DC: keeps denormals out of feedback.
    #[inline(always)]
    pub fn afloat(self) -> Self {
        self.map(|x| x + 1e-15)
    }

    /// What falls below -300 dB is over; denormals would make silence the slowest sound of all.
    #[inline(always)]
    pub fn flushed(self) -> Self {
        self.map(|x| if x.abs() < 1e-15 { 0.0 } else { x })
    }
}

impl<const N: usize> Default for Lanes<N> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const N: usize> Add for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
        self
    }
}

impl<const N: usize> Sub for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a -= b);
        self
    }
}

impl<const N: usize> Mul for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a *= b);
        self
    }
}

impl<const N: usize> Mul<f32> for Lanes<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(mut self, gain: f32) -> Self {
        self.0.iter_mut().for_each(|a| *a *= gain);
        self
    }
}

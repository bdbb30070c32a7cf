//! What each quality of chord makes likely: the probabilities of its tones, and how usual it is.
use take::PitchClass;
use theory::{Chord, Quality};

/// Share of a player's notes that are no chord tones: passing notes and slips.
const STRAY: f32 = 0.05;

/// A quality of chord as a distribution over the twelve intervals above its root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// What it is called.
    pub quality: Quality,
    /// Natural logarithm of the probability of each interval above the root, in semitones.
    pub ln_tone: [f32; 12],
    /// The chord tones as bits, bit 0 = root.
    pub mask: u16,
    /// Natural logarithm of how usual the quality is, triads = 0.
    pub ln_prior: f32,
}

/// Every quality of the theory crate; of those with the same tones over the same root the first.
pub(crate) fn all() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::new();
    for shape in Quality::all().map(|quality| Shape::new(quality, STRAY)) {
        if shapes.iter().all(|known| known.mask != shape.mask) {
            shapes.push(shape);
        }
    }
    shapes
}

/// Players double the root and the third and leave out fifths and tensions.
fn tone_weight(interval: u8) -> f32 {
    match interval {
        0 => 1.2,
        2..=5 => 1.0,
        6..=11 => 0.8,
        _ => 0.6,
    }
}

/// Set by hand: triads and sevenths before everything else; the more tones, the rarer.
fn ln_prior(quality: Quality) -> f32 {
    match quality {
        Quality::Major | Quality::Minor => 0.0,
        Quality::Seven | Quality::MinorSeven | Quality::MajorSeven => -0.2,
        Quality::Diminished => -0.3,
        Quality::Power => -0.45,
        Quality::HalfDiminished => -0.4,
        Quality::Six => -0.5,
        Quality::DiminishedSeven | Quality::Sus4 | Quality::MinorSix | Quality::MinorMajorSeven => -0.6,
        Quality::AddNine => -0.7,
        Quality::Augmented | Quality::Sus2 => -0.9,
        other if other.intervals().len() <= 4 => -0.9,
        other if other.intervals().len() == 5 => -1.2,
        _ => -1.6,
    }
}

impl Shape {
    /// `stray` is the share of what is heard that is no chord tone, 0.0 < stray < 1.0.
    pub fn new(quality: Quality, stray: f32) -> Self {
        let mut weight = [0.0f32; 12];
        for &interval in quality.intervals().iter() {
            let tone = usize::from(interval % 12);
            weight[tone] = weight[tone].max(tone_weight(interval));
        }
        let sum: f32 = weight.iter().sum();
        let num_other = weight.iter().filter(|w| **w == 0.0).count().max(1) as f32;
        let share = |w: f32| if w > 0.0 { (1.0 - stray) * w / sum } else { stray / num_other };
        let mask = (0..12).filter(|&tone| weight[tone] > 0.0).fold(0, |mask, tone| mask | 1 << tone);
        Shape { quality, ln_tone: weight.map(|w| libm::logf(share(w))), mask, ln_prior: ln_prior(quality) }
    }

    /// The chord on `root`, without a bass note of its own.
    pub fn chord(&self, root: usize) -> Chord {
        Chord::new(PitchClass::new(root as i32), self.quality)
    }

    /// Sum of `weights` of pitch classes (C = 0) times the logarithm of their probability over `root`.
    pub fn ln_likelihood(&self, root: usize, weights: &[f32; 12]) -> f32 {
        (0..12).map(|tone| weights[(root + tone) % 12] * self.ln_tone[tone]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_a_distribution_and_no_two_are_the_same() {
        let shapes = all();
        assert!(shapes.len() >= 30);
        for (index, shape) in shapes.iter().enumerate() {
            let sum: f32 = shape.ln_tone.iter().map(|ln| ln.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{:?}: {sum}", shape.quality);
            assert!(shapes[..index].iter().all(|other| other.mask != shape.mask), "{:?}", shape.quality);
        }
    }
}

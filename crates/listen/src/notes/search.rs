//! The most likely chord now, given the onsets: Viterbi with one state for each shape and root.
use super::onsets::Onset;
use crate::shapes::Shape;

/// Bonus for the chord whose root is the lowest note of a strum.
const ROOT_BELOW: f32 = 0.7;
/// Bonus for changing to the chord whose root a single note is.
const ROOT_FIRST: f32 = 1.0;
/// Weight under which a pitch class does not count as played.
const AUDIBLE: f32 = 0.1;

/// The winner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Index of the shape.
    pub shape: usize,
    /// Pitch class of the root.
    pub root: usize,
    /// Beat of the onset with which it began.
    pub since: f64,
    /// 0.0..=1.0.
    pub confidence: f32,
}

/// A state: how likely the best way to it is, and at which onset its chord began.
#[derive(Debug, Clone, Copy)]
struct State {
    ln_score: f32,
    began: usize,
}

/// Scratch memory.
#[derive(Debug)]
pub(crate) struct Search {
    states: Vec<State>,
}

impl Search {
    pub fn new(num_shapes: usize) -> Self {
        Self { states: vec![State { ln_score: 0.0, began: 0 }; 12 * num_shapes] }
    }

    /// `None` without onsets, or when the winning chord rests on fewer than two pitch classes.
    pub fn best(&mut self, shapes: &[Shape], onsets: &[Onset]) -> Option<Found> {
        for (index, onset) in onsets.iter().enumerate() {
            self.step(shapes, onset, index);
        }
        let (best, state) = self
            .states
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.ln_score.total_cmp(&b.1.ln_score))
            .filter(|_| !onsets.is_empty())?;
        let (shape, root) = (best / 12, best % 12);
        let played = &onsets[state.began..];
        let weights = evidence(played);
        if weights.iter().filter(|weight| **weight > AUDIBLE).count() < 2 {
            return None;
        }
        let margin = state.ln_score - self.best_rival(shapes, shape, root);
        let tones: f32 =
            (0..12).filter(|tone| shapes[shape].mask >> tone & 1 == 1).map(|t| weights[(root + t) % 12]).sum();
        let fit = tones / weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let confidence = fit * (1.0 - libm::expf(-margin - 0.3));
        Some(Found { shape, root, since: played[0].beat, confidence: confidence.clamp(0.0, 1.0) })
    }

    fn step(&mut self, shapes: &[Shape], onset: &Onset, index: usize) {
        let best_before = self.states.iter().map(|state| state.ln_score).fold(f32::NEG_INFINITY, f32::max);
        for (number, state) in self.states.iter_mut().enumerate() {
            let (shape, root) = (&shapes[number / 12], number % 12);
            let is_root_lowest = root == onset.lowest;
            let mut ln_change = shape.ln_prior;
            if index > 0 {
                ln_change += best_before - onset.change_cost + shape.ln_likelihood(root, &onset.held);
            }
            if is_root_lowest && onset.num_struck == 1 {
                ln_change += ROOT_FIRST;
            }
            if index == 0 || ln_change > state.ln_score {
                *state = State { ln_score: ln_change, began: index };
            }
            state.ln_score += shape.ln_likelihood(root, &onset.struck);
            if is_root_lowest && onset.num_struck >= 2 {
                state.ln_score += ROOT_BELOW;
            }
        }
    }

    /// Score of the best chord with another root or another third.
    fn best_rival(&self, shapes: &[Shape], shape: usize, root: usize) -> f32 {
        const THIRDS: u16 = 1 << 3 | 1 << 4;
        let is_rival =
            |number: usize| number % 12 != root || shapes[number / 12].mask & THIRDS != shapes[shape].mask & THIRDS;
        let rivals = self.states.iter().enumerate().filter(|(number, _)| is_rival(*number));
        rivals.map(|(_, state)| state.ln_score).fold(f32::NEG_INFINITY, f32::max)
    }
}

/// Everything that counts for a chord that began with the first of `played`.
fn evidence(played: &[Onset]) -> [f32; 12] {
    let mut weights = played[0].held;
    for onset in played {
        weights.iter_mut().zip(&onset.struck).for_each(|(sum, weight)| *sum += weight);
    }
    weights
}

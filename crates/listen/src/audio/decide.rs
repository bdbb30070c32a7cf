//! Which chord a chroma is.
use super::transcribe::Chroma;
use crate::Heard;
use crate::shapes::Shape;
use theory::Quality;

/// What is told apart in audio; more tones cannot be had reliably.
const QUALITIES: [Quality; 9] = [
    Quality::Major,
    Quality::Minor,
    Quality::Seven,
    Quality::MajorSeven,
    Quality::MinorSeven,
    Quality::Diminished,
    Quality::Augmented,
    Quality::Sus2,
    Quality::Sus4,
];
/// Share of a chroma that is no chord tone: harmonics, noise, melody.
const STRAY: f32 = 0.25;
/// A stretch of sound is worth this many notes.
const NUM_NOTES: f32 = 10.0;
/// And its bass this many.
const NUM_BASS_NOTES: f32 = 3.0;
/// What a change of chord from one span to the next costs, in natural logarithms of probability.
const CHANGE_COST: f32 = 1.5;
/// Least share of the chroma that is chord tones. Noise has 0.25 to 0.4.
const LEAST_FIT: f32 = 0.55;
/// Least sum of fit and tuning. White and pink noise reach 0.70 in a single beat; a choir has 0.75.
const LEAST_MUSIC: f32 = 0.72;

/// Most that one pitch class may have of the chroma: more is a single note and its harmonics.
const MOST_OF_ONE: f32 = 0.75;

/// One number for each quality and root.
pub(crate) type Scores = Vec<f32>;

/// Compares chromas with chords.
#[derive(Debug)]
pub(crate) struct Decider {
    shapes: Vec<Shape>,
}

impl Decider {
    pub fn new() -> Self {
        Self { shapes: QUALITIES.iter().map(|&quality| Shape::new(quality, STRAY)).collect() }
    }

    /// Logarithm of the likelihood of each chord.
    pub fn scores(&self, chroma: &Chroma) -> Scores {
        let treble = chroma.treble.map(|share| share * NUM_NOTES);
        let score = |shape: &Shape, root: usize| {
            let bass: f32 = (0..12).map(|tone| chroma.bass[(root + tone) % 12] * ln_bass(shape, tone)).sum();
            shape.ln_likelihood(root, &treble) + NUM_BASS_NOTES * bass + shape.ln_prior
        };
        self.shapes.iter().flat_map(|shape| (0..12).map(move |root| score(shape, root))).collect()
    }

    /// The chord with the best score, if `chroma` is music at all.
    pub fn best(&self, scores: &Scores, chroma: &Chroma) -> Option<Heard> {
        let (best, top) = scores.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        let (shape, root) = (&self.shapes[best / 12], best % 12);
        let tones = (0..12).filter(|tone| shape.mask >> tone & 1 == 1).map(|tone| chroma.treble[(root + tone) % 12]);
        let fit: f32 = tones.clone().sum();
        let most = chroma.treble.iter().copied().fold(0.0, f32::max);
        let num_present = tones.filter(|share| *share > 0.06).count();
        if fit < LEAST_FIT || fit + chroma.in_tune < LEAST_MUSIC || num_present < 2 || most > MOST_OF_ONE {
            return None;
        }
        let third = |shape: &Shape| shape.mask & (1 << 3 | 1 << 4);
        let is_rival = |number: usize| number % 12 != root || third(&self.shapes[number / 12]) != third(shape);
        let rivals = scores.iter().enumerate().filter(|(number, _)| is_rival(*number));
        let margin = top - rivals.map(|(_, score)| *score).fold(f32::NEG_INFINITY, f32::max);
        let confidence = (fit * (1.0 - libm::expf(-margin - 0.2))).clamp(0.0, 1.0);
        Some(Heard { chord: shape.chord(root), confidence })
    }
}

/// One step of a Viterbi search: the `new` scores given those `before`, where a change of chord costs
/// [`CHANGE_COST`].
pub(crate) fn after(before: &Scores, new: &Scores) -> Scores {
    let best = before.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let stay_or_change = |(before, new): (&f32, &f32)| (before - best).max(-CHANGE_COST) + new;
    before.iter().zip(new).map(stay_or_change).collect()
}

/// Logarithm of the probability of a bass note `tone` semitones above the root.
fn ln_bass(shape: &Shape, tone: usize) -> f32 {
    let share = match tone {
        0 => 0.6,
        _ if shape.mask >> tone & 1 == 0 => 0.02,
        6..=8 => 0.15,
        _ => 0.08,
    };
    libm::logf(share)
}

//! Masks by a small network that was trained on mixes whose stems are known; tools/separator_training has the recipe.
//!
//! Frame by frame an encoder takes the cues from 384 bands to 24 columns; a core looks at all columns of all frames at
//! once, 1.4 s to either side and at the mean of the whole; a decoder goes back to the bands, and at each width what the
//! encoder had there is added. Rectifiers between layers, a softmax over the stems at the end. Time goes round, as the
//! audio does.
use crate::NUM_STEMS;
use crate::bands::NUM_BANDS;
use crate::cues::{Cues, NUM_CUES};
use crate::dense::{Layer, rectify};
use crate::stft::POLLED_FRAMES;
use crate::weights::{self, WeightsError};
use std::ops::ControlFlow;

/// Rows of scores of a frame: every stem of the left channel, then of the right.
pub(crate) const NUM_ROWS: usize = 2 * NUM_STEMS;
/// Values of a band, and of the wider bands of which there are a quarter as many each.
const FINE: usize = 16;
const MIDDLE: usize = 24;
const COARSE: usize = 32;
const MIDDLE_BANDS: usize = NUM_BANDS / 4;
const COLUMNS: usize = NUM_BANDS / 16;
/// Values of a frame in the core, and how many frames apart its blocks look.
const CORE: usize = 128;
const GAPS: [usize; 6] = [1, 2, 4, 8, 16, 32];

/// A step of the core: each value over three frames, then all values of a frame together.
struct Block {
    gap: usize,
    time: Vec<f32>,
    time_offsets: Vec<f32>,
    mix: Layer,
}

pub(crate) struct Network {
    fine: Layer,
    /// Offsets of the first layer, for every band its own.
    band: Vec<f32>,
    middle: Layer,
    coarse: Layer,
    core: Layer,
    whole: Layer,
    blocks: Vec<Block>,
    spread: Layer,
    up_coarse: Layer,
    middle_again: Layer,
    up_middle: Layer,
    fine_again: Layer,
    last: Layer,
}

/// Sizes of the tensors in the file, in its order.
fn sizes() -> Vec<usize> {
    let mut sizes = vec![FINE * NUM_CUES * 9, FINE * NUM_BANDS, MIDDLE * FINE * 4, MIDDLE];
    sizes.extend([COARSE * MIDDLE * 4, COARSE, CORE * COARSE * COLUMNS, CORE, CORE * CORE]);
    for _ in GAPS {
        sizes.extend([CORE * 3, CORE, CORE * CORE, CORE]);
    }
    sizes.extend([CORE * COARSE * COLUMNS, COARSE * COLUMNS, COARSE * MIDDLE * 4, MIDDLE, MIDDLE * MIDDLE * 3, MIDDLE]);
    sizes.extend([MIDDLE * FINE * 4, FINE, FINE * FINE * 3, FINE, NUM_ROWS * FINE, NUM_ROWS]);
    sizes
}

impl Network {
    /// From a file of weights.
    ///
    /// # Errors
    /// [`WeightsError`]: it is damaged or another network's.
    pub(crate) fn new(file: &[u8]) -> Result<Network, WeightsError> {
        let mut tensors = weights::read(file, &sizes())?.into_iter();
        // There are as many as there are sizes.
        let mut next = || tensors.next().unwrap_or_default();
        let fine = layer(next(), vec![0.0; FINE]);
        Ok(Network {
            fine,
            band: next(),
            middle: layer(next(), next()),
            coarse: layer(next(), next()),
            core: layer(next(), next()),
            whole: layer(next(), vec![0.0; CORE]),
            blocks: GAPS
                .map(|gap| Block { gap, time: next(), time_offsets: next(), mix: layer(next(), next()) })
                .into(),
            spread: layer(next(), next()),
            up_coarse: widening(next(), &next()),
            middle_again: layer(next(), next()),
            up_middle: widening(next(), &next()),
            fine_again: layer(next(), next()),
            last: layer(next(), next()),
        })
    }

    /// Shares of the stems: for each frame [`NUM_ROWS`] rows of [`NUM_BANDS`] values, those of a channel adding up to 1.
    /// `None` when `go_on` breaks.
    pub(crate) fn shares(
        &self,
        cues: &Cues,
        num_frames: usize,
        go_on: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Option<Vec<f32>> {
        let mut encoded: Vec<Encoded> = Vec::with_capacity(num_frames);
        for frame in 0..num_frames {
            if frame % POLLED_FRAMES == 0 {
                go_on(0.35 * frame as f32 / num_frames as f32).continue_value()?;
            }
            encoded.push(self.encode(cues, frame, num_frames));
        }
        let (spread, width) = self.think(&encoded, &mut || go_on(0.4))?;
        let mut shares = vec![0.0; num_frames * NUM_ROWS * NUM_BANDS];
        for (frame, out) in shares.chunks_exact_mut(NUM_ROWS * NUM_BANDS).enumerate() {
            if frame % POLLED_FRAMES == 0 {
                go_on(0.5 + 0.5 * frame as f32 / num_frames as f32).continue_value()?;
            }
            let column: Vec<f32> = spread.iter().skip(frame).step_by(width).copied().collect();
            self.decode(&column, &encoded[frame], out);
            out.chunks_exact_mut(NUM_STEMS * NUM_BANDS).for_each(softmax);
        }
        Some(shares)
    }

    fn encode(&self, cues: &Cues, frame: usize, num_frames: usize) -> Encoded {
        let near = [(frame + num_frames - 1) % num_frames, frame, (frame + 1) % num_frames];
        let mut rows = Vec::with_capacity(NUM_CUES * 3 * PADDED);
        for cue in 0..NUM_CUES {
            near.iter().for_each(|frame| pad(cues.row(*frame, cue), &mut rows));
        }
        let mut fine = self.band.clone();
        self.fine.add(&rows, |number| number / 3 * PADDED + number % 3, NUM_BANDS, &mut fine);
        rectify(&mut fine);
        let mut middle = vec![0.0; MIDDLE * MIDDLE_BANDS];
        self.middle.apply(&apart(&fine, NUM_BANDS), MIDDLE_BANDS, &mut middle);
        rectify(&mut middle);
        let mut coarse = vec![0.0; COARSE * COLUMNS];
        self.coarse.apply(&apart(&middle, MIDDLE_BANDS), COLUMNS, &mut coarse);
        rectify(&mut coarse);
        Encoded { fine, middle, coarse }
    }

    /// What the core says to each column of each frame: rows of values, the frames side by side, and their number with
    /// those that fill it up.
    fn think(&self, encoded: &[Encoded], go_on: &mut dyn FnMut() -> ControlFlow<()>) -> Option<(Vec<f32>, usize)> {
        let width = encoded.len().next_multiple_of(8);
        let mut columns = vec![0.0; COARSE * COLUMNS * width];
        for (frame, encoded) in encoded.iter().enumerate() {
            let places = columns.iter_mut().skip(frame).step_by(width);
            places.zip(&encoded.coarse).for_each(|(place, value)| *place = *value);
        }
        let mut core = vec![0.0; CORE * width];
        self.core.apply(&columns, width, &mut core);
        rectify(&mut core);
        let mean = |row: &[f32]| row[..encoded.len()].iter().sum::<f32>() / encoded.len() as f32;
        // One value in each row of eight, which is the least that a layer takes.
        let means: Vec<f32> = core.chunks_exact(width).flat_map(|row| [mean(row); 8]).collect();
        let mut told = vec![0.0; CORE * 8];
        self.whole.apply(&means, 8, &mut told);
        for (row, told) in core.chunks_exact_mut(width).zip(told.chunks_exact(8)) {
            row.iter_mut().for_each(|value| *value += told[0]);
        }
        for block in &self.blocks {
            go_on().continue_value()?;
            block.add(&mut core, width, encoded.len());
        }
        go_on().continue_value()?;
        self.spread.apply(&core, width, &mut columns);
        rectify(&mut columns);
        Some((columns, width))
    }

    /// Writes the scores of a frame.
    fn decode(&self, column: &[f32], encoded: &Encoded, out: &mut [f32]) {
        let coarse: Vec<f32> = column.iter().zip(&encoded.coarse).map(|(told, own)| told + own).collect();
        let middle = widened(&self.up_coarse, &coarse, COLUMNS, &encoded.middle);
        let middle = again(&self.middle_again, &middle, MIDDLE_BANDS);
        let fine = widened(&self.up_middle, &middle, MIDDLE_BANDS, &encoded.fine);
        let fine = again(&self.fine_again, &fine, NUM_BANDS);
        self.last.apply(&fine, NUM_BANDS, out);
    }
}

/// What the encoder made of a frame at each width.
struct Encoded {
    fine: Vec<f32>,
    middle: Vec<f32>,
    coarse: Vec<f32>,
}

impl Block {
    fn add(&self, core: &mut [f32], width: usize, num_frames: usize) {
        let mut seen = vec![0.0; core.len()];
        let rows = seen.chunks_exact_mut(width).zip(core.chunks_exact(width));
        for ((seen, row), (weights, offset)) in rows.zip(self.time.chunks_exact(3).zip(&self.time_offsets)) {
            let gap = self.gap % num_frames;
            for (frame, seen) in seen.iter_mut().take(num_frames).enumerate() {
                let (before, after) = ((frame + num_frames - gap) % num_frames, (frame + gap) % num_frames);
                *seen = offset + weights[0] * row[before] + weights[1] * row[frame] + weights[2] * row[after];
            }
        }
        rectify(&mut seen);
        let mut sums = vec![0.0; core.len()];
        self.mix.apply(&seen, width, &mut sums);
        core.iter_mut().zip(&sums).for_each(|(core, sum)| *core += sum);
    }
}

/// A layer whose weights lie output by output.
fn layer(weights: Vec<f32>, offsets: Vec<f32>) -> Layer {
    let num_inputs = weights.len() / offsets.len().max(1);
    Layer::new(num_inputs, offsets, |output, input| weights[output * num_inputs + input])
}

/// A layer that makes four bands of one: its outputs are the four of each value; weights lie input by input.
fn widening(weights: Vec<f32>, offsets: &[f32]) -> Layer {
    let num_outputs = 4 * offsets.len();
    let offsets = offsets.iter().flat_map(|offset| [*offset; 4]).collect();
    Layer::new(weights.len() / num_outputs.max(1), offsets, |output, input| weights[input * num_outputs + output])
}

/// Values of a row with a band of nothing at either end.
const PADDED: usize = NUM_BANDS + 2;

fn pad(row: &[f32], out: &mut Vec<f32>) {
    out.push(0.0);
    out.extend_from_slice(row);
    out.push(0.0);
}

/// Of each row of `width` bands four rows: every fourth band, from the first, the second, the third and the fourth on.
fn apart(rows: &[f32], width: usize) -> Vec<f32> {
    let phases = rows.chunks_exact(width).flat_map(|row| (0..4).map(move |phase| &row[phase..]));
    phases.flat_map(|row| row.iter().step_by(4).copied()).collect()
}

/// Through a widening layer, rectified, and `own` added.
fn widened(layer: &Layer, inputs: &[f32], width: usize, own: &[f32]) -> Vec<f32> {
    let mut rows = vec![0.0; layer.offsets.len() * width];
    layer.apply(inputs, width, &mut rows);
    rectify(&mut rows);
    let mut out = own.to_vec();
    for (out, rows) in out.chunks_exact_mut(4 * width).zip(rows.chunks_exact(4 * width)) {
        for (phase, row) in rows.chunks_exact(width).enumerate() {
            out.iter_mut().skip(phase).step_by(4).zip(row).for_each(|(out, value)| *out += value);
        }
    }
    out
}

/// Through a layer that sees each band and its two neighbours, rectified.
fn again(layer: &Layer, rows: &[f32], width: usize) -> Vec<f32> {
    let mut padded = Vec::with_capacity(rows.len() / width * (width + 2));
    rows.chunks_exact(width).for_each(|row| pad(row, &mut padded));
    let mut out = vec![0.0; layer.offsets.len() * width];
    layer.begin(&mut out, width);
    layer.add(&padded, |number| number / 3 * (width + 2) + number % 3, width, &mut out);
    rectify(&mut out);
    out
}

/// Over the stems of a channel.
fn softmax(scores: &mut [f32]) {
    for band in 0..NUM_BANDS {
        let at = |stem: usize| stem * NUM_BANDS + band;
        let largest = (0..NUM_STEMS).fold(f32::MIN, |largest, stem| largest.max(scores[at(stem)]));
        let powers: [f32; NUM_STEMS] = std::array::from_fn(|stem| libm::expf(scores[at(stem)] - largest));
        let sum: f32 = powers.iter().sum();
        (0..NUM_STEMS).for_each(|stem| scores[at(stem)] = powers[stem] / sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frame, channel, stem, band and share, from the network that was trained.
    const EXPECTED: &str = include_str!("../weights/expected.txt");
    const NUM_FRAMES: usize = 75;

    fn shares() -> Vec<f32> {
        let value = |frame: usize, cue: usize, band: usize| {
            ((frame * 31 + cue * 17 + band * 7 + frame * band * 3) % 64) as f32 / 32.0 - 1.0
        };
        let places = (0..NUM_FRAMES).flat_map(|frame| (0..NUM_CUES).map(move |cue| (frame, cue)));
        let values = places.flat_map(|(frame, cue)| (0..NUM_BANDS).map(move |band| value(frame, cue, band)));
        let cues = Cues::from_values(values.collect());
        let network = Network::new(weights::BUILT_IN).unwrap();
        network.shares(&cues, NUM_FRAMES, &mut |_| ControlFlow::Continue(())).unwrap()
    }

    #[test]
    fn shares_are_those_of_the_network_that_was_trained() {
        let shares = shares();
        let mut num_seen = 0;
        for line in EXPECTED.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split(' ').collect();
            let [frame, channel, stem, band] = [0, 1, 2, 3].map(|word| words[word].parse::<usize>().unwrap());
            let wanted: f32 = words[4].parse().unwrap();
            let found = shares[(frame * NUM_ROWS + channel * NUM_STEMS + stem) * NUM_BANDS + band];
            assert!((found - wanted).abs() < 1e-4, "{line}: {found}");
            num_seen += 1;
        }
        assert_eq!(num_seen, 120);
    }

    #[test]
    fn shares_of_a_channel_add_up_to_1() {
        for rows in shares().chunks_exact(NUM_STEMS * NUM_BANDS) {
            let sum = |band: usize| (0..NUM_STEMS).map(|stem| rows[stem * NUM_BANDS + band]).sum::<f32>();
            assert!((0..NUM_BANDS).all(|band| (sum(band) - 1.0).abs() < 1e-6));
        }
    }

    #[test]
    fn one_byte_more_is_another_file() {
        let longer = [weights::BUILT_IN, &[0]].concat();
        assert!(matches!(Network::new(&longer), Err(WeightsError::Length { .. })));
    }
}

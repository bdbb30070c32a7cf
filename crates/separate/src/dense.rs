//! The one layer that the network is made of: sums of weighted rows.
//!
//! Rows are values of many places side by side, so that one weight meets many places at once. Sums have a fixed order
//! and nothing is fused: the same bits on every machine.

/// Outputs and places whose sums are held at once; they fit the registers of any processor with 128-bit vectors.
const OUTPUTS: usize = 4;
const PLACES: usize = 8;

/// Weights of a layer, and an offset for each output.
pub(crate) struct Layer {
    /// For every [`OUTPUTS`] outputs the weights of the first input, then those of the second.
    weights: Vec<f32>,
    pub(crate) offsets: Vec<f32>,
    num_inputs: usize,
}

impl Layer {
    /// `weight(output, input)` of each pair; the number of outputs is a multiple of 4.
    pub(crate) fn new(num_inputs: usize, offsets: Vec<f32>, weight: impl Fn(usize, usize) -> f32) -> Layer {
        let mut weights = Vec::with_capacity(num_inputs * offsets.len());
        for first in (0..offsets.len()).step_by(OUTPUTS) {
            for input in 0..num_inputs {
                weights.extend((first..first + OUTPUTS).map(|output| weight(output, input)));
            }
        }
        Layer { weights, offsets, num_inputs }
    }

    /// Writes the offset of every output into its row of `width` values.
    pub(crate) fn begin(&self, out: &mut [f32], width: usize) {
        out.chunks_exact_mut(width).zip(&self.offsets).for_each(|(row, offset)| row.fill(*offset));
    }

    /// Adds what the inputs give to the rows of `out`. A row of either has `width` values, a multiple of 8; input `number`
    /// begins at `start(number)` in `inputs`.
    pub(crate) fn add(&self, inputs: &[f32], start: impl Fn(usize) -> usize, width: usize, out: &mut [f32]) {
        let starts: Vec<usize> = (0..self.num_inputs).map(start).collect();
        for from in (0..width).step_by(PLACES) {
            let groups =
                self.weights.chunks_exact(OUTPUTS * self.num_inputs).zip(out.chunks_exact_mut(OUTPUTS * width));
            for (weights, rows) in groups {
                let mut sums = [[0.0_f32; PLACES]; OUTPUTS];
                for (sums, row) in sums.iter_mut().zip(rows.chunks_exact(width)) {
                    sums.copy_from_slice(&row[from..from + PLACES]);
                }
                for (start, weights) in starts.iter().zip(weights.chunks_exact(OUTPUTS)) {
                    let values = &inputs[start + from..][..PLACES];
                    for (sums, weight) in sums.iter_mut().zip(weights) {
                        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * value);
                    }
                }
                for (sums, row) in sums.iter().zip(rows.chunks_exact_mut(width)) {
                    row[from..from + PLACES].copy_from_slice(sums);
                }
            }
        }
    }

    /// [`Layer::begin`] and [`Layer::add`], for inputs whose rows follow each other.
    pub(crate) fn apply(&self, inputs: &[f32], width: usize, out: &mut [f32]) {
        self.begin(out, width);
        self.add(inputs, |number| number * width, width, out);
    }
}

/// What is below 0 becomes 0.
pub(crate) fn rectify(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = if *value > 0.0 { *value } else { 0.0 });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_definition() {
        let (num_inputs, width) = (5, 16);
        let weight = |output: usize, input: usize| (output * 3 + input) as f32 - 7.0;
        let layer = Layer::new(num_inputs, (0..8).map(|n| n as f32).collect(), weight);
        let inputs: Vec<f32> = (0..num_inputs * width).map(|n| (n % 11) as f32).collect();
        let mut out = vec![9.0; 8 * width];
        layer.apply(&inputs, width, &mut out);
        for output in 0..8 {
            for place in 0..width {
                let sum: f32 = (0..num_inputs).map(|input| weight(output, input) * inputs[input * width + place]).sum();
                assert_eq!(out[output * width + place], output as f32 + sum);
            }
        }
    }
}

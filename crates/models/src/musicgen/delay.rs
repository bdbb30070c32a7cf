//! The delay pattern: codebook `k` of a frame is decided `delay(k)` steps after codebook 0, so that one step decides
//! one token of every codebook.
//!
//! Source: Copet et al., "Simple and Controllable Music Generation" (2023), section 2.2; the fixed first and last
//! columns as the `transformers` implementation has them.

/// Steps after which the last codebook of a frame is decided; EnCodec's four codebooks are delayed by 0, 1, 2 and 3.
pub const MAX_DELAY: usize = CODEBOOKS_PER_CHANNEL - 1;
/// Codebooks of one audio channel.
pub const CODEBOOKS_PER_CHANNEL: usize = 4;

/// Tokens on their way in and out of the decoder. A column holds one token per codebook row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelayPattern {
    rows: usize,
    pad: i64,
    num_steps: usize,
    columns: Vec<i64>,
}

impl DelayPattern {
    /// A pattern for `rows` codebook rows (4: mono, 8: stereo, left and right alternating), `num_frames` EnCodec frames
    /// and the token `pad` where nothing is decided. Column 0 is there from the start: all `pad`.
    pub fn new(rows: usize, num_frames: usize, pad: i64) -> Self {
        Self { rows, pad, num_steps: num_frames + MAX_DELAY, columns: vec![pad; rows] }
    }

    /// Steps until every codebook of every frame is decided: frames + 3.
    pub fn num_steps(&self) -> usize {
        self.num_steps
    }

    /// Steps that are done.
    pub fn steps_done(&self) -> usize {
        self.columns.len() / self.rows - 1
    }

    /// The newest column, which the next step reads.
    pub fn last_column(&self) -> &[i64] {
        &self.columns[self.columns.len() - self.rows..]
    }

    /// Takes what a step decided, one token per row; forces `pad` where the pattern has nothing to decide.
    pub fn push(&mut self, tokens: &[i64]) {
        debug_assert_eq!(tokens.len(), self.rows);
        let column = self.steps_done() + 1;
        for (row, token) in tokens.iter().enumerate() {
            self.columns.push(if self.is_free(row, column) { *token } else { self.pad });
        }
    }

    /// The codes of `channel` (0, or 1 of stereo) as EnCodec reads them: four rows of `num_frames`, row after row.
    /// Complete once [`Self::steps_done`] is [`Self::num_steps`].
    pub fn codes(&self, channel: usize) -> Vec<i64> {
        let num_channels = self.rows / CODEBOOKS_PER_CHANNEL;
        let num_frames = self.num_steps - MAX_DELAY;
        let mut codes = Vec::with_capacity(CODEBOOKS_PER_CHANNEL * num_frames);
        for codebook in 0..CODEBOOKS_PER_CHANNEL {
            let row = codebook * num_channels + channel;
            codes.extend((0..num_frames).map(|frame| self.columns[(1 + codebook + frame) * self.rows + row]));
        }
        codes
    }

    /// Row `row` has a token of its own in `column`.
    fn is_free(&self, row: usize, column: usize) -> bool {
        let delay = row * CODEBOOKS_PER_CHANNEL / self.rows;
        let num_columns = self.num_steps + 1;
        column > delay && column < num_columns - (MAX_DELAY - delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAD: i64 = 99;

    /// Tokens that say where they were decided: 10 * step + row.
    fn filled(rows: usize, num_frames: usize) -> DelayPattern {
        let mut pattern = DelayPattern::new(rows, num_frames, PAD);
        for step in 0..pattern.num_steps() as i64 {
            let tokens: Vec<i64> = (0..rows as i64).map(|row| 10 * step + row).collect();
            pattern.push(&tokens);
        }
        pattern
    }

    #[test]
    fn later_codebooks_start_later_and_end_later() {
        let pattern = filled(4, 2);
        let rows: Vec<Vec<i64>> =
            (0..4).map(|row| pattern.columns.iter().skip(row).step_by(4).copied().collect()).collect();
        assert_eq!(
            rows,
            [
                [PAD, 0, 10, PAD, PAD, PAD],
                [PAD, PAD, 11, 21, PAD, PAD],
                [PAD, PAD, PAD, 22, 32, PAD],
                [PAD, PAD, PAD, PAD, 33, 43],
            ]
        );
    }

    #[test]
    fn codes_are_straightened() {
        assert_eq!(filled(4, 2).codes(0), [0, 10, 11, 21, 22, 32, 33, 43]);
    }

    #[test]
    fn stereo_rows_alternate_and_share_a_delay() {
        let pattern = filled(8, 1);
        assert_eq!(pattern.codes(0), [0, 12, 24, 36]);
        assert_eq!(pattern.codes(1), [1, 13, 25, 37]);
    }

    #[test]
    fn no_decided_code_is_ever_the_pad() {
        for (rows, channels) in [(4, 1), (8, 2)] {
            for num_frames in 1..20 {
                let pattern = filled(rows, num_frames);
                assert_eq!(pattern.steps_done(), num_frames + 3);
                assert!(
                    (0..channels).all(|channel| !pattern.codes(channel).contains(&PAD)),
                    "{rows} rows, {num_frames}"
                );
            }
        }
    }
}

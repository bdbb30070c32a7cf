//! From logits to tokens: guidance, temperature, top-k, a seeded draw.
use rand_pcg::Pcg64;
use rand_pcg::rand_core::RngCore;

/// How tokens are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Weight of the text against no text: 1.0 is the text alone, 3.0 what the model was made for.
    pub guidance: f32,
    /// Only the `top_k` likeliest tokens are drawn from; 0 is all of them.
    pub top_k: usize,
    /// Divides the logits; 0.0 takes the likeliest token.
    pub temperature: f32,
}

/// Draws one token per row. The same seed and logits give the same tokens on every machine.
#[derive(Debug, Clone)]
pub struct Sampler {
    sampling: Sampling,
    random: Pcg64,
    /// Scratch: one row of scores with its token numbers.
    row: Vec<(f32, u32)>,
}

impl Sampler {
    /// A sampler at the start of its random numbers.
    pub fn new(sampling: Sampling, seed: u64) -> Self {
        // Any odd stream will do; a stream of its own keeps these draws apart from the composer's.
        Self { sampling, random: Pcg64::new(u128::from(seed), 0x6d75_7369_6367_656e), row: Vec::new() }
    }

    /// One token per row. `with_text` and `without_text` hold `rows * vocab` logits, row after row; `without_text` is
    /// empty where there is no guidance. All are finite.
    pub fn draw(&mut self, with_text: &[f32], without_text: &[f32], vocab: usize) -> Vec<i64> {
        let num_rows = with_text.len() / vocab;
        let draw_row = |row| {
            let range = row * vocab..(row + 1) * vocab;
            self.fill(&with_text[range.clone()], without_text.get(range));
            self.pick()
        };
        (0..num_rows).map(draw_row).collect()
    }

    /// `null + (text - null) * guidance` for every token.
    fn fill(&mut self, text: &[f32], null: Option<&[f32]>) {
        let guidance = self.sampling.guidance;
        self.row.clear();
        self.row.extend(text.iter().enumerate().map(|(token, &score)| {
            let score = null.map_or(score, |null| null[token] + (score - null[token]) * guidance);
            (score, token as u32)
        }));
    }

    fn pick(&mut self) -> i64 {
        let best_first = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if self.sampling.temperature <= 0.0 {
            return self.row.iter().min_by(|a, b| best_first(a, b)).map_or(0, |&(_, token)| i64::from(token));
        }
        let top_k = self.sampling.top_k;
        if (1..self.row.len()).contains(&top_k) {
            self.row.select_nth_unstable_by(top_k - 1, best_first);
            self.row.truncate(top_k);
        }
        // In one order on every machine: the draw below walks through it.
        self.row.sort_unstable_by(best_first);
        self.draw_by_weight()
    }

    /// A token with the probability `softmax(score / temperature)`.
    fn draw_by_weight(&mut self) -> i64 {
        let best = f64::from(self.row[0].0);
        let temperature = f64::from(self.sampling.temperature);
        let weight = |score: f32| libm::exp((f64::from(score) - best) / temperature);
        let total: f64 = self.row.iter().map(|&(score, _)| weight(score)).sum();
        // 53 random bits: every f64 step of 0.0..1.0 is as likely.
        let mut left = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        for &(score, token) in &self.row {
            left -= weight(score);
            if left < 0.0 {
                return i64::from(token);
            }
        }
        // Rounding can leave a crumb: it belongs to the last one.
        i64::from(self.row[self.row.len() - 1].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(top_k: usize, temperature: f32, seed: u64) -> Sampler {
        Sampler::new(Sampling { guidance: 3.0, top_k, temperature }, seed)
    }

    #[test]
    fn guidance_pushes_away_from_what_no_text_says() {
        let (text, null) = ([1.0, 1.1], [0.0, 1.0]);
        // 0 + 1 * 3 = 3.0 against 1 + 0.1 * 3 = 1.3.
        assert_eq!(sampler(0, 0.0, 1).draw(&text, &null, 2), vec![0]);
        assert_eq!(sampler(0, 0.0, 1).draw(&text, &[], 2), vec![1]);
    }

    #[test]
    fn without_temperature_the_first_of_the_best_wins() {
        assert_eq!(sampler(2, 0.0, 1).draw(&[0.5, 2.0, 2.0, 1.0, -1.0, -3.0, -2.0, -1.5], &[], 4), vec![1, 0]);
    }

    #[test]
    fn draws_follow_the_softmax_of_the_top_k() {
        let logits = [0.0, 2.0, 1.0, -1.0, 0.5];
        let (top_k, temperature) = (3, 0.7_f32);
        let mut sampler = sampler(top_k, temperature, 7);
        let mut counts = [0_u32; 5];
        let num_draws = 40_000;
        for _ in 0..num_draws {
            counts[sampler.draw(&logits, &[], 5)[0] as usize] += 1;
        }
        let weights = [1, 2, 4].map(|token: usize| (logits[token] / temperature).exp());
        let total: f32 = weights.iter().sum();
        for (token, weight) in [1, 2, 4].into_iter().zip(weights) {
            let (share, wanted) = (counts[token] as f32 / num_draws as f32, weight / total);
            // Five standard deviations of 40 000 draws are 0.0125 at most.
            assert!((share - wanted).abs() < 0.0125, "token {token}: {share} where {wanted} is due");
        }
        assert_eq!((counts[0], counts[3]), (0, 0), "outside the top 3");
    }

    #[test]
    fn a_seed_decides_every_draw() {
        let logits: Vec<f32> = (0..64).map(|index| (index as f32 * 0.37).sin()).collect();
        let draw = |seed| {
            let mut sampler = sampler(20, 1.0, seed);
            (0..50).map(|_| sampler.draw(&logits, &[], 64)[0]).collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}

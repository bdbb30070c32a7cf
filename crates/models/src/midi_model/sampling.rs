//! From logits to a token: softmax, mask, top-p, top-k, a seeded draw.
use rand_pcg::Pcg64;
use rand_pcg::rand_core::RngCore;

/// Draws tokens. The same seed and logits give the same tokens on every machine.
pub(super) struct Sampler {
    temperature: f32,
    top_p: f32,
    top_k: usize,
    random: Pcg64,
    /// Scratch: the allowed tokens with their probabilities.
    candidates: Vec<(f64, usize)>,
}

impl Sampler {
    /// `temperature` 0.0 takes the likeliest token; `top_p` is a share of all tokens' probability, allowed or not, as the
    /// model's authors have it; `top_k` 0 is all.
    pub(super) fn new(temperature: f32, top_p: f32, top_k: usize, seed: u64) -> Self {
        // Any odd stream will do; one of its own keeps these draws apart from other engines'.
        let random = Pcg64::new(u128::from(seed), 0x6d69_6469_6d6f_6465);
        Self { temperature, top_p, top_k, random, candidates: Vec::new() }
    }

    /// One of `allowed` by its finite score; `allowed` is not empty and within `scores`.
    pub(super) fn draw(&mut self, scores: &[f32], allowed: &[usize]) -> usize {
        let best = allowed.iter().map(|token| scores[*token]).fold(f32::NEG_INFINITY, f32::max);
        let temperature = f64::from(self.temperature);
        if temperature <= 0.0 {
            return allowed.iter().copied().find(|token| scores[*token] == best).unwrap_or(allowed[0]);
        }
        // The best allowed score, not the best of all, is the zero of the exponent: nothing then vanishes altogether.
        let weight = |score: f32| libm::exp((f64::from(score) - f64::from(best)) / temperature);
        let total: f64 = scores.iter().map(|score| weight(*score)).sum();
        self.candidates.clear();
        self.candidates.extend(allowed.iter().map(|token| (weight(scores[*token]), *token)));
        self.candidates.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.cut(total);
        self.pick()
    }

    /// Leaves the likeliest tokens up to `top_p` of `total` and `top_k` in number; one at least.
    fn cut(&mut self, total: f64) {
        let limit = f64::from(self.top_p) * total;
        let mut before = 0.0;
        let kept = self.candidates.iter().take_while(|(weight, _)| {
            let is_kept = before <= limit;
            before += weight;
            is_kept
        });
        let kept = kept.count();
        let most = if self.top_k == 0 { kept } else { self.top_k };
        self.candidates.truncate(kept.min(most).max(1));
    }

    fn pick(&mut self) -> usize {
        let total: f64 = self.candidates.iter().map(|(weight, _)| weight).sum();
        // 53 random bits: every f64 step of 0.0..1.0 is as likely.
        let mut left = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        for &(weight, token) in &self.candidates {
            left -= weight;
            if left < 0.0 {
                return token;
            }
        }
        // Rounding can leave a crumb: it belongs to the last one.
        self.candidates[self.candidates.len() - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each token is drawn.
    fn counts(top_p: f32, top_k: usize, scores: &[f32], allowed: &[usize]) -> Vec<u32> {
        let mut sampler = Sampler::new(1.0, top_p, top_k, 5);
        let mut counts = vec![0; scores.len()];
        for _ in 0..20_000 {
            counts[sampler.draw(scores, allowed)] += 1;
        }
        counts
    }

    #[test]
    fn without_temperature_the_best_allowed_token_wins() {
        let mut sampler = Sampler::new(0.0, 0.94, 20, 1);
        assert_eq!(sampler.draw(&[1.0, 9.0, 3.0, 3.0], &[0, 2, 3]), 2);
    }

    #[test]
    fn draws_follow_the_probabilities_of_what_is_allowed() {
        let shares = [0.4_f32, 0.3, 0.2, 0.1];
        let scores = shares.map(f32::ln);
        let counts = counts(1.0, 0, &scores, &[1, 2, 3]);
        assert_eq!(counts[0], 0);
        for (count, wanted) in counts[1..].iter().zip([0.5, 1.0 / 3.0, 1.0 / 6.0]) {
            // Five standard deviations of 20 000 draws are 0.018 at most.
            assert!((f64::from(*count) / 20_000.0 - wanted).abs() < 0.018, "{counts:?}");
        }
    }

    #[test]
    fn the_share_counts_what_is_not_allowed_too() {
        let scores = [0.5_f32, 0.3, 0.15, 0.05].map(f32::ln);
        // Before token 3 lie 0.3 + 0.15 of all: within 0.46, beyond 0.44.
        assert!(counts(0.46, 0, &scores, &[1, 2, 3])[3] > 0);
        assert_eq!(counts(0.44, 0, &scores, &[1, 2, 3])[3], 0);
        assert_eq!(counts(1.0, 2, &scores, &[0, 1, 2, 3])[2..], [0, 0]);
        assert_eq!(counts(0.0, 0, &scores, &[2, 3])[3], 0, "the best one always stays");
    }

    #[test]
    fn a_token_far_below_the_others_can_still_be_the_only_one() {
        assert_eq!(Sampler::new(1.0, 0.94, 20, 1).draw(&[500.0, -400.0, -900.0], &[1, 2]), 1);
    }
}

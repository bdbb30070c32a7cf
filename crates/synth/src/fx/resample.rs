//! Halving and doubling the rate. Sends run at half the rate or less: a room's answer has nothing above 10 kHz to lose.

/// Every second sample of `x` after a short low-pass (1 3 3 1)/8, which has its zero where aliases would fall on lows.
pub fn halve(x: &[f32]) -> Vec<f32> {
    let at = |n: isize| if n < 0 { 0.0 } else { x.get(n as usize).copied().unwrap_or(0.0) };
    let count = x.len().div_ceil(2) + 1;
    let mut out = Vec::with_capacity(count);
    for m in 0..count {
        let n = 2 * m as isize;
        let is_inside = m > 0 && 2 * m + 1 < x.len();
        let [a, b, c, d] = if is_inside {
            let w = &x[2 * m - 2..2 * m + 2];
            [w[0], w[1], w[2], w[3]]
        } else {
            [at(n - 2), at(n - 1), at(n), at(n + 1)]
        };
        out.push(0.125 * (a + d) + 0.375 * (b + c));
    }
    out
}

/// Twice as many samples, cubic between.
pub fn double(x: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(2 * x.len());
    let at = |n: isize| if n < 0 { 0.0 } else { x.get(n as usize).copied().unwrap_or(0.0) };
    for n in 0..x.len() {
        let i = n as isize;
        out.push(x[n]);
        let is_inside = n > 0 && n + 2 < x.len();
        let [a, b, c, d] =
            if is_inside { [x[n - 1], x[n], x[n + 1], x[n + 2]] } else { [at(i - 1), at(i), at(i + 1), at(i + 2)] };
        out.push(0.5625 * (b + c) - 0.0625 * (a + d));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_wave_survives_halving_and_doubling() {
        let x: Vec<f32> = (0..1000).map(|n| (n as f32 * 0.05).sin()).collect();
        let y = double(&halve(&x));
        // The pair of filters is half a sample late.
        let worst = (10..980).map(|n| (y[n] - 0.5 * (x[n] + x[n - 1])).abs()).fold(0.0f32, f32::max);
        assert!(worst < 0.01, "{worst}");
    }
}

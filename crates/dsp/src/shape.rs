//! Saturation.

/// A smooth stand-in for `tanh`: exact at 0, within 3 % of it up to 3, bounded by -1.0..=1.0. NaN becomes 0.
#[inline(always)]
pub fn soft_clip(x: f32) -> f32 {
    // Padé 3/2 of tanh, which reaches 1 at x = 3.
    let x = if x.is_nan() { 0.0 } else { x.clamp(-3.0, 3.0) };
    let square = x * x;
    x * (27.0 + square) / (27.0 + 9.0 * square)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_clip_follows_tanh_and_never_passes_one() {
        for n in -400..=400 {
            let x = n as f32 * 0.05;
            let y = soft_clip(x);
            assert!(y.abs() <= 1.0 && (y - x.tanh()).abs() < 0.03, "{x}: {y}");
        }
        assert_eq!(soft_clip(f32::NAN), 0.0);
        assert_eq!(soft_clip(f32::INFINITY), 1.0);
    }
}

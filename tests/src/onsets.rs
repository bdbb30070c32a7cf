//! Finding out when something was played.

/// Shift, in frames of `-reach..=reach`, at which `template` fits best onto `signal` at `at`; `None` where the signal is
/// too short or silent. By normalised correlation.
pub fn best_shift(signal: &[f32], template: &[f32], at: usize, reach: usize) -> Option<isize> {
    let reach = reach as isize;
    let mut best: Option<(f64, isize)> = None;
    for shift in -reach..=reach {
        let start = at as isize + shift;
        if start < 0 || start as usize + template.len() > signal.len() {
            continue;
        }
        let window = &signal[start as usize..start as usize + template.len()];
        let energy: f64 = window.iter().map(|x| f64::from(*x).powi(2)).sum();
        if energy < 1e-6 {
            continue;
        }
        let product: f64 = window.iter().zip(template).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        let fit = product / energy.sqrt();
        if best.is_none_or(|(other, _)| fit > other) {
            best = Some((fit, shift));
        }
    }
    best.map(|(_, shift)| shift)
}

/// Largest change from one frame to the next.
pub fn largest_step(signal: &[f32]) -> f32 {
    signal.windows(2).fold(0.0, |largest, pair| largest.max((pair[1] - pair[0]).abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_found() {
        let template: Vec<f32> = (0..200).map(|n| ((n * n) as f32 * 0.01).sin()).collect();
        let mut signal = vec![0.0; 1000];
        signal[303..503].copy_from_slice(&template);
        assert_eq!(best_shift(&signal, &template, 300, 10), Some(3));
        assert_eq!(best_shift(&[0.0; 1000], &template, 300, 10), None);
    }
}

//! Where notes and hits begin: peaks of the onset strength.
//!
//! Peak picking as in Böck, Krebs and Schedl (ISMIR 2012): a local maximum that is well above the mean around it.
use super::flux::HOPS_PER_S;

/// A peak is the highest of this long on both sides.
const APART_S: f64 = 0.03;
/// The mean reaches this far back and ahead.
const MEAN_S: (f64, f64) = (0.10, 0.07);
/// Least height above the mean, in units of the onset strength.
const RISE: f32 = 0.12;
/// And as a share of the strong onsets of the whole.
const SHARE: f32 = 0.05;
/// The rise is steepest this long after the attack; measured on drum loops.
pub(crate) const LATE_S: f64 = 0.002;

/// Onsets in seconds, rising.
pub(crate) fn pick(strength: &[f32]) -> Vec<f64> {
    let hops = |seconds: f64| (seconds * HOPS_PER_S) as usize;
    let (apart, back, ahead) = (hops(APART_S), hops(MEAN_S.0), hops(MEAN_S.1));
    let threshold = RISE.max(SHARE * strong(strength));
    // Running sums, so that a mean costs two look-ups.
    let sums: Vec<f64> = std::iter::once(0.0)
        .chain(strength.iter().scan(0.0, |sum, value| {
            *sum += f64::from(*value);
            Some(*sum)
        }))
        .collect();
    let is_peak = |at: &usize| {
        let (at, here) = (*at, strength[*at]);
        let (from, to) = (at.saturating_sub(back), (at + ahead + 1).min(strength.len()));
        let mean = ((sums[to] - sums[from]) / (to - from) as f64) as f32;
        here > mean + threshold
            && strength[at.saturating_sub(apart)..at].iter().all(|before| *before < here)
            && strength[at + 1..(at + apart + 1).min(strength.len())].iter().all(|after| *after <= here)
    };
    (0..strength.len()).filter(is_peak).map(|at| seconds_of(strength, at)).collect()
}

/// Time of the peak at hop `at`, to a fraction of a hop.
fn seconds_of(strength: &[f32], at: usize) -> f64 {
    let around = |hop: Option<usize>| hop.and_then(|hop| strength.get(hop)).copied().unwrap_or(0.0);
    let (before, here, after) = (around(at.checked_sub(1)), strength[at], around(at.checked_add(1)));
    let curve = before - 2.0 * here + after;
    let shift = if curve < 0.0 { 0.5 * (before - after) / curve } else { 0.0 };
    ((at as f64 + f64::from(shift)) / HOPS_PER_S - LATE_S).max(0.0)
}

/// What the strongest hundredth of all hops reaches.
fn strong(strength: &[f32]) -> f32 {
    let mut sorted = strength.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len().saturating_sub(1 + sorted.len() / 100)).copied().unwrap_or(0.0)
}

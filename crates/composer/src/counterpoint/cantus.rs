//! Fixed melodies by chance.
use crate::dice::Dice;
use take::PitchClass;
use theory::Key;

/// A cantus firmus: scale steps from the tonic and back to it, one peak, closing 2-1.
pub(super) fn cantus(key: &Key, low: u8, num_bars: usize, dice: &mut Dice) -> Vec<u8> {
    let steps = theory::intervals(theory::parent(key.scale));
    let tonic = (0..12).map(|above| low + above).find(|at| PitchClass::new(i32::from(*at)) == key.tonic).unwrap_or(low);
    let key_at = |height: i32| -> u8 {
        let octave = height.div_euclid(7);
        let degree = height.rem_euclid(7) as usize;
        (i32::from(tonic) + 12 * octave + i32::from(steps[degree])).clamp(0, 127) as u8
    };
    let peak_at = dice.range(num_bars as i32 / 3, num_bars as i32 * 2 / 3);
    let peak = dice.range(4, 5).min(peak_at).min(num_bars as i32 - peak_at - 1).max(3);
    let mut heights = vec![0i32];
    for index in 1..num_bars as i32 - 2 {
        let last = heights[heights.len() - 1];
        let target = if index <= peak_at { peak } else { 1 };
        let left = if index <= peak_at { peak_at - index } else { num_bars as i32 - 2 - index };
        let wished =
            if index == peak_at { peak } else { last + dice.range(-1, 2) * if target > last { 1 } else { -1 } };
        // Near enough to reach the target by steps and a third, below the peak but on it, and never the same twice.
        let reach = 2 * left.max(0) + 1;
        let ceiling = if index == peak_at { peak } else { peak - 1 };
        let mut height = wished.clamp(target - reach, target + reach).clamp(-1, ceiling);
        if height == last {
            height = if last > target || last >= ceiling { last - 1 } else { last + 1 };
        }
        heights.push(height.max(-1));
    }
    let last = heights[heights.len() - 1];
    // The second degree, from a neighbour of it.
    if last == 1 {
        let end = heights.len() - 1;
        heights[end] = if heights[end - 1] == 2 { 3 } else { 2 };
    }
    heights.extend([1, 0]);
    heights.into_iter().map(key_at).collect()
}

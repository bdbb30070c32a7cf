//! Stems in 24 bits that add up to the mix exactly.
use crate::NUM_STEMS;
use crate::masks::REST;
use take::{AudioClip, dequantise_24, quantise_24};

/// Largest 24-bit integers.
const RANGE: std::ops::RangeInclusive<i32> = -(1 << 23)..=(1 << 23) - 1;

/// Rounds stems to 24 bits so that their integers add up to the mix's, `round(mix * 2^23)`: the harmony takes what is
/// left by the others, and where that leaves its range the others take the excess. Exact up to four times full scale.
/// Channels are as long as the mix.
pub fn to_24_bits(mix: [&[f32]; 2], stems: &mut [AudioClip; NUM_STEMS]) {
    let [a, b, c, d] = stems;
    exact(mix[0], [&mut a.left, &mut b.left, &mut c.left, &mut d.left]);
    exact(mix[1], [&mut a.right, &mut b.right, &mut c.right, &mut d.right]);
}

fn exact(mix: &[f32], stems: [&mut [f32]; NUM_STEMS]) {
    for (frame, sample) in mix.iter().enumerate() {
        // Not `quantise_24`, which clips: a mix of takes may be louder than full scale.
        let wanted = (f64::from(*sample) * 8_388_608.0).round() as i64;
        let mut values: [i64; NUM_STEMS] =
            std::array::from_fn(|stem| if stem == REST { 0 } else { i64::from(quantise_24(stems[stem][frame])) });
        values[REST] = wanted - values.iter().sum::<i64>();
        for stem in [REST, 0, 1, 3, REST] {
            let fitting = values[stem].clamp(i64::from(*RANGE.start()), i64::from(*RANGE.end()));
            let excess = values[stem] - fitting;
            values[stem] = fitting;
            if excess != 0 {
                let next = match stem {
                    REST => 0,
                    0 => 1,
                    1 => 3,
                    _ => REST,
                };
                values[next] += excess;
            }
        }
        values[REST] = values[REST].clamp(i64::from(*RANGE.start()), i64::from(*RANGE.end()));
        for (stem, value) in values.into_iter().enumerate() {
            stems[stem][frame] = dequantise_24(value as i32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(values: [f32; 4]) -> [AudioClip; 4] {
        values.map(|value| AudioClip { left: [value].into(), right: [-value].into() })
    }

    fn sum(stems: &[AudioClip; 4]) -> [i64; 2] {
        let channel = |of: fn(&AudioClip) -> f32| stems.iter().map(|stem| i64::from(quantise_24(of(stem)))).sum();
        [channel(|stem| stem.left[0]), channel(|stem| stem.right[0])]
    }

    #[test]
    fn integers_add_up_whatever_the_parts_are() {
        for mix in [0.0_f32, 0.1, -0.7777, 1.0, 1.9, -3.2] {
            for parts in [[0.3, -0.2, 9.0, 0.01], [1.5, 1.5, 0.0, -1.0], [-0.9, -0.9, 0.0, -0.9]] {
                let mut stems = stems(parts);
                to_24_bits([&[mix], &[-mix]], &mut stems);
                let wanted = (f64::from(mix) * 8_388_608.0).round() as i64;
                assert_eq!(sum(&stems), [wanted, -wanted], "{mix} of {parts:?}");
                assert!(stems.iter().all(|stem| stem.left[0].abs() <= 1.0 && stem.right[0].abs() <= 1.0));
            }
        }
    }
}

//! Broken, stuttering repeats: some sixteenths are cut up and played again.
use crate::circle::Circle;
use dsp::noise::Noise;

/// Replaces about `amount` (0.0..=1.0) of the slices of `slice_frames` with stutters, reversals and held samples of
/// themselves. The same seed breaks the same places.
pub fn glitch(circle: &mut Circle, amount: f32, slice_frames: usize, seed: u64) {
    if amount <= 0.0 || slice_frames < 64 {
        return;
    }
    let mut noise = Noise::new(seed ^ 0x676c_6974);
    let count = circle.num_frames() / slice_frames;
    for slice in 0..count {
        let (chance, kind, detail) = (noise.unit(), noise.bits() % 4, noise.bits());
        if chance > 0.65 * amount {
            continue;
        }
        let range = slice * slice_frames..(slice + 1) * slice_frames;
        for samples in [&mut circle.left[range.clone()], &mut circle.right[range.clone()]] {
            let original = samples.to_vec();
            match kind {
                0 | 1 => stutter(samples, &original, slice_frames >> (1 + detail % 3)),
                2 => samples.iter_mut().zip(original.iter().rev()).for_each(|(s, o)| *s = *o),
                _ => hold(samples, 4 << (detail % 3)),
            }
            smooth_edges(samples, &original);
        }
    }
}

fn stutter(samples: &mut [f32], original: &[f32], repeat_frames: usize) {
    let fade = (repeat_frames / 8).clamp(1, 64);
    for (n, sample) in samples.iter_mut().enumerate() {
        let at = n % repeat_frames;
        let from_edge = at.min(repeat_frames - 1 - at);
        *sample = original[at] * (from_edge as f32 / fade as f32).min(1.0);
    }
}

fn hold(samples: &mut [f32], frames: usize) {
    for block in samples.chunks_mut(frames) {
        let first = block[0];
        block.fill(first);
    }
}

/// The slice starts and ends as it was, so that its neighbours fit.
fn smooth_edges(samples: &mut [f32], original: &[f32]) {
    let fade = 48.min(samples.len() / 2);
    let end = samples.len();
    for n in 0..fade {
        let x = n as f32 / fade as f32;
        samples[n] = original[n] + x * (samples[n] - original[n]);
        let m = end - 1 - n;
        samples[m] = original[m] + x * (samples[m] - original[m]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glitches_change_the_inside_of_slices_and_repeat_with_the_seed() {
        let wave: Vec<f32> = (0..9600).map(|n| (n as f32 * 0.01).sin()).collect();
        let plain = Circle { left: wave.clone(), right: wave };
        let (mut a, mut b, mut c) = (plain.clone(), plain.clone(), plain.clone());
        glitch(&mut a, 1.0, 600, 5);
        glitch(&mut b, 1.0, 600, 5);
        glitch(&mut c, 0.0, 600, 5);
        assert_eq!(a, b);
        assert_ne!(a, plain);
        assert_eq!(c, plain);
    }
}

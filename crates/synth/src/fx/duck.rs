//! Ducking: every kick pushes the other parts down for a moment.
use crate::circle::Circle;

/// Frames between two values of the gain; straight lines between.
const NODE: usize = 32;

/// How deep and how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuckSettings {
    /// Gain of the whole part.
    pub gain: f32,
    /// Depth for a kick at full velocity, dB.
    pub depth_db: f32,
    /// Time until the level is back, frames.
    pub release_frames: usize,
}

/// Sets the level of `circle` and dips it at each of `kicks` (frame, velocity 0.0..=1.0).
pub fn duck(circle: &mut Circle, kicks: &[(usize, f32)], settings: DuckSettings) {
    if settings.depth_db <= 0.0 || kicks.is_empty() {
        circle.left.iter_mut().chain(circle.right.iter_mut()).for_each(|sample| *sample *= settings.gain);
        return;
    }
    let frames = circle.num_frames();
    let nodes = frames.div_ceil(NODE);
    let mut depth = vec![0.0f32; nodes];
    let release = (settings.release_frames / NODE).clamp(2, nodes.max(2));
    for &(frame, velocity) in kicks {
        // Two nodes ahead: the way down is over when the kick starts.
        let start = (frame / NODE + nodes).saturating_sub(1);
        for step in 0..=release {
            let x = step as f32 / release as f32;
            let value = velocity * (1.0 - x * x * (3.0 - 2.0 * x));
            let node = &mut depth[(start + step) % nodes];
            *node = node.max(value);
        }
    }
    let gains: Vec<f32> = depth.iter().map(|d| settings.gain * libm::exp2f(-d * settings.depth_db / 6.0206)).collect();
    apply_nodes(&mut circle.left, &gains, NODE);
    apply_nodes(&mut circle.right, &gains, NODE);
}

/// Multiplies by straight lines through `gains`, one every `node` frames, round the circle.
pub fn apply_nodes(samples: &mut [f32], gains: &[f32], node: usize) {
    for (index, block) in samples.chunks_mut(node).enumerate() {
        let (a, b) = (gains[index], gains[(index + 1) % gains.len()]);
        if a == 1.0 && b == 1.0 {
            continue;
        }
        // The last block is shorter; its line still ends where the circle begins again.
        let slope = (b - a) / block.len() as f32;
        for (n, sample) in block.iter_mut().enumerate() {
            // A block is shorter than 65 536 frames; small integers turn into floats four at a time.
            *sample *= a + slope * f32::from(n as u16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kick_dips_the_level_and_it_comes_back() {
        let mut circle = Circle { left: vec![1.0; 9600], right: vec![1.0; 9600] };
        duck(
            &mut circle,
            &[(9580, 1.0), (4800, 1.0)],
            DuckSettings { gain: 1.0, depth_db: 12.0, release_frames: 2400 },
        );
        assert!((circle.left[4800] - 0.25).abs() < 0.05, "{}", circle.left[4800]);
        assert_eq!(circle.left[4000], 1.0);
        assert!(circle.left[100] < 0.4, "the kick before the seam dips the start");
        let step = circle.left.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0f32, f32::max);
        assert!((circle.left[0] - circle.left[9599]).abs() <= step);
    }
}

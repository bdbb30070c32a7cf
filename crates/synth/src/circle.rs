//! Audio on a circle: what runs past the end comes in again at the start.
//!
//! A loop is seldom a whole number of frames. The circle holds `floor(loop_frames)`; the stem's last frame (there is one
//! more when the loop is not whole) is put half way between its neighbours, so that the seam is smooth for a player
//! that plays it and for one that leaves it out.
use take::{AudioClip, Beats};

/// Where beats fall.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    pub frames_per_beat: f64,
    /// Exact length of the loop.
    pub loop_frames: f64,
}

impl Grid {
    /// Frames on the circle.
    pub fn circle_frames(&self) -> usize {
        ((self.loop_frames + 1e-6).floor() as usize).max(1)
    }

    /// The frame at which a note at `beat` starts.
    pub fn frame_of(&self, beat: Beats) -> usize {
        let frame = libm::round(beat.0 * self.frames_per_beat).max(0.0) as usize;
        frame % self.circle_frames()
    }

    /// Length in frames.
    pub fn frames(&self, beats: f64) -> usize {
        libm::round(beats * self.frames_per_beat).max(0.0) as usize
    }
}

/// Equal-power gains of a position, -1.0 left ..= 1.0 right; 1.0 both in the centre.
pub fn pan_gains(pan: f32) -> (f32, f32) {
    let angle = (pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
    (libm::cosf(angle) * std::f32::consts::SQRT_2, libm::sinf(angle) * std::f32::consts::SQRT_2)
}

/// Stereo audio without an end.
#[derive(Debug, Clone, PartialEq)]
pub struct Circle {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
}

impl Circle {
    pub fn silent(num_frames: usize) -> Self {
        Self { left: vec![0.0; num_frames], right: vec![0.0; num_frames] }
    }

    pub fn num_frames(&self) -> usize {
        self.left.len()
    }

    /// Adds `samples` from frame `start` on.
    pub fn add_mono(&mut self, samples: &[f32], start: usize, left: f32, right: f32) {
        add_round(&mut self.left, samples, start, left);
        add_round(&mut self.right, samples, start, right);
    }

    /// Adds stereo from frame `start` on.
    pub fn add_stereo(&mut self, samples: (&[f32], &[f32]), start: usize, gain: f32) {
        add_round(&mut self.left, samples.0, start, gain);
        add_round(&mut self.right, samples.1, start, gain);
    }

    /// Largest absolute sample.
    pub fn peak(&self) -> f32 {
        peak_of(&self.left).max(peak_of(&self.right))
    }

    /// The stem: `num_frames` is as many as the circle holds, or one more.
    pub fn into_clip(self, num_frames: usize) -> AudioClip {
        let close = |mut samples: Vec<f32>| {
            if samples.len() < num_frames {
                samples.push(0.5 * (samples[samples.len() - 1] + samples[0]));
            }
            samples.into_boxed_slice()
        };
        AudioClip { left: close(self.left), right: close(self.right) }
    }
}

/// Largest absolute sample.
pub fn peak_of(samples: &[f32]) -> f32 {
    let mut peaks = [0.0f32; 8];
    let chunks = samples.chunks_exact(8);
    let rest = chunks.remainder();
    let larger = |peak: &mut f32, x: f32| *peak = if x.abs() > *peak { x.abs() } else { *peak };
    for chunk in chunks {
        peaks.iter_mut().zip(chunk).for_each(|(peak, x)| larger(peak, *x));
    }
    peaks.iter_mut().zip(rest).for_each(|(peak, x)| larger(peak, *x));
    peaks.into_iter().fold(0.0, f32::max)
}

fn add_round(out: &mut [f32], mut samples: &[f32], start: usize, gain: f32) {
    let mut at = start % out.len();
    while !samples.is_empty() {
        let count = samples.len().min(out.len() - at);
        out[at..at + count].iter_mut().zip(samples).for_each(|(o, s)| *o += gain * s);
        samples = &samples[count..];
        at = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_past_the_end_comes_in_at_the_start() {
        let mut circle = Circle::silent(4);
        circle.add_mono(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 1.0, 0.5);
        assert_eq!(circle.left, [2.0 + 6.0, 3.0, 4.0, 1.0 + 5.0]);
        assert_eq!(circle.right[3], 3.0);
    }

    #[test]
    fn the_odd_frame_lies_between_its_neighbours() {
        let circle = Circle { left: vec![1.0, 2.0, 4.0], right: vec![0.0; 3] };
        assert_eq!(*circle.clone().into_clip(4).left, [1.0, 2.0, 4.0, 2.5]);
        assert_eq!(*circle.into_clip(3).left, [1.0, 2.0, 4.0]);
    }

    #[test]
    fn a_note_on_the_last_half_frame_starts_the_loop() {
        let grid = Grid { frames_per_beat: 10.5, loop_frames: 10.5 };
        assert_eq!(grid.circle_frames(), 10);
        assert_eq!(grid.frame_of(Beats(0.99)), 0);
    }
}

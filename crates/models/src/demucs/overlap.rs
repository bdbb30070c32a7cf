//! Audio of any length in windows of one length that overlap by a quarter, and back by triangular weights.

/// Where the windows of a piece of audio lie.
pub(super) struct Windows {
    num_frames: usize,
    window_frames: usize,
    is_closed: bool,
    weight: Vec<f32>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// First frame of the audio that it is for.
    start: usize,
    /// Frames that it is for.
    length: usize,
}

impl Windows {
    /// Closed: the audio is a loop.
    pub(super) fn new(num_frames: usize, window_frames: usize, is_closed: bool) -> Self {
        let half = window_frames / 2;
        let highest = (window_frames - half).max(1) as f32;
        let rising = (1..=half).map(|i| i as f32 / highest);
        let falling = (1..=window_frames - half).rev().map(|i| i as f32 / highest);
        Self { num_frames, window_frames, is_closed, weight: rising.chain(falling).collect() }
    }

    /// Three quarters of a window from one to the next.
    fn stride(&self) -> usize {
        (self.window_frames * 3 / 4).max(1)
    }

    pub(super) fn count(&self) -> usize {
        self.num_frames.div_ceil(self.stride())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Window> {
        let length = |start: usize| match self.is_closed {
            true => self.window_frames,
            false => self.window_frames.min(self.num_frames - start),
        };
        (0..self.num_frames).step_by(self.stride()).map(move |start| Window { start, length: length(start) })
    }

    /// What a window holds: in a loop the audio again and again; else a last piece that is too short lies in its middle,
    /// with the audio before it on its left and silence where there is none.
    pub(super) fn cut(&self, audio: &[f32], window: Window) -> Vec<f32> {
        if self.is_closed {
            return (0..self.window_frames).map(|i| audio[(window.start + i) % audio.len()]).collect();
        }
        let before = self.spare(window);
        let sample = |i: usize| (window.start + i).checked_sub(before).and_then(|at| audio.get(at));
        (0..self.window_frames).map(|i| sample(i).copied().unwrap_or(0.0)).collect()
    }

    /// Frames of the window before the piece that it is for.
    fn spare(&self, window: Window) -> usize {
        (self.window_frames - window.length) / 2
    }
}

/// One channel of a stem that comes together window by window.
pub(super) struct Blend {
    sum: Vec<f32>,
    weight: Vec<f32>,
}

impl Blend {
    pub(super) fn new(num_frames: usize) -> Self {
        Self { sum: vec![0.0; num_frames], weight: vec![0.0; num_frames] }
    }

    /// Adds what a model made of a window. In a loop shorter than a window all its copies count, the middle ones most:
    /// weights fall to nothing at the window's ends, so the sum goes over from the loop's end to its beginning.
    pub(super) fn add(&mut self, windows: &Windows, window: Window, made: &[f32]) {
        let spare = windows.spare(window);
        let pieces = made.get(spare..).unwrap_or_default().iter().zip(&windows.weight).take(window.length);
        for (i, (value, weight)) in pieces.enumerate() {
            let at = (window.start + i) % self.sum.len();
            self.sum[at] += value * weight;
            self.weight[at] += weight;
        }
    }

    pub(super) fn finish(mut self) -> Vec<f32> {
        for (sum, weight) in self.sum.iter_mut().zip(&self.weight) {
            *sum /= weight;
        }
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(audio: &[f32], window_frames: usize, is_closed: bool) -> Vec<f32> {
        let windows = Windows::new(audio.len(), window_frames, is_closed);
        let mut blend = Blend::new(audio.len());
        for window in windows.iter() {
            blend.add(&windows, window, &windows.cut(audio, window));
        }
        blend.finish()
    }

    #[test]
    fn what_nobody_changes_comes_back() {
        for (length, is_closed) in [(3, false), (8, false), (23, false), (3, true), (8, true), (23, true)] {
            let audio: Vec<f32> = (0..length).map(|i| i as f32 + 1.0).collect();
            for (found, expected) in through(&audio, 8, is_closed).iter().zip(&audio) {
                assert!((found - expected).abs() < 1e-5, "{length} {is_closed}: {found} is not {expected}");
            }
        }
    }

    #[test]
    fn a_short_last_piece_lies_in_the_middle() {
        let audio: Vec<f32> = (1..=9).map(|i| i as f32).collect();
        let windows = Windows::new(9, 8, false);
        let cuts: Vec<Vec<f32>> = windows.iter().map(|window| windows.cut(&audio, window)).collect();
        assert_eq!(cuts.len(), 2);
        // Frames 6.. are three; two spare ones before them are the audio's own.
        assert_eq!(cuts[1], [5.0, 6.0, 7.0, 8.0, 9.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_short_loop_fills_its_window_and_is_one_run() {
        let windows = Windows::new(3, 8, true);
        let cuts: Vec<Vec<f32>> = windows.iter().map(|window| windows.cut(&[1.0, 2.0, 3.0], window)).collect();
        assert_eq!(cuts, [[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0]]);
    }
}

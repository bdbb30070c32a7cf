//! A loop as four quarters that run side by side: a filter has to wait for its own last sample, four of them wait
//! together. Each quarter starts with a warm-up on the end of the one before, so nothing is heard where they meet.
use crate::circle::Circle;
use crate::lanes::Lanes;

const QUARTERS: usize = 4;

/// Left of the four quarters, then right of them.
pub type Frame = Lanes<8>;
/// Frames in the largest block.
pub const MAX_BLOCK: usize = 256;
/// Slow filters (20 Hz) have forgotten everything after this many seconds.
const WARM_UP_S: f32 = 0.12;

/// Where the quarters lie.
#[derive(Debug, Clone, Copy)]
pub struct Quarters {
    loop_frames: usize,
    /// Frames of a quarter. The last one may be shorter, those after the end are empty.
    quarter_frames: usize,
    warm_up_frames: usize,
    block_frames: usize,
}

impl Quarters {
    /// Cuts a loop into quarters of whole blocks. A warm-up is a multiple of `hold_frames`, as is a quarter.
    pub fn new(loop_frames: usize, block_frames: usize, hold_frames: usize, rate: f32) -> Self {
        let unit = block_frames * hold_frames;
        Self {
            loop_frames,
            quarter_frames: loop_frames.div_ceil(QUARTERS).div_ceil(unit) * unit,
            warm_up_frames: ((WARM_UP_S * rate) as usize).min(loop_frames) / hold_frames * hold_frames,
            block_frames: block_frames.min(MAX_BLOCK),
        }
    }

    /// Frames of the loop at which the quarters are once they have run `run_frames`, warm-up included.
    fn places(&self, run_frames: usize) -> [usize; QUARTERS] {
        let ahead = self.loop_frames - self.warm_up_frames + run_frames;
        std::array::from_fn(|quarter| (quarter * self.quarter_frames + ahead) % self.loop_frames)
    }

    /// Reads the warm-up block by block, as (run frames, frames in the block).
    pub fn warm_up_blocks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (end, block) = (self.warm_up_frames, self.block_frames);
        (0..end).step_by(block).map(move |start| (start, block.min(end - start)))
    }

    /// The quarters themselves, block by block.
    pub fn blocks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (from, block) = (self.warm_up_frames, self.block_frames);
        (0..self.quarter_frames).step_by(block).map(move |start| (from + start, block))
    }

    /// Fills `out` with the frames at `run_frames`; returns their places in the loop.
    pub fn load(&self, circle: &Circle, run_frames: usize, out: &mut [Frame]) -> [usize; QUARTERS] {
        let places = self.places(run_frames);
        for (quarter, &place) in places.iter().enumerate() {
            load_lane(&circle.left, place, quarter, out);
            load_lane(&circle.right, place, quarter + QUARTERS, out);
        }
        places
    }

    /// Frames of each quarter that are inside the loop, of the `count` at `run_frames`.
    pub fn inside(&self, run_frames: usize, count: usize) -> [usize; QUARTERS] {
        let start = run_frames - self.warm_up_frames;
        std::array::from_fn(|quarter| self.loop_frames.saturating_sub(quarter * self.quarter_frames + start).min(count))
    }

    /// Puts the frames back where they came from.
    pub fn store(&self, circle: &mut Circle, run_frames: usize, frames: &[Frame]) {
        let start = run_frames - self.warm_up_frames;
        for (quarter, count) in self.inside(run_frames, frames.len()).into_iter().enumerate() {
            let from = (quarter * self.quarter_frames + start).min(self.loop_frames);
            store_lane(&mut circle.left[from..from + count], quarter, frames);
            store_lane(&mut circle.right[from..from + count], quarter + QUARTERS, frames);
        }
    }

    /// Where the values of a block belong in a list with one entry per block of the loop.
    pub fn block_indices(&self, run_frames: usize) -> [usize; QUARTERS] {
        let start = run_frames - self.warm_up_frames;
        std::array::from_fn(|quarter| (quarter * self.quarter_frames + start) / self.block_frames)
    }
}

fn load_lane(samples: &[f32], mut place: usize, lane: usize, mut out: &mut [Frame]) {
    while !out.is_empty() {
        let count = out.len().min(samples.len() - place);
        let (now, later) = out.split_at_mut(count);
        now.iter_mut().zip(&samples[place..]).for_each(|(frame, sample)| frame.0[lane] = *sample);
        (out, place) = (later, 0);
    }
}

fn store_lane(samples: &mut [f32], lane: usize, frames: &[Frame]) {
    samples.iter_mut().zip(frames).for_each(|(sample, frame)| *sample = frame.0[lane]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_run_once_in_its_place() {
        for loop_frames in [1, 7, 1000, 4096, 10_001] {
            let wave: Vec<f32> = (0..loop_frames).map(|n| n as f32).collect();
            let mut circle = Circle { left: wave.clone(), right: wave };
            let quarters = Quarters::new(loop_frames, 64, 3, 48_000.0);
            let mut frames = [Frame::ZERO; 64];
            for (at, count) in quarters.blocks() {
                quarters.load(&circle, at, &mut frames[..count]);
                frames[..count].iter_mut().for_each(|frame| *frame = *frame * -1.0);
                quarters.store(&mut circle, at, &frames[..count]);
            }
            assert!(circle.left.iter().enumerate().all(|(n, x)| *x == -(n as f32)), "{loop_frames}");
            assert_eq!(circle.left, circle.right);
        }
    }

    #[test]
    fn a_warm_up_ends_where_the_quarter_begins() {
        let circle = Circle { left: (0..48_000).map(|n| n as f32).collect(), right: vec![0.0; 48_000] };
        let quarters = Quarters::new(48_000, 64, 1, 48_000.0);
        let mut frames = [Frame::ZERO; 64];
        let (mut last, mut first) = (0, 0);
        for (at, count) in quarters.warm_up_blocks() {
            quarters.load(&circle, at, &mut frames[..count]);
            last = frames[count - 1].0[1] as usize;
        }
        if let Some((at, count)) = quarters.blocks().next() {
            quarters.load(&circle, at, &mut frames[..count]);
            first = frames[0].0[1] as usize;
        }
        assert_eq!((first, last + 1), (12_032, 12_032));
    }
}

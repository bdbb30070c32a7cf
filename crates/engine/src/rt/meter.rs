//! Room: RT
//! What the window sees: peaks, load, and the snapshot that carries them out.
use super::read::{Stereo, peak_of};

/// Snapshots per second.
const SNAPSHOTS_PER_S: f64 = 60.0;
/// How long a block counts as recent at least; twice as long at most.
const RECENT_S: f64 = 1.0;

/// Counts and peaks since the last snapshot.
#[derive(Debug)]
pub(crate) struct Meter {
    frames_per_snapshot: u64,
    frames: u64,
    peak: [f32; 2],
    /// Blocks since the engine was prepared.
    pub(crate) blocks: u64,
    /// Blocks that took longer than they last.
    pub(crate) deadline_misses: u64,
    frames_per_recent: u64,
    /// Of the stretch of [`RECENT_S`] that runs.
    frames_recent: u64,
    /// Longest block of the stretch before and of the one that runs, as a share of its own length.
    worst: [f32; 2],
}

impl Meter {
    pub(crate) fn new(rate: f64) -> Self {
        let frames_per_snapshot = (rate / SNAPSHOTS_PER_S).ceil() as u64;
        // The first block sends one at once.
        let frames = frames_per_snapshot;
        Self {
            frames_per_snapshot,
            frames,
            peak: [0.0; 2],
            blocks: 0,
            deadline_misses: 0,
            frames_per_recent: (rate * RECENT_S).ceil() as u64,
            frames_recent: 0,
            worst: [0.0; 2],
        }
    }

    /// Looks at the finished mix.
    pub(crate) fn watch(&mut self, mix: &Stereo, num_frames: usize) {
        for (peak, channel) in self.peak.iter_mut().zip(mix) {
            *peak = peak_of(channel.get(..num_frames).unwrap_or_default(), *peak);
        }
    }

    /// Takes in the load of one block.
    pub(crate) fn load(&mut self, share: f32) {
        if !share.is_finite() {
            return;
        }
        let [_, worst] = &mut self.worst;
        *worst = worst.max(share);
        self.deadline_misses += u64::from(share > 1.0);
    }

    /// One more block. `true`: a snapshot is due.
    pub(crate) fn count(&mut self, num_frames: usize) -> bool {
        self.blocks += 1;
        self.frames_recent += num_frames as u64;
        if self.frames_recent >= self.frames_per_recent {
            self.frames_recent = 0;
            self.worst = [self.worst[1], 0.0];
        }
        self.frames += num_frames as u64;
        self.frames >= self.frames_per_snapshot
    }

    /// Peak of the main output, cleared by the call.
    pub(crate) fn take_peak(&mut self) -> [f32; 2] {
        self.frames = 0;
        std::mem::take(&mut self.peak)
    }

    /// Longest block of the last one or two seconds, as a share of its own length.
    pub(crate) fn recent_worst(&self) -> f32 {
        let [before, now] = self.worst;
        before.max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_block_is_forgotten_and_its_miss_is_not() {
        let mut meter = Meter::new(48_000.0);
        meter.load(7.5);
        meter.count(480);
        let quiet_block = |meter: &mut Meter| {
            meter.load(0.1);
            meter.count(480);
        };
        (0..99).for_each(|_| quiet_block(&mut meter));
        assert_eq!(meter.recent_worst(), 7.5, "for a second at least");
        (0..100).for_each(|_| quiet_block(&mut meter));
        assert_eq!((meter.recent_worst(), meter.deadline_misses), (0.1, 1), "for two at most");
    }
}

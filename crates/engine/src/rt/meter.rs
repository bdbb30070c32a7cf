//! Room: RT
//! What the window sees: peaks, load, and the snapshot that carries them out.
use super::read::{Stereo, peak_of};

/// Snapshots per second.
const SNAPSHOTS_PER_S: f64 = 60.0;

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
    /// Longest block as a share of its own length.
    pub(crate) worst_block: f32,
}

impl Meter {
    pub(crate) fn new(rate: f64) -> Self {
        let frames_per_snapshot = (rate / SNAPSHOTS_PER_S).ceil() as u64;
        // The first block sends one at once.
        let frames = frames_per_snapshot;
        Self { frames_per_snapshot, frames, peak: [0.0; 2], blocks: 0, deadline_misses: 0, worst_block: 0.0 }
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
        self.worst_block = self.worst_block.max(share);
        self.deadline_misses += u64::from(share > 1.0);
    }

    /// One more block. `true`: a snapshot is due.
    pub(crate) fn count(&mut self, num_frames: usize) -> bool {
        self.blocks += 1;
        self.frames += num_frames as u64;
        self.frames >= self.frames_per_snapshot
    }

    /// Peak of the main output, cleared by the call.
    pub(crate) fn take_peak(&mut self) -> [f32; 2] {
        self.frames = 0;
        std::mem::take(&mut self.peak)
    }
}

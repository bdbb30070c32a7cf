//! Room: RT
//! The notes of one chunk in the order of their frames, whichever sections they come from.
use std::sync::Arc;
use take::{LiveNote, VoiceClip};

/// Notes that start in one chunk; a whole band plays some thirty at once.
const MAX_DUE: usize = 128;

/// A note that starts in this chunk.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// Frame inside the chunk.
    pub(super) frame: u32,
    pub(super) note: LiveNote,
    pub(super) clip: Option<Arc<VoiceClip>>,
}

/// Starts by their frame; of one frame, those that came first.
#[derive(Debug)]
pub(super) struct Due {
    starts: Box<[Option<Start>; MAX_DUE]>,
    count: usize,
}

impl Due {
    pub(super) fn new() -> Self {
        Self { starts: Box::new([const { None }; MAX_DUE]), count: 0 }
    }

    /// Puts a start in its place; one too many is lost.
    pub(super) fn add(&mut self, start: Start) {
        let Some(slot) = self.starts.get_mut(self.count) else { return };
        *slot = Some(start);
        let mut index = self.count;
        self.count += 1;
        let frame_at = |starts: &[Option<Start>], index: usize| starts.get(index)?.as_ref().map(|start| start.frame);
        while index > 0 && frame_at(&*self.starts, index - 1) > frame_at(&*self.starts, index) {
            self.starts.swap(index - 1, index);
            index -= 1;
        }
    }

    /// Takes every start, in order.
    pub(super) fn drain(&mut self, mut start: impl FnMut(Start)) {
        let count = std::mem::take(&mut self.count);
        self.starts.iter_mut().take(count).filter_map(Option::take).for_each(&mut start);
    }
}

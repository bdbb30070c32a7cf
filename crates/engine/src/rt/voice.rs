//! Room: RT
//! One reading of one rendition: where it reads, and how it fades. A deck has one, and ghosts of earlier ones.
use super::fade::Fade;
use super::read::{CHUNK, ChunkGain, Cursor, LoopMap, Stereo, add_exact, add_linear};
use crate::NUM_STEMS;
use std::sync::Arc;
use take::Rendition;

/// A rendition the deck holds on to.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) rendition: Arc<Rendition>,
    pub(crate) map: LoopMap,
}

impl Slot {
    pub(crate) fn new(rendition: Arc<Rendition>) -> Self {
        let map = LoopMap::new(rendition.loop_frames());
        Self { rendition, map }
    }
}

/// Why a voice fades out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// Another take took over.
    Swap,
    /// The deck was emptied.
    Stop,
    /// The same take goes on elsewhere, or the transport stopped.
    Jump,
}

/// A reading head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    /// Which of the deck's slots it reads.
    pub(crate) slot: usize,
    pub(crate) cursor: Cursor,
    pub(crate) fade: Fade,
    pub(crate) leaving: Option<Leaving>,
}

/// Where voices write: one lane for the whole mix, or one per stem.
pub(crate) struct Lanes<'a> {
    pub(crate) lanes: &'a mut [Stereo],
    pub(crate) num_frames: usize,
}

impl Voice {
    /// A voice that comes in.
    pub(crate) fn new(slot: usize, cursor: Cursor, fade: Fade) -> Self {
        Self { slot, cursor, fade, leaving: None }
    }

    /// Adds the next frames to the lanes and moves on.
    pub(crate) fn render(&mut self, slot: &Slot, gains: &[ChunkGain; NUM_STEMS], out: &mut Lanes<'_>) {
        let fade = self.next_fade(out.num_frames);
        for (stem, gain) in gains.iter().enumerate().filter(|(_, gain)| !gain.is_silent()) {
            let faded = fade.as_ref().map(|fade| gain.times(fade, out.num_frames));
            self.add_stem(slot, stem, faded.as_ref().unwrap_or(gain), out);
        }
        self.cursor = self.cursor.after(out.num_frames);
    }

    /// Gains of the fade for the next frames; `None` at full gain.
    fn next_fade(&mut self, num_frames: usize) -> Option<[f32; CHUNK]> {
        if self.fade.is_full() {
            return None;
        }
        let mut gains = [0.0; CHUNK];
        for gain in gains.iter_mut().take(num_frames) {
            *gain = self.fade.gain();
            self.fade.step();
        }
        Some(gains)
    }

    fn add_stem(&self, slot: &Slot, stem: usize, gain: &ChunkGain, out: &mut Lanes<'_>) {
        let index = if out.lanes.len() == 1 { 0 } else { stem };
        let num_frames = out.num_frames;
        let Some([left, right]) = out.lanes.get_mut(index) else { return };
        let (Some(left), Some(right)) = (left.get_mut(..num_frames), right.get_mut(..num_frames)) else { return };
        match self.cursor {
            Cursor::Exact(frame) => add_exact(&slot.rendition, &slot.map, stem, frame, gain, [left, right]),
            Cursor::Moving { position, step } => {
                add_linear(&slot.rendition, &slot.map, stem, (position, step), gain, [left, right]);
            }
        }
    }
}

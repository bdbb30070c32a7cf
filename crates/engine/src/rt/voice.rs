//! Room: RT
//! One reading of one rendition: where it reads, and how it fades. A deck has one, and ghosts of earlier ones.
use super::fade::Fade;
use super::read::{CHUNK, ChunkGain, Cursor, Line, LoopMap, Stereo, add_run};
use crate::{NUM_STEMS, Playable};
use dsp::stretch::{StretchSource, Stretcher};

/// Frames between two decisions of the stretcher.
const STRETCH_INTERVAL: usize = 32;

/// A rendition the deck holds on to.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) playable: Playable,
    pub(crate) repeats: LoopMap,
}

impl Slot {
    pub(crate) fn new(playable: Playable) -> Self {
        let repeats = LoopMap::new(playable.rendition.loop_frames());
        Self { playable, repeats }
    }

    /// What the stretcher reads.
    pub(crate) fn source(&self) -> StretchSource<'_> {
        let Playable { rendition, map } = &self.playable;
        let stems = rendition.stems.each_ref().map(|clip| clip.as_ref().map(|clip| [&*clip.left, &*clip.right]));
        StretchSource { stems, map }
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
    /// Which of the deck's stretchers is its own.
    pub(crate) stretcher: usize,
    pub(crate) cursor: Cursor,
    pub(crate) fade: Fade,
    pub(crate) leaving: Option<Leaving>,
    /// Frames the stretcher has rendered since its reset.
    pub(crate) stretched_frames: usize,
}

/// Where voices write: one lane for the whole mix, or one per stem.
pub(crate) struct Lanes<'a> {
    pub(crate) lanes: &'a mut [Stereo],
    /// Room for the stretcher.
    pub(crate) work: &'a mut [Stereo; NUM_STEMS],
    pub(crate) num_frames: usize,
}

impl Lanes<'_> {
    /// The lane a stem goes to, this chunk's frames of it.
    fn of_stem(&mut self, stem: usize) -> Option<[&mut [f32]; 2]> {
        let index = if self.lanes.len() == 1 { 0 } else { stem };
        let [left, right] = self.lanes.get_mut(index)?;
        Some([left.get_mut(..self.num_frames)?, right.get_mut(..self.num_frames)?])
    }
}

impl Voice {
    /// A voice that comes in.
    pub(crate) fn new(slot: usize, stretcher: usize, cursor: Cursor, fade: Fade) -> Self {
        Self { slot, stretcher, cursor, fade, leaving: None, stretched_frames: 0 }
    }

    /// Adds the next frames to the lanes and moves on.
    pub(crate) fn render(
        &mut self,
        slot: &Slot,
        stretcher: &mut Stretcher,
        gains: &[ChunkGain; NUM_STEMS],
        out: &mut Lanes<'_>,
    ) {
        let fade = self.next_fade(out.num_frames);
        if let Cursor::Moving(line) = self.cursor {
            self.stretch(stretcher, &slot.source(), line, gains, out);
        }
        match &fade {
            Some(fade) => {
                // Only while it fades: a gain of its own for every stem and frame.
                let faded = gains.each_ref().map(|gain| gain.times(fade, out.num_frames));
                self.add(slot, &faded, out);
            }
            None => self.add(slot, gains, out),
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

    /// Stretches every stem that can be heard into the work room. The stretcher decides once in
    /// [`STRETCH_INTERVAL`] frames; a call of its own for each makes every decision a function of the frame number.
    fn stretch(
        &mut self,
        stretcher: &mut Stretcher,
        source: &StretchSource<'_>,
        line: Line,
        gains: &[ChunkGain; NUM_STEMS],
        out: &mut Lanes<'_>,
    ) {
        let mut done = 0;
        while done < out.num_frames {
            let interval = STRETCH_INTERVAL - self.stretched_frames % STRETCH_INTERVAL;
            let end = (done + interval).min(out.num_frames);
            let mut buffers = [const { None }; NUM_STEMS];
            let stems = buffers.iter_mut().zip(out.work.iter_mut()).zip(&source.stems).zip(gains);
            for (((buffer, [left, right]), stem), gain) in stems {
                if stem.is_some() && !gain.is_silent() {
                    *buffer = left.get_mut(done..end).zip(right.get_mut(done..end)).map(|(l, r)| [l, r]);
                }
            }
            stretcher.process(source, &line.after(done).motion(), &mut buffers);
            self.stretched_frames = self.stretched_frames.wrapping_add(end - done);
            done = end;
        }
    }

    /// Adds what every stem has to say.
    fn add(&self, slot: &Slot, gains: &[ChunkGain; NUM_STEMS], out: &mut Lanes<'_>) {
        let stems = slot.playable.rendition.stems.iter().zip(gains).enumerate();
        let heard = stems.filter(|(_, (clip, gain))| clip.is_some() && !gain.is_silent());
        match self.cursor {
            Cursor::Exact(frame) => add_exact(slot, frame, gains, out),
            Cursor::Moving(_) => {
                for (stem, (_, gain)) in heard {
                    // A copy of a kilobyte: the lane and the work room are borrowed from the same place.
                    let Some(work) = out.work.get(stem).copied() else { continue };
                    let Some(lane) = out.of_stem(stem) else { continue };
                    work.iter().zip(lane).for_each(|(work, lane)| gain.add_scaled(work, lane));
                }
            }
        }
    }
}

/// Adds the samples from absolute frame `frame` on, bit for bit.
fn add_exact(slot: &Slot, frame: i64, gains: &[ChunkGain; NUM_STEMS], out: &mut Lanes<'_>) {
    let mut done = 0;
    while done < out.num_frames {
        let (index, left) = slot.repeats.locate(frame + done as i64);
        let run = left.min(out.num_frames - done);
        for (stem, (clip, gain)) in slot.playable.rendition.stems.iter().zip(gains).enumerate() {
            let Some(clip) = clip.as_ref().filter(|_| !gain.is_silent()) else { continue };
            let Some(lane) = out.of_stem(stem) else { continue };
            add_run(clip, index..index + run, done, gain, lane);
        }
        done += run;
    }
}

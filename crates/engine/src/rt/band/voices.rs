//! Room: RT
//! Sounding notes: sounds that were rendered ahead, read from their first sample, faded where a note ends early.
use crate::NUM_STEMS;
use crate::rt::read::Stereo;
use std::sync::Arc;
use take::{LiveNote, PartKind, VoiceClip};

/// Notes that sound at once; the one that has sounded longest makes room.
const MAX_VOICES: usize = 128;

#[derive(Debug, Clone)]
struct Voice {
    clip: Arc<VoiceClip>,
    note: LiveNote,
    end: f64,
    /// Next frame of the clip.
    at: usize,
    /// Frames to wait in this chunk.
    delay: usize,
    /// 1.0 until the note is let go early, then down to 0.0.
    level: f32,
    /// What the level loses per frame, once `fall_in` frames are over.
    fall: f32,
    fall_in: usize,
}

/// Everything that sounds.
#[derive(Debug)]
pub(super) struct Voices {
    voices: Box<[Option<Voice>; MAX_VOICES]>,
}

impl Voices {
    pub(super) fn new() -> Self {
        Self { voices: Box::new([const { None }; MAX_VOICES]) }
    }

    /// Starts a note `delay` frames into the chunk that is rendered next. Dropping the clip of a voice that makes room
    /// frees nothing: see [`take::LiveSection::voices`].
    pub(super) fn start(&mut self, note: &LiveNote, clip: Arc<VoiceClip>, delay: usize) {
        let index = self.voices.iter().position(Option::is_none).or_else(|| {
            let age = |voice: &Option<Voice>| voice.as_ref().map_or(0, |voice| voice.at);
            (0..MAX_VOICES).max_by_key(|index| self.voices.get(*index).map_or(0, age))
        });
        if let Some(slot) = index.and_then(|index| self.voices.get_mut(index)) {
            *slot = Some(Voice { clip, note: *note, end: note.end, at: 0, delay, level: 1.0, fall: 0.0, fall_in: 0 });
        }
    }

    /// Notes whose end is before the beat `before` and before their rendering lets them go fade from there.
    /// `frame_of` turns a beat into a frame of the chunk that is rendered next.
    pub(super) fn end_due(&mut self, before: f64, frame_of: impl Fn(f64) -> u32) {
        for voice in self.voices.iter_mut().flatten().filter(|voice| voice.end < before) {
            voice.let_go(frame_of(voice.end) as usize);
        }
    }

    /// Notes of a part that began before `beat` end there at the latest.
    pub(super) fn cut(&mut self, part: PartKind, beat: f64) {
        for voice in self.voices.iter_mut().flatten() {
            if voice.note.part == part && voice.note.start < beat {
                voice.end = voice.end.min(beat);
            }
        }
    }

    /// Every key goes up at once; drums ring on.
    pub(super) fn let_go(&mut self) {
        self.voices.iter_mut().flatten().for_each(|voice| voice.let_go(0));
    }

    /// Fades everything over at most `num_frames`.
    pub(super) fn stop(&mut self, num_frames: usize) {
        for voice in self.voices.iter_mut().flatten() {
            voice.fade_out(voice.clip.release_frames.clamp(1, num_frames), 0);
        }
    }

    /// Silence at once.
    pub(super) fn forget(&mut self) {
        self.voices.fill(None);
    }

    pub(super) fn is_sounding(&self) -> bool {
        self.voices.iter().any(Option::is_some)
    }

    /// Adds the next frames to the lanes of their parts.
    pub(super) fn render(&mut self, lanes: &mut [Stereo; NUM_STEMS], num_frames: usize) {
        for slot in self.voices.iter_mut() {
            let Some(voice) = slot else { continue };
            if let Some(lane) = lanes.get_mut(voice.note.part as usize) {
                voice.add_to(lane, num_frames);
            }
            if voice.is_over() {
                *slot = None;
            }
        }
    }
}

impl Voice {
    /// Ends the note at a frame of the next chunk, unless its rendering is past its gate there, give or take a
    /// fiftieth of it. What has no gate, a drum, rings as long as it rings.
    fn let_go(&mut self, frame: usize) {
        self.end = f64::INFINITY;
        let at = (self.at + frame).saturating_sub(self.delay);
        if at < self.clip.gate_frames - self.clip.gate_frames / 50 {
            self.fade_out(self.clip.release_frames, frame);
        }
    }

    /// Silent `num_frames` after `frame` of the next chunk at the latest.
    fn fade_out(&mut self, num_frames: usize, frame: usize) {
        let fall = self.level / num_frames.max(1) as f32;
        if self.fall == 0.0 {
            self.fall_in = frame;
        }
        self.fall = self.fall.max(fall);
    }

    fn is_over(&self) -> bool {
        self.at >= self.clip.left.len() || self.level <= 0.0
    }

    fn add_to(&mut self, lane: &mut Stereo, num_frames: usize) {
        let first = std::mem::take(&mut self.delay).min(num_frames);
        self.fall_in = self.fall_in.saturating_sub(first);
        let count = (num_frames - first).min(self.clip.left.len().saturating_sub(self.at));
        let range = self.at..self.at + count;
        let left = self.clip.left.get(range.clone()).unwrap_or_default();
        let right = if self.clip.right.is_empty() { left } else { self.clip.right.get(range).unwrap_or_default() };
        let [out_left, out_right] = lane;
        let outs = out_left.iter_mut().zip(out_right.iter_mut()).skip(first);
        let [gain_left, gain_right] = self.note.gains;
        for ((out_left, out_right), (left, right)) in outs.zip(left.iter().zip(right)) {
            // The square of a line falls like a string that is damped.
            let level = self.level * self.level;
            *out_left += left * gain_left * level;
            *out_right += right * gain_right * level;
            match self.fall_in {
                0 => self.level = (self.level - self.fall).max(0.0),
                _ => self.fall_in -= 1,
            }
        }
        self.at += count;
    }
}

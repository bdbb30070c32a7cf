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
    /// What the level loses per frame.
    fall: f32,
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
            *slot = Some(Voice { clip, note: *note, end: note.end, at: 0, delay, level: 1.0, fall: 0.0 });
        }
    }

    /// Notes that end before their rendering lets them go fade from there.
    pub(super) fn end_due(&mut self, before: f64) {
        for voice in self.voices.iter_mut().flatten().filter(|voice| voice.end < before && voice.fall == 0.0) {
            // A drum rings as long as it rings.
            if voice.note.part != PartKind::Drums {
                voice.let_go(voice.clip.release_frames);
            }
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
        self.end_due(f64::INFINITY);
    }

    /// Fades everything over at most `num_frames`.
    pub(super) fn stop(&mut self, num_frames: usize) {
        for voice in self.voices.iter_mut().flatten() {
            voice.fade_out(voice.clip.release_frames.min(num_frames));
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
    /// Ends the note here unless its rendering is past the end of its gate, give or take a fiftieth of the way.
    fn let_go(&mut self, num_frames: usize) {
        if self.at < self.clip.gate_frames - self.clip.gate_frames / 50 {
            self.fade_out(num_frames);
        }
        self.end = f64::INFINITY;
    }

    /// Silent after so many frames at the latest.
    fn fade_out(&mut self, num_frames: usize) {
        self.fall = self.fall.max(self.level / num_frames.max(1) as f32);
    }

    fn is_over(&self) -> bool {
        self.at >= self.clip.left.len() || self.level <= 0.0
    }

    fn add_to(&mut self, lane: &mut Stereo, num_frames: usize) {
        let first = std::mem::take(&mut self.delay).min(num_frames);
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
            self.level = (self.level - self.fall).max(0.0);
        }
        self.at += count;
    }
}

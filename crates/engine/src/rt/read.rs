//! Room: RT
//! Reading a take that repeats for ever: which sample belongs to which frame.
use dsp::stretch::Motion;
use take::{AudioClip, Rendition};

/// Frames the engine renders at a time.
pub(crate) const CHUNK: usize = 128;

/// One chunk of stereo sound.
pub(crate) type Stereo = [[f32; CHUNK]; 2];

/// Repeats of a loop that is `len` frames long, seldom a whole number: repeat `k` starts at frame `round(k * len)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LoopMap {
    len: f64,
}

impl LoopMap {
    /// A loop within 1e-6 frame of a whole number is whole, as in `Rendition::num_frames`.
    pub(crate) fn new(loop_frames: f64) -> Self {
        let whole = loop_frames.round();
        let len = if (loop_frames - whole).abs() <= 1.0e-6 { whole } else { loop_frames };
        Self { len: if len.is_finite() { len.max(1.0) } else { 1.0 } }
    }

    /// Index inside the loop of an absolute frame, and how many frames follow before the next repeat.
    pub(crate) fn locate(&self, frame: i64) -> (usize, usize) {
        let mut repeat = (frame as f64 / self.len).floor();
        // Rounding of a start moves it by half a frame at most: one step either way is enough.
        if self.start_of(repeat) > frame {
            repeat -= 1.0;
        } else if self.start_of(repeat + 1.0) <= frame {
            repeat += 1.0;
        }
        let index = frame.saturating_sub(self.start_of(repeat)).max(0);
        let left = self.start_of(repeat + 1.0).saturating_sub(frame).max(1);
        (index as usize, left as usize)
    }

    fn start_of(&self, repeat: f64) -> i64 {
        (repeat * self.len).round() as i64
    }

    /// Distance of two positions in frames, the short way round the loop.
    pub(crate) fn distance(&self, a: f64, b: f64) -> f64 {
        let apart = (a - b).rem_euclid(self.len);
        apart.min(self.len - apart)
    }
}

/// Where a voice reads next, in frames of its rendition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cursor {
    /// Sample by sample, bit for bit.
    Exact(i64),
    /// Anywhere between samples: the tempo, the rate or the pitch differs.
    Moving(Line),
}

/// How a position moves between samples. A function of the frame number alone, so that neither the block size nor the
/// way here changes one bit of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    /// Frame of output, counted from beat 0.
    pub(crate) frame: i64,
    /// Part of a frame to add.
    pub(crate) part: f64,
    /// Frames of the rendition per frame of output.
    pub(crate) speed: f64,
    /// 2.0 is an octave up.
    pub(crate) pitch_ratio: f64,
    /// Rate of the rendition / rate of the output.
    pub(crate) rate_ratio: f64,
}

impl Line {
    /// Frame of the rendition, absolute.
    pub(crate) fn position(&self) -> f64 {
        (self.frame as f64 + self.part) * self.speed
    }

    /// The same line, so many frames of output later.
    pub(crate) fn after(&self, num_frames: usize) -> Line {
        Line { frame: self.frame + num_frames as i64, ..*self }
    }

    /// As the stretcher takes it.
    pub(crate) fn motion(&self) -> Motion {
        Motion {
            position: self.position(),
            speed: self.speed,
            pitch_ratio: self.pitch_ratio,
            rate_ratio: self.rate_ratio,
        }
    }
}

impl Cursor {
    /// Both read on at the same place of the loop in the same way.
    pub(crate) fn agrees(&self, other: &Cursor, map: &LoopMap) -> bool {
        match (self, other) {
            (Cursor::Exact(a), Cursor::Exact(b)) => a == b || map.locate(*a).0 == map.locate(*b).0,
            _ => self.is_near(other, map),
        }
    }

    /// Both stand at the same place of the loop, give or take a frame.
    pub(crate) fn is_near(&self, other: &Cursor, map: &LoopMap) -> bool {
        map.distance(self.position(), other.position()) < 1.5 * self.speed().max(1.0)
    }

    /// It reads sample by sample.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Cursor::Exact(_))
    }

    /// Absolute position.
    pub(crate) fn position(&self) -> f64 {
        match self {
            Cursor::Exact(frame) => *frame as f64,
            Cursor::Moving(line) => line.position(),
        }
    }

    fn speed(&self) -> f64 {
        match self {
            Cursor::Exact(_) => 1.0,
            Cursor::Moving(line) => line.speed,
        }
    }

    /// The place `num_frames` of output later.
    pub(crate) fn after(&self, num_frames: usize) -> Cursor {
        match *self {
            Cursor::Exact(frame) => Cursor::Exact(frame + num_frames as i64),
            Cursor::Moving(line) => Cursor::Moving(line.after(num_frames)),
        }
    }
}

/// Silences the first frames of a chunk.
pub(crate) fn clear(bus: &mut Stereo, num_frames: usize) {
    bus.iter_mut().for_each(|channel| channel.get_mut(..num_frames).unwrap_or_default().fill(0.0));
}

/// The larger of `peak` and the largest absolute sample. Eight at a time: a single chain of maxima is slow.
pub(crate) fn peak_of(samples: &[f32], peak: f32) -> f32 {
    let mut peaks = [peak; 8];
    let (eights, rest) = samples.as_chunks::<8>();
    for eight in eights {
        peaks.iter_mut().zip(eight).for_each(|(peak, x)| *peak = if x.abs() > *peak { x.abs() } else { *peak });
    }
    peaks.iter().chain(rest).fold(0.0, |peak, x| peak.max(x.abs()))
}

/// A gain that moves or rests, for one chunk.
#[derive(Debug, Clone)]
pub(crate) struct ChunkGain {
    frames: [f32; CHUNK],
    rest: Option<f32>,
}

impl ChunkGain {
    pub(crate) fn resting(value: f32) -> Self {
        Self { frames: [value; CHUNK], rest: Some(value) }
    }

    /// Evaluates a ramp for the next `num_frames`.
    pub(crate) fn fill(&mut self, ramp: &mut dsp::smooth::Ramp, num_frames: usize) {
        if !ramp.is_moving() {
            self.rest = Some(ramp.current());
            return;
        }
        self.rest = None;
        self.frames.iter_mut().take(num_frames).for_each(|gain| *gain = ramp.next());
    }

    /// Silent for the whole chunk.
    pub(crate) fn is_silent(&self) -> bool {
        self.rest == Some(0.0)
    }

    /// `out += input * gain`.
    pub(crate) fn add_scaled(&self, input: &[f32], out: &mut [f32]) {
        match self.rest {
            Some(0.0) => {}
            Some(1.0) => out.iter_mut().zip(input).for_each(|(out, x)| *out += x),
            Some(gain) => out.iter_mut().zip(input).for_each(|(out, x)| *out += x * gain),
            None => out.iter_mut().zip(input).zip(&self.frames).for_each(|((out, x), gain)| *out += x * gain),
        }
    }

    /// `samples *= gain`.
    pub(crate) fn scale(&self, samples: &mut [f32]) {
        match self.rest {
            Some(1.0) => {}
            Some(gain) => samples.iter_mut().for_each(|x| *x *= gain),
            None => samples.iter_mut().zip(&self.frames).for_each(|(x, gain)| *x *= gain),
        }
    }

    /// This gain times `fade`, frame by frame.
    pub(crate) fn times(&self, fade: &[f32], num_frames: usize) -> ChunkGain {
        let mut product = ChunkGain { frames: [0.0; CHUNK], rest: None };
        for (index, (out, fade)) in product.frames.iter_mut().zip(fade).take(num_frames).enumerate() {
            *out = fade * self.at(index);
        }
        product
    }
}

/// Adds one uninterrupted run of a stem, bit for bit: `range` of the loop to frame `offset` of the chunk on.
pub(crate) fn add_run(
    clip: &AudioClip,
    range: std::ops::Range<usize>,
    offset: usize,
    gain: &ChunkGain,
    out: [&mut [f32]; 2],
) {
    for (samples, out) in [&clip.left, &clip.right].into_iter().zip(out) {
        // A stem shorter than its loop ends in silence.
        let end = range.end.min(samples.len());
        if let (Some(input), Some(out)) = (samples.get(range.start..end), out.get_mut(offset..)) {
            gain.add_from(offset, input, out);
        }
    }
}

impl ChunkGain {
    /// Gain of one frame of the chunk.
    pub(crate) fn at(&self, index: usize) -> f32 {
        self.rest.unwrap_or_else(|| self.frames.get(index).copied().unwrap_or(0.0))
    }

    /// Like [`ChunkGain::add_scaled`] for a part of the chunk that starts at `offset`.
    fn add_from(&self, offset: usize, input: &[f32], out: &mut [f32]) {
        if self.rest.is_some() {
            return self.add_scaled(input, out);
        }
        let gains = self.frames.get(offset..).unwrap_or(&[]);
        out.iter_mut().zip(input).zip(gains).for_each(|((out, x), gain)| *out += x * gain);
    }
}

/// Starting at this frame out of silence makes a step that the material makes there itself, or none that is heard.
pub(crate) fn starts_cleanly(rendition: &Rendition, map: &LoopMap, frame: i64) -> bool {
    // -60 dBFS.
    const SILENT: f32 = 1.0e-3;
    let (now, before) = (map.locate(frame).0, map.locate(frame - 1).0);
    let mix = |pick: fn(&AudioClip) -> &[f32], index: usize| -> f32 {
        rendition.stems.iter().flatten().filter_map(|clip| pick(clip).get(index)).sum()
    };
    let sides: [fn(&AudioClip) -> &[f32]; 2] = [|clip| &clip.left, |clip| &clip.right];
    sides.into_iter().all(|side| {
        let sample = mix(side, now);
        sample.abs() <= SILENT.max((sample - mix(side, before)).abs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_of_a_fractional_loop_start_at_the_rounded_frame() {
        let map = LoopMap::new(2.5);
        // Starts: 0, 3 (2.5), 5, 8 (7.5), 10.
        let indices: Vec<usize> = (0..11).map(|frame| map.locate(frame).0).collect();
        assert_eq!(indices, [0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 0]);
        assert_eq!(map.locate(3), (0, 2));
    }

    #[test]
    fn a_pre_roll_reads_the_end_of_the_loop() {
        let map = LoopMap::new(10.0);
        assert_eq!(map.locate(-1), (9, 1));
        assert_eq!(map.locate(-10), (0, 10));
    }

    #[test]
    fn no_index_ever_leaves_the_stem() {
        for len in [1.0, 1.4, 731_428.571_428_571_4, 99_999.999_999_9] {
            let map = LoopMap::new(len);
            let num_frames = ((len - 1e-6).ceil() as usize).max(1);
            for repeat in [-1_000_003i64, -7, 0, 1, 12_345, 9_999_999] {
                let start = (repeat as f64 * len).round() as i64;
                for frame in start - 3..start + 3 {
                    let (index, left) = map.locate(frame);
                    assert!(index + left <= num_frames, "{len} {frame}: {index} + {left}");
                }
            }
        }
    }
}

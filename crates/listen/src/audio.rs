//! Chords from audio: partials, tuning, notes, chroma, chord.
//!
//! `push` transforms overlapping stretches of a third of a second and keeps their partials for the last seconds;
//! `heard_between` puts together those of a beat or a bar. Drums are drowned out, not removed; what the left and the
//! right channel have in opposite phase is not heard.
mod decide;
mod decimate;
mod spectrum;
mod transcribe;

use crate::Heard;
use decide::Decider;
use decimate::Decimator;
use spectrum::{MAX_PARTIALS, Partial, Spectrum};
use take::SampleRate;
use transcribe::Transcriber;

/// How far back `heard_between` reaches, in seconds.
const MEMORY_S: f64 = 8.0;
/// Overlap: a stretch begins this share of its length after the one before.
const STRETCHES_PER_LENGTH: usize = 8;
/// Least length of a stretch in seconds; the next power of two is taken.
const STRETCH_S: f64 = 0.25;
/// Samples beyond this are a fault of the host.
const LOUDEST: f32 = 8.0;

/// The partials of one stretch of sound.
#[derive(Debug)]
struct Stretch {
    /// Its middle, in input frames since construction.
    centre: u64,
    partials: Vec<Partial>,
}

/// Recognises the chord in audio of any sample rate from 8 kHz up. `push` does not allocate.
#[derive(Debug)]
pub struct AudioChords {
    decimator: Decimator,
    spectrum: Spectrum,
    transcriber: Transcriber,
    decider: Decider,
    /// Samples at the lower rate that wait for a full stretch.
    waiting: Vec<f32>,
    hop: usize,
    /// A ring, `next` is the oldest.
    stretches: Vec<Stretch>,
    next: usize,
    num_pushed: u64,
}

impl AudioChords {
    /// For audio at `rate`. Has heard nothing.
    pub fn new(rate: SampleRate) -> Self {
        let decimator = Decimator::new(rate.get());
        let low_rate = f64::from(rate.get()) / decimator.factor() as f64;
        let len = ((STRETCH_S * low_rate) as usize).next_power_of_two().max(64);
        let hop = len / STRETCHES_PER_LENGTH;
        let num_stretches = ((MEMORY_S * low_rate / hop as f64) as usize).clamp(1, 1024) + STRETCHES_PER_LENGTH;
        let empty = || Stretch { centre: 0, partials: Vec::with_capacity(MAX_PARTIALS) };
        Self {
            spectrum: Spectrum::new(len, low_rate as f32),
            transcriber: Transcriber::new(),
            decider: Decider::new(),
            waiting: Vec::with_capacity(len),
            hop,
            stretches: (0..num_stretches).map(|_| empty()).collect(),
            next: 0,
            num_pushed: 0,
            decimator,
        }
    }

    /// The next frames. Channels of different length count up to the shorter; what is not finite is silence.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        for (left, right) in left.iter().zip(right) {
            let mono = 0.5 * (left + right);
            let mono = if mono.is_finite() { mono.clamp(-LOUDEST, LOUDEST) } else { 0.0 };
            self.num_pushed += 1;
            let Some(sample) = self.decimator.push(mono) else { continue };
            self.waiting.push(sample);
            if self.waiting.len() == self.waiting.capacity() {
                self.transform();
            }
        }
    }

    /// Frames pushed since construction.
    pub fn num_pushed(&self) -> u64 {
        self.num_pushed
    }

    /// Forgets what was heard; frames count on.
    pub fn forget(&mut self) {
        self.waiting.clear();
        self.stretches.iter_mut().for_each(|stretch| stretch.partials.clear());
    }

    /// One chord for the frames `from_frame..to_frame`, counted since construction, within the last 8 s: a beat or a
    /// bar. Of major, minor, 7, maj7, m7, dim, aug, sus2 and sus4 the likeliest. `None` for silence, noise and what
    /// is too long ago.
    pub fn heard_between(&self, from_frame: u64, to_frame: u64) -> Option<Heard> {
        let (tuning, _) =
            transcribe::tuning(self.stretches.iter().flat_map(|stretch| stretch.partials.iter().copied()));
        let within = self.stretches.iter().filter(|stretch| (from_frame..to_frame).contains(&stretch.centre));
        let chroma = self.transcriber.chroma(within.flat_map(|stretch| stretch.partials.iter().copied()), tuning)?;
        self.decider.best(&self.decider.scores(&chroma), &chroma)
    }

    fn transform(&mut self) {
        let half = (self.waiting.len() / 2 * self.decimator.factor() + self.decimator.delay()) as u64;
        let stretch = &mut self.stretches[self.next];
        stretch.centre = self.num_pushed.saturating_sub(half);
        self.spectrum.partials(&self.waiting, &mut stretch.partials);
        self.next = (self.next + 1) % self.stretches.len();
        self.waiting.copy_within(self.hop.., 0);
        self.waiting.truncate(self.waiting.len() - self.hop);
    }
}

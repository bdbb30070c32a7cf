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
use decide::{Decider, Scores};
use decimate::Decimator;
use spectrum::{MAX_PARTIALS, Partial, Spectrum};
use take::SampleRate;
use transcribe::{Chroma, Transcriber};

/// How far back `heard_between` reaches, in seconds.
const MEMORY_S: f64 = 8.0;
/// Overlap: a stretch begins this share of its length after the one before.
const STRETCHES_PER_LENGTH: usize = 8;
/// Least length of a stretch in seconds; the next power of two is taken.
const STRETCH_S: f64 = 0.25;
/// Spans of the same length before the one asked for that are looked at.
const NUM_EARLIER: u64 = 3;
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
        let tuning = self.tuning_semitones();
        let chroma = self.chroma(from_frame, to_frame, tuning)?;
        // What was heard in the spans before makes the same chord likelier now.
        let length = to_frame - from_frame;
        let earlier = (1..=NUM_EARLIER).rev().filter_map(|back| {
            let from = from_frame.checked_sub(back * length)?;
            self.chroma(from, from + length, tuning)
        });
        let mut scores: Option<Scores> = None;
        for chroma in earlier.chain([chroma]) {
            let new = self.decider.scores(&chroma);
            scores = Some(match scores {
                Some(before) => decide::after(&before, &new),
                None => new,
            });
        }
        self.decider.best(&scores?, &chroma)
    }

    /// Share of each pitch class (C = 0) in these frames, harmonics taken off; the sum is 1. `None` for silence.
    pub fn pitches_between(&self, from_frame: u64, to_frame: u64) -> Option<[f32; 12]> {
        self.chroma(from_frame, to_frame, self.tuning_semitones()).map(|chroma| chroma.treble)
    }

    /// Tuning of all that is remembered, in semitones above 440 Hz, -0.5..0.5.
    fn tuning_semitones(&self) -> f32 {
        transcribe::tuning(self.stretches.iter().flat_map(|stretch| stretch.partials.iter().copied()))
    }

    fn chroma(&self, from_frame: u64, to_frame: u64, tuning_semitones: f32) -> Option<Chroma> {
        let weighted = self.stretches.iter().flat_map(|stretch| {
            let weight = self.share_within(stretch.centre, from_frame, to_frame);
            stretch.partials.iter().filter(move |_| weight > 0.0).map(move |partial| (*partial, weight))
        });
        self.transcriber.chroma(weighted, tuning_semitones)
    }

    /// What a stretch counts for a span, 0.0..=1.0: those that reach far into what was before or after say little.
    fn share_within(&self, centre: u64, from_frame: u64, to_frame: u64) -> f32 {
        if !(from_frame..to_frame).contains(&centre) {
            return 0.0;
        }
        // A quarter of the length: a Hann window has most of its energy within that of its middle.
        let reach = (self.waiting.capacity() / 4 * self.decimator.factor()).max(1) as f32;
        let inside = ((centre - from_frame).min(to_frame - centre) as f32 / reach).min(1.0);
        (inside * inside).max(0.01)
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

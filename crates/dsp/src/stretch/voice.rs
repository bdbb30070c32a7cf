//! Room: RT
//! Voices that read the source straight on, chained by crossfades.
use super::map::Group;
use super::sinc::{Kernels, MAX_TAPS, dot};
use super::{StretchOut, StretchSource};
use crate::guard::clean;

/// Frames between two decisions; no run of a chain is longer.
pub(super) const INTERVAL: usize = 32;
/// Voices that may sound at once: one, and three fades into one another.
const MAX_VOICES: usize = 4;

/// Gains of one voice over a run.
type Gains = [f32; INTERVAL];

#[derive(Debug, Clone, Copy, Default)]
struct Voice {
    /// Source frame it reads at the start of the interval.
    place: f64,
    /// Frames since its fade-in began, at the start of the interval, and how many it takes.
    age: u32,
    fade_frames: u32,
    /// How alike it is to what it fades over; decides how loud the middle of the fade is.
    correlation: f32,
}

impl Voice {
    /// Gains of the new and of the old sound `offset` frames into the interval. Constant power for sounds of this
    /// correlation: sqrt(in^2 + out^2 + 2 c in out) = 1.
    #[inline]
    fn gains(&self, offset: usize) -> (f32, f32) {
        let done = self.age + offset as u32;
        if done >= self.fade_frames {
            return (1.0, 0.0);
        }
        let t = (done as f32 + 0.5) / self.fade_frames as f32;
        let rise = t * t * (3.0 - 2.0 * t);
        let fall = 1.0 - rise;
        let scale = 1.0 / (rise * rise + fall * fall + 2.0 * self.correlation * rise * fall).sqrt();
        (rise * scale, fall * scale)
    }

    fn is_faded_in(&self) -> bool {
        self.age >= self.fade_frames
    }
}

/// Up to four voices, each fading over all before it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    voices: [Voice; MAX_VOICES],
    count: usize,
    kernels: &'static Kernels,
}

impl Chain {
    pub fn new() -> Self {
        Self { voices: [Voice::default(); MAX_VOICES], count: 0, kernels: Kernels::shared() }
    }

    /// One voice at `place`, at full level.
    pub fn begin(&mut self, place: f64) {
        self.count = 0;
        self.push(place, 0, 0.0);
    }

    /// Fades a voice in over what sounds. False, and nothing changed, when four sound already.
    pub fn push(&mut self, place: f64, fade_frames: u32, correlation: f32) -> bool {
        let Some(slot) = self.voices.get_mut(self.count) else { return false };
        *slot = Voice { place, age: 0, fade_frames, correlation: correlation.clamp(0.0, 1.0) };
        self.count += 1;
        true
    }

    /// Place of the newest voice.
    pub fn place(&self) -> f64 {
        self.newest().place
    }

    /// The newest voice has not faded in yet.
    pub fn is_fading(&self) -> bool {
        self.count > 1 && !self.newest().is_faded_in()
    }

    /// Keeps every voice where it is although `phase` frames of the interval were read at another rate.
    pub fn rebase(&mut self, phase: usize, old_rate: f64, new_rate: f64) {
        self.voices.iter_mut().for_each(|voice| voice.place += (old_rate - new_rate) * phase as f64);
    }

    /// Ends an interval: moves every voice on, drops those that are faded over.
    pub fn advance(&mut self, read_rate: f64, loop_frames: usize) {
        for voice in &mut self.voices {
            voice.place += read_rate * INTERVAL as f64;
            if voice.place >= loop_frames as f64 {
                voice.place = voice.place.rem_euclid(loop_frames as f64);
            }
            voice.age = voice.age.saturating_add(INTERVAL as u32);
        }
        let first = (1..self.count).rev().find(|index| self.voices.get(*index).is_some_and(Voice::is_faded_in));
        if let Some(first) = first {
            self.voices.rotate_left(first);
            self.count -= first;
        }
    }

    /// Adds `count` frames from frame `phase` of the interval on to `out` from `start` on.
    pub fn render(&self, run: &Run<'_, '_>, out: &mut StretchOut<'_>) {
        let mut gains: [Gains; MAX_VOICES] = [[0.0; INTERVAL]; MAX_VOICES];
        for offset in 0..run.count {
            let mut rest = 1.0;
            for (voice, gains) in self.voices.iter().zip(&mut gains).take(self.count).rev() {
                let (rise, fall) = voice.gains(run.phase + offset);
                if let Some(gain) = gains.get_mut(offset) {
                    *gain = rest * rise;
                }
                rest *= fall;
            }
        }
        for (index, (voice, gains)) in self.voices.iter().zip(&gains).take(self.count).enumerate() {
            // The oldest voice has nothing under it: its own fade does not count.
            let place = voice.place + run.read_rate * run.phase as f64;
            if gains.iter().take(run.count).all(|gain| *gain == 0.0) {
                continue;
            }
            let is_alone = index == 0 && self.count == 1;
            if run.read_rate == 1.0 && place == libm::floor(place) {
                run.copy(place, gains, is_alone, out);
            } else {
                run.interpolate(self.kernels, voice.place, gains, out);
            }
        }
    }

    fn newest(&self) -> Voice {
        self.voices.get(self.count.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// One uninterrupted piece of output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a, 'b> {
    pub source: &'a StretchSource<'b>,
    pub group: &'a Group,
    pub read_rate: f64,
    /// Frame of the interval it starts on, frame of the output, and its length.
    pub phase: usize,
    pub start: usize,
    pub count: usize,
}

impl Run<'_, '_> {
    /// Whole frames: the source as it is.
    fn copy(&self, place: f64, gains: &Gains, is_alone: bool, out: &mut StretchOut<'_>) {
        let len = self.source.map.num_frames();
        let first = place.rem_euclid(len as f64) as usize;
        for stem in &self.group.stems {
            let (Some(Some(from)), Some(Some(to))) = (self.source.stems.get(*stem), out.get_mut(*stem)) else {
                continue;
            };
            for (from, to) in from.iter().zip(to) {
                let Some(to) = to.get_mut(self.start..self.start + self.count) else { continue };
                let head = from.get(first..len.min(from.len())).unwrap_or(&[]);
                let samples = head.iter().chain(from.iter().cycle());
                for ((to, gain), x) in to.iter_mut().zip(gains).zip(samples) {
                    *to = if is_alone { clean(*x) } else { *to + gain * clean(*x) };
                }
            }
        }
    }

    /// Between frames, or at another rate. Counts from the start of the interval, so that a cut inside it changes no
    /// rounding.
    fn interpolate(&self, kernels: &Kernels, interval_place: f64, gains: &Gains, out: &mut StretchOut<'_>) {
        let kernel = kernels.pick(self.read_rate);
        let len = self.source.map.num_frames() as isize;
        let mut weights = [0.0; MAX_TAPS];
        for (offset, gain) in gains.iter().enumerate().take(self.count) {
            let exact = interval_place + self.read_rate * (self.phase + offset) as f64;
            let whole = libm::floor(exact);
            kernel.weights(exact - whole, &mut weights);
            let Some(weights) = weights.get(..kernel.taps) else { return };
            let first = (whole as isize - (kernel.taps as isize / 2 - 1)).rem_euclid(len.max(1)) as usize;
            for stem in &self.group.stems {
                let (Some(Some(from)), Some(Some(to))) = (self.source.stems.get(*stem), out.get_mut(*stem)) else {
                    continue;
                };
                for (from, to) in from.iter().zip(to) {
                    let Some(slot) = to.get_mut(self.start + offset) else { continue };
                    *slot += clean(gain * read(from, first, weights, len as usize));
                }
            }
        }
    }
}

/// Weighted sum from frame `first` on, round the loop.
#[inline]
fn read(from: &[f32], first: usize, weights: &[f32], len: usize) -> f32 {
    if first + weights.len() <= len
        && let Some(window) = from.get(first..first + weights.len())
    {
        return dot(weights, window);
    }
    let mut window = [0.0; MAX_TAPS];
    for (index, slot) in window.iter_mut().enumerate() {
        *slot = from.get((first + index) % len.max(1)).copied().unwrap_or(0.0);
    }
    dot(weights, &window)
}

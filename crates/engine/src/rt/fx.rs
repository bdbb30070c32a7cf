//! Room: RT
//! What all decks share: reverb and delay sends, master gain, limiter.
use super::read::{CHUNK, ChunkGain, Stereo, clear};
use dsp::delay::StereoDelay;
use dsp::limiter::SafetyLimiter;
use dsp::reverb::{Reverb, ReverbKind};
use dsp::smooth::Ramp;

/// An effect runs on for this long after its last input: by then its tail is far below -100 dB.
const TAIL_S: f32 = 15.0;
/// A dotted eighth.
const DELAY_BEATS: f64 = 0.75;
/// Longest delay: a dotted eighth at 20 BPM is 2.25 s.
const MAX_DELAY_S: f32 = 2.5;
/// -0.3 dBFS.
const CEILING: f32 = 0.966_05;
const RELEASE_MS: f32 = 80.0;
/// A jump of the master dial is spread over this long.
const MASTER_MS: f32 = 10.0;

/// Input of an effect, and how much longer it runs.
#[derive(Debug)]
pub(crate) struct Send {
    input: Box<Stereo>,
    is_fed: bool,
    frames_left: u32,
    tail_frames: u32,
}

impl Send {
    fn new(rate: f32) -> Self {
        Self { input: Box::new([[0.0; CHUNK]; 2]), is_fed: false, frames_left: 0, tail_frames: (TAIL_S * rate) as u32 }
    }

    fn clear(&mut self, num_frames: usize) {
        self.is_fed = false;
        clear(&mut self.input, num_frames);
    }

    /// Adds a deck.
    pub(crate) fn feed(&mut self, deck: &Stereo, gain: &ChunkGain, num_frames: usize) {
        self.is_fed = true;
        for (deck, input) in deck.iter().zip(self.input.iter_mut()) {
            gain.add_scaled(deck.get(..num_frames).unwrap_or_default(), input);
        }
    }

    /// Frames of this chunk in which the effect runs: from the first sound, to the end of its tail. Independent of
    /// where chunks begin. `true`: it starts from rest.
    fn window(&mut self, num_frames: usize) -> (std::ops::Range<usize>, bool) {
        let is_sound = |index: &usize| self.input.iter().any(|channel| channel.get(*index).is_some_and(|x| *x != 0.0));
        let fed_frames = if self.is_fed { num_frames } else { 0 };
        let first = (0..fed_frames).find(is_sound);
        let last = (0..fed_frames).rev().find(is_sound);
        let (Some(first), Some(last)) = (first, last) else {
            let run = num_frames.min(self.frames_left as usize);
            self.frames_left -= run as u32;
            return (0..run, false);
        };
        let is_fresh = self.frames_left as usize <= first && self.frames_left == 0;
        self.frames_left = self.tail_frames.saturating_sub((num_frames - 1 - last) as u32);
        (if is_fresh { first } else { 0 }..num_frames, is_fresh)
    }
}

/// Sends and master.
#[derive(Debug)]
pub(crate) struct Effects {
    rate: f32,
    reverb: Reverb,
    reverb_send: Send,
    delay: StereoDelay,
    delay_send: Send,
    master: Ramp,
    master_gain: ChunkGain,
    limiter: SafetyLimiter,
}

impl Effects {
    /// Allocates everything.
    pub(crate) fn new(rate: f32) -> Self {
        Self {
            rate,
            reverb: Reverb::new(rate, ReverbKind::Hall),
            reverb_send: Send::new(rate),
            delay: StereoDelay::new(rate, MAX_DELAY_S),
            delay_send: Send::new(rate),
            master: Ramp::new(1.0),
            master_gain: ChunkGain::resting(1.0),
            limiter: SafetyLimiter::new(rate, CEILING, RELEASE_MS),
        }
    }

    /// Forgets tails; the master dial stands where it was heading.
    pub(crate) fn reset(&mut self) {
        self.reverb_send.frames_left = 0;
        self.delay_send.frames_left = 0;
        self.master.reset(self.master.target());
        self.limiter.reset();
    }

    /// Reads the dials of this block.
    pub(crate) fn begin_block(&mut self, master: f32, tempo: f64) {
        let master = if master.is_finite() { master.clamp(0.0, 4.0) } else { self.master.target() };
        self.master.set_target(master, (MASTER_MS * 0.001 * self.rate) as u32);
        self.delay.set_time_beats(DELAY_BEATS, tempo);
    }

    /// Empties the send buses.
    pub(crate) fn begin_chunk(&mut self, num_frames: usize) {
        self.reverb_send.clear(num_frames);
        self.delay_send.clear(num_frames);
    }

    /// The buses decks add to: reverb, delay.
    pub(crate) fn buses(&mut self) -> [&mut Send; 2] {
        [&mut self.reverb_send, &mut self.delay_send]
    }

    /// Adds the wet signals to the mix, then master gain and limiter.
    pub(crate) fn finish(&mut self, mix: &mut Stereo, num_frames: usize) {
        let (window, is_fresh) = self.reverb_send.window(num_frames);
        if is_fresh {
            self.reverb.reset();
        }
        add_wet(&self.reverb_send.input, mix, window, |left, right| self.reverb.process_frame(left, right));
        let (window, is_fresh) = self.delay_send.window(num_frames);
        if is_fresh {
            self.delay.reset();
        }
        add_wet(&self.delay_send.input, mix, window, |left, right| self.delay.process_frame(left, right));
        self.master_gain.fill(&mut self.master, num_frames);
        let [left, right] = mix;
        let (Some(left), Some(right)) = (left.get_mut(..num_frames), right.get_mut(..num_frames)) else { return };
        self.master_gain.scale(left);
        self.master_gain.scale(right);
        self.limiter.process(left, right);
    }

    /// Gain of the limiter, linear.
    pub(crate) fn limiter_gain(&self) -> f32 {
        self.limiter.gain()
    }
}

fn add_wet(
    input: &Stereo,
    mix: &mut Stereo,
    window: std::ops::Range<usize>,
    mut effect: impl FnMut(f32, f32) -> (f32, f32),
) {
    let ([in_left, in_right], [left, right]) = (input, mix);
    let inputs = in_left.iter().zip(in_right);
    for ((dry, left), right) in inputs.zip(left).zip(right).take(window.end).skip(window.start) {
        let wet = effect(*dry.0, *dry.1);
        *left += wet.0;
        *right += wet.1;
    }
}

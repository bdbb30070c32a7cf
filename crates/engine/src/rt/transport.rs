//! Room: RT
//! Where the music is: turns what the host says about each block into one exact frame number per sample.
//!
//! Time is counted in whole frames on the grid of the present tempo: frame `f` is at beat `(f + part) / fpb`. Within
//! a block and from block to block it is predicted; the host's words are compared with the prediction. Small
//! disagreement is the host's rounding, large disagreement a jump. Nothing here reads audio.
use super::clock::{Agreement, Clock, Said};
use crate::{HostBlock, LoopRange};

/// Tempos the engine works with, BPM. Outside them the last good one stays.
const TEMPO_RANGE: std::ops::RangeInclusive<f64> = 1.0..=2000.0;
/// A cycle shorter than this is not wrapped exactly; it then shows as jumps.
const SHORTEST_CYCLE_FRAMES: i64 = 32;
/// Positions beyond this many beats are nonsense.
const MAX_BEATS: f64 = 1.0e8;

/// Everything the decks need to know about one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    /// The transport rolls.
    pub(crate) is_playing: bool,
    /// Absolute frame on the grid of the present tempo.
    pub(crate) frame: i64,
    /// What is left after the whole frame, -0.5..=0.5 frame; 0.0 but during and after a tempo change.
    pub(crate) part: f64,
    /// Frames per beat the position advances with.
    pub(crate) frames_per_beat: f64,
    /// First bar line of the meter in force, in beats.
    pub(crate) bar_origin: f64,
    /// Length of a bar in beats.
    pub(crate) bar_beats: f64,
    /// Length of one beat of the meter in beats (an eighth is 0.5).
    pub(crate) meter_beat: f64,
    /// This frame does not follow from the one before.
    pub(crate) is_jump: bool,
    /// Frames since the tempo last moved.
    pub(crate) steady_frames: u64,
    /// The host's cycle as (frame it ends before, frame that follows), while it lies ahead.
    pub(crate) wrap: Option<(i64, i64)>,
    /// The host has just jumped back from the first frame to the second, and so it did the time before: a cycle that
    /// it keeps to itself.
    pub(crate) hidden_wrap: Option<(i64, i64)>,
}

impl Moment {
    /// Position in beats.
    pub(crate) fn beats(&self) -> f64 {
        (self.frame as f64 + self.part) / self.frames_per_beat
    }

    /// Frames from now to the next multiple of `unit` beats counted from `origin`; 0 when this is the frame.
    pub(crate) fn frames_to_next(&self, origin: f64, unit: f64) -> i64 {
        let position = (self.beats() - origin) / unit;
        let first = position.floor() - 1.0;
        let frames_to = |k: f64| ((origin + (first + k) * unit) * self.frames_per_beat - self.part).round() as i64;
        // One of these lies ahead by construction; rounding decides which.
        [0.0, 1.0, 2.0, 3.0].into_iter().map(|k| frames_to(k) - self.frame).find(|&ahead| ahead >= 0).unwrap_or(0)
    }

    /// Like [`Moment::frames_to_next`], but in a cycle that holds no such place at all its wrap counts instead: who
    /// waits for the end of a loop that the host never reaches would wait for ever.
    pub(crate) fn frames_to_boundary(&self, origin: f64, unit: f64) -> i64 {
        let ahead = self.frames_to_next(origin, unit);
        let Some((end, start)) = self.wrap.or(self.hidden_wrap) else { return ahead };
        let first = start + Moment { frame: start, ..*self }.frames_to_next(origin, unit);
        match () {
            () if self.frame + ahead < end || first < end => ahead,
            () if self.is_jump && self.frame == start => 0,
            () => end - self.frame,
        }
    }
}

/// The host's position, made exact.
#[derive(Debug)]
pub(crate) struct Transport {
    rate: f64,
    tempo: f64,
    meter: (i32, i32),
    clock: Clock,
    moment: Moment,
    last_block_frames: f64,
    /// The last jump, when it went back: from, to.
    last_return: Option<(i64, i64)>,
}

impl Transport {
    /// Stopped at beat 0, 120 BPM, 4/4.
    pub(crate) fn new(rate: f64) -> Self {
        let moment = Moment {
            is_playing: false,
            frame: 0,
            part: 0.0,
            frames_per_beat: 0.5 * rate,
            bar_origin: 0.0,
            bar_beats: 4.0,
            meter_beat: 1.0,
            is_jump: false,
            steady_frames: 0,
            wrap: None,
            hidden_wrap: None,
        };
        let (clock, last_block_frames, last_return) = (Clock::default(), 0.0, None);
        Self { rate, tempo: 120.0, meter: (4, 4), clock, moment, last_block_frames, last_return }
    }

    /// Forgets the position; tempo and meter stay.
    pub(crate) fn reset(&mut self) {
        let (tempo, meter) = (self.tempo, self.meter);
        *self = Self::new(self.rate);
        self.tempo = tempo;
        self.moment.frames_per_beat = 60.0 * self.rate / tempo;
        self.set_meter(Some(meter));
    }

    /// Tempo in force, BPM.
    pub(crate) fn tempo(&self) -> f64 {
        self.tempo
    }

    /// Meter in force.
    pub(crate) fn meter(&self) -> (i32, i32) {
        self.meter
    }

    /// The next frame.
    pub(crate) fn moment(&self) -> Moment {
        self.moment
    }

    /// Takes in what the host says about the block that starts now.
    pub(crate) fn begin(&mut self, host: &HostBlock) {
        self.moment.hidden_wrap = None;
        self.set_meter(host.meter);
        let old_tempo = self.tempo;
        self.tempo = host.tempo.and_then(sane_tempo).unwrap_or(old_tempo);
        let has_new_tempo = self.tempo != old_tempo;
        if has_new_tempo {
            self.moment.steady_frames = 0;
        }
        self.regrid(60.0 * self.rate / self.tempo);
        let was_playing = std::mem::replace(&mut self.moment.is_playing, host.is_playing);
        let said = self.said(host);
        if !(host.is_playing && was_playing) {
            self.place(said, host.is_playing);
        } else if let Some(said) = said {
            // The old tempo may have held for none or all of the last block.
            let ramp = if has_new_tempo { (self.tempo / old_tempo - 1.0).abs() * self.last_block_frames } else { 0.0 };
            self.follow(said, ramp, host.num_frames);
        }
        self.set_bar_line(host.bar_start_beats.filter(|_| said.is_some()), said.map(|said| said.beats));
        self.moment.wrap = host.cycle.and_then(|cycle| self.wrap_of(cycle));
        self.last_block_frames = host.num_frames as f64;
    }

    /// Frames that may be rendered before the cycle wraps; at least 1.
    pub(crate) fn frames_to_wrap(&self) -> usize {
        match self.moment.wrap {
            Some((end, _)) if self.moment.is_playing => usize::try_from(end - self.moment.frame).unwrap_or(1).max(1),
            _ => usize::MAX,
        }
    }

    /// The frames up to here are rendered.
    pub(crate) fn advance(&mut self, num_frames: usize) {
        self.moment.is_jump = false;
        self.moment.hidden_wrap = None;
        self.moment.steady_frames = self.moment.steady_frames.saturating_add(num_frames as u64);
        if !self.moment.is_playing {
            return;
        }
        self.moment.frame += num_frames as i64;
        if let Some((end, start)) = self.moment.wrap
            && self.moment.frame == end
        {
            self.moment.frame = start;
            self.moment.is_jump = true;
        }
    }

    /// The host's position, if it gave a usable one.
    fn said(&self, host: &HostBlock) -> Option<Said> {
        let samples = host.pos_samples.map(|samples| samples as f64);
        let beats = host.pos_beats.filter(|beats| beats.is_finite() && beats.abs() < MAX_BEATS);
        let beats = beats.or(samples.map(|samples| samples / self.moment.frames_per_beat));
        beats.filter(|beats| beats.abs() < MAX_BEATS).map(|beats| Said {
            beats,
            samples,
            frames_per_beat: self.moment.frames_per_beat,
        })
    }

    /// A fresh start, or a stopped transport: the position is what the host says, else beat 0.
    fn place(&mut self, said: Option<Said>, is_starting: bool) {
        self.moment.is_jump = is_starting;
        self.last_return = None;
        match said {
            Some(said) => self.moment.frame = self.clock.place(&said),
            None if is_starting => self.moment.frame = 0,
            None => {}
        }
        self.moment.part = 0.0;
    }

    /// A rolling transport: compares the prediction with the host's words.
    fn follow(&mut self, said: Said, ramp_frames: f64, num_frames: usize) {
        let predicted = (self.moment.frame, self.moment.part);
        match self.clock.compare(&said, predicted, ramp_frames) {
            Agreement::Keep => {}
            Agreement::Move(frame) => {
                self.moment.frame = frame;
                self.moment.part = 0.0;
                self.moment.is_jump = true;
                self.note_move((predicted.0, frame), num_frames);
            }
            Agreement::Lean(frames) => self.lean(frames, num_frames),
        }
    }

    /// Qtractor cycles without saying so, and jumps at the edge of a block: the same jump back twice running is a cycle.
    fn note_move(&mut self, (from, to): (i64, i64), num_frames: usize) {
        let frames_per_beat = self.moment.frames_per_beat as i64;
        if (from - to).abs() < frames_per_beat {
            // Too short for a cycle; a correction, perhaps.
            return;
        }
        // Where in the block the cycle ends changes from turn to turn.
        let slack = (num_frames as i64).max(self.last_block_frames as i64) + frames_per_beat / 64;
        let is_near = |a: i64, b: i64| (a - b).abs() <= slack;
        let is_again = self.last_return.is_some_and(|last| is_near(last.0, from) && is_near(last.1, to));
        self.moment.hidden_wrap = (is_again && to < from).then_some((from, to));
        self.last_return = (to < from).then_some((from, to));
    }

    /// Runs a little faster or slower for this block, so that its end is where the host will be.
    fn lean(&mut self, frames: f64, num_frames: usize) {
        let length = num_frames.max(1) as f64;
        // At most a tenth of the speed: what is left follows in the next block.
        let frames = frames.clamp(-0.1 * length, 0.1 * length);
        self.regrid(self.moment.frames_per_beat * length / (length + frames));
    }

    /// Counts the same position on another grid.
    fn regrid(&mut self, frames_per_beat: f64) {
        if frames_per_beat == self.moment.frames_per_beat {
            return;
        }
        let position = self.moment.beats() * frames_per_beat;
        self.moment.frame = position.round() as i64;
        self.moment.part = position - position.round();
        self.moment.frames_per_beat = frames_per_beat;
        self.last_return = None;
        self.clock.forget();
    }

    fn set_meter(&mut self, meter: Option<(i32, i32)>) {
        let Some((numerator, denominator)) = meter else { return };
        if !(1..=64).contains(&numerator) || !matches!(denominator, 1 | 2 | 4 | 8 | 16 | 32) {
            return;
        }
        self.meter = (numerator, denominator);
        self.moment.meter_beat = 4.0 / f64::from(denominator);
        self.moment.bar_beats = f64::from(numerator) * self.moment.meter_beat;
    }

    /// Believes the host's bar line only when the position can lie in that bar.
    fn set_bar_line(&mut self, bar_start: Option<f64>, position: Option<f64>) {
        let plausible = bar_start.zip(position).filter(|(start, position)| {
            let into_bar = position - start;
            into_bar.is_finite() && (0.0..self.moment.bar_beats).contains(&into_bar)
        });
        self.moment.bar_origin = match plausible {
            // The same bar line in every bar: only its remainder matters.
            Some((start, _)) => tidy(start.rem_euclid(self.moment.bar_beats)),
            None => 0.0,
        };
    }

    /// Frame at which the cycle ends, and the frame that follows.
    fn wrap_of(&self, cycle: LoopRange) -> Option<(i64, i64)> {
        if !(cycle.start.abs() < MAX_BEATS && cycle.end.abs() < MAX_BEATS) {
            return None;
        }
        let frame_of = |beats: f64| (beats * self.moment.frames_per_beat - self.moment.part).round() as i64;
        let (start, end) = (frame_of(cycle.start), frame_of(cycle.end));
        (end - start >= SHORTEST_CYCLE_FRAMES && self.moment.frame < end).then_some((end, start))
    }
}

/// A usable tempo, without the error that a trip through a 32-bit float left behind.
fn sane_tempo(tempo: f64) -> Option<f64> {
    if !TEMPO_RANGE.contains(&tempo) {
        return None;
    }
    let rounded = (tempo * 1.0e4).round() / 1.0e4;
    // 6e-8: half the spacing of 32-bit floats, relative.
    Some(if (tempo - rounded).abs() <= 6.0e-8 * tempo { rounded } else { tempo })
}

/// A bar line a hair beside a 1/7680 beat is meant to be on it.
fn tidy(beats: f64) -> f64 {
    let rounded = (beats * 7680.0).round() / 7680.0;
    if (beats - rounded).abs() < 1.0e-6 { rounded } else { beats }
}

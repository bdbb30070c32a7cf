//! Room: RT
//! Stereo and ping-pong delay for tempo-synced echoes. Wet signal only.
use crate::guard::{clean, flush};
use crate::line::DelayLine;
use crate::smooth::{Glide, Ramp};

/// A new time fades in over this long; the old echoes keep their pitch.
const FADE_MS: f32 = 30.0;

/// Echoes. Every setting may change at any time without a click.
#[derive(Debug, Clone)]
pub struct StereoDelay {
    rate: f32,
    lines: [DelayLine; 2],
    max_frames: usize,
    /// Delay that sounds, the one that fades in, and the one asked for last.
    now_frames: usize,
    next_frames: usize,
    wanted_frames: usize,
    fade: Ramp,
    fade_frames: u32,
    feedback: Glide,
    cross: Glide,
    low_pass: f32,
    high_pass: f32,
    low_state: [f32; 2],
    high_state: [f32; 2],
}

impl StereoDelay {
    /// Memory for `max_s` seconds; half of that as its first time, feedback 0.4, ping-pong, 6 kHz damping.
    /// Allocates. `rate` in frames per second.
    pub fn new(rate: f32, max_s: f32) -> Self {
        let max_frames = ((max_s.clamp(0.01, 60.0) * rate) as usize).max(2);
        let line = || DelayLine::new(max_frames);
        let mut delay = Self {
            rate,
            lines: [line(), line()],
            max_frames,
            now_frames: max_frames / 2,
            next_frames: max_frames / 2,
            wanted_frames: max_frames / 2,
            fade: Ramp::new(0.0),
            fade_frames: ((FADE_MS * 0.001 * rate) as u32).max(1),
            feedback: Glide::new(0.4, 20.0, rate),
            cross: Glide::new(1.0, 20.0, rate),
            low_pass: 1.0,
            high_pass: 0.0,
            low_state: [0.0; 2],
            high_state: [0.0; 2],
        };
        delay.set_damping(120.0, 6_000.0);
        delay
    }

    /// Time between echoes in frames, rounded and kept within 1..=the maximum. The first call after
    /// [`StereoDelay::new`] or [`StereoDelay::reset`] fades like any other.
    pub fn set_time_frames(&mut self, frames: f64) {
        if !frames.is_nan() {
            self.wanted_frames = (libm::round(frames).max(1.0) as usize).min(self.max_frames);
        }
    }

    /// Echo length as beats at a tempo, for example 0.75 for a dotted eighth.
    pub fn set_time_beats(&mut self, beats: f64, tempo_bpm: f64) {
        if tempo_bpm > 0.0 {
            self.set_time_frames(beats * 60.0 / tempo_bpm * f64::from(self.rate));
        }
    }

    /// Level of each echo against the one before, 0.0..=0.98.
    pub fn set_feedback(&mut self, feedback: f32) {
        self.feedback.set_target(feedback.clamp(0.0, 0.98));
    }

    /// 0.0 plain stereo ..= 1.0 ping-pong: echoes of the mono sum, left first, then right.
    pub fn set_ping_pong(&mut self, amount: f32) {
        self.cross.set_target(amount.clamp(0.0, 1.0));
    }

    /// Every repeat loses what is below `low_hz` (5.0..=2 000.0) and above `high_hz` (200.0..=20 000.0).
    pub fn set_damping(&mut self, low_hz: f32, high_hz: f32) {
        let one_pole = |hz: f32| 1.0 - libm::expf(-std::f32::consts::TAU * hz.min(0.45 * self.rate) / self.rate);
        if !low_hz.is_nan() && !high_hz.is_nan() {
            self.high_pass = one_pole(low_hz.clamp(5.0, 2_000.0));
            self.low_pass = one_pole(high_hz.clamp(200.0, 20_000.0));
        }
    }

    /// Silence again, standing at the time asked for last.
    pub fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.now_frames = self.wanted_frames;
        self.next_frames = self.wanted_frames;
        self.fade.reset(0.0);
        self.feedback.reset(self.feedback.target());
        self.cross.reset(self.cross.target());
        self.low_state = [0.0; 2];
        self.high_state = [0.0; 2];
    }

    /// One frame: the echoes.
    #[inline]
    pub fn process_frame(&mut self, left: f32, right: f32) -> (f32, f32) {
        let (left, right) = (clean(left), clean(right));
        let fade = self.move_time();
        let echo_left = self.read(0, fade);
        let echo_right = self.read(1, fade);
        let (feedback, cross) = (self.feedback.next(), self.cross.next());
        let mono = 0.5 * (left + right);
        let straight = 1.0 - cross;
        let in_left = straight * (left + feedback * echo_left) + cross * (mono + feedback * echo_right);
        let in_right = straight * (right + feedback * echo_right) + cross * feedback * echo_left;
        let [line_left, line_right] = &mut self.lines;
        line_left.push(flush(in_left));
        line_right.push(flush(in_right));
        (echo_left, echo_right)
    }

    /// Replaces a block by its echoes.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            (*l, *r) = self.process_frame(*l, *r);
        }
    }

    /// Starts, continues or ends the fade to a new time; 0.0 is the present one, 1.0 the next.
    fn move_time(&mut self) -> f32 {
        if !self.fade.is_moving() {
            if self.fade.current() == 1.0 {
                self.now_frames = self.next_frames;
                self.fade.reset(0.0);
            }
            if self.wanted_frames == self.now_frames {
                return 0.0;
            }
            self.next_frames = self.wanted_frames;
            self.fade.set_target(1.0, self.fade_frames);
        }
        self.fade.next()
    }

    /// Damped echo of one side.
    #[inline]
    fn read(&mut self, side: usize, fade: f32) -> f32 {
        let (Some(line), Some(low), Some(high)) =
            (self.lines.get(side), self.low_state.get_mut(side), self.high_state.get_mut(side))
        else {
            return 0.0;
        };
        let mut echo = line.read(self.now_frames - 1);
        if fade > 0.0 {
            echo += (line.read(self.next_frames - 1) - echo) * fade;
        }
        *low = flush(*low + self.low_pass * (echo - *low));
        *high = flush(*high + self.high_pass * (*low - *high));
        *low - *high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loudest frame of a side within a range.
    fn loudest(frames: &[(f32, f32)], range: std::ops::Range<usize>, side: usize) -> (usize, f32) {
        let value = |n: usize| if side == 0 { frames[n].0.abs() } else { frames[n].1.abs() };
        range.map(|n| (n, value(n))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
    }

    #[test]
    fn echoes_come_on_time_and_alternate() {
        let mut delay = StereoDelay::new(48_000.0, 2.0);
        delay.set_time_beats(0.5, 120.0);
        delay.set_feedback(0.5);
        delay.reset();
        let out: Vec<_> = (0..48_000).map(|n| delay.process_frame(if n == 0 { 1.0 } else { 0.0 }, 0.0)).collect();
        assert_eq!(loudest(&out, 1..18_000, 0).0, 12_000);
        assert_eq!(loudest(&out, 1..30_000, 1).0, 24_000);
        assert!(loudest(&out, 0..23_000, 1).1 == 0.0, "right is silent before its turn");
    }

    #[test]
    fn a_change_of_time_makes_no_click() {
        let mut delay = StereoDelay::new(48_000.0, 1.0);
        delay.set_ping_pong(0.0);
        delay.set_feedback(0.3);
        delay.reset();
        let mut last = 0.0f32;
        for n in 0..192_000usize {
            if n % 700 == 0 {
                delay.set_time_frames(3_000.0 + (n % 9_973) as f64);
            }
            let x = libm::sinf(n as f32 * 0.01);
            let y = delay.process_frame(x, x).0;
            assert!((y - last).abs() < 0.06, "step {} at {n}", (y - last).abs());
            last = y;
        }
    }

    #[test]
    fn damage_and_endless_feedback_stay_finite_and_fade_to_exact_silence() {
        let mut delay = StereoDelay::new(48_000.0, 0.1);
        delay.set_feedback(7.0);
        delay.set_time_frames(f64::NAN);
        for bad in [f32::NAN, f32::INFINITY, f32::MIN, 1.0] {
            let (l, r) = delay.process_frame(bad, bad);
            assert!(l.is_finite() && r.is_finite());
        }
        delay.set_feedback(0.5);
        for _ in 0..960_000 {
            delay.process_frame(0.0, 0.0);
        }
        assert_eq!(delay.process_frame(0.0, 0.0), (0.0, 0.0));
    }
}

//! A room: eight delay lines that feed each other (feedback delay network, Jot 1991) after three all-passes. All stems
//! are in rooms of the same shape, so each lane is a room of its own.
use crate::lanes::Lanes;
use crate::mix_settings::Room;
use dsp::one_pole::one_pole_coefficient;

const LINES: usize = 8;
/// Lengths in milliseconds at size 0.5; mutually prime enough that echoes don't pile up.
const LENGTHS_MS: [f32; LINES] = [29.7, 34.1, 39.3, 43.9, 49.1, 55.7, 61.3, 68.9];
const DIFFUSER_MS: [f32; 3] = [5.1, 8.3, 12.7];

/// A delay of a fixed number of frames: what is written comes out that much later.
pub struct Ring<const N: usize> {
    line: Vec<Lanes<N>>,
    at: usize,
}

impl<const N: usize> Ring<N> {
    pub fn new(frames: usize) -> Self {
        Self { line: vec![Lanes::ZERO; frames.max(1)], at: 0 }
    }

    /// The frame that is due.
    #[inline(always)]
    pub fn read(&self) -> Lanes<N> {
        self.line[self.at]
    }

    /// Puts a frame into the place of the one that was due.
    #[inline(always)]
    pub fn write(&mut self, frame: Lanes<N>) {
        self.line[self.at] = frame;
        self.at = if self.at + 1 == self.line.len() { 0 } else { self.at + 1 };
    }
}

/// One mono input per lane, two decorrelated outputs.
pub struct RoomNetwork<const N: usize> {
    lines: [Ring<N>; LINES],
    gains: [f32; LINES],
    damp: f32,
    damped: [Lanes<N>; LINES],
    diffusers: [Ring<N>; 3],
    high_pass: f32,
    low: Lanes<N>,
}

impl<const N: usize> RoomNetwork<N> {
    /// `rate` in Hz: that of the samples handed in.
    pub fn new(room: &Room, rate: f32) -> Self {
        let scale = 0.35 + 1.3 * room.size;
        let delays = LENGTHS_MS.map(|ms| ((ms * 0.001 * scale * rate) as usize | 1).max(3));
        Self {
            lines: delays.map(Ring::new),
            gains: delays.map(|d| libm::powf(10.0, -3.0 * d as f32 / (room.decay_s * rate))),
            damp: one_pole_coefficient((room.damp_hz / rate).min(0.45)),
            damped: [Lanes::ZERO; LINES],
            diffusers: DIFFUSER_MS.map(|ms| Ring::new(((ms * 0.001 * (0.5 + room.size) * rate) as usize).max(2))),
            high_pass: one_pole_coefficient(room.highpass_hz / rate),
            low: Lanes::ZERO,
        }
    }

    /// One frame in, left and right out.
    #[inline(always)]
    pub fn process(&mut self, x: Lanes<N>) -> (Lanes<N>, Lanes<N>) {
        self.low = self.low + (x - self.low) * self.high_pass;
        let mut x = (x - self.low).afloat();
        for diffuser in &mut self.diffusers {
            let y = diffuser.read() - x * 0.62;
            diffuser.write(x + y * 0.62);
            x = y;
        }
        let mut sum = Lanes::ZERO;
        for (damped, line) in self.damped.iter_mut().zip(&self.lines) {
            *damped = *damped + (line.read() - *damped) * self.damp;
            sum = sum + *damped;
        }
        let sum = sum * (2.0 / LINES as f32);
        for ((line, damped), gain) in self.lines.iter_mut().zip(&self.damped).zip(self.gains) {
            line.write((*damped - sum) * gain + x);
        }
        let d = &self.damped;
        ((d[0] - d[2] + d[4] - d[6]) * 0.35, (d[1] - d[3] + d[5] - d[7]) * 0.35)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_dies_in_its_time_and_lanes_keep_apart() {
        let room = Room { decay_s: 1.0, damp_hz: 16_000.0, highpass_hz: 20.0, ..Room::default() };
        let mut network = RoomNetwork::<2>::new(&room, 24_000.0);
        let click = |n: usize| Lanes([if n == 0 { 1.0 } else { 0.0 }, 0.0]);
        let y: Vec<[f32; 2]> = (0..36_000).map(|n| network.process(click(n)).0.0).collect();
        let energy = |from: usize| y[from..from + 2400].iter().map(|s| s[0] * s[0]).sum::<f32>();
        let db = 10.0 * (energy(14_400) / energy(2400)).log10();
        assert!((-42.0..-24.0).contains(&db), "{db} dB over half a second, -30 expected");
        assert!(y.iter().all(|s| s[0].is_finite() && s[1].abs() < 1e-9));
    }
}

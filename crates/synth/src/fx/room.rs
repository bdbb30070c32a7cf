//! A room: eight delay lines that feed each other (feedback delay network, Jot 1991) after three all-passes.
use crate::mix_settings::Room;
use dsp::one_pole::one_pole_coefficient;

const LINES: usize = 8;
/// Holds the longest line of the largest room at 44.1 kHz, the highest rate rooms run at.
const ROWS: usize = 8192;
/// Lengths in milliseconds at size 0.5; mutually prime enough that echoes don't pile up.
const LENGTHS_MS: [f32; LINES] = [29.7, 34.1, 39.3, 43.9, 49.1, 55.7, 61.3, 68.9];
const DIFFUSER_MS: [f32; 3] = [5.1, 8.3, 12.7];

struct AllPass {
    line: Vec<f32>,
    at: usize,
}

impl AllPass {
    #[inline(always)]
    fn process(&mut self, x: f32) -> f32 {
        let held = self.line[self.at];
        let y = held - 0.62 * x;
        self.line[self.at] = x + 0.62 * y;
        self.at += 1;
        if self.at == self.line.len() {
            self.at = 0;
        }
        y
    }
}

/// One mono input, two decorrelated outputs.
pub struct RoomNetwork {
    rows: Box<[[f32; LINES]; ROWS]>,
    write: usize,
    delays: [usize; LINES],
    gains: [f32; LINES],
    damp: f32,
    damped: [f32; LINES],
    diffusers: [AllPass; 3],
    high_pass: f32,
    low: f32,
}

impl RoomNetwork {
    /// `rate` in Hz: that of the samples handed in.
    pub fn new(room: &Room, rate: f32) -> Self {
        let scale = 0.35 + 1.3 * room.size;
        let delays = LENGTHS_MS.map(|ms| ((ms * 0.001 * scale * rate) as usize | 1).clamp(3, ROWS - 1));
        let gains = delays.map(|d| libm::powf(10.0, -3.0 * d as f32 / (room.decay_s * rate)));
        Self {
            rows: Box::new([[0.0; LINES]; ROWS]),
            write: 0,
            delays,
            gains,
            damp: one_pole_coefficient((room.damp_hz / rate).min(0.45)),
            damped: [0.0; LINES],
            diffusers: DIFFUSER_MS.map(|ms| {
                let frames = ((ms * 0.001 * (0.5 + room.size) * rate) as usize).max(2);
                AllPass { line: vec![0.0; frames], at: 0 }
            }),
            high_pass: one_pole_coefficient(room.highpass_hz / rate),
            low: 0.0,
        }
    }

    /// One sample in, left and right out.
    #[inline(always)]
    pub fn process(&mut self, x: f32) -> (f32, f32) {
        self.low += self.high_pass * (x - self.low);
        // -300 dB of DC keeps denormals out of the feedback.
        let mut x = x - self.low + 1e-15;
        for diffuser in &mut self.diffusers {
            x = diffuser.process(x);
        }
        let mask = ROWS - 1;
        let heard: [f32; LINES] =
            std::array::from_fn(|line| self.rows[self.write.wrapping_sub(self.delays[line]) & mask][line]);
        for (damped, heard) in self.damped.iter_mut().zip(heard) {
            *damped += self.damp * (heard - *damped);
        }
        let damped = self.damped;
        let sum: f32 = damped.iter().sum::<f32>() * (2.0 / LINES as f32);
        let row = &mut self.rows[self.write & mask];
        *row = std::array::from_fn(|line| (damped[line] - sum) * self.gains[line] + x);
        self.write = self.write.wrapping_add(1);
        let left = damped[0] - damped[2] + damped[4] - damped[6];
        let right = damped[1] - damped[3] + damped[5] - damped[7];
        (left * 0.35, right * 0.35)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_dies_in_its_time() {
        let room = Room { decay_s: 1.0, damp_hz: 16_000.0, highpass_hz: 20.0, ..Room::default() };
        let mut network = RoomNetwork::new(&room, 24_000.0);
        let y: Vec<f32> = (0..36_000).map(|n| network.process(if n == 0 { 1.0 } else { 0.0 }).0).collect();
        let energy = |from: usize| y[from..from + 2400].iter().map(|s| s * s).sum::<f32>();
        let db = 10.0 * (energy(14_400) / energy(2400)).log10();
        assert!((-42.0..-24.0).contains(&db), "{db} dB over half a second, -30 expected");
        assert!(y.iter().all(|s| s.is_finite()));
    }
}

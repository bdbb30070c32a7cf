//! Many small events at random times: crackle of vinyl, rain, clouds of grains.
use super::VoiceNote;
use crate::patch::Patch;
use dsp::noise::Noise;
use dsp::osc::{phase_step, sine_cycle};

/// Rendered at once, then read.
pub struct Swarm {
    left: Vec<f32>,
    right: Vec<f32>,
    next: usize,
}

/// Pitches of grains against the note: octaves and fifths, the lower the likelier.
const GRAIN_RATIOS: [f32; 8] = [1.0, 1.0, 2.0, 0.5, 1.5, 2.0, 3.0, 4.0];

impl Swarm {
    /// Clicks of 0.1 to 0.6 ms whose level is mostly small and seldom large.
    pub fn crackle(patch: &Patch, note: VoiceNote, rate: f32) -> Self {
        let mut swarm = Self::silent(note.gate_frames);
        let mut noise = Noise::new(note.seed ^ 0x6372_616b);
        swarm.scatter(patch.rate_hz, rate, &mut noise, |noise, left, right| {
            let chance = noise.unit();
            let level = chance * chance * chance * chance + 0.04;
            let pan = noise.unit();
            let width = ((0.0001 + 0.0005 * noise.unit()) * rate) as usize + 2;
            let sign = if noise.white() > 0.0 { 1.0 } else { -1.0 };
            for n in 0..width.min(left.len()) {
                // One cycle of a falling sine: no DC.
                let turn = n as f32 / width as f32;
                let x = sign * level * sine_cycle().at(phase_step(turn)) * (1.0 - turn);
                left[n] += x * (1.0 - pan);
                right[n] += x * pan;
            }
        });
        swarm
    }

    /// Sines with a Hann window at the note's octaves and fifths.
    pub fn grains(patch: &Patch, note: VoiceNote, hz: f32, rate: f32) -> Self {
        let mut swarm = Self::silent(note.gate_frames);
        let mut noise = Noise::new(note.seed ^ 0x6772_6169);
        let frames = ((patch.grain_ms * 0.001 * rate) as usize).max(8);
        swarm.scatter(patch.rate_hz, rate, &mut noise, |noise, left, right| {
            let ratio = GRAIN_RATIOS[noise.bits() as usize % GRAIN_RATIOS.len()];
            let detune = 1.0 + noise.white() * 0.003;
            let level = (0.3 + 0.7 * noise.unit()) / libm::sqrtf(ratio);
            let pan = noise.unit();
            let step = phase_step((hz * ratio * detune / rate).min(0.45));
            let window_step = phase_step(0.5 / frames as f32);
            let (mut phase, mut window) = (0u32, 0u32);
            for n in 0..frames.min(left.len()) {
                let shape = sine_cycle().at(window);
                let x = level * sine_cycle().at(phase) * shape * shape;
                left[n] += x * (1.0 - pan);
                right[n] += x * pan;
                phase = phase.wrapping_add(step);
                window = window.wrapping_add(window_step);
            }
        });
        swarm
    }

    fn silent(frames: usize) -> Self {
        Self { left: vec![0.0; frames], right: vec![0.0; frames], next: 0 }
    }

    /// Calls `event` at random times, `rate_hz` per second on average.
    fn scatter(
        &mut self,
        rate_hz: f32,
        rate: f32,
        noise: &mut Noise,
        event: impl Fn(&mut Noise, &mut [f32], &mut [f32]),
    ) {
        let mut at = 0usize;
        loop {
            let wait = -libm::logf(noise.unit().max(1e-6)) / rate_hz;
            at += (wait * rate) as usize + 1;
            if at >= self.left.len() {
                return;
            }
            event(noise, &mut self.left[at..], &mut self.right[at..]);
        }
    }

    pub fn add_to(&mut self, left: &mut [f32], right: &mut [f32]) {
        let end = (self.next + left.len()).min(self.left.len());
        let count = end.saturating_sub(self.next);
        for n in 0..count {
            left[n] += self.left[self.next + n];
            right[n] += self.right[self.next + n];
        }
        self.next += left.len();
    }
}

//! One note of a pitched instrument, from its key to its samples.
mod source;
mod spectrum;
mod swarm;

use crate::patch::{Engine, Filter, Patch};
use dsp::env::{Adsr, AdsrTimes};
use dsp::noise::Noise;
use dsp::one_pole::OnePole;
use dsp::shape::soft_clip;
use dsp::swept_filter::{FilterMode, SweptFilter, process_pair};
use source::Source;
pub use spectrum::note_cycle;

/// Frames between two looks at envelopes and LFOs of pitch and filter.
const BLOCK: usize = 32;
/// A voice that still rings this long after its note is cut, seconds.
const MAX_TAIL_S: f32 = 12.0;

/// What is asked of a voice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoiceNote {
    pub key: u8,
    /// 0.0..=1.0, how hard; the level is the caller's business, this is the colour.
    pub hardness: f32,
    /// Frames until the key is let go.
    pub gate_frames: usize,
    /// What the scale bends the key by, in semitones.
    pub bend: f32,
    /// Key to slide from.
    pub glide_from: Option<u8>,
    pub seed: u64,
}

/// A voice's sound. `right` is empty where it is mono.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VoiceAudio {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
}

/// Frequency of a MIDI key in Hz, equal temperament, A4 = 440.
pub fn key_hz(key: f32) -> f32 {
    440.0 * libm::exp2f((key - 69.0) / 12.0)
}

/// Renders one note from its attack to silence into `audio`, whose memory is used again.
pub fn render_voice(patch: &Patch, note: VoiceNote, rate: f32, audio: &mut VoiceAudio) {
    audio.left.clear();
    audio.right.clear();
    Voice::new(patch, note, rate).run(audio);
}

struct Voice<'a> {
    patch: &'a Patch,
    note: VoiceNote,
    rate: f32,
    source: Source,
    amp: Adsr,
    filter_env: Adsr,
    filters: [SweptFilter; 2],
    noise: Noise,
    noise_colour: OnePole,
    frame: usize,
}

impl<'a> Voice<'a> {
    fn new(patch: &'a Patch, note: VoiceNote, rate: f32) -> Self {
        let amp = AdsrTimes {
            attack_ms: patch.attack_ms,
            decay_ms: patch.decay_ms,
            sustain: patch.sustain,
            release_ms: patch.release_ms,
        };
        let filter = AdsrTimes {
            attack_ms: patch.filter_attack_ms,
            decay_ms: patch.filter_decay_ms,
            sustain: patch.filter_sustain,
            release_ms: patch.release_ms.max(60.0),
        };
        Self {
            patch,
            note,
            rate,
            source: Source::new(patch, note, rate),
            amp: Adsr::new(amp, rate),
            filter_env: Adsr::new(filter, rate),
            filters: Default::default(),
            noise: Noise::new(note.seed ^ 0x6e6f_6973),
            noise_colour: OnePole::new(patch.noise_hz, rate),
            frame: 0,
        }
    }

    fn run(mut self, audio: &mut VoiceAudio) {
        let max_frames = self.note.gate_frames + (MAX_TAIL_S * self.rate) as usize;
        let is_stereo = self.source.is_stereo();
        // A release falls by 60 dB in its time, a voice ends 20 dB later.
        let release_frames = (self.patch.release_ms * 0.0015 * self.rate) as usize;
        audio.left.reserve(self.note.gate_frames + release_frames + 2 * BLOCK);
        audio.right.reserve(if is_stereo { audio.left.capacity() } else { 0 });
        let (mut left, mut right) = ([0.0f32; BLOCK], [0.0f32; BLOCK]);
        while self.frame < max_frames && !self.amp.is_done() {
            // A block never straddles the end of the gate, so that a note's length is exact.
            let to_gate = self.note.gate_frames.saturating_sub(self.frame);
            let count = if to_gate == 0 { BLOCK } else { BLOCK.min(to_gate) };
            if self.frame == self.note.gate_frames {
                self.amp.release();
                self.filter_env.release();
                self.source.release(self.patch.release_ms * 0.001, self.rate);
            }
            let (l, r) = (&mut left[..count], &mut right[..count]);
            self.block(l, r, is_stereo);
            audio.left.extend_from_slice(l);
            if is_stereo {
                audio.right.extend_from_slice(r);
            }
            self.frame += count;
        }
        fade_out(&mut audio.left, self.rate);
        fade_out(&mut audio.right, self.rate);
    }

    fn block(&mut self, left: &mut [f32], right: &mut [f32], is_stereo: bool) {
        left.fill(0.0);
        if is_stereo {
            right.fill(0.0);
        }
        let bend = self.pitch_bend_semitones();
        self.source.add_to(left, right, bend);
        self.add_noise(left, right, is_stereo);
        self.filter(left, right, is_stereo);
        // Saturation sits before the envelope: the tone stays while the note fades.
        if self.patch.drive > 0.0 {
            let drive = 1.0 + 7.0 * self.patch.drive;
            let makeup = 1.0 / (1.0 + 1.6 * self.patch.drive);
            let driven = if is_stereo { left.len() } else { 0 };
            left.iter_mut().chain(&mut right[..driven]).for_each(|x| *x = soft_clip(*x * drive) * makeup);
        }
        let mut levels = [0.0f32; BLOCK];
        let levels = &mut levels[..left.len()];
        self.amp.fill(levels);
        let tremolo = self.tremolo();
        for (l, level) in left.iter_mut().zip(levels.iter()) {
            *l *= level * tremolo;
        }
        if is_stereo {
            right.iter_mut().zip(levels.iter()).for_each(|(r, level)| *r *= level * tremolo);
        }
    }

    fn seconds(&self) -> f32 {
        self.frame as f32 / self.rate
    }

    fn pitch_bend_semitones(&self) -> f32 {
        let patch = self.patch;
        let mut bend = 0.0;
        if let Some(from) = self.note.glide_from
            && patch.glide_ms > 0.0
        {
            let away = f32::from(from) - f32::from(self.note.key);
            bend += away * libm::expf(-3.0 * self.seconds() * 1000.0 / patch.glide_ms);
        }
        if patch.vibrato_cents > 0.0 {
            let fade = (self.seconds() * 1000.0 / patch.vibrato_delay_ms.max(1.0) - 0.5).clamp(0.0, 1.0);
            bend += patch.vibrato_cents * 0.01 * fade * turn_sine(self.seconds() * patch.vibrato_hz);
        }
        bend
    }

    fn tremolo(&self) -> f32 {
        1.0 - self.patch.tremolo * 0.5 * (1.0 + turn_sine(self.seconds() * self.patch.tremolo_hz))
    }

    fn add_noise(&mut self, left: &mut [f32], right: &mut [f32], is_stereo: bool) {
        let patch = self.patch;
        if patch.noise <= 0.0 || patch.engine == Engine::String {
            return;
        }
        let ms = self.seconds() * 1000.0;
        let fade = if patch.noise_ms > 0.0 { (1.0 - ms / patch.noise_ms).max(0.0) } else { 1.0 };
        let gain = patch.noise * fade * fade * (0.4 + 0.6 * self.note.hardness);
        if gain <= 0.0 {
            return;
        }
        for n in 0..left.len() {
            let x = self.noise_colour.low(self.noise.white()) * gain;
            left[n] += x;
            if is_stereo {
                right[n] += if patch.engine == Engine::Air { self.noise.white() * gain } else { x };
            }
        }
    }

    fn filter(&mut self, left: &mut [f32], right: &mut [f32], is_stereo: bool) {
        let patch = self.patch;
        let env = self.filter_env.advance(left.len());
        if patch.cutoff_hz >= 19_999.0 && patch.filter == Filter::Low {
            return;
        }
        let octaves = patch.filter_octaves * env
            + patch.key_track * (f32::from(self.note.key) + 12.0 * patch.octave - 60.0) / 12.0
            - patch.velocity_octaves * (1.0 - self.note.hardness)
            + patch.lfo_octaves * turn_sine(self.seconds() * patch.lfo_hz + (self.note.key % 7) as f32 / 7.0);
        let cutoff = patch.cutoff_hz * libm::exp2f(octaves) / self.rate;
        // 19 kHz whatever the rate: more would sound different at 96 kHz.
        let cutoff = cutoff.min(19_000.0 / self.rate);
        let mode = match patch.filter {
            Filter::Low => FilterMode::Low,
            Filter::Band => FilterMode::Band,
            Filter::High => FilterMode::High,
        };
        if is_stereo {
            process_pair(&mut self.filters, (left, right), cutoff, patch.resonance, mode);
        } else {
            self.filters[0].process(left, cutoff, patch.resonance, mode);
        }
    }
}

/// Sine of whole turns.
fn turn_sine(turns: f32) -> f32 {
    libm::sinf(std::f32::consts::TAU * (turns - libm::floorf(turns)))
}

fn fade_out(samples: &mut [f32], rate: f32) {
    let fade = ((rate * 0.004) as usize).min(samples.len());
    let start = samples.len() - fade;
    for (n, sample) in samples[start..].iter_mut().enumerate() {
        *sample *= 1.0 - (n + 1) as f32 / fade as f32;
    }
}

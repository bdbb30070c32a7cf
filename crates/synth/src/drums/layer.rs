//! One layer of a drum sound: a falling tone, noise, clattering metal or a struck body.
use crate::settings::settings;
use dsp::env::decay_factor;
use dsp::modes::{Mode, ModeBank};
use dsp::noise::Noise;
use dsp::osc::{phase_step, sine_cycle};
use dsp::shape::soft_clip;
use dsp::swept_filter::{FilterMode, SweptFilter};
use serde::Deserialize;

/// What a layer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// A sine whose pitch falls.
    #[default]
    Tone,
    /// White noise.
    Noise,
    /// Six square waves out of tune with each other.
    Metal,
    /// Decaying partials.
    Body,
}

settings! {
    /// A layer as in `assets/instruments.toml`.
    Layer, LayerSet {
        /// Level against the other layers.
        level = 1.0 in 0.0..=4.0;
        /// Pitch in Hz.
        hz = 100.0 in 10.0..=16000.0;
        /// Pitch at the very start in Hz; 0 is as `hz`.
        sweep_hz = 0.0 in 0.0..=16000.0;
        /// Time in which the sweep covers 95 % of its way, milliseconds.
        sweep_ms = 30.0 in 1.0..=2000.0;
        /// Phase of a tone at the start in turns.
        phase = 0.0 in 0.0..=1.0;
        /// Rise in milliseconds.
        attack_ms = 0.0 in 0.0..=500.0;
        /// Time at full level in milliseconds.
        hold_ms = 0.0 in 0.0..=2000.0;
        /// Fall by 60 dB in milliseconds.
        decay_ms = 200.0 in 1.0..=12000.0;
        /// Silence before, milliseconds.
        delay_ms = 0.0 in 0.0..=500.0;
        /// High-pass in Hz; 10 is off.
        highpass_hz = 10.0 in 10.0..=16000.0;
        /// Low-pass in Hz; 20000 is off.
        lowpass_hz = 20000.0 in 100.0..=20000.0;
        /// Resonance of both filters.
        resonance = 0.1 in 0.0..=1.0;
        /// Saturation.
        drive = 0.0 in 0.0..=1.0;
        /// Frequency of a modulator against a tone's.
        fm_ratio = 1.4 in 0.1..=16.0;
        /// Modulation index at the start; it falls with the tone.
        fm_index = 0.0 in 0.0..=30.0;
        /// Repeats of the attack, as hands in a clap.
        bursts = 1.0 in 1.0..=24.0;
        /// Distance of the repeats in milliseconds.
        burst_ms = 10.0 in 1.0..=100.0;
    }
    copied {
        /// What it is made of.
        kind: LayerKind;
        /// Partials of a body against `hz`.
        ratios: Vec<f32>;
        /// Their levels; 1/n where absent.
        levels: Vec<f32>;
    }
    only_in_set {}
}

/// How one stroke bends a layer.
#[derive(Debug, Clone, Copy)]
pub struct Bend {
    /// Pitch factor.
    pub pitch: f32,
    /// Decay factor.
    pub decay: f32,
    /// Filter factor.
    pub bright: f32,
    /// Seed of the noise.
    pub seed: u64,
}

/// The six oscillators of the TR-808's cymbals against the lowest (service manual: 205.3 Hz to 800 Hz).
const METAL_RATIOS: [f32; 6] = [1.0, 1.4812, 1.8002, 2.5457, 2.6303, 3.8967];

/// Adds the layer to `out`, which grows as needed.
pub fn render_layer(layer: &Layer, bend: Bend, rate: f32, out: &mut Vec<f32>) {
    let frames_of = |ms: f32| (ms * 0.001 * rate) as usize;
    let delay = frames_of(layer.delay_ms);
    let bursts = frames_of(layer.burst_ms * (layer.bursts - 1.0));
    let frames = bursts + frames_of(layer.attack_ms + layer.hold_ms + layer.decay_ms * bend.decay * 1.1) + 32;
    let mut samples = vec![0.0f32; frames];
    match layer.kind {
        LayerKind::Tone => tone(layer, bend, rate, &mut samples),
        LayerKind::Noise => {
            let mut noise = Noise::new(bend.seed);
            samples.iter_mut().for_each(|sample| *sample = noise.white());
        }
        LayerKind::Metal => metal(layer, bend, rate, &mut samples),
        LayerKind::Body => body(layer, bend, rate, &mut samples),
    }
    let cutoff = |hz: f32| (hz * bend.bright / rate).min(0.45);
    if layer.highpass_hz > 10.0 {
        SweptFilter::default().process(&mut samples, cutoff(layer.highpass_hz), layer.resonance, FilterMode::High);
    }
    if layer.lowpass_hz < 20_000.0 {
        SweptFilter::default().process(&mut samples, cutoff(layer.lowpass_hz), layer.resonance, FilterMode::Low);
    }
    shape_level(layer, bend, rate, &mut samples);
    if out.len() < delay + frames {
        out.resize(delay + frames, 0.0);
    }
    out[delay..].iter_mut().zip(&samples).for_each(|(o, s)| *o += s);
}

fn tone(layer: &Layer, bend: Bend, rate: f32, samples: &mut [f32]) {
    let sine = sine_cycle();
    let start = if layer.sweep_hz > 0.0 { layer.sweep_hz } else { layer.hz };
    let fall = decay_factor(layer.sweep_ms, 0.05, rate);
    let index_fall = decay_factor(layer.decay_ms * bend.decay, 0.05, rate);
    let (mut away, mut index) = (start - layer.hz, layer.fm_index);
    // The phase moves before it is read: at phase 0 the first sample is already off zero.
    let mut phase = (f64::from(layer.phase) * 4_294_967_296.0) as u64 as u32;
    let mut modulator = 0u32;
    let scale = bend.pitch / rate;
    for sample in samples {
        let hz_per_rate = ((layer.hz + away) * scale).min(0.45);
        phase = phase.wrapping_add(phase_step(hz_per_rate));
        *sample = sine.at(phase);
        if index > 0.0 {
            modulator = modulator.wrapping_add(phase_step((hz_per_rate * layer.fm_ratio).min(0.45)));
            let turns = sine.at(modulator) * index * (1.0 / std::f32::consts::TAU);
            *sample = sine.at(phase.wrapping_add(phase_step(turns)));
            index *= index_fall;
        }
        away *= fall;
    }
}

fn metal(layer: &Layer, bend: Bend, rate: f32, samples: &mut [f32]) {
    let mut noise = Noise::new(bend.seed);
    let steps = METAL_RATIOS.map(|ratio| phase_step((ratio * layer.hz * bend.pitch / rate).min(0.45)));
    let mut phases = METAL_RATIOS.map(|_| noise.bits());
    for sample in samples {
        let mut sum = 0i32;
        for (phase, step) in phases.iter_mut().zip(steps) {
            *phase = phase.wrapping_add(step);
            sum += 1 - 2 * (*phase >> 31) as i32;
        }
        *sample = sum as f32 * (1.0 / 6.0);
    }
}

fn body(layer: &Layer, bend: Bend, rate: f32, samples: &mut [f32]) {
    let modes: Vec<Mode> = layer
        .ratios
        .iter()
        .enumerate()
        .map(|(index, ratio)| Mode {
            frequency_hz: ratio * layer.hz * bend.pitch,
            level: layer.levels.get(index).copied().unwrap_or(1.0 / (index + 1) as f32),
            // Higher partials die sooner, with the root of their ratio.
            decay_s: layer.decay_ms * 0.001 * bend.decay / libm::sqrtf(ratio.max(0.25)),
        })
        .collect();
    ModeBank::new(&modes, rate).add_to(samples);
}

fn shape_level(layer: &Layer, bend: Bend, rate: f32, samples: &mut [f32]) {
    let frames_of = |ms: f32| (ms * 0.001 * rate) as usize;
    let (attack, hold, burst) = (frames_of(layer.attack_ms), frames_of(layer.hold_ms), frames_of(layer.burst_ms));
    let bursts = layer.bursts as usize;
    // A body decays by itself.
    let is_body = layer.kind == LayerKind::Body;
    let fall = if is_body { 1.0 } else { decay_factor(layer.decay_ms * bend.decay, 0.001, rate) };
    let burst_fall = decay_factor(layer.burst_ms, 0.05, rate);
    let drive = 1.0 + 9.0 * layer.drive;
    let makeup = if layer.drive > 0.0 { layer.level / soft_clip(drive) } else { layer.level };
    let mut level = 1.0f32;
    let tail = burst * (bursts - 1);
    for (n, sample) in samples.iter_mut().enumerate() {
        if n <= tail && burst > 0 && n % burst == 0 {
            level = 1.0;
        }
        let rise = if n < attack { (n + 1) as f32 / attack as f32 } else { 1.0 };
        *sample *= level * rise;
        if n < tail {
            level *= burst_fall;
        } else if n >= tail + attack + hold {
            level *= fall;
        }
        *sample = if layer.drive > 0.0 { soft_clip(*sample * drive) * makeup } else { *sample * makeup };
    }
    let fade = (frames_of(2.0)).min(samples.len());
    let end = samples.len();
    for (n, sample) in samples[end - fade..].iter_mut().enumerate() {
        *sample *= (fade - n) as f32 / fade as f32;
    }
}

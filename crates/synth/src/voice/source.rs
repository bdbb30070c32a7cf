//! What vibrates.
use super::swarm::Swarm;
use super::{VoiceNote, key_hz, note_cycle};
use crate::patch::{Engine, Patch, Wave};
use dsp::env::decay_factor;
use dsp::modes::{Mode, ModeBank};
use dsp::noise::Noise;
use dsp::osc::{Cycle, Shape, cycle_for, phase_step, sine_cycle};
use dsp::string::{PluckedString, StringTone};
use dsp::swept_filter::{FilterMode, SweptFilter};

/// The sound before filter and envelope.
pub enum Source {
    Oscillators(Oscillators),
    Fm(Fm),
    String(Box<Plucked>),
    Struck(ModeBank),
    Swarm(Swarm),
    Air,
}

impl Source {
    pub fn new(patch: &Patch, note: VoiceNote, rate: f32) -> Self {
        let hz = key_hz(f32::from(note.key) + note.bend + 12.0 * patch.octave);
        match patch.engine {
            Engine::Analog => Source::Oscillators(Oscillators::new(patch, note, hz, rate)),
            Engine::Fm => Source::Fm(Fm::new(patch, note, hz, rate)),
            Engine::String => Source::String(Box::new(Plucked::new(patch, note, hz, rate))),
            Engine::Struck => Source::Struck(struck(patch, note, hz, rate)),
            Engine::Crackle => Source::Swarm(Swarm::crackle(patch, note, rate)),
            Engine::Grains => Source::Swarm(Swarm::grains(patch, note, hz, rate)),
            Engine::Air => Source::Air,
        }
    }

    pub fn is_stereo(&self) -> bool {
        match self {
            Source::Oscillators(oscillators) => oscillators.is_stereo,
            Source::Swarm(_) | Source::Air => true,
            Source::Fm(_) | Source::String(_) | Source::Struck(_) => false,
        }
    }

    /// Adds the next samples; `bend` in semitones. Struck bodies do not bend.
    pub fn add_to(&mut self, left: &mut [f32], right: &mut [f32], bend: f32) {
        match self {
            Source::Oscillators(oscillators) => oscillators.add_to(left, right, bend),
            Source::Fm(fm) => fm.add_to(left, bend),
            Source::String(string) => string.add_to(left),
            Source::Struck(bank) => bank.add_to(left),
            Source::Swarm(swarm) => swarm.add_to(left, right),
            Source::Air => {}
        }
    }

    /// The key goes up.
    pub fn release(&mut self, release_s: f32, rate: f32) {
        if let Source::String(string) = self {
            string.string.mute(release_s, rate);
        }
    }
}

/// A table that lives as long as the process, or one made for this note.
enum Table {
    Shared(&'static Cycle),
    Own(Cycle),
}

impl Table {
    fn new(wave: Wave, patch: &Patch, hz: f32, rate: f32) -> Self {
        let shape = match wave {
            Wave::Saw => Shape::Saw,
            Wave::Square => Shape::Square,
            Wave::Triangle => Shape::Triangle,
            Wave::Sine => Shape::Sine,
            Wave::Levels => return Table::Own(note_cycle(patch, hz, rate)),
        };
        Table::Shared(cycle_for(shape, hz / rate))
    }

    fn cycle(&self) -> &Cycle {
        match self {
            Table::Shared(cycle) => cycle,
            Table::Own(cycle) => cycle,
        }
    }
}

struct Copy {
    phase: u32,
    ratio: f32,
    left: f32,
    right: f32,
}

/// Unison oscillators, a second one and a sub.
pub struct Oscillators {
    first: Table,
    second: Option<Table>,
    copies: Vec<Copy>,
    second_phase: u32,
    second_ratio: f32,
    sub_phase: u32,
    mix: f32,
    sub: f32,
    hz_per_rate: f32,
    pub is_stereo: bool,
}

impl Oscillators {
    fn new(patch: &Patch, note: VoiceNote, hz: f32, rate: f32) -> Self {
        let count = patch.unison as usize;
        let is_stereo = count > 1 && patch.width > 0.0;
        let mut noise = Noise::new(note.seed);
        let level = 1.0 / libm::sqrtf(count as f32);
        let copies = (0..count).map(|n| {
            let place = if count > 1 { 2.0 * n as f32 / (count - 1) as f32 - 1.0 } else { 0.0 };
            // Sides alternate so that sharp and flat are on both.
            let side = if n % 2 == 0 { place } else { -place } * patch.width;
            Copy {
                // A single oscillator starts at zero: no click. Several start anywhere: no flanging attack.
                phase: if count > 1 { noise.bits() } else { 0 },
                ratio: libm::exp2f(place * patch.detune_cents / 1200.0),
                left: level * (1.0 - side).min(1.0),
                right: level * (1.0 + side).min(1.0),
            }
        });
        let copies: Vec<Copy> = copies.collect();
        let second_ratio = libm::exp2f(patch.interval / 12.0);
        let highest = match note.glide_from {
            Some(from) if patch.glide_ms > 0.0 => hz.max(key_hz(f32::from(from) + 12.0 * patch.octave)),
            _ => hz,
        };
        let second = (patch.mix > 0.0).then(|| Table::new(patch.wave2, patch, highest * second_ratio, rate));
        Self {
            first: Table::new(patch.wave, patch, highest, rate),
            second,
            copies,
            second_phase: 0,
            second_ratio,
            sub_phase: 0,
            mix: patch.mix,
            sub: patch.sub,
            hz_per_rate: hz / rate,
            is_stereo,
        }
    }

    fn add_to(&mut self, left: &mut [f32], right: &mut [f32], bend: f32) {
        let pitch = if bend == 0.0 { self.hz_per_rate } else { self.hz_per_rate * libm::exp2f(bend / 12.0) };
        let cycle = self.first.cycle();
        let step_of = |copy: &Copy| phase_step((pitch * copy.ratio).min(0.45));
        let right = if self.is_stereo { right } else { &mut [] };
        // Two at a time: half the trips to memory.
        for pair in self.copies.chunks_mut(2) {
            match pair {
                [a, b] if self.is_stereo => {
                    let (steps, mut phases) = ([step_of(a), step_of(b)], [a.phase, b.phase]);
                    for (l, r) in left.iter_mut().zip(right.iter_mut()) {
                        let (x, y) = (cycle.at(phases[0]), cycle.at(phases[1]));
                        *l += x * a.left + y * b.left;
                        *r += x * a.right + y * b.right;
                        phases = [phases[0].wrapping_add(steps[0]), phases[1].wrapping_add(steps[1])];
                    }
                    [a.phase, b.phase] = phases;
                }
                copies => copies.iter_mut().for_each(|copy| {
                    copy.phase = add_copy(cycle, copy, step_of(copy), left, right);
                }),
            }
        }
        if let Some(second) = &self.second {
            let step = phase_step((pitch * self.second_ratio).min(0.45));
            self.second_phase = add_both(second.cycle(), self.second_phase, step, self.mix, left, right);
        }
        if self.sub > 0.0 {
            self.sub_phase = add_both(sine_cycle(), self.sub_phase, phase_step(0.5 * pitch), self.sub, left, right);
        }
    }
}

fn add_copy(cycle: &Cycle, copy: &Copy, step: u32, left: &mut [f32], right: &mut [f32]) -> u32 {
    let mut phase = copy.phase;
    if right.is_empty() {
        return add_both(cycle, phase, step, copy.left, left, right);
    }
    for (l, r) in left.iter_mut().zip(right.iter_mut()) {
        let x = cycle.at(phase);
        *l += x * copy.left;
        *r += x * copy.right;
        phase = phase.wrapping_add(step);
    }
    phase
}

/// An empty `right` is a mono voice.
fn add_both(cycle: &Cycle, mut phase: u32, step: u32, gain: f32, left: &mut [f32], right: &mut [f32]) -> u32 {
    if right.is_empty() {
        for l in left {
            *l += cycle.at(phase) * gain;
            phase = phase.wrapping_add(step);
        }
        return phase;
    }
    for (l, r) in left.iter_mut().zip(right.iter_mut()) {
        let x = cycle.at(phase) * gain;
        *l += x;
        *r += x;
        phase = phase.wrapping_add(step);
    }
    phase
}

/// Two pairs of sines, each modulator moving its carrier's phase.
pub struct Fm {
    carrier: u32,
    modulators: [u32; 2],
    ratios: [f32; 2],
    index: f32,
    index_floor: f32,
    index_fall: f32,
    index2: f32,
    level2: f32,
    fall2: f32,
    hz_per_rate: f32,
}

impl Fm {
    fn new(patch: &Patch, note: VoiceNote, hz: f32, rate: f32) -> Self {
        // Low keys carry more harmonics than high ones, as real tines and strings do.
        let by_key = libm::exp2f((60.0 - f32::from(note.key)) / 48.0).clamp(0.4, 1.6);
        let index = patch.index * (0.35 + 0.65 * note.hardness) * by_key;
        Self {
            carrier: 0,
            modulators: [0; 2],
            ratios: [patch.ratio, patch.ratio2],
            index: index * (1.0 - patch.index_sustain),
            index_floor: index * patch.index_sustain,
            index_fall: decay_factor(patch.index_decay_ms, 0.05, rate),
            index2: patch.index2,
            level2: patch.level2 * note.hardness,
            fall2: decay_factor(patch.decay2_ms, 0.05, rate),
            hz_per_rate: hz / rate,
        }
    }

    fn add_to(&mut self, out: &mut [f32], bend: f32) {
        let pitch = self.hz_per_rate * libm::exp2f(bend / 12.0);
        let step = phase_step(pitch.min(0.45));
        let modulator_steps = self.ratios.map(|ratio| phase_step((pitch * ratio).min(0.45)));
        let sine = sine_cycle();
        // A modulation index is in radians; phases are in 2^32 per turn.
        let to_phase = 4_294_967_296.0 / std::f32::consts::TAU;
        for sample in out {
            let turns = sine.at(self.modulators[0]) * (self.index + self.index_floor) * to_phase;
            *sample += sine.at(self.carrier.wrapping_add(turns as i64 as u32));
            if self.level2 > 1e-4 {
                let turns = sine.at(self.modulators[1]) * self.index2 * to_phase;
                *sample += sine.at(self.carrier.wrapping_add(turns as i64 as u32)) * self.level2;
                self.level2 *= self.fall2;
                self.modulators[1] = self.modulators[1].wrapping_add(modulator_steps[1]);
            }
            self.index *= self.index_fall;
            self.carrier = self.carrier.wrapping_add(step);
            self.modulators[0] = self.modulators[0].wrapping_add(modulator_steps[0]);
        }
    }
}

/// A string, what plucks it and the body it is on.
pub struct Plucked {
    string: PluckedString,
    excitation: Vec<f32>,
    next: usize,
    body: SweptFilter,
    body_level: f32,
    body_cutoff: f32,
}

impl Plucked {
    fn new(patch: &Patch, note: VoiceNote, hz: f32, rate: f32) -> Self {
        // Short strings ring shorter: half per octave and a half above middle C.
        let by_key = libm::exp2f((60.0 - f32::from(note.key)) / 18.0).clamp(0.1, 2.0);
        let tone = StringTone { decay_s: patch.ring_s * by_key, bright_decay_s: patch.bright_s };
        Self {
            string: PluckedString::new(hz, tone, rate),
            excitation: pluck(patch, note, rate / hz),
            next: 0,
            body: SweptFilter::default(),
            body_level: patch.body,
            body_cutoff: patch.body_hz / rate,
        }
    }

    fn add_to(&mut self, out: &mut [f32]) {
        for sample in out.iter_mut() {
            let excitation = self.excitation.get(self.next).copied().unwrap_or(0.0);
            self.next += 1;
            *sample += self.string.process(excitation);
        }
        if self.body_level > 0.0 {
            let mut body = [0.0f32; super::BLOCK];
            let body = &mut body[..out.len()];
            body.copy_from_slice(out);
            self.body.process(body, self.body_cutoff, 0.75, FilterMode::Band);
            out.iter_mut().zip(body.iter()).for_each(|(o, b)| *o += self.body_level * 2.0 * b);
        }
    }
}

/// One period of noise, softened by the finger, combed by the place where the string is plucked, without DC.
fn pluck(patch: &Patch, note: VoiceNote, period: f32) -> Vec<f32> {
    let frames = (period as usize).max(2);
    let mut noise = Noise::new(note.seed ^ 0x706c_7563);
    let hardness = (patch.hardness * (0.5 + 0.5 * note.hardness)).clamp(0.02, 1.0);
    let (mut a, mut b) = (0.0f32, 0.0f32);
    // A displaced string is a triangle; the noise on top is the plectrum.
    let corner = (patch.pluck * frames as f32).max(1.0);
    let mut shape: Vec<f32> = (0..frames)
        .map(|n| {
            let x = n as f32;
            let triangle = if x < corner { x / corner } else { (frames as f32 - x) / (frames as f32 - corner) };
            let rough = noise.white();
            let raw = (2.0 * triangle - 1.0) * (1.0 - 0.7 * hardness) + rough * hardness;
            a += (0.15 + 0.85 * hardness) * (raw - a);
            b += (0.15 + 0.85 * hardness) * (a - b);
            b
        })
        .collect();
    let shift = corner as usize;
    let plain = shape.clone();
    for (n, sample) in shape.iter_mut().enumerate().skip(shift) {
        *sample -= 0.7 * plain[n - shift];
    }
    let mean = shape.iter().sum::<f32>() / frames as f32;
    let peak = shape.iter().fold(1e-6f32, |peak, x| peak.max((x - mean).abs()));
    shape.iter_mut().for_each(|x| *x = (*x - mean) / peak);
    shape
}

fn struck(patch: &Patch, note: VoiceNote, hz: f32, rate: f32) -> ModeBank {
    let by_key = libm::exp2f((60.0 - f32::from(note.key)) / 16.0).clamp(0.15, 3.0);
    let count = if patch.ratios.is_empty() { 24 } else { patch.ratios.len() };
    let modes: Vec<Mode> = (1..=count)
        .map(|n| {
            let number = n as f32;
            let stretch = libm::sqrtf(1.0 + patch.inharmonicity * number * number);
            let ratio = patch.ratios.get(n - 1).copied().unwrap_or(number * stretch);
            let soft = libm::powf(number, -patch.tilt - 1.2 * (1.0 - note.hardness));
            let level = patch.levels.get(n - 1).copied().unwrap_or(1.0) * soft;
            // From the ring of the fundamental to the short ring of the highs.
            let highness = ((number - 1.0) / 16.0).min(1.0);
            let decay_s = by_key
                * libm::expf(libm::logf(patch.ring_s) * (1.0 - highness) + libm::logf(patch.bright_s) * highness);
            // 14 kHz: above it there is only cost.
            let frequency_hz = if hz * ratio < 14_000.0 { hz * ratio } else { f32::MAX };
            Mode { frequency_hz, level, decay_s }
        })
        .collect();
    ModeBank::new(&modes, rate)
}

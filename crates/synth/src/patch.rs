//! What an instrument is made of: one flat table of numbers for every kind of engine.
use crate::settings::settings;
use serde::Deserialize;

/// How the sound is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Oscillators through a filter.
    #[default]
    Analog,
    /// Two pairs of phase-modulated sines.
    Fm,
    /// A plucked string.
    String,
    /// A bank of decaying partials: piano, bars, bells.
    Struck,
    /// Noise through a filter that follows the note.
    Air,
    /// Random clicks: vinyl, rain.
    Crackle,
    /// A cloud of short grains of sine around the note.
    Grains,
}

/// Wave of an oscillator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wave {
    /// All harmonics.
    #[default]
    Saw,
    /// Odd harmonics.
    Square,
    /// Soft odd harmonics.
    Triangle,
    /// Fundamental only.
    Sine,
    /// The harmonics in `levels`, shaped by `formants`.
    Levels,
}

/// Which side of the cutoff is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Below.
    #[default]
    Low,
    /// Around.
    Band,
    /// Above.
    High,
}

settings! {
    /// One instrument.
    Patch, PatchSet {
        /// Transposition in octaves.
        octave = 0.0 in -4.0..=4.0;
        /// Rise to full level in milliseconds.
        attack_ms = 4.0 in 0.0..=8000.0;
        /// Fall to the sustain level in milliseconds.
        decay_ms = 300.0 in 1.0..=20000.0;
        /// Level while the note is held.
        sustain = 0.8 in 0.0..=1.0;
        /// Fall by 60 dB after the note in milliseconds.
        release_ms = 120.0 in 1.0..=12000.0;
        /// How much soft notes are quieter.
        velocity = 0.7 in 0.0..=1.0;
        /// How much soft notes are darker, octaves of cutoff.
        velocity_octaves = 0.8 in 0.0..=4.0;
        /// 1: a note ends where the next one starts.
        mono = 0.0 in 0.0..=1.0;
        /// Slide between touching notes in milliseconds.
        glide_ms = 0.0 in 0.0..=2000.0;
        /// Vibrato speed in Hz.
        vibrato_hz = 5.0 in 0.01..=20.0;
        /// Vibrato depth in cents.
        vibrato_cents = 0.0 in 0.0..=200.0;
        /// Time until the vibrato is there, milliseconds.
        vibrato_delay_ms = 300.0 in 0.0..=5000.0;
        /// Tremolo speed in Hz.
        tremolo_hz = 5.0 in 0.01..=40.0;
        /// Tremolo depth.
        tremolo = 0.0 in 0.0..=1.0;
        /// Saturation of each voice.
        drive = 0.0 in 0.0..=1.0;
        /// Level of the second oscillator.
        mix = 0.0 in 0.0..=1.0;
        /// Second oscillator, semitones above the first.
        interval = 0.0 in -36.0..=36.0;
        /// Copies of the first oscillator.
        unison = 1.0 in 1.0..=7.0;
        /// Spread of the copies in cents.
        detune_cents = 8.0 in 0.0..=100.0;
        /// Stereo spread of the copies.
        width = 0.6 in 0.0..=1.0;
        /// Sine an octave below.
        sub = 0.0 in 0.0..=1.0;
        /// Breath or hammer noise.
        noise = 0.0 in 0.0..=1.0;
        /// How long the noise lasts, milliseconds; 0 as long as the note.
        noise_ms = 0.0 in 0.0..=5000.0;
        /// Colour of the noise, Hz.
        noise_hz = 3000.0 in 50.0..=18000.0;
        /// Filter cutoff in Hz at middle C; 20000 is open.
        cutoff_hz = 20000.0 in 20.0..=20000.0;
        /// Filter resonance.
        resonance = 0.1 in 0.0..=1.0;
        /// How far the filter follows the key.
        key_track = 0.5 in 0.0..=1.0;
        /// Filter envelope in octaves.
        filter_octaves = 0.0 in -6.0..=8.0;
        /// Filter envelope attack in milliseconds.
        filter_attack_ms = 1.0 in 0.0..=12000.0;
        /// Filter envelope decay in milliseconds.
        filter_decay_ms = 300.0 in 1.0..=12000.0;
        /// Filter envelope sustain.
        filter_sustain = 0.0 in 0.0..=1.0;
        /// Filter LFO in Hz.
        lfo_hz = 0.3 in 0.01..=30.0;
        /// Filter LFO depth in octaves.
        lfo_octaves = 0.0 in 0.0..=4.0;
        /// FM: modulator to carrier frequency.
        ratio = 1.0 in 0.1..=32.0;
        /// FM: modulation index at the start.
        index = 1.0 in 0.0..=20.0;
        /// FM: part of the index that stays.
        index_sustain = 0.2 in 0.0..=1.0;
        /// FM: time for the index to fall, milliseconds.
        index_decay_ms = 400.0 in 1.0..=10000.0;
        /// FM: level of the second pair.
        level2 = 0.0 in 0.0..=1.0;
        /// FM: modulator to carrier frequency of the second pair.
        ratio2 = 14.0 in 0.1..=32.0;
        /// FM: modulation index of the second pair.
        index2 = 0.5 in 0.0..=20.0;
        /// FM: fall of the second pair, milliseconds.
        decay2_ms = 200.0 in 1.0..=10000.0;
        /// String and struck: ring of middle C in seconds (-60 dB).
        ring_s = 4.0 in 0.05..=60.0;
        /// String and struck: ring of the highest harmonics in seconds.
        bright_s = 0.6 in 0.01..=20.0;
        /// String: where it is plucked, 0.5 is the middle.
        pluck = 0.2 in 0.02..=0.5;
        /// String: hardness of the plectrum.
        hardness = 0.5 in 0.0..=1.0;
        /// String: resonance of the body.
        body = 0.0 in 0.0..=1.0;
        /// String: resonance of the body in Hz.
        body_hz = 200.0 in 40.0..=2000.0;
        /// Struck: stretch of the partials.
        inharmonicity = 0.0 in 0.0..=0.02;
        /// Struck: level falls with the partial's number to this power.
        tilt = 1.0 in 0.0..=4.0;
        /// Crackle and grains: events per second.
        rate_hz = 10.0 in 0.1..=400.0;
        /// Grains: length in milliseconds.
        grain_ms = 80.0 in 2.0..=1000.0;
        /// Level against the other instruments.
        gain_db = 0.0 in -40.0..=24.0;
    }
    copied {
        /// How the sound is made.
        engine: Engine;
        /// First oscillator.
        wave: Wave;
        /// Second oscillator.
        wave2: Wave;
        /// Kind of filter.
        filter: Filter;
        /// Harmonics of `wave = "levels"`, or the partials' levels of a struck body.
        levels: Vec<f32>;
        /// Frequencies of a struck body's partials; harmonic where empty.
        ratios: Vec<f32>;
        /// Resonances as [Hz, dB, width in Hz], laid over `levels`.
        formants: Vec<[f32; 3]>;
    }
    only_in_set {}
}

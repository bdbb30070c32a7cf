//! Which bands and which roles of a band the audio fills.
//!
//! Steady tones and blows are told apart by medians along time and along frequency: FitzGerald, "Harmonic/percussive
//! separation using median filtering" (DAFx 2010), on bands of a semitone.
use fourier::RealToComplex;
use fourier::num_complex::Complex32;
use std::collections::VecDeque;
use std::sync::Arc;

/// Shares of the sound by frequency. Their sum is 1, or 0 for silence. Counted after a rise of 3 dB per octave, so that
/// pink noise, which sounds even, has the same in every octave.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BandShares {
    /// 20 to 60 Hz.
    pub sub: f32,
    /// 60 to 250 Hz.
    pub low: f32,
    /// 250 to 500 Hz.
    pub low_mid: f32,
    /// 500 Hz to 2 kHz.
    pub mid: f32,
    /// 2 to 6 kHz.
    pub high: f32,
    /// 6 to 20 kHz.
    pub air: f32,
}

/// Shares of the sound by what it does in a band. Their sum is 1, or 0 for silence. Guesses: no instrument is
/// recognised.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RoleShares {
    /// Blows and noise: what comes and goes at once.
    pub drums: f32,
    /// Tones below 250 Hz.
    pub bass: f32,
    /// Several tones at a time above that.
    pub harmony: f32,
    /// One tone at a time above that.
    pub melody: f32,
}

/// What a sound fills.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SpectralProfile {
    /// By frequency.
    pub bands: BandShares,
    /// By role.
    pub roles: RoleShares,
}

/// Upper edges of the bands; the lowest begins at 20 Hz.
const EDGES_HZ: [f64; 6] = [60.0, 250.0, 500.0, 2_000.0, 6_000.0, 20_000.0];
const LOWEST_HZ: f64 = 20.0;
/// Tones below are a bass.
const BASS_HZ: f64 = 250.0;
/// Length of the window and of a step in seconds; the window's nearest power of two is taken.
const WINDOW_S: f64 = 0.17;
const STEP_S: f64 = 0.05;
/// Semitones from the lowest band up to 16 kHz.
const NUM_SEMITONES: usize = 110;
const LOWEST_SEMITONE_HZ: f64 = 27.5;
/// Steps and semitones that a median looks at.
const MEDIAN: usize = 17;
/// Rates below this have no spectrum worth the name.
const MIN_RATE_HZ: f64 = 1000.0;

/// Gathers the profile of mono audio that comes in pieces.
pub(crate) struct Profiler {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    spectrum: Vec<Complex32>,
    waiting: VecDeque<f32>,
    step: usize,
    /// Band of each bin, and semitone; beyond the last where it has none.
    band_of: Vec<usize>,
    semitone_of: Vec<usize>,
    /// Semitone spectra of the last `MEDIAN` steps.
    recent: VecDeque<Vec<f32>>,
    bands: [f64; 6],
    blows: f64,
    low_tones: f64,
    high_tones: f64,
    /// Energy of spans in which one tone sounds alone, and of all spans.
    alone: f64,
    spans: f64,
}

impl Profiler {
    /// `None` for rates below 1 kHz.
    pub fn new(rate_hz: f64) -> Option<Self> {
        if rate_hz < MIN_RATE_HZ {
            return None;
        }
        let len = 1usize << libm::round(libm::log2(WINDOW_S * rate_hz)) as u32;
        let fft = fourier::forward(len);
        let hz_of = |bin: usize| bin as f64 * rate_hz / len as f64;
        let band_of = |hz: f64| match hz {
            _ if hz < LOWEST_HZ => EDGES_HZ.len(),
            _ => EDGES_HZ.iter().filter(|edge| hz >= **edge).count(),
        };
        let semitone_of = |hz: f64| match hz {
            _ if hz < LOWEST_SEMITONE_HZ => NUM_SEMITONES,
            _ => (12.0 * libm::log2(hz / LOWEST_SEMITONE_HZ)) as usize,
        };
        let bins = 0..len / 2 + 1;
        Some(Self {
            window: (0..len).map(|n| hann(n, len)).collect(),
            input: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            waiting: std::iter::repeat_n(0.0, len / 2).collect(),
            step: ((STEP_S * rate_hz) as usize).clamp(1, len),
            band_of: bins.clone().map(|bin| band_of(hz_of(bin))).collect(),
            semitone_of: bins.map(|bin| semitone_of(hz_of(bin))).collect(),
            recent: VecDeque::with_capacity(MEDIAN),
            bands: [0.0; 6],
            blows: 0.0,
            low_tones: 0.0,
            high_tones: 0.0,
            alone: 0.0,
            spans: 0.0,
            fft,
        })
    }

    /// The next frames; finite.
    pub fn push(&mut self, mono: &[f32]) {
        for piece in mono.chunks(self.step) {
            self.waiting.extend(piece);
            while self.waiting.len() >= self.window.len() {
                self.transform();
                self.waiting.drain(..self.step);
            }
        }
    }

    /// A span of `energy` in which one pitch class had the share `most` of all.
    pub fn hear_span(&mut self, energy: f64, most: f32) {
        // A chord's loudest tone has some 0.4; a line has more, though a span often holds two of its notes.
        let alone = ((f64::from(most) - 0.40) / 0.15).clamp(0.0, 1.0);
        self.alone += alone * energy;
        self.spans += energy;
    }

    /// What was heard.
    pub fn finish(mut self) -> SpectralProfile {
        let silence = vec![0.0; self.window.len()];
        self.push(&silence);
        while self.recent.len() > MEDIAN / 2 {
            self.recent.pop_front();
            self.split();
        }
        let bands = shares(self.bands);
        let alone = if self.spans > 0.0 { self.alone / self.spans } else { 0.0 };
        let (melody, harmony) = (alone * self.high_tones, (1.0 - alone) * self.high_tones);
        let roles = shares([self.blows, self.low_tones, harmony, melody]);
        SpectralProfile {
            bands: BandShares {
                sub: bands[0],
                low: bands[1],
                low_mid: bands[2],
                mid: bands[3],
                high: bands[4],
                air: bands[5],
            },
            roles: RoleShares { drums: roles[0], bass: roles[1], harmony: roles[2], melody: roles[3] },
        }
    }

    fn transform(&mut self) {
        for ((to, from), weight) in self.input.iter_mut().zip(&self.waiting).zip(&self.window) {
            *to = from * weight;
        }
        // Lengths are those the plan made.
        if self.fft.process(&mut self.input, &mut self.spectrum).is_err() {
            return;
        }
        let mut semitones = vec![0.0f32; NUM_SEMITONES];
        for (bin, value) in self.spectrum.iter().enumerate() {
            // Power times frequency: 3 dB per octave.
            let power = value.norm_sqr() * bin as f32;
            if let Some(band) = self.bands.get_mut(self.band_of[bin]) {
                *band += f64::from(power);
            }
            if let Some(semitone) = semitones.get_mut(self.semitone_of[bin]) {
                *semitone += power;
            }
        }
        if self.recent.len() == MEDIAN {
            self.recent.pop_front();
        }
        self.recent.push_back(semitones);
        if self.recent.len() > MEDIAN / 2 {
            self.split();
        }
    }

    /// Tones and blows of the step `MEDIAN / 2` before the newest, or of the middle when the last are gone.
    fn split(&mut self) {
        let Some(centre) = self.recent.len().checked_sub(1 + MEDIAN / 2).or(self.recent.len().checked_sub(1)) else {
            return;
        };
        let step = &self.recent[centre];
        let low = 12.0 * libm::log2(BASS_HZ / LOWEST_SEMITONE_HZ);
        for (semitone, power) in step.iter().enumerate().filter(|(_, power)| **power > 0.0) {
            let tone = median(self.recent.iter().map(|step| step[semitone]));
            let around = semitone.saturating_sub(MEDIAN / 2)..(semitone + MEDIAN / 2 + 1).min(NUM_SEMITONES);
            let blow = median(step[around].iter().copied());
            let (tone, blow) = (f64::from(tone).powi(2), f64::from(blow).powi(2));
            let share = if tone + blow > 0.0 { tone / (tone + blow) } else { 0.0 };
            let power = f64::from(*power);
            self.blows += power * (1.0 - share);
            if (semitone as f64) < low {
                self.low_tones += power * share;
            } else {
                self.high_tones += power * share;
            }
        }
    }
}

fn hann(n: usize, len: usize) -> f32 {
    (0.5 - 0.5 * libm::cos(std::f64::consts::TAU * n as f64 / len as f64)) as f32
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut sorted = [0.0f32; MEDIAN];
    let mut num = 0;
    for (slot, value) in sorted.iter_mut().zip(values) {
        *slot = value;
        num += 1;
    }
    let sorted = &mut sorted[..num];
    sorted.sort_by(f32::total_cmp);
    sorted.get(num / 2).copied().unwrap_or(0.0)
}

fn shares<const N: usize>(values: [f64; N]) -> [f32; N] {
    let sum: f64 = values.iter().sum();
    values.map(|value| if sum > 0.0 { (value / sum) as f32 } else { 0.0 })
}

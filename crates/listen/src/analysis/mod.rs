//! What a piece of audio is: tempo, beats, onsets, key, loudness, and which bands and roles it fills.
//!
//! [`AudioEar`] takes audio of any length and rate in pieces and keeps some 3 KB a second of it; [`analyse`] is for what
//! is in memory. Bars of four beats are assumed; chords, other meters and singers are not told here.
mod beats;
mod flux;
mod loudness;
mod onsets;
mod profile;
mod tempo;

use crate::{AudioChords, HeardKey, KeyEar};
use flux::Flux;
use loudness::Loudness;
use profile::Profiler;
pub use profile::{BandShares, RoleShares, SpectralProfile};
use take::SampleRate;

/// Frames of mono made at a time.
const BLOCK: usize = 4096;
/// Samples beyond this are a fault; +18 dBFS.
const LOUDEST: f32 = 8.0;
/// Key and melody are asked for so much at a time, in seconds.
const SPAN_S: f64 = 0.25;
/// A span is known this long after its end, in seconds.
const LATE_S: f64 = 0.5;
/// Chords are heard from this rate up.
const MIN_CHORD_RATE_HZ: u32 = 8_000;
/// A span below this mean square is silence: -80 dBFS.
const SILENCE: f64 = 1e-8;
/// Least share of tones in a sound that has a key.
const LEAST_TONES: f32 = 0.15;
/// Fewer onsets have no tempo.
const LEAST_ONSETS: usize = 4;

/// The tempo of audio.
#[derive(Debug, Clone, PartialEq)]
pub struct HeardTempo {
    /// Beats per minute, 20.0..=400.0. Where [`is_steady`](Self::is_steady) to some hundredths of a per cent.
    pub bpm: f64,
    /// How alike the music is to itself at this tempo, 0.0..=1.0; what is under 0.25 is a guess.
    pub confidence: f32,
    /// Beats lie on a straight line to within 20 ms.
    pub is_steady: bool,
    /// What it may be as well: half, double, then others that fit nearly as well. Beats per minute.
    pub alternatives_bpm: Vec<f64>,
}

/// What was heard in a piece of audio.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Sample rate in Hz.
    pub rate_hz: u32,
    /// Length in frames.
    pub num_frames: u64,
    /// `None` where nothing repeats.
    pub tempo: Option<HeardTempo>,
    /// Beats in seconds, rising; none without a tempo.
    pub beats_s: Vec<f64>,
    /// The first beat that begins a bar of four, in seconds; `None` without a tempo.
    pub first_downbeat_s: Option<f64>,
    /// Where notes and hits begin, in seconds, rising; to about 5 ms.
    pub onsets_s: Vec<f64>,
    /// `None` where there are hardly any tones, and below 8 kHz.
    pub key: Option<HeardKey>,
    /// Integrated loudness (BS.1770-4) in LUFS; minus infinity for silence.
    pub loudness_lufs: f64,
    /// True peak (BS.1770-4) in dBTP; minus infinity for silence.
    pub true_peak_dbtp: f64,
    /// Which bands and roles are filled.
    pub profile: SpectralProfile,
}

impl Analysis {
    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.num_frames as f64 / f64::from(self.rate_hz)
    }
}

/// Everything about audio that is in memory. Channels of different length count up to the shorter.
///
/// For a worker: about a hundredth of the audio's length.
pub fn analyse(left: &[f32], right: &[f32], rate: SampleRate) -> Analysis {
    let mut ear = AudioEar::new(rate);
    ear.push(left, right);
    ear.finish()
}

/// Listens to audio that comes in pieces. What is not finite is silence.
pub struct AudioEar {
    rate: SampleRate,
    num_frames: u64,
    flux: Option<Flux>,
    profiler: Option<Profiler>,
    loudness: Loudness,
    chords: Option<AudioChords>,
    key: KeyEar,
    /// Frames from which on spans have not been asked for, and the sums of squares of those that wait.
    next_span: u64,
    energies: Vec<f64>,
}

impl AudioEar {
    /// For audio at `rate`. Has heard nothing.
    pub fn new(rate: SampleRate) -> Self {
        let hz = f64::from(rate.get());
        Self {
            rate,
            num_frames: 0,
            flux: Flux::new(hz),
            profiler: Profiler::new(hz),
            loudness: Loudness::new(rate.get()),
            chords: (rate.get() >= MIN_CHORD_RATE_HZ).then(|| AudioChords::new(rate)),
            key: KeyEar::new(),
            next_span: 0,
            energies: Vec::new(),
        }
    }

    /// The next frames.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        let clean = |sample: &f32| if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 };
        let (mut clean_left, mut clean_right, mut mono) = (Vec::new(), Vec::new(), Vec::new());
        for (left, right) in left.chunks(BLOCK).zip(right.chunks(BLOCK)) {
            let num = left.len().min(right.len());
            clean_left.clear();
            clean_left.extend(left[..num].iter().map(clean));
            clean_right.clear();
            clean_right.extend(right[..num].iter().map(clean));
            mono.clear();
            mono.extend(clean_left.iter().zip(&clean_right).map(|(left, right)| 0.5 * (left + right)));
            self.loudness.push(&clean_left, &clean_right);
            self.hear(&mono);
        }
    }

    /// Everything that was heard.
    pub fn finish(mut self) -> Analysis {
        self.spans_until(self.num_frames, true);
        let (loudness_lufs, true_peak_dbtp) = self.loudness.finish();
        let profile = self.profiler.map(Profiler::finish).unwrap_or_default();
        let roles = profile.roles;
        let has_tones = roles.bass + roles.harmony + roles.melody >= LEAST_TONES;
        let envelope = self.flux.map(Flux::finish).unwrap_or_default();
        let onsets_s = onsets::pick(&envelope.all);
        let found = if onsets_s.len() < LEAST_ONSETS { None } else { tempo::find(&envelope) };
        let beats = found.as_ref().map(|found| beats::track(&envelope, found.bpm)).unwrap_or_default();
        Analysis {
            rate_hz: self.rate.get(),
            num_frames: self.num_frames,
            tempo: found.map(|found| HeardTempo {
                bpm: beats.bpm,
                confidence: found.confidence,
                is_steady: beats.is_steady,
                alternatives_bpm: alternatives(beats.bpm, &found.others),
            }),
            first_downbeat_s: beats.beats_s.get(beats.downbeat).copied(),
            beats_s: beats.beats_s,
            onsets_s,
            key: if has_tones { self.key.key() } else { None },
            loudness_lufs,
            true_peak_dbtp,
            profile,
        }
    }

    fn hear(&mut self, mono: &[f32]) {
        self.num_frames += mono.len() as u64;
        if let Some(flux) = &mut self.flux {
            flux.push(mono);
        }
        if let Some(profiler) = &mut self.profiler {
            profiler.push(mono);
        }
        if let Some(chords) = &mut self.chords {
            let (mut from, span) = (chords.num_pushed(), (SPAN_S * f64::from(self.rate.get())) as u64);
            chords.push(mono, mono);
            for sample in mono {
                let index = (from / span) as usize;
                if self.energies.len() <= index {
                    self.energies.resize(index + 1, 0.0);
                }
                self.energies[index] += f64::from(sample * sample);
                from += 1;
            }
            let late = (LATE_S * f64::from(self.rate.get())) as u64;
            self.spans_until(self.num_frames.saturating_sub(late), false);
        }
    }

    /// Key and melody of the spans that end by then; of the last, shorter one too when it `is_end`.
    fn spans_until(&mut self, end: u64, is_end: bool) {
        let Some(chords) = &mut self.chords else { return };
        let span = (SPAN_S * f64::from(self.rate.get())) as u64;
        if is_end {
            let silence = vec![0.0; (LATE_S * f64::from(self.rate.get())) as usize];
            chords.push(&silence, &silence);
        }
        while self.next_span + span <= end || (is_end && self.next_span < end) {
            let (from, to) = (self.next_span, (self.next_span + span).min(end));
            self.next_span = to;
            let energy = self.energies.get((from / span) as usize).copied().unwrap_or(0.0);
            if energy <= SILENCE * (to - from) as f64 {
                continue;
            }
            let Some(shares) = chords.pitches_between(from, to) else { continue };
            self.key.hear_shares(&shares, (to - from) as f64 / span as f64);
            if let Some(profiler) = &mut self.profiler {
                profiler.hear_span(energy, shares.into_iter().fold(0.0, f32::max));
            }
        }
    }
}

fn alternatives(bpm: f64, others: &[f64]) -> Vec<f64> {
    let is_tempo = |bpm: &f64| (take::Bpm::MIN..=take::Bpm::MAX).contains(bpm);
    [0.5 * bpm, 2.0 * bpm].into_iter().chain(others.iter().copied()).filter(is_tempo).collect()
}

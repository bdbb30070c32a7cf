//! Onset strength: how much louder the bands of the spectrum get, 200 times a second, whatever the sample rate.
//!
//! Logarithmic spectral flux as in Böck, Krebs and Schedl, "Evaluating the online capabilities of onset detection
//! methods" (ISMIR 2012), on bands that grow with frequency.
use fourier::RealToComplex;
use fourier::num_complex::Complex32;
use std::sync::Arc;

/// Values of onset strength per second.
pub(crate) const HOPS_PER_S: f64 = 200.0;
/// Length of the window in seconds; the nearest power of two is taken.
const WINDOW_S: f64 = 0.023;
/// A band is compared with itself this many hops ago: about as long as the window takes to fill.
const LAG: usize = 2;
/// Bands between the lowest and the highest frequency.
const NUM_BANDS: usize = 36;
/// Lowest and highest frequency listened to.
const RANGE_HZ: (f64, f64) = (30.0, 16_000.0);
/// A kick drum's bands end here.
const LOW_HZ: f64 = 130.0;
/// A full-scale tone is this far above the bend of the logarithm.
const COMPRESSION: f32 = 1000.0;
/// Rates below this have no spectrum worth the name.
const MIN_RATE_HZ: f64 = 1000.0;

/// Onset strength by hop. Hop `k` is at `k / HOPS_PER_S` seconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    /// Mean rise of all bands.
    pub all: Vec<f32>,
    /// Mean rise of the bands of a kick drum.
    pub low: Vec<f32>,
}

/// Makes an [`Envelope`] of mono audio that comes in pieces.
pub(crate) struct Flux {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// First bin of each band, and one past the last.
    edges: Vec<usize>,
    num_low: usize,
    frames_per_hop: f64,
    /// The last `window.len()` frames.
    recent: Vec<f32>,
    /// Frames that came in, and the silence in front of them.
    num_seen: usize,
    input: Vec<f32>,
    spectrum: Vec<Complex32>,
    /// Levels of the last hops, a ring of `LAG`.
    before: Vec<Vec<f32>>,
    envelope: Envelope,
}

impl Flux {
    /// `None` for rates below 1 kHz.
    pub fn new(rate_hz: f64) -> Option<Self> {
        if rate_hz < MIN_RATE_HZ {
            return None;
        }
        let len = 1usize << libm::round(libm::log2(WINDOW_S * rate_hz)) as u32;
        let edges = edges(len, rate_hz);
        let fft = fourier::forward(len);
        let hz_of = |bin: usize| bin as f64 * rate_hz / len as f64;
        let num_bands = edges.len() - 1;
        Some(Self {
            window: hann(len),
            num_low: edges[..num_bands].iter().filter(|edge| hz_of(**edge) < LOW_HZ).count().max(1),
            frames_per_hop: rate_hz / HOPS_PER_S,
            recent: Vec::with_capacity(2 * len),
            num_seen: 0,
            input: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            before: vec![vec![0.0; num_bands]; LAG],
            envelope: Envelope::default(),
            edges,
            fft,
        })
    }

    /// The next frames; finite.
    pub fn push(&mut self, mono: &[f32]) {
        let len = self.window.len();
        if self.num_seen == 0 {
            // Silence before the beginning: an attack on the first frame is an onset.
            self.recent.resize(len / 2, 0.0);
            self.num_seen = len / 2;
        }
        let mut rest = mono;
        while !rest.is_empty() {
            let until_next = (self.next_end() - self.num_seen).min(rest.len());
            let (now, later) = rest.split_at(until_next);
            self.recent.extend_from_slice(now);
            self.num_seen += now.len();
            rest = later;
            if self.num_seen == self.next_end() {
                self.hop();
            }
        }
    }

    /// What was heard.
    pub fn finish(mut self) -> Envelope {
        let num_frames = self.num_seen.saturating_sub(self.window.len() / 2);
        let num_hops = (num_frames as f64 / self.frames_per_hop) as usize;
        let silence = vec![0.0; self.window.len()];
        while self.num_seen > 0 && self.envelope.all.len() < num_hops {
            self.push(&silence[..self.window.len() / 2]);
        }
        self.envelope.all.truncate(num_hops);
        self.envelope.low.truncate(num_hops);
        self.envelope
    }

    /// Frames that have to be there for the next hop, silence in front included.
    fn next_end(&self) -> usize {
        (self.envelope.all.len() as f64 * self.frames_per_hop) as usize + self.window.len()
    }

    fn hop(&mut self) {
        let len = self.window.len();
        let old = self.recent.len() - len;
        self.recent.drain(..old);
        for ((to, from), weight) in self.input.iter_mut().zip(&self.recent).zip(&self.window) {
            *to = from * weight;
        }
        // Lengths are those the plan made.
        if self.fft.process(&mut self.input, &mut self.spectrum).is_err() {
            return;
        }
        let slot = self.envelope.all.len() % LAG;
        let (mut all, mut low) = (0.0, 0.0);
        for (band, edge) in self.edges.windows(2).enumerate() {
            let power: f32 = self.spectrum[edge[0]..edge[1]].iter().map(|bin| bin.norm_sqr()).sum();
            let level = libm::log1pf(COMPRESSION * power.sqrt());
            let rise = (level - self.before[slot][band]).max(0.0);
            self.before[slot][band] = level;
            all += rise;
            low += if band < self.num_low { rise } else { 0.0 };
        }
        self.envelope.all.push(all / (self.edges.len() - 1) as f32);
        self.envelope.low.push(low / self.num_low as f32);
    }
}

/// Bins at which the bands begin, rising; as many bands as have a bin of their own.
fn edges(len: usize, rate_hz: f64) -> Vec<usize> {
    let highest_hz = RANGE_HZ.1.min(0.45 * rate_hz);
    let bin = |band: usize| {
        let hz = RANGE_HZ.0 * libm::pow(highest_hz / RANGE_HZ.0, band as f64 / NUM_BANDS as f64);
        libm::round(hz * len as f64 / rate_hz).max(1.0) as usize
    };
    let mut edges: Vec<usize> = (0..=NUM_BANDS).map(bin).collect();
    edges.dedup();
    if edges.len() < 2 {
        edges = vec![1, len / 2];
    }
    edges
}

/// Hann window whose tone of full scale has a peak of 0.5 in the spectrum.
fn hann(len: usize) -> Vec<f32> {
    let value = |n: usize| 1.0 - libm::cos(std::f64::consts::TAU * n as f64 / len as f64);
    (0..len).map(|n| (value(n) / len as f64) as f32).collect()
}

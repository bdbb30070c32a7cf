//! From partials to the notes that made them: tuning, semitones, harmonic suppression, chroma.
//!
//! The suppression is the non-negative least squares of Mauch and Dixon, "Approximate note transcription for the
//! improved identification of difficult chords" (ISMIR 2010), on semitones instead of thirds of them, solved with the
//! multiplicative update of Lee and Seung.
use super::spectrum::Partial;

/// Lowest note looked for: E1.
const LOWEST: usize = 28;
/// Notes looked for: up to C7.
const NUM_NOTES: usize = 69;
/// Semitones of spectrum above `LOWEST`: up to B7.
const NUM_BINS: usize = 80;
/// Partials of the model of a note.
const NUM_HARMONICS: usize = 10;
/// Each harmonic's share of the one before, after `COMPRESSION`.
const DECAY: f32 = 0.75;
/// Exponent on amplitudes, so that soft inner voices count.
const COMPRESSION: f32 = 0.5;
/// Partials further than this from a semitone count little.
const TUNED_WITHIN: f32 = 0.2;
const ITERATIONS: usize = 40;

/// What a stretch of sound holds, by pitch class, C = 0.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chroma {
    /// Share of each pitch class in the middle and upper register; the sum is 1.
    pub treble: [f32; 12],
    /// The same in the bass; all 0 if there is none.
    pub bass: [f32; 12],
    /// How well the partials sit on semitones, 0.0 (noise) ..= 1.0.
    pub in_tune: f32,
}

/// The model of a note, and memory for the solver.
#[derive(Debug)]
pub(crate) struct Transcriber {
    /// Correlation of the spectra of two notes.
    gram: Vec<[f32; NUM_NOTES]>,
}

/// Mean direction of the deviation from semitones: the tuning, -0.5..0.5 semitones.
pub(crate) fn tuning(partials: impl Iterator<Item = Partial>) -> f32 {
    let (mut x, mut y) = (0.0f32, 0.0f32);
    for partial in partials {
        let weight = libm::sqrtf(partial.amplitude);
        let angle = 2.0 * std::f32::consts::PI * partial.pitch;
        x += weight * libm::cosf(angle);
        y += weight * libm::sinf(angle);
    }
    libm::atan2f(y, x) / (2.0 * std::f32::consts::PI)
}

impl Transcriber {
    pub fn new() -> Self {
        let spectra: Vec<[f32; NUM_BINS]> = (0..NUM_NOTES).map(note_spectrum).collect();
        let dot = |a: &[f32; NUM_BINS], b: &[f32; NUM_BINS]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let gram = spectra.iter().map(|a| std::array::from_fn(|b| dot(a, &spectra[b]))).collect();
        Self { gram }
    }

    /// The chroma of partials (of any number of stretches) with their weights, given the tuning in semitones. `None`
    /// without sound.
    pub fn chroma(&self, partials: impl Iterator<Item = (Partial, f32)>, tuning_semitones: f32) -> Option<Chroma> {
        let mut spectrum = [0.0f32; NUM_BINS];
        let (mut total, mut on_pitch) = (0.0, 0.0);
        for (partial, weight) in partials {
            let pitch = partial.pitch - tuning_semitones;
            let nearest = libm::roundf(pitch);
            let off = (pitch - nearest) / TUNED_WITHIN;
            let bin = nearest as i32 - LOWEST as i32;
            if let Some(slot) = usize::try_from(bin).ok().and_then(|bin| spectrum.get_mut(bin)) {
                let level = weight * libm::powf(partial.amplitude, COMPRESSION);
                *slot += level * libm::expf(-0.5 * off * off);
                total += level.max(0.0);
                on_pitch += level.max(0.0) * libm::cosf(2.0 * std::f32::consts::PI * pitch);
            }
        }
        spectrum.iter_mut().for_each(|bin| *bin = bin.max(0.0));
        let sum: f32 = spectrum.iter().sum();
        if sum <= 0.0 {
            return None;
        }
        spectrum.iter_mut().for_each(|bin| *bin /= sum);
        let notes = self.notes(&spectrum);
        let in_tune = on_pitch / total.max(f32::MIN_POSITIVE);
        Some(Chroma { treble: fold(&notes, treble_weight), bass: fold(&notes, bass_weight), in_tune })
    }

    /// The non-negative weights of notes whose spectra add up to `spectrum`.
    fn notes(&self, spectrum: &[f32; NUM_BINS]) -> [f32; NUM_NOTES] {
        let wanted: [f32; NUM_NOTES] = std::array::from_fn(|note| {
            note_spectrum(note).iter().zip(spectrum).map(|(model, bin)| model * bin).sum::<f32>()
        });
        let mut notes = wanted;
        for _ in 0..ITERATIONS {
            let previous = notes;
            for (note, row) in self.gram.iter().enumerate() {
                let modelled: f32 = row.iter().zip(&previous).map(|(gram, weight)| gram * weight).sum();
                notes[note] = previous[note] * wanted[note] / (modelled + 1e-9);
            }
        }
        notes
    }
}

/// Harmonics of a note at the nearest semitones.
fn note_spectrum(note: usize) -> [f32; NUM_BINS] {
    let mut spectrum = [0.0; NUM_BINS];
    let mut amplitude = 1.0;
    for harmonic in 1..=NUM_HARMONICS {
        let bin = note + libm::roundf(12.0 * libm::log2f(harmonic as f32)) as usize;
        if let Some(slot) = spectrum.get_mut(bin) {
            *slot += amplitude;
        }
        amplitude *= DECAY;
    }
    spectrum
}

/// Sums octaves and scales the sum to 1.
fn fold(notes: &[f32; NUM_NOTES], weight: fn(f32) -> f32) -> [f32; 12] {
    let mut chroma = [0.0f32; 12];
    for (index, note) in notes.iter().enumerate() {
        chroma[(LOWEST + index) % 12] += note * weight((LOWEST + index) as f32);
    }
    let sum: f32 = chroma.iter().sum();
    if sum > 0.0 { chroma.map(|share| share / sum) } else { chroma }
}

/// Full from C3 to C6, less below and above.
fn treble_weight(key: f32) -> f32 {
    ((key - 40.0) / 8.0).clamp(0.0, 1.0) * ((96.0 - key) / 12.0).clamp(0.0, 1.0)
}

/// Full up to E2, none from C4.
fn bass_weight(key: f32) -> f32 {
    ((60.0 - key) / 20.0).clamp(0.0, 1.0)
}

//! Masks by rule. Drums: what is broad or sudden (harmonic-percussive separation by medians, D. Fitzgerald, "Harmonic /
//! Percussive Separation using Median Filtering", DAFx 2010). Bass: what lasts below a soft crossover, and the harmonics
//! of its fundamental. Melody: harmonics of the most salient tone above it. Harmony: the rest.
use crate::bands::{Bands, NUM_BANDS};
use crate::cues::Cues;

/// Bins are so many Hz apart.
const BIN_HZ: f32 = 48_000.0 / 4096.0;
/// Where bass goes over into the rest, Hz, and how soft, in octaves.
const CROSSOVER_HZ: f32 = 212.0;
const CROSSOVER_OCTAVES: f32 = 0.24;
/// Fundamentals of bass and of melody, in bins.
const BASS_BINS: std::ops::Range<usize> = 3..18;
const LEAD_BINS: std::ops::Range<usize> = 22..110;
/// Harmonics that belong to a fundamental.
const NUM_HARMONICS: usize = 8;

/// Writes the shares of drums, bass, harmony and melody of a frame: four rows of [`NUM_BANDS`], adding up to 1.
pub(crate) fn masks(cues: &Cues, bands: &Bands, frame: usize, out: &mut [f32]) {
    let level = cues.row(&cues.level, frame);
    let (steady, broad) = (cues.row(&cues.steady, frame), cues.row(&cues.broad, frame));
    let pitched: Vec<f32> = steady.iter().zip(broad).map(|(steady, broad)| (steady - broad).max(0.0)).collect();
    let bass = comb(bands, strongest(bands, steady, &pitched, BASS_BINS));
    let lead = comb(bands, strongest(bands, steady, &pitched, LEAD_BINS));
    let (drums, rest) = out.split_at_mut(NUM_BANDS);
    let (low, rest) = rest.split_at_mut(NUM_BANDS);
    let (harmony, melody) = rest.split_at_mut(NUM_BANDS);
    let (phase, alike) = (cues.row(&cues.phase, frame), cues.row(&cues.alike, frame));
    // The numbers below were found by trying: the best mean SI-SDR on mixes of the band and of a SoundFont.
    for band in 0..NUM_BANDS {
        let octaves = libm::log2f((bands.centre(band) + 0.5) * BIN_HZ / CROSSOVER_HZ);
        let is_low = sigmoid(-octaves / CROSSOVER_OCTAVES);
        let sudden = level[band] - steady[band];
        let high_drum = sigmoid(0.52 * (broad[band] - steady[band]) + 0.3 - 0.43 * phase[band] - 0.14 * sudden);
        // Below the crossover everything is broad, as bins are wide there: only suddenness and phases tell.
        let low_drum = sigmoid(2.0 * sudden - 1.32 - 1.6 * phase[band]);
        let drum = high_drum + (low_drum - high_drum) * is_low;
        // Bass is in the middle.
        let is_bass = (0.39 + 1.47 * (alike[band] - 1.0)).clamp(0.0, 1.0) * bass[band];
        let bass_share = (is_low + (1.0 - is_low) * is_bass).min(1.0);
        // What leads is seldom low: nothing under 275 Hz, everything on its harmonics above 1.5 kHz.
        let is_lead = (0.4 * (octaves - 0.38)).clamp(0.0, 1.0) * lead[band];
        let lead_share = (1.0 - bass_share) * is_lead;
        drums[band] = drum;
        low[band] = (1.0 - drum) * bass_share;
        melody[band] = (1.0 - drum) * lead_share;
        harmony[band] = (1.0 - drum) * (1.0 - bass_share - lead_share).max(0.0);
    }
}

/// The fundamental in bins whose harmonics stand out most.
fn strongest(bands: &Bands, steady: &[f32], pitched: &[f32], range: std::ops::Range<usize>) -> usize {
    let salience = |bin: usize| -> f32 {
        let harmonics = (1..=5).map(|number| {
            let band = bands.of_bin(bin * number);
            // Loudness counts as well as clearness: 3 dB are one.
            (pitched[band] + 0.5 * steady[band]) / number as f32
        });
        harmonics.sum()
    };
    let start = range.start;
    range.max_by(|a, b| salience(*a).total_cmp(&salience(*b))).unwrap_or(start)
}

/// 1 at the harmonics of a bin, less beside them, falling with their number.
fn comb(bands: &Bands, fundamental: usize) -> Vec<f32> {
    let mut comb = vec![0.0_f32; NUM_BANDS];
    for number in 1..=NUM_HARMONICS {
        let centre = fundamental * number;
        let width = 1 + number / 3;
        for bin in centre.saturating_sub(width)..=centre + width {
            let band = bands.of_bin(bin);
            comb[band] = comb[band].max(1.0 - 0.06 * (number - 1) as f32);
        }
    }
    comb
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-value))
}

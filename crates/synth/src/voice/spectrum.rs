//! Single cycles for `wave = "levels"`: harmonics with resonances that stay where they are while the pitch moves.
use crate::patch::Patch;
use dsp::osc::Cycle;

/// Most harmonics of a cycle; more than that is above hearing for all but the lowest notes.
const MAX_HARMONICS: usize = 96;

/// The cycle of a note at `hz`. Where `levels` ends, harmonics go on falling by 12 dB per octave.
pub fn note_cycle(patch: &Patch, hz: f32, rate: f32) -> Cycle {
    // 0.42: leaves room for vibrato and glides below Nyquist.
    let count = ((0.42 * rate.min(48_000.0) / hz) as usize).clamp(1, MAX_HARMONICS);
    let levels: Vec<f32> = (1..=count).map(|harmonic| level(patch, harmonic, hz)).collect();
    let cycle = Cycle::from_harmonics(&levels);
    let peak = cycle.peak().max(1e-6);
    cycle.scaled(1.0 / peak)
}

fn level(patch: &Patch, harmonic: usize, hz: f32) -> f32 {
    let listed = patch.levels.len();
    let base = match patch.levels.get(harmonic - 1) {
        Some(level) => *level,
        None if patch.formants.is_empty() => 0.0,
        None => {
            let last = patch.levels.last().copied().unwrap_or(1.0);
            let fall = listed.max(1) as f32 / harmonic as f32;
            last * fall * fall
        }
    };
    let f = hz * harmonic as f32;
    let resonance: f32 = patch
        .formants
        .iter()
        .map(|[centre, db, width]| {
            let away = (f - centre) / width;
            libm::powf(10.0, db / 20.0) / (1.0 + away * away)
        })
        .sum();
    // Alternating phases keep the crest of the sum low.
    let sign = if harmonic % 4 < 2 { 1.0 } else { -1.0 };
    if patch.formants.is_empty() { base } else { sign * base * (0.08 + resonance) }
}

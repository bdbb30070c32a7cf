//! Every instrument on its own.
use crate::common::{Setup, left, rms};
use synth::{INSTRUMENTS, Sound};
use take::{Beats, Note, Part, PartKind, PitchClass, Scale, StemKind, Tuning};

/// Instruments without a pitch of their own: noise, crackle, clouds.
const UNPITCHED: [&str; 9] =
    ["vinyl_crackle", "tape_hiss", "rain", "wind", "shimmer", "granular_cloud", "noise_swell", "riser", "bleeps"];

/// One bar of one note, dry.
fn note_of(id: &str, key: u8) -> Vec<f32> {
    tuned_note_of(id, key, Tuning::EQUAL)
}

fn tuned_note_of(id: &str, key: u8, tuning: Tuning) -> Vec<f32> {
    let mut setup = Setup { tuning, ..Setup::new(1) };
    setup.bpm = 60.0;
    let notes = vec![Note { start: Beats(0.0), duration: Beats(2.5), key, velocity: 100 }];
    setup.parts = vec![Part { kind: PartKind::Melody, name: String::new(), program: 0, channel: 0, notes }];
    let text = format!(
        "[sound.melody]\ninstrument = \"{id}\"\n[sound.melody.set]\nvibrato_cents = 0\ndetune_cents = 0\noctave = 0\n[sound.master]\nglue = 0\n"
    );
    setup.sound = Sound::parse("x", "x", &text).unwrap();
    left(&setup.render(), StemKind::Melody).to_vec()
}

/// Strongest frequency within a semitone of `about_hz`, by correlation with sines under a Hann window.
fn measured_hz(x: &[f32], rate: f32, about_hz: f32) -> f32 {
    let power = |hz: f32| -> f64 {
        let angle = std::f64::consts::TAU * f64::from(hz / rate);
        let (turn_re, turn_im) = (angle.cos(), angle.sin());
        let (mut re, mut im, mut sum_re, mut sum_im) = (1.0, 0.0, 0.0, 0.0);
        for (n, sample) in x.iter().enumerate() {
            let window = 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / x.len() as f64).cos();
            sum_re += re * window * f64::from(*sample);
            sum_im += im * window * f64::from(*sample);
            (re, im) = (re * turn_re - im * turn_im, re * turn_im + im * turn_re);
        }
        sum_re * sum_re + sum_im * sum_im
    };
    let candidates = (-50..=50).map(|step| about_hz * (f32::from(step as i8) * 2.0 / 1200.0).exp2());
    candidates.max_by(|a, b| power(*a).total_cmp(&power(*b))).unwrap()
}

#[test]
fn pitched_instruments_are_in_tune() {
    for info in INSTRUMENTS.iter().filter(|info| info.part != PartKind::Drums && !UNPITCHED.contains(&info.id)) {
        let key: u8 = if info.part == PartKind::Bass { 33 } else { 57 };
        let x = note_of(info.id, key);
        let hz = 440.0 * ((f32::from(key) - 69.0) / 12.0).exp2();
        let window = &x[9_600..9_600 + 24_000];
        let cents = 1200.0 * (measured_hz(window, 48_000.0, hz) / hz).log2();
        // Without its deliberate detune and vibrato an instrument is where its key is.
        assert!(cents.abs() < 6.0, "{}: {cents:.1} cents off", info.id);
    }
}

#[test]
fn quarter_tones_of_a_scale_are_heard() {
    let about = 440.0 * ((64.0f32 - 69.0) / 12.0).exp2();
    let cents = |tonic| {
        let x = tuned_note_of("electric_piano", 64, Tuning::of(PitchClass::new(tonic), Scale::Rast));
        1200.0 * (measured_hz(&x[9_600..9_600 + 24_000], 48_000.0, about) / about).log2()
    };
    // E is the neutral third of Rast on C, and the plain second of Rast on D.
    assert!((cents(0) + 50.0).abs() < 6.0 && cents(2).abs() < 6.0, "on C {}, on D {}", cents(0), cents(2));
}

#[test]
fn every_instrument_is_finite_audible_and_free_of_dc() {
    for info in INSTRUMENTS.iter().filter(|info| info.part != PartKind::Drums) {
        for key in [24, 60, 96] {
            let x = note_of(info.id, key);
            assert!(x.iter().all(|s| s.is_finite()), "{} key {key}", info.id);
            let level = rms(&x);
            assert!(level > 0.01, "{} key {key}: rms {level}", info.id);
            let mean = x.iter().map(|s| f64::from(*s)).sum::<f64>() / x.len() as f64;
            assert!(mean.abs() < 0.02 * level, "{} key {key}: DC {mean}", info.id);
        }
    }
}

#[test]
fn every_percussion_key_of_every_kit_sounds() {
    for info in INSTRUMENTS.iter().filter(|info| info.part == PartKind::Drums) {
        let mut setup = Setup::new(8);
        setup.rate = 24_000;
        setup.bpm = 120.0;
        let notes = (27..=87u8)
            .map(|key| Note { start: Beats(f64::from(key - 27) * 0.5), duration: Beats(0.25), key, velocity: 100 })
            .collect();
        setup.parts = vec![Part { kind: PartKind::Drums, name: String::new(), program: 0, channel: 9, notes }];
        setup.sound = Sound::parse("x", "x", &format!("[sound.drums]\nkit = \"{}\"\n", info.id)).unwrap();
        let rendered = setup.render();
        let drums = left(&rendered, StemKind::Drums);
        for index in 0..61 {
            let start = index * 6000;
            let level = rms(&drums[start..start + 1200]);
            assert!(level > 1e-3, "{} key {}: rms {level}", info.id, index + 27);
        }
    }
}

#[test]
fn soft_notes_are_quieter_and_kits_differ() {
    let kick = |kit: &str, velocity: u8| {
        let mut setup = Setup::new(1);
        let note = |start: f64, velocity: u8| Note { start: Beats(start), duration: Beats(0.2), key: 38, velocity };
        // The rest of the band makes the loudness, so that the limiter leaves the drums alone.
        setup.parts[0].notes = vec![note(0.0, 120), note(2.0, velocity)];
        let text = format!("[sound.drums]\nlevel_db = -12\nkit = \"{kit}\"\n[sound.master]\nglue = 0\n");
        setup.sound = Sound::parse("x", "x", &text).unwrap();
        left(&setup.render(), StemKind::Drums).to_vec()
    };
    let x = kick("kit_rock", 40);
    let half = x.len() / 2;
    assert!(rms(&x[half..half + 4800]) < 0.5 * rms(&x[..4800]));
    assert_ne!(kick("kit_808", 100), kick("kit_909", 100));
}

//! Tempo, beats, onsets, loudness and roles of clicks and tones whose truth is known; and what is no music.
use listen::{Analysis, AudioEar, analyse};
use std::f64::consts::TAU;
use take::SampleRate;

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).expect("a rate")
}

/// Bursts of noise and a low thump on every beat from `lead_s` on, the first of four louder, softer ones in between.
fn beat(hz: u32, bpm: f64, lead_s: f64, seconds: f64) -> Vec<f32> {
    let mut out = vec![0.0f32; (seconds * f64::from(hz)) as usize];
    let mut state = 3u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 23) - 1.0
    };
    for half in 0.. {
        let start = lead_s + f64::from(half) * 30.0 / bpm;
        let from = (start * f64::from(hz)).round() as usize;
        if from >= out.len() {
            break;
        }
        let thump = [0.8, 0.0, 0.4, 0.0, 0.6, 0.0, 0.4, 0.0][half as usize % 8];
        for (n, sample) in out[from..].iter_mut().enumerate().take(hz as usize / 8) {
            let t = n as f64 / f64::from(hz);
            let hat = 0.15 * noise() * (-t * 90.0).exp();
            *sample += (hat + thump * (TAU * 60.0 * t).sin() * (-t * 25.0).exp()) as f32;
        }
    }
    out
}

fn heard(hz: u32, samples: &[f32]) -> Analysis {
    analyse(samples, samples, rate(hz))
}

#[test]
fn tempo_beats_and_onsets_are_heard_at_every_rate() {
    for hz in [8_000, 22_050, 44_100, 48_000, 96_000, 192_000] {
        let analysis = heard(hz, &beat(hz, 118.0, 0.25, 9.0));
        let tempo = analysis.tempo.expect("a tempo");
        assert!((tempo.bpm - 118.0).abs() < 0.2, "{hz} Hz: {}", tempo.bpm);
        assert!(tempo.is_steady && tempo.confidence > 0.3, "{hz} Hz: {tempo:?}");
        assert!((tempo.alternatives_bpm[0] - 59.0).abs() < 0.1 && (tempo.alternatives_bpm[1] - 236.0).abs() < 0.4);
        let beat_s = 60.0 / 118.0;
        for at in &analysis.beats_s {
            let beats = (at - 0.25) / beat_s;
            assert!((beats - beats.round()).abs() * beat_s < 0.015, "{hz} Hz: a beat at {at}");
        }
        assert!(
            analysis.first_downbeat_s.is_some_and(|at| (at - 0.25).abs() < 0.015),
            "{:?}",
            analysis.first_downbeat_s
        );
        let wanted: Vec<f64> = (0..34).map(|half| 0.25 + f64::from(half) * beat_s / 2.0).collect();
        let found = wanted.iter().filter(|at| analysis.onsets_s.iter().any(|onset| (onset - **at).abs() < 0.012));
        assert!(found.count() >= 32, "{hz} Hz: {:?}", analysis.onsets_s);
        // At 8 kHz there are no hats left to drown the ripple of the thumps.
        let most = if hz == 8_000 { 40 } else { 36 };
        assert!(analysis.onsets_s.len() <= most, "{hz} Hz: {:?}", analysis.onsets_s);
    }
}

#[test]
fn pieces_of_any_size_are_heard_as_the_whole() {
    let samples = beat(44_100, 97.0, 0.0, 6.0);
    let whole = heard(44_100, &samples);
    for size in [1, 333, 4_096, 50_000] {
        let mut ear = AudioEar::new(rate(44_100));
        samples.chunks(size).for_each(|piece| ear.push(piece, piece));
        let pieces = ear.finish();
        // Sums of other sizes round otherwise.
        assert_eq!((pieces.tempo, pieces.beats_s), (whole.tempo.clone(), whole.beats_s.clone()), "{size}");
        assert_eq!(pieces.onsets_s, whole.onsets_s, "{size}");
        assert!((pieces.loudness_lufs - whole.loudness_lufs).abs() < 1e-6, "{size}");
    }
}

#[test]
fn silence_noise_and_nothing_have_no_tempo() {
    let mut state = 1u64;
    let mut noise = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        0.2 * ((state >> 40) as f32 / (1 << 23) as f32 - 1.0)
    };
    let noise: Vec<f32> = (0..48_000 * 8).map(&mut noise).collect();
    for (what, samples) in [("nothing", vec![]), ("silence", vec![0.0; 96_000]), ("noise", noise)] {
        let analysis = heard(48_000, &samples);
        assert!(analysis.tempo.as_ref().is_none_or(|tempo| tempo.confidence < 0.25), "{what}: {:?}", analysis.tempo);
    }
    assert_eq!(heard(48_000, &[0.0; 9_600]).loudness_lufs, f64::NEG_INFINITY);
}

#[test]
fn a_fifth_of_a_second_has_a_loudness() {
    let tone: Vec<f32> = (0..9_600).map(|n| (TAU * 997.0 * f64::from(n) / 48_000.0).sin() as f32).collect();
    let analysis = heard(48_000, &tone);
    // A full-scale tone at 997 Hz in both channels is at -0.0 LUFS by definition (-3.01 in one).
    assert!(analysis.loudness_lufs.abs() < 0.3, "{}", analysis.loudness_lufs);
    assert!(analysis.true_peak_dbtp.abs() < 0.1, "{}", analysis.true_peak_dbtp);
    assert_eq!(analysis.num_frames, 9_600);
}

#[test]
fn broken_samples_and_odd_rates_do_no_harm() {
    let mut samples = beat(48_000, 120.0, 0.0, 6.0);
    for at in (0..samples.len()).step_by(997) {
        samples[at] = [f32::NAN, f32::INFINITY, -f32::INFINITY, 1e30][at % 4];
    }
    let analysis = heard(48_000, &samples);
    assert!(analysis.beats_s.iter().all(|at| at.is_finite()) && analysis.true_peak_dbtp.is_finite());
    for hz in [1, 100, 999, 1_000, 3_000, 768_000] {
        let analysis = heard(hz, &beat(hz, 120.0, 0.0, 2.0));
        assert_eq!(analysis.rate_hz, hz);
    }
}

#[test]
fn shares_add_up_and_fall_where_the_sound_is() {
    let tone =
        |hz: f64| -> Vec<f32> { (0..144_000).map(|n| (TAU * hz * f64::from(n) / 48_000.0).sin() as f32).collect() };
    for (hz, band) in [(40.0, 0), (120.0, 1), (350.0, 2), (1_000.0, 3), (3_000.0, 4), (9_000.0, 5)] {
        let bands = heard(48_000, &tone(hz)).profile.bands;
        let bands = [bands.sub, bands.low, bands.low_mid, bands.mid, bands.high, bands.air];
        assert!(bands[band] > 0.95, "{hz} Hz: {bands:?}");
        assert!((bands.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{bands:?}");
    }
    let roles = heard(48_000, &tone(80.0)).profile.roles;
    assert!(roles.bass > 0.9, "{roles:?}");
    let roles = heard(48_000, &beat(48_000, 120.0, 0.0, 6.0)).profile.roles;
    assert!(roles.drums > 0.6, "{roles:?}");
}

//! Chords from audio: synthetic tones whose notes are known, at every rate, and what is no chord.
use listen::{AudioChords, Heard, KeyEar};
use std::f64::consts::TAU;
use take::{PitchClass, SampleRate};
use theory::{Chord, Quality};

const QUALITIES: [Quality; 6] =
    [Quality::Major, Quality::Minor, Quality::Seven, Quality::MajorSeven, Quality::MinorSeven, Quality::Diminished];

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).expect("a rate")
}

/// Two seconds of the chord around middle C with its root in the bass, five harmonics to a note, out of tune by
/// `cents`.
fn tone(rate: SampleRate, root: u8, quality: Quality, cents: f64) -> Vec<f32> {
    let above = quality.intervals().iter().map(|interval| 60 + (root + interval) % 12).collect::<Vec<_>>();
    let hz = |key: u8| 440.0 * ((f64::from(key) - 69.0 + cents / 100.0) / 12.0).exp2();
    let notes: Vec<f64> = above.into_iter().chain([36 + root]).map(hz).collect();
    let sample = |n: u32| {
        let seconds = f64::from(n) / f64::from(rate.get());
        let partial = |hz: &f64, harmonic: u32| {
            let order = f64::from(harmonic);
            // Phases apart, so that the harmonics do not line up.
            0.5f64.powi(harmonic as i32) * (TAU * hz * order * seconds + order * hz).sin()
        };
        let sum: f64 = notes.iter().map(|hz| (1..=5).map(|harmonic| partial(hz, harmonic)).sum::<f64>()).sum();
        (0.1 * sum) as f32
    };
    (0..2 * rate.get()).map(sample).collect()
}

fn hear(rate: SampleRate, samples: &[f32]) -> Option<Heard> {
    let mut listener = AudioChords::new(rate);
    samples.chunks(480).for_each(|block| listener.push(block, block));
    listener.heard_between(0, samples.len() as u64)
}

/// Uniform white noise, -1.0..1.0.
fn noise(seed: u64, num_frames: usize) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..num_frames).map(|_| next()).collect()
}

#[test]
fn chords_are_heard_in_every_key() {
    for quality in QUALITIES {
        for root in 0..12 {
            let heard = hear(rate(48_000), &tone(rate(48_000), root, quality, 0.0));
            let wanted = Chord::new(PitchClass::new(i32::from(root)), quality);
            assert_eq!(heard.map(|heard| heard.chord), Some(wanted));
        }
    }
}

#[test]
fn the_rate_makes_no_difference() {
    for hz in [44_100, 88_200, 96_000, 176_400, 192_000] {
        let heard = hear(rate(hz), &tone(rate(hz), 9, Quality::MinorSeven, 0.0));
        let wanted = Chord::new(PitchClass::new(9), Quality::MinorSeven);
        assert_eq!(heard.map(|heard| heard.chord), Some(wanted), "{hz} Hz");
    }
}

#[test]
fn the_tuning_makes_no_difference() {
    for cents in [-45.0, -30.0, -15.0, 15.0, 30.0, 45.0] {
        let heard = hear(rate(44_100), &tone(rate(44_100), 4, Quality::Minor, cents));
        let wanted = Chord::new(PitchClass::new(4), Quality::Minor);
        assert_eq!(heard.map(|heard| heard.chord), Some(wanted), "{cents} cents");
    }
}

#[test]
fn a_change_is_heard_in_the_beat_it_begins() {
    let (first, second) = (tone(rate(48_000), 0, Quality::Major, 0.0), tone(rate(48_000), 9, Quality::Minor, 0.0));
    let mut listener = AudioChords::new(rate(48_000));
    listener.push(&first, &first);
    listener.push(&second[..24_000], &second[..24_000]);
    let heard = |from, to| listener.heard_between(from, to).map(|heard| heard.chord);
    assert_eq!(heard(72_000, 96_000), Some(Chord::new(PitchClass::new(0), Quality::Major)));
    assert_eq!(heard(96_000, 120_000), Some(Chord::new(PitchClass::new(9), Quality::Minor)));
}

#[test]
fn silence_and_noise_are_no_chord() {
    assert_eq!(hear(rate(48_000), &[0.0; 96_000]), None);
    assert_eq!(AudioChords::new(rate(48_000)).heard_between(0, 48_000), None);
    for seed in 0..20 {
        assert_eq!(hear(rate(48_000), &noise(seed, 96_000)), None, "seed {seed}");
    }
}

#[test]
fn one_note_is_no_chord() {
    let sine: Vec<f32> = (0..96_000).map(|n| 0.3 * (TAU * 440.0 * f64::from(n) / 48_000.0).sin() as f32).collect();
    assert_eq!(hear(rate(48_000), &sine), None);
}

#[test]
fn samples_that_are_no_numbers_do_no_lasting_harm() {
    let mut listener = AudioChords::new(rate(48_000));
    let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e30];
    bad.iter().cycle().take(48_000).for_each(|sample| listener.push(&[*sample], &[*sample]));
    let from = listener.num_pushed();
    let good = tone(rate(48_000), 2, Quality::Minor, 0.0);
    listener.push(&good, &good);
    let heard = listener.heard_between(from + 24_000, from + 96_000).map(|heard| heard.chord);
    assert_eq!(heard, Some(Chord::new(PitchClass::new(2), Quality::Minor)));
}

#[test]
fn frames_count_on_and_what_is_long_ago_is_forgotten() {
    let mut listener = AudioChords::new(rate(48_000));
    let chord = tone(rate(48_000), 0, Quality::Major, 0.0);
    (0..6).for_each(|_| listener.push(&chord, &chord));
    assert_eq!(listener.num_pushed(), 576_000);
    assert_eq!(listener.heard_between(0, 96_000), None);
    assert!(listener.heard_between(480_000, 576_000).is_some());
    listener.forget();
    assert_eq!(listener.num_pushed(), 576_000);
    assert_eq!(listener.heard_between(480_000, 576_000), None);
    assert_eq!(listener.heard_between(576_000, 480_000), None);
}

#[test]
fn audio_tells_its_key() {
    let mut listener = AudioChords::new(rate(48_000));
    let mut ear = KeyEar::new();
    for (root, quality) in [(2, Quality::Major), (7, Quality::Major), (9, Quality::Seven), (2, Quality::Major)] {
        let chord = tone(rate(48_000), root, quality, 20.0);
        let from = listener.num_pushed();
        listener.push(&chord, &chord);
        ear.hear_audio(&listener, from, listener.num_pushed(), 4.0);
    }
    let key = ear.key().map(|heard| (heard.key.tonic, heard.key.scale));
    assert_eq!(key, Some((PitchClass::new(2), take::Scale::Major)));
}

//! Tempo and pitch are independent of the take: decks whose tempo, rate or pitch differs.
mod common;

use common::{Rig, click_take, mix_at, noise_take, sine_take};
use engine::SwapAt;

/// Frames at which something louder than a tenth of full scale begins after 20 ms of quiet.
fn onsets(samples: &[f32]) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (index, sample) in samples.iter().enumerate() {
        if sample.abs() > 0.1 && found.last().is_none_or(|last| index > last + 960) {
            found.push(index);
        }
    }
    found
}

#[test]
fn at_another_tempo_onsets_stay_within_two_milliseconds() {
    let take = click_take(1, 120.0, 48_000, 16.0);
    for tempo in [60.0, 90.0, 119.0, 126.0, 150.0, 240.0] {
        let mut rig = Rig::playing(&take);
        rig.host.tempo = tempo;
        rig.run(48_000 * 8, &[441]);
        let found = onsets(rig.left());
        let frames_per_beat = 60.0 * 48_000.0 / tempo;
        let expected = (48_000.0 * 8.0 / frames_per_beat) as usize;
        assert!(found.len() >= expected, "{tempo}: {} of {expected} onsets", found.len());
        for onset in found {
            let beats = onset as f64 / frames_per_beat;
            let off_ms = (beats - beats.round()) * frames_per_beat / 48.0;
            assert!(off_ms.abs() <= 2.0, "{tempo} BPM: onset at {onset} is {off_ms:.2} ms off");
        }
    }
}

#[test]
fn stretched_sound_is_the_same_whatever_the_block_size() {
    let take = noise_take(1, 120.0, 48_000, 8.0);
    let render = |sizes: &[usize]| {
        let mut rig = Rig::playing(&take);
        rig.host.tempo = 131.0;
        rig.params.decks[0].pitch_semitones = 3.0;
        rig.run(40_000, sizes);
        rig.recording
    };
    let reference = render(&[64]);
    for sizes in [&[1][..], &[17], &[441], &[8192], &[1, 8192, 3, 500]] {
        let other = render(sizes);
        let first = (0..40_000).find(|index| other.main[0][*index] != reference.main[0][*index]);
        assert_eq!(first, None, "blocks of {sizes:?} differ");
        assert!(other == reference);
    }
}

#[test]
fn pitch_moves_without_tempo_and_tempo_without_pitch() {
    let take = sine_take(1, 120.0, 48_000, 8.0, 220.0);
    for (tempo, semitones) in [(120.0, 12.0), (120.0, -5.0), (96.0, 0.0), (150.0, 7.0)] {
        let mut rig = Rig::playing(&take);
        rig.host.tempo = tempo;
        rig.params.decks[0].pitch_semitones = semitones;
        rig.run(96_000, &[441]);
        let rising = rig.left()[24_000..].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        let hz = rising as f64 / 1.5;
        let expected = 220.0 * 2f64.powf(f64::from(semitones) / 12.0);
        assert!((hz / expected - 1.0).abs() < 0.02, "{tempo} BPM {semitones} st: {hz} Hz, not {expected}");
    }
}

#[test]
fn back_at_the_take_s_tempo_the_samples_are_exact_again() {
    let take = noise_take(1, 120.0, 48_000, 8.0);
    let mut rig = Rig::playing(&take);
    rig.run(24_000, &[441]);
    rig.host.tempo = 140.0;
    rig.run(24_000, &[441]);
    // The position goes on from where 140 BPM left it; a whole frame is the nearest that samples allow.
    rig.host.tempo = 120.0;
    rig.run(48_000, &[441]);
    let first = (rig.host.beats * 24_000.0).round() as i64 - 1_000;
    let last = &rig.left()[95_000..];
    let is_exact = |off: i64| last.iter().enumerate().all(|(i, x)| *x == mix_at(&take, first + off + i as i64, 0));
    assert!([0, -1, 1].into_iter().any(is_exact));
    rig.handle.latest_snapshot();
    rig.run(1_000, &[500]);
    assert!(!rig.snapshot().decks[0].is_stretching);
}

#[test]
fn a_take_at_another_rate_keeps_pitch_and_tempo() {
    let take = sine_take(1, 120.0, 44_100, 8.0, 220.0);
    let mut rig = Rig::new(48_000, 120.0);
    rig.load(0, &take, SwapAt::Now);
    rig.stop_for_a_block();
    rig.run(96_000, &[441]);
    let rising = rig.left()[..96_000].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    assert!((438..=442).contains(&rising), "{rising} periods in 2 s");
}

#[test]
fn a_tempo_that_moves_every_block_does_not_click() {
    let take = sine_take(1, 120.0, 48_000, 8.0, 220.0);
    let mut rig = Rig::playing(&take);
    for block in 0..600 {
        rig.host.tempo = 120.0 + 30.0 * (f64::from(block) * 0.02).sin();
        rig.run_block(256);
    }
    // The material's own largest step is 0.0144; splices of a sine may add a little.
    let step = common::largest_step(rig.left());
    assert!(step < 0.0144 * 1.5, "{step}");
}

#[test]
fn a_muted_deck_costs_no_stretching_and_comes_back_in_place() {
    let take = click_take(1, 120.0, 48_000, 16.0);
    let mut rig = Rig::playing(&take);
    rig.host.tempo = 130.0;
    rig.run(48_000, &[441]);
    rig.params.decks[0].is_muted = true;
    rig.run(48_000, &[441]);
    assert!(rig.left()[49_000..].iter().all(|sample| *sample == 0.0));
    rig.params.decks[0].is_muted = false;
    rig.run(96_000, &[441]);
    let frames_per_beat = 60.0 * 48_000.0 / 130.0;
    for onset in onsets(&rig.left()[100_000..]) {
        let beats = (onset + 100_000) as f64 / frames_per_beat;
        assert!(((beats - beats.round()) * frames_per_beat / 48.0).abs() <= 2.0);
    }
}

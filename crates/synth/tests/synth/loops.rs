//! Loops: lengths, onsets, seams, progress, cancelling.
use crate::common::{Setup, band, left, style_files};
use std::ops::ControlFlow;
use synth::{Cancelled, RenderRequest, Sound, render};
use take::{Amount, Beats, Bpm, Hints, Note, Part, PartKind, SampleRate, StemKind};

/// Largest step between neighbours.
fn largest_step(samples: &[f32]) -> f32 {
    samples.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn stems_have_the_frames_of_the_rendition() {
    for (bpm, rate) in [(126.0, 48_000), (120.0, 44_100), (97.3, 44_100), (174.0, 96_000)] {
        let setup = Setup { bpm, rate, ..Setup::new(1) };
        let expected = ((setup.loop_frames() - 1e-6).ceil()) as usize;
        for clip in setup.render().stems.iter().flatten() {
            assert_eq!(clip.num_frames(), expected, "{bpm} BPM at {rate} Hz");
        }
    }
}

#[test]
fn the_seam_steps_no_further_than_the_inside() {
    for (name, text) in style_files() {
        for bpm in [126.0, 121.7] {
            let mut setup = Setup { bpm, sound: Sound::parse(&name, &name, &text).unwrap(), ..Setup::new(2) };
            // A stroke on the first frame is a step by itself; what is asked here is whether the seam adds one.
            setup.parts[0].notes.retain(|note| note.start.0 > 0.0);
            let rendered = setup.render();
            let frames = setup.loop_frames().floor() as usize;
            for (index, clip) in rendered.stems.iter().enumerate() {
                for samples in clip.iter().flat_map(|clip| [&clip.left, &clip.right]) {
                    let inside = largest_step(samples);
                    // A player leaves the odd last frame out or plays it.
                    for last in [frames - 1, samples.len() - 1] {
                        let seam = (samples[0] - samples[last]).abs();
                        assert!(seam <= inside, "{name} {bpm} stem {index}: {seam} at the seam, {inside} inside");
                    }
                }
            }
        }
    }
}

#[test]
fn a_held_pad_runs_through_the_seam() {
    let mut setup = Setup::new(1);
    let notes = vec![Note { start: Beats(2.0), duration: Beats(3.5), key: 57, velocity: 90 }];
    setup.parts = vec![Part { kind: PartKind::Harmony, name: String::new(), program: 0, channel: 0, notes }];
    let text = "[sound.harmony]\ninstrument = \"string_pad\"\nset = { unison = 1, vibrato_cents = 0 }\n[sound.master]\nglue = 0\n";
    setup.sound = Sound::parse("x", "x", text).unwrap();
    let rendered = setup.render();
    let pad = left(&rendered, StemKind::Harmony);
    let level = |samples: &[f32]| crate::common::rms(samples);
    let (before, after) = (level(&pad[pad.len() - 4000..]), level(&pad[..4000]));
    assert!((before / after - 1.0).abs() < 0.4, "{before} before the seam, {after} after");
    assert!((pad[0] - pad[pad.len() - 1]).abs() <= largest_step(pad));
}

/// The first frame from `from` on that rises above -40 dB of the peak.
fn onset_after(samples: &[f32], from: usize) -> usize {
    let peak = samples.iter().fold(0.0f32, |p, s| p.max(s.abs()));
    (from..samples.len()).find(|n| samples[*n].abs() > 0.01 * peak).unwrap()
}

#[test]
fn a_kick_starts_at_its_exact_frame_in_every_style() {
    for (name, text) in style_files() {
        for (rate, bpm) in [(48_000, 126.0), (44_100, 97.3), (96_000, 174.0)] {
            let notes = vec![Note { start: Beats(1.75), duration: Beats(0.25), key: 36, velocity: 110 }];
            let drums = Part { kind: PartKind::Drums, name: String::new(), program: 0, channel: 9, notes };
            let sound = Sound::parse(&name, &name, &text).unwrap();
            let setup = Setup { rate, bpm, parts: vec![drums], sound, ..Setup::new(4) };
            let expected = (1.75 * 60.0 / bpm * f64::from(rate)).round() as usize;
            let rendered = setup.render();
            let kick = left(&rendered, StemKind::Drums);
            let window = &kick[expected.saturating_sub(400)..expected + 400];
            assert!(onset_after(window, 0) + expected - 400 >= expected, "{name}: early");
            let onset = onset_after(kick, expected);
            assert!(onset <= expected + 1, "{name} at {rate}: {} frames late", onset - expected);
        }
    }
}

#[test]
fn a_tail_past_the_end_comes_in_at_the_start() {
    let mut setup = Setup::new(1);
    let notes = vec![Note { start: Beats(3.9), duration: Beats(0.1), key: 49, velocity: 110 }];
    setup.parts = vec![Part { kind: PartKind::Drums, name: String::new(), program: 0, channel: 9, notes }];
    let rendered = setup.render();
    let crash = left(&rendered, StemKind::Drums);
    assert!(crate::common::rms(&crash[..4800]) > 0.2 * crate::common::rms(&crash[crash.len() - 2000..]));
}

fn request<'a>(parts: &'a [Part], sound: &'a Sound, hints: &'a Hints) -> RenderRequest<'a> {
    RenderRequest {
        parts,
        tempo: Bpm::new(126.0).unwrap(),
        bar_beats: Beats(4.0),
        loop_beats: Beats(32.0),
        rate: SampleRate::DEFAULT,
        sound,
        hints,
        energy: Amount::new(0.6),
        tuning: take::Tuning::EQUAL,
        seed: 1,
    }
}

#[test]
fn progress_rises_to_one_and_names_its_stages() {
    let (parts, sound, hints) = (band::band(8), Sound::fallback(), Hints::default());
    let (mut last, mut stages, mut calls) = (0.0f32, Vec::new(), 0);
    render(&request(&parts, &sound, &hints), &mut |share, stage| {
        assert!(share >= last && share <= 1.0, "{share} after {last}");
        last = share;
        calls += 1;
        if stages.last().is_none_or(|s| s != stage) {
            stages.push(stage.to_owned());
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(last, 1.0);
    assert_eq!(stages, ["drums", "bass", "harmony", "melody", "texture", "master", "done"]);
    assert!(calls > 40, "{calls} calls for 15 seconds of audio");
}

#[test]
fn break_stops_the_render_at_any_call() {
    let (parts, sound, hints) = (band::band(8), Sound::fallback(), Hints::default());
    for stop_at in [1, 7, 30] {
        let mut calls = 0;
        let result = render(&request(&parts, &sound, &hints), &mut |_, _| {
            calls += 1;
            if calls == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(result, Err(Cancelled));
        assert_eq!(calls, stop_at, "no call after Break");
    }
}

#[test]
fn no_notes_give_no_stems_and_strange_notes_do_no_harm() {
    let mut setup = Setup::new(1);
    setup.parts.clear();
    assert!(setup.render().stems.iter().all(Option::is_none));
    let odd =
        |start: f64, duration: f64| Note { start: Beats(start), duration: Beats(duration), key: 60, velocity: 90 };
    let notes = vec![odd(f64::NAN, 1.0), odd(0.0, f64::INFINITY), odd(-3.0, 0.0), odd(400.0, 1000.0), odd(1.0, -2.0)];
    setup.parts = PartKind::ALL
        .map(|kind| Part { kind, name: String::new(), program: 0, channel: 0, notes: notes.clone() })
        .to_vec();
    for clip in setup.render().stems.iter().flatten() {
        assert!(clip.left.iter().all(|s| s.is_finite()));
    }
}

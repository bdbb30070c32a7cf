//! One take gives way to the next: on the exact sample, without a click, and nothing is lost or freed on the way.
mod common;

use common::{Rig, deck, largest_step, mix_at, noise_take, playable, sine_take};
use engine::{DeckPhase, FromEngine, SwapAt, ToEngine};
use std::sync::Arc;
use take::Rendition;

const FADE: usize = 960;

/// Plays `old`, arms `new` after 30 000 frames, and gives back the rig after 300 000 frames.
fn swap(old: &Arc<Rendition>, new: &Arc<Rendition>, at: SwapAt, meter: (i32, i32), sizes: &[usize]) -> Rig {
    let mut rig = Rig::playing(old);
    rig.host.meter = meter;
    rig.run(30_000, sizes);
    rig.load(0, new, at);
    rig.run(270_000, sizes);
    rig
}

fn assert_swapped_at(rig: &Rig, old: &Rendition, new: &Rendition, boundary: usize) {
    for (index, sample) in rig.left().iter().enumerate() {
        let (old, new) = (mix_at(old, index as i64, 0), mix_at(new, index as i64, 0));
        match index {
            _ if index < boundary => assert_eq!(*sample, old, "frame {index} before {boundary}"),
            _ if index >= boundary + FADE => assert_eq!(*sample, new, "frame {index} after {boundary}"),
            _ => {}
        }
    }
    assert_ne!(rig.left()[boundary + 5], mix_at(old, boundary as i64 + 5, 0), "the fade has begun");
}

#[test]
fn a_swap_happens_on_the_sample_in_all_four_modes() {
    let (old, new) = (noise_take(1, 126.0, 48_000, 8.0), noise_take(2, 126.0, 48_000, 16.0));
    let frames_per_beat = 60.0 * 48_000.0 / 126.0;
    let frame_of = |beats: f64| (beats * frames_per_beat).round() as usize;
    for (at, boundary) in [
        (SwapAt::Now, 30_000),
        (SwapAt::Beat, frame_of(2.0)),
        (SwapAt::Bar, frame_of(4.0)),
        (SwapAt::Loop, frame_of(8.0)),
    ] {
        let rig = swap(&old, &new, at, (4, 4), &[500]);
        assert_swapped_at(&rig, &old, &new, boundary);
    }
}

#[test]
fn in_seven_eight_the_beat_is_an_eighth_and_the_bar_seven_of_them() {
    let (old, new) = (noise_take(1, 126.0, 48_000, 7.0), noise_take(2, 126.0, 48_000, 14.0));
    let frames_per_beat = 60.0 * 48_000.0 / 126.0;
    for (at, beats) in [(SwapAt::Beat, 1.5f64), (SwapAt::Bar, 3.5), (SwapAt::Loop, 7.0)] {
        let rig = swap(&old, &new, at, (7, 8), &[500]);
        assert_swapped_at(&rig, &old, &new, (beats * frames_per_beat).round() as usize);
    }
}

#[test]
fn a_swap_is_the_same_whatever_the_block_size() {
    let (old, new) = (noise_take(1, 126.0, 48_000, 8.0), noise_take(2, 126.0, 48_000, 16.0));
    let reference = swap(&old, &new, SwapAt::Bar, (4, 4), &[500]).recording;
    // 30 000 is a multiple of all of these: the order arrives at the same frame.
    for sizes in [&[1][..], &[16], &[3_000], &[7_500], &[1, 999, 2_000]] {
        assert!(swap(&old, &new, SwapAt::Bar, (4, 4), sizes).recording == reference, "blocks of {sizes:?}");
    }
}

#[test]
fn a_cycle_that_never_reaches_the_end_of_the_loop_swaps_where_it_wraps() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 16.0), noise_take(2, 120.0, 48_000, 16.0));
    let mut rig = Rig::playing(&old);
    rig.host.cycle = Some((4.0, 12.0));
    rig.host.locate(5 * 24_000);
    rig.run(24_000, &[500]);
    rig.load(0, &new, SwapAt::Loop);
    rig.run(300_000, &[500]);
    let wrap = 7 * 24_000;
    assert!((200..wrap).all(|index| rig.left()[index] == mix_at(&old, 120_000 + index as i64, 0)));
    assert!((wrap + FADE..320_000).all(|index| rig.left()[index] == mix_at(&new, (index + 96_000 - wrap) as i64, 0)));
}

#[test]
fn a_cycle_that_the_host_keeps_to_itself_swaps_at_its_second_wrap() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 16.0), noise_take(2, 120.0, 48_000, 16.0));
    // In blocks of 500 the cycle ends at the edge of a block; in blocks of 441 nearly always inside one.
    for size in [500, 441] {
        let mut rig = Rig::playing(&old);
        rig.host.cycle = Some((4.0, 12.0));
        rig.host.announces_cycle = false;
        rig.host.rounding = common::Rounding::Float;
        rig.host.locate(5 * 24_000);
        rig.run(24_000, &[size]);
        rig.load(0, &new, SwapAt::Loop);
        rig.news();
        let swapped = |rig: &mut Rig| rig.news().iter().any(|news| matches!(news, FromEngine::Swapped { .. }));
        // To behind the first wrap: a jump back may be anybody's seek.
        rig.run(6 * 24_000 + 12_000, &[size]);
        assert!(!swapped(&mut rig), "blocks of {size}: a single jump back is no cycle");
        rig.run(8 * 24_000 - 13_000, &[size]);
        assert!(!swapped(&mut rig), "blocks of {size}: it swapped between two wraps");
        rig.run(2_000, &[size]);
        assert!(swapped(&mut rig), "blocks of {size}: it waits for ever");
        rig.run(20_000, &[size]);
        let last = rig.left().len() - 1;
        let at = rig.host.samples - 1;
        assert!((-2..=2).any(|slack| rig.left()[last] == mix_at(&new, at + slack, 0)), "the new take plays");
    }
}

#[test]
fn a_cycle_that_holds_the_end_of_the_loop_swaps_there_and_not_where_it_wraps() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 8.0), noise_take(2, 120.0, 48_000, 8.0));
    let mut rig = Rig::playing(&old);
    rig.host.cycle = Some((4.0, 12.0));
    rig.host.announces_cycle = false;
    rig.host.locate(5 * 24_000);
    rig.run(16 * 24_000, &[500]);
    rig.load(0, &new, SwapAt::Loop);
    rig.news();
    // From beat 5 to just before beat 8, twice past the wrap already.
    rig.run(3 * 24_000 - 500, &[500]);
    assert!(rig.news().is_empty(), "swapped before the end of the loop");
    rig.run(1_000, &[500]);
    assert!(matches!(&rig.news()[..], [FromEngine::Swapped { .. }]));
}

#[test]
fn a_swap_to_the_same_music_is_not_heard() {
    for hz in [55.0, 330.0, 4_000.0] {
        let (old, new) = (sine_take(1, 120.0, 48_000, 8.0, hz), sine_take(2, 120.0, 48_000, 8.0, hz));
        for crossfade_ms in [1.0, 20.0, 500.0] {
            let mut rig = Rig::playing(&old);
            rig.params.crossfade_ms = crossfade_ms;
            rig.load(0, &new, SwapAt::Beat);
            rig.run(60_000, &[500]);
            let worst =
                (0..60_000).map(|index| (rig.left()[index] - mix_at(&old, index as i64, 0)).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{hz} Hz, {crossfade_ms} ms: off by {worst}");
        }
    }
}

#[test]
fn a_bar_line_of_the_host_counts_but_not_one_that_is_a_bar_late() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 8.0), noise_take(2, 120.0, 48_000, 8.0));
    // A host with a bar line on beat 1 (a bar of 1/4 came first, say), and Ardour's at the end of the bar.
    for (shift, boundary) in [(1.0, 5 * 24_000), (4.0, 4 * 24_000)] {
        let mut rig = Rig::playing(&old);
        for block in 0..320 {
            if block == 60 {
                rig.load(0, &new, SwapAt::Bar);
            }
            let bar: f64 = ((rig.host.beats - shift % 4.0) / 4.0).floor() * 4.0 + shift;
            rig.host.bar_start = Some(bar);
            rig.run_block(500);
        }
        assert_swapped_at(&rig, &old, &new, boundary);
    }
}

#[test]
fn a_beat_that_the_host_crosses_twice_swaps_once() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 8.0), noise_take(2, 120.0, 48_000, 8.0));
    let mut rig = Rig::playing(&old);
    rig.host.rounding = common::Rounding::Ticks(1920.0);
    rig.host.gives_samples = true;
    rig.run(12_000, &[256, 255, 1]);
    rig.load(0, &new, SwapAt::Beat);
    rig.run(60_000, &[255, 1]);
    assert_swapped_at(&rig, &old, &new, 24_000);
    let swaps = rig.news().into_iter().filter(|news| matches!(news, FromEngine::Swapped { .. })).count();
    assert_eq!(swaps, 2, "the first take and the second");
}

#[test]
fn a_crossfade_keeps_the_power_and_makes_no_larger_step_than_its_sources() {
    let (old, new) = (sine_take(1, 120.0, 48_000, 8.0, 330.0), sine_take(2, 120.0, 48_000, 8.0, 441.0));
    let rig = swap(&old, &new, SwapAt::Bar, (4, 4), &[500]);
    let source = |take: &Rendition| -> f32 {
        largest_step(&(0..20_000).map(|frame| mix_at(take, frame, 0)).collect::<Vec<_>>())
    };
    // Equal power: the gains are at most 1 / sqrt(2) each where both count.
    let bound = 0.7072 * (source(&old) + source(&new)) * 1.02;
    assert!(largest_step(rig.left()) <= bound.max(1.02 * source(&old)).max(1.02 * source(&new)));
    let power = |range: std::ops::Range<usize>| -> f32 {
        let len = range.len() as f32;
        rig.left()[range].iter().map(|x| x * x).sum::<f32>() / len
    };
    let (before, during) = (power(86_000..95_600), power(96_000..96_960));
    assert!((during / before - 1.0).abs() < 0.25, "{before} became {during}");
}

#[test]
fn replace_goes_on_at_the_same_musical_position() {
    let old = noise_take(1, 126.0, 48_000, 8.0);
    let mut rig = Rig::playing(&old);
    rig.host.tempo = 120.0;
    rig.run(48_000, &[500]);
    let mut new = Arc::unwrap_or_clone(noise_take(9, 120.0, 48_000, 8.0));
    new.take = old.take;
    let new = Arc::new(new);
    rig.send(ToEngine::Replace { deck: deck(0), playable: playable(&new) });
    rig.run(48_000, &[500]);
    for (index, sample) in rig.left().iter().enumerate().skip(48_000 + FADE + 500) {
        assert_eq!(*sample, mix_at(&new, index as i64, 0), "frame {index}");
    }
    rig.handle.latest_snapshot();
    rig.run(1_000, &[500]);
    assert!(!rig.snapshot().decks[0].is_stretching);
}

#[test]
fn replace_of_a_take_that_is_not_here_comes_back_unused() {
    let take = noise_take(1, 126.0, 48_000, 4.0);
    let stranger = noise_take(7, 126.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.run(500, &[500]);
    rig.news();
    rig.send(ToEngine::Replace { deck: deck(0), playable: playable(&stranger) });
    rig.run(500, &[500]);
    assert!(matches!(&rig.news()[..], [FromEngine::Retired(back)] if Arc::ptr_eq(&back.rendition, &stranger)));
}

#[test]
fn replace_reaches_the_pending_take_too() {
    let (old, new) = (noise_take(1, 126.0, 48_000, 8.0), noise_take(2, 126.0, 48_000, 8.0));
    let mut other = Arc::unwrap_or_clone(noise_take(3, 126.0, 48_000, 8.0));
    other.take = new.take;
    let other = Arc::new(other);
    let mut rig = Rig::playing(&old);
    rig.run(30_000, &[500]);
    rig.load(0, &new, SwapAt::Bar);
    rig.run(500, &[500]);
    rig.send(ToEngine::Replace { deck: deck(0), playable: playable(&other) });
    rig.run(100_000, &[500]);
    assert_swapped_at(&rig, &old, &other, (4.0f64 * 60.0 * 48_000.0 / 126.0).round() as usize);
}

#[test]
fn the_newest_pending_take_wins_and_the_older_one_is_retired() {
    let takes: Vec<_> = (1..=3).map(|id| noise_take(id, 120.0, 48_000, 4.0)).collect();
    let mut rig = Rig::playing(&takes[0]);
    rig.run(1_000, &[500]);
    rig.news();
    rig.load(0, &takes[1], SwapAt::Bar);
    rig.load(0, &takes[2], SwapAt::Bar);
    rig.run(1_000, &[500]);
    assert!(matches!(&rig.news()[..], [FromEngine::Retired(back)] if Arc::ptr_eq(&back.rendition, &takes[1])));
    assert_eq!(rig.snapshot().decks[0].phase, DeckPhase::Armed);
    rig.run(96_000, &[500]);
    let news = rig.news();
    assert!(news.iter().any(|news| matches!(news, FromEngine::Swapped { take, .. } if *take == takes[2].take)));
    assert!(
        news.iter().any(|news| matches!(news, FromEngine::Retired(back) if Arc::ptr_eq(&back.rendition, &takes[0])))
    );
}

#[test]
fn a_disarmed_take_never_plays() {
    let (old, new) = (noise_take(1, 120.0, 48_000, 4.0), noise_take(2, 120.0, 48_000, 4.0));
    let mut rig = Rig::playing(&old);
    rig.run(1_000, &[500]);
    rig.load(0, &new, SwapAt::Bar);
    rig.run(1_000, &[500]);
    rig.send(ToEngine::Disarm { deck: deck(0) });
    rig.run(150_000, &[500]);
    assert!((0..150_000).all(|index| rig.left()[index] == mix_at(&old, index as i64, 0)));
}

#[test]
fn an_unloaded_deck_fades_out_gives_back_and_is_idle() {
    let take = sine_take(1, 120.0, 48_000, 4.0, 220.0);
    let mut rig = Rig::playing(&take);
    rig.run(10_000, &[500]);
    rig.news();
    rig.send(ToEngine::Unload { deck: deck(0) });
    rig.run(100, &[100]);
    assert_eq!(rig.engine_phase(), DeckPhase::Stopping);
    rig.run(10_000, &[500]);
    assert_eq!(rig.engine_phase(), DeckPhase::Idle);
    assert!(rig.left()[10_000 + FADE + 500..].iter().all(|sample| *sample == 0.0));
    assert!(largest_step(rig.left()) < 0.0146);
    assert!(matches!(&rig.news()[..], [FromEngine::Retired(_)]));
}

#[test]
fn an_empty_deck_starts_on_the_bar() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::new(48_000, 120.0);
    rig.run(30_000, &[500]);
    rig.load(0, &take, SwapAt::Loop);
    rig.run(100_000, &[500]);
    assert!(rig.left()[..96_000].iter().all(|sample| *sample == 0.0));
    assert!((96_000..130_000).all(|index| rig.left()[index] == mix_at(&take, index as i64, 0)));
}

#[test]
fn the_cue_bus_plays_from_the_start_while_the_transport_stands() {
    let (first, second) = (noise_take(1, 126.0, 48_000, 4.0), noise_take(2, 93.0, 48_000, 4.0));
    let mut rig = Rig::new(48_000, 120.0);
    rig.params.is_cue_in_main = false;
    rig.host.is_playing = false;
    rig.run(2_000, &[441]);
    rig.recording = Default::default();
    rig.send(ToEngine::Cue { playable: Some(playable(&first)) });
    rig.run(20_000, &[441]);
    assert!((0..20_000).all(|index| rig.recording.cue[0][index] == mix_at(&first, index as i64, 0)));
    assert!(rig.left().iter().all(|sample| *sample == 0.0));
    rig.send(ToEngine::Cue { playable: Some(playable(&second)) });
    rig.run(20_000, &[441]);
    assert!((300..20_000).all(|index| rig.recording.cue[0][20_000 + index] == mix_at(&second, index as i64, 0)));
    rig.send(ToEngine::Cue { playable: None });
    rig.run(2_000, &[441]);
    assert!(rig.recording.cue[0][40_300..].iter().all(|sample| *sample == 0.0));
    let retired = rig.news().into_iter().filter(|news| matches!(news, FromEngine::Retired(_))).count();
    assert_eq!(retired, 2);
}

#[test]
fn a_cued_take_follows_the_rolling_host_and_runs_on_when_it_stops() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::new(48_000, 120.0);
    rig.run(30_000, &[441]);
    rig.send(ToEngine::Cue { playable: Some(playable(&take)) });
    rig.run(20_000, &[441]);
    // Behind the rise at its start, which is in the middle of a sound.
    let cued = |rig: &Rig, index: usize| rig.recording.cue[0][index];
    assert!(
        (30_500..50_000).all(|index| cued(&rig, index) == mix_at(&take, index as i64, 0)),
        "not at the host's place"
    );
    rig.host.is_playing = false;
    rig.run(20_000, &[441]);
    assert!((50_500..70_000).all(|index| cued(&rig, index) == mix_at(&take, index as i64, 0)), "it did not run on");
}

#[test]
fn the_cue_is_heard_on_the_main_output_as_far_as_the_dial_says() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::new(48_000, 120.0);
    rig.host.is_playing = false;
    rig.send(ToEngine::Cue { playable: Some(playable(&take)) });
    rig.run(10_000, &[441]);
    assert_eq!(rig.left(), &rig.recording.cue[0][..]);
    rig.params.is_cue_in_main = false;
    rig.run(10_000, &[441]);
    assert!(rig.left()[11_000..].iter().all(|sample| *sample == 0.0));
    assert!(rig.recording.cue[0][11_000..].iter().any(|sample| *sample != 0.0));
}

#[test]
fn with_the_return_ring_full_nothing_is_lost_and_nothing_freed() {
    let mut rig = Rig::new(48_000, 120.0);
    let takes: Vec<_> = (0..200).map(|id| playable(&noise_take(id as u8, 120.0, 48_000, 1.0))).collect();
    let mut sent = 0;
    // Nobody listens: the ring of 128 fills up, then the slots, then the ring of orders.
    for _ in 0..2_000 {
        if sent < takes.len()
            && rig
                .handle
                .send(ToEngine::LoadTake { deck: deck(0), playable: takes[sent].clone(), at: SwapAt::Now })
                .is_ok()
        {
            sent += 1;
        }
        rig.run_block(480);
    }
    assert!(sent < takes.len(), "the rings are bounded");
    assert!(takes[..sent].iter().all(|take| Arc::strong_count(&take.rendition) == 2), "every take is still somewhere");
    assert!(rig.left().last().is_some_and(|sample| sample.is_finite()));
    let mut back = 0;
    for _ in 0..2_000 {
        back += rig.news().into_iter().filter(|news| matches!(news, FromEngine::Retired(_))).count();
        rig.run_block(480);
    }
    assert_eq!(back, sent - 1, "all but the one that plays came back");
}

#[test]
fn a_dropped_handle_leaves_the_music_playing() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    let (_, other) = engine::prepare(engine::EngineConfig { rate: take.rate, max_frames: 64 });
    drop(std::mem::replace(&mut rig.handle, other));
    rig.run(10_000, &[441]);
    assert!((0..10_000).all(|index| rig.left()[index] == mix_at(&take, index as i64, 0)));
}

//! Locked to the host: the right sample at the right frame, whatever the host does.
mod common;

use common::{Rig, Rounding, click_take, largest_step, mix_at, noise_take};
use engine::{HostBlock, SwapAt};

const RATES: [u32; 3] = [44_100, 48_000, 96_000];

/// Every frame of the recording is the take's own sample at `first + index`, bit for bit.
fn assert_exact(rig: &Rig, take: &take::Rendition, first: i64, skip: usize) {
    for channel in 0..2 {
        for (index, sample) in rig.recording.main[channel].iter().enumerate().skip(skip) {
            let expected = mix_at(take, first + index as i64, channel);
            assert_eq!(*sample, expected, "frame {index}, channel {channel}");
        }
    }
}

#[test]
fn a_deck_at_default_dials_is_the_take_bit_for_bit() {
    for rate in RATES {
        let take = noise_take(1, 126.0, rate, 8.0);
        let mut rig = Rig::playing(&take);
        rig.run(3 * take.num_frames(), &[512]);
        assert_exact(&rig, &take, 0, 0);
    }
}

#[test]
fn stem_buses_are_the_stems_bit_for_bit() {
    let take = noise_take(1, 126.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.run(take.num_frames() - 1, &[512]);
    for (bus, clip) in rig.recording.stems.iter().zip(take.stems.iter().flatten()) {
        assert_eq!(bus[0][..], clip.left[..bus[0].len()]);
        assert_eq!(bus[1][..], clip.right[..bus[1].len()]);
    }
}

#[test]
fn without_stem_buses_the_mix_is_the_same() {
    let take = noise_take(1, 126.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.has_stem_buses = false;
    rig.run(take.num_frames(), &[512]);
    assert_exact(&rig, &take, 0, 0);
}

#[test]
fn onsets_fall_on_the_sample_of_the_grid() {
    for rate in RATES {
        for tempo in [93.0, 120.0, 126.1] {
            let take = click_take(1, tempo, rate, 16.0);
            let mut rig = Rig::playing(&take);
            rig.run(take.num_frames() * 2, &[441]);
            let frames_per_beat = 60.0 * f64::from(rate) / tempo;
            let onsets: Vec<usize> = (0..rig.left().len()).filter(|frame| rig.left()[*frame] != 0.0).collect();
            assert!(onsets.len() >= 32);
            for (beat, onset) in onsets.iter().enumerate() {
                let off = *onset as f64 - beat as f64 * frames_per_beat;
                assert!(off.abs() <= 1.0, "rate {rate} tempo {tempo} beat {beat}: {off} frames off");
            }
        }
    }
}

#[test]
fn block_size_changes_not_a_bit() {
    let take = noise_take(1, 126.0, 48_000, 8.0);
    let render = |sizes: &[usize]| {
        let mut rig = Rig::playing(&take);
        rig.params.decks[0].level = 0.7;
        rig.run(40_000, sizes);
        rig.recording
    };
    let reference = render(&[64]);
    for sizes in [&[1][..], &[17], &[441], &[8192], &[1, 8192, 3, 500, 64, 127, 129]] {
        assert!(render(sizes) == reference, "blocks of {sizes:?}");
    }
}

#[test]
fn a_start_in_the_middle_of_a_bar_is_in_the_right_place() {
    let take = noise_take(1, 126.0, 48_000, 16.0);
    let mut rig = Rig::playing(&take);
    let first = (26.0 * rig.host.frames_per_beat()).round() as i64;
    rig.host.locate(first);
    rig.run(50_000, &[441]);
    // The first 2 ms rise from silence.
    assert_exact(&rig, &take, first, 96);
}

#[test]
fn a_pre_roll_counts_towards_beat_zero() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.host.gives_samples = true;
    rig.host.locate(-768);
    rig.run(5_000, &[767, 1023, 1]);
    assert_exact(&rig, &take, -768, 96);
}

#[test]
fn swapped_in_at_now_plays_at_once() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::new(48_000, 120.0);
    rig.run(1000, &[100]);
    assert!(rig.left().iter().all(|sample| *sample == 0.0));
    rig.load(0, &take, SwapAt::Now);
    rig.run(1000, &[100]);
    assert_ne!(rig.left()[1200], 0.0);
}

/// Frames of a crossfade at a jump, 5 ms.
const JUMP_FRAMES: usize = 240;

#[test]
fn a_host_cycle_of_three_bars_over_a_four_bar_take_wraps_on_the_sample() {
    let take = noise_take(1, 126.0, 48_000, 16.0);
    for announces_cycle in [true, false] {
        for sizes in [&[441][..], &[64], &[8192], &[127, 1]] {
            let mut rig = Rig::playing(&take);
            rig.host.cycle = Some((4.0, 16.0));
            rig.host.announces_cycle = announces_cycle;
            rig.host.locate((4.0 * rig.host.frames_per_beat()).round() as i64);
            let (start, end) = (rig.host.samples, (16.0 * rig.host.frames_per_beat()).round() as i64);
            let length = (end - start) as usize;
            // A host that keeps its cycle to itself wraps between blocks: its blocks end there.
            while rig.left().len() < 3 * length {
                let left = length - rig.left().len() % length;
                let size = sizes[rig.left().len() % sizes.len()];
                rig.run_block(if announces_cycle { size } else { size.min(left) });
            }
            for (index, sample) in rig.left().iter().enumerate() {
                let into = index % length;
                if into >= JUMP_FRAMES {
                    assert_eq!(*sample, mix_at(&take, start + into as i64, 0), "{sizes:?} frame {index}");
                }
            }
        }
    }
}

#[test]
fn a_cycle_as_long_as_the_take_wraps_without_a_fade() {
    let take = noise_take(1, 120.0, 48_000, 16.0);
    let mut rig = Rig::playing(&take);
    rig.host.cycle = Some((16.0, 32.0));
    rig.host.locate(16 * 24_000);
    rig.run(3 * take.num_frames(), &[1000]);
    assert_exact(&rig, &take, 0, 0);
}

#[test]
fn a_seek_backwards_lands_on_the_sample_and_does_not_click() {
    let take = common::sine_take(1, 120.0, 48_000, 8.0, 220.0);
    let mut rig = Rig::playing(&take);
    rig.run(50_000, &[441]);
    rig.host.locate(12_345);
    rig.run(50_000, &[441]);
    for (index, sample) in rig.left()[50_000 + JUMP_FRAMES..].iter().enumerate() {
        assert_eq!(*sample, mix_at(&take, 12_345 + (JUMP_FRAMES + index) as i64, 0));
    }
    let material: Vec<f32> = (0..take.num_frames() as i64).map(|frame| mix_at(&take, frame, 0)).collect();
    assert!(largest_step(rig.left()) <= 1.02 * largest_step(&material));
}

#[test]
fn an_hour_later_not_a_sample_is_lost() {
    let take = noise_take(1, 126.1, 48_000, 16.0);
    let hour = 3600 * 48_000i64;
    let mut rig = Rig::playing(&take);
    rig.host.locate(hour);
    rig.run(20_000, &[512]);
    assert_exact(&rig, &take, hour, JUMP_FRAMES);
}

#[test]
fn an_hour_really_played_ends_on_the_sample() {
    // 126.1 BPM at 8 kHz: a loop of 15 225.2... frames, which rounds differently in every repeat.
    let take = noise_take(1, 126.1, 8_000, 4.0);
    for rounding in [Rounding::None, Rounding::Ticks(1920.0)] {
        let mut rig = Rig::playing(&take);
        rig.has_stem_buses = false;
        rig.host.rounding = rounding;
        rig.host.gives_samples = true;
        let hour = 3600 * 8_000;
        while rig.host.samples < hour {
            rig.recording = Default::default();
            rig.run_block(8192);
        }
        let first = rig.host.samples - 8192;
        assert_exact(&rig, &take, first, 0);
    }
}

#[test]
fn two_renders_are_the_same() {
    let take = noise_take(1, 126.0, 48_000, 8.0);
    let render = || {
        let mut rig = Rig::playing(&take);
        rig.params.decks[0].filter = -0.4;
        rig.params.decks[0].reverb_send = 0.5;
        rig.params.decks[0].delay_send = 0.5;
        rig.params.decks[0].pan = 0.2;
        rig.host.tempo = 131.0;
        rig.run(60_000, &[441]);
        rig.recording
    };
    assert!(render() == render());
}

#[test]
fn ardours_rounded_beats_are_sample_exact_thanks_to_its_sample_position() {
    for tempo in [93.0, 120.0, 126.1] {
        let take = noise_take(1, tempo, 48_000, 8.0);
        for first in [0, 12_345, -768] {
            let mut rig = Rig::playing(&take);
            rig.host.gives_samples = true;
            rig.host.rounding = Rounding::Ticks(1920.0);
            // Ardour's bar line is a bar late.
            rig.host.bar_start = Some(400.0);
            rig.host.locate(first);
            rig.run(60_000, &[256, 255, 1]);
            assert_exact(&rig, &take, first, 96);
        }
    }
}

#[test]
fn split_blocks_that_step_back_are_not_jumps() {
    // As the plugin framework does it: rounded at the block's first frame, extrapolated for its second half.
    let take = noise_take(1, 120.0, 48_000, 8.0);
    for gives_samples in [true, false] {
        let mut rig = Rig::playing(&take);
        rig.host.rounding = Rounding::Ticks(1920.0);
        rig.host.gives_samples = gives_samples;
        for _ in 0..400 {
            let whole = rig.host.block(256);
            rig.run_host_block(&HostBlock { num_frames: 255, ..whole });
            let beats = whole.pos_beats.map(|beats| beats + 255.0 / 24_000.0);
            let samples = whole.pos_samples.map(|samples| samples + 255);
            rig.run_host_block(&HostBlock { num_frames: 1, pos_beats: beats, pos_samples: samples, ..whole });
            rig.host.advance(256);
        }
        assert_exact(&rig, &take, 0, 0);
    }
}

#[test]
fn an_unlucky_first_measurement_leaves_no_lasting_offset() {
    for rounding in [Rounding::Ticks(1920.0), Rounding::Float] {
        for tempo in [77.0, 126.1, 173.3] {
            let take = noise_take(1, tempo, 48_000, 8.0);
            for first in [100, 7_777, 31_009, 900_001] {
                let mut rig = Rig::playing(&take);
                rig.host.rounding = rounding;
                rig.host.locate(first);
                rig.run(96_000, &[256]);
                let last = &rig.left()[95_000..];
                let fits = |off: i64| {
                    last.iter().enumerate().all(|(i, x)| *x == mix_at(&take, first + off + 95_000 + i as i64, 0))
                };
                assert!([0, -1, 1].into_iter().any(fits), "{rounding:?} {tempo} from {first}: more than a frame off");
            }
        }
    }
}

#[test]
fn a_ramp_from_90_to_150_keeps_onsets_within_two_milliseconds() {
    let take = click_take(1, 120.0, 48_000, 16.0);
    for size in [64usize, 512, 2048, 8192] {
        let mut rig = Rig::playing(&take);
        let mut tempo = 90.0f64;
        let mut truth = Vec::new();
        let (mut beats, mut frame) = (0.0f64, 0usize);
        // 7.5 BPM per second, beats integrated frame by frame as a host with a ramp does.
        while tempo < 150.0 {
            rig.host.tempo = tempo;
            rig.host.beats = beats;
            let host = rig.host.block(size);
            rig.run_host_block(&host);
            for _ in 0..size {
                let next = beats + tempo / 60.0 / 48_000.0;
                if beats.ceil() < next || beats == beats.ceil() {
                    truth.push(frame);
                }
                beats = next;
                tempo += 7.5 / 48_000.0;
                frame += 1;
            }
        }
        let left = rig.left();
        let loudest = |around: usize| {
            let from = around.saturating_sub(2_000);
            let range = from..(around + 2_000).min(left.len());
            range.max_by(|a, b| left[*a].abs().total_cmp(&left[*b].abs())).unwrap_or(0)
        };
        assert!(truth.len() > 14);
        for onset in truth.iter().filter(|frame| **frame + 2_000 < left.len()) {
            let off_ms = (loudest(*onset) as f64 - *onset as f64) / 48.0;
            assert!(off_ms.abs() <= 2.0, "blocks of {size}: onset at {onset} is {off_ms:.2} ms off");
        }
    }
}

#[test]
fn a_host_without_position_runs_freely_from_zero() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::new(48_000, 120.0);
    rig.load(0, &take, SwapAt::Now);
    rig.host.gives_beats = false;
    rig.host.gives_tempo = false;
    rig.stop_for_a_block();
    rig.run(100_000, &[441]);
    assert_exact(&rig, &take, 0, 0);
}

#[test]
fn a_tempo_that_is_no_tempo_leaves_the_last_good_one() {
    let take = noise_take(1, 126.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    for bad in [f64::NAN, 0.0, -120.0, f64::INFINITY, 1e300, f64::NEG_INFINITY] {
        let host = HostBlock { tempo: Some(bad), ..rig.host.block(441) };
        rig.run_host_block(&host);
        rig.host.advance(441);
    }
    assert_exact(&rig, &take, 0, 0);
}

#[test]
fn a_position_that_is_no_position_is_predicted() {
    let take = noise_take(1, 126.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.run(441, &[441]);
    for bad in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300] {
        let host = HostBlock { pos_beats: Some(bad), ..rig.host.block(441) };
        rig.run_host_block(&host);
        rig.host.advance(441);
    }
    assert_exact(&rig, &take, 0, 0);
}

#[test]
fn a_stop_fades_out_and_a_start_goes_on_in_place() {
    let take = common::sine_take(1, 120.0, 48_000, 8.0, 220.0);
    let mut rig = Rig::playing(&take);
    rig.run(10_000, &[500]);
    rig.host.is_playing = false;
    rig.run(10_000, &[500]);
    rig.host.is_playing = true;
    rig.run(10_000, &[500]);
    let left = rig.left();
    assert!(left[10_000 + JUMP_FRAMES..20_000].iter().all(|sample| *sample == 0.0));
    assert!((20_096..30_000).all(|index| left[index] == mix_at(&take, index as i64 - 10_000, 0)));
    assert!(largest_step(left) < 0.03);
}

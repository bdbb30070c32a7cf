//! Locked to the host: the right sample at the right frame, whatever the host does.
mod common;

use common::{FakeHost, Rig, Rounding, click_take, mix_at, noise_take};
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
    let _ = (Rounding::None, FakeHost::new(1, 1.0), HostBlock::default());
}

//! Whatever is thrown at the engine, nothing clicks, nothing is lost, and what comes out are finite numbers.
mod common;

use common::{Rig, deck, largest_step, mix_at, noise_take, playable, sine_take, take_of};
use engine::{DeckParams, EngineParams, FromEngine, HostBlock, LoopRange, SwapAt, ToEngine};
use proptest::prelude::*;
use std::sync::Arc;
use take::Rendition;

/// A small, known generator: the same storm on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn unit(&mut self) -> f32 {
        self.roll(10_001) as f32 / 10_000.0
    }
}

/// 600 Hz in four phases that are no quarter turns apart: two of them may add up, cancel, or anything between.
fn phased_takes() -> [Arc<Rendition>; 4] {
    [0.0, 0.1, 0.3, 0.45].map(|turn: f64| {
        take_of(1 + (turn * 100.0) as u8, 120.0, 48_000, 8.0, |_, _, frame| {
            (0.1 * (std::f64::consts::TAU * (frame as f64 / 80.0 + turn)).sin()) as f32
        })
    })
}

#[test]
fn a_thousand_swaps_seeks_mutes_and_jumps_make_no_larger_step_than_the_material() {
    let takes = phased_takes();
    let material = largest_step(&(0..20_000).map(|frame| mix_at(&takes[0], frame, 0)).collect::<Vec<_>>());
    let playables = takes.each_ref().map(playable);
    let (mut dice, mut rig) = (Dice(7), Rig::playing(&takes[0]));
    let (mut worst, mut num_swaps) = (0.0f32, 0);
    for event in 0..1_000 {
        match dice.roll(5) {
            0 => {
                let at = [SwapAt::Now, SwapAt::Beat, SwapAt::Bar, SwapAt::Loop][dice.roll(4) as usize];
                rig.params.crossfade_ms = 5.0 + 45.0 * dice.unit();
                let playable = playables[dice.roll(4) as usize].clone();
                // A full ring of orders is the storm's own fault.
                let _ = rig.handle.send(ToEngine::LoadTake { deck: deck(0), playable, at });
            }
            1 => rig.host.locate(dice.roll(1_000_000) as i64),
            2 => rig.params.decks[0].is_muted = dice.roll(2) == 0,
            3 => rig.params.decks[0].level = dice.unit(),
            _ => rig.host.is_playing = dice.roll(4) > 0,
        }
        let size = 1 + dice.roll(1_500) as usize;
        rig.run(size, &[1 + dice.roll(700) as usize]);
        num_swaps += rig.news().into_iter().filter(|news| matches!(news, FromEngine::Swapped { .. })).count();
        let from = rig.left().len().saturating_sub(size + 1);
        worst = worst.max(largest_step(&rig.left()[from..]));
        if event % 100 == 0 {
            assert!(rig.left()[from..].iter().all(|sample| sample.is_finite()));
        }
    }
    // 6 %: the slope of a 2 ms rise or a 5 ms fade on top of the sine's own.
    assert!(worst <= 1.06 * material, "{worst} against {material}");
    assert!(worst > 0.9 * material && num_swaps > 50, "the storm was heard: {worst}, {num_swaps} swaps");
}

#[test]
fn swaps_that_chase_each_other_never_add_up() {
    let takes = phased_takes();
    let material = largest_step(&(0..20_000).map(|frame| mix_at(&takes[0], frame, 0)).collect::<Vec<_>>());
    let playables = takes.each_ref().map(playable);
    let (mut dice, mut rig) = (Dice(11), Rig::playing(&takes[0]));
    for _ in 0..400 {
        // A long fade, and a short one into the middle of it.
        rig.params.crossfade_ms = if dice.roll(2) == 0 { 50.0 } else { 10.0 };
        let playable = playables[dice.roll(4) as usize].clone();
        let _ = rig.handle.send(match dice.roll(8) {
            0 => ToEngine::Unload { deck: deck(0) },
            _ => ToEngine::LoadTake { deck: deck(0), playable, at: SwapAt::Now },
        });
        rig.run(1 + dice.roll(1_000) as usize, &[64]);
        rig.news();
    }
    let worst = largest_step(rig.left());
    assert!(worst <= 1.06 * material, "{worst} against {material}");
}

#[test]
fn after_a_storm_every_take_has_come_back_or_is_still_loaded() {
    let takes: Vec<_> = (0..16).map(|id| playable(&noise_take(id, 120.0, 48_000, 2.0))).collect();
    let (mut dice, mut rig) = (Dice(3), Rig::new(48_000, 120.0));
    let (mut sent, mut back) = (0usize, 0usize);
    for _ in 0..3_000 {
        let index = dice.roll(8) as usize;
        let playable = takes[dice.roll(16) as usize].clone();
        let at = [SwapAt::Now, SwapAt::Beat, SwapAt::Bar, SwapAt::Loop][dice.roll(4) as usize];
        let order = match dice.roll(8) {
            0..4 => ToEngine::LoadTake { deck: deck(index), playable, at },
            4 => ToEngine::Replace { deck: deck(index), playable },
            5 => ToEngine::Unload { deck: deck(index) },
            6 => ToEngine::Disarm { deck: deck(index) },
            _ => ToEngine::Cue { playable: (dice.roll(3) > 0).then_some(playable) },
        };
        let brings = match &order {
            ToEngine::LoadTake { .. } | ToEngine::Replace { .. } | ToEngine::Cue { playable: Some(_) } => 1,
            _ => 0,
        };
        if rig.handle.send(order).is_ok() {
            sent += brings;
        }
        rig.host.is_playing = dice.roll(10) > 0;
        rig.run_block(dice.roll(400) as usize);
        if dice.roll(20) == 0 {
            back += rig.news().into_iter().filter(|news| matches!(news, FromEngine::Retired(_))).count();
        }
    }
    rig.host.is_playing = true;
    for index in 0..8 {
        while rig.handle.send(ToEngine::Unload { deck: deck(index) }).is_err() {
            rig.run_block(480);
        }
    }
    while rig.handle.send(ToEngine::Cue { playable: None }).is_err() {
        rig.run_block(480);
    }
    for _ in 0..500 {
        rig.run_block(480);
        back += rig.news().into_iter().filter(|news| matches!(news, FromEngine::Retired(_))).count();
    }
    assert_eq!(sent, back);
    drop(rig);
    assert!(takes.iter().all(|take| Arc::strong_count(&take.rendition) == 1 && Arc::strong_count(&take.map) == 1));
}

#[test]
fn damaged_material_is_silent_where_it_is_damaged() {
    let take = take_of(1, 120.0, 48_000, 4.0, |stem, _, frame| match (stem as usize, frame % 1000) {
        (1, 10) => f32::NAN,
        (2, 20) => f32::INFINITY,
        (3, 30) => f32::MAX,
        _ => 0.1,
    });
    let mut rig = Rig::playing(&take);
    let dials = &mut rig.params.decks[0];
    (dials.filter, dials.reverb_send, dials.delay_send, dials.resonance) = (-0.5, 1.0, 1.0, 1.0);
    rig.run(20_000, &[441]);
    rig.host.tempo = 100.0;
    rig.run(20_000, &[441]);
    let all = rig.recording.main.iter().chain(rig.recording.stems.iter().flatten());
    assert!(all.flatten().all(|sample| sample.is_finite()));
    assert!(rig.left()[30_000..].iter().any(|sample| *sample != 0.0));
}

#[test]
fn the_limiter_keeps_the_ceiling_and_leaves_what_is_below_it() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.params.decks[0].level = 4.0;
    rig.params.master = 4.0;
    rig.run(20_000, &[441]);
    assert!(rig.left().iter().all(|sample| sample.abs() <= 0.9661));
    assert!(rig.left()[10_000..].iter().any(|sample| sample.abs() > 0.9));
}

#[test]
fn tails_do_not_depend_on_the_block_size() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let render = |sizes: &[usize]| {
        let mut rig = Rig::playing(&take);
        let dials = &mut rig.params.decks[0];
        (dials.filter, dials.reverb_send, dials.delay_send, dials.pan) = (0.4, 0.6, 0.7, -0.3);
        rig.run(24_000, sizes);
        rig.params.decks[0].is_on = false;
        rig.run(48_000, sizes);
        rig.params.decks[0].is_on = true;
        rig.run(24_000, sizes);
        rig.recording
    };
    let reference = render(&[100]);
    for sizes in [&[1][..], &[3_000], &[8_000], &[5, 95, 1_900]] {
        assert!(render(sizes) == reference, "blocks of {sizes:?}");
    }
}

#[test]
fn no_sample_is_too_small_to_be_normal() {
    let take = noise_take(1, 120.0, 48_000, 4.0);
    let mut rig = Rig::playing(&take);
    rig.params.decks[0].level = 1e-38;
    rig.run(10_000, &[441]);
    let all = rig.recording.main.iter().chain(rig.recording.stems.iter().flatten());
    assert!(all.flatten().all(|sample| !sample.is_subnormal()));
}

#[test]
fn solo_silences_the_others_and_mute_wins() {
    let takes: Vec<_> = (1..=2).map(|id| noise_take(id, 120.0, 48_000, 4.0)).collect();
    let mut rig = Rig::new(48_000, 120.0);
    rig.load(0, &takes[0], SwapAt::Now);
    rig.load(1, &takes[1], SwapAt::Now);
    rig.stop_for_a_block();
    rig.params.decks[1].is_soloed = true;
    rig.run(10_000, &[441]);
    assert!((1_000..10_000).all(|index| rig.left()[index] == mix_at(&takes[1], index as i64, 0)));
    rig.params.decks[1].is_muted = true;
    rig.run(10_000, &[441]);
    assert!(rig.left()[11_000..].iter().all(|sample| *sample == 0.0));
}

#[test]
fn stems_sum_to_the_mix() {
    let takes: Vec<_> = (1..=3).map(|id| noise_take(id, 120.0, 48_000, 4.0)).collect();
    let mut rig = Rig::new(48_000, 126.0);
    for (index, take) in takes.iter().enumerate() {
        rig.load(index, take, SwapAt::Now);
        rig.params.decks[index].pan = 0.3 * index as f32;
        rig.params.decks[index].filter = 0.3 * index as f32 - 0.3;
    }
    rig.stop_for_a_block();
    rig.run(30_000, &[441]);
    for index in 0..30_000 {
        let sum: f32 = rig.recording.stems.iter().map(|bus| bus[0][index]).sum();
        assert!((sum - rig.left()[index]).abs() < 1e-5);
    }
}

impl Dice {
    /// Anything a host may take for a number.
    fn number(&mut self) -> f64 {
        match self.roll(8) {
            0 => [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300, 1e-300, -0.0][self.roll(8) as usize],
            1 => f64::from_bits(self.roll(u64::MAX).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            2 => self.roll(11_000) as f64 - 1_000.0,
            3 => f64::from(self.unit()) * 2.0 - 1.0,
            _ => 60.0 + 140.0 * f64::from(self.unit()),
        }
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Dice) -> T) -> Option<T> {
        (self.roll(4) > 0).then(|| value(self))
    }

    fn block(&mut self) -> HostBlock {
        HostBlock {
            num_frames: self.roll(700) as usize,
            is_playing: self.roll(4) > 0,
            tempo: self.maybe(Dice::number),
            pos_beats: self.maybe(Dice::number),
            pos_samples: self.maybe(|dice| dice.number() as i64),
            bar_start_beats: self.maybe(Dice::number),
            meter: self.maybe(|dice| (dice.number() as i32, [1, 2, 4, 8, 16, 0, -4, 3][dice.roll(8) as usize])),
            cycle: self.maybe(|dice| LoopRange { start: dice.number(), end: dice.number() }),
        }
    }

    fn dials(&mut self) -> DeckParams {
        let mut number = || self.number() as f32;
        DeckParams {
            level: number(),
            pan: number(),
            pitch_semitones: number(),
            filter: number(),
            resonance: number(),
            reverb_send: number(),
            delay_send: number(),
            stems: std::array::from_fn(|_| number()),
            is_on: self.roll(4) > 0,
            is_muted: self.roll(4) == 0,
            is_soloed: self.roll(8) == 0,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_host_and_no_dial_brings_out_anything_but_finite_sound(
        seeds in proptest::collection::vec(any::<u64>(), 1..60),
    ) {
        let take = sine_take(1, 126.1, 48_000, 3.5, 300.0);
        let analysed = playable(&take);
        let mut rig = Rig::new(48_000, 120.0);
        for index in 0..3 {
            rig.send(ToEngine::LoadTake { deck: deck(index), playable: analysed.clone(), at: SwapAt::Now });
        }
        for seed in seeds {
            let mut dice = Dice(seed);
            let host = dice.block();
            let (master, crossfade_ms) = (dice.number() as f32, dice.number() as f32);
            let params = EngineParams { master, crossfade_ms, decks: std::array::from_fn(|_| dice.dials()), ..Default::default() };
            if dice.roll(3) == 0 {
                // The ring may be full while the slots are.
                let _ = rig.handle.send(ToEngine::LoadTake {
                    deck: deck(1),
                    playable: analysed.clone(),
                    at: SwapAt::Bar,
                });
            }
            rig.params = params;
            rig.run_host_block(&host);
            rig.news();
        }
        let all = rig.recording.main.iter().chain(rig.recording.stems.iter().flatten()).chain(&rig.recording.cue);
        prop_assert!(all.flatten().all(|sample| sample.is_finite()));
        prop_assert!(rig.left().iter().all(|sample| sample.abs() <= 0.9661));
    }
}

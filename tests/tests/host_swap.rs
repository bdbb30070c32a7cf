//! Takes give way to each other at the exact sample, and never with a click.
use continuo_tests::host::{Blocks, Playhead, Plugin, Roll, Song};
use continuo_tests::reference::{first_difference, stem_at};
use continuo_tests::{hosted, onsets, session};
use rand_pcg::Pcg32;
use rand_pcg::rand_core::RngCore;
use take::{StemKind, Take};

const RATE_HZ: u32 = 48_000;

/// Deck 1 plays `first`; `second` is generated, and on its way to the deck when this returns.
fn two_takes(song: &Song, swap: &str) -> (Plugin, Take, Take) {
    let mut ready = session::ready(song, RATE_HZ).unwrap();
    ready.plugin.set_text("Swap", swap).unwrap();
    // The first take has to play before the second is armed, or it would be replaced before it was heard.
    Roll::new(song, 4800).play(&mut ready.plugin).unwrap();
    let id = session::generate(&mut ready.plugin, song, 1).unwrap();
    let second = session::load_take(id).unwrap();
    assert_ne!(ready.take.id, second.id, "another press, another take");
    (ready.plugin, ready.take, second)
}

fn frames(beats: f64) -> usize {
    (beats * 60.0 / 126.0 * f64::from(RATE_HZ)).round() as usize
}

/// Rolls from `start_beats` with Generate pressed there, and demands the first take before `swap_beats` and the second
/// after the crossfade.
fn swaps_at(swap: &str, start_beats: f64, swap_beats: f64) {
    let song = Song::at(126.0);
    let ready = session::ready(&song, RATE_HZ).unwrap();
    let (mut plugin, first) = (ready.plugin, ready.take);
    plugin.set_text("Swap", swap).unwrap();
    let bus = session::bus(&mut plugin, "drums").unwrap();
    // The deck starts on a bar line.
    Roll::new(&song, 4800).play(&mut plugin).unwrap();
    let mut head = Playhead::at_beat(&song, start_beats, f64::from(RATE_HZ));
    let song_start = head.frame.round() as i64;
    let blocks = Blocks::Fixed(441);
    let (mut recording, id) = session::generate_rolling(&mut plugin, &song, 1, &mut head, blocks.clone()).unwrap();
    let second = session::load_take(id).unwrap();
    let num_frames = frames(swap_beats - start_beats + 4.0);
    recording.append(Roll::new(&song, num_frames - 256).in_blocks(blocks).play_from(&mut plugin, &mut head).unwrap());
    let boundary = (frames(swap_beats) as i64 - song_start) as usize;
    let drums = &recording.buses[bus][0];
    let same = |take: &Take, frame: usize| {
        drums[frame] == stem_at(&take.original, StemKind::Drums, 0, song_start + frame as i64)
    };
    let fade = (0.020 * f64::from(RATE_HZ)) as usize;
    let jump = (0.006 * f64::from(RATE_HZ)) as usize;
    if let Some(early) = (jump..boundary).find(|&frame| !same(&first, frame)) {
        panic!("{swap}: the first take ends at frame {early}, {} before the boundary", boundary - early);
    }
    if let Some(late) = (boundary + fade..num_frames).find(|&frame| !same(&second, frame)) {
        panic!("{swap}: the second take is not alone at frame {late}, {} after the boundary", late - boundary);
    }
    // The crossfade starts at the boundary itself, and takes all of its 20 ms.
    let changed: Vec<usize> = (boundary..boundary + fade).filter(|&frame| !same(&first, frame)).collect();
    assert!(changed.len() > fade / 2, "{swap}: only {} frames of {fade} are a crossfade", changed.len());
    assert!(changed[0] - boundary < 48, "{swap}: nothing happens within a millisecond of the boundary");
}

hosted! {
    fn a_swap_waits_for_the_bar_line() {
        swaps_at("Bar", 1.5, 4.0);
    }

    fn a_swap_waits_for_the_beat() {
        swaps_at("Beat", 1.5, 2.0);
    }

    fn a_swap_waits_for_the_end_of_the_loop() {
        swaps_at("Loop", 29.5, 32.0);
    }

    fn next_and_previous_bring_takes_back_bit_for_bit() {
        let song = Song::at(126.0);
        let (mut plugin, first, second) = two_takes(&song, "Bar");
        let bus = session::bus(&mut plugin, "drums").unwrap();
        Roll::new(&song, frames(4.0)).play(&mut plugin).unwrap();
        for (button, wanted) in [("Deck 1 Previous", &first), ("Deck 1 Next", &second)] {
            session::press(&mut plugin, &song, button).unwrap();
            session::settle(&mut plugin, &song).unwrap();
            Roll::new(&song, frames(1.0)).play(&mut plugin).unwrap();
            let recording = Roll::new(&song, frames(8.0)).from(4.0).play(&mut plugin).unwrap();
            let difference = first_difference(&recording, bus, &wanted.original, StemKind::Drums, frames(0.25));
            assert_eq!(difference, None, "after {button}");
        }
    }

    fn a_thousand_random_swaps_seeks_and_mutes_never_click() {
        let song = Song::at(126.0);
        let (mut plugin, first, second) = two_takes(&song, "Now");
        let bus = session::bus(&mut plugin, "drums").unwrap();
        let largest = [&first, &second].map(largest_step).into_iter().fold(0.0, f32::max);
        let seed = 20_251_121;
        let mut random = Pcg32::new(seed, 3);
        let mut head = Playhead::at_beat(&song, 0.0, f64::from(RATE_HZ));
        let (mut is_muted, mut last, mut worst) = (false, None::<f32>, 0.0_f32);
        for step in 0..1000 {
            let num_frames = 300 + random.next_u32() as usize % 1500;
            let mut roll = Roll::new(&song, num_frames).in_blocks(Blocks::Random { max: 512, seed: step });
            match random.next_u32() % 4 {
                0 => {
                    let button = if random.next_u32().is_multiple_of(2) { "Deck 1 Next" } else { "Deck 1 Previous" };
                    roll = roll.with_move(0, button, 1.0).with_move(200, button, 0.0);
                }
                1 => head.frame = f64::from(random.next_u32() % 2_000_000),
                2 => {
                    is_muted = !is_muted;
                    roll = roll.with_move(17, "Deck 1 Mute Drums", if is_muted { 1.0 } else { 0.0 });
                }
                _ => {}
            }
            let recording = roll.play_from(&mut plugin, &mut head).unwrap();
            let drums = &recording.buses[bus][0];
            let seam = last.map_or(0.0, |last| (drums[0] - last).abs());
            worst = worst.max(onsets::largest_step(drums)).max(seam);
            last = drums.last().copied();
        }
        println!("note: largest step {worst:.4}, in the material {largest:.4}");
        // Two takes may sound at once in an equal-power fade, each at 0.71: their steps add up to 1.42 of one.
        assert!(worst <= largest * std::f32::consts::SQRT_2, "step {worst} with {largest} in the material, seed {seed}");
    }
}

/// Largest step of the drums stem, over the seam too.
fn largest_step(take: &Take) -> f32 {
    let left = &take.original.stems[StemKind::Drums as usize].as_ref().expect("drums").left;
    let seam = (left[0] - left[left.len() - 1]).abs();
    onsets::largest_step(left).max(seam)
}

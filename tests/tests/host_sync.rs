//! The plugin plays where the host is, to the sample.
use continuo_tests::host::{Blocks, Playhead, Plugin, Recording, Roll, Song, Tempo};
use continuo_tests::reference::{first_difference, first_difference_within};
use continuo_tests::session::{self, Ready};
use continuo_tests::{hosted, onsets};
use take::{StemKind, Take};

/// Starts and jumps fade over 5 ms at most.
fn fade_frames(rate_hz: u32) -> usize {
    (0.006 * f64::from(rate_hz)) as usize
}

fn beats_to_frames(beats: f64, bpm: f64, rate_hz: u32) -> usize {
    (beats * 60.0 / bpm * f64::from(rate_hz)).round() as usize
}

fn plays_the_drums_exactly(ready: &mut Ready, roll: &Roll<'_>, rate_hz: u32) {
    let bus = session::bus(&mut ready.plugin, "drums").unwrap();
    let recording = roll.play(&mut ready.plugin).unwrap();
    assert!(recording.peak() > 0.01, "silent");
    let difference = first_difference(&recording, bus, &ready.take.original, StemKind::Drums, fade_frames(rate_hz));
    assert_eq!(difference, None, "from beat {} in {:?} at {rate_hz} Hz", roll.start_beats, roll.blocks);
}

/// Beats at which a kick (General MIDI 35 and 36) is played without a snare, a clap or a tom, from the take's own notes.
fn kick_beats(take: &Take) -> Vec<f64> {
    let drums = take.parts.iter().find(|part| part.kind == take::PartKind::Drums).expect("the take has drums");
    let is_kick = |key: u8| matches!(key, 35 | 36);
    let is_loud = |key: u8| matches!(key, 37..=41 | 43 | 45 | 47 | 48 | 50);
    let is_alone = |beat: f64| drums.notes.iter().all(|note| !is_loud(note.key) || (note.start.0 - beat).abs() > 0.08);
    let kicks = drums.notes.iter().filter(|note| is_kick(note.key)).map(|note| note.start.0);
    kicks.filter(|beat| is_alone(*beat)).collect()
}

/// Every kick but the first (it may fade in) is where the grid has it, and rises when the take's own does.
fn kicks_are_on_the_grid(ready: &mut Ready, recording: &Recording, bpm: f64, rate_hz: u32) {
    let bus = session::bus(&mut ready.plugin, "drums").unwrap();
    let drums = &recording.buses[bus][0];
    let beats: Vec<f64> = kick_beats(&ready.take).into_iter().filter(|beat| *beat > 0.5).collect();
    assert!(beats.len() >= 8, "{} plain kicks in 8 bars of techno", beats.len());
    let first = beats_to_frames(beats[0], bpm, rate_hz);
    let template = drums[first..first + rate_hz as usize / 40].to_vec();
    for beat in &beats {
        let shift =
            onsets::best_shift(drums, &template, beats_to_frames(*beat, bpm, rate_hz), 200).expect("a kick sounds");
        assert!(shift.abs() <= 1, "the kick of beat {beat} is {shift} samples off at {rate_hz} Hz");
    }
    let original = &ready.take.original;
    let stem = &original.stems[StemKind::Drums as usize].as_ref().expect("drums").left;
    let in_take = (beats[0] * original.tempo.frames_per_beat(original.rate)).round() as usize;
    if let Some(wanted_ms) = rise_ms(stem, in_take, original.rate.get()) {
        let ms = rise_ms(drums, first, rate_hz).expect("a kick rises");
        assert!((ms - wanted_ms).abs() * f64::from(rate_hz) <= 1.5e3, "rises after {ms} ms instead of {wanted_ms} ms");
    }
}

hosted! {
    fn every_block_size_gives_the_same_bits_on_the_grid() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let num_frames = beats_to_frames(8.0, 126.0, 48_000);
        let plans = [
            Blocks::Fixed(64),
            Blocks::Fixed(1),
            Blocks::Fixed(17),
            Blocks::Fixed(441),
            Blocks::Fixed(8192),
            Blocks::Cycle(vec![1, 8192, 17, 3, 512]),
            Blocks::Random { max: 2048, seed: 7 },
        ];
        let mut first: Option<Recording> = None;
        for plan in plans {
            // The host stops in between: a fade-out of the roll before must not reach into the next.
            Roll::new(&song, 4096).stopped().play(&mut ready.plugin).unwrap();
            let roll = Roll::new(&song, num_frames).in_blocks(plan.clone());
            plays_the_drums_exactly(&mut ready, &roll, 48_000);
            Roll::new(&song, 4096).stopped().play(&mut ready.plugin).unwrap();
            let recording = roll.play(&mut ready.plugin).unwrap();
            let first = first.get_or_insert_with(|| recording.clone());
            assert!(first.buses == recording.buses, "{plan:?} gives other bits than blocks of 64");
        }
    }

    fn at_every_rate_kicks_are_on_the_grid_and_blocks_change_no_bit() {
        for rate_hz in [44_100, 48_000, 96_000] {
            let song = Song::at(126.0);
            let mut ready = session::ready(&song, rate_hz).unwrap();
            session::wait_for_sound(&mut ready.plugin, &song).unwrap();
            let num_frames = beats_to_frames(34.0, 126.0, rate_hz);
            let first = Roll::new(&song, num_frames).in_blocks(Blocks::Fixed(64)).play(&mut ready.plugin).unwrap();
            kicks_are_on_the_grid(&mut ready, &first, 126.0, rate_hz);
            for blocks in [Blocks::Fixed(441), Blocks::Fixed(8192), Blocks::Random { max: 999, seed: 1 }] {
                Roll::new(&song, 4096).stopped().play(&mut ready.plugin).unwrap();
                let again = Roll::new(&song, num_frames).in_blocks(blocks.clone()).play(&mut ready.plugin).unwrap();
                Roll::new(&song, 4096).stopped().play(&mut ready.plugin).unwrap();
                let same = Roll::new(&song, num_frames).in_blocks(Blocks::Fixed(64)).play(&mut ready.plugin).unwrap();
                assert!(again.buses == same.buses, "{blocks:?} at {rate_hz} Hz gives other bits than blocks of 64");
            }
        }
    }

    fn kicks_sound_within_a_sample_of_the_grid() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let recording = Roll::new(&song, beats_to_frames(34.0, 126.0, 48_000)).play(&mut ready.plugin).unwrap();
        kicks_are_on_the_grid(&mut ready, &recording, 126.0, 48_000);
    }

    fn a_cycle_of_whole_frames_is_exact() {
        // At 120 BPM 12 beats are 288 000 frames.
        let song = Song { cycle: Some((0.0, 12.0)), ..Song::at(120.0) };
        let mut ready = session::ready(&song, 48_000).unwrap();
        let roll = Roll::new(&song, beats_to_frames(40.0, 120.0, 48_000)).in_blocks(Blocks::Fixed(441));
        plays_the_drums_exactly(&mut ready, &roll, 48_000);
    }

    fn a_cycle_of_three_bars_over_a_take_of_eight_stays_on_the_grid() {
        let song = Song { cycle: Some((0.0, 12.0)), ..Song::at(126.0) };
        let mut ready = session::ready(&song, 48_000).unwrap();
        let bus = session::bus(&mut ready.plugin, "drums").unwrap();
        let roll = Roll::new(&song, beats_to_frames(40.0, 126.0, 48_000)).in_blocks(Blocks::Fixed(441));
        let recording = roll.play(&mut ready.plugin).unwrap();
        // 12 beats are 274 285.7 frames: after the jump the host stands between two frames.
        let fade = fade_frames(48_000);
        let (original, drums) = (&ready.take.original, StemKind::Drums);
        assert_eq!(first_difference_within(&recording, bus, original, drums, fade, 1), None);
    }

    fn a_seek_backwards_and_a_start_at_bar_seven_and_a_half_are_on_the_grid() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let bus = session::bus(&mut ready.plugin, "drums").unwrap();
        // Deck 1 is empty until a bar line of the host has started it.
        Roll::new(&song, 9600).play(&mut ready.plugin).unwrap();
        for beats in [26.0, 200.25, 3.5, -4.0, 17.125] {
            let roll = Roll::new(&song, beats_to_frames(6.0, 126.0, 48_000)).from(beats).in_blocks(Blocks::Fixed(480));
            let recording = roll.play(&mut ready.plugin).unwrap();
            let difference =
                first_difference(&recording, bus, &ready.take.original, StemKind::Drums, fade_frames(48_000));
            assert_eq!(difference, None, "from beat {beats}");
        }
    }

    fn seven_eight_plays_takes_of_seven_eight() {
        let song = Song { meter: Some((7, 8)), ..Song::at(126.0) };
        let mut ready = session::ready(&song, 48_000).unwrap();
        assert_eq!(ready.take.original.bar_beats.0, 3.5);
        let num_frames = beats_to_frames(60.0, 126.0, 48_000);
        plays_the_drums_exactly(&mut ready, &Roll::new(&song, num_frames), 48_000);
    }

    fn an_hour_later_nothing_has_drifted() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let bus = session::bus(&mut ready.plugin, "drums").unwrap();
        let hour_beats = 126.0 * 60.0;
        Roll::new(&song, 9600).play(&mut ready.plugin).unwrap();
        // From minute to minute, a second each, and on through the end of the hour.
        let mut head = Playhead::at_beat(&song, 0.0, 48_000.0);
        for minute in 0..=60 {
            head.frame = Playhead::at_beat(&song, hour_beats * f64::from(minute) / 60.0, 48_000.0).frame;
            let recording = Roll::new(&song, 48_000).play_from(&mut ready.plugin, &mut head).unwrap();
            let difference =
                first_difference(&recording, bus, &ready.take.original, StemKind::Drums, fade_frames(48_000));
            assert_eq!(difference, None, "in minute {minute}");
        }
    }

    fn a_tempo_that_does_not_divide_the_rate_is_exact_after_ten_minutes_without_a_jump() {
        let song = Song::at(127.3);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let bus = session::bus(&mut ready.plugin, "drums").unwrap();
        let mut head = Playhead::at_beat(&song, 0.0, 48_000.0);
        for minute in 0..10 {
            let roll = Roll::new(&song, 60 * 48_000).in_blocks(Blocks::Fixed(1024));
            let recording = roll.play_from(&mut ready.plugin, &mut head).unwrap();
            let skip = if minute == 0 { fade_frames(48_000) } else { 0 };
            let difference = first_difference(&recording, bus, &ready.take.original, StemKind::Drums, skip);
            assert_eq!(difference, None, "in minute {minute}");
        }
    }

    fn beats_rounded_as_ardour_does_move_nothing() {
        let exact = Song::at(126.0);
        let mut ready = session::ready(&exact, 48_000).unwrap();
        let song = Song { beat_grain: 1.0 / 1920.0, ..exact };
        let num_frames = beats_to_frames(36.0, 126.0, 48_000);
        plays_the_drums_exactly(&mut ready, &Roll::new(&song, num_frames).in_blocks(Blocks::Fixed(256)), 48_000);
    }

    fn two_rolls_of_the_same_bars_are_identical() {
        let song = Song::at(126.0);
        let mut ready = session::ready(&song, 48_000).unwrap();
        let mut render = || {
            ready.plugin.reset();
            Roll::new(&song, beats_to_frames(36.0, 126.0, 48_000)).play(&mut ready.plugin).unwrap().buses
        };
        assert!(render() == render());
    }

    fn through_a_ramp_from_90_to_150_kicks_stay_within_two_milliseconds() {
        let rate_hz = 48_000;
        let even = Song::at(90.0);
        let mut ready = session::ready(&even, rate_hz).unwrap();
        let bus = session::bus(&mut ready.plugin, "drums").unwrap();
        let song = Song { tempo: Tempo::Ramp { from: 90.0, to: 150.0, seconds: 16.0 }, ..even.clone() };
        let recording = Roll::new(&song, 16 * 48_000).in_blocks(Blocks::Fixed(64)).play(&mut ready.plugin).unwrap();
        let drums = &recording.buses[bus][0];
        let original = &ready.take.original.stems[StemKind::Drums as usize].as_ref().expect("drums").left;
        let frames_per_beat = ready.take.original.tempo.frames_per_beat(ready.take.original.rate);
        let mut checked = 0;
        for beat in kick_beats(&ready.take).into_iter().filter(|beat| *beat >= 1.0 && *beat < 30.0) {
            let at = (song.tempo.seconds_at(beat) * f64::from(rate_hz)).round() as usize;
            let in_take = (beat * frames_per_beat).round() as usize;
            let Some(attack_ms) = rise_ms(original, in_take, rate_hz) else { continue };
            let Some(ramped_ms) = rise_ms(drums, at, rate_hz) else { panic!("no kick near beat {beat}") };
            assert!((ramped_ms - attack_ms).abs() <= 2.0, "beat {beat}: {attack_ms:.2} ms in the take, {ramped_ms:.2} in the ramp");
            checked += 1;
        }
        assert!(checked >= 8, "only {checked} kicks could be measured");
    }
}

/// Milliseconds from `at` to the moment a hit there has reached a third of its peak, looking 12 ms back and forth.
/// `None` when something loud already sounds before it.
fn rise_ms(signal: &[f32], at: usize, rate_hz: u32) -> Option<f64> {
    let reach = (0.012 * f64::from(rate_hz)) as usize;
    let window = signal.get(at.checked_sub(reach)?..at + reach)?;
    let peak = window.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let before = window[..reach / 3].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if before > peak / 3.0 {
        return None;
    }
    let risen = window.iter().position(|sample| sample.abs() >= peak / 3.0)?;
    Some((risen as f64 - reach as f64) * 1e3 / f64::from(rate_hz))
}

#[test]
fn the_plugin_under_test_loads() {
    let plugin = Plugin::load().expect("the plugin loads");
    assert!(plugin.params().len() > 100);
}

//! The live band: notes at their exact frames, and none that hangs.
mod common;

use common::Rig;
use engine::{BandHandle, BandOrder, BandParams, Heard, MidiOut, TICK_BEATS};
use proptest::prelude::*;
use std::sync::Arc;
use take::{LiveNote, LiveSection, PartKind, VoiceClip};

/// 60 BPM at 1000 Hz: a beat is 1000 frames.
const RATE: u32 = 1_000;
const TEMPO: f64 = 60.0;

/// Answers the audio thread as the composing side does, with music of its own making.
struct FakeBand {
    handle: BandHandle,
    /// Everything that was sent stays here, as sections promise.
    clip: Arc<VoiceClip>,
}

impl FakeBand {
    fn new(rig: &mut Rig, clip: VoiceClip) -> Self {
        Self { handle: rig.handle.take_band().expect("the band's end"), clip: Arc::new(clip) }
    }

    fn play(&mut self, start: f64, end: f64, notes: Vec<LiveNote>, cuts: bool) {
        let section = LiveSection {
            start,
            end,
            notes: notes.into(),
            voices: Box::new([self.clip.clone()]),
            cuts: [cuts; 5],
            sends: [[0.0; 2]; 5],
        };
        while self.handle.retired().is_some() {}
        self.handle.send(BandOrder::Play(Box::new(section))).expect("room in the ring");
    }

    fn hear_all(&mut self) -> Vec<Heard> {
        std::iter::from_fn(|| self.handle.hear()).collect()
    }
}

fn note(start: f64, end: f64, key: u8, part: PartKind) -> LiveNote {
    LiveNote {
        start,
        end,
        part,
        channel: part as u8,
        key,
        velocity: 100,
        bend_cents: 0.0,
        gains: [0.25, 0.25],
        voice: Some(0),
    }
}

/// One sample high, then silence for as long as the gate.
fn click(gate_frames: usize) -> VoiceClip {
    let mut left = vec![0.0; gate_frames + 10];
    left[0] = 1.0;
    VoiceClip { left: left.into(), right: Box::default(), gate_frames, release_frames: 5 }
}

/// A constant, so that a gap or an end shows.
fn tone(num_frames: usize) -> VoiceClip {
    VoiceClip { left: vec![1.0; num_frames].into(), right: Box::default(), gate_frames: num_frames, release_frames: 20 }
}

fn rig() -> Rig {
    let mut rig = Rig::new(RATE, TEMPO);
    rig.params.band = BandParams { is_on: true, sends_midi: true, ..BandParams::default() };
    rig
}

/// Frames of the recording at which something starts out of silence.
fn onsets(rig: &Rig) -> Vec<usize> {
    let left = rig.left();
    (0..left.len()).filter(|&n| left[n].abs() > 0.1 && (n == 0 || left[n - 1].abs() < 0.01)).collect()
}

/// MIDI of a run in blocks of these sizes, with frames counted from its start.
fn run_midi(rig: &mut Rig, num_frames: usize, sizes: &[usize]) -> Vec<(usize, MidiOut)> {
    let mut events = Vec::new();
    let mut done = 0;
    for size in sizes.iter().cycle() {
        let size = (*size).min(num_frames - done);
        if size == 0 {
            return events;
        }
        rig.run_block(size);
        let out = rig.engine.midi_out();
        assert!(out.windows(2).all(|pair| pair[0].frame <= pair[1].frame), "{out:?}");
        assert!(out.iter().all(|event| (event.frame as usize) < size), "{out:?} in {size}");
        events.extend(out.iter().map(|event| (done + event.frame as usize, *event)));
        done += size;
    }
    events
}

#[test]
fn notes_start_and_end_at_the_frame_nearest_to_their_beat_whatever_the_block_size() {
    let mut seen = Vec::new();
    for sizes in [vec![1], vec![17], vec![64, 3, 500], vec![4000]] {
        let mut rig = rig();
        let mut band = FakeBand::new(&mut rig, click(100));
        rig.stop_for_a_block();
        let beats = [0.0, 0.25, 1.000_4, 1.5006, 3.25];
        let notes = beats.map(|beat| note(beat, beat + 0.1, 60, PartKind::Bass)).to_vec();
        band.play(0.0, 8.0, notes, false);
        let events = run_midi(&mut rig, 4000, &sizes);
        assert_eq!(onsets(&rig), [0, 250, 1000, 1501, 3250], "{sizes:?}");
        let of = |is_on: bool| -> Vec<usize> {
            events.iter().filter(|(_, event)| (event.velocity > 0) == is_on).map(|(frame, _)| *frame).collect()
        };
        assert_eq!(of(true), [0, 250, 1000, 1501, 3250], "{sizes:?}");
        assert_eq!(of(false), [100, 350, 1100, 1601, 3350], "{sizes:?}");
        seen.push(rig.recording.clone());
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "the block size changed the sound");
}

#[test]
fn a_younger_section_replaces_what_is_held_and_cuts_what_rings() {
    let mut rig = rig();
    let mut band = FakeBand::new(&mut rig, tone(4000));
    rig.stop_for_a_block();
    band.play(0.0, 8.0, vec![note(0.0, 3.0, 60, PartKind::Bass), note(2.0, 3.0, 72, PartKind::Bass)], false);
    let before = run_midi(&mut rig, 1000, &[100]);
    assert_eq!(before.len(), 1);
    band.play(1.5, 8.0, vec![note(1.5, 2.0, 65, PartKind::Bass)], true);
    let after: Vec<(usize, u8, u8)> =
        run_midi(&mut rig, 3000, &[100]).iter().map(|(frame, event)| (*frame, event.key, event.velocity)).collect();
    assert_eq!(after, [(500, 60, 0), (500, 65, 100), (1000, 65, 0)]);
    let level = |frame: usize| rig.left()[frame];
    // The old note fades out over its release of 20 frames, the new one sounds alone, then there is silence.
    assert!(level(1499) == 0.25 && level(1510) > 0.25 && level(1521) == 0.25, "{} {}", level(1499), level(1600));
    assert!(level(2019) > 0.0 && level(2021) == 0.0);
}

#[test]
fn stop_jump_and_switching_off_end_every_note() {
    type Change = fn(&mut Rig);
    let changes: [(&str, Change); 4] = [
        ("stop", |rig| rig.host.is_playing = false),
        ("jump", |rig| rig.host.locate(40_000)),
        ("band off", |rig| rig.params.band.is_on = false),
        ("MIDI off", |rig| rig.params.band.sends_midi = false),
    ];
    for (name, change) in changes {
        let mut rig = rig();
        let mut band = FakeBand::new(&mut rig, tone(8000));
        rig.stop_for_a_block();
        band.play(0.0, 8.0, vec![note(0.0, 8.0, 60, PartKind::Bass), note(0.0, 8.0, 64, PartKind::Harmony)], false);
        assert_eq!(run_midi(&mut rig, 500, &[50]).len(), 2, "{name}");
        change(&mut rig);
        let ends = run_midi(&mut rig, 500, &[50]);
        assert_eq!(ends.iter().filter(|(frame, event)| *frame == 0 && event.velocity == 0).count(), 2, "{name}");
        assert_eq!(rig.engine.open_notes(), engine::OpenNotes::default(), "{name}");
        if name != "MIDI off" {
            assert!(rig.left()[900..].iter().all(|x| *x == 0.0), "{name}: it still sounds");
        }
    }
}

#[test]
fn another_engine_ends_the_notes_the_first_one_left_on() {
    let mut first = rig();
    let mut band = FakeBand::new(&mut first, click(10));
    first.stop_for_a_block();
    band.play(0.0, 8.0, vec![note(0.0, 8.0, 60, PartKind::Bass)], false);
    run_midi(&mut first, 100, &[50]);
    let mut second = Rig::new(RATE, TEMPO);
    second.engine.close_notes_of(first.engine.open_notes());
    let events = run_midi(&mut second, 100, &[50]);
    assert_eq!(
        events,
        [(0, MidiOut { frame: 0, channel: PartKind::Bass as u8, key: 60, velocity: 0, bend_cents: 0.0 })]
    );
}

#[test]
fn a_section_that_comes_a_little_late_still_plays_its_first_note() {
    let mut rig = rig();
    let mut band = FakeBand::new(&mut rig, click(10));
    rig.run(30, &[10]);
    band.play(0.0, 4.0, vec![note(0.0, 0.5, 60, PartKind::Bass), note(1.0, 1.5, 60, PartKind::Bass)], false);
    rig.run(1470, &[10]);
    assert_eq!(onsets(&rig), [30, 1000]);
}

#[test]
fn a_host_cycle_plays_the_same_bars_again() {
    let mut rig = rig();
    rig.host.cycle = Some((0.0, 2.0));
    let mut band = FakeBand::new(&mut rig, click(10));
    rig.stop_for_a_block();
    band.play(
        0.0,
        4.0,
        (0..4).map(|beat| note(f64::from(beat), f64::from(beat) + 0.2, 60, PartKind::Bass)).collect(),
        false,
    );
    let events = run_midi(&mut rig, 6000, &[333]);
    assert_eq!(onsets(&rig), [0, 1000, 2000, 3000, 4000, 5000]);
    assert_eq!(events.iter().filter(|(_, event)| event.velocity > 0).count(), 6);
}

#[test]
fn the_band_hears_keys_places_and_ticks_in_order() {
    let mut rig = rig();
    let mut band = FakeBand::new(&mut rig, click(10));
    rig.run(200, &[100]);
    rig.engine.hear_key(64, 90);
    rig.run(1000, &[100]);
    rig.engine.hear_key(64, 0);
    rig.host.is_playing = false;
    rig.run(100, &[100]);
    let heard = band.hear_all();
    let ticks: Vec<f64> = heard
        .iter()
        .filter_map(|heard| if let Heard::Tick { beat, .. } = heard { Some(*beat) } else { None })
        .collect();
    assert_eq!(ticks, [0.5, 1.0], "every {TICK_BEATS} beats, a little ahead");
    assert!(matches!(heard[0], Heard::Placed { is_jump: true, place, .. } if place.is_playing && place.beat == 0.0));
    assert!(
        heard
            .iter()
            .any(|heard| matches!(heard, Heard::NoteOn { beat, key: 64, velocity: 90 } if (beat - 0.2).abs() < 1e-6))
    );
    assert!(heard.iter().any(|heard| matches!(heard, Heard::NoteOff { beat, key: 64 } if (beat - 1.2).abs() < 1e-6)));
    assert!(matches!(heard.last(), Some(Heard::Placed { place, .. }) if !place.is_playing));
    let numbers: Vec<u64> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Placed { number, .. } | Heard::Tick { number, .. } => Some(*number),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_part_turned_down_is_silent_and_still_leaves_on_the_midi_output() {
    let mut rig = rig();
    rig.params.band.levels[PartKind::Bass as usize] = 0.0;
    let mut band = FakeBand::new(&mut rig, tone(500));
    rig.run(50, &[50]);
    rig.stop_for_a_block();
    band.play(0.0, 4.0, vec![note(0.5, 0.9, 60, PartKind::Bass)], false);
    let events = run_midi(&mut rig, 1000, &[50]);
    assert_eq!(events.len(), 2);
    assert!(rig.left().iter().all(|x| *x == 0.0));
}

/// What may happen between two blocks.
#[derive(Debug, Clone)]
enum Happening {
    Stop,
    Start,
    Seek(i64),
    Cycle(u8, u8),
    NoCycle,
    Tempo(f64),
    Meter(i32, i32),
    Band(bool),
    Midi(bool),
    Level(u8, bool),
    Reset,
    Reload,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        1 => Just(Happening::Stop),
        3 => Just(Happening::Start),
        2 => (-2_000i64..60_000).prop_map(Happening::Seek),
        1 => (0u8..8, 1u8..8).prop_map(|(start, length)| Happening::Cycle(start, length)),
        1 => Just(Happening::NoCycle),
        2 => (40.0f64..240.0).prop_map(Happening::Tempo),
        1 => (1i32..9, prop_oneof![Just(4), Just(8)]).prop_map(|(upper, lower)| Happening::Meter(upper, lower)),
        1 => any::<bool>().prop_map(Happening::Band),
        1 => any::<bool>().prop_map(Happening::Midi),
        1 => (0u8..5, any::<bool>()).prop_map(|(part, is_on)| Happening::Level(part, is_on)),
        1 => Just(Happening::Reset),
        1 => Just(Happening::Reload),
    ]
}

/// Counts what is on, as a synthesiser would.
#[derive(Default)]
struct Synth {
    on: std::collections::BTreeSet<(u8, u8)>,
    num_started: usize,
}

impl Synth {
    fn hear(&mut self, events: &[MidiOut]) {
        for event in events {
            let key = (event.channel, event.key);
            if event.velocity > 0 {
                assert!(self.on.insert(key), "{key:?} was started twice");
                self.num_started += 1;
            } else {
                assert!(self.on.remove(&key), "{key:?} was ended without a start");
            }
        }
    }
}

fn happen(rig: &mut Rig, band: &mut FakeBand, happening: &Happening) {
    match *happening {
        Happening::Stop => rig.host.is_playing = false,
        Happening::Start => rig.host.is_playing = true,
        Happening::Seek(frame) => rig.host.locate(frame),
        Happening::Cycle(start, length) => rig.host.cycle = Some((f64::from(start), f64::from(start + length))),
        Happening::NoCycle => rig.host.cycle = None,
        Happening::Tempo(tempo) => {
            rig.host.tempo = tempo;
            rig.host.samples = (rig.host.beats * rig.host.frames_per_beat()).round() as i64;
        }
        Happening::Meter(upper, lower) => rig.host.meter = (upper, lower),
        Happening::Band(is_on) => rig.params.band.is_on = is_on,
        Happening::Midi(is_on) => rig.params.band.sends_midi = is_on,
        Happening::Level(part, is_on) => rig.params.band.levels[usize::from(part)] = f32::from(u8::from(is_on)),
        Happening::Reset => rig.engine.reset(),
        Happening::Reload => {
            let mut next = Rig::new(RATE, TEMPO);
            next.engine.close_notes_of(rig.engine.open_notes());
            (next.host, next.params) = (rig.host.clone(), rig.params);
            *rig = next;
            *band = FakeBand::new(rig, click(50));
        }
    }
}

/// Keeps two bars ahead of whatever is heard, with notes of all lengths.
fn compose(band: &mut FakeBand, dice: &mut u64) {
    for heard in band.hear_all() {
        let from = match heard {
            Heard::Placed { place, .. } => place.beat,
            Heard::Tick { beat, .. } if roll(dice, 3) == 0 => beat,
            _ => continue,
        };
        let mut notes: Vec<LiveNote> = (0..roll(dice, 24))
            .map(|_| {
                let start = from + roll(dice, 640) as f64 / 80.0;
                let length = 0.01 + roll(dice, 300) as f64 / 50.0;
                note(start, start + length, 40 + roll(dice, 12) as u8, PartKind::ALL[roll(dice, 5) as usize])
            })
            .collect();
        notes.sort_by(|a, b| a.start.total_cmp(&b.start));
        let cuts = roll(dice, 2) == 0;
        band.play(from, from + 8.0, notes, cuts);
    }
}

fn roll(dice: &mut u64, sides: u64) -> u64 {
    *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*dice >> 33) % sides
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// 500 runs of 20 happenings: 10 000 random transports.
    #[test]
    fn no_note_hangs_whatever_the_transport_does(
        happenings in proptest::collection::vec((happening(), 1usize..900), 20),
        seed in any::<u64>(),
    ) {
        let mut rig = rig();
        let mut band = FakeBand::new(&mut rig, click(50));
        let (mut synth, mut dice) = (Synth::default(), seed);
        for (happening, num_frames) in &happenings {
            happen(&mut rig, &mut band, happening);
            for _ in 0..3 {
                rig.run_block(*num_frames);
                synth.hear(rig.engine.midi_out());
                compose(&mut band, &mut dice);
            }
        }
        rig.host.is_playing = false;
        rig.run_block(64);
        synth.hear(rig.engine.midi_out());
        prop_assert!(synth.on.is_empty(), "hanging: {:?}", synth.on);
    }
}

#![expect(unsafe_code, reason = "a test fills the framework's buffers and sets its parameters")]
use super::*;
use engine::{DeckIndex, EngineConfig, EngineHandle, Playable, SwapAt, ToEngine};
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::{BoolParam, Param};
use std::sync::Arc;
use studio::PressAction;
use take::{AudioClip, Beats, Bpm, Rendition, SampleRate, TakeId};

/// Prepared block length; the tests ask for more.
const MAX_FRAMES: usize = 256;
/// 120 BPM at 48 kHz.
const BEAT: usize = 24_000;

fn room() -> (AudioRoom, EngineHandle) {
    let (engine, handle) = engine::prepare(EngineConfig { rate: SampleRate::DEFAULT, max_frames: MAX_FRAMES });
    (AudioRoom::new(engine, 48_000.0, MAX_FRAMES), handle)
}

/// A room with four beats of drums on deck 1: a ramp, so that no two frames are alike. Left 0..0.5, right half of it.
fn playing_room() -> (AudioRoom, EngineHandle) {
    let (room, mut handle) = room();
    let left: Box<[f32]> = (0..4 * BEAT).map(|frame| 0.5 * frame as f32 / (4 * BEAT) as f32).collect();
    let right = left.iter().map(|sample| 0.5 * sample).collect();
    let rendition = Rendition {
        take: TakeId([1; 32]),
        tempo: Bpm::DEFAULT,
        rate: SampleRate::DEFAULT,
        loop_beats: Beats(4.0),
        bar_beats: Beats(4.0),
        stems: [Some(AudioClip { left, right }), None, None, None, None],
    };
    let deck = DeckIndex::new(0).unwrap();
    let playable = Playable::listen(Arc::new(rendition));
    handle.send(ToEngine::LoadTake { deck, playable, at: SwapAt::Now }).unwrap();
    (room, handle)
}

fn host(at: usize, num_frames: usize) -> HostBlock {
    HostBlock {
        num_frames,
        is_playing: true,
        tempo: Some(120.0),
        pos_beats: Some(at as f64 / BEAT as f64),
        pos_samples: Some(at as i64),
        bar_start_beats: Some(0.0),
        meter: Some((4, 4)),
        cycle: None,
    }
}

fn set(param: &BoolParam, is_on: bool) {
    // SAFETY: the parameter is borrowed, and tests use it on one thread.
    unsafe { param.as_ptr()._internal_set_normalized_value(f32::from(u8::from(is_on))) };
}

fn note(timing: u32, is_on: bool) -> NoteEvent<()> {
    let (voice_id, channel, key) = (VoiceID::Wildcard, Channel::Number(0), Key::Number(crate::FIRST_KEY));
    match is_on {
        true => NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: 1.0 },
        false => NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 },
    }
}

/// A host's note queues.
struct FakeEvents {
    notes: std::collections::VecDeque<NoteEvent<()>>,
    sent: Vec<NoteEvent<()>>,
}

impl Events<()> for FakeEvents {
    fn next(&mut self) -> Option<NoteEvent<()>> {
        self.notes.pop_front()
    }

    fn send(&mut self, event: NoteEvent<()>) -> bool {
        self.sent.push(event);
        true
    }
}

/// Buses as a host gives them: `num_main` main channels, `num_aux` stereo buses, filled with rubbish.
fn render(
    room: &mut AudioRoom,
    params: &ContinuoParams,
    host: &HostBlock,
    notes: &[NoteEvent<()>],
    (num_main, num_aux): (usize, usize),
) -> Vec<Vec<f32>> {
    let mut memory = vec![vec![7.0f32; host.num_frames]; num_main + 2 * num_aux];
    let mut channels = memory.iter_mut().map(Vec::as_mut_slice);
    let mut bus = |num_channels: usize| {
        let mut buffer = Buffer::default();
        // SAFETY: every slice is `num_frames` long and lives as long as the buffer.
        unsafe { buffer.set_slices(host.num_frames, |slices| slices.extend(channels.by_ref().take(num_channels))) };
        buffer
    };
    let mut main = bus(num_main);
    let mut aux: Vec<_> = (0..num_aux).map(|_| bus(2)).collect();
    let mut events = FakeEvents { notes: notes.to_vec().into(), sent: Vec::new() };
    room.process(params, host, &mut events, &mut Buses { main: &mut main, aux: &mut aux, sidechain: None });
    assert!(events.sent.is_empty(), "a band that is off sent notes");
    drop((main, aux));
    memory
}

#[test]
fn a_block_longer_than_announced_is_the_same_sound_in_one_go() {
    let params = ContinuoParams::default();
    let (mut at_once, _keep) = playing_room();
    let whole = render(&mut at_once, &params, &host(0, 8 * MAX_FRAMES + 17), &[], (2, 6));
    let (mut in_blocks, _keep) = playing_room();
    let mut pieces = vec![Vec::new(); 14];
    for at in (0..8 * MAX_FRAMES + 17).step_by(100) {
        let num_frames = (8 * MAX_FRAMES + 17 - at).min(100);
        let block = render(&mut in_blocks, &params, &host(at, num_frames), &[], (2, 6));
        pieces.iter_mut().zip(block).for_each(|(piece, block)| piece.extend(block));
    }
    assert!(whole == pieces);
    assert!(whole[2][4000 / 2] > 0.0, "the drums bus is silent");
}

#[test]
fn main_is_the_sum_of_the_stem_buses_and_unused_ones_are_silent() {
    let params = ContinuoParams::default();
    let (mut room, _keep) = playing_room();
    render(&mut room, &params, &host(0, 8 * MAX_FRAMES), &[], (2, 6));
    let buses = render(&mut room, &params, &host(8 * MAX_FRAMES, 64), &[], (2, 6));
    assert!(buses[4..].iter().all(|channel| channel.iter().all(|sample| *sample == 0.0)));
    assert!(buses[2..4].iter().all(|channel| channel.iter().all(|sample| *sample > 0.0)));
    let difference = buses[0].iter().zip(&buses[2]).map(|(main, drums)| (main - drums).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-6, "{difference}");
}

#[test]
fn buses_that_are_not_there_change_nothing() {
    let params = ContinuoParams::default();
    let all = render(&mut playing_room().0, &params, &host(0, 2048), &[], (2, 6));
    for num_aux in 0..6 {
        let some = render(&mut playing_room().0, &params, &host(0, 2048), &[], (2, num_aux));
        assert!(some == all[..some.len()], "{num_aux} auxiliary buses");
    }
}

#[test]
fn a_mono_output_is_the_middle_of_the_stereo_one() {
    let params = ContinuoParams::default();
    let stereo = render(&mut playing_room().0, &params, &host(0, 2048), &[], (2, 0));
    let mono = render(&mut playing_room().0, &params, &host(0, 2048), &[], (1, 0));
    let middle: Vec<_> = stereo[0].iter().zip(&stereo[1]).map(|(left, right)| 0.5 * (left + right)).collect();
    assert!(mono[0] == middle && middle[2000] > 0.0);
}

#[test]
fn blocks_without_frames_or_channels_are_survived() {
    let params = ContinuoParams::default();
    let (mut room, _keep) = playing_room();
    render(&mut room, &params, &host(0, 0), &[note(0, true)], (2, 6));
    render(&mut room, &params, &HostBlock { num_frames: 64, ..HostBlock::default() }, &[], (0, 0));
    render(&mut room, &params, &HostBlock { tempo: Some(f64::NAN), ..host(0, 64) }, &[], (2, 6));
    let buses = render(&mut room, &params, &HostBlock { tempo: Some(0.0), ..host(64, 64) }, &[], (2, 6));
    assert!(buses.iter().flatten().all(|sample| sample.is_finite()));
}

#[test]
fn a_key_opens_a_deck_at_its_own_frame_and_closes_it_again() {
    let params = ContinuoParams::default();
    set(&params.deck_1.play, false);
    let (mut room, _keep) = playing_room();
    render(&mut room, &params, &host(0, 4096), &[], (2, 0));
    let opened = render(&mut room, &params, &host(4096, 4096), &[note(1000, true)], (2, 0));
    assert!(opened[0][..1000].iter().all(|sample| *sample == 0.0));
    assert!(opened[0][3000] > 0.0);
    render(&mut room, &params, &host(8192, 4096), &[note(4000, false)], (2, 0));
    render(&mut room, &params, &host(12_288, 4096), &[], (2, 0));
    let closed = render(&mut room, &params, &host(16_384, 64), &[], (2, 0));
    assert!(closed[0].iter().all(|sample| *sample == 0.0));
}

#[test]
fn presses_carry_the_dials_and_a_full_ring_drops_them_without_harm() {
    let params = ContinuoParams::default();
    let (mut ring, mut studio) = rtrb::RingBuffer::new(1);
    set(&params.deck_2.generate, true);
    set(&params.deck_3.cancel, true);
    let block = HostBlock { meter: Some((7, 8)), ..host(0, 64) };
    send_presses(&params, &block, &mut ring);
    let press = studio.pop().unwrap();
    assert_eq!((press.deck.get(), press.action), (1, PressAction::Generate));
    assert_eq!((press.knobs.tempo, press.knobs.meter, press.knobs.bars.get()), (Some(120.0), Some((7, 8)), 8));
    assert_eq!((studio.pop().is_err(), params.buttons.dropped()), (true, 1));
}

#[test]
fn a_load_is_reported_once_per_sixty_four_frames_or_more() {
    let params = ContinuoParams::default();
    let (mut room, _keep) = playing_room();
    (0..63).for_each(|frame| drop(render(&mut room, &params, &host(frame, 1), &[], (2, 0))));
    assert_eq!(room.measured.num_frames, 63);
    render(&mut room, &params, &host(63, 1), &[], (2, 0));
    assert_eq!(room.measured.num_frames, 0);
}

#[test]
fn a_learned_key_moves_its_parameter_at_its_own_frame_and_holds_no_deck() {
    use crate::midi_learn::{MidiBinding, MidiSource, install};
    let last_sound = |frame: u32| {
        let params = Arc::new(ContinuoParams::default());
        install(&params);
        let param = "d1_mute".to_owned();
        params.midi.restore(&[MidiBinding { source: MidiSource::Note(crate::FIRST_KEY), param }]);
        let (mut room, _handle) = playing_room();
        let main = render(&mut room, &params, &host(0, 2 * BEAT), &[note(frame, true)], (2, 0)).swap_remove(0);
        assert!(params.deck_1.mute.value() && room.keys == HeldKeys::default());
        main.iter().rposition(|sample| *sample != 0.0).unwrap_or(0)
    };
    let (early, late) = (last_sound(10_000), last_sound(30_000));
    // The dial's ramp takes 8 ms from there.
    assert!((10_000..10_500).contains(&early) && late - early == 20_000, "silent after {early} and {late}");
}

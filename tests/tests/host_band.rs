//! The live band in a host: it follows chords on the MIDI input, sounds, leaves on the MIDI output, and leaves nothing on.
use continuo_tests::host::{Blocks, NoteAt, Playhead, Plugin, Recording, Roll, SentNote, Song};
use continuo_tests::{hosted, session};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use theory::Chord;

const RATE_HZ: u32 = 48_000;
/// 120 BPM.
const BEAT: usize = 24_000;
const BAR: usize = 4 * BEAT;
const DRUMS: u8 = 9;
const BASS: u8 = 0;
const PIANO: u8 = 1;

const PROGRESSION: [(&str, [u8; 4]); 4] =
    [("Dm7", [50, 57, 60, 65]), ("G7", [43, 59, 62, 65]), ("Cmaj7", [48, 59, 64, 67]), ("A7", [45, 61, 64, 67])];

/// A band that listens to the keys, in a host that renders offline, so that a fast test is no fast player.
fn band(style: &str) -> Plugin {
    let mut plugin = Plugin::load().unwrap();
    plugin.set_offline(true).unwrap();
    plugin.activate(RATE_HZ, 1024).unwrap();
    for (name, text) in [
        ("Band On", "On"),
        ("Band MIDI Out", "On"),
        ("Chord Source", "MIDI"),
        ("Band Style", style),
        ("Humanise", "0"),
        ("Swing", "0"),
    ] {
        plugin.set_text(name, text).unwrap();
    }
    plugin
}

/// How a chord's keys are struck: frames after the bar line, for each of its keys.
fn strokes(bar: usize, keys: [u8; 4], offsets: [usize; 4], is_wrong: bool) -> Vec<NoteAt> {
    let start = bar * BAR;
    let mut notes: Vec<NoteAt> =
        keys.iter().zip(offsets).map(|(&key, offset)| NoteAt { frame: start + offset, key, velocity: 0.6 }).collect();
    if is_wrong {
        // A finger slips: soft, short, beside a chord tone.
        notes.push(NoteAt { frame: start + 5, key: keys[2] + 1, velocity: 0.2 });
        notes.push(NoteAt { frame: start + 2400, key: keys[2] + 1, velocity: 0.0 });
    }
    notes.extend(keys.map(|key| NoteAt { frame: start + BAR - 200, key, velocity: 0.0 }));
    notes
}

fn play(plugin: &mut Plugin, num_rounds: usize, offsets: [usize; 4], is_wrong: bool, blocks: Blocks) -> Recording {
    let song = Song::at(120.0);
    let bars = (0..num_rounds).flat_map(|_| PROGRESSION).enumerate();
    let notes = bars.flat_map(|(bar, (_, keys))| strokes(bar, keys, offsets, is_wrong));
    let roll = Roll::new(&song, num_rounds * PROGRESSION.len() * BAR).in_blocks(blocks);
    roll.with_notes(notes).play(plugin).unwrap()
}

fn on(recording: &Recording, channel: u8, frames: std::ops::Range<usize>) -> Vec<SentNote> {
    let is_it = |note: &&SentNote| note.channel == channel && note.velocity > 0.0 && frames.contains(&note.frame);
    recording.notes.iter().filter(is_it).copied().collect()
}

fn share_in(notes: &[SentNote], mask: u16) -> f64 {
    notes.iter().filter(|note| mask & 1 << (note.key % 12) != 0).count() as f64 / notes.len().max(1) as f64
}

/// Bass on chord tones on the middle of the bar, piano in the chord, from one beat after the change on.
fn follows(recording: &Recording, first_bar: usize, num_bars: usize) {
    let (mut bass, mut fitting_bass, mut piano, mut fitting_piano) = (0, 0.0, 0, 0.0);
    for bar in first_bar..first_bar + num_bars {
        let (symbol, _) = PROGRESSION[bar % PROGRESSION.len()];
        let tones = Chord::parse(symbol).unwrap().mask();
        let start = bar * BAR;
        let strong = on(recording, BASS, start + 2 * BEAT - 10..start + 2 * BEAT + 10);
        fitting_bass += share_in(&strong, tones) * strong.len() as f64;
        bass += strong.len();
        let chords = on(recording, PIANO, start + BEAT - 10..start + 3 * BEAT + BEAT / 2);
        fitting_piano += share_in(&chords, tones) * chords.len() as f64;
        piano += chords.len();
        assert!(!on(recording, DRUMS, start..start + BAR).is_empty(), "no drums in bar {bar}");
    }
    assert!(bass >= num_bars / 2 && fitting_bass >= 0.95 * bass as f64, "bass: {fitting_bass} of {bass}");
    assert!(piano >= num_bars && fitting_piano >= 0.98 * piano as f64, "piano: {fitting_piano} of {piano}");
}

/// Every note that was started is ended, and none twice.
fn nothing_hangs(recordings: &[&Recording]) {
    let mut open = BTreeSet::new();
    for note in recordings.iter().flat_map(|recording| &recording.notes) {
        let key = (note.channel, note.key);
        if note.velocity > 0.0 {
            assert!(open.insert(key), "{note:?} was started twice");
        } else {
            assert!(open.remove(&key), "{note:?} was ended and never started");
        }
    }
    assert!(open.is_empty(), "left on: {open:?}");
}

fn stop(plugin: &mut Plugin, at_beats: f64) -> Recording {
    Roll::new(&Song::at(120.0), 512).from(at_beats).stopped().play(plugin).unwrap()
}

/// Blocks of 512 as a sound card asks for them: the one clock that a test cannot step.
fn in_real_time(plugin: &mut Plugin, head: &mut Playhead, song: &Song, num_blocks: u32) -> Recording {
    let started = Instant::now();
    let mut recording = Recording::default();
    for block in 0..num_blocks {
        let next = Roll::new(song, 512).play_from(plugin, head).unwrap();
        if block == 0 {
            recording = next
        } else {
            recording.append(next)
        }
        let due = Duration::from_secs_f64(f64::from(block + 1) * 512.0 / f64::from(RATE_HZ));
        std::thread::sleep(due.saturating_sub(started.elapsed()));
    }
    recording
}

hosted! {
    fn blocked_chords_are_followed_and_sound() {
        let mut plugin = band("Pop");
        let recording = play(&mut plugin, 2, [0, 0, 0, 0], false, Blocks::Fixed(441));
        follows(&recording, 0, 8);
        assert!(recording.peak() > 0.05, "the band is silent");
        let end = stop(&mut plugin, 32.0);
        nothing_hangs(&[&recording, &end]);
        assert!(end.notes.iter().all(|note| note.frame == 0), "ends come with the stop");
    }

    fn arpeggios_and_slips_are_followed() {
        let mut plugin = band("Jazz");
        let arpeggio = [0, BEAT / 8, BEAT / 4, 3 * BEAT / 8];
        let recording = play(&mut plugin, 2, arpeggio, false, Blocks::Fixed(256));
        follows(&recording, 0, 8);
        let mut plugin = band("Jazz");
        let recording = play(&mut plugin, 2, [0, 0, 0, 0], true, Blocks::Fixed(256));
        follows(&recording, 0, 8);
    }

    fn onsets_lie_on_the_sample_and_the_block_size_changes_nothing() {
        let runs: Vec<Recording> = [Blocks::Fixed(64), Blocks::Fixed(1024), Blocks::Cycle(vec![1, 17, 441])]
            .into_iter()
            .map(|blocks| play(&mut band("Techno minimal"), 1, [0, 0, 0, 0], false, blocks))
            .collect();
        for note in &runs[0].notes {
            if note.velocity > 0.0 && note.channel == DRUMS {
                let step = note.frame as f64 / (BEAT as f64 / 12.0);
                assert!((step - step.round()).abs() < 1e-9, "{note:?} lies beside the grid");
            }
        }
        for other in &runs[1..] {
            assert!(runs[0].notes == other.notes, "other notes in other blocks");
            assert!(runs[0].buses == other.buses, "other sound in other blocks");
        }
    }

    fn stop_seek_mute_and_reload_leave_nothing_on() {
        let song = Song::at(120.0);
        let mut plugin = band("Funk");
        let mut recordings = vec![play(&mut plugin, 1, [0, 0, 0, 0], false, Blocks::Fixed(300))];
        for beat in [3.3, 100.0, 0.7, 17.9] {
            recordings.push(Roll::new(&song, 7_777).from(beat).play(&mut plugin).unwrap());
        }
        let off = Roll::new(&song, 4_800).from(18.0).with_move(2_400, "Band On", 0.0).play(&mut plugin).unwrap();
        recordings.push(off);
        nothing_hangs(&recordings.iter().collect::<Vec<_>>());
        plugin.set_text("Band On", "On").unwrap();
        recordings.push(Roll::new(&song, 24_000).from(20.0).play(&mut plugin).unwrap());
        // Another rate is another engine.
        plugin.activate(44_100, 1024).unwrap();
        recordings.push(stop(&mut plugin, 20.0));
        nothing_hangs(&recordings.iter().collect::<Vec<_>>());
    }

    fn a_typed_line_is_saved_and_plays_in_a_new_instance() {
        let mut plugin = band("Pop");
        plugin.set_text("Chord Source", "Typed").unwrap();
        let state = plugin.save_state().unwrap();
        let line = session::edited(&state, |text| text.replace("C | Am | F | G", "E | B7")).unwrap();
        let mut reopened = Plugin::load().unwrap();
        reopened.set_offline(true).unwrap();
        reopened.load_state(&line).unwrap();
        reopened.activate(RATE_HZ, 1024).unwrap();
        let song = Song::at(120.0);
        let recording = Roll::new(&song, 4 * BAR).play(&mut reopened).unwrap();
        for (bar, symbol) in ["E", "B7", "E", "B7"].into_iter().enumerate() {
            let bass = on(&recording, BASS, bar * BAR..bar * BAR + 10);
            let tones = Chord::parse(symbol).unwrap().mask();
            assert!(!bass.is_empty() && share_in(&bass, tones) == 1.0, "bar {bar}: {bass:?}");
        }
    }

    fn a_band_in_real_time_keeps_up() {
        // No offline render: the host calls as a sound card does, and nothing waits.
        let mut plugin = band("Rock");
        plugin.set_offline(false).unwrap();
        plugin.activate(RATE_HZ, 512).unwrap();
        let song = Song::at(120.0);
        let mut head = Playhead::at_beat(&song, 0.0, f64::from(RATE_HZ));
        plugin.set_text("Chord Source", "Typed").unwrap();
        // A style's sounds are rendered when it is first played: one pass for that.
        let warm_up = in_real_time(&mut plugin, &mut head, &song, 400);
        let pause = stop(&mut plugin, 9.0);
        // From here on the first section is composed while the transport stands.
        session::settle(&mut plugin, &song).unwrap();
        let mut head = Playhead::at_beat(&song, 0.0, f64::from(RATE_HZ));
        let recording = in_real_time(&mut plugin, &mut head, &song, 400);
        let first: Vec<SentNote> = recording.notes.iter().take(12).copied().collect();
        let is_bass = |note: &&SentNote| note.frame == 0 && note.channel == BASS;
        assert!(first.iter().find(is_bass).is_some(), "the bass missed the first beat: {first:?}");
        let bars_with_drums = (0..2).filter(|bar| !on(&recording, DRUMS, bar * BAR..(bar + 1) * BAR).is_empty());
        assert_eq!(bars_with_drums.count(), 2);
        let end = stop(&mut plugin, 9.0);
        nothing_hangs(&[&warm_up, &pause, &recording, &end]);
    }
}

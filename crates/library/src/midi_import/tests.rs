use super::*;
use take::{Beats, Meter, PartKind, PitchClass, Scale};

/// A file of `format` with 96 ticks to the beat.
fn file(format: u16, tracks: &[&[u8]]) -> Vec<u8> {
    file_with(format, [0, 96], tracks)
}

fn file_with(format: u16, division: [u8; 2], tracks: &[&[u8]]) -> Vec<u8> {
    let mut file = b"MThd\0\0\0\x06".to_vec();
    file.extend(format.to_be_bytes());
    file.extend((tracks.len() as u16).to_be_bytes());
    file.extend(division);
    for track in tracks {
        file.extend(b"MTrk");
        file.extend((track.len() as u32).to_be_bytes());
        file.extend(*track);
    }
    file
}

const END: &[u8] = &[0, 0xff, 0x2f, 0];

fn track(events: &[&[u8]]) -> Vec<u8> {
    [&events.concat(), END].concat()
}

/// (start, duration, key) of every note of the first part.
fn notes(file: &MidiFile) -> Vec<(f64, f64, u8)> {
    file.parts[0].notes.iter().map(|note| (note.start.0, note.duration.0, note.key)).collect()
}

fn read(events: &[&[u8]]) -> MidiFile {
    read_midi(&file(0, &[&track(events)])).unwrap()
}

#[test]
fn tempo_meter_key_names_and_texts_are_read() {
    let conductor = track(&[
        &[0, 0xff, 0x03, 4],
        b"Song",
        &[0, 0xff, 0x51, 3, 0x07, 0x62, 0x1f],
        &[0, 0xff, 0x58, 4, 7, 3, 24, 8],
        &[0, 0xff, 0x59, 2, 0xfd, 1],
        &[48, 0xff, 0x06, 3],
        b"Cm7",
    ]);
    let bass = track(&[&[0, 0xff, 0x03, 5], b"Low \xe9", &[0, 0xc2, 33, 0, 0x92, 40, 90, 48, 0x82, 40, 0]]);
    let file = read_midi(&file(1, &[&conductor, &bass])).unwrap();
    assert_eq!((file.format, file.tempo.get(), file.meter.to_string().as_str()), (1, 124.0, "7/8"));
    assert_eq!((file.key, file.title.as_deref()), (Some((PitchClass::new(0), Scale::Minor)), Some("Song")));
    let marker = MidiText { start: Beats(0.5), kind: MidiTextKind::Marker, text: "Cm7".into() };
    assert_eq!((file.texts.clone(), file.num_bars), (vec![marker], 1));
    let part = &file.parts[0];
    assert_eq!((part.name.as_str(), part.program, part.channel, part.kind), ("Low é", 33, 2, PartKind::Bass));
    assert_eq!((notes(&file), file.warnings), (vec![(0.0, 0.5, 40)], vec![]));
}

#[test]
fn running_status_and_velocity_zero_are_understood() {
    let file = read(&[&[0, 0x90, 60, 100, 48, 60, 0, 0, 64, 80], &[0, 0xff, 0x01, 1, b'x'], &[96, 64, 0]]);
    assert_eq!(notes(&file), [(0.0, 0.5, 60), (0.5, 1.0, 64)]);
    assert_eq!(file.warnings, []);
}

#[test]
fn overlapping_notes_of_a_key_keep_both_lengths() {
    let file = read(&[&[0, 0x90, 60, 1, 48, 60, 2, 48, 60, 0, 96, 60, 0]]);
    assert_eq!(notes(&file), [(0.0, 1.0, 60), (0.5, 1.5, 60)]);
}

#[test]
fn a_note_without_an_off_ends_with_the_next_one_or_after_a_bar() {
    let file = read(&[&[0, 0x90, 60, 1, 96, 60, 1, 0, 62, 1, 0x87, 0x40, 0xb0, 7, 0]]);
    assert_eq!(notes(&file), [(0.0, 1.0, 60), (1.0, 4.0, 60), (1.0, 4.0, 62)]);
    assert_eq!(file.warnings, [MidiWarning::NotesLeftOn { track: 1, notes: 3 }]);
}

#[test]
fn notes_without_length_are_heard() {
    let file = read(&[&[0, 0x99, 36, 100, 0, 0x89, 36, 0]]);
    assert_eq!(notes(&file), [(0.0, 0.0625, 36)]);
    assert_eq!((file.parts[0].kind, file.warnings), (PartKind::Drums, vec![MidiWarning::NoLength { notes: 1 }]));
}

#[test]
fn the_pedal_holds_until_it_comes_up_or_the_key_is_struck_again() {
    let file = read(&[&[0, 0xb0, 64, 127, 0, 0x90, 60, 9, 48, 60, 0, 48, 60, 9, 48, 60, 0, 48, 0xb0, 64, 0]]);
    assert_eq!(notes(&file), [(0.0, 1.0, 60), (1.0, 1.0, 60)]);
    let all_off = read(&[&[0, 0x90, 60, 9, 48, 0xb0, 123, 0]]);
    assert_eq!((notes(&all_off), all_off.warnings), (vec![(0.0, 0.5, 60)], vec![]));
}

#[test]
fn channels_and_programs_of_one_track_become_parts() {
    let hit = |channel: u8, key: u8| vec![0, 0x90 | channel, key, 9, 96, 0x80 | channel, key, 0];
    let file = read(&[&[0, 0xff, 3, 1, b'T'], &hit(0, 60), &hit(9, 38), &[0, 0xc0, 33], &hit(0, 30), &hit(0, 31)]);
    let found: Vec<_> =
        file.parts.iter().map(|part| (part.name.as_str(), part.kind, part.program, part.notes.len())).collect();
    let expected = [("T 1", PartKind::Bass, 33, 2), ("T 1", PartKind::Melody, 0, 1), ("T 10", PartKind::Drums, 0, 1)];
    assert!(expected.iter().all(|part| found.contains(part)) && found.len() == 3, "{found:?}");
}

#[test]
fn only_real_pitch_bends_are_missed() {
    let hit = [0, 0x90, 60, 9, 96, 60, 0];
    assert_eq!(read(&[&[0, 0xe0, 0, 64], &hit]).warnings, []);
    assert_eq!(read(&[&[0, 0xe0, 1, 64], &hit]).warnings, [MidiWarning::BendsLeftOut]);
}

#[test]
fn a_program_set_in_another_track_counts() {
    let setup = track(&[&[0, 0xc1, 90]]);
    let music = track(&[&[0, 0x91, 60, 9, 96, 0x81, 60, 0]]);
    let part = read_midi(&file(1, &[&setup, &music])).unwrap().parts.remove(0);
    assert_eq!((part.program, part.kind, part.name.as_str()), (90, PartKind::Harmony, "Track 2"));
}

#[test]
fn patterns_of_format_2_follow_each_other_on_bar_lines() {
    let pattern = track(&[&[0, 0x90, 60, 9, 96, 0x80, 60, 0]]);
    let file = read_midi(&file(2, &[&pattern, &pattern, &pattern])).unwrap();
    let starts: Vec<_> = file.parts.iter().map(|part| part.notes[0].start.0).collect();
    assert_eq!((starts, file.num_bars), (vec![0.0, 4.0, 8.0], 3));
}

#[test]
fn smpte_ticks_are_seconds() {
    // 25 frames of 40 ticks: a tick is a millisecond. 100 BPM: 600 ticks a beat.
    let music = track(&[&[0, 0xff, 0x51, 3, 0x09, 0x27, 0xc0], &[0x84, 0x58, 0x90, 60, 9, 0x82, 0x2c, 60, 0]]);
    let file = read_midi(&file_with(0, [(-25_i8) as u8, 40], &[&music])).unwrap();
    assert_eq!((file.tempo.get(), notes(&file)), (100.0, vec![(1.0, 0.5, 60)]));
}

#[test]
fn the_tempo_that_lasts_longest_is_the_tempo() {
    let tempo = |delta: u8, micros: u32| {
        let [_, high, middle, low] = micros.to_be_bytes();
        vec![delta, 0xff, 0x51, 3, high, middle, low]
    };
    let hit = [0, 0x90, 60, 9, 96, 0x80, 60, 0];
    let file = read(&[&tempo(0, 500_000), &hit, &tempo(0, 400_000), &hit, &hit, &tempo(1, 600_000)]);
    assert_eq!((file.tempo.get(), file.tempo_changes.len()), (150.0, 3));
    assert_eq!(file.warnings, [MidiWarning::TempoChanges { changes: 2, main_bpm: 150 }]);
    let slow = read(&[&tempo(0, 16_000_000), &hit]);
    assert_eq!(slow.tempo.get(), 20.0);
    assert_eq!(slow.warnings, [MidiWarning::TempoBeyond { bpm: 4, nearest_bpm: 20 }]);
    // A ramp has no main tempo: its mean counts.
    let ramp: Vec<Vec<u8>> = (1..=9).map(|step| tempo(if step == 1 { 0 } else { 96 }, step * 100_000)).collect();
    let ramp: Vec<&[u8]> = ramp.iter().map(Vec::as_slice).chain([hit.as_slice()]).collect();
    assert!((read(&ramp).tempo.get() - 120.0).abs() < 1e-9);
}

#[test]
fn impossible_meters_tempos_and_keys_are_passed_over() {
    let file = read(&[
        &[0, 0xff, 0x51, 3, 0, 0, 0],
        &[0, 0xff, 0x58, 4, 0, 2, 24, 8, 0, 0xff, 0x58, 4, 4, 200, 24, 8, 0, 0xff, 0x58, 1, 4],
        &[0, 0xff, 0x59, 2, 100, 0, 0, 0xff, 0x59, 0],
        &[0, 0x90, 60, 9, 96, 60, 0],
    ]);
    assert_eq!((file.tempo.get(), file.meter, file.key), (120.0, Meter::FOUR_FOUR, None));
    let said: Vec<_> = file.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(notes(&file), [(0.0, 1.0, 60)]);
}

#[test]
fn bars_are_filled_by_notes_and_by_silence_up_to_the_end_mark() {
    let with_end = |delta: &[u8], length: &[u8]| {
        let body = [&[0, 0x90, 60, 9], length, &[60, 0], delta, &[0xff, 0x2f, 0]].concat();
        read_midi(&file(0, &[&body])).unwrap().num_bars
    };
    assert_eq!(with_end(&[0], &[96]), 1);
    assert_eq!(with_end(&[0], &[0x83, 0x0a]), 1, "ten ticks over the bar line");
    assert_eq!(with_end(&[0], &[0x83, 0x20]), 2, "a third of a beat over it");
    assert_eq!(with_end(&[0x85, 0x20], &[96]), 2, "silence up to the end of bar two");
    assert_eq!(with_end(&[0x85, 0x00], &[96]), 1, "silence up to nowhere");
}

#[test]
fn bars_are_cut_out_with_the_notes_that_begin_in_them() {
    let hit = |delta: &[u8], key: u8| [delta, &[0x90, key, 9, 96, key, 0]].concat();
    // Beats 3.99 (early for bar 2), 6 and 8.
    let file = read(&[&hit(&[0x82, 0x7f], 60), &hit(&[96], 62), &hit(&[96], 64)]);
    let starts: Vec<_> = file.parts[0].notes.iter().map(|note| note.start.0).collect();
    assert_eq!((starts, file.first_bar()), (vec![383.0 / 96.0, 575.0 / 96.0, 767.0 / 96.0], 1));
    let cut = |first, bars| file.cut(first, take::BarCount::new(bars).unwrap());
    let of = |parts: &[take::Part]| {
        parts[0].notes.iter().map(|note| ((note.start.0 * 96.0).round(), note.key)).collect::<Vec<_>>()
    };
    assert_eq!(of(&cut(1, 1)), [(0.0, 60), (191.0, 62), (383.0, 64)]);
    assert_eq!((of(&cut(0, 1)), of(&cut(2, 9))), (vec![(383.0, 60)], vec![(0.0, 64)]));
    assert_eq!(cut(3, 1), []);
}

#[test]
fn a_damaged_track_is_read_up_to_the_damage() {
    let good = [0, 0x90, 60, 9, 96, 60, 0];
    for (damage, warning) in [
        (&[0, 0x90, 60, 0x90][..], MidiWarning::BrokenEvent { track: 1, byte: 7 }),
        (&[0x80, 0x80, 0x80, 0x80, 0], MidiWarning::BrokenEvent { track: 1, byte: 7 }),
        (&[0, 0xff, 0x01, 99, b'x'], MidiWarning::BrokenEvent { track: 1, byte: 7 }),
        (&[], MidiWarning::NoEndOfTrack { track: 1 }),
    ] {
        let file = read_midi(&file(0, &[&[&good, damage].concat()])).unwrap();
        assert_eq!((notes(&file), &file.warnings), (vec![(0.0, 1.0, 60)], &vec![warning]));
    }
    let orphan = read_midi(&file(0, &[&[0, 60, 100]])).unwrap();
    assert_eq!(orphan.warnings, [MidiWarning::BrokenEvent { track: 1, byte: 0 }, MidiWarning::NoNotes]);
}

#[test]
fn what_is_no_midi_file_is_refused_in_a_sentence() {
    assert_eq!(read_midi(b""), Err(MidiReadError::NotMidi));
    assert_eq!(read_midi(b"MThd\0\0"), Err(MidiReadError::NotMidi));
    assert_eq!(read_midi(b"MThd\0\0\0\x06\0\x01"), Err(MidiReadError::NoHeader { bytes: 2 }));
    assert_eq!(read_midi(&file(3, &[])), Err(MidiReadError::UnknownFormat { format: 3 }));
    let many = vec![&[][..]; limits::MAX_TRACKS + 1];
    let error = read_midi(&file(1, &many)).unwrap_err();
    assert_eq!(error.to_string(), "this MIDI file has more than 4096 tracks");
    let big = vec![0; limits::MAX_BYTES + 1];
    assert!(matches!(read_midi(&big), Err(MidiReadError::TooLarge { .. })));
    let notes: Vec<u8> = [0, 0x90, 60, 9].into_iter().chain([1, 60, 9].repeat(limits::MAX_NOTES)).collect();
    assert!(matches!(read_midi(&file(1, &[&notes])), Err(MidiReadError::TooManyNotes { .. })));
}

#[test]
fn odd_divisions_are_replaced() {
    let music = track(&[&[0, 0x90, 60, 9, 96, 60, 0]]);
    for division in [[0, 0], [0x80, 0], [0x81, 4], [0xff, 0xff]] {
        let file = read_midi(&file_with(1, division, &[&music])).unwrap();
        assert_eq!((notes(&file), &file.warnings), (vec![(0.0, 1.0, 60)], &vec![MidiWarning::NoDivision]));
    }
    let drop_frame = read_midi(&file_with(1, [(-29_i8) as u8, 0], &[&music])).unwrap();
    assert!((notes(&drop_frame)[0].1 - 2.0 * 96.0 * 1001.0 / 30_000.0).abs() < 1e-12);
}

#[test]
fn riff_wrapped_files_are_unwrapped() {
    let inner = file(0, &[&track(&[&[0, 0x90, 60, 9, 96, 60, 0]])]);
    let chunk = |id: &[u8], body: &[u8]| [id, &(body.len() as u32).to_le_bytes(), body].concat();
    let body = [b"RMID".to_vec(), chunk(b"LIST", b"INFO"), chunk(b"data", &inner)].concat();
    assert_eq!(notes(&read_midi(&chunk(b"RIFF", &body)).unwrap()), [(0.0, 1.0, 60)]);
    assert_eq!(read_midi(&chunk(b"RIFF", b"WAVEfmt ")), Err(MidiReadError::NotMidi));
}

#[test]
fn kinds_follow_name_program_and_playing() {
    let note = |start: f64, key: u8| take::Note { start: Beats(start), duration: Beats(1.0), key, velocity: 80 };
    let line: Vec<_> = (0..8).map(|beat| note(f64::from(beat), 72)).collect();
    let low: Vec<_> = (0..8).map(|beat| note(f64::from(beat), 36)).collect();
    let chords: Vec<_> = (0..24).map(|n| note(f64::from(n / 3), 60 + n as u8 % 3 * 4)).collect();
    let kind = |name: &str, channel, program, notes: &[take::Note]| kinds::kind_of(name, channel, program, notes);
    assert_eq!(kind("Track 1", 0, 0, &line), PartKind::Melody);
    assert_eq!(kind("Track 1", 0, 0, &low), PartKind::Bass);
    assert_eq!(kind("Track 1", 0, 0, &chords), PartKind::Harmony);
    assert_eq!(kind("Bass drum", 0, 0, &low), PartKind::Drums);
    assert_eq!(kind("Walking Bass", 0, 0, &line), PartKind::Bass);
    assert_eq!(kind("x", 0, 33, &line), PartKind::Bass);
    assert_eq!(kind("x", 0, 90, &line), PartKind::Harmony);
    assert_eq!(kind("x", 0, 122, &line), PartKind::Texture);
    assert_eq!(kind("Lead", 9, 0, &line), PartKind::Drums);
}

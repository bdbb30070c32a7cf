//! What other programs get to see.
mod common;
use common::*;
use library::{
    Exported, LibraryError, export_all_parts, export_mix, export_part, export_stem, export_take, export_take_on,
    folder_name,
};
use midly::{MetaMessage, MidiMessage, Smf, TrackEventKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use take::*;

fn export(take: &Take) -> (tempfile::TempDir, Exported) {
    let dir = tempfile::tempdir().unwrap();
    let exported = export_take(take, dir.path()).unwrap();
    (dir, exported)
}

/// Chunks of a RIFF file by id, lengths and pad bytes checked.
fn chunks(file: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&file[..4], &file[8..12]), (b"RIFF".as_slice(), b"WAVE".as_slice()));
    assert_eq!(word(4) + 8, file.len());
    let (mut found, mut at) = (BTreeMap::new(), 12);
    while at < file.len() {
        let num_bytes = word(at + 4);
        let id = String::from_utf8(file[at..at + 4].to_vec()).unwrap();
        assert!(found.insert(id, file[at + 8..at + 8 + num_bytes].to_vec()).is_none());
        at += 8 + num_bytes + num_bytes % 2;
    }
    assert_eq!(at, file.len());
    found
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn samples(path: &Path) -> Vec<i32> {
    hound::WavReader::open(path).unwrap().into_samples().map(Result::unwrap).collect()
}

#[test]
fn an_export_holds_what_the_take_has_and_nothing_else() {
    let take = take();
    let (dir, exported) = export(&take);
    let files: Vec<_> = tree(dir.path())
        .into_iter()
        .map(|(path, _)| path.strip_prefix(dir.path()).unwrap().to_string_lossy().replace('\\', "/"))
        .collect();
    let expected = [
        "all.mid",
        "mix.wav",
        "parts",
        "parts/bass.mid",
        "parts/drums.mid",
        "stems",
        "stems/bass.wav",
        "stems/drums.wav",
        "take.json",
    ];
    assert_eq!(files, expected);
    assert_eq!(exported.stems.len() + exported.parts.len(), 4);
    assert!(exported.mix.is_file() && exported.all_midi.is_file() && exported.info.is_file());
}

#[test]
fn the_same_take_gives_the_same_bytes() {
    let take = take();
    let contents = |dir: &Path| tree(dir).into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>();
    let ((first, _), (second, _)) = (export(&take), export(&take));
    assert_eq!(contents(first.path()), contents(second.path()));
}

#[test]
fn stems_sum_to_the_mix_sample_for_sample() {
    let (_dir, exported) = export(&take());
    let stems: Vec<_> = exported.stems.iter().map(|(_, path)| samples(path)).collect();
    let mix = samples(&exported.mix);
    assert_eq!(mix.len(), 2 * take().original.num_frames());
    assert!(mix.iter().enumerate().all(|(index, &sum)| stems.iter().map(|stem| stem[index]).sum::<i32>() == sum));
    assert!(mix.iter().any(|&sample| sample != 0));
}

#[test]
fn a_mix_beyond_full_scale_is_clipped_not_wrapped() {
    let (_dir, exported) = export(&take_with(|_, _, original| {
        let loud = |value: f32| Some(AudioClip { left: vec![value; 1553].into(), right: vec![-value; 1553].into() });
        assert_eq!(original.num_frames(), 1553);
        original.stems = [loud(0.75), loud(0.75), None, None, None];
    }));
    assert!(samples(&exported.mix).chunks(2).all(|frame| frame == [8_388_607, -8_388_608]));
}

#[test]
fn loops_carry_tempo_meter_key_and_loop_points() {
    let (_dir, exported) = export(&take());
    let mix = chunks(&fs::read(&exported.mix).unwrap());
    let acid = &mix["acid"];
    assert_eq!(acid.len(), 24);
    assert_eq!(u32_at(acid, 0), 0b110, "a loop with a root note");
    assert_eq!((u16_at(acid, 4), u32_at(acid, 12)), (69, 8), "root A, eight beats");
    assert_eq!((u16_at(acid, 16), u16_at(acid, 18), f32_at(acid, 20)), (4, 4, 124.0));
    let smpl = &mix["smpl"];
    assert_eq!((smpl.len(), u32_at(smpl, 28), u32_at(smpl, 44), u32_at(smpl, 48)), (60, 1, 0, 1552));
    assert_eq!(u32_at(smpl, 8), 2_493_766, "nanoseconds per frame at 401 Hz");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let list = text(&mix["LIST"]);
    assert!(list.contains("Deep house 124 Am\0") && list.contains("Continuo "), "{list}");
    let comment = "prompt: deep, \"dusty\" chords für dich; style: deep_house; engine: band/1; \
                   seed: 18446744073709551615; key: A minor; tempo: 124 BPM; meter: 4/4";
    assert!(list.contains(comment), "{list}");
    assert!(text(&mix["id3 "]).contains("TKEY"));
    let drums = chunks(&fs::read(&exported.stems[0].1).unwrap());
    assert_eq!(u32_at(&drums["acid"], 0), 0b100, "drums have no root note");
    assert!(!text(&drums["id3 "]).contains("TKEY"));
}

#[test]
fn an_odd_meter_keeps_beats_over_tempo_equal_to_the_length() {
    let (_dir, exported) = export(&take_with(|info, parts, original| {
        parts.clear();
        info.meter = Meter::new(7, 8).unwrap();
        original.loop_beats = Beats(3.5);
        original.bar_beats = Beats(3.5);
        original.stems = [None, None, None, None, Some(noise(original.num_frames(), 1))];
    }));
    let acid = &chunks(&fs::read(&exported.mix).unwrap())["acid"];
    assert_eq!((u32_at(acid, 12), u16_at(acid, 16), u16_at(acid, 18), f32_at(acid, 20)), (7, 8, 7, 248.0));
}

/// (tick, is on, key, velocity).
type Played = (u32, bool, u8, u8);

/// Metas and notes of a track; checks its end and that no key is left or stopped twice.
fn play(track: &[midly::TrackEvent]) -> (Vec<String>, Vec<Played>) {
    let (mut now, mut metas, mut notes, mut sounding) = (0, Vec::new(), Vec::new(), Vec::new());
    for event in track {
        now += event.delta.as_int();
        match event.kind {
            TrackEventKind::Meta(meta) => metas.push(format!("{now} {meta:?}")),
            TrackEventKind::Midi { message: MidiMessage::NoteOn { key, vel }, .. } => {
                assert!(vel > 0 && !sounding.contains(&key));
                sounding.push(key);
                notes.push((now, true, key.as_int(), vel.as_int()));
            }
            TrackEventKind::Midi { message: MidiMessage::NoteOff { key, vel }, .. } => {
                let index = sounding.iter().position(|&other| other == key).expect("an off without an on");
                sounding.remove(index);
                notes.push((now, false, key.as_int(), vel.as_int()));
            }
            TrackEventKind::Midi { message, channel } => metas.push(format!("{now} ch{channel} {message:?}")),
            _ => panic!("{event:?}"),
        }
    }
    assert!(sounding.is_empty(), "hanging notes");
    (metas, notes)
}

#[test]
fn midi_files_say_tempo_meter_key_names_and_programs() {
    let (_dir, exported) = export(&take());
    let bytes = fs::read(&exported.all_midi).unwrap();
    let smf = Smf::parse(&bytes).unwrap();
    assert_eq!(smf.header.format, midly::Format::Parallel);
    assert_eq!(smf.header.timing, midly::Timing::Metrical(960.into()));
    assert_eq!(smf.tracks.len(), 3);
    let kind = |meta| TrackEventKind::Meta(meta);
    for meta in [
        MetaMessage::Tempo(483_871.into()),
        MetaMessage::TimeSignature(4, 2, 24, 8),
        MetaMessage::KeySignature(0, true),
        MetaMessage::TrackName(b"Deep house 124 Am"),
    ] {
        assert!(smf.tracks[0].iter().any(|event| event.kind == kind(meta)), "{meta:?}");
    }
    for track in &smf.tracks {
        let num_ticks: u32 = track.iter().map(|event| event.delta.as_int()).sum();
        assert_eq!(num_ticks, 8 * 960);
        assert_eq!(track.last().unwrap().kind, kind(MetaMessage::EndOfTrack));
    }
    let (drum_metas, drum_notes) = play(&smf.tracks[1]);
    let text = |text: &str| format!("{:?}", text.as_bytes());
    let expected = [
        format!("0 TrackName({})", text("Kit")),
        format!("0 Text({})", text("part: drums")),
        "0 ch9 ProgramChange { program: u7(0) }".to_owned(),
        "7680 EndOfTrack".to_owned(),
    ];
    assert_eq!(drum_metas, expected);
    let (conductor, _) = play(&smf.tracks[0]);
    let markers: Vec<_> = conductor.iter().filter(|meta| meta.contains("Marker")).cloned().collect();
    assert_eq!(markers, [format!("0 Marker({})", text("Am7")), format!("3840 Marker({})", text("F"))]);
    assert_eq!(drum_notes.len(), 32);
    let (bass_metas, bass_notes) = play(&smf.tracks[2]);
    assert!(bass_metas.contains(&"0 ch1 ProgramChange { program: u7(38) }".to_owned()), "{bass_metas:?}");
    let expected = [
        (0, true, 33, 101),
        (288, true, 40, 101),
        (289, false, 40, 64),
        (640, true, 45, 101),
        (864, false, 33, 64),
        (928, false, 45, 64),
        (7348, true, 36, 101),
        (7680, false, 36, 64),
    ];
    assert_eq!(bass_notes, expected, "swing as played, the last note cut at the loop's end");
}

#[test]
fn a_part_file_holds_that_part_alone() {
    let (_dir, exported) = export(&take());
    for ((kind, path), name) in exported.parts.iter().zip(["Kit", "Sub bass"]) {
        let bytes = fs::read(path).unwrap();
        let smf = Smf::parse(&bytes).unwrap();
        let name = TrackEventKind::Meta(MetaMessage::TrackName(name.as_bytes()));
        assert_eq!(smf.tracks.len(), 2);
        assert!(smf.tracks[1].iter().any(|event| event.kind == name), "{kind:?}");
        let is_marker = |event: &midly::TrackEvent| matches!(event.kind, TrackEventKind::Meta(MetaMessage::Marker(_)));
        assert!(!smf.tracks[0].iter().any(is_marker), "chords belong to the whole piece");
    }
}

/// The take in Rast on A, whose C sharp and G sharp are a quarter tone low.
fn take_in_rast() -> Take {
    take_with(|info, parts, _| {
        (info.key, info.scale) = (PitchClass::new(9), Scale::Rast);
        for (note, key) in parts[1].notes.iter_mut().zip([33, 37, 40, 44].into_iter().cycle()) {
            note.key = key;
        }
    })
}

#[test]
fn quarter_tones_of_a_part_are_an_mpe_zone() {
    let (_dir, exported) = export(&take_in_rast());
    let bytes = fs::read(&exported.parts[1].1).unwrap();
    let smf = Smf::parse(&bytes).unwrap();
    let (metas, _) = play(&smf.tracks[1]);
    // Zone of two members; on each a range of 48 semitones; the second half a semitone down.
    let controller = |channel, number: u8, value: u8| {
        format!("0 ch{channel} Controller {{ controller: u7({number}), value: u7({value}) }}")
    };
    let registered = |channel, number, value| {
        [(101, 0), (100, number), (6, value), (38, 0)].map(|(at, value)| controller(channel, at, value)).to_vec()
    };
    let program = |channel| vec![format!("0 ch{channel} ProgramChange {{ program: u7(38) }}")];
    let bend = |channel, bend| vec![format!("0 ch{channel} PitchBend {{ bend: PitchBend(u14({bend})) }}")];
    let setup: Vec<String> = metas.into_iter().filter(|meta| meta.contains(" ch")).collect();
    let expected = [
        registered(0, 6, 2),
        program(1),
        registered(1, 0, 48),
        bend(1, 8192),
        program(2),
        registered(2, 0, 48),
        bend(2, 8192 - 85),
    ];
    assert_eq!(setup, expected.concat());
    for event in &smf.tracks[1] {
        if let TrackEventKind::Midi { channel, message: MidiMessage::NoteOn { key, .. } } = event.kind {
            assert_eq!(channel.as_int(), if [37, 44].contains(&key.as_int()) { 2 } else { 1 }, "key {key}");
        }
    }
}

#[test]
fn a_piece_with_quarter_tones_comes_back_as_the_parts_it_was_made_of() {
    let take = take_in_rast();
    let (_dir, exported) = export(&take);
    for path in [&exported.all_midi, &exported.parts[1].1] {
        let file = library::read_midi(&fs::read(path).unwrap()).unwrap();
        let bass = file.parts.iter().filter(|part| part.kind == PartKind::Bass).collect::<Vec<_>>();
        let keys = |part: &Part| part.notes.iter().map(|note| note.key).collect::<BTreeSet<_>>();
        assert_eq!(bass.len(), 1, "{}", path.display());
        assert_eq!((keys(bass[0]), &bass[0].name[..], bass[0].program), (keys(&take.parts[1]), "Sub bass", 38));
    }
}

#[test]
fn modes_and_sharp_keys_are_signed_rightly() {
    for (tonic, scale, expected) in
        [(2, Scale::Dorian, (0, true)), (7, Scale::Mixolydian, (0, false)), (6, Scale::Minor, (3, true))]
    {
        let (_dir, exported) = export(&take_with(|info, _, _| {
            info.key = PitchClass::new(tonic);
            info.scale = scale;
        }));
        let bytes = fs::read(&exported.all_midi).unwrap();
        let smf = Smf::parse(&bytes).unwrap();
        let signature = TrackEventKind::Meta(MetaMessage::KeySignature(expected.0, expected.1));
        assert!(smf.tracks[0].iter().any(|event| event.kind == signature), "{scale:?}");
    }
}

#[test]
fn the_flat_json_has_what_scripts_ask_for() {
    let take = take();
    let (_dir, exported) = export(&take);
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&exported.info).unwrap()).unwrap();
    let expected = serde_json::json!({
        "id": take.id.to_string(), "name": "Deep house 124 Am", "style": "deep_house",
        "prompt": "deep, \"dusty\" chords\nfür dich", "engine": "band/1", "seed": u64::MAX, "tempo_bpm": 124.0,
        "meter": "4/4", "key": "A", "scale": "minor", "bars": 2, "loudness_lufs": -16.012_345_678_9,
        "hash": take.id.to_string(),
        "chords": [
            {"start_beats": 0.0, "duration_beats": 4.0, "symbol": "Am7"},
            {"start_beats": 4.0, "duration_beats": 4.0, "symbol": "F"},
        ],
        "parts": [
            {"kind": "drums", "name": "Kit", "file": "parts/drums.mid", "channel": 9, "program": 0, "notes": 16},
            {"kind": "bass", "name": "Sub bass", "file": "parts/bass.mid", "channel": 1, "program": 38, "notes": 4},
        ],
        "stems": [
            {"kind": "drums", "file": "stems/drums.wav"},
            {"kind": "bass", "file": "stems/bass.wav"},
        ],
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&json[field], value, "{field}");
    }
}

#[test]
fn single_files_have_short_plain_names_and_never_replace_other_content() {
    let dir = tempfile::tempdir().unwrap();
    let take = take();
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let part = export_part(&take, PartKind::Bass, 3, dir.path()).unwrap();
    assert_eq!(name(&part), "deephouse_bass_124_Am_t3.mid");
    let stem = export_stem(&take, StemKind::Drums, 3, dir.path()).unwrap();
    assert_eq!(name(&stem), "deephouse_drums_124_Am_t3.wav");
    assert_eq!(name(&export_mix(&take, 3, dir.path()).unwrap()), "deephouse_mix_124_Am_t3.wav");
    assert_eq!(name(&export_all_parts(&take, 3, dir.path()).unwrap()), "deephouse_all_124_Am_t3.mid");
    assert_eq!(export_part(&take, PartKind::Bass, 3, dir.path()).unwrap(), part);
    let other = take_with(|info, _, _| info.spec.seed = 1);
    let second = export_part(&other, PartKind::Bass, 3, dir.path()).unwrap();
    assert_eq!(name(&second), "deephouse_bass_124_Am_t3_2.mid");
    assert_eq!(tree(dir.path()).len(), 5);
    let strange = take_with(|info, _, _| {
        info.spec.style = StyleId::from("../Ünïcode style/ with a very long name indeed");
        info.tempo = Bpm::new(92.5).unwrap();
        info.key = PitchClass::new(6);
    });
    let path = export_part(&strange, PartKind::Drums, 1, dir.path()).unwrap();
    assert_eq!(name(&path), "ncodestylewithaverylongn_drums_92.5_Fsharpm_t1.mid");
    assert_eq!(folder_name(&take), format!("deephouse_124_Am_{}", &take.id.to_string()[..6]));
}

#[test]
fn what_a_take_has_not_cannot_be_exported() {
    let dir = tempfile::tempdir().unwrap();
    let error = export_part(&take(), PartKind::Melody, 1, dir.path()).unwrap_err();
    assert_eq!(error.to_string(), "this take has no melody part");
    assert!(matches!(export_stem(&take(), StemKind::Other, 1, dir.path()), Err(LibraryError::Absent { .. })));
}

#[test]
fn an_export_over_an_older_one_leaves_no_stale_file_and_keeps_strange_ones() {
    let (dir, _) = export(&take());
    fs::write(dir.path().join("stems/mine.wav"), "mine").unwrap();
    let exported = export_take(
        &take_with(|_, parts, original| {
            parts.remove(0);
            original.stems.swap(0, 4);
        }),
        dir.path(),
    )
    .unwrap();
    assert_eq!(exported.stems.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [StemKind::Bass, StemKind::Other]);
    let names: Vec<_> =
        fs::read_dir(dir.path().join("stems")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.contains(&"mine.wav".into()) && !names.contains(&"drums.wav".into()) && names.len() == 3);
    assert!(!dir.path().join("parts/drums.mid").exists());
}

#[test]
fn an_export_onto_a_full_disk_leaves_the_folder_as_it_was() {
    let (take, other) = (take(), take_with(|info, _, _| info.spec.seed = 1));
    let (old, _) = export(&other);
    let before = tree(old.path());
    let num_bytes: usize = before.iter().map(|(_, bytes)| bytes.len()).sum();
    for room in (0..num_bytes - 100).step_by(num_bytes / 40) {
        let fresh = tempfile::tempdir().unwrap();
        for dir in [old.path().to_owned(), fresh.path().join("deep/er")] {
            let error = export_take_on(&FakeFullDisk::with_room_for(room), &take, &dir).unwrap_err();
            assert!(matches!(error, LibraryError::DiskFull { .. }), "{error}");
        }
        assert_eq!(tree(fresh.path()), []);
        assert_eq!(tree(old.path()), before);
    }
}

#[test]
fn an_export_that_cannot_move_in_gives_the_old_one_back() {
    let (old, _) = export(&take_with(|info, _, _| info.spec.seed = 1));
    let before = tree(old.path());
    let mut failures = 0;
    for rename in 0.. {
        let fresh = tempfile::tempdir().unwrap();
        let new_dir = fresh.path().join("new");
        let into_new = export_take_on(&FakeRenameFailure::at(rename), &take(), &new_dir);
        assert!(into_new.is_ok() || tree(fresh.path()).is_empty());
        if export_take_on(&FakeRenameFailure::at(rename), &take(), old.path()).is_ok() {
            break;
        }
        assert_eq!(tree(old.path()), before, "rename {rename}");
        failures += 1;
    }
    assert_eq!(failures, 14, "seven files, each moved out and in");
}

#[test]
fn a_folder_that_cannot_be_written_is_said_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = export_take(&take(), &file.join("out")).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    let error = export_take_on(&FakeReadOnlyDisk, &take(), &dir.path().join("out")).unwrap_err();
    assert!(matches!(error, LibraryError::Denied { .. }), "{error}");
    assert_eq!(tree(dir.path()).len(), 1);
    fs::create_dir(dir.path().join("mix.wav")).unwrap();
    let error = export_take(&take(), dir.path()).unwrap_err();
    assert!(error.to_string().contains("in the way"), "{error}");
    assert_eq!(tree(dir.path()).len(), 2);
}

//! Notes from elsewhere, and SoundFonts: what the band plays that it did not compose.
use jobs::{
    BandProvider, CancelToken, MidiImport, MidiTake, MidiTakeError, PartsSpec, Progress, Provider, ProviderError,
};
use std::path::Path;
use synth::SoundFontBank;
use take::{
    BarCount, Beats, Bpm, Meter, Note, Part, PartKind, PitchClass, SampleRate, Scale, StemKind, StyleId, Take, TakeSpec,
};

#[path = "../../synth/examples/tiny_soundfont/mod.rs"]
mod tiny_soundfont;

fn band() -> (BandProvider, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (BandProvider::new(dir.path()), dir)
}

fn bank() -> SoundFontBank {
    SoundFontBank::read(Path::new("tiny.sf2"), &tiny_soundfont::tiny_soundfont()).unwrap()
}

fn wanted() -> MidiImport {
    MidiImport { name: "song".into(), style: StyleId::from("jazz"), first_bar: None, bars: None, tempo: None }
}

fn import(band: &BandProvider, file: &[u8], wanted: &MidiImport) -> Result<MidiTake, MidiTakeError> {
    band.take_from_midi(file, wanted, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
}

fn generate(band: &BandProvider, meter: (i64, i64)) -> Take {
    let spec = TakeSpec {
        key: Some(PitchClass::new(3)),
        scale: Some(Scale::Major),
        bars: BarCount::new(2).unwrap(),
        meter: Meter::new(meter.0, meter.1).unwrap(),
        ..TakeSpec::new(StyleId::from("jazz"), Bpm::new(131.5).unwrap(), 5)
    };
    band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap()
}

/// The take's own `all.mid`.
fn exported(take: &Take) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::read(library::export_all_parts(take, 1, dir.path()).unwrap()).unwrap()
}

/// A file with a note for each (bar, key) of a bar's length, 4/4 at 120.
fn file_with(notes: &[(u32, u8)]) -> Vec<u8> {
    let mut track = Vec::new();
    let mut now = 0;
    for &(bar, key) in notes {
        let delta = bar * 384 - now;
        track.extend([0x80 | (delta >> 14) as u8, 0x80 | (delta >> 7) as u8, delta as u8 & 0x7f, 0x90, key, 90]);
        track.extend([0x83, 0x00, key, 0]);
        now = (bar + 1) * 384;
    }
    track.extend([0, 0xff, 0x2f, 0]);
    [&b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk"[..], &(track.len() as u32).to_be_bytes(), &track].concat()
}

#[test]
fn an_exported_take_comes_back_from_its_midi_file() {
    let (band, _dir) = band();
    for meter in [(4, 4), (7, 8)] {
        let take = generate(&band, meter);
        let MidiTake { take: again, remarks } = import(&band, &exported(&take), &wanted()).unwrap();
        let (was, is) = (&take.info, &again.info);
        assert_eq!(
            (is.tempo, is.meter, is.bars, is.key, is.scale),
            (was.tempo, was.meter, was.bars, was.key, was.scale)
        );
        assert_eq!(again.original.num_frames(), take.original.num_frames());
        let symbols = |take: &Take| take.info.chords.iter().map(|chord| chord.symbol.clone()).collect::<Vec<_>>();
        assert_eq!(symbols(&again), symbols(&take));
        assert_eq!((remarks, again.parts.len()), (vec![], take.parts.len()));
        for (is, was) in again.parts.iter().zip(&take.parts) {
            let about = |part: &Part| (part.kind, part.name.clone(), part.program, part.channel, part.notes.len());
            assert_eq!(about(is), about(was));
            // Humanised notes that share a tick come back sorted by key.
            let tick = |note: &Note| ((note.start.0 * 960.0).round() as u32, note.key);
            let mut notes = was.notes.clone();
            notes.sort_by_key(tick);
            for (is, was) in is.notes.iter().zip(&notes) {
                assert!((is.start.0 - was.start.0).abs() <= 0.5 / 960.0 + 1e-9, "{is:?} was {was:?}");
                assert_eq!((is.key, is.velocity), (was.key, was.velocity));
            }
        }
    }
}

#[test]
fn a_long_file_gives_its_first_sounding_bars_and_says_so() {
    let (band, _dir) = band();
    let file = file_with(&[(2, 60), (3, 64), (50, 67)]);
    let made = import(&band, &file, &wanted()).unwrap();
    assert_eq!((made.take.info.bars.get(), made.take.parts[0].notes.len()), (32, 2));
    assert_eq!(made.take.parts[0].notes[0].start, Beats(0.0));
    assert!(made.remarks.iter().any(|remark| remark == "of its 51 bars, 3 to 34 were taken"), "{:?}", made.remarks);
    let last = MidiImport { first_bar: Some(50), bars: Some(BarCount::new(1).unwrap()), ..wanted() };
    let made = import(&band, &file, &last).unwrap().take;
    assert_eq!((made.parts[0].notes.len(), made.parts[0].notes[0].key, made.info.bars.get()), (1, 67, 1));
    let silent = MidiImport { first_bar: Some(10), bars: Some(BarCount::new(4).unwrap()), ..wanted() };
    assert_eq!(import(&band, &file, &silent), Err(MidiTakeError::Provider(ProviderError::NoNotes)));
}

#[test]
fn chords_without_markers_are_heard_in_the_notes() {
    let (band, _dir) = band();
    let chord = |start: f64, keys: &[u8]| {
        let note = |key: &u8| Note { start: Beats(start), duration: Beats(3.9), key: *key, velocity: 80 };
        keys.iter().map(note).collect::<Vec<_>>()
    };
    let mut take = generate(&band, (4, 4));
    take.info.chords.clear();
    take.parts.retain(|part| part.kind == PartKind::Harmony);
    take.parts[0].notes = [chord(0.0, &[50, 53, 57, 60]), chord(4.0, &[43, 47, 50, 53])].concat();
    let made = import(&band, &exported(&take), &wanted()).unwrap().take;
    let chords: Vec<_> = made.info.chords.iter().map(|chord| (chord.start.0, chord.symbol.as_str())).collect();
    assert_eq!(chords, [(0.0, "Dm7"), (4.0, "G7")]);
}

#[test]
fn files_without_music_are_refused_in_a_sentence() {
    let (band, _dir) = band();
    for (file, sentence) in [
        (&b"RIFF"[..], "this is not a MIDI file"),
        (&file_with(&[]), "there are no notes in these bars"),
        (b"MThd\0\0\0\x06\0\x01\0\0\0\x60", "there are no notes in these bars"),
    ] {
        assert_eq!(import(&band, file, &wanted()).unwrap_err().to_string(), sentence);
    }
    let unknown = MidiImport { style: StyleId::from("no_such"), ..wanted() };
    let error = import(&band, &file_with(&[(0, 60)]), &unknown).unwrap_err();
    assert!(error.to_string().contains("no_such"), "{error}");
}

#[test]
fn an_import_can_be_cancelled() {
    let (band, _dir) = band();
    let cancel = CancelToken::default();
    cancel.cancel();
    let made =
        band.take_from_midi(&file_with(&[(0, 60)]), &wanted(), SampleRate::DEFAULT, &Progress::default(), &cancel);
    assert_eq!(made, Err(MidiTakeError::Provider(ProviderError::Cancelled)));
}

#[test]
fn notes_that_no_loop_can_hold_are_left_out() {
    let (band, _dir) = band();
    let note = |start: f64, duration: f64, key: u8, velocity: u8| Note {
        start: Beats(start),
        duration: Beats(duration),
        key,
        velocity,
    };
    let notes = vec![
        note(2.0, 1.0, 200, 0),
        note(0.0, 9.0, 60, 255),
        note(4.0, 1.0, 60, 90),
        note(-1.0, 1.0, 60, 90),
        note(f64::NAN, 1.0, 60, 90),
        note(1.0, f64::INFINITY, 60, 90),
        note(1.0, 0.0, 60, 90),
    ];
    let part = Part { kind: PartKind::Drums, name: "x".into(), program: 255, channel: 3, notes };
    let spec = PartsSpec {
        name: "Mine".into(),
        style: StyleId::from("rock"),
        tempo: Bpm::DEFAULT,
        meter: Meter::FOUR_FOUR,
        bars: BarCount::new(1).unwrap(),
        key: (PitchClass::new(9), Scale::Minor),
        chords: vec![],
        parts: vec![part],
        seed: 1,
    };
    let take = band.take_from_parts(spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap();
    assert_eq!(take.parts[0].notes, [note(0.0, 9.0, 60, 127), note(2.0, 1.0, 127, 1)]);
    assert_eq!((take.parts[0].channel, take.parts[0].program, take.info.name.as_str()), (9, 127, "Mine 120 Am"));
}

#[test]
fn an_imported_take_is_played_again_at_another_tempo() {
    let (band, _dir) = band();
    let made = import(&band, &file_with(&[(0, 60), (1, 64)]), &wanted()).unwrap().take;
    assert!(made.info.engine.starts_with("midi/"), "{}", made.info.engine);
    let at = |bpm: f64| {
        let tempo = Bpm::new(bpm).unwrap();
        band.rerender(&made, tempo, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap()
    };
    assert_eq!(at(120.0), *made.original);
    let wanted = MidiImport { tempo: Some(Bpm::new(90.0).unwrap()), ..wanted() };
    let slow = import(&band, &file_with(&[(0, 60), (1, 64)]), &wanted).unwrap().take;
    assert_eq!(at(90.0).stems, slow.original.stems);
}

#[test]
fn a_soundfont_plays_the_same_notes_with_another_sound() {
    let (band, _dir) = band();
    let built_in = generate(&band, (4, 4));
    band.use_soundfont(Some(bank()));
    let take = generate(&band, (4, 4));
    assert_eq!((&take.parts, take.original.num_frames()), (&built_in.parts, built_in.original.num_frames()));
    assert_ne!(take.original.stems, built_in.original.stems);
    assert!(take.original.stems[StemKind::Bass as usize].is_some());
    assert!((take.info.loudness_lufs + 16.0).abs() < 0.5, "{} LUFS", take.info.loudness_lufs);
    assert_eq!(take.info.engine, format!("{}-sf2-{}", built_in.info.engine, bank().fingerprint()));
    let again = |take: &Take| {
        band.rerender(take, take.info.tempo, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
            .unwrap()
    };
    assert_eq!(again(&take), *take.original);
    // The other way round: what the built-in instruments made is resampled, not played again by the SoundFont.
    assert_eq!(again(&built_in), *built_in.original);
    band.use_soundfont(None);
    assert_eq!(generate(&band, (4, 4)), built_in);
    let refused = {
        band.use_soundfont(Some(bank()));
        let spec = TakeSpec::new(StyleId::from("jazz"), Bpm::DEFAULT, 1);
        band.generate(&spec, SampleRate::new(8000).unwrap(), &Progress::default(), &CancelToken::default())
    };
    assert!(matches!(refused, Err(ProviderError::SoundFont(_))), "{refused:?}");
}

//! Notes from audio through the stand-in for Basic Pitch (tools/model_fixtures/basic_pitch.py), which hears plain tones.
use jobs::{CancelToken, HearNotesError, NoteHearer, Progress, bake, hear_notes, notes_of_file};
use models::RuntimeSearch;
use models::basic_pitch::NoteThresholds;
use std::path::{Path, PathBuf};
use take::{
    AudioClip, BarCount, Beats, Bpm, Meter, Part, PartKind, PitchClass, Rendition, SampleRate, Scale, StemKind,
    StyleId, Take, TakeId, TakeInfo, TakeSpec,
};

const HZ: u32 = 44_100;
const BPM: f64 = 120.0;
/// Two bars of 4/4.
const LOOP_BEATS: f64 = 8.0;

/// A tone: start and length in beats, and a MIDI key.
type Tone = (f64, f64, u8);

fn hearer() -> NoteHearer {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/basic_pitch/nmp.onnx");
    NoteHearer { runtime: RuntimeSearch::of_system(None, Path::new("/nowhere")), model }
}

/// Sines with soft ends; what goes over the end comes in at the start.
fn played(tones: &[Tone]) -> AudioClip {
    let frames_per_beat = f64::from(HZ) * 60.0 / BPM;
    let num_frames = (LOOP_BEATS * frames_per_beat) as usize;
    let mut made = vec![0.0_f32; num_frames];
    for (start, length, key) in tones {
        let hz = 440.0 * ((f64::from(*key) - 69.0) / 12.0).exp2();
        let (first, count) = ((start * frames_per_beat) as usize, (length * frames_per_beat) as usize);
        for n in 0..count {
            let fade = (n.min(count - n) as f64 / 400.0).min(1.0);
            let sample = 0.4 * fade * (std::f64::consts::TAU * hz * n as f64 / f64::from(HZ)).sin();
            made[(first + n) % num_frames] += sample as f32;
        }
    }
    AudioClip { left: made.clone().into(), right: made.into() }
}

fn take_of(stems: Vec<(StemKind, AudioClip)>) -> Take {
    let (tempo, bars) = (Bpm::new(BPM).unwrap(), BarCount::new(2).unwrap());
    let spec = TakeSpec { bars, ..TakeSpec::new(StyleId::from("jazz"), tempo, 1) };
    let info = TakeInfo {
        name: "Whistle".to_owned(),
        engine: "import/1".to_owned(),
        key: PitchClass::new(0),
        scale: Scale::Major,
        tempo,
        meter: Meter::FOUR_FOUR,
        bars,
        chords: Vec::new(),
        loudness_lufs: -16.0,
        true_peak_dbtp: -3.0,
        spec,
    };
    let mut original = Rendition {
        take: TakeId([0; 32]),
        tempo,
        rate: SampleRate::new(HZ).unwrap(),
        loop_beats: Beats(LOOP_BEATS),
        bar_beats: Beats(4.0),
        stems: Default::default(),
    };
    for (kind, clip) in stems {
        original.stems[kind as usize] = Some(clip);
    }
    bake(info, Vec::new(), original).unwrap()
}

fn heard(take: &Take) -> Result<Take, HearNotesError> {
    hear_notes(take, &hearer(), &Progress::default(), &CancelToken::default())
}

fn assert_plays(part: &Part, tones: &[Tone]) {
    let mut wanted: Vec<Tone> = tones.to_vec();
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    assert_eq!(part.notes.len(), wanted.len(), "{part:?}");
    for (note, (start, length, key)) in part.notes.iter().zip(wanted) {
        let is_it = note.key == key && (note.start.0 - start).abs() < 0.1 && (note.duration.0 - length).abs() < 0.2;
        assert!(is_it, "{note:?} is not {:?}", (start, length, key));
    }
}

#[test]
fn a_take_of_one_stem_gets_a_bass_and_what_lies_above_it() {
    let bass = [(0.5, 1.0, 45), (4.5, 1.0, 43)];
    // The last one goes over the end of the loop.
    let above = [(1.0, 1.0, 60), (3.0, 1.0, 64), (5.0, 0.5, 67), (7.5, 1.0, 72)];
    let take = take_of(vec![(StemKind::Other, played(&[&bass[..], &above[..]].concat()))]);
    let with_notes = heard(&take).unwrap();
    let kinds: Vec<PartKind> = with_notes.parts.iter().map(|part| part.kind).collect();
    assert_eq!(kinds, [PartKind::Bass, PartKind::Harmony]);
    assert_plays(&with_notes.parts[0], &bass);
    assert_plays(&with_notes.parts[1], &above);
    // The audio is the same, who heard it is known, and it is another take.
    assert_eq!(with_notes.original.stems, take.original.stems);
    assert_eq!((with_notes.info.engine.as_str(), &with_notes.info.name), ("import/1 + basic-pitch/1", &take.info.name));
    assert_ne!(with_notes.id, take.id);
    assert_eq!(heard(&take).unwrap(), with_notes, "the same take gives the same notes");
}

#[test]
fn the_pitched_stems_of_a_take_are_heard_one_by_one() {
    let (bass, sung) = ([(0.5, 2.0, 57)], [(2.0, 1.0, 69), (5.0, 1.0, 71)]);
    let take = take_of(vec![
        (StemKind::Drums, played(&[(0.0, 0.5, 40)])),
        (StemKind::Bass, played(&bass)),
        (StemKind::Other, played(&sung)),
    ]);
    let parts = heard(&take).unwrap().parts;
    let kinds: Vec<PartKind> = parts.iter().map(|part| part.kind).collect();
    assert_eq!(kinds, [PartKind::Bass, PartKind::Melody], "drums are no notes; beside stems the rest is sung");
    assert_plays(&parts[0], &bass);
    assert_plays(&parts[1], &sung);
}

#[test]
fn what_has_notes_or_none_is_refused_with_its_name() {
    let take = take_of(vec![(StemKind::Other, played(&[(1.0, 1.0, 60)]))]);
    let again = heard(&heard(&take).unwrap()).unwrap_err();
    assert_eq!(again.to_string(), "`Whistle` has its notes already");
    let click = AudioClip { left: tick(), right: tick() };
    let nothing = heard(&take_of(vec![(StemKind::Other, click)])).unwrap_err();
    assert_eq!(nothing.to_string(), "no notes are heard in `Whistle`");
    let drums = heard(&take_of(vec![(StemKind::Drums, played(&[(1.0, 1.0, 60)]))])).unwrap_err();
    assert!(matches!(drums, HearNotesError::Nothing { .. }), "{drums}");
}

fn tick() -> Box<[f32]> {
    let num_frames = played(&[]).left.len();
    (0..num_frames).map(|n| if n == 1000 { 0.5 } else { 0.0 }).collect()
}

#[test]
fn without_the_model_the_sentence_has_the_command() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = NoteHearer { model: dir.path().join("nmp.onnx"), ..hearer() };
    let take = take_of(vec![(StemKind::Other, played(&[(1.0, 1.0, 60)]))]);
    let error = hear_notes(&take, &nowhere, &Progress::default(), &CancelToken::default()).unwrap_err();
    assert!(error.to_string().contains("nmp.onnx"), "{error}");
    assert!(HearNotesError::NotSetUp.to_string().contains("`continuo models fetch-basic-pitch`"));
}

#[test]
fn a_cancelled_job_leaves_nothing() {
    let take = take_of(vec![(StemKind::Other, played(&[(1.0, 1.0, 60)]))]);
    let cancel = CancelToken::default();
    cancel.cancel();
    let error = hear_notes(&take, &hearer(), &Progress::default(), &cancel).unwrap_err();
    assert!(matches!(error, HearNotesError::Cancelled), "{error}");
}

fn file_of(dir: &Path, clip: &AudioClip) -> PathBuf {
    library::export_clips(dir, SampleRate::new(HZ).unwrap(), &[("whistle", clip)]).unwrap().remove(0)
}

#[test]
fn the_notes_of_a_file_keep_their_times() {
    let dir = tempfile::tempdir().unwrap();
    let file = file_of(dir.path(), &played(&[(1.0, 1.0, 60), (5.0, 2.0, 64)]));
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let found = notes_of_file(&file, &hearer(), &NoteThresholds::default(), &progress, &cancel).unwrap();
    assert!((found.seconds - 4.0).abs() < 1e-3 && found.remarks.is_empty(), "{found:?}");
    let keys: Vec<u8> = found.notes.iter().map(|note| note.key).collect();
    assert_eq!(keys, [60, 64]);
    let starts: Vec<f64> = found.notes.iter().map(|note| note.start_seconds).collect();
    assert!((starts[0] - 0.5).abs() < 0.05 && (starts[1] - 2.5).abs() < 0.05, "{starts:?}");
}

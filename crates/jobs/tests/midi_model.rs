//! A take from a midi-model: the tiny ones of the models crate, through ONNX Runtime where there is one. The random
//! weights leap over hundreds of beats; the steady ones write notes.
use jobs::{
    BandProvider, CancelToken, EngineChoice, Engines, MidiModelProvider, MidiModelSettings, Progress, Provider,
    ProviderError,
};
use models::RuntimeSearch;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use take::{BarCount, Bpm, PartKind, PitchClass, SampleRate, Scale, StyleId, Take, TakeSpec};

/// A user's folder with a tiny model in the published layout.
fn model(token: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/midi_model");
    std::fs::create_dir(root.path().join("onnx")).unwrap();
    for (from, to) in [
        ("v2/config.json", "config.json"),
        ("v2/model_base.onnx", "onnx/model_base.onnx"),
        (&format!("{token}/model_token.onnx"), "onnx/model_token.onnx"),
    ] {
        std::fs::copy(fixtures.join(from), root.path().join(to)).unwrap();
    }
    root
}

fn band() -> Arc<BandProvider> {
    Arc::new(BandProvider::new(Path::new("/nowhere")))
}

fn provider(folder: &Path) -> MidiModelProvider {
    let runtime = RuntimeSearch::of_system(None, Path::new("/nowhere"));
    MidiModelProvider::new(MidiModelSettings::new(runtime, folder.to_owned()), band())
}

fn spec(bars: i64, seed: u64) -> TakeSpec {
    TakeSpec {
        bars: BarCount::new(bars).unwrap(),
        key: Some(PitchClass::new(2)),
        scale: Some(Scale::Dorian),
        ..TakeSpec::new(StyleId::from("jazz"), Bpm::DEFAULT, seed)
    }
}

fn made(provider: &MidiModelProvider, spec: &TakeSpec) -> Result<Take, ProviderError> {
    provider.generate(spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
}

#[test]
fn a_take_has_the_styles_parts_in_the_bars_and_the_key_that_were_asked_for() {
    let root = model("steady");
    let provider = provider(root.path());
    let take = made(&provider, &spec(4, 7)).unwrap();
    assert_eq!(take.original.num_frames(), 4 * 96_000);
    assert!(
        take.info.engine.starts_with("midi-model/1-") && take.info.engine.contains("-midi/"),
        "{}",
        take.info.engine
    );
    assert!(take.info.name.starts_with("Jazz (midi-model) #0007"), "{}", take.info.name);
    assert_eq!((take.info.key, take.info.scale, &take.info.spec), (PitchClass::new(2), Scale::Dorian, &spec(4, 7)));
    let kinds: Vec<PartKind> = take.parts.iter().map(|part| part.kind).collect();
    assert_eq!(kinds, [PartKind::Drums, PartKind::Bass, PartKind::Harmony, PartKind::Melody]);
    let white = theory::pitch_mask(PitchClass::new(2), Scale::Dorian);
    for part in &take.parts {
        let mut notes = part.notes.iter();
        assert!(notes.all(|note| (0.0..16.0).contains(&note.start.0)), "{part:?}");
        let is_in = |key: u8| part.kind == PartKind::Drums || white >> (key % 12) & 1 == 1;
        assert!(part.notes.iter().all(|note| is_in(note.key)), "{part:?}");
    }
    let again = made(&provider, &spec(4, 7)).unwrap();
    assert_eq!((again.id, &again.parts), (take.id, &take.parts), "the same spec is the same take");
    let other = made(&provider, &spec(4, 8)).unwrap();
    assert_ne!(other.parts, take.parts);
}

#[test]
fn the_band_plays_the_same_notes_again_at_another_tempo() {
    let root = model("steady");
    let provider = provider(root.path());
    let take = made(&provider, &spec(2, 5)).unwrap();
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let slower = Bpm::new(60.0).unwrap();
    let rendition = provider.rerender(&take, slower, SampleRate::DEFAULT, &progress, &cancel).unwrap();
    assert_eq!((rendition.take, rendition.num_frames()), (take.id, 2 * take.original.num_frames()));
    // Who plays it again has every stem; who stretches has them too, but says so.
    assert_ne!(progress.latest().stage, "stretching");
    assert!(progress.latest().stage.starts_with("rendering"), "{}", progress.latest().stage);
}

#[test]
fn an_answer_without_music_is_a_sentence_and_no_take() {
    let root = model("v2");
    let error = made(&provider(root.path()), &spec(8, 1)).unwrap_err();
    assert!(matches!(&error, ProviderError::PoorAnswer { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("in 8 bars; then it went on in bar ") && said.contains("another seed"), "{said}");
}

#[test]
fn progress_counts_beats_and_a_cancel_is_heard_within_a_quarter_of_a_second() {
    let root = model("steady");
    let provider = provider(root.path());
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let job = scope.spawn(|| {
            let outcome = provider.generate(&spec(32, 2), SampleRate::DEFAULT, &progress, &cancel);
            is_over.store(true, Ordering::SeqCst);
            (outcome, Instant::now())
        });
        // Until it is in the middle of the piece.
        while !progress.latest().stage.starts_with("beat ") && !is_over.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        let seen = progress.latest();
        let asked = Instant::now();
        cancel.cancel();
        let (outcome, ended) = job.join().unwrap();
        assert_eq!(outcome, Err(ProviderError::Cancelled));
        assert!(seen.stage.ends_with(" of 128") && seen.share < 0.9, "{seen:?}");
        println!("cancelled after {} ms", ended.saturating_duration_since(asked).as_millis());
    });
}

#[test]
fn a_file_that_is_missing_is_named() {
    let root = model("steady");
    std::fs::remove_file(root.path().join("onnx/model_base.onnx")).unwrap();
    let said = made(&provider(root.path()), &spec(1, 1)).unwrap_err().to_string();
    assert!(said.contains("model_base.onnx"), "{said}");
}

#[test]
fn the_engine_is_ready_once_its_folder_is_there() {
    let (root, data) = (model("steady"), tempfile::tempdir().unwrap());
    let engines = Engines::new(band(), data.path(), data.path());
    let Err(error) = engines.provider(EngineChoice::MidiModel) else { panic!("there is nothing") };
    let said = error.to_string();
    assert!(said.starts_with("MIDI model is not set up") && said.contains("continuo models add"), "{said}");
    let store = models::store::ModelStore::new(data.path());
    store.add(root.path(), Some("tiny"), models::store::AddBy::Copy).unwrap();
    assert_eq!(engines.provider(EngineChoice::MidiModel).unwrap().id(), "midi-model");
    let state = engines.states().into_iter().find(|state| state.sentence.starts_with("tiny, run by "));
    assert!(state.is_some_and(|state| state.is_ready && state.remedy.is_none()));
}

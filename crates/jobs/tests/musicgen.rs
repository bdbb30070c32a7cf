//! A take from a MusicGen: the tiny random one of the models crate, through ONNX Runtime where there is one.
use jobs::{BandProvider, CancelToken, MusicGenProvider, MusicGenSettings, Progress, Provider, ProviderError};
use models::{ModelError, RuntimeSearch};
use std::path::Path;
use std::sync::Arc;
use take::{BarCount, Bpm, SampleRate, StyleId, TakeSpec};

/// A user's folder with the tiny model.
fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/musicgen");
    let files = ["config.json", "text_encoder.onnx", "decoder_model_merged.onnx", "encodec_decode.onnx"];
    for file in files {
        std::fs::copy(fixtures.join("mono").join(file), root.path().join(file)).unwrap();
    }
    std::fs::copy(fixtures.join("tokenizer.json"), root.path().join("tokenizer.json")).unwrap();
    root
}

fn provider(folder: &Path, runtime: RuntimeSearch) -> MusicGenProvider {
    let band = Arc::new(BandProvider::new(folder));
    MusicGenProvider::new(MusicGenSettings::new(runtime, folder.to_owned()), band)
}

fn system() -> RuntimeSearch {
    RuntimeSearch::of_system(None, Path::new("/nowhere"))
}

/// One bar at 120: the tiny model counts to 5 s.
fn spec(seed: u64) -> TakeSpec {
    let spec = TakeSpec::new(StyleId::from("deep_house"), Bpm::DEFAULT, seed);
    TakeSpec { prompt: "warm house loop".to_owned(), bars: BarCount::new(1).unwrap(), ..spec }
}

fn made(provider: &MusicGenProvider, seed: u64, cancel: &CancelToken) -> Result<take::Take, ProviderError> {
    provider.generate(&spec(seed), SampleRate::DEFAULT, &Progress::default(), cancel)
}

#[test]
fn a_take_is_as_long_as_its_bars_and_says_who_made_it() {
    let root = folder();
    let provider = provider(root.path(), system());
    let take = made(&provider, 7, &CancelToken::default()).unwrap();
    assert_eq!(take.original.num_frames(), 96_000);
    assert!(take.info.engine.starts_with("musicgen/1-"), "{}", take.info.engine);
    assert!(take.info.name.contains("Deep house (MusicGen) #0007"), "{}", take.info.name);
    let again = made(&provider, 7, &CancelToken::default()).unwrap();
    assert_eq!(again.id, take.id, "the same spec is the same take");
    let other = made(&provider, 8, &CancelToken::default()).unwrap();
    assert_ne!(other.id, take.id);
}

#[test]
fn a_cancelled_job_leaves_nothing() {
    let root = folder();
    let cancel = CancelToken::default();
    cancel.cancel();
    let outcome = made(&provider(root.path(), system()), 1, &cancel);
    assert_eq!(outcome, Err(ProviderError::Cancelled));
}

#[test]
fn a_file_that_is_missing_is_named() {
    let root = folder();
    std::fs::remove_file(root.path().join("encodec_decode.onnx")).unwrap();
    let outcome = made(&provider(root.path(), system()), 1, &CancelToken::default());
    let error = outcome.unwrap_err();
    assert!(matches!(&error, ProviderError::Model(ModelError::Missing { .. })), "{error:?}");
    assert!(error.to_string().contains("encodec_decode.onnx"), "{error}");
}

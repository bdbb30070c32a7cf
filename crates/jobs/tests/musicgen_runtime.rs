//! MusicGen without ONNX Runtime. In a process of its own: a library that is loaded stays.
use jobs::{BandProvider, CancelToken, MusicGenProvider, MusicGenSettings, Progress, Provider, ProviderError};
use models::RuntimeSearch;
use std::sync::Arc;
use take::{Bpm, SampleRate, StyleId, TakeSpec};

#[test]
fn without_a_library_the_sentence_has_the_command() {
    let root = tempfile::tempdir().unwrap();
    let runtime = RuntimeSearch { setting: Some(root.path().join("none.so")), ..RuntimeSearch::default() };
    let band = Arc::new(BandProvider::new(root.path()));
    let provider = MusicGenProvider::new(MusicGenSettings::new(runtime, root.path().to_owned()), band);
    let spec = TakeSpec::new(StyleId::from("deep_house"), Bpm::DEFAULT, 1);
    let outcome = provider.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default());
    let Err(ProviderError::Runtime(error)) = outcome else { panic!("{outcome:?}") };
    assert!(error.to_string().contains("continuo models fetch-runtime"), "{error}");
}

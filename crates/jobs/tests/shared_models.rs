//! One model for all instances of a process. Alone in its file, as it counts the models of the process.
use jobs::{BandProvider, CancelToken, Engines, Facility, Progress, Provider, SeparationError};
use models::{Runtime, RuntimeSearch};
use std::path::Path;
use std::sync::Arc;
use take::{BarCount, Bpm, SampleRate, StyleId, TakeSpec};

#[test]
fn instances_share_the_model_and_it_goes_with_the_last() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("models")).unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/htdemucs/core_6.onnx");
    std::fs::copy(fixture, dir.path().join("models/htdemucs.onnx")).unwrap();
    let engines = || Engines::new(Arc::new(BandProvider::new(dir.path())), dir.path(), dir.path());
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    let spec = TakeSpec { bars: BarCount::new(1).unwrap(), ..TakeSpec::new(StyleId::from("funk"), Bpm::DEFAULT, 3) };
    let take = BandProvider::new(dir.path()).generate(&spec, SampleRate::DEFAULT, &progress, &cancel).unwrap();
    let (first, second) = (engines(), engines());
    let told = first.test(Facility::Separator, &progress, &cancel).unwrap();
    assert!(told.starts_with("Htdemucs opens and gives drums, bass"), "{told}");
    let a = first.separate(&take, &progress, &cancel).unwrap();
    let b = second.separate(&take, &progress, &cancel).unwrap();
    assert_eq!(a.id, b.id);
    assert!(matches!(first.separate(&a, &progress, &cancel), Err(SeparationError::Already { .. })));
    let runtime = Runtime::find(&RuntimeSearch::of_system(None, dir.path())).unwrap();
    assert_eq!(runtime.num_loaded(), 1);
    drop(runtime);
    drop(first);
    drop(second);
    // Nobody holds the runtime any more: whoever finds it now finds it empty.
    assert_eq!(Runtime::find(&RuntimeSearch::of_system(None, dir.path())).unwrap().num_loaded(), 0);
}

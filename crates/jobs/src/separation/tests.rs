use super::*;
use crate::{FakeProvider, Provider};
use take::{Bpm, SampleRate, StyleId, TakeSpec, quantise_24};

fn band_take() -> Take {
    let dir = tempfile::tempdir().unwrap();
    let spec = TakeSpec {
        bars: take::BarCount::new(1).unwrap(),
        ..TakeSpec::new(StyleId::from("funk"), Bpm::new(126.0).unwrap(), 3)
    };
    let band = crate::BandProvider::new(dir.path());
    band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap()
}

fn built_in(take: &Take) -> Result<Take, SeparationError> {
    separate_take(take, &SeparateBy::BuiltIn, &Progress::default(), &CancelToken::default())
}

/// The mix in steps of 24 bits.
fn integers(take: &Take) -> Vec<i64> {
    let mut sum = vec![0; 2 * take.original.num_frames()];
    for clip in take.original.stems.iter().flatten() {
        let both = clip.left.iter().chain(&clip.right);
        sum.iter_mut().zip(both).for_each(|(sum, value)| *sum += i64::from(quantise_24(*value)));
    }
    sum
}

#[test]
fn the_mix_of_a_separated_take_is_the_same_to_the_bit() {
    let take = band_take();
    let separated = built_in(&take).unwrap();
    let worst = integers(&take).iter().zip(integers(&separated)).map(|(a, b)| (a - b).abs()).max();
    assert_eq!(worst, Some(0));
    let kinds = [StemKind::Drums, StemKind::Bass, StemKind::Harmony, StemKind::Melody];
    assert!(kinds.iter().all(|kind| separated.original.stems[*kind as usize].is_some()));
    assert_eq!(separated.original.stems[StemKind::Other as usize], None);
}

#[test]
fn everything_but_stems_and_provenance_stays() {
    let take = band_take();
    let separated = built_in(&take).unwrap();
    assert_eq!(separated.info.engine, format!("{} + builtin separation/2", take.info.engine));
    let info = TakeInfo { engine: take.info.engine.clone(), ..separated.info.clone() };
    assert_eq!((info, &separated.parts), (take.info.clone(), &take.parts));
    assert_ne!(separated.id, take.id);
    assert_eq!(separated.original.take, separated.id);
    // Once more is the same mix, so the same stems and the same take.
    assert_eq!(built_in(&separated).unwrap(), separated);
}

#[test]
fn a_take_with_one_sound_gets_no_silent_stems_and_keeps_its_mix() {
    let fake = FakeProvider::default();
    let spec = TakeSpec::new(StyleId::built_in(0), Bpm::DEFAULT, 1);
    let take = fake.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap();
    let separated = built_in(&take).unwrap();
    assert_eq!(integers(&take), integers(&separated));
    for clip in separated.original.stems.iter().flatten() {
        assert!(clip.left.iter().chain(&clip.right).any(|sample| sample.abs() >= SILENCE_PEAK));
    }
}

#[test]
fn a_cancelled_separation_says_so_and_progress_comes() {
    let take = band_take();
    let (progress, cancel) = (Progress::default(), CancelToken::default());
    separate_take(&take, &SeparateBy::BuiltIn, &progress, &cancel).unwrap();
    assert!(progress.latest().share > 0.9);
    cancel.cancel();
    assert_eq!(separate_take(&take, &SeparateBy::BuiltIn, &progress, &cancel), Err(SeparationError::Cancelled));
}

#[test]
fn demucs_is_chosen_where_one_is_installed() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(SeparateBy::best_in(dir.path()), SeparateBy::BuiltIn);
    std::fs::create_dir_all(dir.path().join("models")).unwrap();
    std::fs::write(dir.path().join("models/htdemucs.onnx"), "no model").unwrap();
    let SeparateBy::Demucs { path, .. } = SeparateBy::best_in(dir.path()) else { panic!("built-in was chosen") };
    assert_eq!(path, dir.path().join("models/htdemucs.onnx"));
}

#[test]
fn a_demucs_that_is_none_is_a_sentence() {
    let runtime = RuntimeSearch::default();
    let by = SeparateBy::Demucs { runtime, path: PathBuf::from("/nowhere/htdemucs.onnx") };
    let error = separate_take(&band_take(), &by, &Progress::default(), &CancelToken::default()).unwrap_err();
    assert!(matches!(error, SeparationError::Runtime(_) | SeparationError::Model(_)), "{error}");
    assert!(error.to_string().len() > 20);
}

//! Takes taken apart by models: the tiny random ones of the models crate, through ONNX Runtime where there is one.
use jobs::{BandProvider, CancelToken, Progress, Provider, SeparateBy, SeparationError, separate_take};
use std::path::Path;
use take::{BarCount, Bpm, SampleRate, StemKind, StyleId, Take, TakeSpec, quantise_24};

/// A data folder with an MDX-Net in it.
fn mdx_dir(settings: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let models = dir.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures");
    std::fs::copy(fixtures.join("mdx/tiny.onnx"), models.join("uvr_mdx.onnx")).unwrap();
    std::fs::write(models.join("uvr_mdx.toml"), settings).unwrap();
    dir
}

fn band_take() -> Take {
    let spec = TakeSpec { bars: BarCount::new(1).unwrap(), ..TakeSpec::new(StyleId::from("funk"), Bpm::DEFAULT, 3) };
    let band = BandProvider::new(Path::new("/nowhere"));
    band.generate(&spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default()).unwrap()
}

fn separated(take: &Take, dir: &Path) -> Result<Take, SeparationError> {
    separate_take(take, &SeparateBy::best_in(dir), &Progress::default(), &CancelToken::default())
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
fn an_mdx_takes_its_voice_and_the_mix_stays_to_the_bit() {
    let take = band_take();
    for (stem, place) in [("vocals", StemKind::Other), ("instrumental", StemKind::Other), ("drums", StemKind::Drums)] {
        let dir = mdx_dir(&format!("window_frames = 3072\ngain = 1.25\nstem = \"{stem}\"\n"));
        let made = separated(&take, dir.path()).unwrap();
        assert_eq!(integers(&made), integers(&take), "{stem}");
        assert!(made.original.stems[place as usize].is_some(), "{stem}");
        assert!(made.info.engine.ends_with(" + mdx separation/1"), "{}", made.info.engine);
    }
}

#[test]
fn settings_that_cannot_be_right_are_named_with_their_file() {
    for settings in
        ["window_frames = 7\nstem = \"vocals\"", "stem = \"vocals\"", "window_frames = 6144\nstem = \"kazoo\""]
    {
        let error = separated(&band_take(), mdx_dir(settings).path()).unwrap_err().to_string();
        assert!(error.contains("uvr_mdx.toml") && error.contains("window_frames"), "{error}");
    }
}

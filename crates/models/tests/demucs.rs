//! Every layout of Demucs against the `demucs` package on the same random weights (tools/model_fixtures/htdemucs.py).
mod common;

use common::{difference, fixture, golden, manifest, runtime, stereo_signal};
use models::demucs::Separator;
use models::{ModelError, NamedStem, RunControl};

const FAMILY: &str = "htdemucs";

fn open(path: &std::path::Path) -> Result<Separator, ModelError> {
    Separator::open(&runtime(), path, &RunControl::detached())
}

fn separated(file: &str, seed: u32, num_frames: usize) -> Vec<NamedStem> {
    let [left, right] = stereo_signal(seed, num_frames);
    let separator = open(&fixture(FAMILY, file)).unwrap_or_else(|error| panic!("{error}"));
    separator.separate([&left, &right], &RunControl::detached()).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_layout_gives_what_the_package_gives() {
    let manifest = manifest(FAMILY);
    let cases = manifest["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let file = case["file"].as_str().unwrap();
        let number = |name: &str| case[name].as_u64().unwrap() as usize;
        let stems = separated(file, number("seed") as u32, number("num_frames"));
        let names: Vec<&str> = stems.iter().map(|stem| stem.name.as_str()).collect();
        assert_eq!(serde_json::json!(names), case["stems"], "{file}");
        let all: Vec<f32> = stems.iter().flat_map(|stem| [&stem.left, &stem.right]).flatten().copied().collect();
        let expected = golden(FAMILY, &file.replace(".onnx", ".f32"));
        let found: Vec<f32> = all.into_iter().step_by(number("every")).collect();
        let (largest, loudest) = difference(&found, &expected);
        println!("{file}: largest difference {largest:.1e} of {loudest:.2}");
        assert!(largest < 1e-4 && loudest > 0.1, "{file}: {largest} of {loudest}");
    }
}

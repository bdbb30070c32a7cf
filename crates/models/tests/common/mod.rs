//! What the tests of all families share: the library, the fixtures, and the signals that made the goldens.
#![allow(dead_code, reason = "each test file uses its part")]
use models::{RunSettings, Runtime, RuntimeSearch};
use std::path::{Path, PathBuf};

/// ONNX Runtime from the place that `cargo xtask test` names.
///
/// # Panics
/// Without it: these tests are about nothing else.
pub fn runtime() -> Runtime {
    let library = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from).expect(
        "ORT_DYLIB_PATH must name the shared library of ONNX Runtime; `cargo xtask test` installs one and sets it, by \
         hand: pip install --no-deps --target DIR onnxruntime",
    );
    let search = RuntimeSearch { setting: Some(library), ..RuntimeSearch::default() };
    // Two threads whatever the machine, so that a run here is a run there.
    let settings = RunSettings { num_threads: 2, ..RunSettings::default() };
    Runtime::find(&search).unwrap_or_else(|error| panic!("{error}")).with_settings(settings)
}

/// A file or folder of a family's fixtures.
pub fn fixture(family: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("fixtures").join(family).join(name)
}

/// What made a family's goldens.
pub fn manifest(family: &str) -> serde_json::Value {
    let file = fixture(family, "manifest.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap()
}

/// Goldens: 32-bit little-endian numbers.
pub fn golden(family: &str, name: &str) -> Vec<f32> {
    let file = fixture(family, name);
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

/// `noise` of tools/model_fixtures/common.py, bit for bit.
pub fn noise(seed: u32, length: usize) -> Vec<f32> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state >> 8) / f64::from(1 << 23) - 1.0) as f32
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// `stereo_signal` of tools/model_fixtures/common.py, bit for bit.
pub fn stereo_signal(seed: u32, length: usize) -> [Vec<f32>; 2] {
    let saw = |i: usize| ((i % 200) as f32 / 128.0 - 0.75) * 0.5;
    let (one, two) = (noise(seed, length), noise(seed + 1, length));
    let left = one.iter().enumerate().map(|(i, value)| saw(i) + value * 0.5).collect();
    let right = two.iter().enumerate().map(|(i, value)| saw(i) - value * 0.5).collect();
    [left, right]
}

/// The largest difference of two lists of the same length, and the loudest value of the second.
pub fn difference(found: &[f32], expected: &[f32]) -> (f32, f32) {
    assert_eq!(found.len(), expected.len());
    let differences = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
    (differences.fold(0.0, f32::max), expected.iter().fold(0.0, |loudest: f32, value| loudest.max(value.abs())))
}

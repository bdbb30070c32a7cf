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

#[test]
fn a_loop_closes_as_its_mix_does() {
    let [left, right] = stereo_signal(7, 9_000);
    let separator = open(&fixture(FAMILY, "core_6.onnx")).unwrap();
    let stems = separator.separate_loop([&left, &right], &RunControl::detached()).unwrap();
    assert_eq!((stems.len(), stems[0].left.len()), (6, 9_000));
    // A step over the seam is no larger than the largest inside.
    for stem in &stems {
        for channel in [&stem.left, &stem.right] {
            let inside = channel.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            let seam = (channel[0] - channel[channel.len() - 1]).abs();
            assert!(seam <= inside, "{}: {seam} over the seam, {inside} inside", stem.name);
        }
    }
}

#[test]
fn a_bag_takes_one_row_of_each_file() {
    let bag = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| std::fs::copy(fixture(FAMILY, from), bag.path().join(to)).unwrap();
    copy("wave_4.onnx", "htdemucs_ft_drums.onnx");
    copy("split_4.onnx", "htdemucs_ft_bass.onnx");
    copy("wave_4.onnx", "htdemucs_ft_other.onnx");
    copy("split_4.onnx", "htdemucs_ft_vocals.onnx");
    let [left, right] = stereo_signal(3, 30_000);
    let separate = |separator: Separator| separator.separate([&left, &right], &RunControl::detached()).unwrap();
    let together = separate(open(bag.path()).unwrap());
    let wave = separate(open(&fixture(FAMILY, "wave_4.onnx")).unwrap());
    let split = separate(open(&fixture(FAMILY, "split_4.onnx")).unwrap());
    assert_eq!(together, [wave[0].clone(), split[1].clone(), wave[2].clone(), split[3].clone()]);
}

#[test]
fn the_mean_of_shifted_runs_is_near_the_plain_one_and_always_the_same() {
    let [left, right] = stereo_signal(5, 30_000);
    let file = fixture(FAMILY, "split_4.onnx");
    let run = |num_shifts| {
        let separator = open(&file).unwrap().with_shifts(num_shifts);
        separator.separate([&left, &right], &RunControl::detached()).unwrap()
    };
    let (plain, shifted) = (run(0), run(2));
    assert_eq!(shifted, run(2));
    assert_eq!(plain[0].left.len(), shifted[0].left.len());
    assert_ne!(plain, shifted);
}

/// The sentence that a broken file gives, at the latest while it runs.
fn complaint(path: &std::path::Path) -> String {
    let [left, right] = stereo_signal(1, 5_000);
    let separated = open(path).and_then(|it| it.separate([&left, &right], &RunControl::detached()));
    separated.expect_err("a broken file was separated with").to_string()
}

#[test]
fn a_file_that_is_cut_short_is_named_with_the_tensor() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(fixture(FAMILY, "core_6.onnx")).unwrap();
    let file = dir.path().join("short.onnx");
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let said = complaint(&file);
    assert!(said.contains("`short.onnx`") && said.contains("tensor"), "{said}");
    std::fs::write(&file, "<html>404</html>").unwrap();
    let said = complaint(&file);
    assert!(said.contains("`short.onnx` cannot be read as a model"), "{said}");
    std::fs::remove_file(&file).unwrap();
    assert!(complaint(&file).starts_with("there is no file"));
}

#[test]
fn weights_that_are_no_numbers_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(fixture(FAMILY, "core_6.onnx")).unwrap();
    // Initializers come after the nodes; a stretch in the middle of the weights becomes f32 NaN.
    let at = bytes.len() / 4 * 3;
    for byte in &mut bytes[at..at + 64] {
        *byte = 0xff;
    }
    let file = dir.path().join("nan.onnx");
    std::fs::write(&file, &bytes).unwrap();
    let said = complaint(&file);
    println!("{said}");
    assert!(said.contains("`nan.onnx`") && said.contains("tensor"), "{said}");
}

#[test]
fn a_model_of_another_kind_is_described() {
    let wrong = fixture("musicgen/mono", "encodec_decode.onnx");
    let said = complaint(&wrong);
    assert!(said.contains("`encodec_decode.onnx` is no Demucs model") && said.contains("audio_codes"), "{said}");
}

#[test]
fn a_cancel_in_the_middle_ends_the_run() {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;
    let separator = open(&fixture(FAMILY, "core_4_full.onnx")).unwrap();
    let [left, right] = stereo_signal(1, 344_000);
    let (is_cancelled, cancelled_at) = (AtomicBool::new(false), std::sync::Mutex::new(None));
    let cancel = || {
        // The first question in the run itself comes from the watching thread.
        let is_watching = std::thread::current().name() == Some("model watch");
        if is_watching && !is_cancelled.swap(true, Ordering::Relaxed) {
            *cancelled_at.lock().unwrap() = Some(Instant::now());
        }
        is_cancelled.load(Ordering::Relaxed)
    };
    let ended = separator.separate([&left, &right], &RunControl::new(&cancel, &|_, _| {}));
    assert_eq!(ended, Err(ModelError::Cancelled));
    let took = cancelled_at.lock().unwrap().expect("it was cancelled while it ran").elapsed();
    println!("gone {:.0} ms after the cancel", took.as_secs_f64() * 1000.0);
    // And it still works.
    assert!(separator.separate([&left[..1000], &right[..1000]], &RunControl::detached()).is_ok());
}

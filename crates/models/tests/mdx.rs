//! MDX-Net against the published method on the same random weights (tools/model_fixtures/mdx.py).
mod common;

use common::{difference, fixture, golden, manifest, runtime, stereo_signal};
use models::RunControl;
use models::mdx::{MdxSettings, Separator};

const FAMILY: &str = "mdx";

fn separator(window_frames: usize) -> Result<Separator, models::ModelError> {
    let settings = MdxSettings { window_frames, gain: 1.25, stem: "vocals".to_owned() };
    Separator::open(&runtime(), &fixture(FAMILY, "tiny.onnx"), Some(settings), &RunControl::detached())
}

#[test]
fn the_stem_is_that_of_the_published_method_and_both_add_up_to_the_mix() {
    let case = &manifest(FAMILY)["cases"][0];
    let number = |name: &str| case[name].as_u64().unwrap() as usize;
    assert_eq!(case["gain"], 1.25);
    let [left, right] = stereo_signal(number("seed") as u32, number("num_frames"));
    let stems = separator(number("window")).unwrap().separate([&left, &right], &RunControl::detached()).unwrap();
    let found: Vec<f32> = stems[0].left.iter().chain(&stems[0].right).copied().step_by(number("every")).collect();
    let (largest, loudest) = difference(&found, &golden(FAMILY, "tiny.f32"));
    println!("largest difference {largest:.1e} of {loudest:.2}");
    assert!(largest < 1e-4 && loudest > 0.1, "{largest} of {loudest}");
    assert_eq!((stems[0].name.as_str(), stems[1].name.as_str()), ("vocals", "instrumental"));
    for ((mix, stem), rest) in left.iter().zip(&stems[0].left).zip(&stems[1].left) {
        assert!((mix - stem - rest).abs() < 1e-6);
    }
}

#[test]
fn a_loop_closes_as_its_mix_does() {
    let [left, right] = stereo_signal(3, 20_000);
    let separator = separator(3072).unwrap();
    let stems = separator.separate_loop([&left, &right], &RunControl::detached()).unwrap();
    assert_eq!((stems[0].left.len(), stems[1].right.len()), (20_000, 20_000));
    let inside = stems[0].left.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    let seam = (stems[0].left[0] - stems[0].left[19_999]).abs();
    assert!(seam <= inside, "{seam} over the seam, {inside} inside");
}

#[test]
fn an_unknown_window_is_asked_for() {
    let opened = Separator::open(&runtime(), &fixture(FAMILY, "tiny.onnx"), None, &RunControl::detached());
    let said = opened.err().expect("nobody knows this file").to_string();
    assert!(said.contains("`tiny.onnx`") && said.contains("at least 2046"), "{said}");
    assert!(separator(1024).is_err(), "a window shorter than its bins");
}

#[test]
fn a_model_of_another_kind_is_described() {
    let file = fixture("htdemucs", "core_6.onnx");
    let opened = Separator::open(&runtime(), &file, None, &RunControl::detached());
    let said = opened.err().expect("Demucs is no MDX-Net").to_string();
    assert!(said.contains("`core_6.onnx` is no MDX-Net model"), "{said}");
}

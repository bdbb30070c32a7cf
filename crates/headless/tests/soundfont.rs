//! `continuo generate --soundfont`.
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[path = "../../synth/examples/tiny_soundfont/mod.rs"]
mod tiny_soundfont;

/// Runs with styles from an empty folder, so that the user's own do not matter.
fn generate(dir: &Path, out: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.env("CONTINUO_CONFIG_DIR", dir.join("config")).env("CONTINUO_DATA_DIR", dir.join("data"));
    command.args(["generate", "--style", "jazz", "--bars", "1", "--out"]).arg(dir.join(out)).args(more);
    command.output().unwrap()
}

#[test]
fn a_soundfont_plays_the_same_notes() {
    let dir = tempfile::tempdir().unwrap();
    let font = dir.path().join("tiny.sf2");
    fs::write(&font, tiny_soundfont::tiny_soundfont()).unwrap();
    for (out, more) in [("built_in", &[][..]), ("font", &["--soundfont", font.to_str().unwrap()])] {
        let output = generate(dir.path(), out, more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let file = |out: &str, name: &str| fs::read(dir.path().join(out).join(name)).unwrap();
    let json = |out: &str| serde_json::from_slice::<serde_json::Value>(&file(out, "take.json")).unwrap();
    let (built_in, font) = (json("built_in"), json("font"));
    assert_eq!((&font["parts"], &font["num_frames"]), (&built_in["parts"], &built_in["num_frames"]));
    assert!(file("font", "mix.wav") != file("built_in", "mix.wav"));
    assert!(font["engine"].as_str().unwrap().contains("-sf2-"), "{}", font["engine"]);
    assert!((font["loudness_lufs"].as_f64().unwrap() + 16.0).abs() < 0.5, "{}", font["loudness_lufs"]);
}

#[test]
fn what_is_no_soundfont_ends_with_code_2_and_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.sf2");
    for (bytes, word) in
        [(None, "there is no SoundFont"), (Some(&b"MThd"[..]), "not a SoundFont"), (Some(b""), "not a")]
    {
        if let Some(bytes) = bytes {
            fs::write(&file, bytes).unwrap();
        }
        let output = generate(dir.path(), "out", &["--soundfont", file.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
        assert!(said.contains(word) && said.contains("x.sf2"), "{said}");
        assert!(!dir.path().join("out").exists());
    }
}

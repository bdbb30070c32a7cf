//! The built `continuo` with models that a user has: the tiny ones of the models crate, through ONNX Runtime.
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures")
}

/// A data folder with a midi-model that writes notes.
fn data_with_midi_model() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("models").join("tiny");
    std::fs::create_dir_all(&folder).unwrap();
    for (from, to) in [
        ("v2/config.json", "config.json"),
        ("v2/model_base.onnx", "model_base.onnx"),
        ("steady/model_token.onnx", "model_token.onnx"),
    ] {
        std::fs::copy(fixtures().join("midi_model").join(from), folder.join(to)).unwrap();
    }
    data
}

fn run(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.args(args).env("CONTINUO_DATA_DIR", data).env("CONTINUO_CONFIG_DIR", data);
    command.output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_midi_model_makes_a_take_and_the_doctor_opens_it() {
    let data = data_with_midi_model();
    let seen = run(data.path(), &["models", "doctor"]);
    assert!(seen.status.success(), "{}", complaint(&seen));
    assert!(
        printed(&seen).contains("midi-model") && printed(&seen).contains("notes, tokenizer v2"),
        "{}",
        printed(&seen)
    );
    let out = data.path().join("take");
    let line =
        ["generate", "--engine", "midi-model", "--style", "jazz", "--bars", "2", "--seed", "5", "--rate", "8000"];
    let line = [&line[..], &["--key", "D dorian", "--out", out.to_str().unwrap()]].concat();
    let made = run(data.path(), &line);
    assert!(made.status.success(), "{}", complaint(&made));
    let info: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("take.json")).unwrap()).unwrap();
    assert!(info["engine"].as_str().is_some_and(|engine| engine.starts_with("midi-model/1-")), "{info}");
    assert!(out.join("mix.wav").is_file() && out.join("all.mid").is_file());
    let first = std::fs::read(out.join("all.mid")).unwrap();
    assert!(run(data.path(), &line).status.success());
    assert_eq!(std::fs::read(out.join("all.mid")).unwrap(), first, "the same arguments give the same bytes");
}

#[test]
fn without_a_midi_model_the_line_has_the_command() {
    let data = tempfile::tempdir().unwrap();
    let out = data.path().join("take");
    let made = run(data.path(), &["generate", "--engine", "midi-model", "--out", out.to_str().unwrap()]);
    assert_eq!(made.status.code(), Some(1));
    let said = complaint(&made);
    assert!(
        said.contains("there is no midi-model model in") && said.contains("`continuo models add FOLDER`"),
        "{said}"
    );
    assert!(!out.exists());
}

/// A tone of one second from half a second on, in a file of two.
fn whistle(dir: &Path) -> PathBuf {
    let rate = take::SampleRate::new(22_050).unwrap();
    let hz = |n: usize| (std::f64::consts::TAU * 440.0 * n as f64 / 22_050.0).sin();
    let sample = |n: usize| if (11_025..33_075).contains(&n) { (0.4 * hz(n)) as f32 } else { 0.0 };
    let mono: Box<[f32]> = (0..44_100).map(sample).collect();
    let clip = take::AudioClip { left: mono.clone(), right: mono };
    library::export_clips(dir, rate, &[("whistle", &clip)]).unwrap().remove(0)
}

#[test]
fn audio_becomes_a_midi_file_with_its_times() {
    let data = tempfile::tempdir().unwrap();
    let (input, out) = (whistle(data.path()), data.path().join("deep").join("notes.mid"));
    let model = fixtures().join("basic_pitch").join("nmp.onnx");
    let (input, to) = (input.to_str().unwrap(), out.to_str().unwrap());
    let line = ["notes", input, "--out", to, "--bpm", "90", "--model", model.to_str().unwrap()];
    let made = run(data.path(), &line);
    assert!(made.status.success(), "{}", complaint(&made));
    assert!(printed(&made).starts_with("1 note in 2.0 s at 90.00 BPM"), "{}", printed(&made));
    let file = library::read_midi(&std::fs::read(&out).unwrap()).unwrap();
    assert!((file.tempo.get() - 90.0).abs() < 1e-3);
    let notes: Vec<_> = file.parts.iter().flat_map(|part| &part.notes).collect();
    assert_eq!((notes.len(), notes[0].key), (1, 69));
    let seconds = |beats: f64| beats * 60.0 / 90.0;
    assert!((seconds(notes[0].start.0) - 0.5).abs() < 0.05, "{notes:?}");
    assert!((seconds(notes[0].duration.0) - 1.0).abs() < 0.1, "{notes:?}");
}

#[test]
fn a_model_that_is_installed_is_found_and_none_is_a_line_with_the_command() {
    let data = tempfile::tempdir().unwrap();
    let (input, out) = (whistle(data.path()), data.path().join("notes.mid"));
    let line = ["notes", input.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let mut bare = Command::new(env!("CARGO_BIN_EXE_continuo"));
    // No Python on this PATH: there may be a Basic Pitch on the machine.
    let missing = bare.args(line).env("CONTINUO_DATA_DIR", data.path()).env("PATH", data.path()).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(complaint(&missing).contains("`continuo models fetch-basic-pitch` gets it"), "{}", complaint(&missing));
    let model = fixtures().join("basic_pitch").join("nmp.onnx");
    let added = run(data.path(), &["models", "add", model.to_str().unwrap()]);
    assert!(printed(&added).contains("Basic Pitch"), "{}", complaint(&added));
    assert!(run(data.path(), &line).status.success() && out.is_file());
}

//! The built `continuo jazz` against a stub server.
use jobs::{StubAnswer, StubServer};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.env("CONTINUO_CONFIG_DIR", dir.join("config")).env("CONTINUO_DATA_DIR", dir.join("data"));
    command.env("OPENAI_API_KEY", "sk-secret").env_remove("GROQ_API_KEY");
    command.arg("jazz").args(args).args(["--rate", "8000", "--out"]).arg(dir.join("out")).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn words() -> String {
    let voice = |(header, note): (&str, &str)| format!("{header}\n{}", format!("{note}\n^\n.\n.\n").repeat(8));
    [("BASS", "C2:90"), ("DRUMS", "D#3:70"), ("PIANO", "E3:60,G3:62"), ("SAX", "C5:80")].map(voice).concat()
}

#[test]
fn what_the_model_writes_lands_in_text_midi_and_audio() {
    let server = StubServer::new([StubAnswer::Words(words())]);
    let dir = tempfile::tempdir().unwrap();
    let line = ["--base-url", &server.base_url(), "--model", "stub", "--seed", "7", "--bars", "3", "--tempo", "120"];
    let more = ["--context-steps", "8", "--prompt", "like rain", "--prompt-style", "experimental", "--save-output"];
    let output = run(dir.path(), &[&line[..], &more, &["--chords", "Dm7 G7 | Cmaj7"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let out = dir.path().join("out");
    let text = fs::read_to_string(out.join("quartet.txt")).unwrap();
    assert!(text.starts_with("# tempo: 120\n# swing: 0.85 eighth\nBASS\nC2:90\n^\n.\n.\n"), "{text:.80}");
    assert_eq!(text.lines().filter(|line| *line == "C2:90").count(), 12, "three bars");
    for file in ["mix.wav", "stems/bass.wav", "parts/drums.mid", "all.mid", "take.json"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    for number in 1..=2 {
        let reply = fs::read_to_string(out.join(format!("replies/section_0{number}.txt"))).unwrap();
        assert_eq!(reply, words().trim());
    }
    let requests = server.requests();
    assert_eq!((requests.len(), &requests[0].body["seed"], &requests[0].body["model"]), (2, &7.into(), &"stub".into()));
    assert!(requests[1].user_words().contains("like rain") && requests[1].user_words().contains("Dm7"));
    assert!(requests[0].head.to_lowercase().contains("authorization: bearer sk-secret"));
    for entry in ["quartet.txt", "take.json"] {
        assert!(!fs::read_to_string(out.join(entry)).unwrap().contains("sk-secret"));
    }
}

#[test]
fn what_is_skipped_in_the_models_text_is_told() {
    let server = StubServer::new([StubAnswer::Words(words().replacen("C5:80", "C5:800", 2))]);
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), &["--base-url", &server.base_url(), "--bars", "2"]);
    assert!(output.status.success());
    let said = "continuo: section 1: skipped line 101: `C5:800` has no velocity between 0 and 127, and 1 more\n";
    assert_eq!(stderr(&output), said);
}

#[test]
fn without_a_model_the_band_plays_and_says_so_and_that_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let gone = StubServer::new([StubAnswer::Drop]).base_url();
    let output = run(dir.path(), &["--base-url", &gone, "--bars", "4"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.starts_with("continuo: section 1: 127.0.0.1:"), "{said}");
    assert!(said.ends_with("cannot be reached; the band plays this section and the next.\n"), "{said}");
    let text = fs::read_to_string(dir.path().join("out/quartet.txt")).unwrap();
    assert!(text.lines().filter(|line| line.contains(':')).count() > 40, "{text}");
    assert!(!dir.path().join("out/replies").exists());
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let gone = StubServer::new([StubAnswer::Drop]).base_url();
    let made = ["1", "1", "2"].map(|seed| {
        let dir = tempfile::tempdir().unwrap();
        let output = run(dir.path(), &["--base-url", &gone, "--bars", "2", "--seed", seed]);
        assert!(output.status.success(), "{}", stderr(&output));
        ["quartet.txt", "all.mid", "mix.wav"].map(|file| fs::read(dir.path().join("out").join(file)).unwrap())
    });
    assert!(made[0] == made[1] && made[0] != made[2]);
}

#[test]
fn bad_arguments_are_one_line_and_exit_code_two() {
    let dir = tempfile::tempdir().unwrap();
    for (args, said) in [
        (["--base-url", "not an address"], "the model's address must look like"),
        (["--base-url", "http://me:secret@host/v1"], "must not hold a name or password"),
        (["--chords", "Dm7 | H7"], "--chords: column 7: `H7`"),
        (["--prompt-style", "wild"], "the prompt styles are default and experimental"),
        (["--context-steps", "65"], "from 0 to 64"),
        (["--bars", "33"], "33 bars is outside 1..=32"),
        (["--tempo", "fast"], "a tempo is a number"),
    ] {
        let output = run(dir.path(), &args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let line = stderr(&output);
        assert!(line.contains(said) && line.lines().count() == 1 && !line.contains("me:secret"), "{args:?}: {line}");
        assert!(!dir.path().join("out").exists());
    }
}

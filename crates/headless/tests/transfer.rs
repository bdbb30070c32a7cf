//! `continuo transfer`, as a script runs it.
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn continuo(dir: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.env("CONTINUO_CONFIG_DIR", dir.join("config")).env("CONTINUO_DATA_DIR", dir.join("data"));
    command.current_dir(dir).args(line.split_whitespace()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A folder with `in/all.mid`, four bars of pop.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let made = continuo(dir.path(), "generate --style pop --prompt melody --key Dm --bars 4 --seed 3 --out in");
    assert!(made.status.success(), "{}", text(&made.stderr));
    dir
}

#[test]
fn a_midi_file_is_played_in_another_style() {
    let dir = folder();
    let output = continuo(dir.path(), "transfer --to bossa in/all.mid --out out");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout).lines().last().unwrap().to_owned();
    assert_eq!(said, "bossa is the groove \"bossa\" of latin: 4 bars, written to out");
    let json = fs::read(dir.path().join("out/take.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["style"], &json["bars"], &json["key"]), (&"latin".into(), &4.into(), &"D".into()));
    let (before, after) = (fs::read(dir.path().join("in/all.mid")), fs::read(dir.path().join("out/all.mid")));
    assert_ne!(before.unwrap(), after.unwrap());
    let again = continuo(dir.path(), "transfer --to latin in/all.mid --bars 2 --out short");
    assert!(text(&again.stdout).ends_with("latin: 2 bars, written to short\n"), "{}", text(&again.stdout));
}

#[test]
fn the_same_file_gives_the_same_bytes_and_another_seed_others() {
    let dir = folder();
    for (out, seed) in [("a", 1), ("b", 1), ("c", 2)] {
        let made = continuo(dir.path(), &format!("transfer --to jazz in/all.mid --seed {seed} --out {out}"));
        assert!(made.status.success(), "{}", text(&made.stderr));
    }
    let mix = |out: &str| fs::read(dir.path().join(out).join("mix.wav")).unwrap();
    assert!(mix("a") == mix("b"), "the same twice");
    assert!(mix("a") != mix("c"), "another seed");
}

#[test]
fn unknown_styles_name_their_neighbours() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("x.mid"), b"MThd").unwrap();
    let output = continuo(dir.path(), "transfer --to jaz x.mid --out out");
    assert_eq!(output.status.code(), Some(2));
    let expected = "continuo: there is no style `jaz`; the nearest are jazz";
    assert!(text(&output.stderr).starts_with(expected), "{}", text(&output.stderr));
}

#[test]
fn files_that_are_missing_or_no_midi_fail_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("song.mid"), b"not a MIDI file").unwrap();
    for (line, code) in [("gone.mid", 1), ("song.mid", 1), ("song.mid --first-bar 0", 2)] {
        let output = continuo(dir.path(), &format!("transfer --to jazz {line} --out out"));
        assert_eq!(output.status.code(), Some(code), "{line}: {}", text(&output.stderr));
        assert_eq!(text(&output.stderr).lines().count(), 1, "{line}");
        assert!(!dir.path().join("out").exists(), "{line}");
    }
}

//! The built `continuo` program, as a script runs it.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program with styles from an empty folder, so that the user's own do not matter.
fn continuo(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.env("CONTINUO_CONFIG_DIR", dir.join("config")).env("CONTINUO_DATA_DIR", dir.join("data"));
    command
}

fn run(dir: &Path, line: &str) -> Output {
    continuo(dir).arg("generate").args(line.split_whitespace()).arg("--out").arg(dir.join("out")).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file below `dir` by its place in it, with its content; sorted.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = PathBuf::from(path.file_name().unwrap());
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (name.join(inner), bytes)));
        } else {
            found.push((path.file_name().unwrap().into(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_take_lands_in_files_and_the_json_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), "--style deep_house --key Am --bpm 124 --bars 2 --seed 3");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!((stderr(&output).as_str(), output.stdout.len()), ("", 0), "quiet without a terminal");
    let out = dir.path().join("out");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(out.join("take.json")).unwrap()).unwrap();
    for (field, value) in [("style", "deep_house"), ("key", "A"), ("scale", "minor"), ("meter", "4/4")] {
        assert_eq!(json[field], value, "{field}");
    }
    assert_eq!((&json["tempo_bpm"], &json["bars"], &json["seed"]), (&124.0.into(), &2.into(), &3.into()));
    assert_eq!(json["hash"].as_str().unwrap().len(), 64);
    let named = ["parts", "stems"].map(|list| json[list].as_array().unwrap().clone());
    assert!(named.iter().all(|list| list.len() >= 3), "{json}");
    for entry in named.iter().flatten() {
        assert!(out.join(entry["file"].as_str().unwrap()).is_file(), "{entry}");
    }
    // 2 bars at 124 BPM and 48 kHz: 185 806.45 frames, rounded up, six bytes each.
    assert_eq!(json["num_frames"], 185_807);
    let mix = fs::metadata(out.join("mix.wav")).unwrap().len();
    assert!((185_807 * 6..185_807 * 6 + 4096).contains(&mix), "{mix}");
    assert!(fs::read(out.join("all.mid")).unwrap().starts_with(b"MThd"));
}

#[test]
fn the_same_arguments_give_the_same_bytes_and_another_seed_another_take() {
    let made: Vec<_> = ["1", "1", "2"]
        .iter()
        .map(|seed| {
            let dir = tempfile::tempdir().unwrap();
            let output = run(dir.path(), &format!("--style dub --bars 1 --rate 44100 --seed {seed}"));
            assert!(output.status.success(), "{}", stderr(&output));
            files(&dir.path().join("out"))
        })
        .collect();
    assert!(made[0] == made[1] && made[0] != made[2]);
}

#[test]
fn a_tempo_in_the_prompt_counts_where_no_bpm_is_given() {
    let tempo = |words: &[&str]| {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let mut command = continuo(dir.path());
        command.args(["generate", "--style", "dub", "--bars", "1"]).args(words).arg("--out").arg(&out);
        assert!(command.status().unwrap().success());
        let json: serde_json::Value = serde_json::from_slice(&fs::read(out.join("take.json")).unwrap()).unwrap();
        json["tempo_bpm"].as_f64().unwrap()
    };
    assert_eq!(tempo(&["--prompt", "slow echo, 90 bpm"]), 90.0);
    assert_eq!(tempo(&["--prompt", "slow echo, 90 bpm", "--bpm", "100"]), 100.0);
    assert_eq!(tempo(&["--prompt", "slow echo"]), 70.0);
}

#[test]
fn bad_arguments_end_with_code_2_and_one_line() {
    for (line, word) in [
        ("--style deep_hose", "deep_house"),
        ("--bars 0", "0 bars"),
        ("--bars 10000", "10000 bars"),
        ("--bars many", "whole number"),
        ("--bpm 0", "tempo 0"),
        ("--bpm NaN", "tempo NaN"),
        ("--bpm -120", "tempo -120"),
        ("--bpm fast", "number"),
        ("--key H", "key"),
        ("--key C##", "key"),
        ("--scale bogus", "dorian"),
        ("--meter 4/3", "meter 4/3"),
        ("--meter 0/4", "meter 0/4"),
        ("--meter four", "4/4"),
        ("--seed -1", "seed"),
        ("--seed 18446744073709551616", "seed"),
        ("--rate 0", "8000"),
        ("--rate 1000000", "192000"),
        ("--energy 1.5", "0 to 1"),
        ("--energy NaN", "0 to 1"),
        ("--humanise -1", "0 to 1"),
        ("--bogus", "--bogus"),
        ("stray", "stray"),
        ("--bars 2 --bars 3", "--bars"),
        ("--bars 32 --meter 32/1 --bpm 20", "12288 seconds"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let output = run(dir.path(), line);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.lines().count() == 1 && said.starts_with("continuo: ") && said.contains(word), "{line}: {said}");
        assert!(!dir.path().join("out").exists(), "{line} left something");
    }
    let dir = tempfile::tempdir().unwrap();
    for (words, word) in [(&["generate"][..], "--out"), (&[][..], "--help"), (&["sing"][..], "sing")] {
        let output = continuo(dir.path()).args(words).output().unwrap();
        assert_eq!((output.status.code(), stderr(&output).lines().count()), (Some(2), 1), "{words:?}");
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn an_overlong_prompt_is_refused_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = continuo(dir.path());
    let output = command.args(["generate", "--prompt", &"\n".repeat(2001), "--out"]).arg(dir.path().join("out"));
    let output = output.output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).lines().count()), (Some(2), 1), "{}", stderr(&output));
}

#[test]
fn a_folder_that_cannot_be_made_ends_with_code_1_and_one_line() {
    let dir = tempfile::tempdir().unwrap();
    // Under a file: refused to root as well.
    fs::write(dir.path().join("out"), "x").unwrap();
    let output = run(dir.path(), "--style dub --bars 1");
    assert_eq!((output.status.code(), stderr(&output).lines().count()), (Some(1), 1), "{}", stderr(&output));
    assert_eq!(files(dir.path()).len(), 1);
}

#[test]
fn styles_are_listed_and_nothing_else_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let output = continuo(dir.path()).args(["generate", "--list-styles"]).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(listed.lines().count(), take::BUILT_IN_STYLES.len());
    assert!(listed.contains("deep_house\tDeep house\t124\n") && listed.contains("jungle_dnb\tJungle DnB\t174\n"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_broken_style_file_is_named_with_line_and_field() {
    let dir = tempfile::tempdir().unwrap();
    let styles = dir.path().join("config/styles");
    fs::create_dir_all(&styles).unwrap();
    fs::write(styles.join("mine.toml"), "name = \"Mine\"\ntempo = \"fast\"\n").unwrap();
    let output = run(dir.path(), "--style mine --bars 1");
    let said = stderr(&output);
    assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("mine.toml") && said.contains("tempo") && said.contains('2'), "{said}");
}

/// Sends Ctrl-C as soon as the program catches it, in the middle of a long take.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = continuo(dir.path())
        .args(["generate", "--style", "techno_minimal", "--bpm", "60", "--bars", "32", "--out"])
        .arg(dir.path().join("out"))
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    // Bit 1 of SigCgt is SIGINT: the handler is there.
    let catches_sigint = || {
        let text = fs::read_to_string(&status).unwrap();
        let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim().to_owned();
        u64::from_str_radix(&mask, 16).unwrap() & 0b10 != 0
    };
    while !catches_sigint() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before Ctrl-C came");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert_eq!(stderr(&output), "continuo: cancelled, nothing was written\n");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

//! The built `continuo convert` on every pair of formats.
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const TEXT: &str = "# tempo: 100\n# swing: 1 eighth\nBASS\nC2:90\n^\nE2:80\n^\nG2:70\nDRUMS\nC2:100\n.\nF#2:60\nPIANO\n\
E3:60,G3:62\n^\n^\nSAX\n.\n.\nG4:99\n";

fn convert(dir: &Path, args: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.env("CONTINUO_CONFIG_DIR", dir.join("config")).env("CONTINUO_DATA_DIR", dir.join("data"));
    command.current_dir(dir).arg("convert").args(args.split_whitespace()).output().unwrap()
}

fn converted(dir: &Path, args: &str) {
    let output = convert(dir, args);
    assert!(output.status.success(), "{args}: {}", stderr(&output));
    assert_eq!(stderr(&output), "", "{args}");
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn text_survives_the_way_to_midi_and_back() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), TEXT).unwrap();
    converted(dir.path(), "a.txt plain.tracker");
    let plain = fs::read_to_string(dir.path().join("plain.tracker")).unwrap();
    assert!(plain.starts_with("# tempo: 100\n# swing: 1 eighth\nBASS\nC2:90\n^\nE2:80\n^\nG2:70\n"), "{plain}");
    converted(dir.path(), "a.txt sub/b.mid");
    converted(dir.path(), "sub/b.mid c.txt --swing 1");
    assert_eq!(fs::read_to_string(dir.path().join("c.txt")).unwrap(), plain);
    assert_eq!(fs::read_dir(dir.path().join("sub")).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_midi_file_holds_the_notes_swung_as_they_are_played() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), TEXT).unwrap();
    converted(dir.path(), "a.txt b.mid");
    let file = library::read_midi(&fs::read(dir.path().join("b.mid")).unwrap()).unwrap();
    assert_eq!((file.tempo.get(), file.num_bars), (100.0, 1));
    let sax = file.parts.iter().find(|part| part.name == "Sax").unwrap();
    assert_eq!((sax.notes[0].key, sax.notes[0].velocity), (67, 99));
    assert!((sax.notes[0].start.0 - 2.0 / 3.0).abs() < 1e-3, "the second eighth of a triplet pair");
}

#[test]
fn text_and_midi_become_audio_that_rings_out_or_loops() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), TEXT).unwrap();
    converted(dir.path(), "a.txt b.mid");
    let frames = |args: &str| {
        converted(dir.path(), args);
        (fs::metadata(dir.path().join("a.wav")).unwrap().len() / 6) as usize
    };
    // One bar at 100 BPM and 8 kHz is 19 200 frames; a second one rings out.
    for (input, looping) in [("a.txt", true), ("a.txt", false), ("b.mid", false)] {
        let flag = if looping { "--loop" } else { "" };
        let bars = if looping { 1 } else { 2 };
        let found = frames(&format!("{input} a.wav --rate 8000 {flag}"));
        assert!((bars * 19_200..bars * 19_200 + 700).contains(&found), "{input} {flag}: {found}");
    }
}

#[test]
fn what_is_skipped_is_told_and_what_cannot_be_done_is_one_line() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("bad.txt"), "BASS\nC2:90\nH9:1\n").unwrap();
    let output = convert(dir.path(), "bad.txt b.mid");
    assert!(output.status.success());
    assert_eq!(stderr(&output), "continuo: bad.txt: line 3: `H9:1` has no key between C-1 and G9\n");
    fs::write(dir.path().join("empty.txt"), "no music here").unwrap();
    fs::write(dir.path().join("empty.mid"), "MThd").unwrap();
    for (args, code, said) in [
        ("bad.txt out.mp3", 2, "out.mp3 does not end in .txt, .tracker, .mid or .wav"),
        ("a.wav out.mid", 2, "a WAV cannot be turned into notes"),
        ("gone.txt out.mid", 1, "gone.txt: "),
        ("empty.txt out.mid", 1, "empty.txt holds no note of tracker text"),
        ("empty.mid out.txt", 1, "empty.mid: "),
        ("bad.txt out.wav --style nope", 2, "there is no style `nope`"),
        ("bad.txt", 2, "OUT"),
    ] {
        let output = convert(dir.path(), args);
        assert_eq!(output.status.code(), Some(code), "{args}: {}", stderr(&output));
        let last = stderr(&output).lines().last().unwrap_or_default().to_owned();
        assert!(last.starts_with("continuo: ") && last.contains(said), "{args}: {last}");
        assert!(!dir.path().join("out.mid").exists() && !dir.path().join("out.wav").exists());
    }
}

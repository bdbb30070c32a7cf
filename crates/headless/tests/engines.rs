//! The built `continuo engines` and `continuo generate --engine remote` against a stub server.
use jobs::{StubAnswer, StubServer};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const KEY: &str = "sk-very-secret-1";

fn run(dir: &Path, args: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_continuo"));
    command.env("CONTINUO_CONFIG_DIR", dir.join("config")).env("CONTINUO_DATA_DIR", dir.join("data"));
    command.env_remove("DJ_IA_API_KEY").env_remove("ACESTEP_API_KEY").env("MY_KEY", KEY).args(args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("continuo runs");
    child.stdin.take().expect("a pipe").write_all(stdin.as_bytes()).ok();
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Six seconds of a 16-bit mono square wave at 8 kHz.
fn wav() -> Vec<u8> {
    let samples: Vec<u8> =
        (0..48_000_u32).flat_map(|frame| (if frame / 40 % 2 == 0 { 8000_i16 } else { -8000 }).to_le_bytes()).collect();
    let head: &[u8] = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data";
    let mut file = [head, &(samples.len() as u32).to_le_bytes(), &samples].concat();
    let riff = (file.len() as u32 - 8).to_le_bytes();
    file[4..8].copy_from_slice(&riff);
    file
}

fn audio() -> StubAnswer {
    StubAnswer::Bytes(200, "Content-Type: audio/wav\r\n".to_owned(), wav())
}

#[test]
fn an_engine_is_added_listed_tested_used_and_removed() {
    let valid = r#"{"status":"valid","message":"API Key valid"}"#.to_owned();
    let valid = StubAnswer::Status(200, String::new(), valid);
    let credits = StubAnswer::Status(200, String::new(), r#"{"credits_remaining":12}"#.to_owned());
    let server = StubServer::new([valid, credits, audio()]);
    let dir = tempfile::tempdir().unwrap();
    let url = server.origin();
    let added = run(
        dir.path(),
        &["engines", "add", "studio", "--base-url", &url, "--kind", "dj-ia", "--stems", "drums,bass", "--key-stdin"],
        &format!("{KEY}\n"),
    );
    assert!(added.status.success(), "{}", text(&added.stderr));
    let twice = run(dir.path(), &["engines", "add", "studio", "--base-url", &url], "");
    assert_eq!(twice.status.code(), Some(2));
    let listed = run(dir.path(), &["engines", "list"], "");
    assert_eq!(text(&listed.stdout), format!("studio\tdj-ia\t{url}\t360\n"));
    let tested = run(dir.path(), &["engines", "test", "studio"], "");
    let wanted = format!("studio ({}) is DJ-IA (OBSIDIAN v1) and answers, 12 credits left\n", server.host());
    assert_eq!((text(&tested.stdout), text(&tested.stderr)), (wanted, String::new()));
    let out = dir.path().join("out");
    let line =
        ["generate", "--engine", "remote", "--server", "studio", "--bars", "2", "--bpm", "120", "--rate", "8000"];
    let made = run(dir.path(), &[&line[..], &["--prompt", "rain", "--out", out.to_str().unwrap()]].concat(), "");
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(out.join("mix.wav").is_file());
    let requests = server.requests();
    assert_eq!(requests[2].body["preferred_stems"], serde_json::json!(["drums", "bass"]));
    assert!(requests[2].head.contains(KEY));
    let about = std::fs::read_to_string(out.join("take.json")).unwrap();
    assert!(about.contains("dj-ia/1 (studio; prompt sent: rain,") && !about.contains(KEY), "{about}");
    for output in [&added, &listed, &tested, &made] {
        assert!(!text(&output.stdout).contains(KEY) && !text(&output.stderr).contains(KEY));
    }
    assert!(run(dir.path(), &["engines", "remove", "studio"], "").status.success());
    assert_eq!(text(&run(dir.path(), &["engines", "list"], "").stdout), "");
}

#[test]
fn a_server_that_is_in_no_list_is_asked_with_a_named_key() {
    let server = StubServer::new([audio()]);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let url = server.origin();
    let line = ["generate", "--engine", "remote", "--base-url", &url, "--kind", "obsidian", "--api-key-env", "MY_KEY"];
    let more = ["--bars", "2", "--bpm", "120", "--rate", "8000", "--out", out.to_str().unwrap()];
    let made = run(dir.path(), &[&line[..], &more].concat(), "");
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(server.requests()[0].head.contains(&format!("x-api-key: {KEY}")), "{}", server.requests()[0].head);
    assert!(!dir.path().join("config").exists(), "nothing is kept");
}

#[test]
fn every_failure_is_one_line() {
    let refused = r#"{"detail":{"error":{"code":"INVALID_KEY","message":"no such key"}}}"#.to_owned();
    let server = StubServer::new([StubAnswer::Status(403, String::new(), refused)]);
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let url = server.origin();
    let line = ["generate", "--engine", "remote", "--base-url", &url, "--kind", "dj-ia", "--api-key-env", "MY_KEY"];
    let failed = run(dir.path(), &[&line[..], &["--out", out.to_str().unwrap()]].concat(), "");
    let wanted = format!("continuo: remote ({}) refuses the key (\"no such key\"): check it\n", server.host());
    assert_eq!((failed.status.code(), text(&failed.stderr)), (Some(1), wanted));
    assert!(!out.exists());
    let nameless = run(dir.path(), &["generate", "--engine", "remote", "--out", out.to_str().unwrap()], "");
    let wanted = "continuo: --engine remote needs --server NAME (see `continuo engines list`) or --base-url URL\n";
    assert_eq!((nameless.status.code(), text(&nameless.stderr).as_str()), (Some(2), wanted));
    let unknown = run(dir.path(), &["engines", "test", "nobody"], "");
    let wanted = "continuo: there is no engine `nobody`; there are none: add one with `continuo engines add`\n";
    assert_eq!((unknown.status.code(), text(&unknown.stderr).as_str()), (Some(2), wanted));
}

//! Every bad answer is one plain sentence that names the engine.
use super::*;

/// The sentence that one answer to `generate` leads to, with HOST for the host.
fn sentence(kind: EngineKind, answers: impl IntoIterator<Item = StubAnswer>) -> String {
    let server = StubServer::new(answers);
    let error = generate(&keyed(engine(kind, &server)), &spec()).unwrap_err();
    error.to_string().replace(&server.host(), "HOST")
}

fn v1(answer: StubAnswer) -> String {
    sentence(EngineKind::DjIa, [answer])
}

fn v1_error(code: u16, name: &str, message: &str) -> String {
    v1(status(code, &json!({ "detail": { "error": { "code": name, "message": message } } }).to_string()))
}

#[test]
fn what_is_no_audio_is_told_by_what_it_is() {
    for (answer, wanted) in [
        (status(200, ""), "studio (HOST) sent nothing: see the server's own log, then try again"),
        (
            status(200, "<!DOCTYPE html><title>Login</title>"),
            "studio (HOST) sent a web page in place of audio: check its address, something else answers there",
        ),
        (
            status(200, r#"{"detail":{"error":{"code":"SERVER_ERROR","message":"CUDA out of memory"}}}"#),
            "studio (HOST) sent an error in place of audio (\"CUDA out of memory\"): see the server's own log",
        ),
        (status(200, "hello"), "studio (HOST) sent something that is not understood: check its address and its kind"),
        (
            StubAnswer::Raw(b"SSH-2.0-OpenSSH_9.7\r\n".to_vec()),
            "studio (HOST) answers with something that is no HTTP: check its address and port",
        ),
    ] {
        assert_eq!(v1(answer), wanted);
    }
}

#[test]
fn audio_that_is_none_is_told_by_what_is_wrong() {
    let bytes = |bytes: Vec<u8>| v1(StubAnswer::Bytes(200, String::new(), bytes));
    let silence = "studio (HOST) sent silence, which is what it does when its model fails: see its log, then try again";
    assert_eq!(bytes(wav(48_000, 4.0, |_| 0.0)), silence);
    let mut cut = wav(48_000, 6.0, tone);
    cut.truncate(cut.len() / 2);
    assert_eq!(bytes(cut), "studio (HOST) sent audio that ends in the middle: try again");
    let broken = bytes([b"RIFF\x20\0\0\0WAVEfmt \x04\0\0\0\0\0\0\0data\x04\0\0\0\0\0\0\0".as_slice()].concat());
    assert!(broken.starts_with("studio (HOST) sent audio that cannot be read ("), "{broken}");
    let short = bytes(wav(48_000, 0.5, tone));
    assert!(short.starts_with("no loop can be made of what studio (HOST) sent: "), "{short}");
}

#[test]
fn statuses_of_version_1_are_told_apart() {
    let check = "studio (HOST) does not accept this request (\"too short\"): change the prompt or the length";
    assert_eq!(v1_error(400, "INVALID_PROMPT", "too short"), check);
    assert_eq!(v1_error(401, "INVALID_KEY", "no"), "studio (HOST) refuses the key (\"no\"): check it");
    assert_eq!(v1_error(403, "KEY_EXPIRED", "old"), "the key for studio (HOST) has expired: get a new one");
    let spent = "there are no credits left at studio (HOST) (\"0 of 50\"): top up, or choose another engine";
    assert_eq!(v1_error(403, "CREDITS_EXHAUSTED", "0 of 50"), spent);
    let full = "studio (HOST) has no room right now (\"no GPU\"): try again in a while";
    assert_eq!(v1_error(503, "GPU_UNAVAILABLE", "no GPU"), full);
    let failed = "studio (HOST) failed with 500 (\"oops\"): see the server's own log, then try again";
    assert_eq!(v1_error(500, "SERVER_ERROR", "oops"), failed);
    let invalid = v1(status(422, r#"{"error":{"code":"VALIDATION_ERROR","message":"bpm"}}"#));
    assert_eq!(invalid, "studio (HOST) does not accept this request (\"bpm\"): change the prompt or the length");
    let missing = "studio (HOST) has nothing there (404): check its address and its kind";
    assert_eq!(v1(status(404, "<html>nginx</html>")), missing);
}

#[test]
fn statuses_of_version_2_are_told_apart() {
    let v2 = |code: u16, body: &str| sentence(EngineKind::Obsidian, [status(code, body)]);
    let refused = "studio (HOST) refuses the key (\"Invalid API key\"): check it";
    assert_eq!(v2(403, r#"{"detail":"Invalid API key"}"#), refused);
    let spent = r#"{"detail":{"error":"CREDITS_EXHAUSTED","message":"Need 1"}}"#;
    assert!(v2(403, spent).starts_with("there are no credits left at studio (HOST) (\"Need 1\")"));
    let list = r#"{"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"Extra inputs are not permitted"}]}"#;
    let said = v2(422, list);
    assert!(said.contains("(\"x: Extra inputs are not permitted\")"), "{said}");
}

#[test]
fn a_missing_key_is_asked_for() {
    let server = StubServer::new([status(401, r#"{"detail":"API Key required"}"#)]);
    let error = generate(&provider(EngineKind::DjIa, &server), &spec()).unwrap_err().to_string();
    assert!(error.ends_with(" wants a key: put it into keys.toml or name its variable (api_key_env)"), "{error}");
}

#[test]
fn what_is_too_much_or_too_slow_or_broken_off_ends() {
    let promised = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nRIFF".to_vec();
    let large = "studio (HOST) sends far more than the audio that was asked for: it was cut short";
    assert_eq!(v1(StubAnswer::Raw(promised)), large);
    assert_eq!(v1(StubAnswer::Large(48 << 20)), large);
    let broken = "studio (HOST) broke off its answer: see the server's own log, then try again";
    assert_eq!(v1(StubAnswer::DropInside), broken);
    assert_eq!(v1(StubAnswer::Drop), broken);
    for slow in [StubAnswer::Drip(b"RIFF".to_vec()), StubAnswer::Hang] {
        let server = StubServer::new([slow]);
        let engine = Engine { timeout: Duration::from_millis(300), ..engine(EngineKind::DjIa, &server) };
        let error = generate(&keyed(engine), &spec()).unwrap_err().to_string().replace(&server.host(), "HOST");
        assert_eq!(error, "studio (HOST) was not done after 0.3 s: raise its timeout, or ask for fewer bars");
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let elsewhere = StubServer::new([audio("")]);
    let location = format!("Location: {}/api/v1/generate?key=x\r\n", elsewhere.origin());
    let said = v1(StubAnswer::Status(307, location, String::new()));
    let wanted = format!(
        "studio (HOST) points to {}: if that is the right server, make it the engine's address",
        elsewhere.origin()
    );
    assert_eq!(said, wanted);
    assert!(elsewhere.requests().is_empty());
    let nowhere = v1(StubAnswer::Status(302, "Location: /login\r\n".to_owned(), String::new()));
    assert_eq!(nowhere, "studio (HOST) points to another address: make the right one the engine's address");
}

#[test]
fn what_is_passing_is_asked_again_and_what_costs_is_not() {
    for (first, num_requests) in
        [(status(503, ""), 2), (status(429, ""), 2), (status(500, ""), 1), (StubAnswer::Drop, 1)]
    {
        let server = StubServer::new([first, audio("")]);
        let made = generate(&provider(EngineKind::DjIa, &server), &spec());
        assert_eq!((made.is_ok(), server.requests().len()), (num_requests == 2, num_requests));
    }
    let server = StubServer::new([status(503, "")]);
    generate(&provider(EngineKind::DjIa, &server), &spec()).unwrap_err();
    assert_eq!(server.requests().len(), 3, "it gives up");
}

#[test]
fn a_server_that_is_gone_is_told() {
    let server = StubServer::new([audio("")]);
    let provider = provider(EngineKind::DjIa, &server);
    let host = server.host();
    drop(server);
    let error = generate(&provider, &spec()).unwrap_err().to_string();
    assert_eq!(error, format!("studio ({host}) does not answer: start the server, or correct its address"));
}

#[test]
fn acestep_fails_in_sentences_too() {
    let acestep = |answers: Vec<StubAnswer>| sentence(EngineKind::AceStep, answers);
    let failed = looked(2, &json!([{ "error": "out of memory", "stage": "failed" }]));
    let wanted = "studio (HOST) failed with its task (\"out of memory\"): see the server's own log, then try again";
    assert_eq!(acestep(vec![released(), failed]), wanted);
    let forgotten = looked(0, &json!([]));
    let wanted = "studio (HOST) has forgotten the task, it was restarted perhaps: try again";
    assert_eq!(acestep(vec![released(), forgotten]), wanted);
    let busy = acestep(vec![status(429, r#"{"detail":"Server busy: queue is full"}"#)]);
    assert_eq!(busy, "studio (HOST) was asked too often: try again in a while");
    let page = acestep(vec![status(200, "<html>")]);
    assert!(page.contains("sent a web page in place of"), "{page}");
    let away = acestep(vec![released(), done("http://evil.example/v1/audio?path=a")]);
    assert!(away.contains("sent something that is not understood"), "{away}");
    let envelope = json_answer(&json!({ "data": null, "code": 500, "error": "no model is loaded" }));
    let wanted = "studio (HOST) failed with 500 (\"no model is loaded\"): see the server's own log, then try again";
    assert_eq!(acestep(vec![envelope]), wanted);
}

//! A key is in the request, and nowhere else.
use super::*;

/// A server that says the key in every place it has.
fn echoing_headers() -> String {
    format!("X-Key: {KEY}\r\nX-Provider: host {KEY}\r\nX-Stems-Used: {KEY}\r\nX-BPM: {KEY}\r\n")
}

#[test]
fn no_debug_output_and_no_sentence_holds_it() {
    for (kind, body) in [
        (
            EngineKind::DjIa,
            json!({ "detail": { "error": { "code": "INVALID_KEY", "message": format!("bad {KEY}") } } }),
        ),
        (EngineKind::Obsidian, json!({ "detail": format!("{KEY} is unknown") })),
        (EngineKind::AceStep, json!({ "detail": [{ "loc": ["header", KEY], "msg": KEY }] })),
    ] {
        for code in [200, 400, 401, 403, 422, 500, 503] {
            let server = StubServer::new([status(code, &body.to_string())]);
            let provider = keyed(engine(kind, &server));
            let error = generate(&provider, &spec()).unwrap_err();
            assert!(server.requests()[0].head.contains(KEY), "it was sent");
            let health = provider.health(&CancelToken::default());
            let told = format!("{provider:?} {provider:#?} {error} {error:?} {health:?}");
            assert!(!told.contains(KEY), "{kind:?} {code}: {told}");
        }
    }
}

#[test]
fn no_file_of_a_take_holds_it() {
    let server = StubServer::new([audio(&echoing_headers())]);
    let take = generate(&keyed(engine(EngineKind::DjIa, &server)), &spec()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    library::export_take(&take, dir.path()).unwrap();
    let holds_key = |bytes: &[u8]| {
        let wide: Vec<u8> = KEY.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        has(KEY.as_bytes()) || has(&wide)
    };
    let mut num_files = 0;
    let mut folders = vec![dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                num_files += 1;
                assert!(!holds_key(&std::fs::read(&path).unwrap()), "{}", path.display());
            }
        }
    }
    assert!(num_files >= 3, "{num_files} files");
    assert!(
        !take.info.engine.contains(KEY) && take.info.engine.contains("X-Provider host ***"),
        "{}",
        take.info.engine
    );
}

//! What answers is found out by asking, and its health is a sentence.
use super::*;

fn missing() -> StubAnswer {
    status(404, r#"{"detail":"Not Found"}"#)
}

fn obsidian() -> StubAnswer {
    json_answer(&json!({ "status": "ok", "service": "obsidian-neural-api" }))
}

fn acestep() -> StubAnswer {
    json_answer(&json!({ "data": { "status": "ok", "service": "ACE-Step API", "version": "1.0" }, "code": 200 }))
}

fn valid_key() -> StubAnswer {
    json_answer(&json!({ "status": "valid", "message": "API Key valid" }))
}

/// Health, with HOST for the host, and the first lines of the requests.
fn asked(kind: EngineKind, answers: Vec<StubAnswer>) -> (Result<EngineHealth, String>, Vec<String>) {
    let server = StubServer::new(answers);
    let hide = |text: String| text.replace(&server.host(), "HOST");
    let health = keyed(engine(kind, &server)).health(&CancelToken::default());
    let health = health.map(|health| EngineHealth { sentence: hide(health.sentence.clone()), ..health });
    let line = |head: &str| head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let lines = server.requests().iter().map(|request| line(&request.head)).collect();
    (health.map_err(|error| hide(error.to_string())), lines)
}

#[test]
fn every_kind_is_found_out() {
    let credits = || json_answer(&json!({ "credits_remaining": 41, "credits_total": 50 }));
    let (found, lines) = asked(EngineKind::Auto, vec![obsidian(), obsidian(), credits()]);
    let found = found.unwrap();
    assert_eq!((found.kind, found.credits), (EngineKind::Obsidian, Some(Credits::Left(41))));
    assert_eq!(found.sentence, "studio (HOST) is OBSIDIAN v2 and answers, 41 credits left");
    let health = "GET /api/v1/health";
    assert_eq!(lines, [health, health, "GET /api/v1/auth/credits/check/vst"]);

    let stats = json_answer(&json!({ "data": { "queue_size": 5 }, "code": 200 }));
    let (found, lines) = asked(EngineKind::Auto, vec![missing(), acestep(), acestep(), stats]);
    let found = found.unwrap();
    assert_eq!((found.kind, found.num_waiting), (EngineKind::AceStep, Some(5)));
    assert_eq!(found.sentence, "studio (HOST) is ACE-Step and answers, 5 tasks wait there");
    assert_eq!(lines, [health, "GET /health", "GET /health", "GET /v1/stats"]);

    let unlimited = json_answer(&json!({ "credits_remaining": "unlimited" }));
    let (found, lines) = asked(EngineKind::Auto, vec![missing(), missing(), valid_key(), valid_key(), unlimited]);
    assert_eq!(found.unwrap().sentence, "studio (HOST) is DJ-IA (OBSIDIAN v1) and answers, unlimited credits");
    assert_eq!(lines[..3], [health, "GET /health", "POST /api/v1/verify_key"]);
}

#[test]
fn what_is_none_of_them_is_told() {
    let (found, _) = asked(EngineKind::Auto, vec![missing()]);
    let wanted =
        "studio (HOST) answers, but is neither DJ-IA, OBSIDIAN nor ACE-Step: check its address, or set its kind";
    assert_eq!(found.unwrap_err(), wanted);
    let (found, lines) = asked(EngineKind::Auto, vec![StubAnswer::Drop]);
    assert!(found.unwrap_err().contains("broke off"));
    assert_eq!(lines.len(), 1, "a line that is down is not asked for everything else");
}

#[test]
fn a_refused_key_is_told_before_a_take_is_asked_for() {
    let refused = status(403, r#"{"detail":{"error":{"code":"INVALID_KEY","message":"Invalid API key"}}}"#);
    let (found, _) = asked(EngineKind::Auto, vec![missing(), missing(), refused]);
    assert_eq!(found.unwrap_err(), "studio (HOST) refuses the key (\"Invalid API key\"): check it");
    let (found, _) = asked(EngineKind::AceStep, vec![acestep(), status(401, r#"{"detail":"Invalid API key"}"#)]);
    assert_eq!(found.unwrap_err(), "studio (HOST) refuses the key (\"Invalid API key\"): check it");
}

#[test]
fn no_key_is_sent_where_nothing_known_has_answered() {
    let server = StubServer::new([obsidian(), missing()]);
    keyed(engine(EngineKind::Auto, &server)).health(&CancelToken::default()).ok();
    assert!(!server.requests()[0].head.contains(KEY));
    let server = StubServer::new([missing(), acestep(), acestep(), missing()]);
    keyed(engine(EngineKind::Auto, &server)).health(&CancelToken::default()).unwrap();
    assert!(server.requests()[..3].iter().all(|request| !request.head.contains(KEY)));
}

#[test]
fn what_was_found_out_is_remembered_and_used() {
    let server = StubServer::new([obsidian(), audio(""), audio("")]);
    let provider = provider(EngineKind::Auto, &server);
    for _ in 0..2 {
        let take = generate(&provider, &spec()).unwrap();
        assert!(take.info.engine.starts_with("obsidian/1 "), "{}", take.info.engine);
    }
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_test_makes_two_bars_and_says_so() {
    let server = StubServer::new([audio("")]);
    let said = provider(EngineKind::DjIa, &server).test(&Progress::default(), &CancelToken::default()).unwrap();
    assert!(said.starts_with(&format!("studio ({}) made 4.0 s of music in ", server.host())), "{said}");
}

//! What a server says about an error: every form that DJ-IA, OBSIDIAN and ACE-Step use, and FastAPI's own.
use super::RemoteFault;
use crate::http::{one_line, without};
use serde_json::Value;

/// Longest piece of a server's own words that is shown.
const MAX_SAID_CHARS: usize = 160;

/// Code and words of an error.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Said {
    /// For example `CREDITS_EXHAUSTED`.
    pub code: Option<String>,
    /// One short line without the key.
    pub words: Option<String>,
}

impl Said {
    /// Out of a body; nothing where it is no JSON, or none that we know.
    pub(super) fn of(body: &[u8], secret: Option<&str>) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let detail = if body["detail"].is_null() { &body } else { &body["detail"] };
        let (code, words) = match (detail, &detail["error"]) {
            (Value::String(words), _) => (None, Some(words.clone())),
            (Value::Array(faults), _) => (None, fastapi_words(faults)),
            // Version 1: {"error": {"code", "message"}}.
            (_, Value::Object(error)) => (text(error.get("code")), text(error.get("message"))),
            // Version 2: {"error": "CODE", "message"}; ACE-Step's envelope: {"error": "words", "code": 500}.
            (_, Value::String(error)) => match text(detail.get("message")) {
                Some(message) => (Some(error.clone()), Some(message)),
                None => (Some(error.clone()), Some(error.clone())),
            },
            _ => (None, text(detail.get("message"))),
        };
        let words = words.and_then(|words| one_line(&without(&words, secret), MAX_SAID_CHARS));
        Self { code, words }
    }

    /// What it means beside a status.
    pub(super) fn fault(self, status: u16, has_key: bool) -> RemoteFault {
        let Self { code, words } = self;
        match code.as_deref() {
            Some("INVALID_KEY") if has_key => return RemoteFault::KeyRefused { words },
            Some("INVALID_KEY") => return RemoteFault::KeyMissing,
            Some("KEY_EXPIRED") => return RemoteFault::KeyExpired,
            Some("CREDITS_EXHAUSTED") => return RemoteFault::NoCredits { words },
            Some("GPU_UNAVAILABLE") => return RemoteFault::Overloaded { words },
            Some("INVALID_PROMPT" | "INVALID_REQUEST" | "VALIDATION_ERROR") => {
                return RemoteFault::NotAccepted { words };
            }
            _ => {}
        }
        match status {
            400 | 413 | 415 | 422 => RemoteFault::NotAccepted { words },
            401 | 403 if has_key => RemoteFault::KeyRefused { words },
            401 | 403 => RemoteFault::KeyMissing,
            402 => RemoteFault::NoCredits { words },
            404 | 405 => RemoteFault::NotThere { status },
            429 => RemoteFault::TooOften,
            503 => RemoteFault::Overloaded { words },
            200..=299 => RemoteFault::SaidError { words },
            status => RemoteFault::Failed { status, words },
        }
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::to_owned)
}

/// The first complaint of FastAPI's list, with the field it is about: `bpm: field required`.
fn fastapi_words(faults: &[Value]) -> Option<String> {
    let first = faults.first()?;
    let message = first["msg"].as_str()?;
    let field = first["loc"].as_array().and_then(|path| path.last()).map(|field| match field {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    });
    Some(field.map_or_else(|| message.to_owned(), |field| format!("{field}: {message}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(body: &str) -> (Option<String>, Option<String>) {
        let Said { code, words } = Said::of(body.as_bytes(), Some("sk-1"));
        (code, words)
    }

    fn both(code: &str, words: &str) -> (Option<String>, Option<String>) {
        (Some(code.to_owned()), Some(words.to_owned()))
    }

    #[test]
    fn every_form_of_every_version_is_read() {
        let v1 = r#"{"detail":{"error":{"code":"INVALID_KEY","message":"no sk-1 here."}}}"#;
        assert_eq!(said(v1), both("INVALID_KEY", "no *** here"));
        assert_eq!(said(r#"{"error":{"code":"VALIDATION_ERROR","message":"bad"}}"#), both("VALIDATION_ERROR", "bad"));
        let v2 = r#"{"detail":{"error":"CREDITS_EXHAUSTED","message":"Need 1, have 0"}}"#;
        assert_eq!(said(v2), both("CREDITS_EXHAUSTED", "Need 1, have 0"));
        assert_eq!(said(r#"{"detail":"Invalid API key"}"#), (None, Some("Invalid API key".to_owned())));
        let list = r#"{"detail":[{"loc":["body","bpm"],"msg":"field required","type":"missing"},{"msg":"x"}]}"#;
        assert_eq!(said(list), (None, Some("bpm: field required".to_owned())));
        let envelope = r#"{"data":null,"code":500,"error":"out of memory","timestamp":1}"#;
        assert_eq!(said(envelope).1.unwrap(), "out of memory");
        for nothing in ["", "<html>", "[]", "{}", "null", "7", r#"{"detail":[]}"#, r#"{"detail":{"error":3}}"#] {
            assert_eq!(said(nothing), (None, None), "{nothing}");
        }
    }

    #[test]
    fn credits_and_expiry_are_no_wrong_key() {
        let fault = |code: &str, status| Said { code: Some(code.to_owned()), words: None }.fault(status, true);
        assert_eq!(fault("CREDITS_EXHAUSTED", 403), RemoteFault::NoCredits { words: None });
        assert_eq!(fault("KEY_EXPIRED", 403), RemoteFault::KeyExpired);
        assert_eq!(fault("GPU_UNAVAILABLE", 503), RemoteFault::Overloaded { words: None });
        assert_eq!(Said::default().fault(403, true), RemoteFault::KeyRefused { words: None });
        assert_eq!(Said::default().fault(401, false), RemoteFault::KeyMissing);
        assert_eq!(Said::default().fault(418, false), RemoteFault::Failed { status: 418, words: None });
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[ -~]{0,40}".prop_map(Value::from),
            "\\PC{0,300}".prop_map(Value::from),
            Just(Value::from("key sk-secret-7 is wrong")),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let names = prop_oneof![
                Just("detail".to_owned()),
                Just("error".to_owned()),
                Just("message".to_owned()),
                Just("code".to_owned()),
                Just("msg".to_owned()),
                Just("loc".to_owned()),
                "[a-z]{1,6}",
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((names, inner), 0..6).prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_body_is_one_short_line_without_the_key(body in any_json(), status in 200u16..600) {
            let body = body.to_string();
            let fault = Said::of(body.as_bytes(), Some("sk-secret-7")).fault(status, true);
            let engine = super::super::Engine::new("e", super::super::EngineKind::Auto, "http://h").unwrap();
            let sentence = fault.of(&engine).to_string();
            prop_assert!(!sentence.contains("sk-secret-7"));
            prop_assert!(sentence.chars().count() < 400 && !sentence.chars().any(char::is_control), "{}", sentence);
        }

        #[test]
        fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..200), status in 200u16..600) {
            Said::of(&body, None).fault(status, false);
        }
    }
}

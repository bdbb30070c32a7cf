//! What a model answers, out of the envelope.
use super::AskError;
use crate::http::{one_line, without};
use serde_json::Value;

/// Longest piece of a server's own words that is shown.
const MAX_SAID_CHARS: usize = 120;

/// The words of the first choice; thoughts that a reasoning model leaves in are cut.
pub(super) fn text(body: &[u8]) -> Result<String, AskError> {
    let reply: Value = serde_json::from_slice(body).map_err(|_| AskError::NotChat)?;
    let message = &reply["choices"][0]["message"];
    if !message.is_object() {
        return Err(if reply["error"].is_null() { AskError::NotChat } else { AskError::Declined });
    }
    let content = match &message["content"] {
        Value::String(text) => text.clone(),
        // Some servers answer in pieces.
        Value::Array(pieces) => pieces.iter().filter_map(|piece| piece["text"].as_str()).collect(),
        _ => String::new(),
    };
    let words = content.rsplit_once("</think>").map_or(content.as_str(), |(_, words)| words).trim();
    if words.is_empty() {
        return Err(if message["refusal"].is_string() { AskError::Declined } else { AskError::Empty });
    }
    Ok(words.to_owned())
}

/// The server's own words about an error: one short line, without the key it was sent.
pub(super) fn error_words(body: &[u8], key: Option<&str>) -> Option<String> {
    let reply: Value = serde_json::from_slice(body).ok()?;
    let error = &reply["error"];
    let words = error["message"].as_str().or(error.as_str()).or(reply["message"].as_str())?;
    one_line(&without(words, key), MAX_SAID_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<String, AskError> {
        text(body.as_bytes())
    }

    #[test]
    fn the_words_are_found_in_every_shape_of_answer() {
        let plain = r#"{"choices":[{"message":{"content":" BASS\nC2:9 "}}]}"#;
        assert_eq!(read(plain).unwrap(), "BASS\nC2:9");
        let pieces = r#"{"choices":[{"message":{"content":[{"type":"text","text":"BA"},{"text":"SS"}]}}]}"#;
        assert_eq!(read(pieces).unwrap(), "BASS");
        let thinking = r#"{"choices":[{"message":{"content":"<think>DRUMS?</think>SAX"}}]}"#;
        assert_eq!(read(thinking).unwrap(), "SAX");
    }

    #[test]
    fn what_is_no_answer_has_its_own_name() {
        let refusal = r#"{"choices":[{"message":{"content":null,"refusal":"no"}}]}"#;
        assert_eq!(read(refusal), Err(AskError::Declined));
        assert_eq!(read(r#"{"choices":[{"message":{"content":""}}]}"#), Err(AskError::Empty));
        assert_eq!(read(r#"{"error":{"message":"overloaded"}}"#), Err(AskError::Declined));
        let deep = "[".repeat(100_000);
        for bad in ["", "<html></html>", "[]", "{}", "null", r#"{"choices":[]}"#, r#"{"choices":5}"#, &deep] {
            assert_eq!(read(bad), Err(AskError::NotChat), "{bad:.20}");
        }
    }

    #[test]
    fn a_servers_words_are_one_short_line_without_the_key() {
        let body = r#"{"error":{"message":"wrong key sk-12\n345: get another."}}"#;
        assert_eq!(error_words(body.as_bytes(), Some("sk-12")).unwrap(), "wrong key *** 345: get another");
        let long = format!(r#"{{"error":"{}"}}"#, "x".repeat(1000));
        assert_eq!(error_words(long.as_bytes(), None).unwrap().chars().count(), 121);
        assert_eq!(error_words(b"<html>", None), None);
    }
}

//! DJ-IA / OBSIDIAN: version 1 as people host it themselves, version 2 as the cloud speaks it. One blocking call, no job.
//!
//! Version 1 takes `preferred_stems` and a key that may be null; version 2 rejects fields that it does not know and
//! wants a key in words. A failed diffusion of version 1 answers 200 with four seconds of silence.
use super::call::{Call, MAX_JSON_BYTES, Question};
use super::wish::{Wish, parse_key};
use super::{Credits, EngineKind, Made, RemoteFault, answer};
use crate::http::{HttpAnswer, one_line};
use serde_json::{Value, json};

/// The header of the key; left out when the server runs open.
const KEY: (&str, &str) = ("x-api-key", "");
/// What version 2's own client says where nobody named a key.
const DEFAULT_KEY: &str = "C Minor";
/// What version 2 plays with where nobody named a model.
const DEFAULT_MODEL: &str = "stable-audio-open-1.0";
/// Stable Audio Open makes 47 s, the cloud's hosts 30 s; longer loops are made of whole bars of that.
const MAX_SECONDS: f64 = 30.0;
/// What is kept of an answer as provenance, both versions together.
const KEPT_HEADERS: [&str; 9] = [
    "X-Duration",
    "X-BPM",
    "X-Key",
    "X-Stems-Used",
    "X-Credits-Remaining",
    "X-Detected-BPM",
    "X-Snapped-BPM",
    "X-Sample-Rate",
    "X-Provider",
];
/// Longest header that is kept.
const MAX_KEPT_CHARS: usize = 60;

/// Asks for a loop.
///
/// # Errors
/// [`RemoteFault`].
pub(super) fn generate(call: &Call<'_>, kind: EngineKind, wish: &Wish) -> Result<Made, RemoteFault> {
    let seconds = wish.wanted_seconds(1.0, MAX_SECONDS);
    let json = body(kind, wish, call.engine.model.as_deref(), seconds);
    let question = Question {
        path: "/api/v1/generate",
        json: Some(&json),
        key_header: Some(KEY),
        max_body_bytes: super::max_audio_bytes(seconds),
    };
    let answer = call.ask(&question)?;
    let kept = kept(&answer, call.secret());
    let header = |name: &str| kept.iter().find(|(kept, _)| *kept == name).map(|(_, value)| value.as_str());
    let key = header("X-Key").and_then(parse_key);
    let used = header("X-Stems-Used").map(stems_of);
    let stems = used.filter(|used| !used.is_empty()).unwrap_or_else(|| wish.stems.clone());
    let kept = kept.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let bytes = answer.body?;
    answer::check_audio(&bytes, call.secret())?;
    // The tempo that version 2 heard is that of the audio before it was stretched there.
    Ok(Made { bytes, key, bpm: None, stems, kept })
}

/// The fields that each version knows.
fn body(kind: EngineKind, wish: &Wish, model: Option<&str>, seconds: f64) -> Value {
    let key = wish.key_name();
    let mut body = json!({
        "prompt": wish.prompt,
        "bpm": wish.tempo.get(),
        "measures": wish.bars,
        "generation_duration": seconds,
        "sample_rate": wish.rate_hz,
    });
    if kind == EngineKind::Obsidian {
        body["key"] = key.as_deref().unwrap_or(DEFAULT_KEY).into();
        body["model"] = model.unwrap_or(DEFAULT_MODEL).into();
        body["bypass_llm"] = false.into();
        body["sync_on_server"] = true.into();
    } else {
        body["key"] = key.into();
        if !wish.stems.is_empty() {
            body["preferred_stems"] = wish.stems.iter().map(|stem| stem.id()).collect();
        }
    }
    body
}

/// `drums,bass`, `["drums"]`, `drums, bass`.
fn stems_of(header: &str) -> Vec<super::RemoteStem> {
    let words = header.split(|letter: char| !letter.is_ascii_alphabetic());
    words.filter_map(super::RemoteStem::from_id).collect()
}

/// The headers that say where the audio came from; a key that a server echoes is taken out.
fn kept(answer: &HttpAnswer, secret: Option<&str>) -> Vec<(&'static str, String)> {
    let kept = |name: &'static str| {
        let value = crate::http::without(answer.header(&name.to_lowercase())?, secret);
        Some((name, one_line(&value, MAX_KEPT_CHARS)?))
    };
    KEPT_HEADERS.into_iter().filter_map(kept).collect()
}

/// Whether version 1 answers there, and takes the key.
///
/// # Errors
/// [`RemoteFault::NotThere`] where nothing of the kind answers; a refused key is told as such.
pub(super) fn verify_key(call: &Call<'_>) -> Result<(), RemoteFault> {
    let answer = call.ask_json(&Question {
        path: "/api/v1/verify_key",
        // An empty body.
        json: Some(&Value::Null),
        key_header: Some(KEY),
        max_body_bytes: MAX_JSON_BYTES,
    })?;
    if answer["status"].is_string() { Ok(()) } else { Err(RemoteFault::NotUnderstood) }
}

/// Version 2's health; asked without the key.
///
/// # Errors
/// [`RemoteFault`].
pub(super) fn health(call: &Call<'_>) -> Result<Value, RemoteFault> {
    let answer = call.ask_json(&Question {
        path: "/api/v1/health",
        json: None,
        key_header: None,
        max_body_bytes: MAX_JSON_BYTES,
    })?;
    if answer["status"].is_string() { Ok(answer) } else { Err(RemoteFault::NotUnderstood) }
}

/// What is left of a key's credits; both versions answer this.
///
/// # Errors
/// [`RemoteFault`].
pub(super) fn credits(call: &Call<'_>) -> Result<Credits, RemoteFault> {
    let answer = call.ask_json(&Question {
        path: "/api/v1/auth/credits/check/vst",
        json: None,
        key_header: Some(KEY),
        max_body_bytes: MAX_JSON_BYTES,
    })?;
    match &answer["credits_remaining"] {
        Value::Number(left) => left.as_i64().map(Credits::Left).ok_or(RemoteFault::NotUnderstood),
        Value::String(word) if word == "unlimited" => Ok(Credits::Unlimited),
        _ => Err(RemoteFault::NotUnderstood),
    }
}

//! ACE-Step 1.5's own API server (`acestep-api`): submit a task, look at it, fetch its audio.
//!
//! Contract: docs/en/API.md of github.com/ace-step/ACE-Step-1.5 (commit ef26abd): `POST /release_task`,
//! `POST /query_result`, `GET /v1/audio?path=`, `GET /health`; answers in an envelope `{data, code, error}`, errors as
//! FastAPI's `{detail}`; key as `Authorization: Bearer`. That a running task's result holds `progress` and `stage`, a
//! failed one `error`, and a forgotten one is status 0 with an empty list, is what its source does
//! (acestep/api/jobs/local_cache_updates.py, acestep/api/http/query_result_route_test.py). It has no way to cancel a
//! task: what was cancelled here runs to its end there.
use super::call::{Call, MAX_JSON_BYTES, Question};
use super::wish::{Wish, key_name, parse_key};
use super::{Made, RemoteFault, answer};
use crate::http::{Address, one_line, wait, without};
use serde_json::{Value, json};
use std::fmt::Write;
use std::ops::RangeInclusive;
use take::Scale;

const KEY: (&str, &str) = ("authorization", "Bearer ");
/// What it reads of a prompt (docs/en/INFERENCE.md).
const MAX_PROMPT_CHARS: usize = 512;
/// What `audio_duration` may be.
const SECONDS: RangeInclusive<f64> = 10.0..=600.0;
/// What `bpm` may be; a whole number.
const BPM: RangeInclusive<f64> = 30.0..=300.0;
/// Looks at a task in a row that find nothing before it counts as forgotten.
const MAX_EMPTY_LOOKS: u32 = 3;

/// How far a task is.
#[derive(Debug, Clone, PartialEq)]
enum Task {
    /// 0.0..=1.0 and a word, where it says so.
    Running(f32, String),
    Done(Value),
    Failed(Option<String>),
    /// Neither waiting nor running.
    Unknown,
}

/// Asks for a loop and waits for it. `progress` hears how far it is, 0.0..=1.0.
///
/// # Errors
/// [`RemoteFault`].
pub(super) fn generate(call: &Call<'_>, wish: &Wish, progress: &dyn Fn(f32, &str)) -> Result<Made, RemoteFault> {
    let seconds = wish.wanted_seconds(*SECONDS.start(), *SECONDS.end());
    let released = envelope(call, "/release_task", &body(wish, call.engine.model.as_deref(), seconds))?;
    let id = released["task_id"].as_str().ok_or(RemoteFault::NotUnderstood)?;
    let result = wait_for(call, id, progress)?;
    let path = audio_path(result["file"].as_str().unwrap_or_default(), &call.engine.address)?;
    let max_body_bytes = super::max_audio_bytes(seconds);
    let answer = call.ask(&Question { path: &path, json: None, key_header: Some(KEY), max_body_bytes })?;
    let bytes = answer.body?;
    answer::check_audio(&bytes, call.secret())?;
    let metas = &result["metas"];
    Ok(Made {
        bytes,
        key: metas["keyscale"].as_str().and_then(parse_key),
        bpm: metas["bpm"].as_f64(),
        stems: Vec::new(),
        kept: kept(&result, call.secret()),
    })
}

/// One instrumental WAV, no language model in between: what is asked for is what the take's spec says.
fn body(wish: &Wish, model: Option<&str>, seconds: f64) -> Value {
    let mut body = json!({
        "prompt": wish.prompt.chars().take(MAX_PROMPT_CHARS).collect::<String>(),
        // The word that docs/en/INFERENCE.md gives for music without a voice.
        "lyrics": "[Instrumental]",
        "audio_format": "wav",
        "audio_duration": seconds,
        "bpm": folded(wish.tempo.get()),
        "batch_size": 1,
        "use_random_seed": false,
        // 31 bits fit whatever the server counts in.
        "seed": wish.seed & 0x7fff_ffff,
    });
    if let Some((tonic, scale)) = wish.key {
        // It was taught on two scales.
        let scale = if theory::is_minor_like(scale) { Scale::Minor } else { Scale::Major };
        body["key_scale"] = key_name(tonic, scale).into();
    }
    // It knows 2/4, 3/4, 4/4 and 6/8, by their first number.
    if matches!(wish.meter, (2..=4, 4) | (6, 8)) {
        body["time_signature"] = wish.meter.0.to_string().into();
    }
    if let Some(model) = model {
        body["model"] = model.into();
    }
    body
}

/// The nearest whole tempo that it takes, doubled or halved into its range.
fn folded(bpm: f64) -> u32 {
    let doubled = if bpm < *BPM.start() { bpm * 2.0 } else { bpm };
    let halved = if doubled > *BPM.end() { doubled / 2.0 } else { doubled };
    halved.round().clamp(*BPM.start(), *BPM.end()) as u32
}

/// What is in the envelope of an answer.
fn envelope(call: &Call<'_>, path: &str, json: &Value) -> Result<Value, RemoteFault> {
    let question = Question { path, json: Some(json), key_header: Some(KEY), max_body_bytes: MAX_JSON_BYTES };
    let mut answer = call.ask_json(&question)?;
    let code = answer["code"].as_u64().unwrap_or(200);
    if code != 200 || answer["error"].is_string() {
        let said = super::said::Said::of(answer.to_string().as_bytes(), call.secret());
        return Err(said.fault(u16::try_from(code).unwrap_or(500), call.key.is_some()));
    }
    Ok(answer["data"].take())
}

fn wait_for(call: &Call<'_>, id: &str, progress: &dyn Fn(f32, &str)) -> Result<Value, RemoteFault> {
    let mut empty_looks = 0;
    let question = json!({ "task_id_list": [id] });
    loop {
        match task_of(&envelope(call, "/query_result", &question)?, id, call.secret()) {
            Task::Done(result) => return Ok(result),
            Task::Failed(words) => return Err(RemoteFault::TaskFailed { words }),
            Task::Running(share, stage) => {
                empty_looks = 0;
                progress(share, &stage);
            }
            Task::Unknown if empty_looks + 1 >= MAX_EMPTY_LOOKS => return Err(RemoteFault::Lost),
            Task::Unknown => empty_looks += 1,
        }
        if std::time::Instant::now() + call.patience.poll_every >= call.deadline {
            return Err(RemoteFault::Timeout { seconds: call.timeout.as_secs_f64() });
        }
        wait(call.patience.poll_every, call.cancel).map_err(|_| RemoteFault::Cancelled)?;
    }
}

/// Out of the list that a look returns. `result` is JSON inside a string.
fn task_of(data: &Value, id: &str, secret: Option<&str>) -> Task {
    let tasks = data.as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(task) = tasks.iter().find(|task| task["task_id"].as_str().is_none_or(|found| found == id)) else {
        return Task::Unknown;
    };
    let results: Value = task["result"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let first = &results[0];
    let line = |words: &Value| words.as_str().and_then(|words| one_line(&without(words, secret), 160));
    match task["status"].as_i64() {
        Some(1) => Task::Done(first.clone()),
        Some(0) if first.is_null() => Task::Unknown,
        Some(0) => {
            let share = first["progress"].as_f64().unwrap_or(0.0).clamp(0.0, 1.0) as f32;
            Task::Running(share, line(&first["stage"]).unwrap_or_default())
        }
        _ => Task::Failed(line(&first["error"]).or_else(|| line(&task["error"]))),
    }
}

/// Where the file of a result lies: always on the engine's own host, wherever the result points.
fn audio_path(file: &str, address: &Address) -> Result<String, RemoteFault> {
    let is_plain = |path: &str| path.chars().all(|letter| letter.is_ascii_graphic());
    let own = file.strip_prefix(address.base()).unwrap_or(file);
    if own.starts_with("/v1/audio?") && is_plain(own) {
        return Ok(own.to_owned());
    }
    if file.is_empty() || file.contains("://") {
        return Err(RemoteFault::NotUnderstood);
    }
    let mut path = "/v1/audio?path=".to_owned();
    for byte in file.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => path.push(char::from(byte)),
            // Writing to a string cannot fail.
            byte => drop(write!(path, "%{byte:02X}")),
        }
    }
    Ok(path)
}

fn kept(result: &Value, secret: Option<&str>) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => one_line(&without(text, secret), 60),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let fields = [
        ("model", &result["dit_model"]),
        ("seed", &result["seed_value"]),
        ("bpm", &result["metas"]["bpm"]),
        ("key", &result["metas"]["keyscale"]),
    ];
    fields.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", text(value)?))).collect()
}

/// Its name and version, as it says them; asked without the key.
///
/// # Errors
/// [`RemoteFault`]; `NotUnderstood` where something else answers.
pub(super) fn health(call: &Call<'_>) -> Result<(), RemoteFault> {
    let answer =
        call.ask_json(&Question { path: "/health", json: None, key_header: None, max_body_bytes: MAX_JSON_BYTES })?;
    let is_acestep = |service: &str| service.to_lowercase().contains("ace-step");
    if answer["data"]["service"].as_str().is_some_and(is_acestep) { Ok(()) } else { Err(RemoteFault::NotUnderstood) }
}

/// Whether it takes the key, and how many tasks wait there.
///
/// # Errors
/// [`RemoteFault`].
pub(super) fn queue_size(call: &Call<'_>) -> Result<u64, RemoteFault> {
    let question = Question { path: "/v1/stats", json: None, key_header: Some(KEY), max_body_bytes: MAX_JSON_BYTES };
    let answer = call.ask_json(&question)?;
    answer["data"]["queue_size"].as_u64().ok_or(RemoteFault::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_fetched_from_the_engines_own_host_only() {
        let address = Address::parse("http://localhost:8001").unwrap();
        let path = |file: &str| audio_path(file, &address);
        assert_eq!(path("/v1/audio?path=%2Ftmp%2Fa.wav").unwrap(), "/v1/audio?path=%2Ftmp%2Fa.wav");
        assert_eq!(path("http://localhost:8001/v1/audio?path=a").unwrap(), "/v1/audio?path=a");
        assert_eq!(path("/tmp/a b.wav").unwrap(), "/v1/audio?path=%2Ftmp%2Fa%20b.wav");
        for elsewhere in
            ["", "http://evil.example/v1/audio?path=a", "http://localhost:8001.evil.example/v1/audio?path=a"]
        {
            assert_eq!(path(elsewhere), Err(RemoteFault::NotUnderstood), "{elsewhere}");
        }
    }

    #[test]
    fn tempos_are_folded_into_what_it_takes() {
        assert_eq!([20.0, 30.0, 92.5, 300.0, 400.0].map(folded), [40, 30, 93, 300, 200]);
    }

    #[test]
    fn a_task_is_running_done_failed_or_forgotten() {
        let look = |status: i64, result: &str| {
            task_of(&json!([{ "task_id": "t", "status": status, "result": result }]), "t", Some("sk"))
        };
        let running = look(0, r#"[{"progress":0.25,"stage":"diffusing"}]"#);
        assert_eq!(running, Task::Running(0.25, "diffusing".to_owned()));
        assert_eq!(look(0, "[]"), Task::Unknown);
        assert_eq!(look(2, r#"[{"error":"out of memory sk"}]"#), Task::Failed(Some("out of memory ***".to_owned())));
        assert_eq!(look(2, "broken"), Task::Failed(None));
        assert_eq!(look(1, r#"[{"file":"a"}]"#), Task::Done(json!({"file":"a"})));
        assert_eq!(task_of(&Value::Null, "t", None), Task::Unknown);
    }
}

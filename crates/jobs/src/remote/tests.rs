//! Remote engines against a stub on loopback: whatever it answers, there is a take or one plain sentence.
use super::*;
use crate::{StubAnswer, StubServer};
use serde_json::{Value, json};
use std::f32::consts::TAU;
use take::StemKind;

mod bad_answers;
mod cancelling;
mod discovery;
mod secrets;
mod tls;

const KEY: &str = "sk-very-secret-1";

/// No pauses to speak of.
fn at_once() -> Patience {
    let short = Duration::from_millis(1);
    Patience { first_pause: short, max_tries: 3, poll_every: short }
}

fn engine(kind: EngineKind, server: &StubServer) -> Engine {
    Engine::new("studio", kind, &server.origin()).unwrap()
}

fn provider(kind: EngineKind, server: &StubServer) -> RemoteProvider {
    RemoteProvider::with_patience(engine(kind, server), ApiKeys::none(), at_once())
}

/// The same with a key in the file for its host.
fn keyed(engine: Engine) -> RemoteProvider {
    let dir = tempfile::tempdir().unwrap();
    ApiKeys::save(dir.path(), &engine.address, KEY).unwrap();
    let (keys, problem) = ApiKeys::load_with(dir.path(), |_| None);
    assert!(problem.is_none());
    RemoteProvider::with_patience(engine, keys, at_once())
}

/// Two bars of 4/4 at 120: four seconds.
fn spec() -> TakeSpec {
    TakeSpec {
        prompt: "deep sub bass".to_owned(),
        bars: BarCount::new(2).unwrap(),
        ..TakeSpec::new(StyleId::from("dub"), Bpm::DEFAULT, 7)
    }
}

/// 16-bit mono.
fn wav(rate_hz: u32, seconds: f64, wave: impl Fn(f32) -> f32) -> Vec<u8> {
    let samples = (0..(seconds * f64::from(rate_hz)) as u32).map(|frame| wave(frame as f32 / rate_hz as f32));
    let samples: Vec<u8> = samples.flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()).collect();
    let head: &[u8] = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0";
    let (rate, bytes_per_second) = (rate_hz.to_le_bytes(), (2 * rate_hz).to_le_bytes());
    let num_bytes = (samples.len() as u32).to_le_bytes();
    let mut file = [head, &rate, &bytes_per_second, &[2, 0, 16, 0], b"data", &num_bytes, &samples].concat();
    let riff = (file.len() as u32 - 8).to_le_bytes();
    file[4..8].copy_from_slice(&riff);
    file
}

fn tone(seconds: f32) -> f32 {
    0.5 * (TAU * 110.0 * seconds).sin()
}

fn audio(headers: &str) -> StubAnswer {
    StubAnswer::Bytes(200, format!("Content-Type: audio/wav\r\n{headers}"), wav(48_000, 6.0, tone))
}

fn json_answer(body: &Value) -> StubAnswer {
    StubAnswer::Status(200, "Content-Type: application/json\r\n".to_owned(), body.to_string())
}

fn status(code: u16, body: &str) -> StubAnswer {
    StubAnswer::Status(code, String::new(), body.to_owned())
}

fn generate(provider: &RemoteProvider, spec: &TakeSpec) -> Result<Take, ProviderError> {
    provider.generate(spec, SampleRate::DEFAULT, &Progress::default(), &CancelToken::default())
}

fn stems_there(take: &Take) -> Vec<StemKind> {
    StemKind::ALL.into_iter().filter(|kind| take.original.stems[*kind as usize].is_some()).collect()
}

#[test]
fn version_1_is_asked_as_its_contract_says_and_its_headers_are_kept() {
    let headers = "X-BPM: 120.0\r\nX-Key: F Minor\r\nX-Stems-Used: drums\r\nX-Credits-Remaining: unlimited\r\n";
    let server = StubServer::new([audio(headers)]);
    let stems = vec![RemoteStem::Drums];
    let provider = keyed(Engine { preferred_stems: stems, ..engine(EngineKind::DjIa, &server) });
    let take = generate(&provider, &spec()).unwrap();
    let requests = server.requests();
    let head = requests[0].head.to_lowercase();
    assert!(head.starts_with("post /api/v1/generate http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("x-api-key: {KEY}")) && head.contains("content-type: application/json"), "{head}");
    assert_eq!(
        requests[0].body,
        json!({
            "prompt": "deep sub bass, dub", "bpm": 120.0, "key": null, "measures": 2, "generation_duration": 8.0,
            "sample_rate": 48000, "preferred_stems": ["drums"],
        })
    );
    assert_eq!((requests.len(), take.original.num_frames()), (1, 4 * 48_000));
    assert_eq!((take.info.key.get(), take.info.scale, stems_there(&take)), (5, Scale::Minor, vec![StemKind::Drums]));
    let wanted = "dj-ia/1 (studio; prompt sent: deep sub bass, dub; X-BPM 120.0; X-Key F Minor; X-Stems-Used drums; \
                  X-Credits-Remaining unlimited)";
    assert_eq!(take.info.engine, wanted);
    assert_eq!(take.info.name, "Dub 120 Fm (studio) #0007");
    assert!((take.info.loudness_lufs + 16.0).abs() < 0.1 || take.info.true_peak_dbtp > -1.1, "{:?}", take.info);
}

#[test]
fn version_2_gets_no_field_that_it_rejects_and_a_key_in_words() {
    let server = StubServer::new([audio("X-Detected-BPM: \r\nX-Provider: host-3\r\nX-Credits-Remaining: 41\r\n")]);
    let stems = vec![RemoteStem::Drums];
    let provider = keyed(Engine { preferred_stems: stems, ..engine(EngineKind::Obsidian, &server) });
    let take = generate(&provider, &spec()).unwrap();
    assert_eq!(
        server.requests()[0].body,
        json!({
            "prompt": "deep sub bass, dub", "bpm": 120.0, "key": "C Minor", "measures": 2, "generation_duration": 8.0,
            "sample_rate": 48000, "model": "stable-audio-open-1.0", "bypass_llm": false, "sync_on_server": true,
        })
    );
    assert!(take.info.engine.starts_with("obsidian/1 (studio; "), "{}", take.info.engine);
    assert!(take.info.engine.ends_with("; X-Credits-Remaining 41; X-Provider host-3)"), "{}", take.info.engine);
}

#[test]
fn an_open_server_is_sent_no_key() {
    let server = StubServer::new([audio("")]);
    generate(&provider(EngineKind::DjIa, &server), &spec()).unwrap();
    assert!(!server.requests()[0].head.to_lowercase().contains("x-api-key"));
}

fn done(file: &str) -> StubAnswer {
    let result = json!([{
        "file": file, "status": 1, "metas": { "bpm": 120, "keyscale": "A minor" }, "seed_value": "7",
        "dit_model": "acestep-v15-turbo", "progress": 1.0,
    }]);
    looked(1, &result)
}

fn looked(status: i64, result: &Value) -> StubAnswer {
    json_answer(&json!({ "data": [{ "task_id": "t1", "status": status, "result": result.to_string() }], "code": 200 }))
}

fn released() -> StubAnswer {
    json_answer(&json!({ "data": { "task_id": "t1", "status": "queued", "queue_position": 1 }, "code": 200 }))
}

#[test]
fn acestep_is_submitted_looked_at_and_fetched() {
    let running = looked(0, &json!([{ "progress": 0.5, "stage": "diffusing" }]));
    let server = StubServer::new([released(), running, done("/v1/audio?path=%2Ftmp%2Fa.wav"), audio("")]);
    let take = generate(&keyed(engine(EngineKind::AceStep, &server)), &spec()).unwrap();
    let requests = server.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.head.lines().next().unwrap_or_default()).collect();
    let look = "POST /query_result HTTP/1.1";
    let fetch = "GET /v1/audio?path=%2Ftmp%2Fa.wav HTTP/1.1";
    assert_eq!(lines, ["POST /release_task HTTP/1.1", look, look, fetch]);
    let wanted = format!("authorization: bearer {KEY}");
    assert!(requests.iter().all(|request| request.head.to_lowercase().contains(&wanted)));
    assert_eq!(
        requests[0].body,
        json!({
            "prompt": "deep sub bass, dub", "lyrics": "[Instrumental]", "audio_format": "wav", "audio_duration": 10.0,
            "bpm": 120, "batch_size": 1, "use_random_seed": false, "seed": 7, "time_signature": "4",
        })
    );
    assert_eq!(requests[1].body, json!({ "task_id_list": ["t1"] }));
    assert_eq!((take.info.key.get(), take.original.num_frames()), (9, 4 * 48_000));
    let wanted =
        "acestep/1 (studio; prompt sent: deep sub bass, dub; model acestep-v15-turbo; seed 7; bpm 120; key A minor)";
    assert_eq!(take.info.engine, wanted);
}

#[test]
fn a_wrong_rate_is_resampled() {
    let file = wav(22_050, 6.0, tone);
    let server = StubServer::new([StubAnswer::Bytes(200, String::new(), file)]);
    let take = generate(&provider(EngineKind::DjIa, &server), &spec()).unwrap();
    let left = &take.original.stems[StemKind::Other as usize].as_ref().unwrap().left;
    assert_eq!((left.len(), take.original.rate), (4 * 48_000, SampleRate::DEFAULT));
    let middle = &left[48_000..96_000];
    let crossings = middle.windows(2).filter(|pair| pair[0] <= 0.0 && pair[1] > 0.0).count();
    assert!((109..=111).contains(&crossings), "{crossings} periods of a 110 Hz tone in a second");
}

#[test]
fn a_recording_shorter_than_the_loop_is_played_in_whole_bars() {
    let clicks = |seconds: f32| if seconds % 2.0 < 0.01 { 0.9 } else { 0.0 };
    let server = StubServer::new([StubAnswer::Bytes(200, String::new(), wav(48_000, 3.9, clicks))]);
    let long = TakeSpec { bars: BarCount::new(4).unwrap(), ..spec() };
    let take = generate(&provider(EngineKind::DjIa, &server), &long).unwrap();
    let left = &take.original.stems[StemKind::Other as usize].as_ref().unwrap().left;
    let loud_bars = (0..4).filter(|bar| left[bar * 96_000..bar * 96_000 + 480].iter().any(|sample| *sample > 0.1));
    assert_eq!((left.len(), loud_bars.count()), (8 * 48_000, 4));
}

#[test]
fn several_jobs_ask_at_once() {
    let server = StubServer::new([audio("")]);
    let provider = provider(EngineKind::DjIa, &server);
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..4).map(|_| scope.spawn(|| generate(&provider, &spec()))).collect();
        assert!(jobs.into_iter().all(|job| job.join().unwrap().is_ok()));
    });
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn a_take_is_brought_to_another_tempo_by_stretching() {
    let server = StubServer::new([audio("")]);
    let provider = provider(EngineKind::DjIa, &server);
    let take = generate(&provider, &spec()).unwrap();
    let tempo = Bpm::new(100.0).unwrap();
    let cancel = CancelToken::default();
    let slower = provider.rerender(&take, tempo, SampleRate::DEFAULT, &Progress::default(), &cancel).unwrap();
    assert_eq!((slower.num_frames(), slower.take), (230_400, take.id));
}

//! A cancelled job returns whatever the server does. That these tests end is what they show.
use super::*;

/// Cancels as soon as so many requests have come.
fn cancelled_after(server: &StubServer, num_requests: usize, provider: &RemoteProvider) {
    let cancel = CancelToken::default();
    let end = std::thread::scope(|scope| {
        let job = scope.spawn(|| provider.generate(&spec(), SampleRate::DEFAULT, &Progress::default(), &cancel));
        server.wait_for_requests(num_requests);
        cancel.cancel();
        job.join().unwrap()
    });
    assert_eq!(end.map(|take| take.id), Err(ProviderError::Cancelled));
}

/// Longer than anybody waits for a test.
fn patient() -> Patience {
    let hours = Duration::from_secs(1000);
    Patience { first_pause: hours, max_tries: 9, poll_every: hours }
}

fn patient_provider(kind: EngineKind, server: &StubServer) -> RemoteProvider {
    let engine = Engine { timeout: Duration::from_secs(3600), ..engine(kind, server) };
    RemoteProvider::with_patience(engine, ApiKeys::none(), patient())
}

#[test]
fn while_it_waits_for_an_answer() {
    let server = StubServer::new([StubAnswer::Hang]);
    cancelled_after(&server, 1, &patient_provider(EngineKind::DjIa, &server));
}

#[test]
fn while_an_answer_drips() {
    let server = StubServer::new([StubAnswer::Drip(b"RIFF".to_vec())]);
    cancelled_after(&server, 1, &patient_provider(EngineKind::DjIa, &server));
}

#[test]
fn while_it_pauses_before_asking_again() {
    let server = StubServer::new([status(503, "")]);
    cancelled_after(&server, 1, &patient_provider(EngineKind::DjIa, &server));
}

#[test]
fn while_a_task_runs_elsewhere() {
    let server = StubServer::new([released(), looked(0, &json!([{ "progress": 0.1, "stage": "x" }]))]);
    cancelled_after(&server, 2, &patient_provider(EngineKind::AceStep, &server));
}

#[test]
fn before_it_began_nothing_is_asked() {
    let server = StubServer::new([audio("")]);
    let cancel = CancelToken::default();
    cancel.cancel();
    let end = provider(EngineKind::DjIa, &server).generate(&spec(), SampleRate::DEFAULT, &Progress::default(), &cancel);
    assert_eq!(end.map(|take| take.id), Err(ProviderError::Cancelled));
    assert!(server.requests().is_empty());
}

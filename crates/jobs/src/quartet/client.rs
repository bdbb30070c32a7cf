//! One question over HTTP, with an end to everything: time, size, patience.
//!
//! The request runs on a thread of its own, so that a cancelled job returns at once whatever the network does. Such a
//! thread is joined at the latest when its [`Client`] is dropped: its connection is shut down, so that only a name that
//! is being looked up or a connection that is being opened (5 s at most) can keep it.
use super::keys::ApiKey;
use super::{AskError, Endpoint, reply};
use crate::CancelToken;
use serde_json::json;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use ureq::http::{Request, StatusCode};

/// Largest answer that is read: some hundred times a good one.
const MAX_BODY_BYTES: u64 = 1 << 20;
/// How often a waiting job asks whether it was cancelled.
const POLL_EVERY: Duration = Duration::from_millis(20);
/// Longest that a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Threads that may be left behind before no new request is made.
const MAX_LEFT_BEHIND: usize = 4;

/// One question.
pub(super) struct Question<'a> {
    pub endpoint: &'a Endpoint,
    pub key: Option<&'a ApiKey>,
    pub model: &'a str,
    pub system: &'a str,
    pub user: &'a str,
    pub temperature: f32,
    pub top_p: f32,
    pub max_tokens: u32,
    pub seed: u32,
}

/// Asks, and looks after the threads it asks on.
#[derive(Debug, Default)]
pub(super) struct Client {
    left_behind: Vec<JoinHandle<()>>,
}

impl Client {
    /// The model's words.
    ///
    /// # Errors
    /// [`AskError`]; `Cancelled` within 20 ms of being cancelled.
    pub(super) fn ask(
        &mut self,
        question: &Question<'_>,
        deadline: Instant,
        cancel: &CancelToken,
    ) -> Result<String, AskError> {
        self.left_behind.retain(|thread| !thread.is_finished());
        if self.left_behind.len() >= MAX_LEFT_BEHIND {
            return Err(AskError::Timeout);
        }
        let request = request(question)?;
        let secret = question.key.map(|key| key.secret().to_owned());
        let agent = agent();
        let (sender, answer) = sync_channel(1);
        let asking = agent.clone();
        let thread = std::thread::Builder::new().name("continuo-llm".to_owned()).spawn(move || {
            // Nobody listens any more if the owner gave up.
            sender.send(exchange(&asking, request, secret.as_deref())).ok();
        });
        self.left_behind.push(thread.map_err(|_| AskError::Unreachable)?);
        let answered = loop {
            match answer.recv_timeout(POLL_EVERY) {
                Ok(answered) => break answered,
                Err(RecvTimeoutError::Disconnected) => break Err(AskError::Dropped),
                Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => break Err(AskError::Cancelled),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => break Err(AskError::Timeout),
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        agent.shutdown();
        answered
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A thread that panicked has nothing left to clean up.
        self.left_behind.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// No redirects: the key would go where nobody typed it. No timeout for names: it would leave a thread behind that
/// nobody joins.
fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .user_agent(concat!("continuo/", env!("CARGO_PKG_VERSION")))
        .build();
    Agent::new_with_config(config)
}

fn request(question: &Question<'_>) -> Result<Request<Vec<u8>>, AskError> {
    let body = json!({
        "model": question.model,
        "messages": [
            { "role": "system", "content": question.system },
            { "role": "user", "content": question.user },
        ],
        "temperature": rounded(question.temperature),
        "top_p": rounded(question.top_p),
        "max_tokens": question.max_tokens,
        "seed": question.seed,
    });
    let mut builder =
        Request::post(question.endpoint.url()).header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(key) = question.key {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", key.secret())).map_err(|_| AskError::Unreachable)?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    builder.body(body.to_string().into_bytes()).map_err(|_| AskError::Unreachable)
}

/// 1.05, not 1.0499999523162842.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1000.0).round() / 1000.0
}

fn exchange(agent: &Agent, request: Request<Vec<u8>>, secret: Option<&str>) -> Result<String, AskError> {
    let response = agent.run(request).map_err(|error| failure(&error))?;
    let status = response.status();
    let retry_after_s = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let body = response.into_body().into_with_config().limit(MAX_BODY_BYTES).read_to_vec();
    if status.is_success() {
        return body.map_err(|error| failure(&error)).and_then(|body| reply::text(&body));
    }
    let words = || body.ok().and_then(|body| reply::error_words(&body, secret));
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => AskError::KeyRefused { has_key: secret.is_some() },
        StatusCode::TOO_MANY_REQUESTS => AskError::TooOften { retry_after_s },
        status if status.is_redirection() => AskError::Redirected,
        status => AskError::Status { code: status.as_u16(), words: words() },
    })
}

fn failure(error: &ureq::Error) -> AskError {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::BadUri(_) => AskError::Unreachable,
        ureq::Error::Timeout(_) => AskError::Unreachable,
        ureq::Error::BodyExceedsLimit(_) => AskError::TooLarge,
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => AskError::NotTrusted,
        ureq::Error::Io(error) if is_unreachable(error) => AskError::Unreachable,
        ureq::Error::Io(_) => AskError::Dropped,
        _ => AskError::NotChat,
    }
}

fn is_unreachable(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable, NotFound};
    // A name that cannot be looked up has no kind of its own.
    matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable | NotFound)
        || error.to_string().contains("lookup")
}

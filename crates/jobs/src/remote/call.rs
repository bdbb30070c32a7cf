//! Questions to one engine during one job: with its key, within its time, again where that helps.
use super::said::Said;
use super::{Engine, RemoteFault};
use crate::CancelToken;
use crate::http::{Address, ApiKey, Client, HttpAnswer, HttpError, HttpRequest, secret_header, wait};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Largest answer that is no audio.
pub(super) const MAX_JSON_BYTES: u64 = 4 << 20;
/// Longest pause that a server may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How long to wait before asking again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// Pause after the first failure; it doubles from then on. Default 1 s.
    pub first_pause: Duration,
    /// Questions in all. Default 4.
    pub max_tries: u32,
    /// Pause between two looks at a task that runs. Default 1 s.
    pub poll_every: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first_pause: Duration::from_secs(1), max_tries: 4, poll_every: Duration::from_secs(1) }
    }
}

/// One job's view of an engine.
pub(super) struct Call<'a> {
    pub engine: &'a Engine,
    pub client: &'a Client,
    pub key: Option<&'a ApiKey>,
    /// What `deadline` came from.
    pub timeout: Duration,
    pub deadline: Instant,
    pub patience: Patience,
    pub cancel: &'a CancelToken,
    /// Called every 20 ms while an answer is waited for.
    pub meanwhile: &'a dyn Fn(),
}

/// One question.
pub(super) struct Question<'a> {
    /// Behind the engine's address; starts with a slash.
    pub path: &'a str,
    /// `None` is a GET, else a POST of this.
    pub json: Option<&'a Value>,
    /// Header of the key and what stands before it; `None` where no key belongs.
    pub key_header: Option<(&'static str, &'static str)>,
    /// Largest body that is read.
    pub max_body_bytes: u64,
}

impl Call<'_> {
    /// A whole answer with status 2xx. What is passing is asked again after a pause, within the engine's time.
    ///
    /// # Errors
    /// [`RemoteFault`]; `Cancelled` within 20 ms of it.
    pub(super) fn ask(&self, question: &Question<'_>) -> Result<HttpAnswer, RemoteFault> {
        let mut pause = self.patience.first_pause;
        let mut tries = 1;
        loop {
            let (fault, asked_for) = match self.ask_once(question) {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let pause_now = asked_for.unwrap_or(pause);
            let is_over = tries >= self.patience.max_tries || Instant::now() + pause_now >= self.deadline;
            if is_over || !fault.is_passing() {
                return Err(fault);
            }
            wait(pause_now, self.cancel).map_err(|_| RemoteFault::Cancelled)?;
            pause *= 2;
            tries += 1;
        }
    }

    /// The answer's JSON.
    ///
    /// # Errors
    /// As [`Call::ask`], and `WebPage`, `Empty` or `NotUnderstood`.
    pub(super) fn ask_json(&self, question: &Question<'_>) -> Result<Value, RemoteFault> {
        let body = self.ask(question)?.body?;
        serde_json::from_slice(&body).map_err(|_| super::answer::not_what_was_asked_for(&body, self.secret()))
    }

    /// For taking the key out of what a server says.
    pub(super) fn secret(&self) -> Option<&str> {
        self.key.map(ApiKey::secret)
    }

    /// The fault, and the pause the server asks for.
    fn ask_once(&self, question: &Question<'_>) -> Result<HttpAnswer, (RemoteFault, Option<Duration>)> {
        let key = self.key.zip(question.key_header);
        let key = match key.map(|(key, (name, prefix))| Some((name, secret_header(prefix, key)?))) {
            Some(None) => return Err((RemoteFault::KeyRefused { words: None }, None)),
            key => key.flatten(),
        };
        let request = HttpRequest {
            url: format!("{}{}", self.engine.address.base(), question.path),
            json: question.json.map(|json| if json.is_null() { Vec::new() } else { json.to_string().into_bytes() }),
            key,
            max_body_bytes: question.max_body_bytes,
        };
        let answer = self.client.send(request, self.deadline, self.cancel, self.meanwhile);
        let answer = answer.map_err(|error| (self.timed(error), None))?;
        if answer.is_success() {
            return match answer.body {
                Ok(_) => Ok(answer),
                Err(error) => Err((self.timed(error), None)),
            };
        }
        if answer.is_redirection() {
            return Err((RemoteFault::Redirected { to: answer.header("location").and_then(origin) }, None));
        }
        let asked_for = answer.header("retry-after").and_then(|value| value.trim().parse().ok());
        let asked_for = asked_for.map(Duration::from_secs).filter(|pause| *pause <= MAX_RETRY_AFTER);
        let body = answer.body.unwrap_or_default();
        Err((Said::of(&body, self.secret()).fault(answer.status, self.key.is_some()), asked_for))
    }

    fn timed(&self, error: HttpError) -> RemoteFault {
        match error {
            HttpError::Timeout => RemoteFault::Timeout { seconds: self.timeout.as_secs_f64() },
            error => error.into(),
        }
    }
}

/// Scheme and host; what stands behind them may hold a secret.
fn origin(location: &str) -> Option<String> {
    let uri: ureq::http::Uri = location.parse().ok()?;
    let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
    Address::parse(&origin).is_ok().then_some(origin)
}

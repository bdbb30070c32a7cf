//! One request over HTTP, with an end to everything: time, size, patience. Addresses and keys for it.
//!
//! Every request runs on a thread of its own, so that a cancelled job returns at once whatever the network does. Such a
//! thread is joined at the latest when its [`Client`] is dropped: its connection is shut down, so that only a name that
//! is being looked up or a connection that is being opened (5 s at most) can keep it. No redirect is followed: a key
//! would go where nobody typed it. Knows nothing of what is asked.
mod address;
mod keys;
mod private_file;
mod words;

pub use address::{Address, AddressError};
pub use keys::{ApiKey, ApiKeys, KeyFileError};
pub(crate) use private_file::{is_private, write_private};
pub(crate) use words::{one_line, without};

use crate::{CancelToken, Cancelled, while_waiting};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::{HeaderMap, HeaderValue, Method, Request};

/// How often a waiting job asks whether it was cancelled.
const POLL_EVERY: Duration = Duration::from_millis(20);
/// Longest that a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Threads that may be left behind before no new request is made.
const MAX_LEFT_BEHIND: usize = 8;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest {
    /// Whole address.
    pub url: String,
    /// `None` is a GET, else a POST of this.
    pub json: Option<Vec<u8>>,
    /// Name and value of the header a key goes in; it never prints.
    pub key: Option<(&'static str, HeaderValue)>,
    /// Largest body that is read.
    pub max_body_bytes: u64,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    /// 100..=599.
    pub status: u16,
    /// All of them.
    pub headers: HeaderMap,
    /// Whole, or why it is not.
    pub body: Result<Vec<u8>, HttpError>,
}

impl HttpAnswer {
    /// 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// 3xx.
    pub(crate) fn is_redirection(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// A header as text; `None` where it is missing or no ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpError {
    /// The owner changed its mind.
    Cancelled,
    /// Nothing, or not everything, within the time allowed.
    Timeout,
    /// Nobody listens at that port.
    Refused,
    /// No such name, no way there, no network.
    Unreachable,
    /// The certificate is not the host's, or nobody known has signed it.
    NotTrusted,
    /// Encryption was asked for and is not spoken there, or not in a way that we know.
    NoTls,
    /// The connection broke in the middle.
    Dropped,
    /// More than is read.
    TooLarge,
    /// Something that is no HTTP.
    NotHttp,
    /// Too many requests to hosts that do not answer are still being taken down.
    Busy,
}

impl From<Cancelled> for HttpError {
    fn from(_: Cancelled) -> Self {
        HttpError::Cancelled
    }
}

/// Asks, and looks after the threads it asks on. Several may ask at once.
#[derive(Debug, Default)]
pub(crate) struct Client {
    left_behind: Mutex<Vec<JoinHandle<()>>>,
}

impl Client {
    /// The answer, whatever its status. `meanwhile` is called every 20 ms while it is waited for.
    ///
    /// # Errors
    /// [`HttpError`]; `Cancelled` within 20 ms of being cancelled.
    pub(crate) fn send(
        &self,
        request: HttpRequest,
        deadline: Instant,
        cancel: &CancelToken,
        meanwhile: &dyn Fn(),
    ) -> Result<HttpAnswer, HttpError> {
        cancel.check()?;
        self.make_room()?;
        let agent = agent();
        let (sender, answer) = sync_channel(1);
        let asking = agent.clone();
        let thread = std::thread::Builder::new().name("continuo-http".to_owned()).spawn(move || {
            // Nobody listens any more if the owner gave up.
            sender.send(exchange(&asking, request)).ok();
        });
        let thread = thread.map_err(|_| HttpError::Busy)?;
        let answered = while_waiting(|| {
            loop {
                match answer.recv_timeout(POLL_EVERY) {
                    Ok(answered) => return answered,
                    Err(RecvTimeoutError::Disconnected) => return Err(HttpError::NotHttp),
                    Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => return Err(HttpError::Cancelled),
                    Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => return Err(HttpError::Timeout),
                    Err(RecvTimeoutError::Timeout) => meanwhile(),
                }
            }
        });
        agent.shutdown();
        self.left_behind.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        answered
    }

    /// Joins what has ended.
    fn make_room(&self) -> Result<(), HttpError> {
        let mut left_behind = self.left_behind.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that panicked has nothing left to clean up.
        let ended = left_behind.extract_if(.., |thread| thread.is_finished());
        ended.for_each(|thread| drop(thread.join()));
        if left_behind.len() < MAX_LEFT_BEHIND { Ok(()) } else { Err(HttpError::Busy) }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let left_behind = self.left_behind.get_mut().unwrap_or_else(PoisonError::into_inner);
        left_behind.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// Waits for `pause`, or until it is cancelled.
///
/// # Errors
/// [`Cancelled`] within 20 ms of it.
pub(crate) fn wait(pause: Duration, cancel: &CancelToken) -> Result<(), Cancelled> {
    let end = Instant::now() + pause;
    while_waiting(|| {
        loop {
            cancel.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(POLL_EVERY));
        }
    })
}

/// A key as the value of a header that never prints. `None` for a prefix that is no ASCII.
pub(crate) fn secret_header(prefix: &str, key: &ApiKey) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{prefix}{}", key.secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// No timeout for names: it would leave a thread behind that nobody joins.
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

fn exchange(agent: &Agent, request: HttpRequest) -> Result<HttpAnswer, HttpError> {
    let HttpRequest { url, json, key, max_body_bytes } = request;
    let method = if json.is_some() { Method::POST } else { Method::GET };
    let mut builder = Request::builder().method(method).uri(url);
    if let Some((name, value)) = key {
        builder = builder.header(name, value);
    }
    let response = match json {
        Some(json) => {
            let request = builder.header("content-type", "application/json").body(json);
            agent.run(request.map_err(|_| HttpError::Unreachable)?)
        }
        None => agent.run(builder.body(()).map_err(|_| HttpError::Unreachable)?),
    };
    let response = response.map_err(|error| failure(&error))?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let promised: Option<u64> = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
    let body = match promised {
        Some(promised) if promised > max_body_bytes => Err(HttpError::TooLarge),
        _ => {
            let body = response.into_body().into_with_config().limit(max_body_bytes).read_to_vec();
            body.map_err(|error| failure(&error))
        }
    };
    Ok(HttpAnswer { status, headers, body })
}

fn failure(error: &ureq::Error) -> HttpError {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::BadUri(_) => HttpError::Unreachable,
        ureq::Error::Timeout(_) => HttpError::Unreachable,
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => HttpError::TooLarge,
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => HttpError::NotTrusted,
        ureq::Error::Io(error) => failure_of_connection(error),
        _ => HttpError::NotHttp,
    }
}

fn failure_of_connection(error: &std::io::Error) -> HttpError {
    use std::io::ErrorKind::{
        AddrNotAvailable, ConnectionRefused, HostUnreachable, InvalidData, NetworkUnreachable, NotFound,
    };
    match error.kind() {
        // rustls wraps what it refuses in this kind; a certificate is named in its words.
        InvalidData if error.to_string().contains("certificate") => HttpError::NotTrusted,
        InvalidData => HttpError::NoTls,
        ConnectionRefused => HttpError::Refused,
        HostUnreachable | NetworkUnreachable | AddrNotAvailable | NotFound => HttpError::Unreachable,
        // A name that cannot be looked up has no kind of its own.
        _ if error.to_string().contains("lookup") => HttpError::Unreachable,
        _ => HttpError::Dropped,
    }
}

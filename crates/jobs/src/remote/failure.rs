//! Why a remote engine made nothing, in sentences that name it and what to do.
use crate::http::HttpError;

/// A remote engine made nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct RemoteError {
    /// Its name.
    pub engine: String,
    /// Its host and port.
    pub host: String,
    /// What went wrong.
    pub fault: RemoteFault,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are told by the sentences below")]
pub enum RemoteFault {
    /// The owner changed its mind.
    Cancelled,
    /// Nobody listens at the port.
    Refused,
    /// No such name, no way there.
    Unreachable,
    /// A certificate that nobody known has signed.
    NotTrusted,
    /// https where only http is spoken.
    NoTls,
    /// The connection broke.
    Dropped,
    /// No whole answer in time.
    Timeout { seconds: f64 },
    /// A body beyond what is read.
    TooLarge,
    /// Something that is no HTTP.
    NotHttp,
    /// Too many requests hang already.
    Busy,
    /// 3xx.
    Redirected { to: Option<String> },
    /// 401 or 403 without a key.
    KeyMissing,
    /// 401 or 403 with one.
    KeyRefused { words: Option<String> },
    /// KEY_EXPIRED.
    KeyExpired,
    /// CREDITS_EXHAUSTED.
    NoCredits { words: Option<String> },
    /// 400, 422.
    NotAccepted { words: Option<String> },
    /// 404, 405: nothing of what is spoken here.
    NotThere { status: u16 },
    /// 429.
    TooOften,
    /// 503.
    Overloaded { words: Option<String> },
    /// 500 and others.
    Failed { status: u16, words: Option<String> },
    /// ACE-Step says that the task came to nothing.
    TaskFailed { words: Option<String> },
    /// An error in place of audio, with a status that says all is well.
    SaidError { words: Option<String> },
    /// A web page.
    WebPage,
    /// No byte.
    Empty,
    /// Bytes that are no audio, or JSON of another shape.
    NotUnderstood,
    /// Audio that ends in the middle.
    CutOff,
    /// Audio that cannot be read.
    BadAudio { reason: String },
    /// Silence.
    Silent,
    /// Audio of which no loop can be made.
    NoLoop { reason: String },
    /// ACE-Step has forgotten the task.
    Lost,
    /// It answers, and nothing that is known speaks like that.
    UnknownKind,
    /// A prompt without words.
    NoPrompt { min_chars: usize },
}

impl RemoteFault {
    pub(crate) fn of(self, engine: &super::Engine) -> RemoteError {
        RemoteError { engine: engine.name.clone(), host: engine.address.host().to_owned(), fault: self }
    }

    /// Asking again in a while may help, and asks for nothing twice.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, RemoteFault::Refused | RemoteFault::Overloaded { .. } | RemoteFault::TooOften)
    }
}

impl RemoteError {
    fn sentence(&self) -> String {
        let RemoteError { engine, host, fault } = self;
        let who = format!("{engine} ({host})");
        match fault {
            RemoteFault::Cancelled => "cancelled".to_owned(),
            RemoteFault::Refused => format!("{who} does not answer: start the server, or correct its address"),
            RemoteFault::Unreachable => format!("{who} cannot be reached: check its address and the network"),
            RemoteFault::NotTrusted => format!(
                "{who} cannot prove that it is {host}: give it a certificate that the world trusts, or use http:// \
                 inside your own network"
            ),
            RemoteFault::NoTls => format!("{who} does not speak https: try its address with http://"),
            RemoteFault::Dropped => format!("{who} broke off its answer: see the server's own log, then try again"),
            RemoteFault::Timeout { seconds } => {
                format!("{who} was not done after {seconds} s: raise its timeout, or ask for fewer bars")
            }
            RemoteFault::TooLarge => {
                format!("{who} sends far more than the audio that was asked for: it was cut short")
            }
            RemoteFault::NotHttp => format!("{who} answers with something that is no HTTP: check its address and port"),
            RemoteFault::Busy => format!("{who} hangs, with several requests under way: try again in a moment"),
            RemoteFault::Redirected { to: Some(to) } => {
                format!("{who} points to {to}: if that is the right server, make it the engine's address")
            }
            RemoteFault::Redirected { to: None } => {
                format!("{who} points to another address: make the right one the engine's address")
            }
            RemoteFault::KeyMissing => {
                format!("{who} wants a key: put it into keys.toml or name its variable (api_key_env)")
            }
            RemoteFault::KeyRefused { words } => format!("{who} refuses the key{}: check it", said(words)),
            RemoteFault::KeyExpired => format!("the key for {who} has expired: get a new one"),
            RemoteFault::NoCredits { words } => {
                format!("there are no credits left at {who}{}: top up, or choose another engine", said(words))
            }
            RemoteFault::NotAccepted { words } => {
                format!("{who} does not accept this request{}: change the prompt or the length", said(words))
            }
            RemoteFault::NotThere { status } => {
                format!("{who} has nothing there ({status}): check its address and its kind")
            }
            RemoteFault::TooOften => format!("{who} was asked too often: try again in a while"),
            RemoteFault::Overloaded { words } => {
                format!("{who} has no room right now{}: try again in a while", said(words))
            }
            RemoteFault::Failed { status, words } => {
                format!("{who} failed with {status}{}: see the server's own log, then try again", said(words))
            }
            RemoteFault::TaskFailed { words } => {
                format!("{who} failed with its task{}: see the server's own log, then try again", said(words))
            }
            RemoteFault::SaidError { words } => {
                format!("{who} sent an error in place of audio{}: see the server's own log", said(words))
            }
            RemoteFault::WebPage => {
                format!("{who} sent a web page in place of audio: check its address, something else answers there")
            }
            RemoteFault::Empty => format!("{who} sent nothing: see the server's own log, then try again"),
            RemoteFault::NotUnderstood => {
                format!("{who} sent something that is not understood: check its address and its kind")
            }
            RemoteFault::CutOff => format!("{who} sent audio that ends in the middle: try again"),
            RemoteFault::BadAudio { reason } => format!("{who} sent audio that cannot be read ({reason})"),
            RemoteFault::Silent => {
                format!("{who} sent silence, which is what it does when its model fails: see its log, then try again")
            }
            RemoteFault::NoLoop { reason } => format!("no loop can be made of what {who} sent: {reason}"),
            RemoteFault::Lost => format!("{who} has forgotten the task, it was restarted perhaps: try again"),
            RemoteFault::UnknownKind => {
                format!(
                    "{who} answers, but is neither DJ-IA, OBSIDIAN nor ACE-Step: check its address, or set its kind"
                )
            }
            RemoteFault::NoPrompt { min_chars } => {
                format!("{who} needs a prompt of {min_chars} characters at least: write one")
            }
        }
    }
}

fn said(words: &Option<String>) -> String {
    words.as_ref().map_or_else(String::new, |words| format!(" (\"{words}\")"))
}

impl From<HttpError> for RemoteFault {
    /// A timeout is told with its seconds by whoever set it.
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Cancelled => RemoteFault::Cancelled,
            HttpError::Timeout => RemoteFault::Timeout { seconds: 0.0 },
            HttpError::Refused => RemoteFault::Refused,
            HttpError::Unreachable => RemoteFault::Unreachable,
            HttpError::NotTrusted => RemoteFault::NotTrusted,
            HttpError::NoTls => RemoteFault::NoTls,
            HttpError::Dropped => RemoteFault::Dropped,
            HttpError::TooLarge => RemoteFault::TooLarge,
            HttpError::NotHttp => RemoteFault::NotHttp,
            HttpError::Busy => RemoteFault::Busy,
        }
    }
}

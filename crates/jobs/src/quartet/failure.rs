//! Why a model wrote no section, and what people are told.
use std::time::Duration;

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AskError {
    /// The owner changed its mind.
    Cancelled,
    /// Nothing within the time allowed.
    Timeout,
    /// No such host, nobody listens there, no network.
    Unreachable,
    /// The certificate is not the host's, or nobody known has signed it.
    NotTrusted,
    /// The connection broke in the middle.
    Dropped,
    /// More than is read.
    TooLarge,
    /// Another address is named instead.
    Redirected,
    /// 401 or 403.
    KeyRefused {
        /// A key was sent.
        has_key: bool,
    },
    /// 429.
    TooOften {
        /// What the server asks for.
        retry_after_s: Option<u64>,
    },
    /// Any other status.
    Status {
        /// HTTP status.
        code: u16,
        /// What the server says about it.
        words: Option<String>,
    },
    /// Something that is no chat completion: a web page, say.
    NotChat,
    /// The model says it will not.
    Declined,
    /// No words at all.
    Empty,
    /// Words that are no music.
    NoMusic,
}

impl AskError {
    /// How long to wait before asking once more; `None` where that would not help.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            AskError::Dropped | AskError::Status { code: 500..=599, .. } => Some(Duration::from_millis(200)),
            AskError::TooOften { retry_after_s } => Some(Duration::from_secs(retry_after_s.unwrap_or(1))),
            _ => None,
        }
    }

    /// One sentence without its full stop. `host` is who was asked.
    pub(super) fn sentence(&self, host: &str, timeout: Duration) -> String {
        match self {
            AskError::Cancelled => "Cancelled".to_owned(),
            AskError::Timeout => format!("{host} did not answer within {} s", timeout.as_secs_f64()),
            AskError::Unreachable => format!("{host} cannot be reached"),
            AskError::NotTrusted => format!("{host} cannot prove that it is {host}"),
            AskError::Dropped => format!("{host} broke off its answer"),
            AskError::TooLarge => format!("{host} answered with more than 1 MiB"),
            AskError::Redirected => format!("{host} points to another address; set that one"),
            AskError::KeyRefused { has_key: true } => format!("{host} refuses the key"),
            AskError::KeyRefused { has_key: false } => format!("{host} wants a key (keys.toml or the environment)"),
            AskError::TooOften { .. } => format!("{host} was asked too often"),
            AskError::Status { code, words: Some(words) } => format!("{host} failed with {code} ({words})"),
            AskError::Status { code, words: None } => format!("{host} failed with {code}"),
            AskError::NotChat => format!("{host} answered with something that is no chat completion"),
            AskError::Declined => format!("The model at {host} declined"),
            AskError::Empty => format!("The model at {host} said nothing"),
            AskError::NoMusic => format!("The model at {host} wrote no music"),
        }
    }
}

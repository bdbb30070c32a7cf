//! One question to a language model.
use super::{AskError, Endpoint, reply};
use crate::CancelToken;
use crate::http::{ApiKey, Client, HttpAnswer, HttpError, HttpRequest, secret_header};
use serde_json::json;
use std::time::Instant;

/// Largest answer that is read: some hundred times a good one.
const MAX_BODY_BYTES: u64 = 1 << 20;

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

impl Question<'_> {
    /// The model's words.
    ///
    /// # Errors
    /// [`AskError`]; `Cancelled` within 20 ms of being cancelled.
    pub(super) fn ask(&self, client: &Client, deadline: Instant, cancel: &CancelToken) -> Result<String, AskError> {
        let answer = client.send(self.request()?, deadline, cancel, &|| {})?;
        words_of(answer, self.key.map(ApiKey::secret))
    }

    fn request(&self) -> Result<HttpRequest, AskError> {
        let body = json!({
            "model": self.model,
            "messages": [
                { "role": "system", "content": self.system },
                { "role": "user", "content": self.user },
            ],
            "temperature": rounded(self.temperature),
            "top_p": rounded(self.top_p),
            "max_tokens": self.max_tokens,
            "seed": self.seed,
        });
        let key = match self.key {
            Some(key) => Some(("authorization", secret_header("Bearer ", key).ok_or(AskError::Unreachable)?)),
            None => None,
        };
        Ok(HttpRequest {
            url: self.endpoint.url(),
            json: Some(body.to_string().into_bytes()),
            key,
            max_body_bytes: MAX_BODY_BYTES,
        })
    }
}

/// 1.05, not 1.0499999523162842.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1000.0).round() / 1000.0
}

fn words_of(answer: HttpAnswer, secret: Option<&str>) -> Result<String, AskError> {
    if answer.is_success() {
        return reply::text(&answer.body?);
    }
    let retry_after_s = answer.header("retry-after").and_then(|value| value.parse().ok());
    let words = || answer.body.as_ref().ok().and_then(|body| reply::error_words(body, secret));
    Err(match answer.status {
        401 | 403 => AskError::KeyRefused { has_key: secret.is_some() },
        429 => AskError::TooOften { retry_after_s },
        _ if answer.is_redirection() => AskError::Redirected,
        code => AskError::Status { code, words: words() },
    })
}

impl From<HttpError> for AskError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Cancelled => AskError::Cancelled,
            HttpError::Timeout | HttpError::Busy => AskError::Timeout,
            HttpError::Refused | HttpError::Unreachable => AskError::Unreachable,
            HttpError::NotTrusted | HttpError::NoTls => AskError::NotTrusted,
            HttpError::Dropped => AskError::Dropped,
            HttpError::TooLarge => AskError::TooLarge,
            HttpError::NotHttp => AskError::NotChat,
        }
    }
}

//! Where a language model listens.
use ureq::http::Uri;

/// Longest address that is read, in bytes.
const MAX_ADDRESS_BYTES: usize = 2000;

/// An address that cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No `http://host/...` or `https://host/...`.
    #[error("the model's address must look like http://localhost:11434/v1 or https://api.groq.com/openai/v1")]
    NotAnAddress,
    /// A name or password in the address would end up in projects and messages.
    #[error("the model's address must not hold a name or password: keys belong into keys.toml or the environment")]
    HoldsSecret,
}

/// An OpenAI-compatible server: what stands before `/chat/completions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// With `/chat/completions` at its end.
    url: String,
    /// Lower-case host, with the port where the address names one.
    host: String,
    is_https: bool,
    is_loopback: bool,
}

impl Endpoint {
    /// Reads a base address as people type it; a slash or `/chat/completions` at the end is fine.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(base_url: &str) -> Result<Self, EndpointError> {
        let base = base_url.trim().trim_end_matches('/');
        let base = base.strip_suffix("/chat/completions").unwrap_or(base).trim_end_matches('/');
        if base.len() > MAX_ADDRESS_BYTES {
            return Err(EndpointError::NotAnAddress);
        }
        let uri: Uri = base.parse().map_err(|_| EndpointError::NotAnAddress)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(EndpointError::NotAnAddress);
        };
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(EndpointError::HoldsSecret);
        }
        let is_https = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(EndpointError::NotAnAddress),
        };
        let name = authority.host().to_ascii_lowercase();
        if name.is_empty() {
            return Err(EndpointError::NotAnAddress);
        }
        Ok(Self {
            url: format!("{base}/chat/completions"),
            host: authority.as_str().to_ascii_lowercase(),
            is_https,
            is_loopback: is_loopback(&name),
        })
    }

    /// Host and port, for messages and as the name of its key.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Nobody on the way can read what is sent.
    pub(super) fn is_private(&self) -> bool {
        self.is_https || self.is_loopback
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_type_them() {
        for (typed, url, host) in [
            ("http://localhost:11434/v1", "http://localhost:11434/v1/chat/completions", "localhost:11434"),
            (" https://API.groq.com/openai/v1/ ", "https://API.groq.com/openai/v1/chat/completions", "api.groq.com"),
            ("http://[::1]:8080/v1/chat/completions", "http://[::1]:8080/v1/chat/completions", "[::1]:8080"),
        ] {
            let endpoint = Endpoint::parse(typed).unwrap();
            assert_eq!((endpoint.url(), endpoint.host(), endpoint.is_private()), (url, host, true), "{typed}");
        }
        assert!(!Endpoint::parse("http://192.168.1.7:8080/v1").unwrap().is_private());
        assert!(!Endpoint::parse("http://localhost.example.com/v1").unwrap().is_loopback());
    }

    #[test]
    fn what_is_no_address_and_what_holds_a_secret_is_refused() {
        for bad in ["", "localhost:11434", "ftp://host/v1", "http://", "http:///v1", "not an address", "file:///etc"] {
            assert_eq!(Endpoint::parse(bad), Err(EndpointError::NotAnAddress), "{bad}");
        }
        for secret in ["http://me:secret@host/v1", "https://host/v1?key=secret"] {
            assert_eq!(Endpoint::parse(secret), Err(EndpointError::HoldsSecret));
            assert!(!EndpointError::HoldsSecret.to_string().contains("secret@"));
        }
    }
}

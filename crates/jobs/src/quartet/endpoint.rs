//! Where a language model listens.
use crate::http::{Address, AddressError};

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

impl From<AddressError> for EndpointError {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::NotAnAddress => EndpointError::NotAnAddress,
            AddressError::HoldsSecret => EndpointError::HoldsSecret,
        }
    }
}

/// An OpenAI-compatible server: what stands before `/chat/completions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    address: Address,
}

impl Endpoint {
    /// Reads a base address as people type it; a slash or `/chat/completions` at the end is fine.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(base_url: &str) -> Result<Self, EndpointError> {
        let base = base_url.trim().trim_end_matches('/');
        let base = base.strip_suffix("/chat/completions").unwrap_or(base);
        Ok(Self { address: Address::parse(base)? })
    }

    /// Host and port, for messages and as the name of its key.
    pub fn host(&self) -> &str {
        self.address.host()
    }

    pub(super) fn url(&self) -> String {
        format!("{}/chat/completions", self.address.base())
    }
}

/// What keys are looked up by.
impl AsRef<Address> for Endpoint {
    fn as_ref(&self) -> &Address {
        &self.address
    }
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
            assert_eq!((endpoint.url().as_str(), endpoint.host()), (url, host), "{typed}");
            assert!(endpoint.as_ref().is_private());
        }
        assert!(!Endpoint::parse("http://192.168.1.7:8080/v1").unwrap().as_ref().is_private());
        assert!(!Endpoint::parse("http://localhost.example.com/v1").unwrap().as_ref().is_loopback());
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

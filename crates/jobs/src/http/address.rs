//! An address as people type it, and whether a secret may go there.
use ureq::http::Uri;

/// Longest address that is read, in bytes.
const MAX_ADDRESS_BYTES: usize = 2000;

/// An address that cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `http://host/...` or `https://host/...`.
    #[error("an address must look like http://localhost:8000 or https://example.org")]
    NotAnAddress,
    /// A name or password in the address would end up in settings and messages.
    #[error("an address must not hold a name, a password or a query: keys belong into keys.toml or the environment")]
    HoldsSecret,
}

/// Scheme, host and path, without a slash at the end and without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    base: String,
    /// Lower-case host, with the port where the address names one.
    host: String,
    is_https: bool,
    is_loopback: bool,
}

impl Address {
    /// Reads an address; blanks around it and slashes at its end are fine.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let base = text.trim().trim_end_matches('/');
        if base.len() > MAX_ADDRESS_BYTES {
            return Err(AddressError::NotAnAddress);
        }
        let uri: Uri = base.parse().map_err(|_| AddressError::NotAnAddress)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(AddressError::NotAnAddress);
        };
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(AddressError::HoldsSecret);
        }
        let is_https = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(AddressError::NotAnAddress),
        };
        let name = authority.host().to_ascii_lowercase();
        if name.is_empty() {
            return Err(AddressError::NotAnAddress);
        }
        let host = authority.as_str().to_ascii_lowercase();
        Ok(Self { base: base.to_owned(), host, is_https, is_loopback: is_loopback(&name) })
    }

    /// As it was typed, without slashes at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Host and port, for messages and as the name of its key.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Nobody on the way can read what is sent.
    pub fn is_private(&self) -> bool {
        self.is_https || self.is_loopback
    }

    /// Encrypted.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// This machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl AsRef<Address> for Address {
    fn as_ref(&self) -> &Address {
        self
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
        for (typed, base, host, is_private) in [
            ("http://localhost:8000", "http://localhost:8000", "localhost:8000", true),
            (" https://API.example.org/api/v1// ", "https://API.example.org/api/v1", "api.example.org", true),
            ("http://[::1]:8080/", "http://[::1]:8080", "[::1]:8080", true),
            ("http://192.168.1.7:8000", "http://192.168.1.7:8000", "192.168.1.7:8000", false),
        ] {
            let address = Address::parse(typed).unwrap();
            assert_eq!((address.base(), address.host(), address.is_private()), (base, host, is_private), "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_or_holds_a_secret_is_refused() {
        let long = format!("http://{}", "x".repeat(3000));
        for typed in ["", "localhost:8000", "ftp://host", "http://", "http:///path", "http://a b", &long] {
            assert_eq!(Address::parse(typed), Err(AddressError::NotAnAddress), "{typed:.30}");
        }
        for typed in ["https://me:pass@host/v1", "https://host/v1?key=sk-1"] {
            assert_eq!(Address::parse(typed), Err(AddressError::HoldsSecret), "{typed}");
        }
    }
}

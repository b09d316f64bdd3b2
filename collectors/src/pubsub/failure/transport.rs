//! What the HTTP client's errors mean; it hides the reason several errors deep.

use std::error::Error;
use std::io;

use super::{Failure, shortened};

impl Failure {
    /// `place` is the address that was asked.
    pub fn of_transport(error: &reqwest::Error, place: &str) -> Failure {
        let place = place.to_string();
        if error.is_timeout() {
            return Failure::TimedOut(place);
        }
        let mut text = String::new();
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(now) = cause {
            text = now.to_string();
            if let Some(failure) = of_tls(now, &place).or_else(|| of_io(now, &place)) {
                return failure;
            }
            if text.starts_with("dns error") {
                return Failure::Lookup(place);
            }
            if text.contains("closed before message completed") || text.contains("unexpected EOF") {
                return Failure::Broken(place);
            }
            if text.starts_with("invalid HTTP") || text.contains("parsed") || text.contains("unexpected message") {
                return Failure::NotGoogle(place, "it is not HTTP".into());
            }
            cause = now.source();
        }
        if error.is_body() || error.is_decode() {
            return Failure::Broken(place);
        }
        Failure::Unreachable(place, shortened(text.trim_end_matches('.')))
    }
}

/// An I/O error may wrap the TLS library's, also several times over, and hides it from the chain of causes.
fn of_io(error: &(dyn Error + 'static), place: &str) -> Option<Failure> {
    use io::ErrorKind::*;
    let error = error.downcast_ref::<io::Error>()?;
    if let Some(inner) = error.get_ref() {
        let inner: &(dyn Error + 'static) = inner;
        if let Some(failure) = of_tls(inner, place).or_else(|| of_io(inner, place)) {
            return Some(failure);
        }
    }
    let place = place.to_string();
    match error.kind() {
        ConnectionRefused => Some(Failure::Refused(place)),
        TimedOut => Some(Failure::TimedOut(place)),
        ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => Some(Failure::Broken(place)),
        HostUnreachable | NetworkUnreachable | AddrNotAvailable => Some(Failure::Unreachable(place, error.to_string())),
        _ => None,
    }
}

fn of_tls(error: &(dyn Error + 'static), place: &str) -> Option<Failure> {
    use rustls::{CertificateError, Error as Tls};
    let why = match error.downcast_ref::<Tls>()? {
        Tls::InvalidMessage(_) => "it does not speak TLS".into(),
        Tls::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate was signed by an authority that is not known here".into()
        }
        Tls::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "its certificate is not valid yet; compare the clocks".into()
        }
        Tls::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired, or this machine's clock is ahead".into()
        }
        other => shortened(&other.to_string()),
    };
    Some(Failure::Tls(place.to_string(), why))
}

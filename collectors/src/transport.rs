//! What went wrong between here and an HTTP server before it gave an answer, found in the HTTP client's error.

use std::error::Error;
use std::io;

use reqwest::{RequestBuilder, Response};

use crate::certificate;
use crate::excerpt::shortened;

/// The reason, to be said after the server's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Transport {
    #[error("cannot be looked up")]
    Lookup,
    #[error("refused the connection: nothing listens there")]
    Refused,
    #[error("could not be reached: {0}")]
    Unreachable(String),
    #[error("did not answer in time")]
    TimedOut,
    /// TLS was tried, and something else answered.
    #[error("does not speak TLS")]
    NoTls,
    #[error("shows a certificate that is not accepted: {0}")]
    Certificate(String),
    #[error("failed the TLS handshake: {0}")]
    Handshake(String),
    /// It wants to know the client by a certificate.
    #[error("ended the TLS handshake: {0}")]
    ClientCertificate(&'static str),
    /// Plain HTTP was tried, and something else answered.
    #[error("answers, but not in HTTP")]
    NoHttp,
    #[error("closed the connection in the middle of its answer")]
    Broken,
}

/// How often a question is sent anew that never left.
const SENT_ANEW: usize = 5;

/// Sends a question that only reads.
///
/// With TLS 1.3 a server refuses a client's certificate after the handshake. When its refusal arrives before the question
/// was sent, the HTTP library says only that the connection was not ready, which hides the reason: so it is sent anew.
pub async fn send(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    for _ in 0..SENT_ANEW {
        let Some(copy) = request.try_clone() else { break };
        match copy.send().await {
            Err(error) if never_left(&error) => {}
            answer => return answer,
        }
    }
    request.send().await
}

fn never_left(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(now) = cause {
        if now.to_string().contains("connection was not ready") {
            return true;
        }
        cause = now.source();
    }
    false
}

impl Transport {
    /// The HTTP client hides the reason several errors deep.
    pub fn of(error: &reqwest::Error, tls: bool) -> Transport {
        if error.is_timeout() {
            return Transport::TimedOut;
        }
        let mut text = String::new();
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(now) = cause {
            text = now.to_string();
            if let Some(reason) = of_tls(now).or_else(|| of_io(now)) {
                return reason;
            }
            if text.starts_with("dns error") {
                return Transport::Lookup;
            }
            if text.contains("closed before message completed") || text.contains("unexpected EOF") {
                return Transport::Broken;
            }
            // The HTTP library's words for bytes that are no HTTP answer, and for a server that speaks first.
            if text.starts_with("invalid HTTP") || text.contains("parsed") || text.contains("unexpected message") {
                return match tls {
                    true => Transport::Handshake(text),
                    false => Transport::NoHttp,
                };
            }
            cause = now.source();
        }
        if error.is_body() || error.is_decode() {
            return Transport::Broken;
        }
        Transport::Unreachable(text.trim_end_matches('.').to_string())
    }
}

/// An I/O error may wrap the TLS library's, also several times over, and hides it from the chain of causes.
fn of_io(error: &(dyn Error + 'static)) -> Option<Transport> {
    use io::ErrorKind::*;
    let error = error.downcast_ref::<io::Error>()?;
    if let Some(inner) = error.get_ref() {
        let inner: &(dyn Error + 'static) = inner;
        if let Some(reason) = of_tls(inner).or_else(|| of_io(inner)) {
            return Some(reason);
        }
    }
    match error.kind() {
        ConnectionRefused => Some(Transport::Refused),
        TimedOut => Some(Transport::TimedOut),
        ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => Some(Transport::Broken),
        HostUnreachable | NetworkUnreachable | AddrNotAvailable => Some(Transport::Unreachable(error.to_string())),
        _ => None,
    }
}

fn of_tls(error: &(dyn Error + 'static)) -> Option<Transport> {
    use rustls::Error as Tls;
    Some(match error.downcast_ref::<Tls>()? {
        // What a server that speaks no TLS answers looks like a corrupt record.
        Tls::InvalidMessage(_) => Transport::NoTls,
        Tls::InvalidCertificate(why) => Transport::Certificate(shortened(&certificate::objection(why))),
        Tls::AlertReceived(alert) => match certificate::refusal(*alert) {
            Some(why) => Transport::ClientCertificate(why),
            None => Transport::Handshake(format!("it says {alert:?}")),
        },
        other => Transport::Handshake(shortened(&other.to_string())),
    })
}

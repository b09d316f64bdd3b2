//! Why a cluster could not be reached, from what librdkafka reported while it tried: pure.
//!
//! Librdkafka's calls only time out; the reason is in its log lines, one per broker and attempt. Of several
//! reasons the one of the connection that came furthest counts: a wrong password says more than a second address
//! that nobody listens on.

use super::config::Config;
use super::ffi::Happening;
use super::wire::Trouble;
use crate::collector::CollectError;

/// What a log line means. Later ones come further along the way to a working connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    NameLookup,
    Refused,
    Unreachable,
    ConnectTimeout,
    Closed,
    /// TLS was spoken to a listener that does not.
    PlaintextListener,
    TlsRefused,
    CertificateName,
    CertificateUntrusted,
    CertificateExpired,
    /// The listener wants something else: TLS, a login, or it is no Kafka at all.
    WrongProtocol,
    NotKafka,
    Mechanism,
    Login,
}

/// The cause in one of librdkafka's lines, if it tells one.
pub fn cause(line: &str) -> Option<Cause> {
    let line = line.to_ascii_lowercase();
    // The order is from the special to the general: several lines hold more than one of these.
    const SIGNS: &[(&str, Cause)] = &[
        ("unsupported sasl mechanism", Cause::Mechanism),
        ("mechanism handshake failed", Cause::Mechanism),
        ("sasl authentication error", Cause::Login),
        ("authentication failed", Cause::Login),
        ("connecting to a plaintext broker listener", Cause::PlaintextListener),
        ("wrong version number", Cause::PlaintextListener),
        ("certificate has expired", Cause::CertificateExpired),
        ("hostname mismatch", Cause::CertificateName),
        ("ip address mismatch", Cause::CertificateName),
        ("certificate verify failed", Cause::CertificateUntrusted),
        ("ssl handshake failed", Cause::TlsRefused),
        ("ssl alert", Cause::TlsRefused),
        ("connecting to a ssl listener", Cause::WrongProtocol),
        ("incorrect security.protocol", Cause::WrongProtocol),
        ("connection on sasl listener", Cause::WrongProtocol),
        ("invalid message size", Cause::NotKafka),
        ("invalid response size", Cause::NotKafka),
        ("correlationid", Cause::NotKafka),
        ("protocol parse failure", Cause::NotKafka),
        ("failed to resolve", Cause::NameLookup),
        ("connection refused", Cause::Refused),
        ("no route to host", Cause::Unreachable),
        ("network is unreachable", Cause::Unreachable),
        ("connection setup timed out", Cause::ConnectTimeout),
        ("connection timed out", Cause::ConnectTimeout),
        ("disconnected", Cause::Closed),
        ("receive failed", Cause::Closed),
        ("connection reset", Cause::Closed),
    ];
    SIGNS
        .iter()
        .find(|(sign, _)| line.contains(sign))
        .map(|(_, cause)| *cause)
}

/// The furthest cause among the lines, with its line.
pub fn furthest(happenings: &[Happening]) -> Option<(Cause, &str)> {
    happenings
        .iter()
        .filter_map(|happening| match happening {
            Happening::Log { text, .. } | Happening::Error { text, .. } => Some((cause(text)?, text.as_str())),
            Happening::Statistics(_) => None,
        })
        .max_by_key(|(cause, _)| *cause)
}

/// The error of a visit that learnt nothing.
pub fn explain(happenings: &[Happening], config: &Config, trouble: &Trouble) -> CollectError {
    match furthest(happenings) {
        Some((cause, line)) => told(cause, line, config),
        None => CollectError::TimedOut {
            detail: format!("No broker answered: {}.", trouble.text),
            remedy: "Check that the bootstrap servers are Kafka brokers and that nothing between drops the packets."
                .into(),
        },
    }
}

/// A cause in words, with what to do about it.
pub fn told(cause: Cause, line: &str, config: &Config) -> CollectError {
    let address = address(line).unwrap_or_else(|| "The broker".into());
    let protocol = config.security_protocol();
    let mechanism = config.sasl.as_ref().map_or("none", |sasl| sasl.mechanism.name());
    let unreachable = |what: &str, remedy: &str| CollectError::Unreachable {
        detail: format!("{address} {what}."),
        remedy: remedy.into(),
    };
    let tls = |what: &str, remedy: &str| CollectError::Tls {
        detail: format!("{address} {what}."),
        remedy: remedy.into(),
    };
    match cause {
        Cause::NameLookup => unreachable(
            "has a name that cannot be looked up",
            "Check the spelling, and that the machine that runs Brokerscope can look the name up.",
        ),
        Cause::Refused => unreachable(
            "refused the connection: nothing listens there",
            "Check the address and the port, and that the broker runs.",
        ),
        Cause::Unreachable => unreachable(
            "cannot be reached over the network",
            "Check routes and firewalls between Brokerscope and the broker.",
        ),
        Cause::ConnectTimeout => unreachable(
            "did not answer the attempt to connect",
            "A firewall may drop the packets, or the broker is overloaded; with SASL or TLS, check the protocol too.",
        ),
        Cause::Closed => unreachable(
            "closed the connection",
            "Check that the port is a Kafka listener and that its security protocol is the configured one.",
        ),
        Cause::PlaintextListener => tls(
            "does not speak TLS on this port",
            "Use the port of a TLS listener, or choose a security setting without TLS.",
        ),
        Cause::TlsRefused => tls(
            &format!("broke off the TLS handshake{}", reason(line)),
            "If the listener asks for client certificates, configure certificate and key; otherwise see the broker's log.",
        ),
        Cause::CertificateName => tls(
            "has a certificate for another name",
            "Connect by a name that is in the certificate, or have one issued for this name.",
        ),
        Cause::CertificateUntrusted => tls(
            "has a certificate that no trusted authority signed",
            "Paste the authority that signed it into the certificate authority field.",
        ),
        Cause::CertificateExpired => tls("has a certificate that has expired", "Renew the broker's certificate."),
        Cause::WrongProtocol => CollectError::Unreachable {
            detail: format!("{address} closed the connection at the first {protocol} request."),
            remedy: "The listener probably wants TLS or a login: choose the security setting that it has.".into(),
        },
        Cause::NotKafka => CollectError::NotThisSystem {
            detail: format!("{address} answers, but not as Kafka does."),
            remedy: "Check the port: it may belong to another service, such as an HTTP server.".into(),
        },
        Cause::Mechanism => CollectError::Login {
            detail: format!(
                "{address} does not offer the login mechanism {mechanism}{}.",
                offered(line)
            ),
            remedy: "Choose one of the mechanisms that the listener has enabled.".into(),
        },
        Cause::Login => CollectError::Login {
            detail: format!("{address} refused the login with {mechanism}."),
            remedy: "Check user and password, and that the user exists for this mechanism.".into(),
        },
    }
}

/// The host and port in a line: librdkafka writes `sasl_ssl://host:port/bootstrap: …`, in its own errors behind the
/// thread's name.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("://")?;
    let end = rest.find(['/', ']', ' ']).unwrap_or(rest.len());
    // An IPv6 address has brackets of its own.
    let end = match rest.strip_prefix('[') {
        Some(inner) => inner
            .find(']')
            .map(|at| at + 2 + inner[at + 1..].find(['/', ']', ' ', ':']).unwrap_or(0))?,
        None => end,
    };
    let address = rest.get(..end)?.trim_end_matches(':');
    (!address.is_empty()).then(|| address.to_string())
}

/// ": <the library's reason>" from the end of a TLS line.
fn reason(line: &str) -> String {
    let text = line.split("handshake failed: ").nth(1).unwrap_or_default();
    // OpenSSL's codes in front say nothing to people.
    let words = text.rsplit("::").next().unwrap_or_default();
    let words = words
        .split(" (after")
        .next()
        .unwrap_or_default()
        .trim_matches([':', ' ']);
    if words.is_empty() {
        String::new()
    } else {
        format!(": {words}")
    }
}

/// "; it offers …" from the line about the mechanism.
fn offered(line: &str) -> String {
    let list = line.split("supported mechanisms: ").nth(1).unwrap_or_default();
    let list = list.split(" (after").next().unwrap_or_default().trim();
    if list.is_empty() {
        String::new()
    } else {
        format!("; it offers {list}")
    }
}

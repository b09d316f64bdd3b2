//! Why a cluster could not be reached, from what librdkafka reported while it tried: pure.
//!
//! Librdkafka's calls only time out; the reason is in its log lines, one per broker and attempt. Of several
//! reasons the one of the connection that came furthest counts: a wrong password says more than a second address
//! that nobody listens on.

use super::config::{Address, Config};
use super::happening::Happening;
use super::wire::Trouble;
use crate::certificate;
use crate::collector::CollectError;

/// What a log line means. Later ones come further along the way to a working connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    NameLookup,
    Refused,
    Unroutable,
    ConnectTimeout,
    /// Closed at some other time than those below.
    Closed,
    /// TLS was spoken to a listener that does not.
    NoTls,
    TlsRefused,
    /// Librdkafka does not say whether the authority, the name or the date is wrong.
    Certificate,
    /// The connection was accepted and the first request closed it: the listener wants TLS, or is no Kafka.
    ClosedAtOnce,
    /// The same one request later, which is how a listener that wants a login ends one that has none.
    ClosedWithoutLogin,
    /// The first request got no answer at all.
    Mute,
    NotKafka,
    /// A login was tried on a listener that has none.
    NoLogin,
    Mechanism,
    Login,
}

/// The cause in one of librdkafka's lines, if it tells one.
pub fn cause(line: &str) -> Option<Cause> {
    let line = line.to_ascii_lowercase();
    // From the special to the general: several lines hold more than one of these.
    const SIGNS: &[(&str, Cause)] = &[
        ("request not valid in current sasl state", Cause::NoLogin),
        ("unsupported sasl mechanism", Cause::Mechanism),
        ("mechanism handshake failed", Cause::Mechanism),
        ("sasl authentication error", Cause::Login),
        ("authentication failed", Cause::Login),
        ("connecting to a plaintext broker listener", Cause::NoTls),
        ("wrong version number", Cause::NoTls),
        ("certificate verify failed", Cause::Certificate),
        ("ssl alert", Cause::TlsRefused),
        ("ssl handshake failed", Cause::TlsRefused),
        ("invalid message size", Cause::NotKafka),
        ("invalid response size", Cause::NotKafka),
        ("protocol parse failure", Cause::NotKafka),
        ("apiversionrequest failed: local: timed out", Cause::Mute),
        ("failed to resolve", Cause::NameLookup),
        ("connection refused", Cause::Refused),
        ("no route to host", Cause::Unroutable),
        ("network is unreachable", Cause::Unroutable),
        ("timed out in state connect ", Cause::ConnectTimeout),
        ("timed out in state apiversion_query", Cause::Mute),
        ("connection timed out", Cause::ConnectTimeout),
        ("connection setup timed out", Cause::Mute),
    ];
    if let Some((_, cause)) = SIGNS.iter().find(|(sign, _)| line.contains(sign)) {
        return Some(*cause);
    }
    let closed = ["disconnected", "connection reset", "receive failed"];
    if !closed.iter().any(|sign| line.contains(sign)) {
        return None;
    }
    Some(if line.contains("in state apiversion_query") {
        Cause::ClosedAtOnce
    } else if line.contains("in state up") {
        Cause::ClosedWithoutLogin
    } else {
        Cause::Closed
    })
}

/// The furthest cause among what was reported, with its line.
pub fn furthest(happenings: &[Happening]) -> Option<(Cause, &str)> {
    happenings
        .iter()
        .filter_map(|happening| match happening {
            Happening::Log { text, .. } | Happening::Error { text, .. } => Some((cause(text)?, text.as_str())),
            Happening::Statistics(_) => None,
        })
        .max_by_key(|(cause, _)| *cause)
}

/// The error of a visit that learnt nothing. `met` tells that a visit with these settings has got an answer before.
pub fn explain(happenings: &[Happening], config: &Config, trouble: &Trouble, met: bool) -> CollectError {
    match furthest(happenings) {
        // A listener that has answered before wants neither TLS nor a login: the broker has gone away.
        Some((Cause::ClosedAtOnce | Cause::ClosedWithoutLogin, line)) if met => told(Cause::Closed, line, config),
        Some((cause, line)) => told(cause, line, config),
        None => CollectError::TimedOut {
            detail: format!("No broker answered in time ({}).", trouble.text),
            remedy: "Check that the bootstrap servers are Kafka brokers and that nothing between drops the packets."
                .into(),
        },
    }
}

/// Where the broker is whose certificate was the furthest that a connection came to.
pub fn distrusted(happenings: &[Happening]) -> Option<Address> {
    let (cause, line) = furthest(happenings)?;
    let (host, port) = address(line)?.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']).to_string();
    let port = port.parse().ok()?;
    (cause == Cause::Certificate).then_some(Address { host, port })
}

/// [`Cause::Certificate`] once it is known what is wrong with it.
pub fn not_accepted(address: &Address, objection: &str) -> CollectError {
    CollectError::Tls {
        detail: format!("The certificate of {address} is not accepted: {objection}."),
        remedy: remedy(Cause::Certificate).to_string(),
    }
}

/// Librdkafka's objection to the settings, made before anything is sent: `key: where in OpenSSL::what`.
pub fn refused(reason: &str) -> CollectError {
    let what = match (reason.split_once([':', ' ']), reason.rsplit_once("::")) {
        (Some((key, _)), Some((_, words))) => format!("{key}: {words}"),
        _ => reason.to_string(),
    };
    CollectError::Settings {
        detail: format!("The Kafka client cannot use the settings: {what}."),
        remedy: "Check certificate, key and key password: they must be PEM and fit each other.".into(),
    }
}

/// A cause in words, with what to do about it.
pub fn told(cause: Cause, line: &str, config: &Config) -> CollectError {
    let address = address(line).unwrap_or("The broker");
    let protocol = config.security_protocol();
    let mechanism = config.sasl.as_ref().map_or("none", |sasl| sasl.mechanism.name());
    let remedy = remedy(cause).to_string();
    let unreachable = |what: &str| CollectError::Unreachable {
        detail: format!("{address} {what}."),
        remedy: remedy.clone(),
    };
    let tls = |what: &str| CollectError::Tls {
        detail: format!("{address} {what}."),
        remedy: remedy.clone(),
    };
    let login = |what: &str| CollectError::Login {
        detail: format!("{address} {what}."),
        remedy: remedy.clone(),
    };
    let foreign = |what: &str| CollectError::NotThisSystem {
        detail: format!("{address} {what}."),
        remedy: remedy.clone(),
    };
    match cause {
        Cause::NameLookup => unreachable("has a name that cannot be looked up"),
        Cause::Refused => unreachable("refused the connection: nothing listens there"),
        Cause::Unroutable => unreachable("cannot be reached over the network"),
        Cause::ConnectTimeout => unreachable("did not answer the attempt to connect"),
        Cause::Closed => unreachable("closed the connection"),
        Cause::NoTls => tls("does not speak TLS on this port"),
        Cause::TlsRefused => refused_handshake(address, &reason(line), config),
        Cause::Certificate => tls("has a certificate that could not be verified"),
        Cause::ClosedAtOnce => unreachable(&format!("closed the connection at the first {protocol} request")),
        Cause::ClosedWithoutLogin => unreachable("closed the connection at the first request after the greeting"),
        Cause::Mute => foreign("accepts the connection, but does not answer as Kafka does"),
        Cause::NotKafka => foreign("answers, but not as Kafka does"),
        Cause::NoLogin => login("takes no login on this port"),
        Cause::Mechanism => login(&format!(
            "does not offer the login mechanism {mechanism}{}",
            offered(line)
        )),
        Cause::Login => login(&format!("refused the login with {mechanism}")),
    }
}

/// Many brokers say of a certificate that is missing that it is a bad one.
fn refused_handshake(address: &str, reason: &str, config: &Config) -> CollectError {
    let is_about_ours = ["certificate", "unknown ca"].iter().any(|word| reason.contains(word));
    let shown = config.tls.as_ref().is_some_and(|tls| tls.certificate.is_some());
    let (what, remedy) = match (is_about_ours, shown) {
        (true, false) => (
            "wants a client certificate, and none is configured",
            certificate::CLIENT_REMEDY,
        ),
        (true, true) => ("does not accept the client certificate", certificate::CLIENT_REMEDY),
        (false, _) => ("broke off the TLS handshake", remedy(Cause::TlsRefused)),
    };
    CollectError::Tls {
        detail: format!("{address} {what}{reason}."),
        remedy: remedy.into(),
    }
}

fn remedy(cause: Cause) -> &'static str {
    match cause {
        Cause::NameLookup => "Check the spelling, and that the machine that runs Brokerscope can look the name up.",
        Cause::Refused => "Check the address and the port, and that the broker runs.",
        Cause::Unroutable => "Check routes and firewalls between Brokerscope and the broker.",
        Cause::ConnectTimeout => "A firewall may drop the packets, or the machine is down.",
        Cause::Closed => "Check that the broker runs and that the port is a Kafka listener, and see the broker's log.",
        Cause::NoTls => "Use the port of a TLS listener, or choose a security setting without TLS.",
        Cause::TlsRefused => {
            "If the listener asks for client certificates, configure certificate and key; otherwise see the broker's log."
        }
        Cause::Certificate => {
            "Paste the authority that signed it into the certificate authority field, connect by a name that the \
             certificate holds, and check that it has not expired."
        }
        Cause::ClosedAtOnce => "The listener probably wants TLS: choose SSL or SASL_SSL, or use another port.",
        Cause::ClosedWithoutLogin => "The listener probably wants a login: choose SASL_PLAINTEXT or SASL_SSL.",
        Cause::Mute | Cause::NotKafka => "Check the port: it may belong to another service, such as an HTTP server.",
        Cause::NoLogin => "Choose a security setting without SASL, or use the port of a listener with logins.",
        Cause::Mechanism => "Choose one of the mechanisms that the listener has enabled.",
        Cause::Login => "Check user and password, and that the user exists for this mechanism.",
    }
}

/// Host and port in a line such as `[thrd:x]: sasl_ssl://host:port/bootstrap: Connect to …`.
fn address(line: &str) -> Option<&str> {
    let line = match line.strip_prefix("[thrd:") {
        Some(_) => line.split_once("]: ")?.1,
        None => line,
    };
    let line = line.split_once("://").map_or(line, |(_, rest)| rest);
    let (address, _) = line.split_once('/')?;
    (address.contains(':') && !address.contains(' ')).then_some(address)
}

/// ": certificate required" from a TLS line; OpenSSL's codes in front say nothing to people.
fn reason(line: &str) -> String {
    let Some((_, words)) = line.rsplit_once("::") else {
        return String::new();
    };
    let words = words.split(": SSL alert number").next().unwrap_or_default();
    let words = words.split(" (after").next().unwrap_or_default().trim();
    let words = words.strip_prefix("ssl/tls alert ").unwrap_or(words);
    if words.is_empty() {
        String::new()
    } else {
        format!(": {words}")
    }
}

/// "; it offers PLAIN" from the line about the mechanism.
fn offered(line: &str) -> String {
    let list = line.split("supported mechanisms: ").nth(1).unwrap_or_default();
    let list = list.split(" (after").next().unwrap_or_default().trim();
    if list.is_empty() {
        String::new()
    } else {
        format!("; it offers {list}")
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;

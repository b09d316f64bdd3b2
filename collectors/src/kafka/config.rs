//! The settings of a Kafka connection: their typed form, from what the field table let through.

use std::fmt;

use brokerscope_contract::{FieldProblem, Settings};
use serde_json::Value;

use super::patterns::Filter;
use super::rest::{self, Service};
use super::{connect, registry};

/// Seconds between visits unless configured otherwise: end offsets and commits every 15 s are cheap in batches.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 15;
const DEFAULT_PORT: u16 = 9092;

/// What is needed to reach and read a cluster. Not `Debug`: it holds secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    pub bootstrap: Vec<Address>,
    pub tls: Option<Tls>,
    pub sasl: Option<Sasl>,
    pub topics: Filter,
    pub groups: Filter,
    pub interval_seconds: u64,
    /// Kafka Connect beside the cluster.
    pub connect: Option<Service>,
    /// A Schema Registry beside the cluster.
    pub registry: Option<Service>,
}

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    pub port: u16,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// PEM; the system's authorities when absent.
    pub ca: Option<String>,
    pub certificate: Option<String>,
    pub key: Option<String>,
    pub key_password: Option<String>,
    pub check_hostname: bool,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Sasl {
    pub mechanism: Mechanism,
    pub user: String,
    pub password: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    Plain,
    ScramSha256,
    ScramSha512,
}

impl Mechanism {
    /// Kafka's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Mechanism::Plain => "PLAIN",
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
            Mechanism::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Config {
    /// Kafka's name for how the connection is secured.
    pub fn security_protocol(&self) -> &'static str {
        match (&self.tls, &self.sasl) {
            (None, None) => "PLAINTEXT",
            (Some(_), None) => "SSL",
            (None, Some(_)) => "SASL_PLAINTEXT",
            (Some(_), Some(_)) => "SASL_SSL",
        }
    }
}

pub(super) const WITH_SASL: &[&str] = &["SASL_PLAINTEXT", "SASL_SSL"];
pub(super) const WITH_TLS: &[&str] = &["SSL", "SASL_SSL"];

/// Reads settings in their normal form (see the field table), or names every field that is wrong.
pub fn parse(settings: &Settings) -> Result<Config, Vec<FieldProblem>> {
    let given = Given(settings);
    let mut problems = Vec::new();
    let protocol = given.text("security_protocol").unwrap_or("PLAINTEXT");
    if !["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"].contains(&protocol) {
        problems.push(FieldProblem::new(
            "security_protocol",
            format!("{protocol:?} is not a security protocol of Kafka"),
            "Use PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.",
        ));
    }
    let bootstrap = addresses(&given, &mut problems);
    let tls = WITH_TLS.contains(&protocol).then(|| tls(&given, &mut problems));
    let sasl = if WITH_SASL.contains(&protocol) {
        sasl(&given, &mut problems)
    } else {
        None
    };
    let filter = |kind: &str| Filter {
        include: given.list(&format!("{kind}_include")),
        exclude: given.list(&format!("{kind}_exclude")),
    };
    let interval_seconds = match given.0.get("interval_seconds") {
        None | Some(Value::Null) => DEFAULT_INTERVAL_SECONDS,
        Some(value) => value.as_u64().filter(|n| (5..=3_600).contains(n)).unwrap_or_else(|| {
            problems.push(FieldProblem::new(
                "interval_seconds",
                "is not a number of seconds in range",
                "Give a whole number from 5 to 3600.",
            ));
            DEFAULT_INTERVAL_SECONDS
        }),
    };
    let mut beside = crate::given::Given::new(settings);
    let connect = rest::read(&mut beside, &connect::WORDS);
    let registry = rest::read(&mut beside, &registry::WORDS);
    problems.append(&mut beside.problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Config {
        bootstrap,
        tls,
        sasl,
        topics: filter("topics"),
        groups: filter("groups"),
        interval_seconds,
        connect,
        registry,
    })
}

fn addresses(given: &Given<'_>, problems: &mut Vec<FieldProblem>) -> Vec<Address> {
    let texts = given.list("bootstrap_servers");
    if texts.is_empty() {
        problems.push(FieldProblem::new(
            "bootstrap_servers",
            "names no broker",
            "Give the address of at least one broker, for example kafka-1.example:9092.",
        ));
    }
    let mut addresses = Vec::new();
    for text in texts {
        match address(&text) {
            Ok(address) => addresses.push(address),
            Err(remedy) => problems.push(FieldProblem::new(
                "bootstrap_servers",
                format!("{text:?} is not the address of a broker"),
                remedy,
            )),
        }
    }
    addresses
}

/// Reads `host`, `host:port`, `[v6]` or `[v6]:port`; the error is the remedy.
fn address(text: &str) -> Result<Address, String> {
    if let Some((_, rest)) = text.split_once("://") {
        return Err(format!("Leave the scheme out: {rest}"));
    }
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or(rest))),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let well_formed = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "/@,;".contains(c));
    if !well_formed {
        return Err("Write it as host:port, for example kafka-1.example:9092.".into());
    }
    let port = match port {
        None => DEFAULT_PORT,
        Some(port) => match port.parse() {
            Ok(port) if port > 0 => port,
            _ => return Err("Give a port from 1 to 65535 after the colon; IPv6 addresses go in brackets.".into()),
        },
    };
    Ok(Address {
        host: host.to_string(),
        port,
    })
}

fn tls(given: &Given<'_>, problems: &mut Vec<FieldProblem>) -> Tls {
    let mut pem = |key: &str, label: &str| {
        let text = given.text(key)?;
        let found = text.contains("-----BEGIN ") && text.contains(label) && text.contains("-----END ");
        if !found {
            problems.push(FieldProblem::new(
                key,
                format!("holds no {} in PEM form", label.to_lowercase()),
                format!("Paste the whole file, from -----BEGIN {label}----- to -----END {label}-----."),
            ));
        }
        Some(text.to_string())
    };
    let tls = Tls {
        ca: pem("ca_certificate", "CERTIFICATE"),
        certificate: pem("client_certificate", "CERTIFICATE"),
        key: pem("client_key", "PRIVATE KEY"),
        key_password: given.text("client_key_password").map(str::to_string),
        check_hostname: given.0.get("check_hostname").and_then(Value::as_bool).unwrap_or(true),
    };
    match (&tls.certificate, &tls.key) {
        (Some(_), None) => problems.push(FieldProblem::new(
            "client_key",
            "is missing beside the client certificate",
            "Paste the private key that belongs to the certificate.",
        )),
        (None, Some(_)) => problems.push(FieldProblem::new(
            "client_certificate",
            "is missing beside the client key",
            "Paste the certificate that belongs to the key, or remove the key.",
        )),
        _ => {}
    }
    tls
}

fn sasl(given: &Given<'_>, problems: &mut Vec<FieldProblem>) -> Option<Sasl> {
    let mechanism = match given.text("sasl_mechanism").unwrap_or("PLAIN") {
        "PLAIN" => Some(Mechanism::Plain),
        "SCRAM-SHA-256" => Some(Mechanism::ScramSha256),
        "SCRAM-SHA-512" => Some(Mechanism::ScramSha512),
        other => {
            problems.push(FieldProblem::new(
                "sasl_mechanism",
                format!("{other:?} is not supported"),
                "Use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.",
            ));
            None
        }
    };
    let mut needed = |key: &str, remedy: &str| {
        let text = given.text(key).map(str::to_string);
        if text.is_none() {
            problems.push(FieldProblem::new(key, "is missing for the login", remedy));
        }
        text
    };
    let user = needed("user", "Fill in the name of the SASL user.");
    let password = needed("password", "Fill in the password of the SASL user.");
    Some(Sasl {
        mechanism: mechanism?,
        user: user?,
        password: password?,
    })
}

/// Settings by key, where empty counts as absent.
struct Given<'a>(&'a Settings);

impl Given<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str().filter(|text| !text.trim().is_empty())
    }

    fn list(&self, key: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.0.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split([',', '\n']).collect(),
            _ => Vec::new(),
        };
        texts
            .into_iter()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_string)
            .collect()
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;

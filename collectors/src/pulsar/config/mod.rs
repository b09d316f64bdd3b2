//! The settings of a Pulsar connection: the field table, and its typed form.

mod given;

use std::time::Duration;

use brokerscope_contract::{Field, FieldKind, FieldProblem, Settings};
use reqwest::Url;

use crate::given::Given;
use crate::tls::{self, Tls};

/// Brokers refresh their figures every 60 s by default (`statsUpdateFrequencyInSecs`): asking more often buys nothing.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 60;
const DEFAULT_TIMEOUT_SECONDS: u64 = 10;

/// What is needed to reach and read a cluster. Not `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Config {
    /// Roots of brokers' admin APIs, without `/admin`; each ends with a slash. At least one.
    pub admin: Vec<Url>,
    pub login: Login,
    pub tls: Tls,
    /// Only these namespaces, each as `tenant/namespace` or a whole `tenant`; empty is all.
    pub namespaces: Vec<String>,
    /// Ask each broker of the cluster by itself; otherwise only the given addresses are asked.
    pub find_brokers: bool,
    pub interval: Duration,
    /// Of one request.
    pub timeout: Duration,
}

/// How a request says who asks.
#[derive(Clone)]
pub enum Login {
    /// Nobody, or whom the client certificate names.
    None,
    /// A JSON web token, without any `token:` in front.
    Token(String),
    Basic {
        user: String,
        password: String,
    },
}

impl Config {
    /// Whether `namespace`, written `tenant/namespace`, is watched.
    pub fn wants(&self, namespace: &str) -> bool {
        let tenant = namespace.split('/').next();
        self.namespaces.is_empty()
            || self
                .namespaces
                .iter()
                .any(|wanted| wanted == namespace || Some(wanted.as_str()) == tenant)
    }
}

/// The settings in form order.
pub fn fields() -> Vec<Field> {
    vec![
        Field::text(
            "admin_urls",
            "Admin addresses",
            "Address of the admin API of one broker or of several. The others are found by asking; more addresses are \
             asked when the first does not answer.",
        )
        .of(FieldKind::List)
        .required()
        .placeholder("http://pulsar-1.example:8080"),
        Field::text(
            "login",
            "Login",
            "How the brokers know this client. With a client certificate alone choose none.",
        )
        .choice(&[
            ("none", "None, or client certificate"),
            ("token", "Token"),
            ("basic", "User and password"),
        ])
        .default("none"),
        Field::text(
            "token",
            "Token",
            "A JSON web token of a role that may read. Stored encrypted and never shown again.",
        )
        .of(FieldKind::Secret)
        .required()
        .only_when("login", &["token"]),
        Field::text("user", "User", "For brokers with basic authentication.")
            .required()
            .placeholder("brokerscope")
            .only_when("login", &["basic"]),
        Field::text("password", "Password", "Stored encrypted and never shown again.")
            .of(FieldKind::Secret)
            .required()
            .only_when("login", &["basic"]),
        Field::text(
            "namespaces",
            "Only these namespaces",
            "Each as tenant/namespace, or a whole tenant. Left empty, all of them; a role that is no super-user cannot \
             list them and needs them here.",
        )
        .of(FieldKind::List)
        .placeholder("shop/orders"),
        Field::text(
            "ca_certificate",
            "Certificate authority",
            "PEM of the authority that signed the brokers' certificates. Left empty, the system's authorities count.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            "client_certificate",
            "Client certificate",
            "PEM of the certificate by which the brokers know this client, where they ask for one.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            "client_key",
            "Client key",
            "PEM of the private key of the client certificate.",
        )
        .of(FieldKind::Lines { secret: true })
        .placeholder("-----BEGIN PRIVATE KEY-----")
        .advanced(),
        Field::text(
            "tls_insecure",
            "Accept any certificate",
            "Switches off the check of the brokers' certificates: the login can then be read by whoever sits between. \
             For tests only.",
        )
        .of(FieldKind::Switch)
        .default("false")
        .advanced(),
        Field::text(
            "find_brokers",
            "Ask every broker",
            "Figures of topics are known only to the broker that serves them. Switch it off where this machine reaches \
             the given addresses only; topics of other brokers then have no figures.",
        )
        .of(FieldKind::Switch)
        .default("true")
        .advanced(),
        number(
            "interval_seconds",
            "Interval",
            "Time between two visits. Brokers refresh their figures every 60 s unless told otherwise.",
            (5, 3_600, DEFAULT_INTERVAL_SECONDS),
        ),
        number(
            "timeout_seconds",
            "Timeout",
            "How long one request may take.",
            (1, 60, DEFAULT_TIMEOUT_SECONDS),
        ),
    ]
}

fn number(key: &str, label: &str, help: &str, (min, max, default): (i64, i64, u64)) -> Field {
    let unit = "seconds".into();
    Field::text(key, label, help)
        .of(FieldKind::Number { min, max, unit })
        .default(&default.to_string())
        .advanced()
}

/// Reads settings in their normal form (see the field table), or names every field that is wrong.
pub fn parse(settings: &Settings) -> Result<Config, Vec<FieldProblem>> {
    let mut given = Given::new(settings);
    let admin = given::urls(&mut given, "admin_urls", "http://pulsar-1.example:8080");
    if admin.is_empty() && given.problems.is_empty() {
        given.wrong(
            "admin_urls",
            "names no broker",
            "Give the address of a broker's admin API, for example http://pulsar-1.example:8080.",
        );
    }
    let login = given::login(&mut given);
    let namespaces = given::namespaces(&mut given);
    let tls = tls::read(&mut given);
    let config = Config {
        admin,
        login,
        tls,
        namespaces,
        find_brokers: given.switch("find_brokers", true),
        interval: given.seconds("interval_seconds", 5..=3_600, DEFAULT_INTERVAL_SECONDS),
        timeout: given.seconds("timeout_seconds", 1..=60, DEFAULT_TIMEOUT_SECONDS),
    };
    if given.problems.is_empty() {
        Ok(config)
    } else {
        Err(given.problems)
    }
}

#[cfg(test)]
mod tests;

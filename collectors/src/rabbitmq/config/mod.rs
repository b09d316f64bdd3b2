//! The settings of a RabbitMQ connection: the field table, and its typed form.

mod given;

use std::time::Duration;

use brokerscope_contract::{Field, FieldKind, FieldProblem, Settings};
use reqwest::Url;

use crate::given::Given;
use crate::tls::{self, Tls};

/// The broker refreshes its own figures every 5 s by default; 15 s is what its documentation advises at least.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 15;
const DEFAULT_TIMEOUT_SECONDS: u64 = 10;

/// What is needed to reach and read a cluster. Not `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Config {
    /// Roots of management APIs, without `/api`; each ends with a slash. At least one.
    pub management: Vec<Url>,
    pub user: String,
    pub password: String,
    pub tls: Tls,
    /// Only these virtual hosts; empty is all.
    pub vhosts: Vec<String>,
    /// Roots of Prometheus endpoints, each ending with a slash; empty is "find them".
    pub prometheus: Vec<Url>,
    pub interval: Duration,
    /// Of one request.
    pub timeout: Duration,
}

impl Config {
    pub fn wants_vhost(&self, vhost: &str) -> bool {
        self.vhosts.is_empty() || self.vhosts.iter().any(|wanted| wanted == vhost)
    }
}

/// The settings in form order.
pub fn fields() -> Vec<Field> {
    vec![
        Field::text(
            "management_urls",
            "Management addresses",
            "Address of the management plugin on one node or on several. One answers for the whole cluster; more are \
             asked when it does not, and for the checks that each node makes about itself.",
        )
        .of(FieldKind::List)
        .required()
        .placeholder("http://rabbit-1.example:15672"),
        Field::text(
            "user",
            "User",
            "Needs the tag \"monitoring\", and on every virtual host a permission, for which ^$ ^$ ^$ is enough.",
        )
        .required()
        .placeholder("brokerscope"),
        Field::text("password", "Password", "Stored encrypted and never shown again.")
            .of(FieldKind::Secret)
            .required(),
        Field::text(
            "ca_certificate",
            "Certificate authority",
            "PEM of the authority that signed the nodes' certificates. Left empty, the system's authorities count.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            "client_certificate",
            "Client certificate",
            "PEM of the certificate by which the nodes know this client, where they ask for one.",
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
            "Switches off the check of the nodes' certificates: the password can then be read by whoever sits between. \
             For tests only.",
        )
        .of(FieldKind::Switch)
        .default("false")
        .advanced(),
        Field::text(
            "vhosts",
            "Only these virtual hosts",
            "Left empty, all virtual hosts that the user may see.",
        )
        .of(FieldKind::List)
        .placeholder("shop")
        .advanced(),
        Field::text(
            "prometheus_urls",
            "Prometheus addresses",
            "Address of the Prometheus plugin on each node, for figures per queue at little cost to the broker. Left \
             empty, they are found by asking the cluster.",
        )
        .of(FieldKind::List)
        .placeholder("http://rabbit-1.example:15692")
        .advanced(),
        number(
            "interval_seconds",
            "Interval",
            "Time between two visits. Slower questions (bindings, policies) are asked less often by themselves.",
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
    let management = given::urls(&mut given, "management_urls", "http://rabbit-1.example:15672");
    if management.is_empty() && given.problems.is_empty() {
        given.wrong(
            "management_urls",
            "names no node",
            "Give the address of the management plugin, for example http://rabbit-1.example:15672.",
        );
    }
    let prometheus = given::urls(&mut given, "prometheus_urls", "http://rabbit-1.example:15692");
    let user = given.needed("user", "Fill in the name of the RabbitMQ user.");
    let password = given.needed("password", "Fill in the password of the RabbitMQ user.");
    let tls = tls::read(&mut given);
    let config = Config {
        management,
        user,
        password,
        tls,
        vhosts: given.list("vhosts"),
        prometheus,
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

//! The settings of a RabbitMQ connection: the field table, and its typed form.

use std::time::Duration;

use brokerscope_contract::{Field, FieldKind, FieldProblem, Settings};
use reqwest::Url;
use serde_json::Value;

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

#[derive(Clone, Default)]
pub struct Tls {
    /// PEM, trusted beside the system's authorities.
    pub ca: Option<String>,
    /// PEM of certificate and key, one after the other.
    pub identity: Option<String>,
    /// Accept any certificate.
    pub insecure: bool,
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
    let mut given = Given {
        settings,
        problems: Vec::new(),
    };
    let management = given.urls("management_urls", "http://rabbit-1.example:15672");
    if management.is_empty() && given.problems.is_empty() {
        given.wrong(
            "management_urls",
            "names no node",
            "Give the address of the management plugin, for example http://rabbit-1.example:15672.",
        );
    }
    let prometheus = given.urls("prometheus_urls", "http://rabbit-1.example:15692");
    let user = given.needed("user", "Fill in the name of the RabbitMQ user.");
    let password = given.needed("password", "Fill in the password of the RabbitMQ user.");
    let tls = given.tls();
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

/// Settings by key, where empty counts as absent, and what is wrong with them.
struct Given<'a> {
    settings: &'a Settings,
    problems: Vec<FieldProblem>,
}

impl Given<'_> {
    fn wrong(&mut self, field: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, detail, remedy));
    }

    fn text(&self, key: &str) -> Option<String> {
        let text = self.settings.get(key)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_string())
    }

    fn needed(&mut self, key: &str, remedy: &str) -> String {
        let text = self.text(key);
        if text.is_none() {
            self.wrong(key, "is missing", remedy);
        }
        text.unwrap_or_default()
    }

    fn list(&self, key: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.settings.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split([',', '\n']).collect(),
            _ => Vec::new(),
        };
        let texts = texts.into_iter().map(str::trim);
        texts.filter(|text| !text.is_empty()).map(str::to_string).collect()
    }

    fn urls(&mut self, key: &str, example: &str) -> Vec<Url> {
        let mut urls = Vec::new();
        for text in self.list(key) {
            match root(&text) {
                Ok(url) => urls.push(url),
                Err(why) => self.wrong(
                    key,
                    format!("{:?} {why}", without_login(&text)),
                    format!("Write it like {example}."),
                ),
            }
        }
        urls
    }

    fn seconds(&mut self, key: &str, range: std::ops::RangeInclusive<u64>, default: u64) -> Duration {
        let seconds = match self.settings.get(key) {
            None | Some(Value::Null) => Some(default),
            Some(Value::String(text)) if text.trim().is_empty() => Some(default),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_u64(),
        };
        let seconds = seconds.filter(|n| range.contains(n)).unwrap_or_else(|| {
            let remedy = format!("Give a whole number from {} to {}.", range.start(), range.end());
            self.wrong(key, "is not a number of seconds in range", remedy);
            default
        });
        Duration::from_secs(seconds)
    }

    fn switch(&self, key: &str) -> bool {
        match self.settings.get(key) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => text.trim() == "true",
            _ => false,
        }
    }

    fn tls(&mut self) -> Tls {
        let ca = self.text("ca_certificate");
        if let Some(pem) = &ca {
            let read = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
            if !read.is_ok_and(|certificates| !certificates.is_empty()) {
                self.wrong(
                    "ca_certificate",
                    "holds no certificate in PEM form",
                    "Paste the whole file, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
                );
            }
        }
        let identity = match (self.text("client_certificate"), self.text("client_key")) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(format!("{}\n{}\n", certificate.trim(), key.trim())),
            (Some(_), None) => {
                self.wrong(
                    "client_key",
                    "is missing beside the client certificate",
                    "Paste the private key that belongs to the certificate.",
                );
                None
            }
            (None, Some(_)) => {
                self.wrong(
                    "client_certificate",
                    "is missing beside the client key",
                    "Paste the certificate that belongs to the key, or remove the key.",
                );
                None
            }
        };
        if identity
            .as_ref()
            .is_some_and(|pem| reqwest::Identity::from_pem(pem.as_bytes()).is_err())
        {
            self.wrong(
                "client_certificate",
                "and the client key are not a certificate and an unencrypted private key in PEM form",
                "Paste the whole files with their BEGIN and END lines.",
            );
        }
        Tls {
            ca,
            identity,
            insecure: self.switch("tls_insecure"),
        }
    }
}

/// Reads the address of a plugin and normalises it to its root. The error says what is wrong with it.
fn root(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err("does not begin with http:// or https://");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which belongs into the fields for user and password");
    }
    url.set_query(None);
    url.set_fragment(None);
    // People paste what the browser shows, and paths of the API.
    let path = url.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/api")
        .or(path.strip_suffix("/metrics"))
        .unwrap_or(path);
    let path = format!("{path}/");
    url.set_path(&path);
    Ok(url)
}

/// An address as it may be shown in an error: a login inside it is a secret.
fn without_login(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://...@{rest}"),
        (None, Some((_, rest))) => format!("...@{rest}"),
        _ => text.to_string(),
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;

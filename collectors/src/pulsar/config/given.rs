//! Reads single settings, and collects what is wrong with them.

use std::time::Duration;

use brokerscope_contract::{FieldProblem, Settings};
use reqwest::Url;
use serde_json::Value;

use super::{Login, Tls};

/// Settings by key, where empty counts as absent, and what is wrong with them.
pub struct Given<'a> {
    settings: &'a Settings,
    pub problems: Vec<FieldProblem>,
}

impl<'a> Given<'a> {
    pub fn new(settings: &'a Settings) -> Given<'a> {
        Given {
            settings,
            problems: Vec::new(),
        }
    }

    pub fn wrong(&mut self, field: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, detail, remedy));
    }

    pub fn text(&self, key: &str) -> Option<String> {
        let text = self.settings.get(key)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_string())
    }

    pub fn needed(&mut self, key: &str, remedy: &str) -> String {
        let text = self.text(key);
        if text.is_none() {
            self.wrong(key, "is missing", remedy);
        }
        text.unwrap_or_default()
    }

    pub fn list(&self, key: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.settings.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split([',', '\n']).collect(),
            _ => Vec::new(),
        };
        let texts = texts.into_iter().map(str::trim);
        texts.filter(|text| !text.is_empty()).map(str::to_string).collect()
    }

    pub fn urls(&mut self, key: &str, example: &str) -> Vec<Url> {
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

    pub fn seconds(&mut self, key: &str, range: std::ops::RangeInclusive<u64>, default: u64) -> Duration {
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

    pub fn switch(&self, key: &str, default: bool) -> bool {
        match self.settings.get(key) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) if !text.trim().is_empty() => text.trim() == "true",
            _ => default,
        }
    }

    pub fn login(&mut self) -> Login {
        match self.text("login").as_deref() {
            None | Some("none") => Login::None,
            Some("token") => {
                let token = self.needed("token", "Paste the token of the role.");
                let token = token.trim();
                // Client libraries want the prefix, HTTP does not.
                Login::Token(token.strip_prefix("token:").unwrap_or(token).to_string())
            }
            Some("basic") => Login::Basic {
                user: self.needed("user", "Fill in the name of the user."),
                password: self.needed("password", "Fill in the password of the user."),
            },
            Some(_) => {
                self.wrong("login", "is none of the choices", "Choose none, token or basic.");
                Login::None
            }
        }
    }

    pub fn namespaces(&mut self) -> Vec<String> {
        let names = self.list("namespaces");
        for name in &names {
            let parts: Vec<&str> = name.split('/').collect();
            if parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
                self.wrong(
                    "namespaces",
                    format!("{name:?} is neither a tenant nor tenant/namespace"),
                    "Write it like shop/orders.",
                );
            }
        }
        names
    }

    pub fn tls(&mut self) -> Tls {
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
            insecure: self.switch("tls_insecure", false),
        }
    }
}

/// Reads the address of an admin API and normalises it to its root. The error says what is wrong with it.
pub fn root(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err("does not begin with http:// or https:// (pulsar:// is the port of clients)");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which belongs into the fields for it");
    }
    url.set_query(None);
    url.set_fragment(None);
    // People paste what the browser shows, and paths of the API.
    let path = url.path().trim_end_matches('/');
    let path = path.find("/admin").map_or(path, |at| &path[..at]);
    let path = path.strip_suffix("/metrics").unwrap_or(path);
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

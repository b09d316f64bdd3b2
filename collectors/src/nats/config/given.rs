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

    fn needed(&mut self, key: &str, remedy: &str) -> String {
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

    pub fn switch(&self, key: &str) -> bool {
        match self.settings.get(key) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => text.trim() == "true",
            _ => false,
        }
    }

    /// Part of a subject: no spaces and no wildcards.
    pub fn token(&mut self, key: &str) -> Option<String> {
        let text = self.text(key)?.trim().to_string();
        if text.contains(|c: char| c.is_whitespace() || "*>".contains(c))
            || text.starts_with('.')
            || text.ends_with('.')
        {
            self.wrong(
                key,
                "cannot be part of a subject",
                "Leave out spaces, wildcards, and dots at its ends.",
            );
            return None;
        }
        Some(text)
    }

    /// Addresses for clients, `nats://` where no scheme is given.
    pub fn servers(&mut self, key: &str) -> Vec<String> {
        let mut servers = Vec::new();
        for text in self.list(key) {
            match server(&text) {
                Ok(address) => servers.push(address),
                Err(why) => self.wrong(
                    key,
                    format!("{:?} {why}", without_login(&text)),
                    "Write it like nats://nats-1.example:4222, or tls:// where TLS is a must.",
                ),
            }
        }
        servers
    }

    /// Roots of monitoring ports.
    pub fn urls(&mut self, key: &str) -> Vec<Url> {
        let mut urls = Vec::new();
        for text in self.list(key) {
            match root(&text) {
                Ok(url) => urls.push(url),
                Err(why) => self.wrong(
                    key,
                    format!("{:?} {why}", without_login(&text)),
                    "Write it like http://nats-1.example:8222.",
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

    pub fn login(&mut self) -> Login {
        let kind = self.text("login").unwrap_or_else(|| "none".into());
        match kind.trim() {
            "none" => Login::Nobody,
            "password" => Login::Password {
                user: self.needed("user", "Fill in the name of the NATS user."),
                password: self.needed("password", "Fill in the password of the NATS user."),
            },
            "token" => Login::Token(self.needed("token", "Fill in the token.")),
            "credentials" => self.credentials(),
            "nkey" => self.nkey(),
            other => {
                let detail = format!("is {other:?}, which is no way to log in");
                self.wrong("login", detail, "Choose none, password, token, credentials or nkey.");
                Login::Nobody
            }
        }
    }

    fn credentials(&mut self) -> Login {
        let text = self.needed("credentials", "Paste the whole .creds file.");
        if !text.is_empty() && async_nats::ConnectOptions::with_credentials(&text).is_err() {
            self.wrong(
                "credentials",
                "is no credentials file",
                "Paste the whole .creds file, with the JWT and the NKEY SEED between their BEGIN and END lines.",
            );
        }
        Login::Credentials(text)
    }

    fn nkey(&mut self) -> Login {
        let seed = self.needed("nkey_seed", "Paste the seed of the user's nkey.");
        // Seeds of users begin so; the rest is checked by the signature.
        if !seed.is_empty() && !seed.trim().starts_with("SU") {
            self.wrong(
                "nkey_seed",
                "is not the seed of a user",
                "A user's seed begins with SU; the public key with U.",
            );
        }
        Login::NkeySeed(seed.trim().to_string())
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
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (certificate, _) => {
                let missing = if certificate.is_some() {
                    "client_key"
                } else {
                    "client_certificate"
                };
                self.wrong(
                    missing,
                    "is missing: a client certificate and its key go together",
                    "Paste both, or remove both.",
                );
                None
            }
        };
        if let Some((certificate, key)) = &identity
            && reqwest::Identity::from_pem(format!("{certificate}\n{key}\n").as_bytes()).is_err()
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

/// Reads the address of a server for clients. The error says what is wrong with it.
fn server(text: &str) -> Result<String, &'static str> {
    let full = if text.contains("://") {
        text.to_string()
    } else {
        format!("nats://{text}")
    };
    let url = Url::parse(&full).map_err(|_| "is not an address")?;
    if !["nats", "tls"].contains(&url.scheme()) {
        return Err("does not begin with nats:// or tls://");
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which belongs into the fields for it");
    }
    Ok(format!("{}://{host}:{}", url.scheme(), url.port().unwrap_or(4222)))
}

/// Reads the address of a monitoring port and normalises it to its root, for people paste single pages.
fn root(text: &str) -> Result<Url, &'static str> {
    const PAGES: [&str; 5] = ["/varz", "/connz", "/jsz", "/healthz", "/routez"];
    let mut url = Url::parse(text).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err("does not begin with http:// or https://");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which monitoring ports do not know");
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let path = PAGES.iter().find_map(|page| path.strip_suffix(page)).unwrap_or(path);
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

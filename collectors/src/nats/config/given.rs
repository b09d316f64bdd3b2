//! What only NATS' settings hold, read and checked: addresses, the login, parts of subjects, and TLS.

use reqwest::Url;

use super::{Login, Tls};
use crate::given::Given;
use crate::http_root::{self, Faults};
use crate::nats::credentials;

/// Part of a subject: no spaces and no wildcards.
pub fn token(given: &mut Given<'_>, key: &str) -> Option<String> {
    let text = given.text(key)?.trim().to_string();
    if text.contains(|c: char| c.is_whitespace() || "*>".contains(c)) || text.starts_with('.') || text.ends_with('.') {
        given.wrong(
            key,
            "cannot be part of a subject",
            "Leave out spaces, wildcards, and dots at its ends.",
        );
        return None;
    }
    Some(text)
}

/// Addresses for clients, `nats://` where no scheme is given.
pub fn servers(given: &mut Given<'_>, key: &str) -> Vec<String> {
    let remedy = "Write it like nats://nats-1.example:4222, or tls:// where TLS is a must.";
    given.addresses(key, remedy, server)
}

/// Roots of monitoring ports.
pub fn urls(given: &mut Given<'_>, key: &str) -> Vec<Url> {
    given.addresses(key, "Write it like http://nats-1.example:8222.", root)
}

pub fn login(given: &mut Given<'_>) -> Login {
    let kind = given.text("login").unwrap_or_else(|| "none".into());
    match kind.trim() {
        "none" => Login::Nobody,
        "password" => Login::Password {
            user: given.needed("user", "Fill in the name of the NATS user."),
            password: given.needed("password", "Fill in the password of the NATS user."),
        },
        "token" => Login::Token(given.needed("token", "Fill in the token.")),
        "credentials" => credentials(given),
        "nkey" => nkey(given),
        other => {
            let detail = format!("is {other:?}, which is no way to log in");
            given.wrong("login", detail, "Choose none, password, token, credentials or nkey.");
            Login::Nobody
        }
    }
}

fn credentials(given: &mut Given<'_>) -> Login {
    let text = given.needed("credentials", "Paste the whole .creds file.");
    if !text.is_empty() && async_nats::ConnectOptions::with_credentials(&text).is_err() {
        given.wrong(
            "credentials",
            "is no credentials file",
            "Paste the whole .creds file, with the JWT and the NKEY SEED between their BEGIN and END lines.",
        );
    } else if credentials::is_of_two_users(&text) {
        given.wrong(
            "credentials",
            "holds the JWT of one user and the seed of another",
            "Paste one whole .creds file, as nsc generate creds writes it.",
        );
    }
    Login::Credentials(text)
}

fn nkey(given: &mut Given<'_>) -> Login {
    let seed = given.needed("nkey_seed", "Paste the seed of the user's nkey.");
    // Seeds of users begin so; the rest is checked by the signature.
    if !seed.is_empty() && !seed.trim().starts_with("SU") {
        given.wrong(
            "nkey_seed",
            "is not the seed of a user",
            "A user's seed begins with SU; the public key with U.",
        );
    }
    Login::NkeySeed(seed.trim().to_string())
}

pub fn tls(given: &mut Given<'_>) -> Tls {
    let ca = given.text("ca_certificate");
    if let Some(pem) = &ca {
        let read = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        if !read.is_ok_and(|certificates| !certificates.is_empty()) {
            given.wrong(
                "ca_certificate",
                "holds no certificate in PEM form",
                "Paste the whole file, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
            );
        }
    }
    let identity = match (given.text("client_certificate"), given.text("client_key")) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (certificate, _) => {
            let missing = if certificate.is_some() {
                "client_key"
            } else {
                "client_certificate"
            };
            given.wrong(
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
        given.wrong(
            "client_certificate",
            "and the client key are not a certificate and an unencrypted private key in PEM form",
            "Paste the whole files with their BEGIN and END lines.",
        );
    }
    Tls {
        ca,
        identity,
        insecure: given.switch("tls_insecure", false),
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
    let faults = Faults {
        login: "holds a login, which monitoring ports do not know",
        ..http_root::WITH_USER
    };
    http_root::read(text, &faults, |path| http_root::without(path, &PAGES))
}

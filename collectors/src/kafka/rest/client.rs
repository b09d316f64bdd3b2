//! Asks a service over HTTP. I/O only: nothing is decided here but how to ask.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Response, Url, header, redirect};
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::settings::{Login, Service};
use crate::excerpt::shortened;
use crate::transport::{Transport, send};

/// More than the state of ten thousand connectors, less than hurts.
const LARGEST_ANSWER: u64 = 32 << 20;
/// Of one request; whoever asks has a deadline of their own besides.
const PATIENCE: Duration = Duration::from_secs(8);

/// A client of one service, at one or several addresses.
pub struct Client {
    http: reqwest::Client,
    service: Service,
    /// Which address answered last.
    current: AtomicUsize,
    requests: AtomicU32,
    bytes: AtomicU64,
}

impl Client {
    /// Opens no connection.
    pub fn new(service: &Service) -> Result<Client, Failure> {
        let unusable = |error: reqwest::Error| Failure::Settings(service.name.into(), shortened(&error.to_string()));
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("brokerscope/", env!("CARGO_PKG_VERSION")))
            // A login must not travel to wherever a redirect points.
            .redirect(redirect::Policy::none())
            // These are inside the network more often than not.
            .no_proxy()
            .http1_only()
            .timeout(PATIENCE)
            .connect_timeout(PATIENCE / 2)
            .pool_max_idle_per_host(4)
            .tls_danger_accept_invalid_certs(service.tls.insecure);
        if let Some(pem) = &service.tls.ca {
            let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(unusable)?;
            http = http.tls_certs_merge(certificates);
        }
        if let Some(pem) = &service.tls.identity {
            http = http.identity(reqwest::Identity::from_pem(pem.as_bytes()).map_err(unusable)?);
        }
        Ok(Client {
            http: http.build().map_err(unusable)?,
            service: service.clone(),
            current: AtomicUsize::new(0),
            requests: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Asks one address after the other, the one that answered last first.
    pub async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let (roots, first) = (&self.service.roots, self.current.load(Ordering::Relaxed));
        let mut failure = None;
        for step in 0..roots.len() {
            let at = (first + step) % roots.len();
            match self.ask_at(&roots[at], path).await {
                Err(other) if other.is_about_the_address() => failure = failure.or(Some(other)),
                answer => {
                    self.current.store(at, Ordering::Relaxed);
                    return answer;
                }
            }
        }
        Err(failure.unwrap_or_else(|| Failure::Settings(self.service.name.into(), "there is no address".into())))
    }

    /// One question to one address; `path` begins after the root.
    pub async fn ask_at<T: DeserializeOwned>(&self, root: &Url, path: &str) -> Result<T, Failure> {
        let body = self.body_at(root, path).await?;
        serde_json::from_slice(&body).map_err(|error| {
            let why = match body.first() {
                Some(b'{' | b'[') => format!("its JSON cannot be read ({})", shortened(&error.to_string())),
                Some(b'<') => "it is a web page".into(),
                Some(_) => "it is no JSON".into(),
                None => "it is empty".into(),
            };
            Failure::AnotherService(place(root), self.service.name, why)
        })
    }

    /// What was spent since the last call: requests sent and bytes received.
    pub fn take_cost(&self) -> (u32, u64) {
        (
            self.requests.swap(0, Ordering::Relaxed),
            self.bytes.swap(0, Ordering::Relaxed),
        )
    }

    async fn body_at(&self, root: &Url, path: &str) -> Result<Vec<u8>, Failure> {
        let place = place(root);
        let lost =
            |error: reqwest::Error| Failure::Transport(place.clone(), Transport::of(&error, root.scheme() == "https"));
        let url = Url::parse(&format!("{root}{path}"))
            .map_err(|error| Failure::Settings(self.service.name.into(), error.to_string()))?;
        let mut request = self.http.get(url).header(header::ACCEPT, "application/json");
        match &self.service.login {
            Some(Login::Basic { user, password }) => request = request.basic_auth(user, Some(password)),
            Some(Login::Bearer(token)) => request = request.bearer_auth(token),
            None => {}
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut response = send(request).await.map_err(lost)?;
        let (status, location) = (response.status().as_u16(), location(&response));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if body.len() as u64 + chunk.len() as u64 > LARGEST_ANSWER {
                return Err(Failure::TooLarge(place, LARGEST_ANSWER >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        match status {
            200..=299 => Ok(body),
            _ => {
                let with_login = self.service.login.is_some();
                Err(Failure::of_status(
                    status,
                    &body,
                    &place,
                    location.as_deref(),
                    with_login,
                ))
            }
        }
    }
}

fn location(response: &Response) -> Option<String> {
    let value = response.headers().get(header::LOCATION)?;
    value.to_str().ok().map(shortened)
}

/// An address as people write it in a sentence: host and port.
pub fn place(root: &Url) -> String {
    let host = root.host_str().unwrap_or_default();
    match root.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    }
}

/// A name as one segment of a path: connectors may be called anything.
pub fn segment(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

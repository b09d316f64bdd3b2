//! The monitoring ports of servers: pages over HTTP, without a login.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use reqwest::{Url, redirect};
use serde::de::DeserializeOwned;

use super::config::Config;
use super::failure::Failure;
use super::page::Page;

/// More than any answer that is asked for; less than hurts.
const LARGEST_ANSWER: u64 = 256 << 20;
/// Servers asked at a time.
const AT_A_TIME: usize = 8;

pub struct Ports {
    http: reqwest::Client,
    roots: Vec<Url>,
    received: AtomicU64,
}

impl Ports {
    /// Opens no connection.
    pub fn new(config: &Config) -> Result<Ports, Failure> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("brokerscope/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            // Straight to the server: its addresses are inside the network more often than not.
            .no_proxy()
            .no_gzip()
            .http1_only()
            .timeout(config.timeout)
            .connect_timeout(config.timeout.min(Duration::from_secs(5)))
            .tls_danger_accept_invalid_certs(config.tls.insecure);
        if let Some(pem) = &config.tls.ca {
            http = http.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(unusable)?);
        }
        if let Some((certificate, key)) = &config.tls.identity {
            let pem = format!("{certificate}\n{key}\n");
            http = http.identity(reqwest::Identity::from_pem(pem.as_bytes()).map_err(unusable)?);
        }
        Ok(Ports {
            http: http.build().map_err(unusable)?,
            roots: config.monitoring.clone(),
            received: AtomicU64::new(0),
        })
    }

    pub fn roots(&self) -> &[Url] {
        &self.roots
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// The page of every server, in the order of the addresses.
    pub async fn ask_all<T: DeserializeOwned + Send>(&self, page: &Page) -> Vec<Result<T, Failure>> {
        // Boxed, because the compiler cannot tell that a stream of borrowing closures may change threads.
        let mut questions: Vec<BoxFuture<'_, Result<T, Failure>>> = Vec::with_capacity(self.roots.len());
        for root in &self.roots {
            questions.push(self.ask(root, page).boxed());
        }
        stream::iter(questions).buffered(AT_A_TIME).collect().await
    }

    pub async fn ask<T: DeserializeOwned + Send>(&self, root: &Url, page: &Page) -> Result<T, Failure> {
        let place = place(root);
        let fault = |error: reqwest::Error| Failure::of_http(&error, &place);
        let mut response = self
            .http
            .get(format!("{root}{}", page.path))
            .send()
            .await
            .map_err(fault)?;
        let status = response.status().as_u16();
        // The health page says 503 and why; all others say 200 or do not exist.
        if !matches!(status, 200 | 500 | 503) {
            return Err(Failure::NoPage(place, page.name().to_string()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            self.received.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if (body.len() + chunk.len()) as u64 > LARGEST_ANSWER {
                return Err(Failure::TooLarge(place, LARGEST_ANSWER >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|error| Failure::NotNats(place, error.to_string()))
    }
}

/// An address as people write it in a sentence: host and port.
pub fn place(root: &Url) -> String {
    let host = root.host_str().unwrap_or_default();
    match root.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    }
}

fn unusable(error: reqwest::Error) -> Failure {
    Failure::Settings(error.to_string())
}

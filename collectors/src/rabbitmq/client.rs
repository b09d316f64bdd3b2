//! Asks the management API and the Prometheus endpoints. I/O only: nothing is decided here but how to ask.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use brokerscope_contract::Cost;
use reqwest::{RequestBuilder, Response, Url, header, redirect};
use serde::de::DeserializeOwned;

use super::config::Config;
use super::failure::Failure;
use crate::excerpt::shortened;
use crate::transport::send;

/// More than any answer that is asked for at the sizes at which it is asked for; less than hurts.
const LARGEST_ANSWER: u64 = 128 << 20;

/// A client of one cluster. Requests go to the management address that answered last; see [`Client::first_answer`].
pub struct Client {
    http: reqwest::Client,
    management: Vec<Url>,
    user: String,
    password: String,
    current: AtomicUsize,
    requests: AtomicU32,
    bytes: AtomicU64,
}

/// An answer of a health check: the status decides, the body explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Client {
    /// Opens no connection. The error is a sentence about the settings.
    pub fn new(config: &Config) -> Result<Client, String> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("brokerscope/", env!("CARGO_PKG_VERSION")))
            // A login must not travel to wherever a redirect points.
            .redirect(redirect::Policy::none())
            // Straight to the broker: its addresses are inside the network more often than not.
            .no_proxy()
            // Compression costs the broker more than the network costs here.
            .no_gzip()
            .http1_only()
            .timeout(config.timeout)
            .connect_timeout(config.timeout.min(Duration::from_secs(5)))
            .pool_max_idle_per_host(4)
            .tls_danger_accept_invalid_certs(config.tls.insecure);
        if let Some(pem) = &config.tls.ca {
            let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(|e| e.to_string())?;
            http = http.tls_certs_merge(certificates);
        }
        if let Some(pem) = &config.tls.identity {
            http = http.identity(reqwest::Identity::from_pem(pem.as_bytes()).map_err(|e| e.to_string())?);
        }
        Ok(Client {
            http: http.build().map_err(|error| error.to_string())?,
            management: config.management.clone(),
            user: config.user.clone(),
            password: config.password.clone(),
            current: AtomicUsize::new(0),
            requests: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    pub fn management(&self) -> &[Url] {
        &self.management
    }

    /// The management address that answers for the cluster at present.
    pub fn current(&self) -> &Url {
        &self.management[self.current.load(Ordering::Relaxed) % self.management.len()]
    }

    /// Asks one address after the other, the current one first, until one answers; that one becomes the current one.
    pub async fn first_answer<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let (count, first) = (self.management.len(), self.current.load(Ordering::Relaxed));
        let mut failure = None;
        for step in 0..count {
            let at = (first + step) % count;
            match self.ask_at(&self.management[at], path).await {
                Ok(answer) => {
                    self.current.store(at, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(other) if other.is_about_the_node() => failure = failure.or(Some(other)),
                Err(refusal) => return Err(refusal),
            }
        }
        Err(failure.unwrap_or_else(|| Failure::Unreachable("The broker".into(), "no address is known".into())))
    }

    /// One question to the current address; `path` begins after `/api/`.
    pub async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.ask_at(self.current(), path).await
    }

    /// One question to one address.
    pub async fn ask_at<T: DeserializeOwned>(&self, root: &Url, path: &str) -> Result<T, Failure> {
        let place = place(root);
        let (response, location) = self.send(self.api(root, path)?, root).await?;
        let status = response.status().as_u16();
        let body = self.body(response, root).await?;
        if status != 200 {
            return Err(Failure::of_status(status, &body, &place, location.as_deref()));
        }
        serde_json::from_slice(&body).map_err(|error| {
            let why = match body.first() {
                Some(b'{' | b'[') => format!("its JSON cannot be read ({})", shortened(&error.to_string())),
                Some(b'<') => "it is a web page".into(),
                Some(_) => "it is no JSON".into(),
                None => "it is empty".into(),
            };
            Failure::NotRabbitMq(place, why)
        })
    }

    /// A health check at one address, whatever its status.
    pub async fn check_at(&self, root: &Url, path: &str) -> Result<Answer, Failure> {
        let (response, _) = self.send(self.api(root, path)?, root).await?;
        let status = response.status().as_u16();
        let body = self.body(response, root).await?;
        Ok(Answer { status, body })
    }

    /// The text of a Prometheus endpoint.
    ///
    /// These endpoints ask for no login by default. Where one does, it gets it, but never over plain HTTP while the
    /// management API is used with TLS.
    pub async fn scrape(&self, root: &Url, path: &str) -> Result<String, Failure> {
        let url = join(root, path)?;
        let (response, location) = self.send(self.http.get(url.clone()), root).await?;
        let may_login = root.scheme() == "https" || self.current().scheme() == "http";
        let (response, location) = match response.status().as_u16() {
            401 if may_login => {
                let request = self.http.get(url).basic_auth(&self.user, Some(&self.password));
                self.send(request, root).await?
            }
            _ => (response, location),
        };
        let status = response.status().as_u16();
        let body = self.body(response, root).await?;
        if status != 200 {
            return Err(Failure::of_status(status, &body, &place(root), location.as_deref()));
        }
        // Names are UTF-8 in AMQP; anything else is not worth losing the whole answer for.
        Ok(String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// What was spent since the last call.
    pub fn take_cost(&self) -> Cost {
        Cost {
            requests: self.requests.swap(0, Ordering::Relaxed),
            bytes: self.bytes.swap(0, Ordering::Relaxed),
            seconds: 0.0,
        }
    }

    fn api(&self, root: &Url, path: &str) -> Result<RequestBuilder, Failure> {
        let url = join(root, &format!("api/{path}"))?;
        Ok(self.http.get(url).basic_auth(&self.user, Some(&self.password)))
    }

    async fn send(&self, request: RequestBuilder, root: &Url) -> Result<(Response, Option<String>), Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let sent = send(request).await;
        let response = sent.map_err(|error| transport(&error, root))?;
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|value| value.to_str().ok()).map(shortened);
        Ok((response, location))
    }

    async fn body(&self, mut response: Response, root: &Url) -> Result<Vec<u8>, Failure> {
        // What a server announces is a hint, not a reason to reserve all of it.
        let announced = response.content_length().unwrap_or(0).min(16 << 20);
        let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error, root))? {
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if body.len() as u64 + chunk.len() as u64 > LARGEST_ANSWER {
                return Err(Failure::TooLarge(place(root), LARGEST_ANSWER >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
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

/// A name as one segment of a path: a virtual host may be called `/`.
pub fn segment(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn transport(error: &reqwest::Error, root: &Url) -> Failure {
    Failure::of_transport(error, &place(root), root.scheme() == "https")
}

fn join(root: &Url, path: &str) -> Result<Url, Failure> {
    let joined = Url::parse(&format!("{root}{path}"));
    joined.map_err(|error| Failure::Unreachable(place(root), error.to_string()))
}

//! Asks brokers over HTTP. I/O only: nothing is decided here but how to ask.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use brokerscope_contract::Cost;
use reqwest::{Response, Url, header, redirect::Policy};
use serde::de::DeserializeOwned;

use super::config::{Config, Login};
use super::failure::Failure;
use super::redirect::{MOST_HOPS, Step, place, step};
use super::refusal::{Refusal, Why};
use crate::excerpt::shortened;
use crate::server_clock::ServerClock;
use crate::transport::send;

/// More than any answer at the sizes at which it is asked for; less than hurts.
const LARGEST_ANSWER: u64 = 256 << 20;

/// A client of one cluster. Questions about the cluster go to the address that answered last.
pub struct Client {
    http: reqwest::Client,
    login: Login,
    admin: Vec<Url>,
    current: AtomicUsize,
    /// Brokers that the cluster named: beside the configured addresses the only ones that ever get the login.
    brokers: Mutex<Vec<Url>>,
    clock: ServerClock,
    requests: AtomicU32,
    bytes: AtomicU64,
}

impl Client {
    /// Opens no connection. The error is a sentence about the settings.
    pub fn new(config: &Config) -> Result<Client, String> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("brokerscope/", env!("CARGO_PKG_VERSION")))
            // Redirects are Pulsar's way to say whose topic it is; they are judged here, not by the library.
            .redirect(Policy::none())
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
            login: config.login.clone(),
            admin: config.admin.clone(),
            current: AtomicUsize::new(0),
            brokers: Mutex::default(),
            clock: ServerClock::default(),
            requests: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    /// The brokers' clock beside this machine's; it is told the time of each visit.
    pub fn clock(&self) -> &ServerClock {
        &self.clock
    }

    /// The configured addresses.
    pub fn admin(&self) -> &[Url] {
        &self.admin
    }

    /// The address that answers for the cluster at present.
    pub fn current(&self) -> &Url {
        &self.admin[self.current.load(Ordering::Relaxed) % self.admin.len()]
    }

    /// From now on these may be asked, and redirects to them are followed.
    pub fn trust(&self, brokers: impl IntoIterator<Item = Url>) {
        if let Ok(mut known) = self.brokers.lock() {
            *known = brokers.into_iter().collect();
        }
    }

    /// Asks one configured address after the other, the current one first, until one answers; that one becomes the
    /// current one.
    pub async fn first_answer(&self, path: &str) -> Result<String, Failure> {
        let (count, first) = (self.admin.len(), self.current.load(Ordering::Relaxed));
        let mut failure = None;
        for hop in 0..count {
            let at = (first + hop) % count;
            match self.text_at(&self.admin[at], path).await {
                Ok(answer) => {
                    self.current.store(at, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(other) if other.is_about_the_broker() => failure = failure.or(Some(other)),
                Err(refusal) => return Err(refusal),
            }
        }
        Err(failure.unwrap_or_else(|| Failure::Unreachable("The broker".into(), "no address is known".into())))
    }

    /// One question to the current address; `path` begins after `/admin/v2/`.
    pub async fn ask<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.ask_at(self.current(), path).await
    }

    /// One question to one broker; `path` begins after `/admin/v2/`.
    pub async fn ask_at<T: DeserializeOwned>(&self, root: &Url, path: &str) -> Result<T, Failure> {
        self.json(root, &format!("admin/v2/{path}")).await
    }

    /// One question to the functions worker behind the current address; `path` begins after `/admin/v3/`.
    pub async fn ask_worker<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.json(self.current(), &format!("admin/v3/{path}")).await
    }

    async fn json<T: DeserializeOwned>(&self, root: &Url, path: &str) -> Result<T, Failure> {
        let body = self.get(root, path).await?;
        serde_json::from_slice(&body).map_err(|error| {
            let why = match body.first() {
                Some(b'{' | b'[' | b'"') => format!("its JSON cannot be read ({})", shortened(&error.to_string())),
                Some(b'<') => "it is a web page".into(),
                Some(_) => "it is no JSON".into(),
                None => "it is empty".into(),
            };
            Failure::NotPulsar(place(root), why)
        })
    }

    /// One question whose answer is plain text; `path` begins after `/admin/v2/`.
    pub async fn text_at(&self, root: &Url, path: &str) -> Result<String, Failure> {
        self.get(root, &format!("admin/v2/{path}")).await.map(text)
    }

    /// The metrics of one broker. The slash saves a redirect.
    pub async fn metrics_at(&self, root: &Url) -> Result<String, Failure> {
        self.get(root, "metrics/").await.map(text)
    }

    /// Requests of this visit so far.
    pub fn spent(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What was spent since the last call.
    pub fn take_cost(&self) -> Cost {
        Cost {
            requests: self.requests.swap(0, Ordering::Relaxed),
            bytes: self.bytes.swap(0, Ordering::Relaxed),
            seconds: 0.0,
        }
    }

    /// Follows redirects to brokers of this connection, with the login each time: HTTP libraries drop it when the host
    /// changes.
    async fn get(&self, root: &Url, path: &str) -> Result<Vec<u8>, Failure> {
        let mut url = Url::parse(&format!("{root}{path}"))
            .map_err(|error| Failure::Unreachable(place(root), error.to_string()))?;
        for _ in 0..=MOST_HOPS {
            let response = self.send(&url).await?;
            let status = response.status().as_u16();
            if !(300..400).contains(&status) {
                let body = self.body(response, &url).await?;
                return match status {
                    200 => Ok(body),
                    // How brokers say yes without words.
                    204 => Ok(Vec::new()),
                    _ => Err(match Failure::of_status(status, &body, &place(&url)) {
                        Failure::Refusal(refusal) => Failure::Refusal(Refusal {
                            why: Why::of(&self.login, self.clock.best()),
                            ..refusal
                        }),
                        other => other,
                    }),
                };
            }
            let location = response.headers().get(header::LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            url = match step(&url, location, &self.known()) {
                Step::Follow(target) => target,
                Step::Foreign(target) => return Err(Failure::ForeignRedirect(place(&url), target)),
                Step::Unencrypted(target) => return Err(Failure::UnencryptedRedirect(place(&url), target)),
                Step::Nowhere => return Err(Failure::Status(place(&url), status, ": it redirects nowhere".into())),
            };
        }
        Err(Failure::EndlessRedirect(place(root)))
    }

    fn known(&self) -> Vec<Url> {
        let named = self.brokers.lock().map(|known| known.clone()).unwrap_or_default();
        self.admin.iter().cloned().chain(named).collect()
    }

    async fn send(&self, url: &Url) -> Result<Response, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = self.http.get(url.clone());
        let request = match &self.login {
            Login::None => request,
            Login::Token(token) => request.bearer_auth(token),
            Login::Basic { user, password } => request.basic_auth(user, Some(password)),
        };
        let response = send(request).await.map_err(|error| transport(&error, url))?;
        let date = response.headers().get(header::DATE);
        self.clock.note(date.and_then(|value| value.to_str().ok()));
        Ok(response)
    }

    async fn body(&self, mut response: Response, url: &Url) -> Result<Vec<u8>, Failure> {
        // What a server announces is a hint, not a reason to reserve all of it.
        let announced = response.content_length().unwrap_or(0).min(16 << 20);
        let mut body = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error, url))? {
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if body.len() as u64 + chunk.len() as u64 > LARGEST_ANSWER {
                return Err(Failure::TooLarge(place(url), LARGEST_ANSWER >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Names are UTF-8 in Pulsar; anything else is not worth losing the whole answer for.
fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn transport(error: &reqwest::Error, url: &Url) -> Failure {
    Failure::of_transport(error, &place(url), url.scheme() == "https")
}

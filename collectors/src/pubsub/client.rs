//! Asks the admin API and Cloud Monitoring. I/O only: nothing is decided here but how to ask.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use brokerscope_contract::{Cost, Timestamp};
use reqwest::{RequestBuilder, Url, header, redirect};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::config::Config;
use super::credentials::Credentials;
use super::failure::{Asked, Failure};
use super::token::{self, Token};
use super::wire::Page;
use crate::excerpt::shortened;
use crate::server_clock::ServerClock;
use crate::transport::send;

/// More than a page of 100,000 points; less than hurts.
const LARGEST_ANSWER: u64 = 128 << 20;
/// More than any project may have: 10,000 topics or subscriptions at 100 a page.
const MOST_PAGES: usize = 200;

/// A client of some projects, with one login.
pub struct Client {
    http: reqwest::Client,
    /// For the metadata server, which no proxy can reach.
    direct: reqwest::Client,
    credentials: Credentials,
    token: tokio::sync::Mutex<Option<Token>>,
    clock: ServerClock,
    requests: AtomicU32,
    bytes: AtomicU64,
}

/// An answer, whatever its status.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub retry_after: Option<u64>,
}

impl Client {
    /// Opens no connection. The error is a sentence about the settings.
    pub fn new(config: &Config) -> Result<Client, String> {
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("brokerscope/", env!("CARGO_PKG_VERSION")))
                // A login must not travel to wherever a redirect points.
                .redirect(redirect::Policy::none())
                .timeout(config.timeout)
                .connect_timeout(config.timeout.min(Duration::from_secs(5)))
                .pool_max_idle_per_host(4)
        };
        let built = |builder: reqwest::ClientBuilder| builder.build().map_err(|error| error.to_string());
        Ok(Client {
            http: built(builder())?,
            direct: built(builder().no_proxy().timeout(Duration::from_secs(5)))?,
            credentials: config.credentials.clone(),
            token: tokio::sync::Mutex::default(),
            clock: ServerClock::default(),
            requests: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
        })
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub fn direct(&self) -> &reqwest::Client {
        &self.direct
    }

    /// Tells this machine's time at the beginning of a visit.
    pub fn begin(&self, at: Timestamp) {
        self.clock.begin(at);
    }

    /// Now: by Google where its time is known, and by this machine otherwise.
    pub fn now(&self) -> Timestamp {
        self.clock.best()
    }

    pub fn google_time(&self) -> Option<Timestamp> {
        self.clock.server()
    }

    /// By how many seconds Google's clock is ahead of this machine's, when both are known.
    pub fn skew_seconds(&self) -> Option<f64> {
        Some(self.clock.ahead()? as f64 / 1_000.0)
    }

    /// Makes sure that there is a token, without asking anything else.
    pub async fn log_in(&self) -> Result<(), Failure> {
        self.bearer(false).await.map(|_| ())
    }

    /// One question. A token that is refused is replaced once: it may have been revoked.
    pub async fn ask<T: DeserializeOwned>(&self, url: &Url, asked: Asked<'_>) -> Result<T, Failure> {
        let place = place(url);
        let mut answer = self.send(self.get(url, false).await?, &place).await?;
        if answer.status == 401 && !matches!(self.credentials, Credentials::Anonymous) {
            answer = self.send(self.get(url, true).await?, &place).await?;
        }
        if answer.status != 200 {
            let Answer {
                status,
                body,
                retry_after,
            } = answer;
            return Err(Failure::of_status(status, &body, &place, asked, retry_after));
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            let why = match answer.body.first() {
                Some(b'{' | b'[') => format!("its JSON cannot be read ({})", shortened(&error.to_string())),
                Some(b'<') => "it is a web page".into(),
                Some(_) => "it is no JSON".into(),
                None => "it is empty".into(),
            };
            Failure::NotGoogle(place, why)
        })
    }

    /// All pages of a list, and how many there were. `url` holds the question without a page token.
    pub async fn ask_all<P: Page + DeserializeOwned>(
        &self,
        url: &Url,
        asked: Asked<'_>,
    ) -> Result<(Vec<P::Item>, usize), Failure> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        for pages in 1..=MOST_PAGES {
            let mut page_url = url.clone();
            if let Some(token) = &token {
                page_url.query_pairs_mut().append_pair("pageToken", token);
            }
            let page: P = self.ask(&page_url, asked).await?;
            let (items, next) = page.into_parts();
            all.extend(items);
            match next {
                None => return Ok((all, pages)),
                // Would go round for ever.
                Some(next) if Some(&next) == token.as_ref() => break,
                Some(next) => token = Some(next),
            }
        }
        Err(Failure::Paging(place(url)))
    }

    async fn get(&self, url: &Url, renew: bool) -> Result<RequestBuilder, Failure> {
        let request = self.http.get(url.clone());
        Ok(match self.bearer(renew).await? {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    /// The token that is valid at present. The lock is held while a new one is fetched, so that it is fetched once.
    async fn bearer(&self, renew: bool) -> Result<Option<String>, Failure> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref().filter(|token| !renew && Instant::now() < token.until) {
            return Ok(Some(token.value.clone()));
        }
        *kept = None;
        *kept = token::get(self, &self.credentials).await?;
        Ok(kept.as_ref().map(|token| token.value.clone()))
    }

    /// One request, counted. Takes Google's time from whatever is answered.
    pub async fn send(&self, request: RequestBuilder, place: &str) -> Result<Answer, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let sent = send(request).await;
        let mut response = sent.map_err(|error| Failure::of_transport(&error, place))?;
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        self.clock.note(text(header::DATE));
        let retry_after = text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| Failure::of_transport(&error, place))?
        {
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            if body.len() as u64 + chunk.len() as u64 > LARGEST_ANSWER {
                return Err(Failure::TooLarge(place.into(), LARGEST_ANSWER >> 20));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            body,
            retry_after,
        })
    }

    /// What was spent since the last call.
    pub fn take_cost(&self) -> Cost {
        Cost {
            requests: self.requests.swap(0, Ordering::Relaxed),
            bytes: self.bytes.swap(0, Ordering::Relaxed),
            seconds: 0.0,
        }
    }
}

/// An address as people write it in a sentence: the host, and the port where it is not the usual one.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    }
}

//! The webhook: its address, sealed at rest, and the queue of messages on their way to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use brokerscope_contract::api::webhook::{Delivery, WebhookView};
use brokerscope_contract::{Alert, Timestamp};
use brokerscope_store::{Store, StoreError};
use reqwest::{Client, Url};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::delivery::{self, Outcome};
use super::message::{Message, News, Occasion, Told};
use crate::clock::Clock;
use crate::secrets::{Vault, VaultError};

/// The store's key of the address, and what it is sealed for.
const SETTING: &str = "webhook";
/// Messages that wait for a receiver that is away. When more come the newest are dropped, and that is logged.
const WAITING: usize = 500;

/// Why the address could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the address cannot be sealed: the key {0}")]
    Vault(#[from] VaultError),
}

/// Tells one address when an alert fires or ends. Shared; nothing here waits for the receiver but [`Webhook::test`].
pub struct Webhook {
    store: Store,
    vault: Vault,
    state: Arc<Mutex<State>>,
    queue: mpsc::Sender<Message>,
    client: Option<Client>,
    _sender: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct State {
    url: Option<Url>,
    last: Option<Delivery>,
    told: Told,
    /// Where receivers reach this server.
    external_url: Option<String>,
}

impl Webhook {
    /// Takes up the stored address. One that cannot be opened, such as after a change of the key, is left and logged.
    pub async fn load(store: Store, vault: Vault, clock: Clock) -> Result<Webhook, NotifyError> {
        let mut state = State {
            told: Told::of_active(&store.active_alerts().await?),
            ..State::default()
        };
        if let Some(sealed) = store.setting(SETTING).await? {
            state.url = match vault.open(SETTING, &sealed) {
                Ok(plain) => String::from_utf8(plain).ok().and_then(|text| Url::parse(&text).ok()),
                Err(error) => {
                    tracing::warn!(%error, "the webhook's address cannot be opened; set it again");
                    None
                }
            };
        }
        let client = delivery::client()
            .inspect_err(|error| tracing::error!(%error, "no alert can be sent"))
            .ok();
        let state = Arc::new(Mutex::new(state));
        let (queue, waiting) = mpsc::channel(WAITING);
        let sender = tokio::spawn(send_all(waiting, client.clone(), Arc::clone(&state), clock));
        Ok(Webhook {
            store,
            vault,
            state,
            queue,
            client,
            _sender: AbortOnDropHandle::new(sender),
        })
    }

    /// An address from the configuration file: used, and not stored.
    pub fn declare(&self, url: String) {
        match Url::parse(&url) {
            Ok(url) => lock(&self.state).url = Some(url),
            Err(error) => tracing::warn!(%error, "the declared webhook is not a web address"),
        }
    }

    /// Where receivers reach this server, for the links in what they are told.
    pub fn reached_at(&self, external_url: Option<String>) {
        lock(&self.state).external_url = external_url;
    }

    /// Sets or removes the address. What waits already goes to the new one.
    pub async fn set(&self, url: Option<String>, _now: Timestamp) -> Result<(), NotifyError> {
        let parsed = url.as_deref().and_then(|text| Url::parse(text).ok());
        match &parsed {
            Some(url) => {
                self.store
                    .set_setting(SETTING, &self.vault.seal(SETTING, url.as_str().as_bytes())?)
                    .await?
            }
            None => self.store.delete_setting(SETTING).await?,
        }
        let mut state = lock(&self.state);
        state.url = parsed;
        state.last = None;
        Ok(())
    }

    pub fn view(&self) -> WebhookView {
        let state = lock(&self.state);
        WebhookView {
            url: state.url.as_ref().map(shown),
            last_delivery: state.last.clone(),
        }
    }

    /// One try, now, with a message that says it is a test.
    pub async fn test(&self, now: Timestamp) -> Delivery {
        let url = lock(&self.state).url.clone();
        let delivery = match (url, &self.client) {
            (Some(url), Some(client)) => told_of(&delivery::attempt(client, &url, &Message::test(now)).await, now),
            _ => Delivery {
                at: now,
                delivered: false,
                text: "No address is set.".to_string(),
            },
        };
        lock(&self.state).last = Some(delivery.clone());
        delivery
    }

    /// Queues a message for each alert whose state is news.
    pub fn tell(&self, alerts: &[Alert], now: Timestamp) {
        for alert in alerts {
            let (news, has_address, external_url) = {
                let mut state = lock(&self.state);
                (state.told.news(alert), state.url.is_some(), state.external_url.clone())
            };
            let occasion = match news {
                News::First => Occasion::Fired,
                News::End => Occasion::Resolved,
                News::Known | News::NothingToTell => continue,
            };
            let message = || Message::about(alert, occasion, now, external_url.as_deref());
            if has_address && self.queue.try_send(message()).is_err() {
                tracing::warn!(
                    alert = alert.id,
                    "too many messages wait for the webhook; this one is dropped"
                );
            }
        }
    }
}

/// One message after the other, so that an end never overtakes its beginning.
async fn send_all(
    mut waiting: mpsc::Receiver<Message>,
    client: Option<Client>,
    state: Arc<Mutex<State>>,
    clock: Clock,
) {
    while let Some(message) = waiting.recv().await {
        let url = lock(&state).url.clone();
        let (Some(url), Some(client)) = (url, &client) else {
            continue;
        };
        let outcome = delivery::deliver(client, &url, &message).await;
        let delivery = told_of(&outcome, clock.now());
        if !delivery.delivered {
            tracing::warn!(reason = %delivery.text, "an alert could not be delivered to the webhook");
        }
        lock(&state).last = Some(delivery);
    }
}

fn told_of(outcome: &Outcome, at: Timestamp) -> Delivery {
    let (delivered, text) = match outcome {
        Outcome::Delivered { text } => (true, text),
        Outcome::TryAgain { text } | Outcome::Refused { text } => (false, text),
    };
    Delivery {
        at,
        delivered,
        text: text.clone(),
    }
}

/// Scheme and host only: path, query and user may hold a token.
fn shown(url: &Url) -> String {
    let rest = if url.path().len() > 1 || url.query().is_some() {
        "/\u{2026}"
    } else {
        ""
    };
    format!("{}{rest}", url.origin().ascii_serialization())
}

/// A panic elsewhere while the lock was held leaves nothing half-done here.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_and_host_of_the_address_are_shown() {
        for (url, expected) in [
            ("https://hooks.example/T0/SECRET?k=1", "https://hooks.example/\u{2026}"),
            ("https://user:pass@hooks.example:8443", "https://hooks.example:8443"),
            ("http://127.0.0.1:9/", "http://127.0.0.1:9"),
        ] {
            assert_eq!(shown(&Url::parse(url).unwrap()), expected);
        }
    }
}

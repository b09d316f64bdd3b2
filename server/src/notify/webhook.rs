//! The webhook: its address, sealed at rest, and what is told to it.

use std::sync::Arc;

use brokerscope_contract::api::webhook::{Delivery, WebhookView};
use brokerscope_contract::{Alert, Timestamp};
use brokerscope_store::{Store, StoreError};
use reqwest::{Client, Url};
use tokio_util::task::AbortOnDropHandle;

use super::delivery::{self, told_of};
use super::message::{Message, News, Occasion, Told};
use super::outbox::Outbox;
use super::sender::send_all;
use crate::clock::Clock;
use crate::secrets::{Vault, VaultError};

/// The store's key of the address, and what it is sealed for.
const SETTING: &str = "webhook";

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
    outbox: Arc<Outbox>,
    client: Option<Client>,
    _sender: Option<AbortOnDropHandle<()>>,
}

impl Webhook {
    /// Takes up the stored address. One that cannot be opened, such as after a change of the key, is left and logged.
    pub async fn load(store: Store, vault: Vault, clock: Clock) -> Result<Webhook, NotifyError> {
        let told = Told::of_active(&store.active_alerts().await?);
        let mut url = None;
        if let Some(sealed) = store.setting(SETTING).await? {
            url = match vault.open(SETTING, &sealed) {
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
        let outbox = Arc::new(Outbox::new(url, told));
        let sender = client
            .clone()
            .map(|client| tokio::spawn(send_all(Arc::clone(&outbox), client, clock)));
        Ok(Webhook {
            store,
            vault,
            outbox,
            client,
            _sender: sender.map(AbortOnDropHandle::new),
        })
    }

    /// An address from the configuration file: used, and not stored.
    pub fn declare(&self, url: String) {
        match Url::parse(&url) {
            Ok(url) => self.outbox.lock().url = Some(url),
            Err(error) => tracing::warn!(%error, "the declared webhook is not a web address"),
        }
    }

    /// Where receivers reach this server, for the links in what they are told.
    pub fn reached_at(&self, external_url: Option<String>) {
        self.outbox.lock().external_url = external_url;
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
        self.outbox.readdress(parsed);
        Ok(())
    }

    pub fn view(&self) -> WebhookView {
        let state = self.outbox.lock();
        WebhookView {
            url: state.url.as_ref().map(shown),
            last_delivery: state.last.clone(),
        }
    }

    /// One try, now, with a message that says it is a test.
    pub async fn test(&self, now: Timestamp) -> Delivery {
        let url = self.outbox.lock().url.clone();
        let delivery = match (url, &self.client) {
            (Some(url), Some(client)) => told_of(&delivery::attempt(client, &url, &Message::test(now)).await, now),
            _ => Delivery {
                at: now,
                delivered: false,
                text: "No address is set.".to_string(),
            },
        };
        self.outbox.lock().last = Some(delivery.clone());
        delivery
    }

    /// Queues a message for each alert whose state is news.
    pub fn tell(&self, alerts: &[Alert], now: Timestamp) {
        for alert in alerts {
            let (news, can_be_sent, external_url) = {
                let mut state = self.outbox.lock();
                let can_be_sent = state.url.is_some() && self.client.is_some();
                (state.told.news(alert), can_be_sent, state.external_url.clone())
            };
            let occasion = match news {
                News::First => Occasion::Fired,
                News::End => Occasion::Resolved,
                News::Known | News::NothingToTell => continue,
            };
            if can_be_sent {
                self.outbox
                    .post(Message::about(alert, occasion, now, external_url.as_deref()));
            }
        }
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

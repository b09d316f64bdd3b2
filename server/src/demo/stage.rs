//! Starts and stops the demo, together with its connection, and remembers when it was switched off.

use std::sync::Arc;

use brokerscope_contract::ConnectionId;
use brokerscope_contract::api::demo::DemoView;
use brokerscope_contract::connection::Origin;
use brokerscope_store::{Store, StoreError};
use tokio::sync::Mutex;

use super::error::DemoError;
use super::shop::{self, Fault};
use crate::clock::Clock;
use crate::connections::Connections;

/// The setting that remembers that somebody switched it off.
const SETTING: &str = "demo";
const OFF: &[u8] = b"off";
const MESSAGES_PER_SECOND: u32 = 200;

/// When the demo starts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Never,
    /// When nobody has configured a broker, nor switched the demo off.
    Unconfigured,
    Always,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub when: When,
    /// Base address of an OTLP receiver that is sent the spans of the demo's services.
    pub otlp_endpoint: Option<String>,
}

/// The place where the demo plays, whether it does or not.
pub struct Demo {
    connections: Arc<Connections>,
    store: Store,
    clock: Clock,
    settings: Settings,
    /// Held during a whole change, so that there is never half a demo.
    running: Mutex<Option<Running>>,
}

struct Running {
    shop: shop::Demo,
    connection: ConnectionId,
}

impl Demo {
    pub fn new(connections: Arc<Connections>, store: Store, clock: Clock, settings: Settings) -> Demo {
        Demo {
            connections,
            store,
            clock,
            settings,
            running: Mutex::new(None),
        }
    }

    /// Called once, when the server runs: starts the demo if that is wanted.
    pub async fn begin(&self) {
        let begun = match self.wanted().await {
            Ok(true) => self.start().await,
            Ok(false) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = begun {
            tracing::warn!(%error, "the demo did not start");
        }
    }

    async fn wanted(&self) -> Result<bool, StoreError> {
        Ok(match self.settings.when {
            When::Never => false,
            When::Always => true,
            When::Unconfigured if !shop::AVAILABLE => false,
            When::Unconfigured => {
                let others = self.store.connections().await?;
                let others = others.iter().any(|connection| connection.origin != Origin::Demo);
                !others && self.store.setting(SETTING).await?.as_deref() != Some(OFF)
            }
        })
    }

    /// Starts it, and forgets that it was ever switched off.
    pub async fn switch_on(self: &Arc<Self>) -> Result<DemoView, DemoError> {
        self.to_its_end(|demo| async move {
            demo.start().await?;
            demo.store.delete_setting(SETTING).await?;
            demo.view().await
        })
        .await
    }

    /// Stops it for good: it does not come back by itself.
    pub async fn switch_off(self: &Arc<Self>) -> Result<(), DemoError> {
        self.to_its_end(|demo| async move { demo.stop().await }).await
    }

    /// Who asked for a change may be gone before it is complete, and half of one must not be left behind.
    async fn to_its_end<T, F>(self: &Arc<Self>, change: impl FnOnce(Arc<Demo>) -> F) -> Result<T, DemoError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, DemoError>> + Send + 'static,
    {
        let changed = tokio::spawn(change(Arc::clone(self))).await;
        changed.unwrap_or(Err(DemoError::Interrupted))
    }

    async fn start(&self) -> Result<(), DemoError> {
        let mut running = self.running.lock().await;
        if running.is_some() {
            return Ok(());
        }
        let options = shop::Options {
            clock: self.clock.as_fn(),
            messages_per_second: MESSAGES_PER_SECOND,
            otlp_endpoint: self.settings.otlp_endpoint.clone(),
        };
        let shop = shop::Demo::start(options).await?;
        match self.connections.add_demo(shop.bootstrap_servers()).await {
            Ok(connection) => {
                tracing::info!(brokers = shop.bootstrap_servers(), "the demo runs");
                *running = Some(Running { shop, connection });
                Ok(())
            }
            Err(error) => {
                shop.shutdown().await;
                // Nobody but the demo can remove its connection, so none may be left without it.
                if let Err(error) = self.connections.remove_demo().await {
                    tracing::warn!(%error, "the connection of a demo that did not start is left");
                }
                Err(error.into())
            }
        }
    }

    /// The shop ends last: as long as something before fails, it runs, and can be switched off again.
    async fn stop(&self) -> Result<(), DemoError> {
        let mut running = self.running.lock().await;
        if running.is_none() {
            return Err(DemoError::Off);
        }
        self.store.set_setting(SETTING, OFF).await?;
        if let Err(error) = self.connections.remove_demo().await {
            self.store.delete_setting(SETTING).await?;
            return Err(error.into());
        }
        if let Some(ended) = running.take() {
            ended.shop.shutdown().await;
        }
        tracing::info!("the demo is switched off");
        Ok(())
    }

    /// What it does now.
    ///
    /// # Errors
    /// Only [`DemoError::Off`].
    pub async fn view(&self) -> Result<DemoView, DemoError> {
        let running = self.running.lock().await;
        running.as_ref().map(Running::view).ok_or(DemoError::Off)
    }

    pub async fn set_fault(self: &Arc<Self>, slug: &str, on: bool) -> Result<DemoView, DemoError> {
        let slug = slug.to_owned();
        self.to_its_end(move |demo| async move {
            let running = demo.running.lock().await;
            let running = running.as_ref().ok_or(DemoError::Off)?;
            let fault = Fault::from_slug(&slug).ok_or(DemoError::NoSuchFault)?;
            running.shop.set(fault, on).await?;
            tracing::info!(fault = slug, on, "a fault of the demo was switched");
            Ok(running.view())
        })
        .await
    }

    pub async fn reset(self: &Arc<Self>) -> Result<DemoView, DemoError> {
        self.to_its_end(|demo| async move {
            let running = demo.running.lock().await;
            let running = running.as_ref().ok_or(DemoError::Off)?;
            running.shop.reset().await?;
            Ok(running.view())
        })
        .await
    }

    /// Stops it until the next start of the server.
    pub async fn shutdown(&self) {
        if let Some(ended) = self.running.lock().await.take() {
            ended.shop.shutdown().await;
        }
    }
}

impl Running {
    fn view(&self) -> DemoView {
        DemoView {
            connection: self.connection,
            faults: self.shop.faults(),
            totals: self.shop.totals(),
            ended_services: self.shop.ended_services(),
        }
    }
}

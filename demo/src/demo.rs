//! The handle of a running demo: started, asked, changed and stopped from any thread.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::demo::{FaultView, OrderTotals};
use rdkafka::error::KafkaError;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::clients::{self, Joined};
use crate::faults::{Fault, Faults};
use crate::services;
use crate::shop::{Shop, create_topics};
use crate::telemetry::{Exporter, Tracer};

/// The services join their groups within this time; the demo is usable before.
const JOIN_WITHIN: Duration = Duration::from_secs(4);
/// Consumers that are still waiting for the broker when the demo ends are left behind after this.
const END_WITHIN: Duration = Duration::from_secs(5);

/// Each partition is on every node.
const REPLICAS: i32 = 3;

/// What a demo needs.
#[derive(Clone)]
pub struct Options {
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Of all services together, without faults.
    pub messages_per_second: u32,
    /// Base address of an OTLP receiver that is sent the services' spans.
    pub otlp_endpoint: Option<String>,
}

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo's thread cannot be started: {0}")]
    Thread(std::io::Error),
    #[error(transparent)]
    Broker(#[from] brokerscope_embedded_broker::Error),
    #[error("the demo's broker does not answer: {0}")]
    Client(#[from] KafkaError),
    #[error("the demo ended while it started")]
    Ended,
}

/// A running demo. Dropping it stops it without waiting.
pub struct Demo {
    bootstrap: String,
    broker: Broker,
    faults: watch::Sender<Faults>,
    resets: watch::Sender<u64>,
    totals: Arc<Mutex<OrderTotals>>,
    ended: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Demo {
    /// Starts the broker and the shop, and returns when the services have joined their groups, so that the first
    /// look at the broker finds everybody; or after a few seconds, when some have not.
    ///
    /// # Errors
    /// There is no thread or no port for it, or the broker does not work.
    pub async fn start(options: Options) -> Result<Demo, DemoError> {
        let broker = Broker::start()?;
        let bootstrap = broker.bootstrap_servers();
        let (faults, faults_seen) = watch::channel(Faults::default());
        let (resets, resets_seen) = watch::channel(0);
        let (totals, ended) = (Arc::default(), Arc::default());
        let stop = CancellationToken::new();
        let joined = Arc::new(Joined::default());
        let (ready, is_ready) = oneshot::channel();
        let making = Making {
            options,
            bootstrap: bootstrap.clone(),
            broker: broker.clone(),
            faults: faults_seen,
            resets: resets_seen,
            totals: Arc::clone(&totals),
            ended: Arc::clone(&ended),
            stop: stop.clone(),
            joined: Arc::clone(&joined),
        };
        let thread = std::thread::Builder::new()
            .name("demo".into())
            .spawn(move || making.live(ready))
            .map_err(DemoError::Thread)?;
        let demo = Demo {
            bootstrap,
            broker,
            faults,
            resets,
            totals,
            ended,
            stop,
            thread: Some(thread),
        };
        is_ready.await.map_err(|_| DemoError::Ended)??;
        let all = joined.reached(services::CONSUMERS.len());
        if tokio::time::timeout(JOIN_WITHIN, all).await.is_err() {
            tracing::warn!("not all services of the demo have joined their groups yet");
        }
        Ok(demo)
    }

    /// Where the demo's broker listens, as `bootstrap.servers` has it.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap
    }

    /// Every fault, and whether it is on.
    pub fn faults(&self) -> Vec<FaultView> {
        self.faults.borrow().views()
    }

    /// Switches a fault.
    ///
    /// # Errors
    /// The broker could not follow, e.g. because the port of a node that comes back is taken.
    pub async fn set(&self, fault: Fault, on: bool) -> Result<(), DemoError> {
        self.ask_broker(move |broker| broker.set(fault, on)).await?;
        self.faults.send_modify(|faults| *faults = faults.with(fault, on));
        Ok(())
    }

    /// Switches every fault off, and throws away the dead letters that came of them.
    ///
    /// # Errors
    /// As [`Demo::set`]: then a killed node is what is left, and the other faults are off nevertheless.
    pub async fn reset(&self) -> Result<(), DemoError> {
        let healed = self.ask_broker(Broker::heal).await;
        let was_killed = self.faults.borrow().has(Fault::NodeKilled);
        let left = Faults::default().with(Fault::NodeKilled, was_killed && healed.is_err());
        self.faults.send_replace(left);
        self.resets.send_modify(|resets| *resets += 1);
        healed
    }

    /// A node that goes or comes keeps whoever asks for it waiting, which no task may be.
    async fn ask_broker(
        &self,
        ask: impl FnOnce(&Broker) -> Result<(), brokerscope_embedded_broker::Error> + Send + 'static,
    ) -> Result<(), DemoError> {
        let broker = self.broker.clone();
        let asked = tokio::task::spawn_blocking(move || ask(&broker)).await;
        Ok(asked.map_err(|_| DemoError::Ended)??)
    }

    #[cfg(test)]
    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub fn totals(&self) -> OrderTotals {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Services that have ended though the shop runs, which is a mistake in this program.
    pub fn ended_services(&self) -> Vec<String> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops the services, then the broker, and waits for both.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let Some(thread) = self.thread.take() else { return };
        let ended = tokio::task::spawn_blocking(move || thread.join());
        if let Ok(Err(_panic)) = ended.await {
            tracing::error!("the demo's thread ended badly");
        }
        let broker = self.broker.clone();
        let _ = tokio::task::spawn_blocking(move || broker.stop()).await;
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What the demo's thread begins with.
struct Making {
    options: Options,
    bootstrap: String,
    broker: Broker,
    faults: watch::Receiver<Faults>,
    resets: watch::Receiver<u64>,
    totals: Arc<Mutex<OrderTotals>>,
    ended: Arc<Mutex<Vec<String>>>,
    stop: CancellationToken,
    joined: Arc<Joined>,
}

impl Making {
    /// The whole life of the shop, on a thread and a runtime of its own: librdkafka blocks where it likes, and the
    /// server must not notice.
    fn live(self, ready: oneshot::Sender<Result<(), DemoError>>) {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                let _ = ready.send(Err(DemoError::Thread(error)));
                return;
            }
        };
        LocalSet::new().block_on(&runtime, self.open_and_run(ready));
        runtime.shutdown_timeout(END_WITHIN);
    }

    async fn open_and_run(self, ready: oneshot::Sender<Result<(), DemoError>>) {
        match self.open().await {
            Ok(shop) => {
                let _ = ready.send(Ok(()));
                shop.run().await;
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    }

    async fn open(self) -> Result<Shop, DemoError> {
        create_topics(&self.bootstrap, REPLICAS).await?;
        let spans = self.options.otlp_endpoint.as_deref().map(|endpoint| {
            let (exporter, spans) = Exporter::new(endpoint);
            tokio::task::spawn_local(exporter.run());
            spans
        });
        Ok(Shop {
            producer: clients::producer(&self.bootstrap)?,
            careless: RefCell::default(),
            broker: self.broker,
            bootstrap: self.bootstrap,
            tracer: Tracer::new(spans, self.options.clock),
            stop: self.stop,
            joined: self.joined,
            pace: f64::from(self.options.messages_per_second),
            faults: self.faults,
            resets: self.resets,
            totals: self.totals,
            ended: self.ended,
            started: Instant::now(),
        })
    }
}

//! Wires the rooms together. The only place that knows all of them; `main` and the tests start the same way.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use brokerscope_collectors::Supervisor;
use brokerscope_store::{Retention, Store, StoreError, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::config::{Config, DeclaredRule, StoreConfig};
use crate::connections::{ConnectionError, Connections};
use crate::data_dir::{DataDir, DataDirError};
use crate::demo::{self, Demo};
use crate::events::Events;
use crate::http::{Api, Hosts, Parts, accept, router};
use crate::ingest::{self, Ingest};
use crate::live::Live;
use crate::notify::{NotifyError, Webhook};
use crate::process::Process;
use crate::secrets::{Key, KeyError, Vault, VaultError};

/// Visits that wait to be stored. A visit is at most one per connection at a time, so this is room for a pause of
/// the disk without holding more than a few snapshots in memory.
const VISITS_WAITING: usize = 16;
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(60);
/// How long open requests may take to end after the server was told to stop.
const REQUESTS_END_WITHIN: Duration = Duration::from_secs(5);

/// What a start needs.
#[derive(Debug)]
pub struct Options {
    /// Port 0 lets the system choose; [`App::address`] tells which.
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub config: Config,
    /// Listen where other machines can connect, without any login.
    pub insecure_no_login: bool,
    /// Names besides those in the file under which browsers may address the server.
    pub allowed_hosts: Vec<String>,
    /// Instead of the key file in the data directory.
    pub secret_key: Option<Key>,
    pub clock: Clock,
    pub demo: demo::Settings,
}

/// Why it did not start. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "{0} can be reached from other machines and there is no login yet; listen on 127.0.0.1 behind something that \
         asks for one, or add --insecure-no-login if everybody there may see and change everything"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the secret key cannot be used: it {0}")]
    Vault(#[from] VaultError),
    #[error("the database in {path} cannot be opened: {source}")]
    Store { path: PathBuf, source: StoreError },
    #[error("the stored data cannot be read: {0}")]
    Load(#[from] StoreError),
    #[error("the stored webhook cannot be read: {0}")]
    Webhook(#[from] NotifyError),
    #[error("the declared connections cannot be taken up: {0}")]
    Connections(#[from] ConnectionError),
}

/// A running Brokerscope.
pub struct App {
    address: SocketAddr,
    stopping: CancellationToken,
    connections: Arc<Connections>,
    demo: Arc<Demo>,
    server: JoinHandle<()>,
    ingest: JoinHandle<()>,
    /// Ended by dropping.
    background: [AbortOnDropHandle<()>; 3],
    store: Store,
    /// Last, so that the folder is locked until everything else has ended.
    _data_dir: DataDir,
}

impl App {
    pub async fn start(options: Options) -> Result<App, StartError> {
        let Options {
            listen, config, clock, ..
        } = options;
        if !listen.ip().is_loopback() && !options.insecure_no_login {
            return Err(StartError::NotLoopback(listen));
        }
        // Before anything is opened: a taken port is the commonest reason not to start.
        let listener = bind(listen).await?;
        let address = listener.local_addr().unwrap_or(listen);
        let data_dir = DataDir::open(&options.data_dir)?;
        let key = options
            .secret_key
            .map_or_else(|| Key::of_data_dir(data_dir.path()), Ok)?;
        let vault = Vault::new(&key)?;
        let store = open_store(&data_dir).await?;

        let events = Events::new();
        let live = Arc::new(Live::load(&store, clock.now()).await?);
        let webhook = Arc::new(Webhook::load(store.clone(), vault.clone(), clock.clone()).await?);
        let alerts = Arc::new(Alerts::load(store.clone(), live.clone(), events.clone(), webhook.clone()).await?);
        let (visits, arriving) = mpsc::channel(VISITS_WAITING);
        let runners = Supervisor::new(clock.as_fn(), visits);
        let connections = Connections::new(
            store.clone(),
            vault,
            live.clone(),
            events.clone(),
            clock.clone(),
            runners,
        );
        let connections = Arc::new(connections);
        let ingest = tokio::spawn(ingest::run(
            arriving,
            Ingest {
                store: store.clone(),
                live: live.clone(),
                alerts: alerts.clone(),
                events: events.clone(),
                clock: clock.clone(),
            },
        ));
        connections.forget_demo().await?;
        connections.take_up(&config.connections).await?;
        let (placed, unplaced) = placed(config.rules, &live, &clock);
        alerts.set_declared(placed, &unplaced, clock.now()).await?;
        let webhook_declared = config.webhook.is_some();
        webhook.reached_at(config.server.external_url);
        if let Some(declared) = config.webhook {
            webhook.declare(declared.url);
        }

        let demo = Arc::new(Demo::new(
            connections.clone(),
            store.clone(),
            clock.clone(),
            options.demo,
        ));
        let process = Arc::new(Process::new(clock.now()));
        let background = [
            AbortOnDropHandle::new(tokio::spawn(housekeeping(store.clone(), config.store, clock.clone()))),
            AbortOnDropHandle::new(tokio::spawn({
                let (process, clock) = (process.clone(), clock.clone());
                async move { process.watch(clock).await }
            })),
            // Takes a second or two, for which the page does not wait.
            AbortOnDropHandle::new(tokio::spawn({
                let demo = demo.clone();
                async move { demo.begin().await }
            })),
        ];
        let stopping = CancellationToken::new();
        let hosts = Hosts::new(address, &[config.server.allowed_hosts, options.allowed_hosts].concat());
        let api = Api::new(Parts {
            store: store.clone(),
            live,
            connections: connections.clone(),
            demo: demo.clone(),
            alerts,
            webhook,
            webhook_declared,
            events,
            process,
            clock,
            stopping: stopping.clone(),
        });
        let server = tokio::spawn(accept::serve(listener, router::router(api, hosts), stopping.clone()));
        Ok(App {
            address,
            stopping,
            connections,
            demo,
            server,
            ingest,
            background,
            store,
            _data_dir: data_dir,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends requests, then visits, then storing, so that what has arrived is stored; the demo before the store.
    pub async fn shutdown(mut self) {
        self.stopping.cancel();
        if tokio::time::timeout(REQUESTS_END_WITHIN, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
        // The demo may be starting still.
        drop(self.background);
        // Drops the sending end of the visits, upon which ingest ends by itself.
        self.connections.shutdown().await;
        if let Err(error) = (&mut self.ingest).await {
            tracing::error!(%error, "storing ended badly");
        }
        self.demo.shutdown().await;
        self.store.close().await;
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

async fn open_store(data_dir: &DataDir) -> Result<Store, StartError> {
    let path = data_dir.database();
    Store::open(&StoreOptions::new(&path))
        .await
        .map_err(|source| StartError::Store { path, source })
}

/// The file names connections; rules are stored with their numbers. Of those that name an unknown one there are only
/// the names, and that is said.
fn placed(rules: Vec<DeclaredRule>, live: &Live, clock: &Clock) -> (Vec<brokerscope_contract::Rule>, Vec<String>) {
    let known = live.connections(clock.now());
    let (mut placed, mut unplaced) = (Vec::new(), Vec::new());
    for declared in rules {
        let mut rule = declared.rule;
        if let Some(name) = declared.connection {
            let Some(connection) = known.iter().find(|connection| connection.name == name) else {
                tracing::warn!(
                    rule = %rule.name,
                    connection = %name,
                    "the rule names a connection that is not there and is not taken up: name one that is declared or \
                     was made on the page"
                );
                unplaced.push(rule.name);
                continue;
            };
            rule.scope.connection = Some(connection.id);
        }
        placed.push(rule);
    }
    (placed, unplaced)
}

async fn housekeeping(store: Store, kept: StoreConfig, clock: Clock) {
    let retention = Retention {
        age: kept.keep,
        rollup_age: kept.keep_summaries,
        max_bytes: kept.max_size,
    };
    loop {
        tokio::time::sleep(HOUSEKEEPING_EVERY).await;
        match store.housekeeping(clock.now(), &retention).await {
            Ok(done) => tracing::debug!(?done, "housekeeping"),
            Err(error) => tracing::warn!(%error, "housekeeping failed; it is tried again in a minute"),
        }
    }
}

#[cfg(test)]
mod tests;

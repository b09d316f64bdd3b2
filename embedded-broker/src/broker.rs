//! Starts and ends the broker: a thread of its own, with a runtime of its own.
//!
//! On the application's runtime it would stand still: dropping an rdkafka consumer blocks a worker until the broker has
//! answered, and on a small machine a few of those block all workers.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, mpsc as blocking};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::clock;
use crate::cluster::Cluster;
use crate::guarded::Shared;
use crate::handle::Handle;
use crate::node;
use crate::options::{Error, Options};
use crate::state::State;

/// How often members are looked after.
const GROUPS_EVERY: Duration = Duration::from_millis(100);
/// How often old batches are removed.
const LOGS_EVERY: Duration = Duration::from_secs(1);

/// What the broker's thread is told.
#[derive(Debug)]
pub enum Command {
    /// Serve a node on this listener.
    Start(i32, TcpListener),
    /// Close a node's listener and all its connections; the answer comes when that is done.
    Stop(i32, blocking::Sender<()>),
    /// End.
    Shutdown,
}

/// A running broker. It ends, with its ports and everything it stored, when this is dropped.
#[derive(Debug)]
pub struct EmbeddedBroker {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedSender<Command>,
    thread: Option<JoinHandle<()>>,
}

impl EmbeddedBroker {
    /// Starts all nodes; they accept connections when this returns.
    pub fn start(options: Options) -> Result<Self, Error> {
        if !(1..=9).contains(&options.nodes) {
            return Err(Error::Nodes(options.nodes));
        }
        let listeners = (1..).take(options.nodes).map(|id| Ok((id, node::listen(id)?)));
        let listeners = listeners.collect::<Result<Vec<(i32, TcpListener)>, Error>>()?;
        let ports = listeners.iter().map(|(node, listener)| {
            let address = listener.local_addr();
            address
                .map(|address| address.port())
                .map_err(|source| Error::Listen { node: *node, source })
        });
        let ports = ports.collect::<Result<Vec<u16>, Error>>()?;
        let id = uuid::Uuid::from_u128(fastrand::u128(..)).simple().to_string();
        let shared = Arc::new(Shared::new(State::new(options, Cluster::new(id, &ports))));

        let (commands, received) = mpsc::unbounded_channel();
        for (node, listener) in listeners {
            // The receiver is right here.
            let _ = commands.send(Command::Start(node, listener));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Thread)?;
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("embedded-broker".to_owned())
            .spawn(move || runtime.block_on(run(for_thread, received)))
            .map_err(Error::Thread)?;
        tracing::info!(
            servers = node::addresses(&shared.lock().cluster),
            "embedded broker started"
        );
        Ok(Self {
            shared,
            commands,
            thread: Some(thread),
        })
    }

    /// What clients call `bootstrap.servers`: all nodes, also those that are down just now.
    pub fn bootstrap_servers(&self) -> String {
        node::addresses(&self.shared.lock().cluster)
    }

    /// The door for faults and figures. It may outlive the broker, and then does nothing.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.shared), self.commands.clone())
    }

    /// Ends the broker and waits for its thread.
    pub fn shutdown(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // No receiver: the thread has ended already.
        let _ = self.commands.send(Command::Shutdown);
        if let Some(thread) = self.thread.take() {
            if thread.join().is_err() {
                tracing::error!("the embedded broker's thread has panicked");
            } else {
                tracing::info!("embedded broker stopped");
            }
        }
    }
}

impl Drop for EmbeddedBroker {
    fn drop(&mut self) {
        self.end();
    }
}

/// The broker's thread: nodes, and the passing of time.
async fn run(shared: Arc<Shared>, mut commands: mpsc::UnboundedReceiver<Command>) {
    let mut nodes: HashMap<i32, AbortHandle> = HashMap::new();
    let mut running = tokio::task::JoinSet::new();
    let mut groups = tokio::time::interval(GROUPS_EVERY);
    let mut logs = tokio::time::interval(LOGS_EVERY);
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::Start(node, listener)) => {
                    nodes.insert(node, running.spawn(node::run(Arc::clone(&shared), node, listener)));
                }
                Some(Command::Stop(node, done)) => {
                    if let Some(task) = nodes.remove(&node) {
                        task.abort();
                        // The task is dropped, and its sockets closed, before the join says so.
                        while !task.is_finished() && running.join_next().await.is_some() {}
                    }
                    // Whoever asked may not wait any longer.
                    let _ = done.send(());
                }
                Some(Command::Shutdown) | None => return,
            },
            _ = groups.tick() => {
                let changed = shared.lock().tick_groups(clock::moment().now);
                if changed {
                    shared.wake_groups();
                }
            }
            _ = logs.tick() => shared.lock().tick_logs(clock::moment().millis),
        }
    }
}

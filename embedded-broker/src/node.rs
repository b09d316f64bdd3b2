//! One virtual node: a listener, and the connections that it has taken.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::connection;
use crate::guarded::Shared;
use crate::options::Error;

const TRIES_PORT_EVERY: Duration = Duration::from_millis(50);

/// Takes some port on loopback.
pub fn listen(node: i32) -> Result<StdListener, Error> {
    bind(0).map_err(|source| Error::Listen { node, source })
}

/// Takes the port that the node had before: any other would be one that no client knows.
pub fn listen_again(node: i32, port: u16, patience: Duration) -> Result<StdListener, Error> {
    let deadline = Instant::now() + patience;
    loop {
        match bind(port) {
            Ok(listener) => return Ok(listener),
            Err(source) if Instant::now() >= deadline => return Err(Error::PortTaken { node, port, source }),
            Err(_) => std::thread::sleep(TRIES_PORT_EVERY),
        }
    }
}

fn bind(port: u16) -> std::io::Result<StdListener> {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Accepts and serves until it is dropped, and all its connections with it.
pub async fn run(shared: Arc<Shared>, node: i32, listener: StdListener) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(node, %error, "the listener cannot be used");
            return;
        }
    };
    let most = shared.lock().options.max_connections_per_node;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) if connections.len() < most => {
                    connections.spawn(connection::serve(Arc::clone(&shared), node, stream, peer));
                }
                Ok((_, peer)) => tracing::warn!(node, %peer, most, "connection closed: there are too many"),
                Err(error) => {
                    // Out of file handles: accepting at once again would only spin.
                    tracing::warn!(node, %error, "connection not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// The ports of all nodes, for clients to begin with.
pub fn addresses(cluster: &Cluster) -> String {
    let nodes = cluster.ids().filter_map(|id| cluster.node(id));
    let addresses: Vec<String> = nodes
        .map(|node| format!("{}:{}", crate::cluster::HOST, node.port))
        .collect();
    addresses.join(",")
}

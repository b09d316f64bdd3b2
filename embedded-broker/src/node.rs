//! One virtual node: a listener, and the connections that it has taken.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::connection;
use crate::options::Error;
use crate::shared::Shared;

/// Takes a port on loopback: the one that was held before, if it is still free.
pub fn listen(node: i32, before: Option<u16>) -> Result<StdListener, Error> {
    let bind = |port| StdListener::bind((Ipv4Addr::LOCALHOST, port));
    let bound = match before {
        Some(port) => bind(port).or_else(|_| bind(0)),
        None => bind(0),
    };
    let listener = bound.and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    listener.map_err(|source| Error::Listen { node, source })
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
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
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

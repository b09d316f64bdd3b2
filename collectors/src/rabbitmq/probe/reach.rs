//! The first steps: name lookup, TCP, TLS, and whether RabbitMQ answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::Url;
use tokio::net::TcpStream;

use crate::rabbitmq::client::place;
use crate::rabbitmq::collector::RabbitMqCollector;
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::wire::WhoAmI;
use crate::steps::Steps;

/// Name lookup, TCP, TLS and HTTP at one management address. Stops at the first step that fails.
pub async fn reach(collector: &RabbitMqCollector, root: &Url, steps: &Steps<'_>) -> bool {
    let (host, port) = (
        root.host_str().unwrap_or_default(),
        root.port_or_known_default().unwrap_or(0),
    );
    let bare = host.trim_matches(['[', ']']);
    let (title, since) = (format!("Name lookup of {host}"), Instant::now());
    let addresses: Vec<_> = match tokio::net::lookup_host((bare, port)).await {
        Ok(found) => found.collect(),
        Err(_) => Vec::new(),
    };
    let Some(first) = addresses.first() else {
        steps.fail(&title, &Failure::Lookup(host.into()), since);
        return false;
    };
    steps.pass(&title, first.ip().to_string(), since);

    let (title, since) = (format!("TCP connection to {}", place(root)), Instant::now());
    if let Err(failure) = connect(&addresses, root, collector.config.timeout.min(Duration::from_secs(5))).await {
        steps.fail(&title, &failure, since);
        return false;
    }
    steps.pass(&title, "open", since);

    let since = Instant::now();
    let answer = collector.client.ask_at::<WhoAmI>(root, "whoami").await;
    let tls = format!("TLS with {}", place(root));
    if root.scheme() == "https" {
        match &answer {
            // A handshake without an end is no success either.
            Err(failure) if failure.is_about_tls() || matches!(failure, Failure::TimedOut(_)) => {
                steps.fail(&tls, failure, since);
                return false;
            }
            _ if collector.config.tls.insecure => {
                let detail = "encrypted, but any certificate is accepted";
                steps.limit(&tls, detail, "Give the certificate of the authority instead.", since);
            }
            _ => steps.pass(&tls, "the certificate is accepted", since),
        }
    }
    let title = format!("Management API at {}", place(root));
    match answer {
        Err(failure) if failure.is_about_the_node() => {
            steps.fail(&title, &failure, since);
            false
        }
        // A refused login is the next step's business: here it shows that RabbitMQ answers.
        _ => {
            steps.pass(&title, "RabbitMQ answers", since);
            true
        }
    }
}

async fn connect(addresses: &[SocketAddr], root: &Url, patience: Duration) -> Result<(), Failure> {
    match tokio::time::timeout(patience, TcpStream::connect(addresses)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Err(Failure::Refused(place(root))),
        Ok(Err(error)) => Err(Failure::Unreachable(place(root), error.to_string())),
        Err(_elapsed) => Err(Failure::TimedOut(place(root))),
    }
}

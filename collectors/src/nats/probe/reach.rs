//! The first steps: name lookup and TCP of each server, and each monitoring port.

use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::nats::access::Access;
use crate::nats::config::Config;
use crate::nats::failure::Failure;
use crate::nats::page;
use crate::nats::ports::place;
use crate::nats::wire::Varz;
use crate::steps::Steps;

/// Looks the host up and opens a connection.
pub async fn server(address: &str, limit: Duration, steps: &Steps<'_>) {
    let place = address
        .split_once("://")
        .map_or(address, |(_, place)| place)
        .to_string();
    let (title, since) = (format!("Name lookup of {place}"), Instant::now());
    let found = match timeout(limit, lookup_host(place.clone())).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        Ok(Err(_)) => return steps.fail(&title, &Failure::Lookup(place), since),
        Err(_) => return steps.fail(&title, &Failure::TimedOut(place), since),
    };
    let Some(first) = found.first() else {
        return steps.fail(&title, &Failure::Lookup(place), since);
    };
    steps.pass(
        &title,
        format!("{} addresses, first {}", found.len(), first.ip()),
        since,
    );
    let (title, since) = (format!("TCP to {place}"), Instant::now());
    match timeout(limit, TcpStream::connect(found.as_slice())).await {
        Ok(Ok(_)) => steps.pass(&title, "connected", since),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            steps.fail(&title, &Failure::Refused(place), since);
        }
        Ok(Err(error)) => steps.fail(&title, &Failure::Unreachable(place, error.to_string()), since),
        Err(_) => steps.fail(&title, &Failure::TimedOut(place), since),
    }
}

/// The first page of every monitoring port.
pub async fn ports(config: &Config, access: &Access, steps: &Steps<'_>) {
    let Some(ports) = &access.ports else { return };
    for root in &config.monitoring {
        let (title, since) = (format!("Monitoring port {}", place(root)), Instant::now());
        match ports.ask::<Varz>(root, &page::VARZ).await {
            Ok(varz) if !varz.server_id.is_empty() => {
                let detail = format!("{}, nats-server {}", varz.server_name, varz.version);
                steps.pass(&title, detail, since);
            }
            Ok(_) => {
                let failure = Failure::NotNats(place(root), "its page varz names no server".into());
                steps.fail(&title, &failure, since);
            }
            Err(failure) => steps.fail(&title, &failure, since),
        }
    }
}

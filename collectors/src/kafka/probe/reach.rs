//! Name lookup and TCP, one server at a time.

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::Url;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::super::config::Address;
use super::{PATIENCE, Step};
use crate::collector::ProbeReport;

/// Whether the server's name is known and something listens there.
pub async fn server(address: &Address, report: &ProbeReport) -> bool {
    let is_name = address.host.parse::<IpAddr>().is_err();
    let step = Step::begin(format!("Name lookup of {}", address.host), report);
    let found = match look_up(address).await {
        Ok(found) => found,
        Err(reason) => {
            step.failed(
                format!("{} cannot be looked up: {reason}.", address.host),
                "Check the spelling, and that the machine that runs Brokerscope can look the name up.",
            );
            return false;
        }
    };
    if is_name {
        let addresses: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
        step.passed(addresses.join(", "));
    }
    let step = Step::begin(format!("TCP connection to {address}"), report);
    match connect(&found).await {
        Ok(()) => {
            step.passed("connected");
            true
        }
        Err(reason) => {
            step.failed(
                format!("{address} cannot be reached: {reason}."),
                "Check the address and the port, that the server runs, and firewalls in between.",
            );
            false
        }
    }
}

/// The same for a service beside the brokers.
pub async fn service(root: &Url, report: &ProbeReport) -> bool {
    let address = Address {
        host: root.host_str().unwrap_or_default().trim_matches(['[', ']']).to_string(),
        port: root.port_or_known_default().unwrap_or(0),
    };
    server(&address, report).await
}

/// Whether something listens there; the error is why not.
pub async fn listens(address: &Address) -> Result<(), String> {
    connect(&look_up(address).await?).await
}

async fn look_up(address: &Address) -> Result<Vec<SocketAddr>, String> {
    let asked = timeout(PATIENCE, lookup_host((address.host.as_str(), address.port))).await;
    let found: Vec<SocketAddr> = match asked {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return Err(plain(&error)),
        Err(_) => return Err("no answer in time".into()),
    };
    if found.is_empty() {
        return Err("the name has no address".into());
    }
    Ok(found)
}

/// Tries the addresses in turn; the error is the last one's.
async fn connect(addresses: &[SocketAddr]) -> Result<(), String> {
    let mut last = "no address".to_string();
    for address in addresses {
        match timeout(PATIENCE / 2, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => last = plain(&error),
            Err(_) => last = "no answer in time".into(),
        }
    }
    Err(last)
}

/// The system's words without its numbers.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        _ => error.to_string().to_lowercase(),
    }
}

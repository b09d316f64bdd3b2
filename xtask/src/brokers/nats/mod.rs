//! NATS with JetStream, built from the Go module: one server or a cluster of three.

pub mod secure;
mod settings;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use super::catalogue::{Broker, Listener};
use super::endpoints::Endpoints;
use super::http;
use super::server::{self, Server};
use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, process, progress};

const READY_LIMIT: Duration = Duration::from_secs(60);

/// Starts the missing servers and waits until each one says that it is healthy, JetStream included.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let program = ensure_program(version, brokers)?;
    let folder = broker.folder(brokers);
    let servers = servers(broker, brokers);
    let mut children: Vec<Option<Child>> = Vec::new();
    for (number, node) in broker.node_numbers().zip(&servers) {
        if let Some(pid) = node.pid() {
            progress::note(&format!("{} runs already, pid {pid}", node.label));
            children.push(None);
            continue;
        }
        for listener in [Listener::Clients, Listener::Management, Listener::Nodes] {
            let label = format!("{} ({})", node.label, listener.label());
            server::ensure_free(&label, &broker.address(listener, number))?;
        }
        let file = settings_file(&folder, number);
        let data = folder.join(format!("node{number}"));
        files::write(&file, settings::server(broker, number, &data).as_bytes())?;
        let child = node.start(Command::new(&program).current_dir(&folder).arg("-c").arg(&file))?;
        node.keep_pid(&child)?;
        children.push(Some(child));
    }
    server::wait(&servers, &mut children, READY_LIMIT, || ready(broker))?;
    let monitoring = broker.addresses(Listener::Management);
    Ok(Endpoints {
        system: "nats",
        version: version.to_owned(),
        bootstrap: broker.addresses(Listener::Clients),
        management: monitoring.iter().map(|address| format!("http://{address}")).collect(),
        user: Some("sys"),
        password: Some("sys"),
        ctl: program.display().to_string(),
        nodes: broker.node_numbers().map(|node| settings::name(broker, node)).collect(),
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
}

/// The servers.
pub fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    broker
        .node_numbers()
        .map(|node| Server {
            label: format!("{} node {node}", broker.name),
            pid_file: folder.join(format!("node{node}.pid")),
            log: folder.join(format!("node{node}.log")),
            marks: vec![
                "nats-server".to_owned(),
                settings_file(&folder, node).display().to_string(),
            ],
            outlives_others: false,
        })
        .collect()
}

fn settings_file(folder: &Path, node: u16) -> PathBuf {
    folder.join(format!("node{node}.conf"))
}

/// The server's program, built by Go from its module unless it is there.
fn ensure_program(version: &str, brokers: &Path) -> Outcome<PathBuf> {
    let folder = brokers.join(format!("go/nats-server-{version}"));
    let program = folder.join("nats-server");
    if program.is_file() {
        return Ok(program);
    }
    // Debian's packaged Go is older than the module asks for, so it is not installed from there.
    let go = process::find("go")
        .ok_or_else(|| Failure::new("`go` is missing: nats-server is built from its Go module (https://go.dev/dl)"))?;
    let unfinished = brokers.join(format!("go/nats-server-{version}.unfinished"));
    files::remove_folder(&unfinished)?;
    files::make_folder(&unfinished)?;
    step(&format!("nats-server {version} from its Go module"), || {
        let module = format!("github.com/nats-io/nats-server/v2@v{version}");
        let mut install = Command::new(go);
        process::run(install.env("GOBIN", &unfinished).args(["install", &module]))
    })?;
    files::remove_folder(&folder)?;
    std::fs::rename(&unfinished, &folder).map_err(|error| Failure::at("rename to", &folder, &error))?;
    Ok(program)
}

/// The full health check answers "ok" only when JetStream is there and, in a cluster, has a leader.
fn ready(broker: &Broker) -> Result<(), String> {
    for address in broker.addresses(Listener::Management) {
        let said = http::get(&address, "/healthz")?;
        if !said.contains("\"ok\"") {
            return Err(format!("{address}: {said}"));
        }
    }
    Ok(())
}

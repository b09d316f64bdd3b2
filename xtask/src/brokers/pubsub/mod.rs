//! Google's in-memory server of Pub/Sub (`pstest`), built from Go: gRPC only, without IAM and without figures.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::catalogue::{Broker, Listener};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, packages, process};

const READY_LIMIT: Duration = Duration::from_secs(20);

/// The program with the versions of all that it is built from.
const SOURCES: [(&str, &str); 3] = [
    ("main.go", include_str!("standin/main.go")),
    ("go.mod", include_str!("standin/go.mod")),
    ("go.sum", include_str!("standin/go.sum")),
];

/// Builds what is missing, and starts it unless it runs.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let program = ensure_program(broker, brokers)?;
    let address = broker.address(Listener::Clients, 1);
    let servers = servers(broker, brokers);
    let mut children = server::start_missing(&servers, &address, || {
        let mut command = Command::new(&program);
        command.arg("-port").arg(broker.port(Listener::Clients, 1).to_string());
        Ok(command)
    })?;
    server::wait(&servers, &mut children, READY_LIMIT, || {
        TcpStream::connect(&address)
            .map(|_| ())
            .map_err(|error| format!("{address}: {error}"))
    })?;
    Ok(Endpoints {
        system: "gcp_pubsub",
        version: version.to_owned(),
        bootstrap: vec![address],
        ctl: program.display().to_string(),
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
}

/// The one process.
pub fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    vec![Server {
        label: broker.name.to_owned(),
        pid_file: folder.join("node1.pid"),
        log: folder.join("node1.log"),
        marks: vec![program(broker, brokers).display().to_string()],
        outlives_others: false,
    }]
}

fn program(broker: &Broker, brokers: &Path) -> PathBuf {
    broker.folder(brokers).join("build/pubsub-standin")
}

/// The program, built anew when one of its sources differs.
fn ensure_program(broker: &Broker, brokers: &Path) -> Outcome<PathBuf> {
    let program = program(broker, brokers);
    let folder = broker.folder(brokers).join("build");
    let same = |(name, text): &(&str, &str)| std::fs::read_to_string(folder.join(name)).is_ok_and(|was| was == *text);
    if program.is_file() && SOURCES.iter().all(same) {
        return Ok(program);
    }
    let go = packages::ensure("go", "golang-go")?;
    let unfinished = broker.folder(brokers).join("build.unfinished");
    files::remove_folder(&unfinished)?;
    for (name, text) in SOURCES {
        files::write(&unfinished.join(name), text.as_bytes())?;
    }
    step("the stand-in for Pub/Sub", || {
        let mut command = Command::new(go);
        command.current_dir(&unfinished);
        process::run(command.args(["build", "-o", "pubsub-standin", "."]))
    })?;
    files::remove_folder(&folder)?;
    std::fs::rename(&unfinished, &folder).map_err(|error| Failure::at("rename to", &folder, &error))?;
    Ok(program)
}

//! Apache Kafka in KRaft mode from Maven artifacts: one node or three, each broker and controller.

mod metadata;
mod secure;
mod settings;

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use super::catalogue::{Broker, Kind, Listener};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use super::{certificates, jars};
use crate::failure::Outcome;
use crate::progress::step;
use crate::{files, packages, process, progress};

pub use settings::LOG;

const READY_LIMIT: Duration = Duration::from_secs(90);

/// Any 22 characters of base64 will do, but all nodes must be formatted with the same.
const CLUSTER_ID: &str = "MkU3OEVBNTcwNTJENDM2Qk";

/// Starts the missing nodes and waits until each one knows all the others.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let java = Java::ensure(broker, version, brokers)?;
    start(broker, brokers, &java, None)?;
    Ok(endpoints(broker, version, brokers))
}

/// The same for a node with TLS, logins and permissions, which are granted when it is new.
pub fn up_secured(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let java = Java::ensure(broker, version, brokers)?;
    let certificates = certificates::ensure(brokers)?;
    let (recipe, stamp) = (secure::recipe(&certificates)?, java.folder.join("permissions"));
    let is_as_wanted = std::fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == recipe);
    if !is_as_wanted {
        server::stop(&servers(broker, brokers))?;
        files::remove_folder(&java.folder.join("node1"))?;
    }
    start(broker, brokers, &java, Some(&certificates))?;
    if !is_as_wanted {
        step("permissions", || secure::grant(broker, &java))?;
        files::write(&stamp, recipe.as_bytes())?;
    }
    Ok(Endpoints {
        secured: secure::addresses(broker),
        users: secure::users(),
        certificates: Some(certificates.display().to_string()),
        ..endpoints(broker, version, brokers)
    })
}

/// With the folder of certificates the listeners are secured.
fn start(broker: &Broker, brokers: &Path, java: &Java, certificates: Option<&Path>) -> Outcome {
    let folder = broker.folder(brokers);
    let servers = servers(broker, brokers);
    files::write(&folder.join("log4j2.xml"), settings::LOG.as_bytes())?;
    let mut children: Vec<Option<Child>> = Vec::new();
    for (number, node) in broker.node_numbers().zip(&servers) {
        if let Some(pid) = node.pid() {
            progress::note(&format!("{} runs already, pid {pid}", node.label));
            children.push(None);
            continue;
        }
        for listener in [Listener::Clients, Listener::Nodes] {
            let label = format!("{} ({})", node.label, listener.label());
            server::ensure_free(&label, &broker.address(listener, number))?;
        }
        let properties = folder.join(format!("node{number}.properties"));
        let data = folder.join(format!("node{number}"));
        let (listeners, users) = match certificates {
            Some(certificates) => (secure::listeners(broker, certificates)?, secure::format_words()),
            None => (settings::plain_listeners(broker, number), Vec::new()),
        };
        let text = settings::properties(broker, number, &data, &listeners);
        files::write(&properties, text.as_bytes())?;
        if !data.join("meta.properties").is_file() {
            java.format(&properties, &users)?;
        }
        let child = node.start(&mut java.server(broker, &properties))?;
        node.keep_pid(&child)?;
        children.push(Some(child));
    }
    server::wait(&servers, &mut children, READY_LIMIT, || ready(broker))?;
    settings::write_tools(&folder, &java.program, &java.jars)
}

fn endpoints(broker: &Broker, version: &str, brokers: &Path) -> Endpoints {
    Endpoints {
        system: "kafka",
        version: version.to_owned(),
        bootstrap: broker.addresses(Listener::Clients),
        ctl: broker.folder(brokers).join("tools/run").display().to_string(),
        nodes: broker.node_numbers().map(|node| node.to_string()).collect(),
        node_pids: servers(broker, brokers).iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    }
}

/// The nodes.
pub fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    broker
        .node_numbers()
        .map(|node| Server {
            label: format!("{} node {node}", broker.name),
            pid_file: folder.join(format!("node{node}.pid")),
            log: folder.join(format!("node{node}.log")),
            marks: vec![
                "kafka.Kafka".to_owned(),
                folder.join(format!("node{node}.properties")).display().to_string(),
            ],
            outlives_others: false,
        })
        .collect()
}

/// How Kafka's classes are run.
struct Java {
    program: PathBuf,
    jars: PathBuf,
    folder: PathBuf,
}

impl Java {
    /// Java and the jars of Kafka, installed where they are missing.
    fn ensure(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Java> {
        let program = packages::ensure("java", "default-jre-headless")?;
        let recipe = settings::POM.replace("KAFKA_VERSION", version);
        Ok(Java {
            program,
            jars: jars::ensure("kafka", version, &recipe, brokers)?,
            folder: broker.folder(brokers),
        })
    }

    fn class(&self, options: &[&str], class: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).args(options);
        // Java reads the wildcard itself.
        command.arg("-cp").arg(self.jars.join("lib/*")).arg(class);
        command
    }

    fn format(&self, properties: &Path, users: &[String]) -> Outcome {
        let mut command = self.class(&["-Xmx128m"], "kafka.tools.StorageTool");
        command
            .args(["format", "-t", CLUSTER_ID, "-c"])
            .arg(properties)
            .args(users);
        process::stdout(&mut command).map(|_| ())
    }

    fn server(&self, broker: &Broker, properties: &Path) -> Command {
        // The one of a single node may be asked to carry ten thousand partitions.
        let heap = match broker.kind {
            Kind::Kafka(_) if broker.nodes == 1 => "-Xmx1g",
            _ => "-Xmx320m",
        };
        let log = [
            "-Dlog4j.configurationFile=log4j2.xml",
            "-Dlog4j2.configurationFile=log4j2.xml",
        ];
        let options = ["-Xms192m", heap, "-XX:+UseSerialGC", log[0], log[1]];
        let mut command = self.class(&options, "kafka.Kafka");
        command.arg(properties);
        command
    }
}

/// Every node must name as many brokers as there are; an open port is too early in a cluster.
fn ready(broker: &Broker) -> Result<(), String> {
    for address in broker.addresses(Listener::Clients) {
        let known = metadata::brokers_known_to(&address)?;
        if known < usize::from(broker.nodes) {
            return Err(format!("{address} knows {known} of {} brokers", broker.nodes));
        }
    }
    Ok(())
}

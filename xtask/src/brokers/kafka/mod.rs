//! Apache Kafka in KRaft mode from Maven artifacts: one node or three, each broker and controller.

mod metadata;
mod settings;

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use super::catalogue::{Broker, Listener};
use super::endpoints::Endpoints;
use super::jars;
use super::server::{self, Server};
use crate::failure::Outcome;
use crate::{files, packages, process, progress};

pub use settings::LOG;

const READY_LIMIT: Duration = Duration::from_secs(90);

/// Any 22 characters of base64 will do, but all nodes must be formatted with the same.
const CLUSTER_ID: &str = "MkU3OEVBNTcwNTJENDM2Qk";

/// Starts the missing nodes and waits until each one knows all the others.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let java = packages::ensure("java", "default-jre-headless")?;
    let recipe = settings::POM.replace("KAFKA_VERSION", version);
    let jars = jars::ensure("kafka", version, &recipe, brokers)?;
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
        files::write(&properties, settings::properties(broker, number, &data).as_bytes())?;
        let java = Java {
            program: &java,
            jars: &jars,
            folder: &folder,
        };
        if !data.join("meta.properties").is_file() {
            java.format(&properties)?;
        }
        let child = node.start(&mut java.server(broker, &properties))?;
        node.keep_pid(&child)?;
        children.push(Some(child));
    }
    server::wait(&servers, &mut children, READY_LIMIT, || ready(broker))?;
    settings::write_tools(&folder, &java, &jars)?;
    Ok(Endpoints {
        system: "kafka",
        version: version.to_owned(),
        bootstrap: broker.addresses(Listener::Clients),
        ctl: folder.join("tools/run").display().to_string(),
        nodes: broker.node_numbers().map(|node| node.to_string()).collect(),
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
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
struct Java<'a> {
    program: &'a Path,
    jars: &'a Path,
    folder: &'a Path,
}

impl Java<'_> {
    fn class(&self, options: &[&str], class: &str) -> Command {
        let mut command = Command::new(self.program);
        command.current_dir(self.folder).args(options);
        // Java reads the wildcard itself.
        command.arg("-cp").arg(self.jars.join("lib/*")).arg(class);
        command
    }

    fn format(&self, properties: &Path) -> Outcome {
        let mut command = self.class(&["-Xmx128m"], "kafka.tools.StorageTool");
        command.args(["format", "-t", CLUSTER_ID, "-c"]).arg(properties);
        process::stdout(&mut command).map(|_| ())
    }

    fn server(&self, broker: &Broker, properties: &Path) -> Command {
        // The one of a single node may be asked to carry ten thousand partitions.
        let heap = if broker.nodes == 1 { "-Xmx1g" } else { "-Xmx320m" };
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

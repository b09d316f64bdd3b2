//! RabbitMQ from a Debian tree: one node or a cluster, each broker with a port mapper of its own.

mod settings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use super::catalogue::{Broker, Listener, Release};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use super::{certificates, debian, http};
use crate::failure::{Failure, Outcome};
use crate::{files, progress};

/// Three nodes of a cluster on two busy cores need a while to find each other.
const READY_LIMIT: Duration = Duration::from_secs(120);

/// RabbitMQ's own tools, each of which gets a script in the broker's folder.
const TOOLS: [&str; 5] = [
    "rabbitmqctl",
    "rabbitmq-diagnostics",
    "rabbitmq-plugins",
    "rabbitmq-queues",
    "rabbitmq-streams",
];

/// Starts the broker's missing processes and waits until every node answers.
pub fn up(broker: &Broker, release: &Release, brokers: &Path) -> Outcome<Endpoints> {
    let version = debian::ensure(release, brokers)?;
    let tree = debian::tree(release, brokers);
    let servers = servers(broker, brokers);
    let (mapper, nodes) = match servers.split_last() {
        Some(split) => split,
        None => return Err(Failure::new("a broker has at least one node")),
    };
    let certificates = certificates::ensure(brokers)?;
    prepare(broker, release, brokers, &certificates)?;
    if mapper.pid().is_none() {
        server::ensure_free("epmd", &broker.address(Listener::Mapper, 1))?;
        let script = format!(
            "exec epmd -port {} -address 127.0.0.1",
            broker.port(Listener::Mapper, 1)
        );
        let child = mapper.start(&mut debian::inside(&tree, &script, &[]))?;
        mapper.keep_pid(&child)?;
    }
    let mut children: Vec<Option<Child>> = Vec::new();
    for (number, node) in broker.node_numbers().zip(nodes) {
        if let Some(pid) = node.pid() {
            progress::note(&format!("{} runs already, pid {pid}", node.label));
            children.push(None);
            continue;
        }
        ensure_ports_free(broker, number)?;
        let script = settings::start_script(broker, number);
        let child = node.start(&mut debian::inside(&tree, &script, &[]))?;
        node.keep_pid(&child)?;
        children.push(Some(child));
    }
    server::wait(nodes, &mut children, READY_LIMIT, || ready(broker))?;
    write_tools(broker, release, brokers)?;
    let secured = secured(broker);
    Ok(Endpoints {
        certificates: (!secured.is_empty()).then(|| certificates.display().to_string()),
        secured,
        ..endpoints(broker, brokers, version, nodes)
    })
}

/// The nodes, and last the port mapper, which must outlive them.
pub fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    let mut servers: Vec<Server> = broker
        .node_numbers()
        .map(|node| Server {
            label: format!("{} node {node}", broker.name),
            pid_file: folder.join(format!("node{node}.pid")),
            log: folder.join(format!("node{node}.log")),
            marks: vec!["beam.smp".to_owned(), settings::mark(broker, node)],
            outlives_others: false,
        })
        .collect();
    servers.push(Server {
        label: format!("{} epmd", broker.name),
        pid_file: folder.join("epmd.pid"),
        log: folder.join("epmd.log"),
        marks: vec!["epmd".to_owned(), broker.port(Listener::Mapper, 1).to_string()],
        outlives_others: true,
    });
    servers
}

/// Where the broker stores things; inside the tree, since its programs see nothing else.
pub fn data_folder(broker: &Broker, release: &Release, brokers: &Path) -> PathBuf {
    let inner = settings::folder_in_tree(broker);
    debian::tree(release, brokers).join(inner.trim_start_matches('/'))
}

/// Writes settings; the cookie (the nodes' shared password) stays once made.
fn prepare(broker: &Broker, release: &Release, brokers: &Path, certificates: &Path) -> Outcome {
    let data = data_folder(broker, release, brokers);
    let cookie = data.join("home/.erlang.cookie");
    if !cookie.is_file() {
        files::write_secret(&cookie)?;
    }
    files::write(&data.join("enabled_plugins"), settings::PLUGINS.as_bytes())?;
    for file in files::list(certificates)? {
        // The programs in the tree see nothing outside of it.
        let copy = data.join("certificates").join(files::name(&file));
        files::write(&copy, &files::read(&file)?)?;
    }
    for node in broker.node_numbers() {
        let mut text = settings::configuration(broker, node);
        if broker.nodes == 1 {
            text.push_str(&settings::over_tls(broker, release));
        }
        files::write(&data.join(format!("node{node}.conf")), text.as_bytes())?;
    }
    Ok(())
}

fn ensure_ports_free(broker: &Broker, node: u16) -> Outcome {
    use Listener::{Clients, Management, ManagementTls, Nodes, Prometheus, PrometheusTls, Stream};
    for listener in [
        Clients,
        Management,
        ManagementTls,
        Prometheus,
        PrometheusTls,
        Stream,
        Nodes,
    ] {
        let label = format!("{} node {node} ({})", broker.name, listener.label());
        server::ensure_free(&label, &broker.address(listener, node))?;
    }
    Ok(())
}

/// Every node must name every node as running, and have no alarm.
fn ready(broker: &Broker) -> Result<(), String> {
    for address in broker.addresses(Listener::Management) {
        let body = http::get(&address, "/api/nodes")?;
        let running = running_nodes(&body);
        if running < usize::from(broker.nodes) {
            return Err(format!("{address} sees {running} of {} nodes", broker.nodes));
        }
        http::get(&address, "/api/health/checks/alarms")?;
    }
    Ok(())
}

fn running_nodes(body: &str) -> usize {
    let nodes: Vec<serde_json::Value> = serde_json::from_str(body).unwrap_or_default();
    nodes.iter().filter(|node| node["running"] == true).count()
}

/// Makes `.brokers/<name>/rabbitmqctl` and its kin.
fn write_tools(broker: &Broker, release: &Release, brokers: &Path) -> Outcome {
    let tree = debian::tree(release, brokers);
    let folder = broker.folder(brokers);
    for tool in TOOLS {
        let script = settings::tool_script(broker, tool, debian::ENTER);
        let text = format!(
            "#!/bin/sh\n# Runs {tool} inside the broker's own tree.\ntree='{}'\n{script}",
            tree.display()
        );
        files::write_script(&folder.join(tool), &text)?;
    }
    Ok(())
}

/// What speaks TLS: plugins of a single node.
fn secured(broker: &Broker) -> BTreeMap<&'static str, String> {
    let plugins = [
        ("management", Listener::ManagementTls),
        ("prometheus", Listener::PrometheusTls),
    ];
    match broker.nodes {
        1 => plugins
            .into_iter()
            .map(|(key, listener)| (key, broker.address(listener, 1)))
            .collect(),
        _ => BTreeMap::new(),
    }
}

fn endpoints(broker: &Broker, brokers: &Path, version: String, nodes: &[Server]) -> Endpoints {
    let http = |listener| {
        broker
            .addresses(listener)
            .iter()
            .map(|address| format!("http://{address}"))
            .collect()
    };
    Endpoints {
        system: "rabbitmq",
        version,
        amqp: broker.addresses(Listener::Clients),
        management: http(Listener::Management),
        prometheus: http(Listener::Prometheus),
        stream: broker.addresses(Listener::Stream),
        user: Some("guest"),
        password: Some("guest"),
        ctl: broker.folder(brokers).join("rabbitmqctl").display().to_string(),
        nodes: broker
            .node_numbers()
            .map(|node| settings::node_name(broker, node))
            .collect(),
        node_pids: nodes.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_running_nodes_count() {
        assert_eq!(running_nodes(r#"[{"running":true},{"running":false},{"name":"x"}]"#), 1);
        assert_eq!(running_nodes("<html>"), 0);
    }
}

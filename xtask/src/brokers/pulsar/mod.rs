//! Apache Pulsar standalone from Maven artifacts: broker, bookie and metadata store in one process.

mod settings;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::catalogue::{Broker, Listener};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use super::{certificates, http, jars};
use crate::failure::Outcome;
use crate::{files, packages, progress};

const READY_LIMIT: Duration = Duration::from_secs(120);

/// Starts it unless it runs, and waits until it serves topics.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let java = packages::ensure("java", "default-jre-headless")?;
    let recipe = settings::POM.replace("PULSAR_VERSION", version);
    let jars = jars::ensure("pulsar", version, &recipe, brokers)?;
    // What tests let a functions worker run; broker and archives need not be of one version.
    let version_of_functions = settings::FUNCTIONS;
    let recipe = settings::FUNCTIONS_POM.replace("FUNCTIONS_VERSION", version_of_functions);
    jars::ensure("pulsar-functions", version_of_functions, &recipe, brokers)?;
    let certificates = certificates::ensure(brokers)?;
    let folder = broker.folder(brokers);
    let servers = servers(broker, brokers);
    let mut children = Vec::new();
    for server in &servers {
        if let Some(pid) = server.pid() {
            progress::note(&format!("{} runs already, pid {pid}", server.label));
            children.push(None);
            continue;
        }
        for listener in [
            Listener::Clients,
            Listener::Management,
            Listener::ManagementTls,
            Listener::Nodes,
        ] {
            let label = format!("{} ({})", server.label, listener.label());
            server::ensure_free(&label, &broker.address(listener, 1))?;
        }
        let properties = folder.join("standalone.conf");
        let text = settings::properties(broker) + &settings::security(broker, &certificates);
        files::write(&properties, text.as_bytes())?;
        files::write(&folder.join("log4j2.xml"), settings::LOG.as_bytes())?;
        let child = server.start(&mut command(broker, &java, &jars, &folder))?;
        server.keep_pid(&child)?;
        children.push(Some(child));
    }
    server::wait(&servers, &mut children, READY_LIMIT, || ready(broker))?;
    let web = broker.address(Listener::Management, 1);
    Ok(Endpoints {
        system: "pulsar",
        version: version.to_owned(),
        bootstrap: vec![format!("pulsar://{}", broker.address(Listener::Clients, 1))],
        management: vec![format!("http://{web}")],
        secured: BTreeMap::from([("management", broker.address(Listener::ManagementTls, 1))]),
        users: settings::TOKENS
            .iter()
            .map(|(role, token)| ((*role).to_owned(), (*token).to_owned()))
            .collect(),
        certificates: Some(certificates.display().to_string()),
        ctl: format!("curl -s http://{web}/admin/v2/"),
        // A broker goes by the address of its admin API.
        nodes: vec![web],
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
}

/// The one process.
pub fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    vec![Server {
        label: broker.name.to_owned(),
        pid_file: folder.join("pid"),
        log: folder.join("log"),
        marks: vec![
            "PulsarStandaloneStarter".to_owned(),
            folder.join("standalone.conf").display().to_string(),
        ],
        outlives_others: false,
    }]
}

fn command(broker: &Broker, java: &Path, jars: &Path, folder: &Path) -> Command {
    let mut command = Command::new(java);
    command.current_dir(folder).args(settings::JAVA_OPENS);
    // A benchmark asks it to carry thousands of topics.
    command.args([
        "-Xms192m",
        "-Xmx1g",
        "-XX:MaxDirectMemorySize=384m",
        "-XX:+UseSerialGC",
        "-Dlog4j.configurationFile=log4j2.xml",
    ]);
    // Java reads the wildcard itself.
    command.arg("-cp").arg(jars.join("lib/*"));
    command.arg("org.apache.pulsar.PulsarStandaloneStarter");
    command.arg("-c").arg(folder.join("standalone.conf"));
    // Neither functions worker nor stream storage: they take half of the time to start, and the test that needs a
    // worker starts a broker of its own.
    command.args(["-nfw", "-nss", "-a", "127.0.0.1"]);
    command.arg("--metadata-dir").arg(folder.join("metadata"));
    command.arg("--bookkeeper-dir").arg(folder.join("bookkeeper"));
    command.args(["--bookkeeper-port", &broker.port(Listener::Nodes, 1).to_string()]);
    command
}

/// Healthy, and its first namespace exists: the list of clusters answers earlier, and empty.
fn ready(broker: &Broker) -> Result<(), String> {
    let web = broker.address(Listener::Management, 1);
    http::get(&web, "/admin/v2/brokers/health")?;
    let namespaces = http::get(&web, "/admin/v2/namespaces/public")?;
    if !namespaces.contains("public/default") {
        return Err(format!("{web} has no namespace public/default yet: {namespaces}"));
    }
    Ok(())
}

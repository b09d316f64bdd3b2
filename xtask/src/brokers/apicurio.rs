//! Apicurio Registry from its published archive: answers as a Schema Registry, keeps everything in memory.
//!
//! Confluent's own registry is not published where Maven looks by default.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::catalogue::{Broker, Listener};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use super::{http, jars};
use crate::failure::Outcome;
use crate::{files, packages};

const READY_LIMIT: Duration = Duration::from_secs(60);

/// Where it answers in the words of Confluent's API.
const API: &str = "/apis/ccompat/v7";

/// The archive holds everything, so that what it depends on is not fetched a second time.
const POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>brokerscope.brokers</groupId><artifactId>apicurio</artifactId><version>1</version>
<dependencies>
<dependency><groupId>io.apicurio</groupId><artifactId>apicurio-registry-app</artifactId><version>APICURIO_VERSION</version>
 <classifier>all</classifier><type>tar.gz</type>
 <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
</dependencies></project>
"#;

/// Starts it unless it runs, and waits until it answers.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let java = packages::ensure("java", "default-jre-headless")?;
    let recipe = POM.replace("APICURIO_VERSION", version);
    let jars = jars::ensure_unpacked("apicurio", version, &recipe, brokers)?;
    let address = broker.address(Listener::Clients, 1);
    let servers = servers(broker, brokers);
    let mut children = server::start_missing(&servers, &address, || {
        let folder = broker.folder(brokers);
        files::make_folder(&folder)?;
        let mut command = Command::new(&java);
        command
            .current_dir(&folder)
            .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .arg("-Dquarkus.http.host=127.0.0.1")
            .arg(port_setting(broker))
            .arg("-jar")
            .arg(program(&jars, version));
        Ok(command)
    })?;
    server::wait(&servers, &mut children, READY_LIMIT, || {
        http::get(&address, &format!("{API}/subjects")).map(|_| ())
    })?;
    Ok(Endpoints {
        system: "kafka",
        version: version.to_owned(),
        management: vec![format!("http://{address}{API}")],
        nodes: vec![address],
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
        marks: vec!["apicurio-registry-app".to_owned(), port_setting(broker)],
        outlives_others: false,
    }]
}

fn program(jars: &Path, version: &str) -> PathBuf {
    jars.join(format!("lib/apicurio-registry-app-{version}-runner.jar"))
}

fn port_setting(broker: &Broker) -> String {
    format!("-Dquarkus.http.port={}", broker.port(Listener::Clients, 1))
}

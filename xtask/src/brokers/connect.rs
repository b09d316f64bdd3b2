//! Kafka Connect in distributed mode from Maven artifacts: one worker with the file connectors and MirrorMaker, on the
//! broker `kafka`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::catalogue::{self, Broker, Listener};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use super::{http, jars, kafka};
use crate::failure::{Failure, Outcome};
use crate::{files, packages};

const READY_LIMIT: Duration = Duration::from_secs(60);

const POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>brokerscope.brokers</groupId><artifactId>connect</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId><version>CONNECT_VERSION</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-file</artifactId><version>CONNECT_VERSION</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-json</artifactId><version>CONNECT_VERSION</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>CONNECT_VERSION</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
</dependencies></project>
"#;

/// Starts the worker unless it runs, and waits until it answers and has joined its group.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let java = packages::ensure("java", "default-jre-headless")?;
    let jars = jars::ensure("connect", version, &POM.replace("CONNECT_VERSION", version), brokers)?;
    let address = broker.address(Listener::Clients, 1);
    let servers = servers(broker, brokers);
    let mut children = server::start_missing(&servers, &address, || {
        let folder = broker.folder(brokers);
        files::write(&folder.join("log4j2.xml"), kafka::LOG.as_bytes())?;
        let settings = settings_file(broker, brokers);
        files::write(&settings, properties(&bootstrap(broker)?, &address).as_bytes())?;
        let mut command = Command::new(&java);
        command
            .current_dir(&folder)
            .args(["-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .arg("-Dlog4j2.configurationFile=log4j2.xml")
            // Java reads the wildcard itself.
            .arg("-cp")
            .arg(jars.join("lib/*"))
            .arg("org.apache.kafka.connect.cli.ConnectDistributed")
            .arg(&settings);
        Ok(command)
    })?;
    // The root answers at once, the list only when the worker has read its topics and joined its group.
    server::wait(&servers, &mut children, READY_LIMIT, || {
        http::get(&address, "/connectors").map(|_| ())
    })?;
    Ok(Endpoints {
        system: "kafka",
        version: version.to_owned(),
        bootstrap: bootstrap(broker)?,
        management: vec![format!("http://{address}")],
        nodes: vec![address],
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
}

/// The one worker.
pub fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    vec![Server {
        label: broker.name.to_owned(),
        pid_file: folder.join("node1.pid"),
        log: folder.join("node1.log"),
        marks: vec![
            "ConnectDistributed".to_owned(),
            settings_file(broker, brokers).display().to_string(),
        ],
        outlives_others: false,
    }]
}

fn settings_file(broker: &Broker, brokers: &Path) -> PathBuf {
    broker.folder(brokers).join("worker.properties")
}

fn bootstrap(broker: &Broker) -> Outcome<Vec<String>> {
    let name = broker
        .works_on()
        .ok_or_else(|| Failure::new(format!("{} works on no broker", broker.name)))?;
    let works_on = catalogue::named(&[name])?;
    Ok(works_on
        .iter()
        .flat_map(|broker| broker.addresses(Listener::Clients))
        .collect())
}

/// Its own topics begin with two underscores, so that they count as internal ones.
fn properties(bootstrap: &[String], address: &str) -> String {
    format!(
        "bootstrap.servers={}\n\
         group.id=brokerscope-connect\n\
         listeners=http://{address}\n\
         rest.advertised.host.name=127.0.0.1\n\
         key.converter=org.apache.kafka.connect.storage.StringConverter\n\
         value.converter=org.apache.kafka.connect.storage.StringConverter\n\
         config.storage.topic=__connect-configs\n\
         offset.storage.topic=__connect-offsets\n\
         status.storage.topic=__connect-status\n\
         config.storage.replication.factor=1\n\
         offset.storage.replication.factor=1\n\
         status.storage.replication.factor=1\n\
         offset.storage.partitions=5\n\
         status.storage.partitions=2\n\
         offset.flush.interval.ms=2000\n\
         scheduled.rebalance.max.delay.ms=0\n\
         plugin.discovery=service_load\n",
        bootstrap.join(",")
    )
}

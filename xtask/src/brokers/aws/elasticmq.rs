//! ElasticMQ from Maven artifacts. It keeps nothing: its queues are gone when it stops.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::brokers::catalogue::{Broker, Listener};
use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, packages, process};

/// 1.7.1 does not open its statistics with these settings.
pub const VERSION: &str = "1.6.12";

const POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>brokerscope.brokers</groupId><artifactId>elasticmq</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId><version>ELASTICMQ_VERSION</version></dependency>
</dependencies></project>
"#;

/// Its settings; the path is what its process is recognised by.
pub fn settings_file(broker: &Broker, brokers: &Path) -> PathBuf {
    broker.folder(brokers).join("elasticmq.conf")
}

/// Fetches what is missing, writes the settings, and says how it is started.
pub fn command(broker: &Broker, brokers: &Path) -> Outcome<Command> {
    let java = packages::ensure("java", "default-jre-headless")?;
    let jars = ensure_jars(brokers)?;
    let file = settings_file(broker, brokers);
    files::write(&file, settings(broker).as_bytes())?;
    let mut command = Command::new(java);
    command
        .arg("-Xmx192m")
        .arg(format!("-Dconfig.file={}", file.display()))
        // Java reads the wildcard itself.
        .arg("-cp")
        .arg(jars.join("lib/*"))
        .arg("org.elasticmq.server.Main");
    Ok(command)
}

fn settings(broker: &Broker) -> String {
    let (clients, statistics) = (broker.port(Listener::Clients, 1), broker.port(Listener::Management, 1));
    format!(
        "include classpath(\"application.conf\")\n\
         node-address {{ protocol = http, host = 127.0.0.1, port = {clients}, context-path = \"\" }}\n\
         generate-node-address = false\n\
         rest-sqs {{ enabled = true, bind-port = {clients}, bind-hostname = \"127.0.0.1\", sqs-limits = strict }}\n\
         rest-stats {{ enabled = true, bind-port = {statistics}, bind-hostname = \"127.0.0.1\" }}\n\
         queues-storage {{ enabled = false }}\n\
         messages-storage {{ enabled = false }}\n\
         aws {{ region = us-east-1, accountId = 000000000000 }}\n\
         queues {{}}\n"
    )
}

/// The folder with its jars, fetched with Maven unless it is there.
fn ensure_jars(brokers: &Path) -> Outcome<PathBuf> {
    let folder = brokers.join(format!("jars/elasticmq-{VERSION}"));
    let recipe = POM.replace("ELASTICMQ_VERSION", VERSION);
    if std::fs::read_to_string(folder.join("stamp")).is_ok_and(|made_by| made_by == recipe) {
        return Ok(folder);
    }
    let maven = packages::ensure("mvn", "maven")?;
    let unfinished = brokers.join(format!("jars/elasticmq-{VERSION}.unfinished"));
    files::remove_folder(&unfinished)?;
    files::write(&unfinished.join("pom.xml"), recipe.as_bytes())?;
    step(&format!("the jars of ElasticMQ {VERSION}"), || {
        let mut command = Command::new(maven);
        command
            .current_dir(&unfinished)
            .args(["-q", "-B", "dependency:copy-dependencies"]);
        process::run(command.args(["-DincludeScope=runtime", "-DoutputDirectory=lib"]))
    })?;
    files::write(&unfinished.join("stamp"), recipe.as_bytes())?;
    files::remove_folder(&folder)?;
    std::fs::rename(&unfinished, &folder).map_err(|error| Failure::at("rename to", &folder, &error))?;
    Ok(folder)
}

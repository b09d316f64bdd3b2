//! Kafka's settings as text: dependencies, logging, node properties, and the tools' scripts.

use std::path::Path;

use crate::brokers::catalogue::{Broker, Listener};
use crate::failure::Outcome;
use crate::files::write_script;

/// The exclusions matter for 3.9 only: with two SLF4J bindings nothing is logged.
pub const POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>brokerscope.brokers</groupId><artifactId>kafka</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>KAFKA_VERSION</version>
 <exclusions>
  <exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion>
  <exclusion><groupId>ch.qos.reload4j</groupId><artifactId>reload4j</artifactId></exclusion>
 </exclusions></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>KAFKA_VERSION</version>
 <exclusions>
  <exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId></exclusion>
  <exclusion><groupId>ch.qos.reload4j</groupId><artifactId>reload4j</artifactId></exclusion>
 </exclusions></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version></dependency>
</dependencies></project>
"#;

/// Without it nothing is logged at all.
pub const LOG: &str = r#"<Configuration status="warn"><Appenders><Console name="o"><PatternLayout pattern="%d{HH:mm:ss.SSS} %-5p %c - %m%n"/></Console></Appenders><Loggers><Root level="info"><AppenderRef ref="o"/></Root></Loggers></Configuration>
"#;

/// The properties of a node. Kafka expands nothing, so `data` is absolute. `listeners` are whole lines.
pub fn properties(broker: &Broker, node: u16, data: &Path, listeners: &str) -> String {
    let voters: Vec<_> = broker
        .node_numbers()
        .map(|peer| format!("{peer}@{}", broker.address(Listener::Nodes, peer)))
        .collect();
    let replicas = broker.nodes.min(3);
    // With two of three in sync a topic survives one lost node, and not two.
    let in_sync = replicas.div_ceil(2);
    format!(
        "process.roles=broker,controller\n\
         node.id={node}\n\
         controller.quorum.voters={voters}\n\
         {listeners}\
         controller.listener.names=CONTROLLER\n\
         inter.broker.listener.name=PLAINTEXT\n\
         log.dirs={data}\n\
         num.partitions=3\n\
         default.replication.factor={replicas}\n\
         min.insync.replicas={in_sync}\n\
         offsets.topic.replication.factor={replicas}\n\
         offsets.topic.num.partitions=10\n\
         transaction.state.log.replication.factor={replicas}\n\
         transaction.state.log.min.isr={in_sync}\n\
         transaction.state.log.num.partitions=10\n\
         share.coordinator.state.topic.replication.factor={replicas}\n\
         share.coordinator.state.topic.min.isr={in_sync}\n\
         group.initial.rebalance.delay.ms=0\n",
        voters = voters.join(","),
        data = data.display(),
    )
}

/// Listeners without TLS, login and permissions.
pub fn plain_listeners(broker: &Broker, node: u16) -> String {
    let clients = broker.address(Listener::Clients, node);
    let controller = broker.address(Listener::Nodes, node);
    format!(
        "listeners=PLAINTEXT://{clients},CONTROLLER://{controller}\n\
         advertised.listeners=PLAINTEXT://{clients}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
    )
}

/// Kafka's own command-line tools: script name and class.
const TOOLS: [(&str, &str); 10] = [
    ("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
    ("kafka-configs", "kafka.admin.ConfigCommand"),
    (
        "kafka-consumer-groups",
        "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    ),
    ("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
    (
        "kafka-console-consumer",
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
    ),
    ("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
    ("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
    ("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
    ("kafka-leader-election", "org.apache.kafka.tools.LeaderElectionCommand"),
    (
        "kafka-reassign-partitions",
        "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
    ),
];

/// Makes `tools/run CLASS ARGUMENTS...` and the usual names beside it. About 2 s a call.
pub fn write_tools(folder: &Path, java: &Path, jars: &Path) -> Outcome {
    let run = format!(
        "#!/bin/sh\n# Runs a class of Kafka: run CLASS ARGUMENTS...\n\
         exec '{}' -Xmx256m -XX:TieredStopAtLevel=1 -cp '{}/lib/*' \"$@\"\n",
        java.display(),
        jars.display(),
    );
    let tools = folder.join("tools");
    write_script(&tools.join("run"), &run)?;
    for (name, class) in TOOLS {
        let text = format!("#!/bin/sh\nexec \"$(dirname \"$0\")/run\" {class} \"$@\"\n");
        write_script(&tools.join(name), &text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brokers::catalogue::named;

    #[test]
    fn a_single_node_asks_for_one_replica_and_three_for_two_in_sync() {
        for (name, replicas, in_sync) in [("kafka", 1, 1), ("kafka-cluster", 3, 2)] {
            let broker = named(&[name]).unwrap()[0];
            let text = properties(broker, 1, Path::new("/data"), &plain_listeners(broker, 1));
            assert!(
                text.contains(&format!("\ndefault.replication.factor={replicas}\n")),
                "{text}"
            );
            assert!(text.contains(&format!("\nmin.insync.replicas={in_sync}\n")), "{text}");
        }
    }
}

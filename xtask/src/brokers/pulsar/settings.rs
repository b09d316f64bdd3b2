//! Pulsar's settings as text: dependencies, logging, and the broker's properties.

use crate::brokers::catalogue::{Broker, Listener};

/// The import of Pulsar's own parent pins the versions that Pulsar was built with. Without it 4.2 resolves and dies at
/// its start of mixed versions.
pub const POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>brokerscope.brokers</groupId><artifactId>pulsar</artifactId><version>1</version>
<dependencyManagement><dependencies>
<dependency><groupId>org.apache.pulsar</groupId><artifactId>pulsar</artifactId><version>PULSAR_VERSION</version><type>pom</type><scope>import</scope></dependency>
</dependencies></dependencyManagement>
<dependencies>
<dependency><groupId>org.apache.pulsar</groupId><artifactId>pulsar-broker</artifactId><version>PULSAR_VERSION</version></dependency>
</dependencies></project>
"#;

/// Without it nothing is logged at all.
pub const LOG: &str = r#"<Configuration status="warn"><Appenders><Console name="o"><PatternLayout pattern="%d{HH:mm:ss.SSS} %-5p %c - %m%n"/></Console></Appenders><Loggers><Root level="info"><AppenderRef ref="o"/></Root></Loggers></Configuration>
"#;

/// What the JVM must let Netty and RocksDB do.
pub const JAVA_OPENS: [&str; 6] = [
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/sun.net=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-opens=java.management/sun.management=ALL-UNNAMED",
    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
];

/// The properties of a standalone Pulsar: broker, bookie and metadata in one process.
///
/// - With one bookie the three factors must be 1, or every topic fails with "Not enough non-faulty bookies available".
/// - The last three of the bookie's lines keep it on loopback and on the port that it is given.
/// - Figures are refreshed every 5 s instead of every minute: tests wait for them.
/// - The WebSocket service is how tests send and receive without a client library of Pulsar.
pub fn properties(broker: &Broker) -> String {
    format!(
        "clusterName=standalone\n\
         bindAddress=127.0.0.1\n\
         advertisedAddress=127.0.0.1\n\
         brokerServicePort={clients}\n\
         webServicePort={web}\n\
         managedLedgerDefaultEnsembleSize=1\n\
         managedLedgerDefaultWriteQuorum=1\n\
         managedLedgerDefaultAckQuorum=1\n\
         journalSyncData=false\n\
         diskUsageThreshold=0.99\n\
         diskUsageWarnThreshold=0.99\n\
         listeningInterface=lo\n\
         allowLoopback=true\n\
         allowEphemeralPorts=true\n\
         loadBalancerEnabled=false\n\
         exposeTopicLevelMetricsInPrometheus=true\n\
         exposeConsumerLevelMetricsInPrometheus=false\n\
         statsUpdateFrequencyInSecs=5\n\
         statsUpdateInitialDelayInSecs=5\n\
         backlogQuotaCheckIntervalInSeconds=5\n\
         brokerDeleteInactiveTopicsEnabled=false\n\
         allowAutoTopicCreation=true\n\
         defaultNumberOfNamespaceBundles=1\n\
         webSocketServiceEnabled=true\n",
        clients = broker.port(Listener::Clients, 1),
        web = broker.port(Listener::Management, 1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brokers::catalogue::named;

    #[test]
    fn the_two_releases_have_ports_of_their_own() {
        let ports: Vec<_> = ["pulsar", "pulsar-4.0"]
            .into_iter()
            .map(|name| properties(named(&[name]).unwrap()[0]))
            .collect();
        assert!(ports[0].contains("\nwebServicePort=29411\n"), "{}", ports[0]);
        assert!(ports[1].contains("\nwebServicePort=29511\n"), "{}", ports[1]);
    }
}

//! Pulsar's settings as text: dependencies, logging, and the broker's properties.

use std::path::Path;

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

/// Later ones are not published as jars.
pub const FUNCTIONS: &str = "4.0.7";

/// Pulsar's example functions, and a source and a sink of Pulsar IO. Each holds all that it needs.
pub const FUNCTIONS_POM: &str = r#"<project><modelVersion>4.0.0</modelVersion>
<groupId>brokerscope.brokers</groupId><artifactId>pulsar-functions</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.pulsar</groupId><artifactId>pulsar-functions-api-examples</artifactId><version>FUNCTIONS_VERSION</version>
<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
<dependency><groupId>org.apache.pulsar</groupId><artifactId>pulsar-io-data-generator</artifactId><version>FUNCTIONS_VERSION</version>
<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>
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

/// Tokens by role: signed with the key below, and good for nothing else. `watcher` is a super-user, `reader` and
/// `nobody` have no right until a test grants one, and `expired` is the watcher's until 2023.
pub const TOKENS: [(&str, &str); 4] = [
    (
        "watcher",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ3YXRjaGVyIn0.SJCrrwKLPKwTWDq6b_RC3PCJy5lMXEbqV01ACIF5qLo",
    ),
    (
        "reader",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyZWFkZXIifQ.YDIFMQuBN9q0eiCL7ZtwpKY3zTPJO2szhLW7qrd4lsE",
    ),
    (
        "nobody",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.JZKl_nYe4JSsmpAtjODAVXp-PelA2IMsOBGwDBW5gUg",
    ),
    (
        "expired",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ3YXRjaGVyIiwiZXhwIjoxNzAwMDAwMDAwfQ.PKPR9jSq3OUAEsgDrUz6XGi1H31OLZcSSPY15IOTn_k",
    ),
];

/// Tokens, permissions, and the admin API over TLS too. Who shows no token may do everything, as without all this.
pub fn security(broker: &Broker, certificates: &Path) -> String {
    format!(
        "authenticationEnabled=true\n\
         authenticationProviders=org.apache.pulsar.broker.authentication.AuthenticationProviderToken\n\
         tokenSecretKey=data:;base64,YSBrZXkgZm9yIHRlc3RzIG9ubHksIDMyIGJ5dGVzLi4=\n\
         authorizationEnabled=true\n\
         anonymousUserRole=anonymous\n\
         superUserRoles=anonymous,watcher\n\
         numHttpServerThreads=16\n\
         webServicePortTls={port}\n\
         tlsCertificateFilePath={pem}/server.pem\n\
         tlsKeyFilePath={pem}/server.key\n\
         tlsTrustCertsFilePath={pem}/ca.pem\n",
        port = broker.port(Listener::ManagementTls, 1),
        pem = certificates.display(),
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

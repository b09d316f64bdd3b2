//! RabbitMQ's settings as text: configuration file, environment and start script of a node.

use std::fmt::Write;

use crate::brokers::catalogue::{Broker, FORKY, Listener, Release};

pub const PLUGINS: &str = "[rabbitmq_management,rabbitmq_prometheus,rabbitmq_stream,rabbitmq_stream_management,\
rabbitmq_shovel,rabbitmq_shovel_management,rabbitmq_federation,rabbitmq_federation_management].\n";

/// The broker's folder as the programs in the tree see it.
pub fn folder_in_tree(broker: &Broker) -> String {
    format!("/srv/{}", broker.name)
}

/// The Erlang name of a node, which also tells its process from others.
pub fn node_name(broker: &Broker, node: u16) -> String {
    // A dot would make it a "long" name, which is another kind.
    format!("{}-{node}@localhost", broker.name.replace('.', "-"))
}

/// The node's `rabbitmq.conf`.
pub fn configuration(broker: &Broker, node: u16) -> String {
    let port = |listener| broker.port(listener, node);
    let mut text = format!(
        "listeners.tcp.1 = 127.0.0.1:{clients}\n\
         stream.listeners.tcp.1 = 127.0.0.1:{stream}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {management}\n\
         prometheus.tcp.ip = 127.0.0.1\n\
         prometheus.tcp.port = {prometheus}\n\
         # Low marks of their own: the defaults follow the machine's size.\n\
         vm_memory_high_watermark.absolute = 1GB\n\
         disk_free_limit.absolute = 50MB\n\
         collect_statistics_interval = 5000\n\
         log.console = true\n\
         log.console.level = info\n\
         log.file = false\n",
        clients = port(Listener::Clients),
        stream = port(Listener::Stream),
        management = port(Listener::Management),
        prometheus = port(Listener::Prometheus),
    );
    if broker.nodes > 1 {
        text.push_str("cluster_formation.peer_discovery_backend = classic_config\n");
        for peer in broker.node_numbers() {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "cluster_formation.classic_config.nodes.{peer} = {}",
                node_name(broker, peer)
            );
        }
    }
    text
}

/// What a single node says over TLS beside its plain ports.
///
/// The newer one's management has a certificate for localhost only, so that there is a wrong name for it, and its
/// Prometheus endpoint is for clients with a certificate. The older one wants such of the management.
pub fn over_tls(broker: &Broker, release: &Release) -> String {
    let is_older = release.codename != FORKY.codename;
    let listener = |plugin: &str, listener, certificate: &str, of_clients: bool| {
        format!(
            "{plugin}.ssl.ip = 127.0.0.1\n\
             {plugin}.ssl.port = {port}\n\
             {plugin}.ssl.cacertfile = {folder}/ca.pem\n\
             {plugin}.ssl.certfile = {folder}/{certificate}.pem\n\
             {plugin}.ssl.keyfile = {folder}/{certificate}.key\n\
             {plugin}.ssl.verify = {verify}\n\
             {plugin}.ssl.fail_if_no_peer_cert = {of_clients}\n",
            port = broker.port(listener, 1),
            folder = certificates_in_tree(broker),
            verify = if of_clients { "verify_peer" } else { "verify_none" },
        )
    };
    let management = listener("management", Listener::ManagementTls, "by-name", is_older);
    let prometheus = listener("prometheus", Listener::PrometheusTls, "server", !is_older);
    management + &prometheus
}

/// Where the node finds the certificates.
fn certificates_in_tree(broker: &Broker) -> String {
    format!("{}/certificates", folder_in_tree(broker))
}

/// What stands in the command line of a node's process and in no other's.
pub fn mark(broker: &Broker, node: u16) -> String {
    format!("-brokerscope_node {}", node_name(broker, node))
}

/// The shell text that becomes the node. The script under `lib` and not the one on the
/// `PATH`: that one changes the user, and the process id with it. "Under systemd" the
/// script becomes the Erlang process instead of waiting beside it.
pub fn start_script(broker: &Broker, node: u16) -> String {
    let folder = folder_in_tree(broker);
    format!(
        "{environment} RUNNING_UNDER_SYSTEMD=true \
         RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_DIST_PORT={dist} \
         RABBITMQ_CONFIG_FILE={folder}/node{node}.conf \
         RABBITMQ_ENABLED_PLUGINS_FILE={folder}/enabled_plugins \
         RABBITMQ_MNESIA_BASE={folder}/node{node} RABBITMQ_LOG_BASE={folder}/node{node}/log\n\
         export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=\
         '-kernel inet_dist_use_interface {{127,0,0,1}} +sbwt none +sbwtdcpu none +sbwtdio none {mark}'\n\
         exec /usr/lib/rabbitmq/bin/rabbitmq-server",
        environment = environment(broker, node),
        dist = broker.port(Listener::Nodes, node),
        mark = mark(broker, node),
    )
}

/// What the node and its tools both need: how nodes find and trust each other.
fn environment(broker: &Broker, node: u16) -> String {
    format!(
        "export HOME={folder}/home ERL_EPMD_PORT={epmd} ERL_EPMD_ADDRESS=127.0.0.1 \
         RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME={name}",
        folder = folder_in_tree(broker),
        epmd = broker.port(Listener::Mapper, 1),
        name = node_name(broker, node),
    )
}

/// The rest of a tool's script after `tree=...`: enters the tree and runs the tool,
/// against node 1 unless `-n` names another.
pub fn tool_script(broker: &Broker, tool: &str, enter: &str) -> String {
    let inner = format!("{}; exec /usr/lib/rabbitmq/bin/{tool} \"$@\"", environment(broker, 1));
    format!("exec unshare --mount sh -ec '{enter}' \"$tree\" '{inner}' \"$@\"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brokers::catalogue::named;

    #[test]
    fn a_cluster_names_its_peers_and_a_single_node_does_not() {
        let cluster = configuration(named(&["rabbitmq-cluster"]).unwrap()[0], 2);
        assert!(
            cluster.contains("classic_config.nodes.3 = rabbitmq-cluster-3@localhost"),
            "{cluster}"
        );
        let single = configuration(named(&["rabbitmq"]).unwrap()[0], 1);
        assert!(!single.contains("cluster_formation"), "{single}");
    }

    #[test]
    fn clients_show_a_certificate_to_one_plugin_of_each_release() {
        let release = Release {
            codename: "older",
            rabbitmq: "3.",
        };
        let broker = named(&["rabbitmq"]).unwrap()[0];
        for (text, plugin) in [
            (over_tls(broker, &FORKY), "prometheus"),
            (over_tls(broker, &release), "management"),
        ] {
            assert_eq!(text.matches("fail_if_no_peer_cert = true").count(), 1, "{text}");
            assert!(
                text.contains(&format!("{plugin}.ssl.fail_if_no_peer_cert = true")),
                "{text}"
            );
        }
    }

    #[test]
    fn tool_scripts_quote_nothing_twice() {
        let broker = named(&["rabbitmq-3.10"]).unwrap()[0];
        let script = tool_script(broker, "rabbitmqctl", super::super::debian::ENTER);
        assert_eq!(script.matches('\'').count(), 4, "{script}");
        assert!(
            script.contains("RABBITMQ_NODENAME=rabbitmq-3-10-1@localhost"),
            "{script}"
        );
    }
}

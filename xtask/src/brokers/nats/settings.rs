//! NATS' settings as text: accounts with logins of every kind that tests need, JetStream, monitoring, routes.

use std::path::Path;

use crate::brokers::catalogue::{Broker, Listener};

/// How a server calls itself.
pub fn name(broker: &Broker, node: u16) -> String {
    format!("{}-{node}", broker.name)
}

/// The configuration file of a server. `data` is absolute.
pub fn server(broker: &Broker, node: u16, data: &Path) -> String {
    format!(
        "server_name: \"{name}\"\n\
         listen: \"{clients}\"\n\
         http: \"{monitoring}\"\n\
         jetstream {{ store_dir: \"{data}\", max_memory_store: 256MB, max_file_store: 4GB }}\n\
         {cluster}{ACCOUNTS}",
        name = name(broker, node),
        clients = broker.address(Listener::Clients, node),
        monitoring = broker.address(Listener::Management, node),
        data = data.display(),
        cluster = cluster(broker, node),
    )
}

/// Nothing for a single server: it runs JetStream on its own only where there is no cluster.
fn cluster(broker: &Broker, node: u16) -> String {
    if broker.nodes == 1 {
        return String::new();
    }
    let routes: Vec<_> = broker
        .node_numbers()
        .filter(|peer| *peer != node)
        .map(|peer| format!("\"nats://{}\"", broker.address(Listener::Nodes, peer)))
        .collect();
    format!(
        "cluster {{ name: \"{}\", listen: \"{}\", routes: [{}] }}\n",
        broker.name,
        broker.address(Listener::Nodes, node),
        routes.join(", "),
    )
}

/// `sys` sees all servers, `app` may do everything in its account, `watcher` has what the documentation of the
/// collector asks for, `guest` may next to nothing. The system account imports the advisories of `APP`.
const ACCOUNTS: &str = r#"accounts {
  SYS {
    users: [ { user: sys, password: sys } ]
    imports: [ { stream: { account: APP, subject: "$JS.EVENT.ADVISORY.>" }, prefix: APP } ]
  }
  APP {
    jetstream: enabled
    exports: [ { stream: "$JS.EVENT.ADVISORY.>", accounts: [SYS] } ]
    users: [
      { user: app, password: app }
      { user: watcher, password: watcher, permissions: {
          publish: { allow: ["$JS.API.INFO", "$JS.API.STREAM.LIST", "$JS.API.CONSUMER.LIST.*", "$SYS.REQ.USER.INFO",
                              "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.PING.STATZ", "$SRV.STATS"] }
          subscribe: { allow: ["_INBOX.>", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>", "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>"] }
      } }
      { user: guest, password: guest, permissions: { publish: { deny: [">"] } } }
    ]
  }
}
system_account: SYS
no_auth_user: app
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brokers::catalogue::named;

    #[test]
    fn only_a_cluster_has_routes_and_none_to_itself() {
        let single = server(named(&["nats"]).unwrap()[0], 1, Path::new("/data"));
        assert!(!single.contains("routes"), "{single}");
        let broker = named(&["nats-cluster"]).unwrap()[0];
        let second = server(broker, 2, Path::new("/data"));
        assert_eq!(second.matches("\"nats://").count(), 2, "{second}");
        assert!(!second.contains(&format!("\"nats://{}\"", broker.address(Listener::Nodes, 2))));
    }
}

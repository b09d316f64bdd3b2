//! Stand-ins for Amazon's services: ElasticMQ (SQS with redrive) and moto (SQS, SNS, CloudWatch, STS).

mod elasticmq;
mod moto;

use std::path::Path;
use std::time::Duration;

use super::catalogue::{Broker, Listener};
use super::endpoints::Endpoints;
use super::server::{self, Server};
use crate::failure::Outcome;

const READY_LIMIT: Duration = Duration::from_secs(60);

/// Which of them.
#[derive(Debug, Clone, Copy)]
pub enum StandIn {
    ElasticMq,
    Moto,
}

impl StandIn {
    fn version(self) -> &'static str {
        match self {
            Self::ElasticMq => elasticmq::VERSION,
            Self::Moto => moto::VERSION,
        }
    }
}

/// Starts the stand-in unless it runs, and waits until it answers.
pub fn up(broker: &Broker, which: StandIn, brokers: &Path) -> Outcome<Endpoints> {
    let servers = servers(broker, which, brokers);
    let address = broker.address(Listener::Clients, 1);
    let mut children = server::start_missing(&servers, &address, || match which {
        StandIn::ElasticMq => elasticmq::command(broker, brokers),
        StandIn::Moto => moto::command(broker, brokers),
    })?;
    let ready = || {
        let path = match which {
            StandIn::ElasticMq => "/health",
            StandIn::Moto => "/moto-api/",
        };
        super::http::get(&address, path).map(|_| ())
    };
    server::wait(&servers, &mut children, READY_LIMIT, ready)?;
    Ok(Endpoints {
        system: "aws_sqs",
        version: which.version().to_owned(),
        management: vec![format!("http://{address}")],
        nodes: vec![broker.name.to_owned()],
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
}

/// The one process of a stand-in.
pub fn servers(broker: &Broker, which: StandIn, brokers: &Path) -> Vec<Server> {
    let folder = broker.folder(brokers);
    let marks = match which {
        StandIn::ElasticMq => vec![
            "org.elasticmq.server.Main".to_owned(),
            elasticmq::settings_file(broker, brokers).display().to_string(),
        ],
        StandIn::Moto => vec!["moto_server".to_owned(), broker.port(Listener::Clients, 1).to_string()],
    };
    vec![Server {
        label: broker.name.to_owned(),
        pid_file: folder.join("node1.pid"),
        log: folder.join("node1.log"),
        marks,
        outlives_others: false,
    }]
}

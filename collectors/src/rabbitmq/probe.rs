//! The "test connection" button: each step from the name of the host to what will be visible.

use std::time::{Duration, Instant};

use brokerscope_contract::{ProbeStep, StepOutcome};
use brokerscope_figures::format::count;
use reqwest::Url;
use tokio::net::TcpStream;

use super::acquaintance::Acquaintance;
use super::ask;
use super::client::place;
use super::collector::RabbitMqCollector;
use super::endpoints::{Endpoint, Seat, endpoints};
use super::failure::Failure;
use super::scrape::{IDENTITY, read_identity};
use super::tier::Choice;
use super::wire::{Exchange, Node, Overview, Vhost, WhoAmI};
use crate::collector::ProbeReport;

pub async fn run(collector: &mut RabbitMqCollector, report: &ProbeReport) {
    let steps = Steps { report };
    let mut reached = false;
    for root in collector.client.management() {
        reached |= reach(collector, root, &steps).await;
    }
    if !reached {
        for title in ["Login", "Permissions", "Figures per queue", "What will be visible"] {
            steps.skip(title, "not tried, because no management address answers");
        }
        return;
    }
    let Some(overview) = login(collector, &steps).await else {
        for title in ["Permissions", "Figures per queue", "What will be visible"] {
            steps.skip(title, "not tried, because the login failed");
        }
        return;
    };
    let vhosts = permissions(collector, &steps).await;
    let nodes = nodes(collector, &steps).await;
    let answering = figures(collector, &overview, &nodes, &steps).await;
    visible(collector, &overview, vhosts, (answering, nodes.len()), &steps);
}

/// Reports steps with the time since the one before.
struct Steps<'a> {
    report: &'a ProbeReport,
}

impl Steps<'_> {
    fn tell(
        &self,
        title: &str,
        outcome: StepOutcome,
        detail: impl Into<String>,
        remedy: Option<String>,
        since: Instant,
    ) {
        self.report.step(ProbeStep {
            title: title.into(),
            outcome,
            detail: detail.into(),
            remedy,
            millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }

    fn pass(&self, title: &str, detail: impl Into<String>, since: Instant) {
        self.tell(title, StepOutcome::Passed, detail, None, since);
    }

    fn limit(&self, title: &str, detail: impl Into<String>, remedy: &str, since: Instant) {
        self.tell(title, StepOutcome::Limited, detail, Some(remedy.into()), since);
    }

    fn fail(&self, title: &str, failure: &Failure, since: Instant) {
        self.tell(
            title,
            StepOutcome::Failed,
            failure.to_string(),
            Some(failure.remedy()),
            since,
        );
    }

    fn skip(&self, title: &str, why: &str) {
        self.tell(title, StepOutcome::Skipped, why, None, Instant::now());
    }
}

/// Name lookup, TCP, TLS and HTTP at one management address. Stops at the first step that fails.
async fn reach(collector: &RabbitMqCollector, root: &Url, steps: &Steps<'_>) -> bool {
    let (host, port) = (
        root.host_str().unwrap_or_default(),
        root.port_or_known_default().unwrap_or(0),
    );
    let bare = host.trim_matches(['[', ']']);
    let (title, since) = (format!("Name lookup of {host}"), Instant::now());
    let addresses: Vec<_> = match tokio::net::lookup_host((bare, port)).await {
        Ok(found) => found.collect(),
        Err(_) => Vec::new(),
    };
    let Some(first) = addresses.first() else {
        steps.fail(&title, &Failure::Lookup(host.into()), since);
        return false;
    };
    steps.pass(&title, first.ip().to_string(), since);

    let (title, since) = (format!("TCP connection to {}", place(root)), Instant::now());
    if let Err(failure) = connect(&addresses, root, collector.config.timeout.min(Duration::from_secs(5))).await {
        steps.fail(&title, &failure, since);
        return false;
    }
    steps.pass(&title, "open", since);

    let since = Instant::now();
    let answer = collector.client.ask_at::<WhoAmI>(root, "whoami").await;
    let tls = format!("TLS with {}", place(root));
    if root.scheme() == "https" {
        match &answer {
            Err(failure @ (Failure::NoTls(_) | Failure::Certificate(..) | Failure::Handshake(..))) => {
                steps.fail(&tls, failure, since);
                return false;
            }
            _ if collector.config.tls.insecure => {
                let detail = "encrypted, but any certificate is accepted";
                steps.limit(&tls, detail, "Give the certificate of the authority instead.", since);
            }
            _ => steps.pass(&tls, "the certificate is accepted", since),
        }
    }
    let title = format!("Management API at {}", place(root));
    match answer {
        Err(failure) if failure.is_about_the_node() => {
            steps.fail(&title, &failure, since);
            false
        }
        // A refused login is the next step's business: here it shows that RabbitMQ answers.
        _ => {
            steps.pass(&title, "RabbitMQ answers", since);
            true
        }
    }
}

async fn connect(addresses: &[std::net::SocketAddr], root: &Url, patience: Duration) -> Result<(), Failure> {
    match tokio::time::timeout(patience, TcpStream::connect(addresses)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Err(Failure::Refused(place(root))),
        Ok(Err(error)) => Err(Failure::Unreachable(place(root), error.to_string())),
        Err(_elapsed) => Err(Failure::TimedOut(place(root))),
    }
}

async fn login(collector: &mut RabbitMqCollector, steps: &Steps<'_>) -> Option<Overview> {
    let (title, since) = ("Login", Instant::now());
    let user: Result<WhoAmI, Failure> = collector.client.first_answer("whoami").await;
    let overview = match user {
        Ok(user) => {
            collector.memory.is_monitor = Some(user.is_monitor());
            ask::overview(&collector.client).await
        }
        Err(failure) => Err(failure),
    };
    match overview {
        Err(failure) => {
            steps.fail(title, &failure, since);
            None
        }
        Ok(overview) => {
            let version = overview.rabbitmq_version.as_deref().unwrap_or("of unknown version");
            let detail = format!("logged in as {} to RabbitMQ {version}", collector.config.user);
            match collector.memory.is_monitor {
                Some(true) => steps.pass(title, detail, since),
                _ => steps.limit(
                    title,
                    format!("{detail}, without the tag monitoring: nodes and others' connections stay hidden"),
                    "rabbitmqctl set_user_tags USER monitoring",
                    since,
                ),
            }
            Some(overview)
        }
    }
}

/// The virtual hosts that are seen into.
async fn permissions(collector: &RabbitMqCollector, steps: &Steps<'_>) -> Option<usize> {
    let (title, since) = ("Permissions", Instant::now());
    let answers = tokio::try_join!(
        collector.client.ask::<Vec<Vhost>>("vhosts"),
        collector.client.ask::<Vec<Exchange>>("exchanges?columns=vhost"),
    );
    let (vhosts, exchanges) = match answers {
        Ok(answers) => answers,
        Err(failure) => {
            steps.fail(title, &failure, since);
            return None;
        }
    };
    let watched: Vec<&Vhost> = vhosts
        .iter()
        .filter(|vhost| collector.config.wants_vhost(&vhost.name))
        .collect();
    let sees = |vhost: &&&Vhost| exchanges.iter().any(|exchange| exchange.vhost == vhost.name);
    let seen = watched.iter().filter(sees).count();
    let remedy = "rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$', once for each virtual host";
    let missing: Vec<&String> = collector
        .config
        .vhosts
        .iter()
        .filter(|name| !vhosts.iter().any(|v| v.name == **name))
        .collect();
    if let Some(first) = missing.first() {
        let detail = format!("virtual host \"{first}\" does not exist, or this user may not see it");
        steps.limit(
            title,
            detail,
            "Correct the list of virtual hosts, or give the user a permission there.",
            since,
        );
    } else if seen == 0 {
        let detail = "no virtual host can be seen into: RabbitMQ would answer as if it were empty";
        steps.limit(title, detail, remedy, since);
    } else if seen < watched.len() {
        let hidden = watched
            .iter()
            .find(|vhost| !sees(vhost))
            .map_or("", |vhost| &vhost.name);
        let detail = format!(
            "{seen} of {} virtual hosts can be seen into; not \"{hidden}\"",
            watched.len()
        );
        steps.limit(title, detail, remedy, since);
    } else {
        let noun = if seen == 1 { "virtual host" } else { "virtual hosts" };
        steps.pass(title, format!("{} {noun} can be seen into", count(seen as f64)), since);
    }
    Some(seen)
}

async fn nodes(collector: &RabbitMqCollector, steps: &Steps<'_>) -> Vec<Node> {
    let (title, since) = ("Nodes", Instant::now());
    match ask::nodes(&collector.client).await {
        Ok(nodes) => {
            let running = nodes.iter().filter(|node| node.running).count();
            let detail = format!("{running} of {} run", nodes.len());
            match running == nodes.len() {
                true => steps.pass(title, detail, since),
                false => steps.limit(title, detail, "Start the missing nodes.", since),
            }
            nodes
        }
        Err(failure) => {
            steps.limit(title, failure.to_string(), &failure.remedy(), since);
            Vec::new()
        }
    }
}

/// The Prometheus endpoint of each node. Returns how many answer.
async fn figures(collector: &mut RabbitMqCollector, overview: &Overview, nodes: &[Node], steps: &Steps<'_>) -> usize {
    let management = collector.client.management();
    let seat = overview.node.clone().map(|node| Seat {
        node,
        management: collector.client.current().clone(),
    });
    let seats: Vec<Seat> = seat.into_iter().collect();
    let found = endpoints(&collector.config.prometheus, management, &overview.listeners, &seats);
    let without = nodes.iter().filter(|node| node.running).filter(|node| {
        collector.config.prometheus.is_empty() && !found.iter().any(|e| e.node.as_deref() == Some(&node.name))
    });
    let remedy = "Enable the plugin on every node, rabbitmq-plugins enable rabbitmq_prometheus, or give the addresses. \
                  Until then the management API is asked, which costs the broker more.";
    for node in without.filter(|_| collector.memory.is_monitor == Some(true)) {
        let title = format!("Figures per queue on {}", node.name);
        steps.limit(
            &title,
            "the node has no Prometheus endpoint that is known",
            remedy,
            Instant::now(),
        );
    }
    let mut answering = 0;
    for endpoint in Acquaintance::default().worth_asking(found, brokerscope_contract::Timestamp(0)) {
        let (title, since) = (
            format!("Figures per queue at {}", place(&endpoint.root)),
            Instant::now(),
        );
        match identity(collector, &endpoint, overview.cluster_name.as_deref()).await {
            Ok(node) => {
                answering += 1;
                steps.pass(&title, format!("the Prometheus endpoint of {node} answers"), since);
            }
            Err(failure) => steps.limit(&title, failure.to_string(), remedy, since),
        }
    }
    answering
}

async fn identity(collector: &RabbitMqCollector, at: &Endpoint, cluster: Option<&str>) -> Result<String, Failure> {
    let identity = read_identity(&collector.client.scrape(&at.root, IDENTITY).await?);
    let place = format!("The Prometheus endpoint at {}", place(&at.root));
    match (identity.node, identity.cluster) {
        (_, Some(theirs)) if cluster.is_some_and(|ours| ours != theirs) => {
            Err(Failure::Foreign(place, format!("another cluster, \"{theirs}\"")))
        }
        (Some(node), _) => Ok(node),
        (None, _) => Err(Failure::NotRabbitMq(place, "it names no node".into())),
    }
}

fn visible(
    collector: &RabbitMqCollector,
    overview: &Overview,
    vhosts: Option<usize>,
    (answering, nodes): (usize, usize),
    steps: &Steps<'_>,
) {
    let (title, since) = ("What will be visible", Instant::now());
    let queues = overview.object_totals.queues.unwrap_or(0.0);
    let tier = Choice::default().choose(queues);
    let prometheus = answering > 0 && answering >= nodes;
    let how = tier.described(collector.config.interval, prometheus);
    let detail = format!(
        "{} queues, {} connections, {} consumers; {how}",
        count(queues),
        count(overview.object_totals.connections.unwrap_or(0.0)),
        count(overview.object_totals.consumers.unwrap_or(0.0)),
    );
    if vhosts == Some(0) {
        return steps.limit(
            title,
            "nothing but nodes, until the user has a permission on a virtual host",
            "See above.",
            since,
        );
    }
    if overview.disable_stats {
        let detail = format!("{detail}; no totals, since the management plugin keeps no statistics");
        return steps.limit(title, detail, "Allow management.disable_stats = false.", since);
    }
    steps.pass(title, detail, since);
}

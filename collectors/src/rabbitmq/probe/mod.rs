//! The "test connection" button: each step from the name of the host to what will be visible.

mod reach;

use std::time::Instant;

use brokerscope_contract::Timestamp;
use brokerscope_figures::format::count;
use reach::reach;

use crate::budget::Budget;
use crate::collector::ProbeReport;
use crate::rabbitmq::acquaintance::{Acquaintance, Answers};
use crate::rabbitmq::ask;
use crate::rabbitmq::client::place;
use crate::rabbitmq::collector::{RabbitMqCollector, cluster};
use crate::rabbitmq::endpoints::{Seat, endpoints};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::identity::Identity;
use crate::rabbitmq::scrape::IDENTITY;
use crate::rabbitmq::tier::Choice;
use crate::rabbitmq::wire::{Exchange, Node, Overview, Vhost, WhoAmI};
use crate::steps::Steps;

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
    let mut acquaintance = Acquaintance::default();
    let cluster = cluster(overview, nodes);
    let mut answering = 0;
    // The node that answers for the cluster comes first: it tells by what the others are recognised.
    let (own, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|endpoint| endpoint.node == overview.node);
    for endpoint in own.into_iter().chain(others) {
        let (title, since) = (
            format!("Figures per queue at {}", place(&endpoint.root)),
            Instant::now(),
        );
        let context = (&cluster, Timestamp(0), Budget::starting_now(collector.config.interval));
        let answers: Answers<Identity> = acquaintance
            .ask_all(&collector.client, vec![endpoint], IDENTITY, context)
            .await;
        for (node, _) in &answers.by_node {
            answering += 1;
            steps.pass(&title, format!("the Prometheus endpoint of {node} answers"), since);
        }
        for failure in &answers.failures {
            // The plugin is there when it comes to TLS, and something else is to be done.
            let remedy = match failure.is_about_tls() {
                true => failure.remedy(),
                false => remedy.to_string(),
            };
            steps.limit(&title, failure.to_string(), &remedy, since);
        }
    }
    answering
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
    let many = |n: f64, one: &str| format!("{} {one}{}", count(n), if n == 1.0 { "" } else { "s" });
    let detail = format!(
        "{}, {}, {}; {how}",
        many(queues, "queue"),
        many(overview.object_totals.connections.unwrap_or(0.0), "connection"),
        many(overview.object_totals.consumers.unwrap_or(0.0), "consumer"),
    );
    if vhosts == Some(0) {
        let nothing = match collector.memory.is_monitor {
            Some(true) => "nothing but nodes",
            _ => "nothing",
        };
        let detail = format!("{nothing}, until the user has a permission on a virtual host");
        return steps.limit(title, detail, "See above.", since);
    }
    if overview.disable_stats {
        let detail = format!("{detail}; no totals, since the management plugin keeps no statistics");
        return steps.limit(title, detail, "Allow management.disable_stats = false.", since);
    }
    steps.pass(title, detail, since);
}

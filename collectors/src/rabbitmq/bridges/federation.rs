//! Federation links from the broker's answer.

use super::address::Address;
use super::{Bridge, End, Ends, Id, Kind, Object, State, reason, unique};
use crate::rabbitmq::wire::FederationLink;

pub fn bridges(links: &[FederationLink]) -> Vec<Bridge> {
    unique(links.iter().filter_map(bridge))
}

/// `None` for a link that says neither its exchange nor its queue.
fn bridge(link: &FederationLink) -> Option<Bridge> {
    let exchange = |name: &String| Object::Exchange(name.clone(), None);
    let to = (link.queue.clone().map(Object::Queue)).or(link.exchange.as_ref().map(exchange))?;
    let from = (link.upstream_queue.clone().map(Object::Queue)).or(link.upstream_exchange.as_ref().map(exchange));
    let end = |at: &Address, object| End {
        // An upstream that names no virtual host means the one of the same name.
        at: Address {
            vhost: at.vhost.clone().or_else(|| Some(link.vhost.clone())),
            ..at.clone()
        },
        object,
    };
    let ends = link.uri.as_ref().map(|uri| Ends {
        from: end(uri, from.unwrap_or(Object::Unknown)),
        to: end(&Address::here(&link.vhost), to),
    });
    Some(Bridge {
        id: Id {
            kind: Kind::Federation,
            vhost: Some(link.vhost.clone()),
            name: name(link),
        },
        node: link.node.clone(),
        state: state(link),
        ends,
        label: format!("federation from {}", link.upstream),
        forwarded: None,
        pending: None,
    })
}

/// What gets messages, from where; with the upstream's name of it where that is another one.
fn name(link: &FederationLink) -> String {
    let (word, own, other) = match (&link.queue, &link.exchange) {
        (Some(queue), _) => ("queue", queue.as_str(), link.upstream_queue.as_deref()),
        (None, exchange) => (
            "exchange",
            exchange.as_deref().unwrap_or_default(),
            link.upstream_exchange.as_deref(),
        ),
    };
    match other.filter(|other| *other != own) {
        Some(other) => format!("{word} {own} from {other} of {}", link.upstream),
        None => format!("{word} {own} from {}", link.upstream),
    }
}

fn state(link: &FederationLink) -> State {
    match link.status.as_str() {
        "running" => State::Running,
        "starting" => State::Starting,
        _ => State::Down(reason::in_words(link.error.as_deref().unwrap_or_default())),
    }
}

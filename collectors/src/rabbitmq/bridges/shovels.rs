//! Shovels from the broker's answers.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::address::Address;
use super::{Bridge, End, Ends, Id, Kind, Object, State, reason, unique};
use crate::rabbitmq::names::Name;
use crate::rabbitmq::wire::{Places, Shovel, ShovelParameter};

/// Where the definitions say that shovels lead.
pub type Definitions = BTreeMap<Name, Ends>;

/// The virtual host of an address that names none.
const DEFAULT_VHOST: &str = "/";

pub fn definitions(parameters: &[ShovelParameter]) -> Definitions {
    let ends = parameters.iter().filter_map(|parameter| {
        let (from, to) = (parameter.value.src_uri.clone()?, parameter.value.dest_uri.clone()?);
        let name = Name::new(&parameter.vhost, &parameter.name);
        Some((name, joined(from, to, &parameter.value.places)))
    });
    ends.collect()
}

/// `known` tells where those lead that do not run: from their definitions, or from when they did run.
pub fn bridges(shovels: &[Shovel], known: impl Fn(&Id) -> Option<Ends>) -> Vec<Bridge> {
    unique(shovels.iter().map(|shovel| {
        let id = Id {
            kind: Kind::Shovel,
            vhost: shovel.vhost.clone(),
            name: shovel.name.clone(),
        };
        let told = shovel.src_uri.clone().zip(shovel.dest_uri.clone());
        Bridge {
            ends: told
                .map(|(from, to)| joined(from, to, &shovel.places))
                .or_else(|| known(&id)),
            label: format!("shovel {}", shovel.name),
            id,
            node: shovel.node.clone(),
            state: state(shovel),
            forwarded: shovel.forwarded,
            pending: shovel.pending,
        }
    }))
}

fn state(shovel: &Shovel) -> State {
    match shovel.state.as_str() {
        "running" => State::Running,
        "flow" => State::Flow,
        "blocked" => State::Blocked,
        "starting" => State::Starting,
        _ => State::Down(reason::in_words(shovel.reason.as_deref().unwrap_or_default())),
    }
}

fn joined(from: Address, to: Address, places: &Places) -> Ends {
    let place = |at: Address, object| End {
        at: Address {
            vhost: at.vhost.or_else(|| Some(DEFAULT_VHOST.into())),
            ..at
        },
        object,
    };
    let source = object(
        &places.src_queue,
        &places.src_exchange,
        &places.src_exchange_key,
        &places.src_address,
    );
    let target = object(
        &places.dest_queue,
        &places.dest_exchange,
        &places.dest_exchange_key,
        &places.dest_address,
    );
    Ends {
        from: place(from, source),
        to: place(to, target),
    }
}

fn object(queue: &Option<String>, exchange: &Option<String>, key: &Option<String>, address: &Option<String>) -> Object {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match (given(queue), exchange, given(address)) {
        (Some(queue), ..) => Object::Queue(queue),
        // The default exchange has the empty name, and puts messages into the queue that the key names.
        (None, Some(exchange), _) if exchange.is_empty() => given(key).map_or(Object::Unknown, Object::Queue),
        (None, Some(exchange), _) => Object::Exchange(exchange.clone(), given(key)),
        (None, None, Some(address)) => of_address(&address),
        (None, None, None) => Object::Unknown,
    }
}

/// RabbitMQ's own AMQP 1.0 addresses, those of version 4 and those before; another broker's mean what they mean there.
fn of_address(address: &str) -> Object {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut parts = address.trim_start_matches('/').splitn(3, '/');
    match (address.starts_with('/'), parts.next(), parts.next(), parts.next()) {
        (true, Some("queues"), Some(name), None) => Object::Queue(decoded(name)),
        (true, Some("queue"), Some(name), None) | (true, Some("amq"), Some("queue"), Some(name)) => {
            Object::Queue(name.into())
        }
        (true, Some("exchanges"), Some(name), key) => Object::Exchange(decoded(name), key.map(decoded)),
        (true, Some("exchange"), Some(name), key) => Object::Exchange(name.into(), key.map(str::to_string)),
        _ => Object::Address(address.into()),
    }
}

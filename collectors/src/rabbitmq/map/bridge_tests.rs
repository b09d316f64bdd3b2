//! Shovels and federation links as real brokers told of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use brokerscope_contract::{Absence, EntityKey, EntityKind, Evidence, Site, Status, metrics};

use super::bridge_links::{Here, Joined, join};
use super::{bridges, sites};
use crate::rabbitmq::bridges::shovels::{Definitions, definitions};
use crate::rabbitmq::bridges::{Bridge, Id, Kind, State, federation, shovels};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::recorded::{VERSIONS, read, recorded};
use crate::rabbitmq::wire::{FederationLink, Overview, Shovel, ShovelParameter};

fn of_shovels(version: &str, known: &Definitions) -> Vec<Bridge> {
    let told: Vec<Shovel> = read(version, "bridges/shovels.json");
    shovels::bridges(&told, |id| {
        known
            .get(&Name::new(id.vhost.clone().unwrap_or_default(), &id.name))
            .cloned()
    })
}

fn defined(version: &str) -> Definitions {
    definitions(&read::<Vec<ShovelParameter>>(version, "bridges/shovel-parameters.json"))
}

fn links_of(version: &str) -> Vec<Bridge> {
    federation::bridges(&read::<Vec<FederationLink>>(version, "bridges/federation-links.json"))
}

/// With the objects of virtual hosts `bridge-a` and `bridge-b`; the second one only where it is watched.
fn joined(version: &str, bridges: &[Bridge], is_watched: &dyn Fn(&str) -> bool) -> Joined {
    let overview: Overview = read(version, "bridges/overview.json");
    let queues = [
        ("bridge-a", "orders"),
        ("bridge-a", "orders.copy"),
        ("bridge-a", "reports"),
        ("bridge-b", "orders"),
    ];
    let queues: HashMap<Name, QueueType> = queues
        .into_iter()
        .map(|(vhost, name)| (Name::new(vhost, name), QueueType::Classic))
        .collect();
    let exchanges: HashSet<Name> = ["bridge-a", "bridge-b"].map(|vhost| Name::new(vhost, "events")).into();
    join(
        bridges,
        &Here {
            listeners: &overview.listeners,
            hosts: vec!["127.0.0.1"],
            addresses: sites::addresses(&overview.listeners, &["127.0.0.1"]),
            queues: &queues,
            exchanges: &exchanges,
            is_watched,
        },
    )
}

fn arrows(joined: &Joined) -> Vec<String> {
    let mut arrows: Vec<String> = joined
        .links
        .iter()
        .map(|link| {
            format!(
                "{} -> {} [{}] {:?}",
                link.from.path.join("/"),
                link.to.path.join("/"),
                link.label.as_deref().unwrap_or(""),
                link.evidence
            )
        })
        .collect();
    arrows.sort();
    arrows
}

#[test]
fn shovels_are_edges_inside_the_broker_and_to_others() {
    for version in VERSIONS {
        let joined = joined(version, &of_shovels(version, &Definitions::default()), &|_| true);
        let expected = [
            "bridge-a/events -> bridge-b/orders [shovel to-vhost-b, of key order.#] Connected",
            "bridge-a/orders -> bridge-a/orders.copy [shovel copies] Connected",
            "bridge-a/reports -> AMQP broker at 127.0.0.1:27701, virtual host //exchange amq.fanout [shovel abroad, into key report] Connected",
        ];
        assert_eq!(arrows(&joined), expected, "{version}");
        let [endpoint] = joined.endpoints.as_slice() else {
            panic!("{version}: {:?}", joined.endpoints)
        };
        assert_eq!(endpoint.key.kind, EntityKind::Endpoint);
        let port = endpoint.attributes.iter().find(|attribute| attribute.name == "port");
        assert_eq!(port.map(|port| port.value.as_str()), Some("27701"));
        let elsewhere = endpoint.stands_for.as_ref().expect("another connection may watch it");
        let Site::Addresses(addresses) = &elsewhere.at else {
            panic!("{version}: {elsewhere:?}")
        };
        assert!(
            addresses.contains(&"localhost:27701".into()),
            "{version}: {addresses:?}"
        );
        assert_eq!(
            elsewhere.keys,
            [EntityKey::new(EntityKind::Exchange, ["/", "amq.fanout"])]
        );
    }
}

#[test]
fn a_definition_tells_where_a_shovel_leads_that_does_not_run() {
    for version in VERSIONS {
        let bridges = of_shovels(version, &defined(version));
        let arrows = arrows(&joined(version, &bridges, &|_| true));
        let refused =
            "bridge-a/orders -> AMQP broker at 127.0.0.1:5, virtual host eu/queue q [shovel refused] Declared";
        assert!(arrows.contains(&refused.to_string()), "{version}: {arrows:?}");
        // Its destination is a queue that was never declared: nothing to draw an edge to.
        assert!(!arrows.iter().any(|arrow| arrow.contains("wrong-login")), "{arrows:?}");
        let told = bridges.iter().find(|bridge| bridge.id.name == "wrong-login").unwrap();
        assert!(
            bridges::check(told, &BTreeSet::new())
                .text
                .contains("virtual host bridge-b")
        );
    }
}

#[test]
fn no_password_leaves_the_answers() {
    for version in VERSIONS {
        assert!(recorded(version, "bridges/shovel-parameters.json").contains("s3cret-word"));
        let bridges: Vec<Bridge> = of_shovels(version, &defined(version))
            .into_iter()
            .chain(links_of(version))
            .collect();
        let joined = joined(version, &bridges, &|_| true);
        let entities: Vec<_> = bridges.iter().map(bridges::entity).collect();
        let checks: Vec<_> = bridges
            .iter()
            .map(|bridge| bridges::check(bridge, &BTreeSet::new()))
            .collect();
        let everything = format!("{bridges:?} {joined:?} {entities:?} {checks:?}");
        assert!(
            !everything.contains("s3cret") && !everything.contains("guest"),
            "{version}"
        );
    }
}

#[test]
fn federation_is_an_edge_from_the_upstream() {
    for version in VERSIONS {
        let joined = joined(version, &links_of(version), &|_| true);
        let expected = [
            // An upstream without a virtual host means the one of the same name.
            "AMQP broker at 127.0.0.1:27701, virtual host bridge-a/exchange events -> bridge-a/events [federation from other] Declared",
            "bridge-a/orders -> bridge-b/orders [federation from broken] Declared",
            "bridge-b/events -> bridge-a/events [federation from sibling] Connected",
        ];
        assert_eq!(arrows(&joined), expected, "{version}");
    }
}

#[test]
fn what_lies_in_an_unwatched_virtual_host_is_outside() {
    let bridges = of_shovels("4.3.6", &Definitions::default());
    let joined = joined("4.3.6", &bridges, &|vhost| vhost == "bridge-a");
    let expected = "bridge-a/events -> virtual host bridge-b of this broker/queue orders [shovel to-vhost-b, of key order.#] Connected";
    assert!(arrows(&joined).contains(&expected.to_string()), "{:?}", arrows(&joined));
    let sibling = joined
        .endpoints
        .iter()
        .find(|entity| entity.key.name() == "queue orders");
    let elsewhere = sibling.and_then(|entity| entity.stands_for.as_ref());
    let elsewhere = elsewhere.expect("another connection to the same broker may watch it");
    let Site::Addresses(addresses) = &elsewhere.at else {
        panic!("{elsewhere:?}")
    };
    assert!(addresses.contains(&"localhost:27601".into()), "{addresses:?}");
}

#[test]
fn an_address_is_another_brokers_unless_it_is_a_listener_of_this_one() {
    let bridges = of_shovels("4.3.6", &Definitions::default());
    let elsewhere: Vec<Bridge> = bridges
        .iter()
        .cloned()
        .map(|bridge| Bridge {
            node: Some("rabbit@another-machine".into()),
            ..bridge
        })
        .collect();
    // Loopback is that machine's own, where nothing of this broker is known to listen.
    let arrows = arrows(&joined("4.3.6", &elsewhere, &|_| true));
    assert!(
        arrows
            .iter()
            .any(|arrow| arrow.starts_with("AMQP broker at 127.0.0.1:27601")),
        "{arrows:?}"
    );
}

#[test]
fn each_state_has_its_status_and_its_words() {
    let bridges = of_shovels("4.3.6", &Definitions::default());
    let check = |name: &str, state: Option<State>, idle: bool| {
        let bridge = bridges.iter().find(|bridge| bridge.id.name == name).unwrap().clone();
        let idle = BTreeSet::from_iter(idle.then(|| bridge.id.clone()));
        let state = state.unwrap_or_else(|| bridge.state.clone());
        bridges::check(&Bridge { state, ..bridge }, &idle)
    };
    let runs = check("copies", None, true);
    assert_eq!((runs.status, runs.check.0.as_str()), (Status::Ok, "shovel"));
    assert!(
        runs.text
            .contains("queue orders.copy at this broker, virtual host bridge-a"),
        "{}",
        runs.text
    );
    let down = check("refused", None, false);
    assert_eq!(down.status, Status::Critical);
    assert_eq!(down.text, "not connected: it cannot connect to its destination");
    assert_eq!(check("copies", Some(State::Blocked), false).status, Status::Warning);
    assert_eq!(check("copies", Some(State::Flow), false).status, Status::Ok);
    let first = check("copies", Some(State::Starting), false);
    assert_eq!((first.status, first.absent), (Status::Unknown, Some(Absence::NoData)));
    let again = check("copies", Some(State::Starting), true);
    assert_eq!((again.status, again.absent), (Status::Critical, None));
}

#[test]
fn a_federation_link_says_why_it_is_down() {
    for version in VERSIONS {
        let links = links_of(version);
        let said = |name: &str| {
            let link = links.iter().find(|link| link.id.name == name).unwrap();
            bridges::check(link, &BTreeSet::new())
        };
        assert_eq!(said("exchange events from sibling").status, Status::Ok, "{version}");
        let refused = said("queue orders from broken");
        assert_eq!(refused.status, Status::Critical, "{version}");
        assert!(
            refused.text.contains("the login was refused"),
            "{version}: {}",
            refused.text
        );
        let foreign = said("exchange events from other");
        assert!(foreign.text.contains("virtual host"), "{version}: {}", foreign.text);
    }
}

#[test]
fn a_bridge_belongs_to_its_virtual_host_and_has_figures_where_the_version_counts() {
    for (version, forwarded) in [("4.3.6", Some(0.0)), ("3.10.8", None)] {
        let bridges = of_shovels(version, &Definitions::default());
        let copies = bridges.iter().find(|bridge| bridge.id.name == "copies").unwrap();
        let entity = bridges::entity(copies);
        assert_eq!(*entity.key.path, ["bridge-a", "shovel", "copies"]);
        assert_eq!(entity.parent.map(|parent| parent.kind), Some(EntityKind::Vhost));
        let sample = bridges::samples(copies).find(|sample| sample.metric == metrics::RABBITMQ_SHOVEL_FORWARDED);
        assert_eq!(sample.map(|sample| sample.value), forwarded, "{version}");
    }
}

#[test]
fn of_two_nodes_that_tell_of_one_shovel_the_one_that_runs_it_counts() {
    let mut told: Vec<Shovel> = read("4.3.6", "bridges/shovels.json");
    let mut left = told.iter().find(|shovel| shovel.name == "copies").unwrap().clone();
    (left.state, left.node, left.src_uri) = ("terminated".into(), Some("before@x".into()), None);
    told.push(left.clone());
    told.insert(0, left);
    let bridges = shovels::bridges(&told, |_| None);
    let copies: Vec<_> = bridges.iter().filter(|bridge| bridge.id.name == "copies").collect();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].state, State::Running);
}

#[test]
fn a_shovel_of_the_configuration_file_belongs_to_the_cluster() {
    let shovel: Shovel = serde_json::from_str(
        r#"{"name":"s","type":"static","node":"a@x","state":"running","src_uri":"amqp://","dest_uri":"amqp://eu","src_queue":"q"}"#,
    )
    .unwrap();
    let bridges = shovels::bridges(&[shovel], |_| None);
    let expected = Id {
        kind: Kind::Shovel,
        vhost: None,
        name: "s".into(),
    };
    assert_eq!(bridges[0].id, expected);
    assert_eq!(
        bridges::entity(&bridges[0]).parent.map(|parent| parent.kind),
        Some(EntityKind::Cluster)
    );
    // Where it puts messages, such a one does not tell.
    assert!(bridges::shown(&bridges[0].ends.as_ref().unwrap().to).starts_with("something that is not told at eu:5672"));
    assert_eq!(
        Evidence::Connected,
        joined("4.3.6", &bridges, &|_| false).links[0].evidence
    );
}

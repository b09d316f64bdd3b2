//! Who is who: ids, deletion and return, links.

use brokerscope_contract::{
    Attribute, Elsewhere, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, Sample, Site, Snapshot, System,
    Timestamp, metrics,
};
use brokerscope_store::StoreError;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::*;

#[tokio::test]
async fn everything_that_is_named_gets_an_id_and_keeps_it() {
    let bench = Bench::new().await;
    let exchange = EntityKey::new(EntityKind::Exchange, ["/", "orders"]);
    let node = EntityKey::new(EntityKind::Node, ["rabbit@a"]);
    let mut first = listed(MIDNIGHT, &["described"]);
    first.entities[0].parent = Some(node.clone());
    first.samples.push(Sample::new(queue("measured"), metrics::DEPTH, 1.0));
    first.links = Some(vec![link(&exchange, &queue("described"))]);
    let ids = bench.write(&first).await.ids;
    let mut named: Vec<_> = ids.keys().cloned().collect();
    named.sort();
    let mut expected = vec![queue("described"), queue("measured"), exchange, node.clone()];
    expected.sort();
    assert_eq!(named, expected);

    let bench = bench.reopen().await;
    assert_eq!(bench.write(&first).await.ids, ids);
    let stored = bench.store.entities(bench.connection).await.unwrap();
    assert_eq!(stored.len(), 4);
    let described = stored.iter().find(|entity| entity.key == queue("described")).unwrap();
    assert_eq!(described.parent, Some(ids[&node]));
}

#[tokio::test]
async fn what_is_missing_in_a_whole_list_is_deleted_and_comes_back_as_itself() {
    let bench = Bench::new().await;
    let first = bench.write(&listed(MIDNIGHT, &["a", "b"])).await;
    let second = bench.write(&listed(MIDNIGHT + MINUTE, &["a"])).await;
    assert_eq!(second.deleted, [first.ids[&queue("b")]]);
    // Told once.
    assert_eq!(bench.write(&listed(MIDNIGHT + 2 * MINUTE, &["a"])).await.deleted, []);
    let deleted_at = async |bench: &Bench| {
        let entities = bench.store.entities(bench.connection).await.unwrap();
        entities
            .iter()
            .map(|entity| (entity.key.name().to_string(), entity.deleted_at))
            .collect::<Vec<_>>()
    };
    let gone = [
        ("a".to_string(), None),
        ("b".to_string(), Some(Timestamp(MIDNIGHT + MINUTE))),
    ];
    assert_eq!(deleted_at(&bench).await, gone);

    let bench = bench.reopen().await;
    assert_eq!(deleted_at(&bench).await, gone);
    let back = bench.write(&listed(MIDNIGHT + 3 * MINUTE, &["a", "b"])).await;
    assert_eq!(back.ids[&queue("b")], first.ids[&queue("b")]);
    assert_eq!(deleted_at(&bench).await[1], ("b".to_string(), None));
}

#[tokio::test]
async fn a_list_that_is_not_whole_deletes_nothing() {
    let bench = Bench::new().await;
    bench.write(&listed(MIDNIGHT, &["a", "b"])).await;
    let mut partial = listed(MIDNIGHT + MINUTE, &["a"]);
    partial.complete = vec![EntityKind::Exchange];
    assert_eq!(bench.write(&partial).await.deleted, []);
}

#[tokio::test]
async fn a_link_to_what_does_not_exist_names_it_as_deleted() {
    let bench = Bench::new().await;
    let mut snapshot = listed(MIDNIGHT, &["a"]);
    snapshot.links = Some(vec![link(&queue("a"), &queue("ghost"))]);
    let written = bench.write(&snapshot).await;
    assert_eq!(written.deleted, []);
    let entities = bench.store.entities(bench.connection).await.unwrap();
    let ghost = entities.iter().find(|entity| entity.key == queue("ghost")).unwrap();
    assert_eq!(ghost.deleted_at, Some(Timestamp(MIDNIGHT)));
}

#[tokio::test]
async fn descriptions_are_replaced_when_they_change() {
    let bench = Bench::new().await;
    for (at, value) in [(0, "1"), (1, "1"), (2, "2")] {
        let mut snapshot = listed(MIDNIGHT + at * MINUTE, &["a"]);
        snapshot.entities[0].attributes = vec![Attribute::new("x-max-length", value).note("a note")];
        snapshot.entities[0].internal = at == 2;
        bench.write(&snapshot).await;
    }
    let bench = bench.reopen().await;
    let stored = bench.store.entities(bench.connection).await.unwrap().remove(0);
    assert_eq!(stored.attributes, [Attribute::new("x-max-length", "2").note("a note")]);
    assert!(stored.internal);
    assert_eq!(stored.first_seen, Timestamp(MIDNIGHT));
    assert_eq!(stored.last_seen, Timestamp(MIDNIGHT + 2 * MINUTE));
}

#[tokio::test]
async fn links_are_replaced_as_a_whole_and_left_alone_when_not_asked_for() {
    let bench = Bench::new().await;
    let (a, b) = (queue("a"), queue("b"));
    let labelled = |label: &str| Link {
        label: Some(label.into()),
        ..link(&a, &b)
    };
    let steps: [(Option<Vec<Link>>, Vec<Link>); 4] = [
        (
            Some(vec![link(&a, &b), labelled("x")]),
            vec![link(&a, &b), labelled("x")],
        ),
        (None, vec![link(&a, &b), labelled("x")]),
        (
            Some(vec![labelled("y"), labelled("x")]),
            vec![labelled("x"), labelled("y")],
        ),
        (Some(vec![]), vec![]),
    ];
    for (step, (told, expected)) in steps.into_iter().enumerate() {
        bench
            .write(&brokerscope_contract::Snapshot {
                links: told,
                ..snapshot(MIDNIGHT + step as i64)
            })
            .await;
        let mut links = bench.store.links(bench.connection).await.unwrap();
        links.sort_by(|a, b| a.label.cmp(&b.label));
        assert_eq!(links, expected);
    }
}

#[tokio::test]
async fn links_survive_a_restart() {
    let bench = Bench::new().await;
    let links = vec![link(&queue("a"), &queue("b"))];
    bench
        .write(&brokerscope_contract::Snapshot {
            links: Some(links.clone()),
            ..snapshot(MIDNIGHT)
        })
        .await;
    let bench = bench.reopen().await;
    assert_eq!(bench.store.links(bench.connection).await.unwrap(), links);
}

#[tokio::test]
async fn a_connection_that_is_gone_takes_no_visit() {
    let bench = Bench::new().await;
    bench.measure(MIDNIGHT, &queue("a"), metrics::DEPTH, 1.0).await;
    bench.store.delete_connection(bench.connection).await.unwrap();
    let at = Timestamp(MIDNIGHT);
    let outcome = bench
        .store
        .write_snapshot(bench.connection, &snapshot(MIDNIGHT), &beat(at))
        .await;
    assert!(matches!(outcome, Err(StoreError::NotFound(_))));
    assert_eq!(bench.store.connections().await.unwrap(), []);
    // Neither its number nor that of its entities is given out again.
    let next = bench.store.add_connection(&new_connection("rabbit")).await.unwrap();
    assert!(next.id > bench.connection);
    let bench = bench.reopen().await;
    let written = bench
        .store
        .write_snapshot(next.id, &listed(MIDNIGHT, &["a"]), &beat(at))
        .await
        .unwrap();
    assert_eq!(written.ids[&queue("a")].0, 2);
}

#[tokio::test]
async fn what_an_entity_stands_for_is_known_after_a_restart_and_forgotten_when_it_is_no_longer_said() {
    let bench = Bench::new().await;
    let endpoint = EntityKey::new(EntityKind::Endpoint, ["queue q at b:5672"]);
    let there = Elsewhere {
        system: System::RabbitMq,
        at: Site::Addresses(vec!["b:5672".into()]),
        keys: vec![queue("q")],
    };
    let said = |stands_for: Option<Elsewhere>, at: i64| Snapshot {
        entities: vec![Entity {
            stands_for,
            ..Entity::new(endpoint.clone())
        }],
        ..snapshot(at)
    };
    let stored = async |bench: &Bench| {
        let entities = bench.store.entities(bench.connection).await.unwrap();
        entities.into_iter().find(|entity| entity.key == endpoint).unwrap()
    };
    bench.write(&said(None, MIDNIGHT)).await;
    assert_eq!(stored(&bench).await.stands_for, None);
    bench.write(&said(Some(there.clone()), MIDNIGHT + SECOND)).await;
    let bench = bench.reopen().await;
    assert_eq!(stored(&bench).await.stands_for, Some(there));
    bench.write(&said(None, MIDNIGHT + 2 * SECOND)).await;
    assert_eq!(stored(&bench).await.stands_for, None);
}

#[test]
fn names_may_be_anything() {
    let names = prop::collection::vec(any::<String>(), 1..4);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bench = runtime.block_on(Bench::new());
    let long = "ä".repeat(127) + "x";
    let awkward = [
        "",
        "/",
        "a'b\"c",
        "<script>alert(1)</script>",
        "?1 $2 :x @y",
        "\u{0}",
        "🐇",
        long.as_str(),
    ];
    let check = |path: Vec<String>| {
        let key = EntityKey::new(EntityKind::Queue, path);
        let mut snapshot = snapshot(MIDNIGHT);
        snapshot.entities.push(Entity {
            attributes: vec![Attribute::new(key.name(), key.name())],
            ..Entity::new(key.clone())
        });
        let written = runtime.block_on(bench.write(&snapshot));
        let stored = runtime.block_on(bench.store.entities(bench.connection)).unwrap();
        let entity = stored
            .into_iter()
            .find(|entity| entity.id == written.ids[&key])
            .unwrap();
        assert_eq!(entity.attributes, [Attribute::new(key.name(), key.name())]);
        assert_eq!(entity.key, key);
    };
    for name in awkward {
        check(vec!["/".into(), name.into()]);
    }
    let mut runner = TestRunner::new(Config {
        cases: 64,
        ..Config::default()
    });
    runner
        .run(&names, |path| {
            check(path);
            Ok(())
        })
        .unwrap();
}

fn link(from: &EntityKey, to: &EntityKey) -> Link {
    Link {
        from: from.clone(),
        to: to.clone(),
        kind: LinkKind::Binding,
        label: None,
        evidence: Evidence::Declared,
    }
}

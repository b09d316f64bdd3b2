//! What pages are told, from visits that were stored in a real store.

mod checks;
mod graph;
mod missing;
mod overview;
mod rows;

use brokerscope_contract::api::entities::RowsQuery;
use brokerscope_contract::api::topology::TopologyQuery;
use brokerscope_contract::{
    Absence, Attribute, CheckId, CheckResult, Entity, EntityId, EntityKey, EntityKind, LinkKind, Reading, Role,
    Snapshot, Status, System, Verdict, Warning, metrics,
};

use crate::ingest::world::{INTERVAL, START, World, exchange, link, put, queue};

const DEPTH: brokerscope_contract::MetricId = metrics::DEPTH;

fn query(change: impl FnOnce(&mut RowsQuery)) -> RowsQuery {
    let mut query = RowsQuery::default();
    change(&mut query);
    query
}

fn names(world: &World, change: impl FnOnce(&mut RowsQuery)) -> Vec<String> {
    let rows = world.live.rows(Role::Destination, &query(change), world.now()).unwrap();
    rows.page.items.into_iter().map(|row| row.entity.name).collect()
}

/// Four queues: one nobody reads, one that is read, one of the broker's own, and one without any value.
fn four(snapshot: &mut Snapshot) {
    put(
        snapshot,
        &queue("b.unread"),
        &[(DEPTH, 12.0), (metrics::CONSUMERS, 0.0)],
    );
    put(snapshot, &queue("a.read"), &[(DEPTH, 0.0), (metrics::CONSUMERS, 3.0)]);
    put(snapshot, &queue("amq.own"), &[(DEPTH, 1.0)]);
    if let Some(own) = snapshot.entities.last_mut() {
        own.internal = true;
    }
    put(snapshot, &queue("C.silent"), &[]);
}

async fn with_four() -> World {
    let mut world = World::new(System::RabbitMq).await;
    for _ in 0..2 {
        world.visit(four).await;
    }
    world
}

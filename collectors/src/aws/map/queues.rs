//! Queues: what they are, and the figures that SQS itself tells.

use brokerscope_contract::{Entity, MetricId, Sample, Snapshot, metrics};

use super::attributes;
use crate::aws::memory::{Memory, queue_key};
use crate::aws::wire::Queue;

/// What `GetQueueAttributes` counts.
const COUNTS: [(&str, MetricId); 3] = [
    ("ApproximateNumberOfMessages", metrics::DEPTH),
    ("ApproximateNumberOfMessagesNotVisible", metrics::IN_FLIGHT),
    ("ApproximateNumberOfMessagesDelayed", metrics::SQS_DELAYED),
];

/// Messages in flight that SQS allows for a queue, standard or FIFO.
pub const MOST_IN_FLIGHT: f64 = 120_000.0;

pub fn describe(memory: &Memory, snapshot: &mut Snapshot) {
    for url in &memory.urls {
        let Some(key) = memory.queue_key(url) else { continue };
        let mut entity = Entity::new(key);
        entity.parent = Some(memory.key());
        if let Some(queue) = memory.queues.get(url) {
            entity.attributes = attributes::of_queue(queue);
            if memory.fresh.contains(url) {
                samples(queue, &entity, snapshot);
                // It does not change: told with the lists, it counts in between.
                if memory.listed_at == Some(snapshot.at) && queue.number(COUNTS[1].0).is_some() {
                    let limit = Sample::new(entity.key.clone(), metrics::IN_FLIGHT_LIMIT, MOST_IN_FLIGHT);
                    snapshot.samples.push(limit);
                }
            }
        }
        snapshot.entities.push(entity);
    }
    for (arn, tasks) in &memory.moves {
        let (Some(key), Some(latest)) = (queue_key(arn), tasks.first()) else {
            continue;
        };
        if let Some(entity) = snapshot.entities.iter_mut().find(|entity| entity.key == key) {
            entity.attributes.push(attributes::of_move(latest));
        }
        snapshot
            .samples
            .push(Sample::new(key.clone(), metrics::SQS_MOVED, latest.moved as f64));
        if let Some(to_move) = latest.to_move {
            snapshot
                .samples
                .push(Sample::new(key, metrics::SQS_TO_MOVE, to_move as f64));
        }
    }
}

fn samples(queue: &Queue, entity: &Entity, snapshot: &mut Snapshot) {
    let mut all = Some(0.0);
    for (name, metric) in COUNTS {
        let told = queue.number(name);
        all = all.zip(told).map(|(sum, told)| sum + told);
        if let Some(value) = told {
            snapshot.samples.push(Sample::new(entity.key.clone(), metric, value));
        }
    }
    // CloudWatch is not asked for the age of what is empty: nothing is old there.
    if all == Some(0.0) {
        snapshot
            .samples
            .push(Sample::new(entity.key.clone(), metrics::OLDEST_AGE, 0.0));
    }
}

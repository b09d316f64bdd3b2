//! A fleet of queues as brokers have them: many at rest, some busy, a few in trouble. The same on every run.
//!
//! Of ten queues four rest, four are busy and keep up, one grows and shrinks at random, and one takes a batch every ten
//! minutes. Eight metrics each: levels, counters, sizes. Everything is a whole number except the age of the oldest
//! message, in milliseconds' resolution.

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    Entity, EntityKey, EntityKind, MetricId, Sample, Settings, Snapshot, Status, System, Timestamp, metrics,
};
use brokerscope_store::NewConnection;

/// What is measured of each queue, in this order.
pub const METRICS: [MetricId; 8] = [
    metrics::DEPTH,
    metrics::IN_FLIGHT,
    metrics::CONSUMERS,
    metrics::OLDEST_AGE,
    metrics::PUBLISHED,
    metrics::ACKNOWLEDGED,
    metrics::STORED_BYTES,
    metrics::RABBITMQ_QUEUE_MEMORY,
];

/// Visits are this far apart, in milliseconds.
pub const CADENCE: i64 = 5_000;

/// In words, for the section of a benchmark.
pub const WORDS: &str = "Queues as brokers have them: of ten, four at rest, four busy, one random walk, one with a batch \
     every ten minutes; eight metrics each (four levels, two counters, two sizes), a visit every 5 s with jitter of 20 ms.";

#[derive(Clone, Copy)]
enum Habit {
    Rests,
    Busy { per_visit: f64 },
    Wanders,
    Batches { size: u64 },
}

struct Queue {
    habit: Habit,
    depth: u64,
    published: u64,
    acknowledged: u64,
    /// Bytes of a message.
    size: u64,
}

pub struct Fleet {
    queues: Vec<Queue>,
    random: fastrand::Rng,
    visit: i64,
    start: i64,
    /// How many of [`METRICS`] are measured.
    metrics: usize,
    /// Filled in place visit after visit: a collector's parsing is not what is measured.
    snapshot: Snapshot,
}

impl Fleet {
    pub fn new(queues: usize, start: Timestamp) -> Fleet {
        Fleet::measuring(METRICS.len(), queues, start)
    }

    /// A fleet of which only the first few metrics are measured.
    pub fn measuring(metrics: usize, queues: usize, start: Timestamp) -> Fleet {
        let mut random = fastrand::Rng::with_seed(20_260_105);
        let key = |n: usize| {
            EntityKey::new(
                EntityKind::Queue,
                ["/".to_string(), format!("team-{}.service-{n}.work", n % 37)],
            )
        };
        let measured = &METRICS[..metrics];
        let samples = (0..queues).flat_map(|n| measured.iter().map(move |metric| Sample::new(key(n), *metric, 0.0)));
        let snapshot = Snapshot {
            samples: samples.collect(),
            entities: (0..queues).map(|n| Entity::new(key(n))).collect(),
            complete: vec![EntityKind::Queue],
            ..Snapshot::empty(start)
        };
        let queues = (0..queues).map(|n| Queue::new(n, &mut random)).collect();
        Fleet {
            queues,
            random,
            visit: 0,
            start: start.0,
            metrics,
            snapshot,
        }
    }

    /// How many samples a visit brings.
    pub fn samples(&self) -> usize {
        self.snapshot.samples.len()
    }

    pub fn keys(&self) -> impl Iterator<Item = &EntityKey> {
        self.snapshot.entities.iter().map(|entity| &entity.key)
    }

    /// The next visit and its bar of the heartbeat.
    pub fn visit(&mut self) -> (&Snapshot, Beat) {
        let jitter = self.random.i64(0..20);
        self.snapshot.at = Timestamp(self.start + self.visit * CADENCE + jitter);
        let batch = self.visit % 120 == 0;
        for (queue, samples) in self
            .queues
            .iter_mut()
            .zip(self.snapshot.samples.chunks_mut(self.metrics))
        {
            for (sample, value) in samples.iter_mut().zip(queue.next(batch, &mut self.random)) {
                sample.value = value;
            }
        }
        self.visit += 1;
        let beat = Beat {
            at: self.snapshot.at,
            status: Status::Ok,
            text: String::new(),
        };
        (&self.snapshot, beat)
    }
}

impl Queue {
    fn new(n: usize, random: &mut fastrand::Rng) -> Queue {
        let habit = match n % 10 {
            0..4 => Habit::Rests,
            4..8 => Habit::Busy {
                per_visit: 10f64.powf(random.f64() * 3.0 + 0.5),
            },
            8 => Habit::Wanders,
            _ => Habit::Batches {
                size: random.u64(1_000..50_000),
            },
        };
        let published = random.u64(0..10_000_000);
        let depth = if matches!(habit, Habit::Wanders) {
            5_000
        } else {
            random.u64(0..20)
        };
        Queue {
            habit,
            depth,
            published,
            acknowledged: published - depth.min(published),
            size: random.u64(200..4_000),
        }
    }

    fn next(&mut self, batch: bool, random: &mut fastrand::Rng) -> [f64; 8] {
        let (arrive, leave) = match self.habit {
            Habit::Rests => (0, 0),
            Habit::Busy { per_visit } => {
                let arrive = around(per_visit, random);
                (arrive, (self.depth + arrive).saturating_sub(random.u64(0..8)))
            }
            Habit::Wanders => (around(300.0, random), around(300.0, random)),
            Habit::Batches { size } if batch => (size, size / 100),
            Habit::Batches { size } => (0, around(size as f64 / 80.0, random)),
        };
        let leave = leave.min(self.depth + arrive);
        self.published += arrive;
        self.acknowledged += leave;
        self.depth = self.depth + arrive - leave;
        let moves = arrive + leave > 0;
        let in_flight = if moves { leave.min(random.u64(1..64)) } else { 0 };
        let age = match moves && self.depth > 0 {
            true => random.u64(1..5_000) as f64 / 1000.0,
            false => 0.0,
        };
        let bytes = self.depth * self.size + if moves { random.u64(0..self.size) } else { 0 };
        // A queue's process grows with what it holds, in steps of its allocator.
        let memory = (20_000 + bytes / 10 + if moves { random.u64(0..4_000) } else { 0 }) / 8 * 8;
        [
            self.depth as f64,
            in_flight as f64,
            2.0,
            age,
            self.published as f64,
            self.acknowledged as f64,
            bytes as f64,
            memory as f64,
        ]
    }
}

/// A number of events when so many are expected: spread like independent ones, by the normal approximation.
fn around(expected: f64, random: &mut fastrand::Rng) -> u64 {
    let normal: f64 = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    (expected + normal * expected.sqrt()).round().max(0.0) as u64
}

/// The connection that the fleet is stored under.
pub fn connection(name: &str) -> NewConnection {
    NewConnection {
        name: name.into(),
        system: System::RabbitMq,
        origin: Origin::Page,
        paused: false,
        settings: Settings::new(),
        sealed: None,
        created_at: Timestamp(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fleets_are_the_same_fleet() {
        let (mut a, mut b) = (Fleet::new(50, Timestamp(0)), Fleet::new(50, Timestamp(0)));
        for _ in 0..200 {
            assert_eq!(a.visit().0, b.visit().0);
        }
    }

    #[test]
    fn counters_only_grow_and_what_arrived_and_did_not_leave_is_there() {
        let mut fleet = Fleet::new(100, Timestamp(0));
        let mut before = vec![0.0; 100];
        for _ in 0..300 {
            let (snapshot, _) = fleet.visit();
            for (queue, before) in snapshot.samples.chunks(METRICS.len()).zip(&mut before) {
                let [depth, published, acknowledged] = [0, 4, 5].map(|metric: usize| queue[metric].value);
                assert_eq!(published - acknowledged, depth);
                assert!(published >= *before && depth >= 0.0);
                *before = published;
            }
        }
    }
}

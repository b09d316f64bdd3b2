//! Verdicts on queues of a cloud, whose depth is told at once and whose counters come minutes late.

use brokerscope_contract::{History, Snapshot, System, Timestamp, Verdict, metrics};

use super::world::{START, World, put, queue};

const PERIOD: i64 = 300_000;

/// A queue as it is at some second: what waits, what was sent and deleted so far, whether somebody reads.
struct Played {
    name: &'static str,
    waiting: fn(f64) -> f64,
    in_flight: f64,
    sent: f64,
    deleted: f64,
    readers: f64,
}

impl Played {
    /// The depth is of now. Every five minutes come the counters of the periods that ended five minutes ago.
    fn tell(&self, snapshot: &mut Snapshot) {
        let (key, at) = (queue(self.name), snapshot.at);
        let waiting = (self.waiting)(at.seconds_since(START));
        put(
            snapshot,
            &key,
            &[
                (metrics::DEPTH, waiting),
                (metrics::IN_FLIGHT, self.in_flight),
                (metrics::IN_FLIGHT_LIMIT, 120_000.0),
            ],
        );
        if at.millis_since(START) % PERIOD != 0 {
            return;
        }
        let until = at.plus_millis(-PERIOD);
        let counter = |per_second: f64| {
            let ends = (0..=4).rev().map(|back| until.plus_millis(-back * PERIOD));
            let total = |end: Timestamp| per_second * end.seconds_since(START.plus_millis(-10 * PERIOD));
            ends.map(|end| (end, total(end))).collect::<Vec<_>>()
        };
        for (metric, points) in [
            (metrics::PUBLISHED, counter(self.sent)),
            (metrics::ACKNOWLEDGED, counter(self.deleted)),
            (metrics::CONSUMERS, vec![(until, self.readers)]),
        ] {
            let entity = key.clone();
            snapshot.history.push(History { entity, metric, points });
        }
    }
}

const QUEUES: [(Played, Verdict, &str); 5] = [
    (
        Played {
            name: "unread",
            waiting: |_| 12.0,
            in_flight: 0.0,
            sent: 0.0,
            deleted: 0.0,
            readers: 0.0,
        },
        Verdict::NoConsumer,
        "12 messages wait and nobody reads: nobody asks for them. Counted until",
    ),
    (
        Played {
            name: "unread and growing",
            waiting: |second| 12.0 + 5.0 * second,
            in_flight: 0.0,
            sent: 5.0,
            deleted: 0.0,
            readers: 0.0,
        },
        Verdict::NoConsumer,
        "5/s arrive and nobody reads",
    ),
    (
        Played {
            name: "stuck",
            waiting: |_| 500.0,
            in_flight: 10.0,
            sent: 0.0,
            deleted: 0.0,
            readers: 1.0,
        },
        Verdict::Stalled,
        "Nothing was acknowledged for",
    ),
    (
        Played {
            name: "too slow",
            waiting: |second| 400.0 + 3.0 * second,
            in_flight: 10.0,
            sent: 5.0,
            deleted: 2.0,
            readers: 1.0,
        },
        Verdict::Slow,
        "Consumers acknowledge 2/s, publishers send 5/s: 3/s stay behind",
    ),
    (
        Played {
            name: "worked off",
            waiting: |_| 40.0,
            in_flight: 10.0,
            sent: 5.0,
            deleted: 5.0,
            readers: 1.0,
        },
        Verdict::Ok,
        "Keeps up: 5/s acknowledged",
    ),
];

#[tokio::test]
async fn a_queue_of_a_cloud_is_judged_by_counters_that_come_late() {
    let mut world = World::new(System::AwsSqs).await;
    let minutes = |n: usize| 4 * n;
    for visit in 0..minutes(31) {
        world
            .visit(|snapshot| QUEUES.iter().for_each(|(played, ..)| played.tell(snapshot)))
            .await;
        let healthy = world.judgement(&queue("worked off"));
        let sound = [Verdict::Ok, Verdict::Unknown].contains(&healthy.verdict);
        assert!(sound, "visit {visit}: {}", healthy.sentence);
    }
    for (played, verdict, part) in &QUEUES {
        let judgement = world.judgement(&queue(played.name));
        let sentence = judgement.sentence.replace('\u{a0}', " ");
        assert_eq!(judgement.verdict, *verdict, "{}: {sentence}", played.name);
        assert!(sentence.contains(part), "{}: {sentence}", played.name);
    }
}

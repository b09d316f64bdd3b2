//! How fast stored samples are found again, at rest and while samples come in.
//!
//! `store-query [queues] [hours]`: so many queues for the top list, a hundred of them with so many hours of history.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use brokerscope_benchmarks::fleet::{self, Fleet};
use brokerscope_benchmarks::measure::{self, Times, thousands};
use brokerscope_contract::{ConnectionId, EntityId, Timestamp, metrics};
use brokerscope_store::{Store, StoreError, StoreOptions};

const START: Timestamp = Timestamp(1_767_592_800_000);
/// How many queues have a long history.
const OLD_QUEUES: usize = 100;
const REPEATS: usize = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let queues: usize = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let hours: i64 = arguments.next().map_or(Ok(24), |text| text.parse())?;
    let visits = hours * 3_600_000 / fleet::CADENCE;
    let folder = tempfile::tempdir()?;
    let store = Store::open(&StoreOptions::new(folder.path().join("bench.db"))).await?;

    let old = store.add_connection(&fleet::connection("old")).await?.id;
    let ids = fill(&store, old, visits).await?;
    let young = store.add_connection(&fleet::connection("young")).await?.id;
    let mut fleet = Fleet::measuring(1, queues, START.plus_millis(visits * fleet::CADENCE));
    let series = fleet.samples() as u64;
    for _ in 0..50 {
        let (snapshot, beat) = fleet.visit();
        store.write_snapshot(young, snapshot, &beat).await?;
    }
    eprintln!("filled");

    println!("{}\n", fleet::WORDS);
    println!(
        "{} series; {} of them with {hours} h of history at 5 s.\n",
        thousands(series),
        thousands(OLD_QUEUES as u64 * 8)
    );
    println!(
        "| measure, median / p99 of {} | at rest | while samples come in | bar |",
        thousands(REPEATS as u64)
    );
    println!("|---|---|---|---|");
    let end = START.plus_millis(visits * fleet::CADENCE);
    let rest = ask(&store, &ids, end, queues).await?;
    let ingest = Ingest::start(store.clone(), young, fleet);
    let busy = ask(&store, &ids, end, queues).await?;
    let rate = ingest.stop().await?;
    for (rest, busy) in rest.iter().zip(&busy) {
        println!(
            "| {} | {} | {} | {} |",
            rest.name,
            rest.times.summary(),
            busy.times.summary(),
            rest.bar
        );
    }
    println!(
        "\nWhile samples come in: {} a second, as fast as they are taken. Peak memory {:.0} MB.",
        thousands(rate),
        measure::peak_memory() as f64 / 1e6
    );
    Ok(())
}

/// Stores the long history and returns the queues of it.
async fn fill(store: &Store, connection: ConnectionId, visits: i64) -> Result<Vec<EntityId>, StoreError> {
    let mut fleet = Fleet::new(OLD_QUEUES, START);
    let mut ids = Vec::new();
    for _ in 0..visits {
        let (snapshot, beat) = fleet.visit();
        let written = store.write_snapshot(connection, snapshot, &beat).await?;
        if ids.is_empty() {
            ids = written.ids.into_values().collect();
        }
    }
    ids.sort();
    Ok(ids)
}

struct Answer {
    name: String,
    bar: &'static str,
    times: Times,
}

async fn ask(store: &Store, ids: &[EntityId], end: Timestamp, queues: usize) -> Result<Vec<Answer>, StoreError> {
    let mut answers = Vec::new();
    let from = Timestamp(START.0.max(end.0 - 86_400_000));
    let pick = |n: usize| (ids[n * 7 % ids.len()], fleet::METRICS[n % fleet::METRICS.len()]);

    let mut times = Times::default();
    let mut found = 0;
    for n in 0..REPEATS {
        let (entity, metric) = pick(n);
        let asked = Instant::now();
        found += store.points(entity, metric, from, end).await?.len();
        times.add(asked.elapsed());
    }
    let name = format!(
        "one series over 24 h, every point ({} on average)",
        thousands((found / REPEATS) as u64)
    );
    answers.push(Answer {
        name,
        bar: "2 ms",
        times,
    });

    let mut times = Times::default();
    for n in 0..REPEATS {
        let (entity, metric) = pick(n);
        let asked = Instant::now();
        store.line(entity, metric, from, end, 600).await?;
        times.add(asked.elapsed());
    }
    answers.push(Answer {
        name: "the same as a line of 600 steps".into(),
        bar: "2 ms",
        times,
    });

    let mut times = Times::default();
    for _ in 0..REPEATS {
        let asked = Instant::now();
        store.top(metrics::DEPTH, 50).await?;
        times.add(asked.elapsed());
    }
    let name = format!(
        "top 50 of {} queues by last value, of all series",
        thousands(queues as u64)
    );
    answers.push(Answer {
        name,
        bar: "10 ms p99",
        times,
    });
    Ok(answers)
}

/// Writes visits as fast as the store takes them, beside the questions.
struct Ingest {
    stop: Arc<AtomicBool>,
    samples: Arc<AtomicU64>,
    started: Instant,
    task: tokio::task::JoinHandle<Result<(), StoreError>>,
}

impl Ingest {
    fn start(store: Store, connection: ConnectionId, mut fleet: Fleet) -> Ingest {
        let (stop, samples) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, counted) = (stop.clone(), samples.clone());
        let task = tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                let (snapshot, beat) = fleet.visit();
                store.write_snapshot(connection, snapshot, &beat).await?;
                counted.fetch_add(snapshot.samples.len() as u64, Ordering::Relaxed);
            }
            Ok(())
        });
        Ingest {
            stop,
            samples,
            started: Instant::now(),
            task,
        }
    }

    /// Samples a second.
    async fn stop(self) -> Result<u64, Box<dyn Error>> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await??;
        Ok((self.samples.load(Ordering::Relaxed) as f64 / self.started.elapsed().as_secs_f64()) as u64)
    }
}

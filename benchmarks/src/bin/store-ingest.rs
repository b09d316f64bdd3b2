//! How fast samples get into compressed, durable blocks, and how much disk they take.
//!
//! `store-ingest [queues] [hours]`. Prometheus and VictoriaMetrics are fed the same fleet in the same run where the
//! environment names their programs.

use std::error::Error;
use std::time::{Duration, Instant};

use brokerscope_benchmarks::fleet::{self, Fleet};
use brokerscope_benchmarks::measure::{self, Times, thousands};
use brokerscope_benchmarks::peers::PEERS;
use brokerscope_contract::Timestamp;
use brokerscope_store::{Retention, Store, StoreOptions};

/// 20:00 on a Monday, so that a day ends and is rolled up.
const START: Timestamp = Timestamp(1_767_643_200_000);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let queues = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let hours: i64 = arguments.next().map_or(Ok(6), |text| text.parse())?;
    let visits = hours * 3_600_000 / fleet::CADENCE;

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    let store = Store::open(&StoreOptions::new(&path)).await?;
    let connection = store.add_connection(&fleet::connection("fleet")).await?.id;
    let mut fleet = Fleet::new(queues, START);
    let retention = Retention {
        age: Duration::from_secs(30 * 86_400),
        rollup_age: Duration::from_secs(400 * 86_400),
        max_bytes: None,
    };

    let (started, cpu_before) = (Instant::now(), measure::cpu_seconds());
    let (mut now, mut waits) = (START, Times::default());
    for visit in 0..visits {
        let (snapshot, beat) = fleet.visit();
        now = snapshot.at;
        let asked = Instant::now();
        store.write_snapshot(connection, snapshot, &beat).await?;
        waits.add(asked.elapsed());
        if visit % 720 == 719 {
            store.housekeeping(now, &retention).await?;
            let health = store.health();
            eprintln!(
                "{:5.0} s  visit {visit}, {:.0} MB, {} pending",
                started.elapsed().as_secs_f64(),
                health.bytes as f64 / 1e6,
                health.pending_samples
            );
        }
    }
    // The clock runs until the last sample is in a block.
    store.housekeeping(now.plus_millis(3 * 3_600_000), &retention).await?;
    let pending = store.health().pending_samples;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), measure::cpu_seconds() - cpu_before);
    store.close().await;

    let samples = visits as u64 * fleet.samples() as u64;
    let bytes = measure::bytes_on_disk(&path);
    println!("{}\n", fleet::WORDS);
    println!(
        "{} queues, {} series, {hours} h: {} samples.\n",
        thousands(queues as u64),
        thousands(fleet.samples() as u64),
        thousands(samples)
    );
    let ours = [
        thousands((samples as f64 / seconds) as u64),
        format!("{:.2} s", cpu / samples as f64 * 1e6),
        format!("{:.2}", bytes as f64 / samples as f64),
        format!("{:.0} MB", measure::peak_memory() as f64 / 1e6),
    ];
    let mut columns = vec![("Brokerscope", ours)];
    for peer in &PEERS {
        match peer.program() {
            None => println!("{} is not installed here.\n", peer.name),
            Some(program) => {
                eprintln!("{}", peer.name);
                let figures = peer.feed(&program, queues, visits, START).await?;
                let cells = [
                    thousands(figures.samples_a_second as u64),
                    format!("{:.2} s", figures.cpu_a_million),
                    format!("{:.2}", figures.bytes_a_sample),
                    format!("{:.0} MB", figures.peak_memory as f64 / 1e6),
                ];
                columns.push((peer.name, cells));
            }
        }
    }
    let rows = [
        (
            "samples a second, from snapshots to sealed blocks and rollups",
            "1,000,000",
        ),
        ("processor time a million samples", ""),
        ("bytes a sample on disk, everything included", "2.5"),
        ("peak memory", ""),
    ];
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    println!("| measure | {} | bar |", names.join(" | "));
    println!("|---{}|---|", "|---".repeat(names.len()));
    for (index, (what, bar)) in rows.iter().enumerate() {
        let cells: Vec<_> = columns.iter().map(|(_, cells)| cells[index].as_str()).collect();
        println!("| {what} | {} | {bar} |", cells.join(" | "));
    }
    println!(
        "\nOne visit of {} samples is stored in {} (median / p99). Left unsealed: {}.",
        thousands(fleet.samples() as u64),
        waits.summary(),
        thousands(pending)
    );
    println!(
        "\nPeers get a minute of every series in one remote-write request. Their rate includes our encoding of the \
         requests on the same cores; their processor time does not. Prometheus' bytes are those of its finished blocks \
         only, without its head and its log."
    );
    Ok(())
}

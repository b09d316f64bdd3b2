//! The embedded broker poses as ten thousand topics and fifteen thousand groups, and the product watches it: what a
//! visit takes, whether memory stays flat, and the answers behind the pages.
//!
//! `scale-cluster [topics] [groups] [visits] [hurried visits]`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_benchmarks::answers;
use brokerscope_benchmarks::measure::thousands;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_embedded_broker::{EmbeddedBroker, Options};
use brokerscope_tests::measure::{cpu_seconds, percentile, resident_bytes};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Product, paint};
use reqwest::Method;
use serde_json::json;

const TOPICS: usize = 10_000;
const PARTITIONS: i32 = 4;
const GROUPS: usize = 15_000;
/// At the default cadence, five minutes.
const VISITS: usize = 20;
/// As often as can be set, for memory: so many that what was gathered is sealed into blocks in each half of them.
const HURRIED: usize = 260;
const SHORTEST_INTERVAL_SECONDS: u64 = 5;
/// Pages that are loaded, and a text by which each is known to be there.
const PAGES: [(&str, &str); 4] = [
    ("/", "destinations"),
    ("/queues", "pose-"),
    ("/queues/subscriptions", "pose-"),
    ("/topology", " objects"),
];
/// Memory may grow by so much of it from half to half: when a visit comes between two looks is chance.
const GROWTH_BAR: f64 = 0.05;
/// A group that is checked number by number.
const WITNESS: usize = 7;

#[tokio::main]
async fn main() {
    let given = std::env::args().skip(1).map(|text| text.parse().expect("a number"));
    let given: Vec<usize> = given.collect();
    let number = |place: usize, usual| given.get(place).copied().unwrap_or(usual);
    let (topics, groups) = (number(0, TOPICS), number(1, GROUPS));
    let (visits, hurried) = (number(2, VISITS), number(3, HURRIED));

    let broker = EmbeddedBroker::start(Options {
        auto_create_topics: false,
        ..Options::default()
    })
    .expect("the broker starts");
    broker.handle().pose(topics, PARTITIONS, groups).expect("it poses");
    let product = Product::start().await;
    let added = Instant::now();
    let servers = broker.bootstrap_servers();
    let mut settings = json!({"bootstrap_servers": servers.split(',').collect::<Vec<_>>()});
    let large = |settings: &serde_json::Value| json!({"name": "large", "system": "kafka", "settings": settings});
    let id = product.post(path::CONNECTIONS, &large(&settings)).await["id"].clone();
    eventually("the whole cluster is shown", 300, || async {
        let view = view(&product).await;
        (view.destinations >= topics && view.subscriptions >= groups).then_some(())
    })
    .await;
    let first = added.elapsed().as_secs_f64();

    let watched = watch(&product, visits).await;
    let mut paints = Vec::new();
    for (page, text) in PAGES {
        paints.push((page, paint::load(&product, page, text).await.largest_paint));
    }
    settings["interval_seconds"] = SHORTEST_INTERVAL_SECONDS.into();
    let path = format!("{}/{id}", path::CONNECTIONS);
    let (status, answer) = product.send(Method::PUT, &path, &large(&settings)).await;
    assert_eq!(status, 200, "{answer}");
    let memory = watch(&product, hurried).await.memory;
    let witness = witness(&product).await;
    assert_eq!(
        witness.lag.value,
        Some(lag_of_witness()),
        "what is shown is what is there"
    );

    println!(
        "The embedded broker as a cluster of three nodes with {} topics of {PARTITIONS} partitions and {} groups, and \
         the product with this one connection: {visits} visits at its default cadence, and for memory {hurried} more, \
         {SHORTEST_INTERVAL_SECONDS} s apart.\n",
        thousands(topics as u64),
        thousands(groups as u64),
    );
    println!("| figure | value | bar |\n|---|---|---|");
    println!("| from adding the connection until all of it is shown | {first:.1} s | |");
    watched.print();
    print_memory(&memory);
    for (page, millis) in paints {
        println!(
            "| largest contentful paint of {page}, median of {} | {millis:.0} ms | 500 ms |",
            paint::LOADS
        );
    }
    let group = witness.entity.id.0;
    let paths = paths(&product, group, topics, groups).await;
    answers::print(&paths, async |path| drop(product.get::<serde_json::Value>(path).await)).await;
}

async fn view(product: &Product) -> ConnectionView {
    let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
    views.into_iter().next().expect("there is one connection")
}

/// What was seen of the visits, one after the other.
#[derive(Default)]
struct Watched {
    /// As the product says of itself.
    seconds: Vec<f64>,
    /// From when a visit was due until it was shown.
    shown_after: Vec<f64>,
    requests: Vec<f64>,
    bytes: Vec<f64>,
    /// After each visit, in MB.
    memory: Vec<f64>,
    /// Of one core.
    cpu_share: f64,
}

async fn watch(product: &Product, visits: usize) -> Watched {
    let mut watched = Watched::default();
    let (begun, before) = (Instant::now(), cpu_seconds(product.pid()));
    let mut last = view(product).await;
    while watched.seconds.len() < visits {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let view = view(product).await;
        if view.revision > last.revision {
            let cost = view.cost.expect("a visit has a cost");
            watched.seconds.push(cost.seconds);
            watched.requests.push(f64::from(cost.requests));
            watched.bytes.push(cost.bytes as f64);
            let due = last.next_visit_at.map(|due| (now_millis() - due.0) as f64 / 1000.0);
            watched.shown_after.extend(due);
            let resident = resident_bytes(product.pid()).map(|bytes| bytes as f64 / 1e6);
            watched.memory.extend(resident);
            eprintln!(
                "visit {}: {:.2} s, {:.0} MB",
                watched.seconds.len(),
                cost.seconds,
                resident.unwrap_or_default()
            );
        }
        last = view;
    }
    let used = cpu_seconds(product.pid())
        .zip(before)
        .map(|(after, before)| after - before);
    watched.cpu_share = used.unwrap_or_default() / begun.elapsed().as_secs_f64();
    watched
}

fn now_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_millis() as i64
}

impl Watched {
    fn print(&self) {
        let row = |what: &str, figures: &[f64], bar: &str| {
            let (middle, worst) = (percentile(figures, 0.5), percentile(figures, 1.0));
            println!("| {what}, median / longest | {middle:.2} / {worst:.2} s | {bar} |");
        };
        row("one visit, as the product says", &self.seconds, "5 s");
        row("from when a visit was due until it was shown", &self.shown_after, "");
        println!(
            "| requests and bytes of a visit, median | {:.0}, {:.1} MB | |",
            percentile(&self.requests, 0.5),
            percentile(&self.bytes, 0.5) / 1e6
        );
        println!("| processor, share of one core | {:.0} % | |", self.cpu_share * 100.0);
    }
}

/// In a half, what was gathered grows until it is sealed; the second half may not need more than the first.
fn print_memory(memory: &[f64]) {
    let (first, second) = memory.split_at(memory.len() / 2);
    let [first, second] = [first, second].map(|half| percentile(half, 1.0));
    println!(
        "| memory, largest of the first half of the hurried visits / of the second | {first:.0} / {second:.0} MB \
         | +{:.0} % |",
        GROWTH_BAR * 100.0
    );
}

async fn witness(product: &Product) -> EntityRow {
    let path = format!("{}?q=pose-group-{WITNESS:05}", path::SUBSCRIPTIONS);
    eventually("the lag of a group is known", 120, || async {
        let rows: Rows = product.get(&path).await;
        rows.page.items.into_iter().find(|row| row.lag.value.is_some())
    })
    .await
}

/// A posed group is behind by its number and that of the partition, of a hundred messages.
fn lag_of_witness() -> f64 {
    (0..PARTITIONS)
        .map(|partition| f64::from(WITNESS as i32 + partition))
        .sum()
}

/// What the pages ask for, in tables of topics and of groups.
async fn paths(product: &Product, group: i64, topics: usize, groups: usize) -> Vec<String> {
    let rows: Rows = product.get(&format!("{}?limit=1", path::DESTINATIONS)).await;
    let topic = rows.page.items[0].entity.id.0;
    let to = rows.as_of.map_or(0, |at| at.0);
    let series = |entity: i64, metrics: &str| {
        let from = to - 3_600_000;
        format!("{}?entity={entity}&metrics={metrics}&from={from}&to={to}", path::SERIES)
    };
    vec![
        path::OVERVIEW.to_string(),
        path::CONNECTIONS.to_string(),
        format!("{}?limit=100", path::DESTINATIONS),
        format!("{}?limit=100&offset={}&sort=name", path::DESTINATIONS, topics / 2),
        format!("{}?q=999", path::DESTINATIONS),
        format!("{}?limit=100", path::SUBSCRIPTIONS),
        format!("{}?limit=100&offset={}&sort=lag", path::SUBSCRIPTIONS, groups / 2),
        format!("{}?q=999", path::SUBSCRIPTIONS),
        format!("{}/{topic}", path::ENTITIES),
        format!("{}/{group}", path::ENTITIES),
        series(topic, "kafka_end_offset"),
        series(group, "lag"),
        format!("{}?focus={group}", path::TOPOLOGY),
        path::TOPOLOGY.to_string(),
        path::HEALTH.to_string(),
        path::RULES.to_string(),
        path::ALERTS.to_string(),
    ]
}

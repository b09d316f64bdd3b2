//! What visits cost where there is much to see.

use super::*;

/// Prints what visits cost at 10,000 partitions and 500 groups. `BROKERSCOPE_SCALE` is the address of a broker that is
/// nobody else's, `BROKERSCOPE_SCALE_VISITS` the number of visits; `BROKERSCOPE_SCALE_FILL` produces and commits first.
#[tokio::test(flavor = "multi_thread")]
async fn scale() {
    let Ok(server) = std::env::var("BROKERSCOPE_SCALE") else {
        return;
    };
    let bootstrap = vec![server];
    let (topics, partitions, groups) = (500, 20, 500);
    let names: Vec<String> = (0..topics).map(|n| format!("scale-{n:04}")).collect();
    let admin = admin(&bootstrap);
    let known = admin.inner().fetch_metadata(None, Duration::from_secs(30)).unwrap();
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !known.topics().iter().any(|topic| topic.name() == **name))
        .collect();
    for chunk in missing.chunks(25) {
        let new: Vec<_> = chunk
            .iter()
            .map(|name| NewTopic::new(name, partitions, TopicReplication::Fixed(1)))
            .collect();
        let patient = AdminOptions::new().request_timeout(Some(Duration::from_secs(60)));
        for result in admin.create_topics(&new, &patient).await.unwrap() {
            result.unwrap();
        }
    }
    if std::env::var("BROKERSCOPE_SCALE_FILL").is_ok() {
        let producer: FutureProducer = config(&bootstrap).set("linger.ms", "50").create().unwrap();
        for name in &names {
            let sends: Vec<_> = (0..partitions)
                .map(|partition| {
                    let record: FutureRecord<'_, str, str> = FutureRecord::to(name).partition(partition).payload("x");
                    producer.send_result(record).unwrap()
                })
                .collect();
            for sent in sends {
                sent.await.unwrap().unwrap();
            }
        }
        for place in 0..groups {
            let (bootstrap, topic) = (bootstrap.clone(), names[place % topics].clone());
            let group = format!("scale-group-{place:04}");
            let commit = tokio::task::spawn_blocking(move || {
                let consumer = consumer(&bootstrap, &group, "classic");
                let mut list = TopicPartitionList::new();
                for partition in 0..partitions {
                    list.add_partition_offset(&topic, partition, Offset::Offset(0)).unwrap();
                }
                consumer.commit(&list, CommitMode::Sync).unwrap();
            });
            commit.await.unwrap();
        }
    }
    let cpu = || {
        let text = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<u64> = text
            .rsplit(") ")
            .next()
            .unwrap()
            .split(' ')
            .map(|f| f.parse().unwrap_or(0))
            .collect();
        (fields[11] + fields[12]) * 10
    };
    println!("before: {} MB", resident_megabytes());
    let mut collector = collector(&bootstrap, &[]);
    let visits: u64 = std::env::var("BROKERSCOPE_SCALE_VISITS").map_or(10, |n| n.parse().unwrap());
    let pause = Duration::from_millis(std::env::var("BROKERSCOPE_SCALE_PAUSE").map_or(200, |n| n.parse().unwrap()));
    let start = now();
    for visit in 0..visits {
        let (started, before) = (Instant::now(), cpu());
        // Visits come faster than in life; the times they are told say 15 s, so that cadences are real.
        let snapshot = collector
            .collect(start.plus_millis(visit as i64 * 15_000))
            .await
            .unwrap();
        if visit < 6 || visit % 50 == 0 || visit + 1 == visits {
            println!(
                "visit {visit}: {:.0} ms wall, {} ms cpu, {} MB, {} samples, {} entities, {} warnings, {:?}",
                started.elapsed().as_secs_f64() * 1e3,
                cpu() - before,
                resident_megabytes(),
                snapshot.samples.len(),
                snapshot.entities.len(),
                snapshot.warnings.len(),
                snapshot.cost,
            );
        }
        drop(snapshot);
        tokio::time::sleep(pause).await;
    }
}

pub fn resident_megabytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

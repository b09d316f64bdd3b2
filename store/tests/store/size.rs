//! How much disk samples take. The benchmark measures it; this only notices when it breaks.

use brokerscope_contract::{Sample, Snapshot, Timestamp, metrics};

use crate::harness::*;

#[tokio::test]
async fn a_sample_takes_no_more_than_three_bytes_all_in() {
    let (queues, visits) = (100, 2_200);
    let bench = Bench::new().await;
    let mut random = 1u64;
    let mut next = |below: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let (mut depth, mut published) = (vec![500i64; queues], vec![0u64; queues]);
    for n in 0..visits {
        let mut samples = Vec::new();
        for q in 0..queues {
            if q % 3 == 0 {
                depth[q] = (depth[q] + next(21) as i64 - 10).max(0);
                published[q] += next(200);
            }
            let key = queue(&format!("queue-{q}"));
            let values = [
                (metrics::DEPTH, depth[q] as f64),
                (metrics::PUBLISHED, published[q] as f64),
            ];
            samples.extend(values.map(|(metric, value)| Sample::new(key.clone(), metric, value)));
            samples.push(Sample::new(key, metrics::CONSUMERS, 2.0));
        }
        bench
            .write(&Snapshot {
                samples,
                ..snapshot(MIDNIGHT + n * 5 * SECOND)
            })
            .await;
    }
    bench
        .store
        .housekeeping(Timestamp(MIDNIGHT + DAY), &keep(30 * DAY, 400 * DAY))
        .await
        .unwrap();
    assert_eq!(bench.store.health().pending_samples, 0);
    bench.store.close().await;
    let bytes = std::fs::metadata(bench.path()).unwrap().len();
    let samples = queues as u64 * 3 * visits as u64;
    let each = bytes as f64 / samples as f64;
    // Room that ticks took before they were sealed is still in so young a file.
    assert!(each < 3.0, "{each:.2} bytes a sample, {bytes} in all");
}

//! The fake's CloudWatch: what it holds of each figure, within the time that is asked for.

use serde_json::Value;

use super::{World, cbor};

/// `GetMetricData` in CBOR: a result for each question of which something is told.
pub fn figures(request: &Value, world: &World) -> Vec<u8> {
    let window = request["StartTime"].as_f64().unwrap_or(0.0)..request["EndTime"].as_f64().unwrap_or(f64::MAX);
    let queries = request["MetricDataQueries"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut results: Vec<(&str, Vec<(i64, f64)>)> = Vec::new();
    for query in queries {
        let id = query["Id"].as_str().unwrap_or_default();
        let name = query["MetricStat"]["Metric"]["MetricName"].as_str().unwrap_or_default();
        let of_figure = world.figures.get(name).into_iter().flatten();
        let mut points: Vec<(i64, f64)> = of_figure
            .filter(|(at, _)| window.contains(&(*at as f64)))
            .copied()
            .collect();
        if id == "m0" {
            points.extend(&world.points);
        }
        if !points.is_empty() {
            results.push((id, points));
        }
    }
    let mut bytes = vec![0xa1];
    bytes.extend(cbor::text("MetricDataResults"));
    bytes.extend(cbor::head(4, results.len()));
    for (id, points) in results {
        bytes.push(0xa3);
        bytes.extend([cbor::text("Id"), cbor::text(id), cbor::text("Timestamps")].concat());
        bytes.extend(cbor::head(4, points.len()));
        for (at, _) in &points {
            // Tag 1: seconds since the epoch, here as a number of eight bytes.
            bytes.extend([0xc1, 0x1b]);
            bytes.extend(at.to_be_bytes());
        }
        bytes.extend(cbor::text("Values"));
        bytes.extend(cbor::head(4, points.len()));
        for (_, value) in &points {
            bytes.push(0xfb);
            bytes.extend(value.to_be_bytes());
        }
    }
    bytes
}

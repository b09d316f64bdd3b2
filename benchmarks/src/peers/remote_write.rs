//! Prometheus remote write 1.0, written by hand: three kinds of protobuf message, in a Snappy block of literals.
//!
//! Sources: the specification "Prometheus Remote-Write 1.0" and Snappy's `format_description.txt`.

use brokerscope_contract::{EntityKey, MetricId, Snapshot};

/// Requests over the same series again and again; labels are encoded once.
pub struct Requests {
    series: Vec<Series>,
}

struct Series {
    /// The `labels` fields of a `TimeSeries`.
    labels: Vec<u8>,
    /// Its `samples` fields since the last request.
    samples: Vec<u8>,
}

impl Requests {
    /// The series of each key, for each metric.
    pub fn new<'a>(keys: impl Iterator<Item = &'a EntityKey>, metrics: &[MetricId]) -> Requests {
        let series = keys.flat_map(|key| {
            metrics.iter().map(move |metric| Series {
                // In the order of names, as the specification demands.
                labels: [
                    label("__name__", metric.name()),
                    label("queue", key.name()),
                    label("vhost", &key.scope()),
                ]
                .concat(),
                samples: Vec::new(),
            })
        });
        Requests {
            series: series.collect(),
        }
    }

    /// Takes the samples of a visit, which are in the order of the series.
    pub fn add(&mut self, snapshot: &Snapshot) {
        for (series, sample) in self.series.iter_mut().zip(&snapshot.samples) {
            let mut body = vec![0x09];
            body.extend(sample.value.to_le_bytes());
            body.push(0x10);
            varint(snapshot.at.0 as u64, &mut body);
            field(2, &body, &mut series.samples);
        }
    }

    /// The body of a request with all that was taken since the last one.
    pub fn take(&mut self) -> Vec<u8> {
        let mut request = Vec::new();
        for series in &mut self.series {
            let body = [series.labels.as_slice(), &series.samples].concat();
            field(1, &body, &mut request);
            series.samples.clear();
        }
        literals(&request)
    }
}

/// The headers that the specification demands.
pub fn headers(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request
        .header("Content-Encoding", "snappy")
        .header("Content-Type", "application/x-protobuf")
        .header("X-Prometheus-Remote-Write-Version", "0.1.0")
}

fn label(name: &str, value: &str) -> Vec<u8> {
    let (mut body, mut label) = (Vec::new(), Vec::new());
    field(1, name.as_bytes(), &mut body);
    field(2, value.as_bytes(), &mut body);
    field(1, &body, &mut label);
    label
}

/// A length-delimited field.
fn field(number: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    varint(bytes.len() as u64, out);
    out.extend(bytes);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A Snappy block that repeats nothing: its length, then literals of up to 64 KiB.
fn literals(bytes: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(bytes.len() + bytes.len() / 65_536 * 3 + 16);
    varint(bytes.len() as u64, &mut block);
    for chunk in bytes.chunks(65_536) {
        // 61: the length less one follows in two bytes.
        block.push(61 << 2);
        block.extend(((chunk.len() - 1) as u16).to_le_bytes());
        block.extend(chunk);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_groups_of_seven_bits() {
        for (value, bytes) in [
            (0, vec![0]),
            (127, vec![127]),
            (128, vec![0x80, 1]),
            (300, vec![0xac, 2]),
        ] {
            let mut out = Vec::new();
            varint(value, &mut out);
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn a_block_of_literals_holds_what_was_given() {
        let bytes: Vec<u8> = (0..70_000_u32).map(|n| n as u8).collect();
        let block = literals(&bytes);
        assert_eq!(block[..3], [0xf0, 0xa2, 0x04]);
        assert_eq!(block[3..6], [61 << 2, 0xff, 0xff]);
        assert_eq!(block[6..6 + 65_536], bytes[..65_536]);
        assert_eq!(block[6 + 65_536 + 3..], bytes[65_536..]);
    }
}

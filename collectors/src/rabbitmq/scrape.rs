//! What the Prometheus endpoint of one node says: which families to ask for, and their lines as figures.

use std::collections::HashMap;

use super::figures::{ExchangeFigures, QueueFigures};
use super::identity::Identity;
use super::names::{Name, QueueType};
use crate::prometheus::{Labels, Line, lines};

/// Depth, in flight and consumers of every queue. The last three families are unknown to versions before 4.0, which
/// answer without them.
pub const COUNTS: &str = "metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count\
    &family=queue_delivery_metrics&family=queue_exchange_metrics&family=exchange_metrics";
/// The same, and bytes, memory and the age of the head of every queue: about four times as much.
pub const EVERYTHING: &str = "metrics/detailed?family=queue_coarse_metrics&family=queue_metrics\
    &family=queue_delivery_metrics&family=queue_exchange_metrics&family=exchange_metrics";
/// Figures of the node as a whole; a constant 100 KB.
pub const NODE: &str = "metrics";
/// Who the node is, and next to nothing else.
pub const IDENTITY: &str = "metrics/detailed?family=cluster_links";

/// Figures per queue and exchange, as one node sees them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scrape {
    pub identity: Identity,
    pub queues: HashMap<Name, QueueFigures>,
    pub exchanges: HashMap<Name, ExchangeFigures>,
    /// Queues into which the default exchange has routed messages. It has no bindings that could be listed.
    pub default_routes: Vec<Name>,
    /// This version counts deliveries and acknowledgements per queue.
    pub counts_deliveries: bool,
}

/// Figures of a node as a whole. `None` where this version has no such line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeFigures {
    pub identity: Identity,
    pub connections: Option<f64>,
    pub channels: Option<f64>,
    /// Over all protocols.
    pub received: Option<f64>,
    pub delivered: Option<f64>,
    pub unroutable: Option<f64>,
    /// Dead-lettered messages by reason. Those that went nowhere because no dead-letter exchange is set do not count.
    pub expired: Option<f64>,
    pub rejected: Option<f64>,
    pub maxlen: Option<f64>,
    pub delivery_limit: Option<f64>,
    /// Messages that came and went over AMQP 1.0, which no figure per queue counts.
    pub amqp10: f64,
}

/// Reads an answer to [`COUNTS`] or [`EVERYTHING`].
pub fn read_queues(text: &str) -> Scrape {
    let mut scrape = Scrape {
        counts_deliveries: text.contains("TYPE rabbitmq_detailed_queue_messages_acked_total "),
        ..Scrape::default()
    };
    let mut table = Table::default();
    for line in lines(text) {
        let Some(metric) = line.name.strip_prefix("rabbitmq_detailed_") else {
            scrape.identity.take(&line);
            continue;
        };
        if let Some(metric) = metric.strip_prefix("queue_") {
            read_queue(metric, &line, &mut table, &mut scrape.default_routes);
        } else if let Some(metric) = metric.strip_prefix("exchange_messages_") {
            read_exchange(metric, &line, &mut scrape.exchanges);
        } else if metric == "stream_consumer_max_offset_lag" {
            table.row(line.labels, |row| row.stream_lag = Some(line.value));
        }
    }
    scrape.queues = table.into_figures();
    scrape
}

fn read_queue<'a>(metric: &str, line: &Line<'a>, table: &mut Table<'a>, default_routes: &mut Vec<Name>) {
    let value = line.value;
    let add = |sum: &mut Option<f64>| *sum = Some(sum.unwrap_or(0.0) + value);
    let set = |slot: &mut Option<f64>| *slot = value.is_finite().then_some(value);
    match metric {
        "messages_ready" => table.row(line.labels, |row| set(&mut row.ready)),
        "messages_unacked" => table.row(line.labels, |row| set(&mut row.unacked)),
        "consumers" => table.row(line.labels, |row| set(&mut row.consumers)),
        "consumer_capacity" => table.row(line.labels, |row| set(&mut row.capacity)),
        "process_memory_bytes" => table.row(line.labels, |row| set(&mut row.memory)),
        "messages_bytes" => table.row(line.labels, |row| set(&mut row.body_bytes)),
        "head_message_timestamp" => table.row(line.labels, |row| set(&mut row.head_timestamp)),
        "messages_redelivered_total" => table.row(line.labels, |row| add(&mut row.redelivered)),
        // With manual acknowledgement: delivered now, settled by a later acknowledgement.
        "messages_delivered_ack_total" | "get_ack_total" => table.row(line.labels, |row| add(&mut row.delivered)),
        // Without acknowledgement: settled by the delivery.
        "messages_delivered_total" | "get_total" => table.row(line.labels, |row| {
            add(&mut row.delivered);
            add(&mut row.acknowledged);
        }),
        "messages_acked_total" => table.row(line.labels, |row| add(&mut row.acknowledged)),
        "exchange_messages_published_total" => {
            table.row(line.labels, |row| add(&mut row.published));
            if value > 0.0 && line.labels.get("exchange").as_deref() == Some("") {
                default_routes.extend(name(line.labels, "queue"));
            }
        }
        "info" => {
            let word = line.labels.get("queue_type");
            table.row(line.labels, |row| {
                row.queue_type = word.as_deref().map(QueueType::parse)
            });
        }
        _ => {}
    }
}

fn read_exchange(metric: &str, line: &Line<'_>, exchanges: &mut HashMap<Name, ExchangeFigures>) {
    let Some(name) = name(line.labels, "exchange") else {
        return;
    };
    let row = exchanges.entry(name).or_default();
    let slot = match metric {
        "published_total" => &mut row.published,
        "unroutable_returned_total" | "unroutable_dropped_total" => &mut row.unroutable,
        _ => return,
    };
    *slot = Some(slot.unwrap_or(0.0) + line.value);
}

fn name(labels: Labels<'_>, of: &str) -> Option<Name> {
    Some(Name::new(labels.get("vhost")?, labels.get(of)?))
}

/// Rows by queue. The same text of labels comes back in every family, so it is taken apart only once.
#[derive(Default)]
struct Table<'a> {
    rows: Vec<(Name, QueueFigures)>,
    by_text: HashMap<&'a str, usize>,
    by_name: HashMap<Name, usize>,
}

impl<'a> Table<'a> {
    fn row(&mut self, labels: Labels<'a>, change: impl FnOnce(&mut QueueFigures)) {
        let at = match self.by_text.get(labels.raw()) {
            Some(at) => *at,
            None => {
                let Some(name) = name(labels, "queue") else { return };
                let next = self.rows.len();
                let at = *self.by_name.entry(name.clone()).or_insert(next);
                if at == next {
                    self.rows.push((name, QueueFigures::default()));
                }
                self.by_text.insert(labels.raw(), at);
                at
            }
        };
        change(&mut self.rows[at].1);
    }

    fn into_figures(self) -> HashMap<Name, QueueFigures> {
        self.rows.into_iter().collect()
    }
}

/// Reads an answer to [`NODE`].
pub fn read_node(text: &str) -> NodeFigures {
    let mut figures = NodeFigures::default();
    for line in lines(text) {
        if line.value.is_finite() {
            figures.read(&line);
        }
    }
    figures
}

impl NodeFigures {
    fn read(&mut self, line: &Line<'_>) {
        let Some(metric) = line.name.strip_prefix("rabbitmq_global_messages_") else {
            match line.name {
                "rabbitmq_connections" => self.connections = Some(line.value),
                "rabbitmq_channels" => self.channels = Some(line.value),
                _ => self.identity.take(line),
            }
            return;
        };
        let slot = match metric {
            "received_total" => &mut self.received,
            "delivered_total" => &mut self.delivered,
            "unroutable_returned_total" | "unroutable_dropped_total" => &mut self.unroutable,
            "dead_lettered_expired_total" => &mut self.expired,
            "dead_lettered_rejected_total" => &mut self.rejected,
            "dead_lettered_maxlen_total" => &mut self.maxlen,
            "dead_lettered_delivery_limit_total" => &mut self.delivery_limit,
            _ => return,
        };
        let nowhere = line.labels.get("dead_letter_strategy").as_deref() == Some("disabled");
        *slot = Some(slot.unwrap_or(0.0) + if nowhere { 0.0 } else { line.value });
        let counts_messages = matches!(metric, "received_total" | "delivered_total");
        if counts_messages && line.labels.get("protocol").as_deref() == Some("amqp10") {
            self.amqp10 += line.value;
        }
    }

    pub fn dead_lettered(&self) -> Option<f64> {
        let reasons = [self.expired, self.rejected, self.maxlen, self.delivery_limit];
        reasons.into_iter().flatten().reduce(|sum, count| sum + count)
    }
}

#[cfg(test)]
mod tests;

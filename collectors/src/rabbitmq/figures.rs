//! Figures of queues and exchanges, wherever they come from; `None` is "not said", never zero.

use std::collections::HashMap;

use super::names::{Name, QueueType};
use super::wire;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueFigures {
    pub queue_type: Option<QueueType>,
    pub ready: Option<f64>,
    pub unacked: Option<f64>,
    pub consumers: Option<f64>,
    /// 0 to 1.
    pub capacity: Option<f64>,
    pub body_bytes: Option<f64>,
    pub memory: Option<f64>,
    /// Seconds since the epoch, by the publisher's clock; classic queues only.
    pub head_timestamp: Option<f64>,
    /// Messages between the slowest reader of a stream and its end.
    pub stream_lag: Option<f64>,
    pub published: Option<f64>,
    pub delivered: Option<f64>,
    /// Messages that were acknowledged, or needed none.
    pub acknowledged: Option<f64>,
    pub redelivered: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ExchangeFigures {
    pub published: Option<f64>,
    pub unroutable: Option<f64>,
}

impl QueueFigures {
    /// From an entry of a list of queues.
    pub fn of_api(queue: &wire::Queue) -> QueueFigures {
        let stats = &queue.message_stats;
        QueueFigures {
            queue_type: Some(queue.kind()),
            ready: queue.messages_ready,
            unacked: queue.messages_unacknowledged,
            consumers: queue.consumers,
            capacity: queue.consumer_capacity,
            body_bytes: queue.message_bytes,
            memory: queue.memory,
            head_timestamp: queue.head_message_timestamp,
            stream_lag: None,
            published: stats.publish,
            delivered: stats.deliver_get,
            acknowledged: stats.settled(),
            redelivered: stats.redeliver,
        }
    }

    pub fn counters(&self) -> [Option<f64>; 4] {
        [self.published, self.delivered, self.acknowledged, self.redelivered]
    }

    pub fn counters_mut(&mut self) -> [&mut Option<f64>; 4] {
        [
            &mut self.published,
            &mut self.delivered,
            &mut self.acknowledged,
            &mut self.redelivered,
        ]
    }

    /// What a second node says about the same queue. Only the leader's node counts its messages; where two do, a
    /// leader has just moved, and adding up would count messages twice.
    pub fn merge(&mut self, other: &QueueFigures) {
        self.queue_type = self.queue_type.or(other.queue_type);
        for (mine, theirs) in [
            (&mut self.ready, other.ready),
            (&mut self.unacked, other.unacked),
            (&mut self.consumers, other.consumers),
            (&mut self.capacity, other.capacity),
            (&mut self.body_bytes, other.body_bytes),
            (&mut self.memory, other.memory),
            (&mut self.head_timestamp, other.head_timestamp),
            (&mut self.stream_lag, other.stream_lag),
        ] {
            *mine = match (*mine, theirs) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            };
        }
        for (mine, theirs) in self.counters_mut().into_iter().zip(other.counters()) {
            *mine = match (*mine, theirs) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            };
        }
    }

    /// Takes from `other` what is not known here.
    pub fn fill_from(&mut self, other: &QueueFigures) {
        self.queue_type = self.queue_type.or(other.queue_type);
        for (mine, theirs) in [
            (&mut self.ready, other.ready),
            (&mut self.unacked, other.unacked),
            (&mut self.consumers, other.consumers),
            (&mut self.capacity, other.capacity),
            (&mut self.body_bytes, other.body_bytes),
            (&mut self.memory, other.memory),
            (&mut self.head_timestamp, other.head_timestamp),
            (&mut self.published, other.published),
            (&mut self.delivered, other.delivered),
            (&mut self.acknowledged, other.acknowledged),
            (&mut self.redelivered, other.redelivered),
        ] {
            *mine = mine.or(theirs);
        }
    }
}

/// Figures by queue.
pub type Queues = HashMap<Name, QueueFigures>;
/// Figures by exchange.
pub type Exchanges = HashMap<Name, ExchangeFigures>;

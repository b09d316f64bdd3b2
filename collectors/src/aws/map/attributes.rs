//! Settings of queues, topics and subscriptions, as a person reads them.

use brokerscope_contract::Attribute;
use brokerscope_figures::format::{bytes, count, duration};

use crate::aws::failure::shortened;
use crate::aws::wire::{MoveTask, Queue};

pub fn of_queue(queue: &Queue) -> Vec<Attribute> {
    let mut told = Vec::new();
    let fifo = queue.is("FifoQueue").unwrap_or(queue.url.ends_with(".fifo"));
    told.push(
        Attribute::new("Type", if fifo { "FIFO" } else { "standard" }).note(match fifo {
            true => "in order within a message group, counts are exact",
            false => "order is not promised, counts are approximate",
        }),
    );
    let mut seconds = |name: &str, note: &str| {
        if let Some(value) = queue.number(name) {
            told.push(Attribute::new(name, duration(value)).note(note));
        }
    };
    seconds("MessageRetentionPeriod", "older messages are deleted, read or not");
    seconds(
        "VisibilityTimeout",
        "a message that was received and not deleted comes back after this",
    );
    seconds(
        "DelaySeconds",
        "messages wait this long before anybody can receive them",
    );
    seconds(
        "ReceiveMessageWaitTimeSeconds",
        "how long a request to receive waits for a message; 0 is short polling",
    );
    if let Some(size) = queue.number("MaximumMessageSize") {
        told.push(Attribute::new("MaximumMessageSize", bytes(size)));
    }
    match queue.redrive() {
        Some(redrive) => {
            let after = redrive.after.map_or("?".into(), |after| count(after as f64));
            let note = format!("after it was received {after} times");
            told.push(Attribute::new("Dead letters go to", redrive.target).note(note));
        }
        None if queue.attributes.contains_key("RedrivePolicy") => {
            told.push(Attribute::new("RedrivePolicy", "cannot be read"));
        }
        None => {}
    }
    for name in [
        "RedriveAllowPolicy",
        "KmsMasterKeyId",
        "DeduplicationScope",
        "FifoThroughputLimit",
    ] {
        if let Some(text) = queue.text(name) {
            told.push(Attribute::new(name, shortened(text)));
        }
    }
    for name in ["SqsManagedSseEnabled", "ContentBasedDeduplication"] {
        if let Some(on) = queue.is(name) {
            told.push(Attribute::new(name, if on { "yes" } else { "no" }));
        }
    }
    if let Some(arn) = queue.text("QueueArn") {
        told.push(Attribute::new("ARN", arn));
    }
    told
}

/// The latest redrive out of a queue.
pub fn of_move(task: &MoveTask) -> Attribute {
    let of = task
        .to_move
        .map_or(String::new(), |n| format!(" of {}", count(n as f64)));
    let moved = format!("{}: {}{of} moved", task.status.to_lowercase(), count(task.moved as f64));
    let to = task.destination.as_deref().unwrap_or("the queues that they came from");
    let note = match &task.failure {
        Some(why) => format!("to {to}; {why}"),
        None => format!("to {to}"),
    };
    Attribute::new("Latest redrive", moved).note(note)
}

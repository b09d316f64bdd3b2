//! Metrics that mean the same on every system; pages, verdicts and most rules know only these.

metrics! {
    of None;
    DEPTH = "depth", Gauge, Messages, "Messages waiting", "Messages ready for a reader and not yet delivered.";
    IN_FLIGHT = "in_flight", Gauge, Messages, "In flight", "Messages delivered to a reader and not yet acknowledged.";
    IN_FLIGHT_LIMIT = "in_flight_limit", Gauge, Messages, "In-flight limit", "The most messages that the present readers may hold unacknowledged (the sum of their prefetch), or that the broker lets be in flight.";
    LAG = "lag", Gauge, Messages, "Lag", "Messages between what is stored and what the subscription has acknowledged.";
    LAG_SECONDS = "lag_seconds", Gauge, Seconds, "Lag in time", "How long ago the message that the subscription reads next was stored.";
    OLDEST_AGE = "oldest_age", Gauge, Seconds, "Oldest message", "The age of the oldest message that is waiting.";
    DRAIN_SECONDS = "drain_seconds", Gauge, Seconds, "Time to drain", "How long until nothing waits, at the present rates in and out.";
    LOSS_SECONDS = "loss_seconds", Gauge, Seconds, "Time to data loss", "How long until retention removes messages that the subscription has not read, at the present rates.";
    CONSUMERS = "consumers", Gauge, Count, "Readers", "Consumers or group members that are connected now.";
    PUBLISHED = "published", Counter, Messages, "Published", "Messages that arrived.";
    DELIVERED = "delivered", Counter, Messages, "Delivered", "Messages handed to readers, redeliveries included.";
    ACKNOWLEDGED = "acknowledged", Counter, Messages, "Acknowledged", "Messages that readers acknowledged or committed.";
    REDELIVERED = "redelivered", Counter, Messages, "Redelivered", "Messages handed to a reader again.";
    DEAD_LETTERED = "dead_lettered", Counter, Messages, "Dead-lettered", "Messages given up and sent to a dead-letter destination.";
    UNROUTABLE = "unroutable", Counter, Messages, "Unroutable", "Messages that no destination took.";
    STORED_BYTES = "stored_bytes", Gauge, Bytes, "Size stored", "Bytes that the destination occupies in the broker, replicas not counted.";
    CONNECTIONS = "connections", Gauge, Count, "Client connections", "Open client connections.";
    CHANNELS = "channels", Gauge, Count, "Channels", "Open channels or sessions inside client connections.";
    MEMORY_USED = "memory_used", Gauge, Bytes, "Memory used", "Memory in use by the node.";
    MEMORY_LIMIT = "memory_limit", Gauge, Bytes, "Memory limit", "The memory at which the node raises an alarm.";
    DISK_FREE = "disk_free", Gauge, Bytes, "Disk free", "Free disk space where the node stores messages.";
    DISK_FREE_LIMIT = "disk_free_limit", Gauge, Bytes, "Disk limit", "The free disk space below which the node raises an alarm.";
    UP = "up", Gauge, Count, "Reachable", "1 when the last visit got an answer, 0 when it failed.";
    VISIT_SECONDS = "visit_seconds", Gauge, Seconds, "Visit duration", "How long Brokerscope's last visit to the broker took.";
    VISIT_REQUESTS = "visit_requests", Gauge, Count, "Visit requests", "Requests that Brokerscope's last visit sent to the broker.";
    VISIT_BYTES = "visit_bytes", Gauge, Bytes, "Visit bytes", "Bytes that Brokerscope's last visit received from the broker.";
}

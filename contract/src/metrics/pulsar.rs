//! Metrics that only Pulsar has.

metrics! {
    of Some(crate::System::Pulsar);
    PULSAR_BACKLOG = "pulsar_backlog", Gauge, Messages, "Backlog of all subscriptions", "Entries that subscriptions have not acknowledged, summed over subscriptions; a batch of messages is one entry.";
    PULSAR_DELAYED = "pulsar_delayed", Gauge, Messages, "Delayed", "Messages that wait for the time at which they are to be delivered, as far as the dispatcher has read them.";
    PULSAR_BLOCKED = "pulsar_blocked", Gauge, Count, "Blocked on unacknowledged", "1 while nothing is delivered because too many messages are unacknowledged; for a namespace the number of such subscriptions.";
    PULSAR_BACKLOG_BYTES = "pulsar_backlog_bytes", Gauge, Bytes, "Backlog size", "Bytes that the slowest subscription has not acknowledged.";
    PULSAR_BACKLOG_QUOTA_BYTES = "pulsar_backlog_quota_bytes", Gauge, Bytes, "Backlog quota", "Backlog size at which Pulsar blocks producers or drops messages of a topic.";
    PULSAR_BACKLOG_QUOTA_RATIO = "pulsar_backlog_quota_ratio", Gauge, Ratio, "Share of backlog quota used", "Backlog size divided by the quota; for a namespace that of its worst topic.";
    PULSAR_OFFLOADED_BYTES = "pulsar_offloaded_bytes", Gauge, Bytes, "Offloaded", "Bytes that were moved to long-term storage.";
    PULSAR_BYTES_IN = "pulsar_bytes_in", Counter, Bytes, "Bytes published", "Bytes that arrived.";
    PULSAR_REPLICATION_BACKLOG = "pulsar_replication_backlog", Gauge, Messages, "Replication backlog", "Entries that wait to be copied to other clusters, summed over clusters.";
    PULSAR_REPLICATION_DELAY = "pulsar_replication_delay", Gauge, Seconds, "Replication delay", "How far the slowest replicator is behind.";
    PULSAR_PRODUCERS = "pulsar_producers", Gauge, Count, "Producers", "Producers that are connected now; one that sends to several partitions counts once.";
    PULSAR_SUBSCRIPTIONS = "pulsar_subscriptions", Gauge, Count, "Subscriptions", "Subscriptions, without readers and the broker's own.";
    PULSAR_READERS = "pulsar_readers", Gauge, Count, "Ephemeral readers", "Readers that keep their position themselves.";
    PULSAR_PARTITIONS = "pulsar_partitions", Gauge, Count, "Partitions", "Partitions of the topic.";
    PULSAR_TOPICS = "pulsar_topics", Gauge, Count, "Topics", "Topics; a partitioned one counts once, but each of its partitions where a broker counts what it serves.";
    PULSAR_UNLOADED_TOPICS = "pulsar_unloaded_topics", Gauge, Count, "Topics not loaded", "Topics and partitions that no broker serves at present, so that nothing is known about them.";
    PULSAR_BUNDLES = "pulsar_bundles", Gauge, Count, "Bundles", "Parts of namespaces that the broker serves.";
    PULSAR_PERMITS = "pulsar_permits", Gauge, Messages, "Permits", "Messages that the consumer would take at once; 0 is a consumer whose queue is full.";
    PULSAR_ACK_HOLES = "pulsar_ack_holes", Gauge, Count, "Acknowledged behind a gap", "Runs of acknowledged messages behind one that is not; a growing number is one stuck message.";
    PULSAR_CPU = "pulsar_cpu", Gauge, Ratio, "Processor", "Share of the machine's processors that the broker uses.";
    PULSAR_HEAP_USED = "pulsar_heap_used", Gauge, Bytes, "Heap used", "Memory used on the heap of the broker's Java machine.";
    PULSAR_HEAP_LIMIT = "pulsar_heap_limit", Gauge, Bytes, "Heap allowed", "The most memory that the heap may use.";
    PULSAR_DIRECT_MEMORY_USED = "pulsar_direct_memory_used", Gauge, Bytes, "Direct memory used", "Memory used beside the heap, for messages on their way.";
    PULSAR_DIRECT_MEMORY_LIMIT = "pulsar_direct_memory_limit", Gauge, Bytes, "Direct memory allowed", "The most memory that may be used beside the heap.";
}

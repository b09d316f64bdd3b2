//! Metrics that only Kafka has.

metrics! {
    of Some(crate::System::Kafka);
    KAFKA_END_OFFSET = "kafka_end_offset", Counter, Offset, "End offset", "The offset that the next message of the partition will get; for a topic the sum over its partitions.";
    KAFKA_START_OFFSET = "kafka_start_offset", Gauge, Offset, "Start offset", "The offset of the oldest message that the partition still has.";
    KAFKA_COMMITTED_OFFSET = "kafka_committed_offset", Counter, Offset, "Committed offset", "The offset that the group committed for the partition.";
    KAFKA_PARTITIONS = "kafka_partitions", Gauge, Count, "Partitions", "Partitions of the topic.";
    KAFKA_UNDER_REPLICATED = "kafka_under_replicated", Gauge, Count, "Under-replicated partitions", "Partitions with fewer in-sync replicas than replicas.";
    KAFKA_OFFLINE = "kafka_offline", Gauge, Count, "Offline partitions", "Partitions without a leader.";
    KAFKA_LOG_BYTES = "kafka_log_bytes", Gauge, Bytes, "Log size on disk", "Bytes of all replicas of the log, or of one broker's log directories.";
    KAFKA_RETENTION_RATIO = "kafka_retention_ratio", Gauge, Ratio, "Share of retained log unread", "Lag divided by the messages that the log still holds; above 1 messages are lost already.";
    KAFKA_LEADERS = "kafka_leaders", Gauge, Count, "Partitions led", "Partitions of which the broker is the leader.";
}

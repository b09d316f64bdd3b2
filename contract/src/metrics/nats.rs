//! Metrics that only NATS has.

metrics! {
    of Some(crate::System::Nats);
    NATS_MESSAGES_HELD = "nats_messages_held", Gauge, Messages, "Messages held", "Messages that the stream keeps, read or not.";
    NATS_MESSAGES_LIMIT = "nats_messages_limit", Gauge, Messages, "Limit of messages", "The most messages that the stream may keep.";
    NATS_BYTES_LIMIT = "nats_bytes_limit", Gauge, Bytes, "Limit of bytes", "The most bytes that the stream may keep.";
    NATS_STREAM_CONSUMERS = "nats_stream_consumers", Gauge, Count, "Consumers defined", "JetStream consumers that the stream has, whether anybody reads through them or not.";
    NATS_SOURCE_LAG = "nats_source_lag", Gauge, Messages, "Behind its origin", "Messages that the mirror or the sources of the stream have not brought over yet, all sources together.";
    NATS_SOURCE_SILENCE = "nats_source_silence", Gauge, Seconds, "Origin not heard for", "How long ago the origin of a mirror or source was last heard, the longest of all.";
    NATS_REPLICAS_MISSING = "nats_replicas_missing", Gauge, Count, "Replicas not current", "Replicas that are offline or behind their leader.";
    NATS_REDELIVERING = "nats_redelivering", Gauge, Messages, "Redelivered, in flight", "Messages that were delivered more than once and are not acknowledged yet.";
    NATS_WAITING_PULLS = "nats_waiting_pulls", Gauge, Count, "Open pulls", "Requests of readers that wait for messages.";
    NATS_EXHAUSTED = "nats_exhausted", Gauge, Messages, "Given up, at most", "An upper bound of the messages between the acknowledged and the delivered position that are no longer in flight: delivered as often as allowed and given up.";
    NATS_SLOW_CONSUMERS = "nats_slow_consumers", Counter, Count, "Slow consumers cut off", "Connections that the server closed because they did not take their messages fast enough.";
    NATS_STALLED_CLIENTS = "nats_stalled_clients", Counter, Count, "Publishers held back", "Times that a publisher was held back because a reader did not keep up.";
    NATS_PENDING_BYTES = "nats_pending_bytes", Gauge, Bytes, "Bytes waiting for clients", "Bytes that the server holds for connections that have not taken them yet.";
    NATS_SUBSCRIPTIONS = "nats_subscriptions", Gauge, Count, "Subscriptions", "Subjects that clients listen to.";
    NATS_LEAFNODES = "nats_leafnodes", Gauge, Count, "Leaf nodes", "Connected leaf nodes.";
    NATS_RECEIVED_BYTES = "nats_received_bytes", Counter, Bytes, "Bytes received", "Bytes received from clients.";
    NATS_SENT_BYTES = "nats_sent_bytes", Counter, Bytes, "Bytes sent", "Bytes sent to clients.";
    NATS_CONNECTION_LIMIT = "nats_connection_limit", Gauge, Count, "Connection limit", "The most client connections that the server accepts.";
    NATS_CPU = "nats_cpu", Gauge, Ratio, "Processor use", "The share of its processor cores that the server uses.";
    NATS_STORE_USED = "nats_store_used", Gauge, Bytes, "File storage used", "Bytes of JetStream's file storage in use.";
    NATS_STORE_LIMIT = "nats_store_limit", Gauge, Bytes, "File storage limit", "Bytes of file storage that JetStream may use.";
    NATS_MEMORY_STORE_USED = "nats_memory_store_used", Gauge, Bytes, "Memory storage used", "Bytes of JetStream's memory storage in use.";
    NATS_MEMORY_STORE_LIMIT = "nats_memory_store_limit", Gauge, Bytes, "Memory storage limit", "Bytes of memory storage that JetStream may use.";
    NATS_HA_ASSETS = "nats_ha_assets", Gauge, Count, "Replicated assets", "Streams, consumers and the meta group that the server replicates.";
    NATS_API_REQUESTS = "nats_api_requests", Counter, Count, "JetStream API requests", "Requests to JetStream's API.";
    NATS_API_ERRORS = "nats_api_errors", Counter, Count, "JetStream API errors", "Requests to JetStream's API that failed.";
    NATS_API_PENDING = "nats_api_pending", Gauge, Count, "JetStream API queue", "Requests to JetStream's API that wait at the leader of the meta group.";
    NATS_SERVICE_REQUESTS = "nats_service_requests", Counter, Count, "Service requests", "Requests that the instances of a service answered on the subject.";
    NATS_SERVICE_ERRORS = "nats_service_errors", Counter, Count, "Service errors", "Requests that the instances of a service answered with an error.";
    NATS_SERVICE_SECONDS = "nats_service_seconds", Gauge, Seconds, "Service processing time", "The mean time that the instances of a service took for a request, since they started.";
}

//! Metrics that only Google Cloud Pub/Sub has.

metrics! {
    of Some(crate::System::GcpPubsub);
    PUBSUB_PULL_REQUESTS = "pubsub_pull_requests", Counter, Count, "Pull requests", "Requests of subscribers for messages, streaming pulls not counted.";
    PUBSUB_OPEN_STREAMS = "pubsub_open_streams", Gauge, Count, "Open streaming pulls", "Streaming pulls that subscribers hold open, suspended ones included; one subscriber may hold several.";
    PUBSUB_SUSPENDED_STREAMS = "pubsub_suspended_streams", Gauge, Count, "Suspended streaming pulls", "Streaming pulls to which Pub/Sub sends nothing at present, because the subscriber holds all it may or a quota is used up.";
    PUBSUB_PUSH_REQUESTS = "pubsub_push_requests", Counter, Count, "Push requests", "Attempts of Pub/Sub to deliver messages to the push endpoint.";
    PUBSUB_PUSH_ERRORS = "pubsub_push_errors", Counter, Count, "Failed push requests", "Attempts to deliver to the push endpoint that were not acknowledged: errors of the endpoint, unreachable, too late.";
    PUBSUB_PUSH_SECONDS = "pubsub_push_seconds", Gauge, Seconds, "Push latency", "The mean time that the push endpoint took to answer.";
    PUBSUB_EXPIRED = "pubsub_expired", Counter, Messages, "Deadlines missed", "Messages that were not acknowledged before their deadline and are delivered again.";
    PUBSUB_NACKS = "pubsub_nacks", Gauge, Count, "Refused by subscribers", "Negative acknowledgements as Cloud Monitoring reports them; Google declares this one a level, not a counter.";
    PUBSUB_DEADLINE_CHANGES = "pubsub_deadline_changes", Counter, Messages, "Deadline changes", "Messages for which subscribers asked for another acknowledgement deadline.";
    PUBSUB_EXACTLY_ONCE_WARNINGS = "pubsub_exactly_once_warnings", Counter, Count, "Exactly-once warnings", "Events on an exactly-once subscription that may lead to a message being delivered twice.";
    PUBSUB_HEALTH_SCORE = "pubsub_health_score", Gauge, Ratio, "Delivery latency health", "The share of Google's criteria for low delivery latency that the subscription fulfils.";
    PUBSUB_PUBLISH_REQUESTS = "pubsub_publish_requests", Counter, Count, "Publish requests", "Requests that publish messages to the topic; one may hold many messages.";
    PUBSUB_PUBLISH_ERRORS = "pubsub_publish_errors", Counter, Count, "Failed publish requests", "Publish requests that were not answered with success.";
    PUBSUB_PUBLISHED_BYTES = "pubsub_published_bytes", Counter, Bytes, "Published bytes", "Bytes of all messages published to the topic.";
    PUBSUB_DATA_AGE = "pubsub_data_age", Gauge, Seconds, "Age of figures", "How old the newest figure of the project's Cloud Monitoring was when it was read.";
}

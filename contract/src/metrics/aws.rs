//! Metrics that only Amazon SQS and SNS have.

metrics! {
    of Some(crate::System::AwsSqs);
    SQS_DELAYED = "sqs_delayed", Gauge, Messages, "Delayed", "Messages that cannot be received yet, because the queue or their sender delays them.";
    SQS_EMPTY_RECEIVES = "sqs_empty_receives", Counter, Count, "Empty receives", "Requests to receive that got no message: somebody reads, and finds nothing.";
    SQS_GROUPS_IN_FLIGHT = "sqs_groups_in_flight", Gauge, Count, "Groups in flight", "Message groups of a FIFO queue of which messages are in flight; others of these groups have to wait.";
    SQS_MOVED = "sqs_moved", Gauge, Messages, "Moved by redrive", "Messages that the latest move task has taken out of this queue.";
    SQS_TO_MOVE = "sqs_to_move", Gauge, Messages, "To be moved by redrive", "Messages that were in the queue when its latest move task began.";
    SNS_FAILED = "sns_failed", Counter, Messages, "Failed deliveries", "Notifications that could not be delivered to a subscriber, all attempts included.";
    SNS_FILTERED = "sns_filtered", Counter, Messages, "Filtered out", "Notifications that a subscription's filter policy did not want.";
    SNS_LOST = "sns_lost", Counter, Messages, "Lost after failing", "Notifications that could not be delivered, and not be put into the dead-letter queue either.";
}

//! Metrics that only RabbitMQ has.

metrics! {
    of Some(crate::System::RabbitMq);
    RABBITMQ_MESSAGE_BYTES = "rabbitmq_message_bytes", Gauge, Bytes, "Message bodies", "Bytes of all message bodies in the queue.";
    RABBITMQ_STREAM_MESSAGES = "rabbitmq_stream_messages", Gauge, Messages, "Messages held", "Messages that the stream keeps, read or not.";
    RABBITMQ_QUEUE_MEMORY = "rabbitmq_queue_memory", Gauge, Bytes, "Queue memory", "Memory that the queue's process uses on its node.";
    RABBITMQ_CONSUMER_CAPACITY = "rabbitmq_consumer_capacity", Gauge, Ratio, "Consumer capacity", "The share of time in which the queue could deliver at once; a hint only.";
    RABBITMQ_FD_USED = "rabbitmq_fd_used", Gauge, Count, "File descriptors used", "File descriptors that the node has open.";
    RABBITMQ_FD_TOTAL = "rabbitmq_fd_total", Gauge, Count, "File descriptors allowed", "File descriptors that the node may open.";
    RABBITMQ_DEAD_LETTERED_EXPIRED = "rabbitmq_dead_lettered_expired", Counter, Messages, "Dead-lettered: expired", "Messages dead-lettered because their time to live ended, node-wide.";
    RABBITMQ_DEAD_LETTERED_REJECTED = "rabbitmq_dead_lettered_rejected", Counter, Messages, "Dead-lettered: rejected", "Messages dead-lettered because a consumer rejected them, node-wide.";
    RABBITMQ_DEAD_LETTERED_MAXLEN = "rabbitmq_dead_lettered_maxlen", Counter, Messages, "Dead-lettered: queue full", "Messages dead-lettered because the queue was at its maximum length, node-wide.";
    RABBITMQ_DEAD_LETTERED_DELIVERY_LIMIT = "rabbitmq_dead_lettered_delivery_limit", Counter, Messages, "Dead-lettered: delivery limit", "Messages dead-lettered because they were delivered too often, node-wide.";
    RABBITMQ_CONNECTIONS_OPENED = "rabbitmq_connections_opened", Counter, Count, "Connections opened", "Client connections opened on the node.";
    RABBITMQ_CONNECTIONS_CLOSED = "rabbitmq_connections_closed", Counter, Count, "Connections closed", "Client connections closed on the node.";
    RABBITMQ_PROTOCOL_PUBLISHED = "rabbitmq_protocol_published", Counter, Messages, "Received over all protocols", "Messages that the node received from publishers over every protocol, AMQP 1.0 and streams included.";
    RABBITMQ_PROTOCOL_DELIVERED = "rabbitmq_protocol_delivered", Counter, Messages, "Delivered over all protocols", "Messages that the node delivered to consumers over every protocol, AMQP 1.0 and streams included.";
    RABBITMQ_SHOVEL_FORWARDED = "rabbitmq_shovel_forwarded", Counter, Messages, "Forwarded", "Messages that the shovel has copied since it last connected.";
    RABBITMQ_SHOVEL_PENDING = "rabbitmq_shovel_pending", Gauge, Messages, "Held back", "Messages that the shovel holds because its destination takes none at present.";
}

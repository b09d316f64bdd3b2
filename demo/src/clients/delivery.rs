//! One message on its way to the broker: sent again for as long as the broker does not acknowledge it.
//!
//! A service commits what it has read once the consequences are stored. Its own state has moved on by then, so that
//! reading the message again would not bring them about again: what was refused is therefore sent again as it is, under
//! the same id, which makes a copy harmless.

use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::connect::Quiet;
use crate::shop::Shop;

/// How long to wait when the client's queue is full.
const QUEUE_FULL: Duration = Duration::from_millis(50);
/// How long to wait after a refusal, whose cause may last.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// A message as it is sent, and sent again.
pub struct Parcel {
    pub topic: String,
    pub key: String,
    pub headers: OwnedHeaders,
    pub payload: Vec<u8>,
}

impl Parcel {
    /// Puts it into the client's queue, behind what is there already.
    pub async fn enqueue(&self, producer: &FutureProducer<Quiet>) -> Result<DeliveryFuture, KafkaError> {
        loop {
            let record = FutureRecord::to(&self.topic)
                .key(self.key.as_str())
                .payload(self.payload.as_slice())
                .headers(self.headers.clone());
            match producer.send_result(record) {
                Ok(delivery) => return Ok(delivery),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    tokio::time::sleep(QUEUE_FULL).await;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Waits for the acknowledgement of what was put into the queue, and sends it again until there is one.
    ///
    /// # Errors
    /// The last refusal, when the shop stops before.
    pub async fn deliver(
        &self,
        shop: &Shop,
        producer: &FutureProducer<Quiet>,
        enqueued: Result<DeliveryFuture, KafkaError>,
    ) -> Result<(), String> {
        let mut attempt = enqueued;
        loop {
            let refusal = match attempt {
                Ok(delivery) => match delivery.await {
                    Ok(Ok(_)) => return Ok(()),
                    Ok(Err((error, _))) => error.to_string(),
                    Err(_) => "the producer has ended".to_string(),
                },
                Err(error) => error.to_string(),
            };
            tracing::debug!(refusal, topic = self.topic, "a message of the demo is sent again");
            if !shop.sleep(AFTER_REFUSAL).await {
                return Err(refusal);
            }
            attempt = self.enqueue(producer).await;
        }
    }
}

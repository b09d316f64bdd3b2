//! The quote service: answers requests for prices where the request wants the reply.

use crate::clients::{Handler, Outbox, Received, Sending, Trouble, header};
use crate::message::{self, Message};

pub struct QuoteService;

impl Handler for QuoteService {
    async fn handle(&self, received: &Received, out: &mut Outbox) -> Result<(), Trouble> {
        let Message::QuoteRequested { sku, quantity } = received.read(message::CURRENT)? else {
            return Ok(());
        };
        let (Some(reply_to), Some(correlation)) = (
            received.header(header::REPLY_TO),
            received.header(header::CORRELATION_ID),
        ) else {
            return Err(Trouble::Unreadable("it does not say where the reply goes".into()));
        };
        let quoted = Message::Quoted {
            cents: price(&sku) * u64::from(quantity),
        };
        let sending = Sending::to(reply_to, correlation)
            .because(received)
            .with(header::CORRELATION_ID, correlation);
        out.send(sending, &quoted).await;
        Ok(())
    }
}

/// Some price, always the same for the same thing.
fn price(sku: &str) -> u64 {
    990 + sku.bytes().fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 97) * 100
}

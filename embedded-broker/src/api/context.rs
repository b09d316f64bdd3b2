//! Who asks whom, and when; and small words that all answers share.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{BrokerId, GroupId, TopicName};
use kafka_protocol::protocol::StrBytes;

use crate::clock::Moment;
use crate::guarded::Shared;
use crate::settings::Unfit;

/// The surroundings of one request.
pub struct Context<'a> {
    pub shared: &'a Shared,
    /// The node that is asked.
    pub node: i32,
    pub version: i16,
    pub client_id: &'a str,
    /// The client's address.
    pub host: &'a str,
    /// Bytes of the request's body.
    pub size: usize,
    /// The error that a fault wants as the answer.
    pub refusal: Option<ResponseError>,
    pub at: Moment,
}

impl Context<'_> {
    /// Fails when a fault wants it to.
    pub fn check(&self) -> Result<(), ResponseError> {
        self.refusal.map_or(Ok(()), Err)
    }
}

/// An error, and what there is to say about it where an answer has a place for that.
#[derive(Debug)]
pub struct Refusal {
    error: ResponseError,
    why: String,
}

impl From<ResponseError> for Refusal {
    fn from(error: ResponseError) -> Self {
        let why = error.to_string();
        Self { error, why }
    }
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        Self {
            error: ResponseError::InvalidConfig,
            why: unfit.to_string(),
        }
    }
}

/// Code and message of what may have been refused; 0 and none when all is well.
pub fn told<T>(result: &Result<T, Refusal>) -> (i16, Option<StrBytes>) {
    match result {
        Ok(_) => (0, None),
        Err(refusal) => (refusal.error.code(), Some(text(&refusal.why))),
    }
}

/// The code that goes on the wire; 0 when all is well.
pub fn code<T>(result: &Result<T, ResponseError>) -> i16 {
    result.as_ref().err().map_or(0, ResponseError::code)
}

/// A text of the protocol that does not hold on to the request it came from.
pub fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}

pub fn group_id(name: &str) -> GroupId {
    GroupId(text(name))
}

pub fn broker_ids(ids: &[i32]) -> Vec<BrokerId> {
    ids.iter().copied().map(BrokerId).collect()
}

//! An answer on its way to the wire.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::ResponseHeader;
use kafka_protocol::protocol::{Encodable, HeaderVersion};

use super::request::{Incoming, RequestError};

/// What goes back for a request.
#[derive(Debug)]
pub enum Reply {
    /// A whole frame.
    Frame(Bytes),
    /// The client asked for no answer (Produce with acks 0).
    Nothing,
}

/// Writes length, header and body as one frame.
pub fn encode<T: Encodable + HeaderVersion>(incoming: &Incoming, body: &T) -> Result<Reply, RequestError> {
    let version = incoming.version;
    write(incoming.correlation_id, version, body)
        .map(Reply::Frame)
        .map_err(|error| RequestError::Answer {
            api: incoming.api.key,
            version,
            reason: error.to_string(),
        })
}

/// The same for an answer in another version than the request's.
pub fn write<T: Encodable + HeaderVersion>(
    correlation_id: i32,
    version: i16,
    body: &T,
) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    // Measured first: a fetch of a megabyte would otherwise be copied several times while the buffer grows.
    let size = body.compute_size(version)?;
    let mut frame = BytesMut::with_capacity(size + 16);
    frame.put_i32(0);
    let header = ResponseHeader::default().with_correlation_id(correlation_id);
    header.encode(&mut frame, T::header_version(version))?;
    body.encode(&mut frame, version)?;
    let length = i32::try_from(frame.len() - 4)?;
    frame[..4].copy_from_slice(&length.to_be_bytes());
    Ok(frame.freeze())
}

//! One client's connection: frames in, answers out, one after the other as the protocol demands.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::api::{self, Context};
use crate::clock;
use crate::faults::Faults;
use crate::guarded::Shared;
use crate::wire::{FrameError, Incoming, Reply, RequestError, open, take_frame};

/// As in Kafka, who says nothing for so long is not there any more.
const IDLE: Duration = Duration::from_secs(600);
/// A client that does not take its answer holds memory; after this it is cut off.
const SLOWEST_WRITE: Duration = Duration::from_secs(30);

/// Why a connection was closed from this side.
#[derive(Debug, thiserror::Error)]
enum Closed {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("it was idle for {} s", IDLE.as_secs())]
    Idle,
    #[error("it did not take its answer within {} s", SLOWEST_WRITE.as_secs())]
    SlowReader,
    #[error("a fault loses the answer to {0:?}")]
    AnswerLost(ApiKey),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Serves a connection until either side closes it.
pub async fn serve(shared: Arc<Shared>, node: i32, mut stream: TcpStream, peer: SocketAddr) {
    // Dropped before the socket, so that who sees that closed can ask for the count.
    let _connected = shared.connected();
    let limit = shared.lock().options.max_frame_bytes;
    match converse(&shared, node, &mut stream, peer, limit).await {
        Ok(()) => tracing::trace!(node, %peer, "connection closed by the client"),
        // A client that goes away in the middle is nothing to write home about.
        Err(Closed::Io(error)) => tracing::debug!(node, %peer, %error, "connection lost"),
        Err(reason @ (Closed::AnswerLost(_) | Closed::Request(RequestError::Unanswered(_)))) => {
            tracing::debug!(node, %peer, %reason, "connection closed");
        }
        Err(reason) => tracing::warn!(node, %peer, %reason, "connection closed"),
    }
}

async fn converse(
    shared: &Shared,
    node: i32,
    stream: &mut TcpStream,
    peer: SocketAddr,
    limit: usize,
) -> Result<(), Closed> {
    stream.set_nodelay(true)?;
    let host = peer.ip().to_string();
    let mut buffer = BytesMut::with_capacity(16 * 1024);
    loop {
        while let Some(frame) = take_frame(&mut buffer, limit)? {
            let answering = reply(shared, node, &host, frame);
            let reply = tokio::select! {
                // Most answers are there at once, and then nobody needs to look at the socket.
                biased;
                reply = answering => reply?,
                // Who goes while waiting for a join must not count as waiting any longer.
                () = gone(stream) => return Ok(()),
            };
            if let Some(frame) = reply {
                let written = timeout(SLOWEST_WRITE, stream.write_all(&frame)).await;
                written.map_err(|_| Closed::SlowReader)??;
            }
        }
        buffer.reserve(4096);
        let read = timeout(IDLE, stream.read_buf(&mut buffer)).await;
        if read.map_err(|_| Closed::Idle)?? == 0 {
            return Ok(());
        }
    }
}

/// Ends when the client has closed the connection. Requests that it has sent ahead stay unread.
async fn gone(stream: &TcpStream) {
    if stream.peek(&mut [0]).await.is_ok_and(|read| read > 0) {
        // There is another request, and peeking does not see behind it.
        let _ = stream.ready(Interest::ERROR).await;
    }
}

/// The answer to one frame.
async fn reply(shared: &Shared, node: i32, host: &str, frame: Bytes) -> Result<Option<Bytes>, Closed> {
    let incoming = match open(frame) {
        Ok(incoming) => incoming,
        Err(RequestError::NewerApiVersions {
            correlation_id,
            version,
        }) => return Ok(Some(api::unsupported(correlation_id, version)?)),
        Err(error) => return Err(error.into()),
    };
    let faults = AppliedFaults::of(&mut shared.lock().faults, node, &incoming);
    if !faults.delay.is_zero() {
        tokio::time::sleep(faults.delay).await;
    }
    let cx = Context {
        shared,
        node,
        version: incoming.version,
        client_id: &incoming.client_id,
        host,
        size: incoming.body.len(),
        refusal: faults.refusal,
        at: clock::moment(),
    };
    match api::answer(&cx, &incoming).await? {
        _ if faults.answer_is_lost => Err(Closed::AnswerLost(incoming.api.key)),
        Reply::Frame(frame) => Ok(Some(frame)),
        Reply::Nothing => Ok(None),
    }
}

/// The faults that apply to a request.
struct AppliedFaults {
    delay: Duration,
    refusal: Option<ResponseError>,
    answer_is_lost: bool,
}

impl AppliedFaults {
    fn of(faults: &mut Faults, node: i32, incoming: &Incoming) -> Self {
        let api: ApiKey = incoming.api.key;
        Self {
            delay: faults.delay(api, node),
            refusal: faults.error(api, node),
            answer_is_lost: faults.loses_answer(api, &incoming.client_id),
        }
    }
}

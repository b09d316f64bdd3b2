//! A frame's header, and its body once the guard has let it pass.

use bytes::{Buf, Bytes};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::Decodable;

use super::guard::{Malformed, Style, Walk};
use crate::api::{self, Api};

/// Groups remember it of each member.
const LONGEST_CLIENT_ID: usize = 200;

/// A request whose header has been read and whose body is known to be well formed.
#[derive(Debug)]
pub struct Incoming {
    pub api: &'static Api,
    pub version: i16,
    pub correlation_id: i32,
    /// What the client calls itself, or how that begins; empty when it does not say.
    pub client_id: String,
    pub body: Bytes,
}

/// Why a frame is no request that can be answered.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error("API key {0} is not served here")]
    UnknownApi(i16),
    #[error("{api:?} is not served in version {version}")]
    UnknownVersion { api: ApiKey, version: i16 },
    /// The one wrong version that is answered, so that the client can ask again in an older one.
    #[error("ApiVersions is not served in version {version}")]
    NewerApiVersions { correlation_id: i32, version: i16 },
    #[error("its header is malformed: {0}")]
    Header(Malformed),
    #[error("{api:?} version {version} is malformed: {reason}")]
    Body {
        api: ApiKey,
        version: i16,
        reason: Malformed,
    },
    #[error("{api:?} version {version} cannot be read: {reason}")]
    Codec { api: ApiKey, version: i16, reason: String },
    /// Not malformed: closing the connection is the only way to say so.
    #[error("it wants no acknowledgement, and its messages are refused: {0}")]
    Unanswered(ResponseError),
    #[error("{api:?} version {version} cannot be answered: {reason}")]
    Answer { api: ApiKey, version: i16, reason: String },
}

/// Reads the header of a frame and checks the body against the layout of its version.
pub fn open(mut frame: Bytes) -> Result<Incoming, RequestError> {
    let truncated = RequestError::Header(Malformed::Truncated);
    if frame.len() < 10 {
        return Err(truncated);
    }
    let (key, version, correlation_id) = (frame.get_i16(), frame.get_i16(), frame.get_i32());
    let api = api::find(key).ok_or(RequestError::UnknownApi(key))?;
    if !(api.oldest..=api.newest).contains(&version) {
        return Err(if api.key == ApiKey::ApiVersions {
            RequestError::NewerApiVersions {
                correlation_id,
                version,
            }
        } else {
            RequestError::UnknownVersion { api: api.key, version }
        });
    }
    // Never in the compact form, not even where everything else is.
    let client_id = match frame.get_i16() {
        -1 => Bytes::new(),
        length => {
            let length = usize::try_from(length).map_err(|_| RequestError::Header(Malformed::NegativeLength))?;
            if frame.len() < length {
                return Err(truncated);
            }
            frame.split_to(length)
        }
    };
    let flexible = version >= api.flexible;
    if flexible {
        let before = frame.len();
        let mut walk = Walk::new(&frame);
        walk.tags(0).map_err(RequestError::Header)?;
        let tags = before - walk.left();
        frame.advance(tags);
    }
    Walk::new(&frame)
        .request(api.shape, style(api, version))
        .map_err(|reason| RequestError::Body {
            api: api.key,
            version,
            reason,
        })?;
    Ok(Incoming {
        api,
        version,
        correlation_id,
        client_id: String::from_utf8_lossy(client_id.get(..LONGEST_CLIENT_ID).unwrap_or(&client_id)).into_owned(),
        body: frame,
    })
}

fn style(api: &Api, version: i16) -> Style {
    Style {
        version,
        flexible: version >= api.flexible,
        lowest_tag: api.lowest_tag,
    }
}

/// Lets the codec read the body.
pub fn decode<T: Decodable>(incoming: &Incoming) -> Result<T, RequestError> {
    T::decode(&mut incoming.body.clone(), incoming.version).map_err(|error| RequestError::Codec {
        api: incoming.api.key,
        version: incoming.version,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::samples::sample;
    use super::*;
    use crate::api::APIS;

    #[test]
    fn the_table_and_the_codec_agree_on_the_layout_of_every_version() {
        for api in APIS {
            for version in api.oldest..=api.newest {
                let bytes = sample(api.key, version, Uuid::nil());
                let incoming = open(bytes).unwrap_or_else(|error| panic!("{:?} {version}: {error}", api.key));
                let left = Walk::new(&incoming.body).request(api.shape, style(api, version));
                assert_eq!(
                    left,
                    Ok(0),
                    "{:?} {version}: the table is shorter than the codec",
                    api.key
                );
                assert_eq!((incoming.correlation_id, incoming.client_id.as_str()), (7, "test"));
            }
        }
    }

    fn samples() -> Vec<Bytes> {
        let both = |api: &Api| [api.oldest, api.newest].map(|version| sample(api.key, version, Uuid::nil()));
        APIS.iter().flat_map(both).collect()
    }

    #[test]
    fn no_request_can_be_cut_short() {
        for whole in samples() {
            for length in 0..whole.len() {
                assert!(open(whole.slice(..length)).is_err(), "{length} of {}", whole.len());
            }
        }
    }
}

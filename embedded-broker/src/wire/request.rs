//! A frame's header, and its body once the guard has let it pass.

use bytes::{Buf, Bytes};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::Decodable;

use super::guard::{Malformed, Style, Walk};
use crate::api::{self, Api};

/// A request whose header has been read and whose body is known to be well formed.
#[derive(Debug)]
pub struct Incoming {
    pub api: &'static Api,
    pub version: i16,
    pub correlation_id: i32,
    /// What the client calls itself; empty when it does not say.
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
        client_id: String::from_utf8_lossy(&client_id).into_owned(),
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
    use bytes::{BufMut, BytesMut};
    use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
    use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
    use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
    use kafka_protocol::messages::*;
    use kafka_protocol::protocol::{Encodable, Request, StrBytes};
    use proptest::prelude::*;

    use super::*;
    use crate::api::APIS;

    /// A frame without its length, as a client would send it.
    fn frame<R: Request>(version: i16, request: &R) -> Bytes {
        let mut bytes = BytesMut::new();
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(7)
            .with_client_id(Some(StrBytes::from_static_str("test")));
        header.encode(&mut bytes, R::header_version(version)).unwrap();
        request.encode(&mut bytes, version).unwrap();
        bytes.freeze()
    }

    /// Every version of a request that is served passes the guard and the codec.
    fn check<R: Request>(request: impl Fn(i16) -> R) {
        let api = api::find(R::KEY).unwrap();
        for version in api.oldest..=api.newest {
            let bytes = frame(version, &request(version));
            let incoming = open(bytes).unwrap_or_else(|error| panic!("{:?} {version}: {error}", api.key));
            let left = Walk::new(&incoming.body).request(api.shape, style(api, version));
            assert_eq!(
                left,
                Ok(0),
                "{:?} {version}: the table is shorter than the codec",
                api.key
            );
            assert_eq!((incoming.correlation_id, incoming.client_id.as_str()), (7, "test"));
            decode::<R>(&incoming).unwrap_or_else(|error| panic!("{:?} {version}: {error}", api.key));
        }
    }

    fn name() -> TopicName {
        TopicName(StrBytes::from_static_str("orders"))
    }

    fn produce(version: i16) -> ProduceRequest {
        let partition = PartitionProduceData::default().with_records(Some(Bytes::from_static(b"records")));
        let topic = TopicProduceData::default().with_partition_data(vec![partition]);
        let topic = if version < 13 { topic.with_name(name()) } else { topic };
        ProduceRequest::default().with_topic_data(vec![topic])
    }

    fn fetch(version: i16) -> FetchRequest {
        let topic = FetchTopic::default().with_partitions(vec![FetchPartition::default(); 2]);
        let topic = if version < 13 { topic.with_topic(name()) } else { topic };
        FetchRequest::default().with_topics(vec![topic])
    }

    fn metadata(_version: i16) -> MetadataRequest {
        let topic = MetadataRequestTopic::default().with_name(Some(name()));
        MetadataRequest::default().with_topics(Some(vec![topic]))
    }

    #[test]
    fn the_table_and_the_codec_agree_on_the_layout_of_every_version() {
        check(produce);
        check(fetch);
        check(metadata);
        check(|_| ListOffsetsRequest::default().with_topics(vec![Default::default(); 2]));
        check(|_| OffsetCommitRequest::default().with_topics(vec![Default::default(); 2]));
        check(|version| match version {
            8.. => OffsetFetchRequest::default().with_groups(vec![Default::default(); 2]),
            _ => OffsetFetchRequest::default().with_topics(Some(vec![Default::default(); 2])),
        });
        check(|version| match version {
            4.. => FindCoordinatorRequest::default().with_coordinator_keys(vec![StrBytes::from_static_str("g")]),
            _ => FindCoordinatorRequest::default().with_key(StrBytes::from_static_str("g")),
        });
        check(|_| JoinGroupRequest::default().with_protocols(vec![Default::default(); 2]));
        check(|_| HeartbeatRequest::default());
        check(|version| match version {
            3.. => LeaveGroupRequest::default().with_members(vec![Default::default(); 2]),
            _ => LeaveGroupRequest::default(),
        });
        check(|_| SyncGroupRequest::default().with_assignments(vec![Default::default(); 2]));
        check(|_| DescribeGroupsRequest::default().with_groups(vec![Default::default(); 2]));
        check(|version| match version {
            5.. => ListGroupsRequest::default().with_types_filter(vec![StrBytes::from_static_str("classic")]),
            _ => ListGroupsRequest::default(),
        });
        check(|_| ApiVersionsRequest::default());
        check(|_| CreateTopicsRequest::default().with_topics(vec![Default::default(); 2]));
        check(|version| match version {
            6.. => DeleteTopicsRequest::default().with_topics(vec![Default::default(); 2]),
            _ => DeleteTopicsRequest::default().with_topic_names(vec![name()]),
        });
        check(|_| DeleteRecordsRequest::default().with_topics(vec![Default::default(); 2]));
        check(|_| InitProducerIdRequest::default());
        check(|_| OffsetForLeaderEpochRequest::default().with_topics(vec![Default::default(); 2]));
        check(|_| DescribeConfigsRequest::default().with_resources(vec![Default::default(); 2]));
        check(|_| AlterConfigsRequest::default().with_resources(vec![Default::default(); 2]));
        check(|_| DescribeLogDirsRequest::default().with_topics(Some(vec![Default::default(); 2])));
        check(|_| CreatePartitionsRequest::default().with_topics(vec![Default::default(); 2]));
        check(|_| DeleteGroupsRequest::default().with_groups_names(vec![Default::default(); 2]));
        check(|_| IncrementalAlterConfigsRequest::default().with_resources(vec![Default::default(); 2]));
        check(|_| ListPartitionReassignmentsRequest::default().with_topics(Some(vec![Default::default(); 2])));
        check(|_| OffsetDeleteRequest::default().with_topics(vec![Default::default(); 2]));
        check(|_| DescribeClusterRequest::default());
        check(|_| DescribeProducersRequest::default().with_topics(vec![Default::default(); 2]));
        check(|_| ConsumerGroupHeartbeatRequest::default().with_topic_partitions(Some(vec![Default::default(); 2])));
        check(|_| ConsumerGroupDescribeRequest::default().with_group_ids(vec![Default::default(); 2]));
    }

    fn samples() -> Vec<Bytes> {
        vec![
            frame(7, &produce(7)),
            frame(13, &produce(13)),
            frame(11, &fetch(11)),
            frame(16, &fetch(16)),
            frame(1, &metadata(1)),
            frame(12, &metadata(12)),
        ]
    }

    #[test]
    fn no_request_can_be_cut_short() {
        for whole in samples() {
            for length in 0..whole.len() {
                assert!(open(whole.slice(..length)).is_err(), "{length} of {}", whole.len());
            }
        }
    }

    proptest! {
        #[test]
        fn damaged_requests_are_refused_or_read_and_never_more(
            which in 0_usize..6,
            damage in prop::collection::vec((0_usize..200, any::<u8>()), 1..6),
        ) {
            let mut bytes = samples()[which].to_vec();
            for (at, byte) in damage {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            if let Ok(incoming) = open(Bytes::from(bytes)) {
                let _ = decode::<ProduceRequest>(&incoming);
            }
        }

        #[test]
        fn bytes_of_any_kind_are_refused_or_read_and_never_more(
            which in 0..APIS.len(),
            version in 0_i16..18,
            body in prop::collection::vec(any::<u8>(), 0..120),
        ) {
            let mut bytes = BytesMut::new();
            bytes.put_i16(APIS[which].key as i16);
            bytes.put_i16(version);
            bytes.put_i32(1);
            bytes.put_i16(-1);
            bytes.put_slice(&body);
            if let Ok(incoming) = open(bytes.freeze()) {
                let _ = decode::<FetchRequest>(&incoming);
                let _ = decode::<JoinGroupRequest>(&incoming);
            }
        }
    }
}

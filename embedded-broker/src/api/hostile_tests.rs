//! Every API is answered in every version, and nothing that can be read makes an answer panic.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use super::{APIS, Context, answer};
use crate::clock;
use crate::cluster::Cluster;
use crate::guarded::Shared;
use crate::options::Options;
use crate::state::State;
use crate::wire::samples::{NAME, sample};
use crate::wire::{Reply, RequestError, open};

/// One node, which leads and coordinates everything, and a topic with a message.
struct Scene {
    shared: Shared,
    topic_id: Uuid,
    runtime: Runtime,
}

impl Scene {
    fn new() -> Self {
        let mut state = State::new(Options::default(), Cluster::new("test".into(), &[1001]));
        let topic_id = state.create_topic(NAME, 2, 1, Default::default()).unwrap().id;
        let scene = Self {
            shared: Shared::new(state),
            topic_id,
            runtime: Builder::new_current_thread().enable_time().build().unwrap(),
        };
        let stored = sample(kafka_protocol::messages::ApiKey::Produce, 9, topic_id);
        assert!(matches!(scene.answer(stored, 1000), Some(Ok(Reply::Frame(_)))));
        scene
    }

    /// The answer, or why there is none; `None` where it asks to wait for longer.
    fn answer(&self, frame: Bytes, patience_millis: u64) -> Option<Result<Reply, RequestError>> {
        let incoming = match open(frame) {
            Ok(incoming) => incoming,
            Err(error) => return Some(Err(error)),
        };
        let cx = Context {
            shared: &self.shared,
            node: 1,
            version: incoming.version,
            client_id: &incoming.client_id,
            host: "127.0.0.1",
            size: incoming.body.len(),
            refusal: None,
            at: clock::moment(),
        };
        let answering = async {
            let patience = Duration::from_millis(patience_millis);
            tokio::time::timeout(patience, answer(&cx, &incoming)).await
        };
        self.runtime.block_on(answering).ok()
    }
}

#[test]
fn every_api_is_answered_in_every_version() {
    let mut unanswered = Vec::new();
    for api in APIS {
        for version in api.oldest..=api.newest {
            let scene = Scene::new();
            let answer = scene.answer(sample(api.key, version, scene.topic_id), 10_000);
            if !matches!(answer, Some(Ok(Reply::Frame(_)))) {
                unanswered.push(format!("{:?} {version}: {answer:?}", api.key));
            }
        }
    }
    assert!(unanswered.is_empty(), "{}", unanswered.join("\n"));
}

proptest! {
    #[test]
    fn damaged_requests_of_every_api_are_refused_or_answered(
        sent in prop::collection::vec(
            (0..APIS.len(), any::<prop::sample::Index>(), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)),
            1..40,
        ),
    ) {
        let scene = Scene::new();
        for (which, version, damages) in sent {
            let api = &APIS[which];
            let version = api.oldest + version.index((api.newest - api.oldest) as usize + 1) as i16;
            let mut bytes = sample(api.key, version, scene.topic_id).to_vec();
            for (at, byte) in damages {
                // Behind the key and the version, which have a test of their own.
                let at = 4 + at.index(bytes.len() - 4);
                bytes[at] = byte;
            }
            scene.answer(Bytes::from(bytes), 2);
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused_or_answered(
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
        Scene::new().answer(bytes.freeze(), 2);
    }
}

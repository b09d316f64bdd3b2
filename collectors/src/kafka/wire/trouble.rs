//! Why something could not be learnt, by the error numbers of Kafka and of librdkafka.

use brokerscope_contract::Absence;
use serde::{Deserialize, Serialize};

/// Why one question, or one part of an answer, failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Kafka's error number when positive, librdkafka's own when negative; 0 is "no error and no answer either".
    pub code: i32,
    pub text: String,
}

/// What a [`Trouble`] means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    NotPermitted,
    NotSupported,
    /// The broker that has to answer did not, or cannot be reached.
    Silent,
    /// What was asked about no longer exists.
    Gone,
    Other,
}

impl Trouble {
    pub fn new(code: i32, text: impl Into<String>) -> Trouble {
        Trouble {
            code,
            text: text.into(),
        }
    }

    /// The deadline passed without an answer; librdkafka's `_TIMED_OUT`.
    pub fn timed_out() -> Trouble {
        Trouble::new(-185, "no answer in time")
    }

    /// Neither an answer nor a reason: something was left out, or nobody could be asked.
    pub fn no_answer() -> Trouble {
        Trouble::new(0, "the leader did not answer")
    }

    /// Whether there was no answer at all, after which the connection is of no more use. A refusal is an answer, and
    /// so is Kafka's -1, by which a broker says that it failed without knowing why.
    pub fn is_silence(&self) -> bool {
        self.code <= 0 && self.code != -1
    }

    /// Which kind of not knowing it leads to.
    pub fn absence(&self) -> Absence {
        match self.kind() {
            TroubleKind::NotPermitted => Absence::NotPermitted,
            TroubleKind::NotSupported => Absence::NotSupported,
            _ => Absence::Failed,
        }
    }

    /// The numbers are those of Kafka's protocol guide and of `rd_kafka_resp_err_t`.
    pub fn kind(&self) -> TroubleKind {
        match self.code {
            // TOPIC_, GROUP_, CLUSTER_AUTHORIZATION_FAILED
            29..=31 => TroubleKind::NotPermitted,
            // UNSUPPORTED_VERSION, INVALID_REQUEST (managed services answer it), _UNSUPPORTED_FEATURE
            35 | 42 | -165 => TroubleKind::NotSupported,
            // _TIMED_OUT, _TRANSPORT, _RESOLVE, _ALL_BROKERS_DOWN, _TIMED_OUT_QUEUE, _WAIT_COORD,
            // LEADER_NOT_AVAILABLE, NOT_LEADER, REQUEST_TIMED_OUT, BROKER_NOT_AVAILABLE,
            // COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, OFFSET_NOT_AVAILABLE
            0 | -185 | -195 | -193 | -187 | -166 | -180 | 5..=8 | 14..=16 | 78 => TroubleKind::Silent,
            // UNKNOWN_TOPIC_OR_PART, GROUP_ID_NOT_FOUND, _UNKNOWN_TOPIC, _UNKNOWN_PARTITION
            3 | 69 | -188 | -190 => TroubleKind::Gone,
            _ => TroubleKind::Other,
        }
    }
}

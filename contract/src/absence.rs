//! A figure, or the named reason why there is none: unknown is never zero.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Why a number is not there. A measured zero is not an absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The broker was asked and had nothing to say yet, or nothing was collected so far.
    NoData,
    /// The configured login may not see it.
    NotPermitted,
    /// This system, version or kind of object does not offer it.
    NotSupported,
    /// The broker's own configuration switches it off.
    Disabled,
    /// It was known, and the last answer is too old to be shown as current.
    Stale,
    /// The question was asked and failed; the connection's warnings say how.
    Failed,
}

impl Absence {
    /// A few words for a tooltip.
    pub fn label(self) -> &'static str {
        match self {
            Absence::NoData => "no data yet",
            Absence::NotPermitted => "not permitted for this login",
            Absence::NotSupported => "not supported by this broker",
            Absence::Disabled => "switched off in the broker",
            Absence::Stale => "stale: the broker has not answered lately",
            Absence::Failed => "the broker could not be asked",
        }
    }
}

/// How a derived number such as lag in seconds was obtained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Read from the broker as such.
    Exact,
    /// Between two stored observations.
    Interpolated,
    /// From a rate or another approximation.
    Estimated,
}

/// One figure as a page shows it: the value and its time, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Reading {
    pub value: Option<f64>,
    /// When it was measured. With `absent = stale` the value is the last known one.
    pub at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absence>,
}

impl Reading {
    pub fn measured(value: f64, at: Timestamp) -> Reading {
        Reading {
            value: Some(value),
            at: Some(at),
            method: None,
            absent: None,
        }
    }

    pub fn absent(reason: Absence) -> Reading {
        Reading {
            value: None,
            at: None,
            method: None,
            absent: Some(reason),
        }
    }

    /// The same figure, shown as the last known one.
    pub fn stale(self) -> Reading {
        Reading {
            absent: Some(Absence::Stale),
            ..self
        }
    }
}

//! The columns of the table: their heads, their order names, what each cell shows.

use brokerscope_contract::api::entities::EntityRow;
use brokerscope_contract::{Reading, Role};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Verdict,
    Name,
    Connection,
    LagSeconds,
    Depth,
    Lag,
    InFlight,
    RateIn,
    RateOut,
    Consumers,
    DeadLetter,
    Trend,
}

/// The columns of one of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    pub list: &'static [Column],
    pub role: Role,
}

impl Columns {
    pub fn of(role: Role) -> Columns {
        use Column::*;
        let list: &'static [Column] = match role {
            // Nothing arrives in a subscription: it reads what its destination takes in.
            Role::Subscription => &[
                Verdict, Name, Connection, LagSeconds, Lag, InFlight, RateOut, Consumers, Trend,
            ],
            _ => &[
                Verdict, Name, Connection, LagSeconds, Depth, InFlight, RateIn, RateOut, Consumers, DeadLetter, Trend,
            ],
        };
        Columns { list, role }
    }

    /// The class that lays out the rows.
    pub fn class(self) -> &'static str {
        match self.role {
            Role::Subscription => "line subscriptions",
            _ => "line destinations",
        }
    }
}

impl Column {
    pub fn head(self, role: Role) -> &'static str {
        match self {
            Column::Verdict => "Verdict",
            Column::Name if role == Role::Subscription => "Subscription",
            Column::Name => "Destination",
            Column::Connection => "Connection",
            Column::LagSeconds if role == Role::Subscription => "Behind",
            Column::LagSeconds => "Oldest",
            Column::Depth => "Messages",
            Column::Lag => "Messages",
            Column::InFlight => "In flight",
            Column::RateIn => "In",
            Column::RateOut => "Out",
            Column::Consumers => "Readers",
            Column::DeadLetter => "Dead letters",
            Column::Trend => "Last hour",
        }
    }

    /// What exactly the column says.
    pub fn meaning(self, role: Role) -> &'static str {
        match self {
            Column::Verdict => "What Brokerscope concludes, without any threshold",
            Column::Name => "The name in the broker",
            Column::Connection => "The broker cluster it belongs to",
            Column::LagSeconds if role == Role::Subscription => "How long ago the message that is read next was stored",
            Column::LagSeconds => "How long the oldest message has been waiting; of a topic, for its slowest reader",
            Column::Depth => "Messages ready and not yet delivered; of a topic, those that its slowest reader has left",
            Column::Lag => "Messages stored and not yet acknowledged by this subscription",
            Column::InFlight => "Delivered and not yet acknowledged",
            Column::RateIn => "Messages that arrive per second",
            Column::RateOut => "Messages that readers acknowledge per second",
            Column::Consumers => "Consumers or members connected now",
            Column::DeadLetter => "Where messages that are given up are sent",
            Column::Trend if role == Role::Subscription => "Lag over the last hour, each row to its own scale",
            Column::Trend => "Messages waiting, or for a topic arrivals, over the last hour, each row to its own scale",
        }
    }

    /// The name by which the API orders, for columns that can.
    pub fn order(self) -> Option<&'static str> {
        match self {
            Column::Verdict => Some("verdict"),
            Column::Name => Some("name"),
            Column::Connection => Some("connection"),
            Column::LagSeconds => Some("lag_seconds"),
            Column::Depth => Some("depth"),
            Column::Lag => Some("lag"),
            Column::InFlight => Some("in_flight"),
            Column::RateIn => Some("rate_in"),
            Column::RateOut => Some("rate_out"),
            Column::Consumers => Some("consumers"),
            Column::DeadLetter | Column::Trend => None,
        }
    }

    pub fn is_number(self) -> bool {
        use Column::*;
        matches!(self, LagSeconds | Depth | Lag | InFlight | RateIn | RateOut | Consumers)
    }

    /// The class of the column's cells.
    pub fn class(self) -> &'static str {
        match self {
            Column::Verdict => "cell c-verdict",
            Column::Name => "cell c-name",
            Column::Connection => "cell c-connection",
            Column::LagSeconds => "cell n c-lag",
            Column::Depth | Column::Lag => "cell n c-messages",
            Column::InFlight => "cell n c-flight",
            Column::RateIn => "cell n c-in",
            Column::RateOut => "cell n c-out",
            Column::Consumers => "cell n c-readers",
            Column::DeadLetter => "cell c-dead",
            Column::Trend => "cell c-trend",
        }
    }
}

/// How old what waits is: lag in time where it is known, else the age of the oldest message.
pub fn waiting_time(row: &EntityRow) -> Reading {
    match (row.lag_seconds.value, row.oldest_age.value) {
        (None, Some(_)) => row.oldest_age,
        _ => row.lag_seconds,
    }
}

/// What waits: a queue's messages, or in a log, where nothing waits, what its slowest reader has left.
pub fn waiting(row: &EntityRow) -> Reading {
    match (row.depth.value, row.lag.value) {
        (None, Some(_)) => row.lag,
        _ => row.depth,
    }
}

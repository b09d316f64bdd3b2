//! The cluster as a whole: its controller, its quorum, and the disks of its brokers.

use std::time::Duration;

use futures_util::future::join_all;

use super::super::wire::{Broker, Cluster, Quorum, Survey, SurveyedBroker, Trouble};
use super::calls::{DescribeCluster, DescribeConsumerGroups, DescribeLogDirs, DescribeQuorum, FetchOffsets};
use super::connection::Connection;
use super::lanes::ask_one;
use super::{Direct, turns};

impl Direct {
    /// The cluster as the first broker that answers knows it; `operations` asks for this login's rights as well.
    pub async fn cluster(&self, brokers: &[Broker], operations: bool, patience: Duration) -> Result<Cluster, Trouble> {
        let mut answer = Err(Trouble::no_answer());
        for (broker, patience) in turns(brokers, patience) {
            answer = ask_one(&self.pool, broker, patience, |connection| {
                Box::pin(async move { connection.ask(&DescribeCluster { operations }).await })
            })
            .await;
            if !matches!(&answer, Err(trouble) if trouble.is_silence()) {
                break;
            }
        }
        answer
    }

    /// Log directories of every broker, and the quorum as the first one that answers tells it.
    pub async fn survey(&self, brokers: &[Broker], patience: Duration) -> Survey {
        let answers = join_all(brokers.iter().map(|broker| async move {
            let asked = ask_one(&self.pool, broker, patience, |connection| Box::pin(survey(connection)));
            (broker.id, asked.await)
        }))
        .await;
        let mut surveyed = Survey::default();
        for (id, answer) in answers {
            let broker = answer.map(|(broker, quorum)| {
                if surveyed.quorum.as_ref().is_none_or(Result::is_err) {
                    surveyed.quorum = Some(quorum);
                }
                broker
            });
            surveyed.brokers.insert(id, broker);
        }
        surveyed
    }
}

async fn survey(connection: &mut Connection) -> Result<(SurveyedBroker, Result<Quorum, Trouble>), Trouble> {
    // What one of the two is refused or not offered is no reason not to ask for the other.
    let log_dirs = answered(connection.ask(&DescribeLogDirs).await)?;
    let quorum = answered(connection.ask(&DescribeQuorum).await)?;
    let metadata_version = connection.feature("metadata.version");
    Ok((
        SurveyedBroker {
            log_dirs,
            metadata_version,
            lacks: lacks(connection),
        },
        quorum,
    ))
}

/// What this broker leaves out of all that is asked here, by the versions that it offers.
fn lacks(connection: &Connection) -> Vec<String> {
    let offers = [
        (
            "the controllers' quorum",
            connection.version::<DescribeQuorum>().is_ok(),
        ),
        (
            "how full its disks are",
            connection
                .version::<DescribeLogDirs>()
                .is_ok_and(|version| version >= DescribeLogDirs::VOLUMES_FROM),
        ),
        (
            "consumer groups of KIP-848",
            connection.version::<DescribeConsumerGroups<'_>>().is_ok(),
        ),
        (
            "commits of several groups at once",
            connection
                .version::<FetchOffsets<'_>>()
                .is_ok_and(|version| version >= FetchOffsets::SEVERAL_FROM),
        ),
    ];
    let missing = offers.into_iter().filter(|(_, offered)| !offered);
    missing.map(|(what, _)| what.to_string()).collect()
}

/// Tells a refusal, after which the connection goes on, from a connection that is of no more use.
fn answered<T>(answer: Result<T, Trouble>) -> Result<Result<T, Trouble>, Trouble> {
    match answer {
        Err(trouble) if trouble.is_silence() => Err(trouble),
        answer => Ok(answer),
    }
}

//! Asks brokers in Kafka's own protocol: for consumer groups, sizes on disk, and the controllers' quorum.
//!
//! Librdkafka has no call for the last two. It has calls for groups, and they must not be used: whatever it asks of
//! a group's coordinator aborts the whole process when the answer comes after the timeout or the connection breaks
//! in the wrong moment (librdkafka's issues 4605 and 5040, open in 2.12). They are slow as well, one or two requests
//! for each group, where the protocol takes a hundred groups at once.
//!
//! The broker that lists a group is its coordinator, so no coordinator is looked up. Every broker is asked on a
//! connection of its own: one that is silent holds up nobody else. What only the other client can do (an encrypted
//! key in an old format) is a named absence here.

mod calls;
mod codec;
mod connection;
mod login;
mod pool;
mod scram;
mod tls;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::time::{Instant, timeout, timeout_at};

use self::calls::{
    DescribeClassicGroups, DescribeConsumerGroups, DescribeLogDirs, DescribeQuorum, FetchOffsets, ListGroups,
};
use self::connection::Connection;
use self::pool::Pool;
use super::config::Config;
use super::wire::{
    Broker, Group, GroupList, GroupProtocol, ListedGroup, PartitionOffset, Quorum, Survey, SurveyedBroker, Trouble,
};

/// Groups per request, of each kind.
const GROUPS_PER_REQUEST: usize = 100;

/// Answers by the name of the group.
pub type Named<T> = Vec<(String, Result<T, Trouble>)>;

/// Asks all brokers of one cluster.
pub struct Direct {
    pool: Pool,
}

impl Direct {
    pub fn new(config: Config) -> Direct {
        Direct {
            pool: Pool::new(config),
        }
    }

    /// Closes its connections; the next question opens new ones.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Requests sent and bytes received since the last call.
    pub fn take_cost(&self) -> (u32, u64) {
        self.pool.take_cost()
    }

    /// The consumer groups of every broker.
    pub async fn groups(&self, brokers: &[Broker], patience: Duration) -> GroupList {
        let answers = join_all(brokers.iter().map(|broker| async move {
            let answer = self
                .one(broker, patience, |connection| Box::pin(connection.ask(&ListGroups)))
                .await;
            (broker.id, answer)
        }))
        .await;
        let mut groups: BTreeMap<String, ListedGroup> = BTreeMap::new();
        let mut troubles = Vec::new();
        for (coordinator, answer) in answers {
            match answer {
                // While a group moves, its old and its new coordinator both list it; any one will do.
                Ok(listed) => groups.extend(listed.into_iter().map(|group| {
                    let listed = ListedGroup {
                        name: group.name.clone(),
                        state: group.state,
                        protocol: group.protocol,
                        coordinator,
                    };
                    (group.name, listed)
                })),
                Err(trouble) => troubles.push((coordinator, trouble)),
            }
        }
        GroupList {
            groups: groups.into_values().collect(),
            troubles,
        }
    }

    /// Members and assignments. Of a group whose coordinator is not among the brokers nothing is said.
    pub async fn describe(&self, brokers: &[Broker], groups: &[ListedGroup], patience: Duration) -> Named<Group> {
        let (consumer, classic): (Vec<&ListedGroup>, Vec<&ListedGroup>) = groups
            .iter()
            .partition(|group| group.protocol == GroupProtocol::Consumer);
        // One after the other: both kinds would wait for the same connections.
        let deadline = Instant::now() + patience;
        let mut described = self
            .lanes(brokers, &consumer, deadline, |connection, names| {
                Box::pin(async move { connection.ask(&DescribeConsumerGroups(names)).await })
            })
            .await;
        described.extend(
            self.lanes(brokers, &classic, deadline, |connection, names| {
                Box::pin(async move { connection.ask(&DescribeClassicGroups(names)).await })
            })
            .await,
        );
        described
    }

    /// Every offset that the groups have committed.
    pub async fn committed(
        &self,
        brokers: &[Broker],
        groups: &[ListedGroup],
        patience: Duration,
    ) -> Named<Vec<PartitionOffset>> {
        let groups: Vec<&ListedGroup> = groups.iter().collect();
        let deadline = Instant::now() + patience;
        self.lanes(brokers, &groups, deadline, |connection, names| {
            Box::pin(committed(connection, names))
        })
        .await
    }

    /// Log directories of every broker, and the quorum as the first one that answers tells it.
    pub async fn survey(&self, brokers: &[Broker], patience: Duration) -> Survey {
        let answers = join_all(brokers.iter().map(|broker| async move {
            let answer = self
                .one(broker, patience, |connection| Box::pin(survey(connection)))
                .await;
            (broker.id, answer)
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

    /// One question to one broker.
    async fn one<T>(
        &self,
        broker: &Broker,
        patience: Duration,
        ask: impl for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let asked = timeout(patience, async {
            let mut connection = self.pool.take(broker).await?;
            let answer = ask(&mut connection).await;
            self.keep(broker, connection, answer.as_ref().err());
            answer
        });
        asked.await.unwrap_or_else(|_| Err(Trouble::timed_out()))
    }

    /// One question per hundred groups to each group's coordinator, one after the other on its connection.
    async fn lanes<T>(
        &self,
        brokers: &[Broker],
        groups: &[&ListedGroup],
        deadline: Instant,
        ask: impl for<'c> Fn(&'c mut Connection, &'c [String]) -> BoxFuture<'c, Result<Named<T>, Trouble>> + Copy,
    ) -> Named<T> {
        let lanes = brokers.iter().map(|broker| async move {
            let mine = groups.iter().filter(|group| group.coordinator == broker.id);
            let names: Vec<String> = mine.map(|group| group.name.clone()).collect();
            let mut answers = Vec::with_capacity(names.len());
            if names.is_empty() {
                return answers;
            }
            let trouble = match timeout_at(deadline, self.lane(broker, &names, ask, &mut answers)).await {
                Ok(Ok(())) => return answers,
                Ok(Err(trouble)) => trouble,
                Err(_) => Trouble::timed_out(),
            };
            // Requests are whole chunks, so what was answered is a beginning of the list.
            let rest = names.into_iter().skip(answers.len());
            answers.extend(rest.map(|name| (name, Err(trouble.clone()))));
            answers
        });
        join_all(lanes).await.into_iter().flatten().collect()
    }

    async fn lane<T>(
        &self,
        broker: &Broker,
        names: &[String],
        ask: impl for<'c> Fn(&'c mut Connection, &'c [String]) -> BoxFuture<'c, Result<Named<T>, Trouble>>,
        answers: &mut Named<T>,
    ) -> Result<(), Trouble> {
        let mut connection = self.pool.take(broker).await?;
        for chunk in names.chunks(GROUPS_PER_REQUEST) {
            match ask(&mut connection, chunk).await {
                Ok(answered) => answers.extend(in_order(chunk, answered)),
                Err(trouble) => {
                    self.keep(broker, connection, Some(&trouble));
                    return Err(trouble);
                }
            }
        }
        self.keep(broker, connection, None);
        Ok(())
    }

    /// Gives a connection back after an answer; a refusal is one. A negative number means that there was none.
    fn keep(&self, broker: &Broker, connection: Connection, trouble: Option<&Trouble>) {
        if trouble.is_none_or(|trouble| trouble.code > 0) {
            self.pool.give_back(broker, connection);
        }
    }
}

/// The answers in the order asked; a group that the broker left out was not answered.
fn in_order<T>(names: &[String], answered: Named<T>) -> Named<T> {
    let mut answered: BTreeMap<String, Result<T, Trouble>> = answered.into_iter().collect();
    names
        .iter()
        .map(|name| {
            let answer = answered.remove(name);
            (name.clone(), answer.unwrap_or_else(|| Err(Trouble::no_answer())))
        })
        .collect()
}

/// In one request, or one for each group before Kafka 3.0.
async fn committed(connection: &mut Connection, names: &[String]) -> Result<Named<Vec<PartitionOffset>>, Trouble> {
    if connection.version::<FetchOffsets<'_>>()? >= FetchOffsets::SEVERAL_FROM {
        return connection.ask(&FetchOffsets(names)).await;
    }
    let mut committed = Vec::with_capacity(names.len());
    for name in names {
        committed.extend(connection.ask(&FetchOffsets(std::slice::from_ref(name))).await?);
    }
    Ok(committed)
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
        },
        quorum,
    ))
}

/// Tells a refusal, after which the connection goes on, from a connection that is of no more use.
fn answered<T>(answer: Result<T, Trouble>) -> Result<Result<T, Trouble>, Trouble> {
    match answer {
        Err(trouble) if trouble.code <= 0 => Err(trouble),
        answer => Ok(answer),
    }
}

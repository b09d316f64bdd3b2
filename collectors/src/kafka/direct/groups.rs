//! Consumer groups: who they are, who their members are, and what they have committed.
//!
//! The broker that lists a group is its coordinator, so no coordinator is looked up.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::time::Instant;

use super::super::wire::{Broker, Group, GroupList, GroupProtocol, ListedGroup, PartitionOffset, Trouble};
use super::calls::{DescribeClassicGroups, DescribeConsumerGroups, FetchOffsets, ListGroups};
use super::connection::Connection;
use super::lanes::{ask_all, ask_one};
use super::{Direct, Named};

/// Groups per request, of each kind.
const GROUPS_PER_REQUEST: usize = 100;

impl Direct {
    /// The consumer groups of every broker.
    pub async fn groups(&self, brokers: &[Broker], patience: Duration) -> GroupList {
        let answers = join_all(brokers.iter().map(|broker| async move {
            let asked = ask_one(&self.pool, broker, patience, |connection| {
                Box::pin(connection.ask(&ListGroups))
            });
            (broker.id, asked.await)
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
            .of_coordinators(brokers, &consumer, deadline, |connection, names| {
                Box::pin(async move { connection.ask(&DescribeConsumerGroups(names)).await })
            })
            .await;
        described.extend(
            self.of_coordinators(brokers, &classic, deadline, |connection, names| {
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
        self.of_coordinators(brokers, &groups, deadline, |connection, names| {
            Box::pin(committed(connection, names))
        })
        .await
    }

    /// One question per hundred groups to each group's coordinator; all coordinators at once.
    async fn of_coordinators<T>(
        &self,
        brokers: &[Broker],
        groups: &[&ListedGroup],
        deadline: Instant,
        ask: impl for<'c> Fn(&'c mut Connection, &'c [String]) -> BoxFuture<'c, Result<Named<T>, Trouble>> + Copy,
    ) -> Named<T> {
        let lanes = brokers.iter().map(|broker| async move {
            let mine = groups.iter().filter(|group| group.coordinator == broker.id);
            let names: Vec<String> = mine.map(|group| group.name.clone()).collect();
            let chunks: Vec<&[String]> = names.chunks(GROUPS_PER_REQUEST).collect();
            let answers = ask_all(&self.pool, broker, &chunks, deadline, |connection, names| {
                ask(connection, names)
            })
            .await;
            let spread = chunks.into_iter().zip(answers);
            spread.flat_map(|(names, answer)| of_each(names, answer)).collect()
        });
        join_all(lanes)
            .await
            .into_iter()
            .flat_map(|lane: Named<T>| lane)
            .collect()
    }
}

/// The answer for each name. One that the broker left out was not answered.
pub fn of_each<T>(names: &[String], answer: Result<Named<T>, Trouble>) -> Named<T> {
    let mut answered: BTreeMap<String, Result<T, Trouble>> = match answer {
        Ok(answered) => answered.into_iter().collect(),
        Err(trouble) => return names.iter().map(|name| (name.clone(), Err(trouble.clone()))).collect(),
    };
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

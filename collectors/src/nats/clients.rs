//! The questions of a visit about who is connected: accounts, clients, slow consumers, services.

use serde::de::DeserializeOwned;

use super::access::{Access, Answers, Level};
use super::cadence::Question;
use super::collector::NatsCollector;
use super::failure::Failure;
use super::gathered::{Gathered, good};
use super::page::{self, Page};
use super::wire::ServiceStats;

impl NatsCollector {
    pub(super) async fn ask_clients(&mut self, access: &Access, gathered: &mut Gathered) {
        gathered.accounts = ask_noting(access, &page::ACCSTATZ, "Accounts", gathered).await;
        if self.is_due(Question::Connections, gathered.at) {
            self.cadence.asked(Question::Connections, gathered.at);
            gathered.connz = Some(ask_noting(access, &page::CONNZ, "Connections", gathered).await);
        }
        if self.somebody_was_slow(gathered) {
            gathered.closed = Some(ask_noting(access, &page::CLOSED, "Closed connections", gathered).await);
        }
    }

    /// The offenders of a counter that grew are gone already; the ring of closed connections knows them.
    fn somebody_was_slow(&mut self, gathered: &Gathered) -> bool {
        let mut grew = false;
        for (server, varz) in &gathered.varz {
            grew |= self.memory.slow_consumers_grew(server, varz.slow_consumers);
        }
        if gathered.level == Level::Account {
            for (server, statz) in good(&gathered.accounts) {
                let slow = statz.accounts.iter().map(|account| account.slow_consumers).sum();
                grew |= self.memory.slow_consumers_grew(server, slow);
            }
        }
        grew
    }

    pub(super) async fn ask_services(&mut self, access: &Access, gathered: &mut Gathered) {
        self.cadence.asked(Question::Services, gathered.at);
        match access.ask_everybody::<ServiceStats>("$SRV.STATS").await {
            Ok(stats) => gathered.services = Some(stats),
            // There are no such services.
            Err(Failure::NobodyAnswers(_) | Failure::TimedOut(_)) => gathered.services = Some(Vec::new()),
            Err(failure) => {
                gathered.failures.insert("Services", failure);
            }
        }
    }
}

/// A page of every server; the first failure is noted under what is missing because of it.
async fn ask_noting<T: DeserializeOwned + Send>(
    access: &Access,
    page: &Page,
    what: &'static str,
    gathered: &mut Gathered,
) -> Answers<T> {
    let answers = access.ask_all(page).await;
    // A server that is silent as a whole is told of elsewhere.
    let failed = answers.iter().find_map(|(server, answer)| {
        let failure = answer.as_ref().err()?;
        let known = gathered.silent.iter().any(|(silent, _)| silent == server);
        (!known).then_some(failure)
    });
    if let Some(failure) = failed {
        gathered.failures.insert(what, failure.clone());
    }
    answers
}

//! The step of *Test* about functions and connectors.

use std::time::Instant;

use brokerscope_contract::Timestamp;

use super::memory::Functions;
use super::{Kind, memory, warnings};
use crate::pulsar::collector::PulsarCollector;
use crate::pulsar::names::encoded;
use crate::steps::Steps;

/// The lists of one namespace: rights differ by kind.
pub async fn probe(collector: &PulsarCollector, steps: &Steps<'_>) {
    let (title, since) = ("Functions and connectors", Instant::now());
    let given = collector.config.namespaces.iter().find(|name| name.contains('/'));
    let namespace = given.map_or("public/default", String::as_str);
    let at = Timestamp::default();
    let mut functions = Functions::default();
    let mut found = Vec::new();
    for kind in Kind::ALL {
        let path = format!("{}/{}", kind.plural(), encoded(namespace));
        let answer = collector.client.ask_worker::<Vec<String>>(&path).await;
        if let Ok(names) = &answer {
            found.push(format!("{} {}", names.len(), kind.plural()));
        }
        let ask = memory::Ask::List(namespace.to_string(), kind);
        functions.take(ask, memory::Answer::List(answer), at);
        if let memory::Worker::Absent(..) = functions.worker {
            return steps.pass(title, "the brokers have no functions worker to ask", since);
        }
    }
    let refused = functions.failures().next();
    match refused {
        Some((_, kind, failure)) => {
            let detail = format!("{} of {namespace}: {failure}", kind.plural());
            steps.limit(title, detail, warnings::remedy(failure), since);
        }
        None => steps.pass(title, format!("{} in {namespace}", found.join(", ")), since),
    }
}

//! Who was too slow: connections that a server closed because their messages piled up, by name.

use crate::nats::gathered::{Gathered, good};
use crate::nats::instant;
use crate::nats::memory::{CutOff, EVENT_SECONDS, Memory};
use crate::nats::wire::Connection;

/// Takes up the connections that were closed lately as slow consumers, from the answers about closed ones.
pub fn note(gathered: &Gathered, memory: &mut Memory) {
    let mut found = Vec::new();
    for (server, closed) in gathered.closed.iter().flat_map(good) {
        // Ages by the server's clock, so that ours may differ.
        let Some(now) = instant::timestamp(&closed.now) else {
            continue;
        };
        for connection in &closed.connections {
            let Some(stopped) = instant::timestamp(&connection.stop) else {
                continue;
            };
            let age = now.seconds_since(stopped);
            if connection.reason.starts_with("Slow Consumer") && age < EVENT_SECONDS {
                found.push(CutOff {
                    server: server.to_string(),
                    cid: connection.was.cid,
                    who: who(&connection.was),
                    reason: connection.reason.clone(),
                    at: gathered.at.plus_millis(-((age * 1_000.0) as i64)),
                });
            }
        }
    }
    memory.note_cut_off(gathered.at, found);
}

/// "reporter, user app in account APP, from 10.0.0.7:4711"
pub fn who(connection: &Connection) -> String {
    let mut parts = Vec::new();
    if !connection.name.is_empty() {
        parts.push(connection.name.clone());
    }
    match (connection.authorized_user.as_str(), connection.account.as_str()) {
        ("", "") => {}
        ("", account) => parts.push(format!("account {account}")),
        (user, "") => parts.push(format!("user {user}")),
        (user, account) => parts.push(format!("user {user} in account {account}")),
    }
    parts.push(format!("from {}:{}", connection.ip, connection.port));
    parts.join(", ")
}

//! Why a bridge is down, in words: the broker's own are terms of its programming language, which may hold anything.

/// What the broker's reasons contain, and what it means; the first that fits.
const KNOWN: &[(&[&str], &str)] = &[
    (
        &["auth_failure", "access_refused", "login was refused"],
        "the login was refused",
    ),
    (
        &["not_allowed"],
        "the user may not use the virtual host, or there is none of this name",
    ),
    (&["econnrefused"], "nothing listens at the other broker's address"),
    (&["nxdomain"], "the name of the other broker's host is not known"),
    (
        &["ehostunreach", "enetunreach", "etimedout"],
        "the other broker cannot be reached",
    ),
    (
        &["tls_alert", "handshake", "certificate"],
        "the TLS handshake with the other broker failed",
    ),
    (&["heartbeat"], "the connection broke: heartbeats were missed"),
    (&["not_found"], "a queue or exchange that it needs does not exist"),
    (
        &["precondition_failed", "inequivalent"],
        "a queue or exchange exists with other properties than it wants",
    ),
    (&["failed to connect to source"], "it cannot connect to its source"),
    (
        &["failed to connect to destination"],
        "it cannot connect to its destination",
    ),
    (
        &["failed to set up topology"],
        "it cannot declare or find the queues that it needs",
    ),
    (
        &["failed to parse configuration"],
        "its definition cannot be understood",
    ),
    (&["socket closed", "socket_closed", "conn_died"], "its connection broke"),
    (&["timeout"], "the other broker did not answer in time"),
    (&["needed a restart"], "it stopped and is started again"),
];

/// Beyond this a reason is a dump of the broker's innards.
const LONGEST: usize = 80;

/// In words that are ours, or the broker's own where they are plain ones. Anything else might hold an address with its
/// password, and is only referred to.
pub fn in_words(raw: &str) -> String {
    let lower = raw.to_lowercase();
    let known = KNOWN
        .iter()
        .find(|(signs, _)| signs.iter().any(|sign| lower.contains(sign)));
    if let Some((_, words)) = known {
        return (*words).into();
    }
    let plain = raw.trim_matches(['"', '\'']);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | ',');
    if !plain.is_empty() && plain.len() <= LONGEST && plain.chars().all(is_plain) {
        return plain.into();
    }
    "the broker's log says why".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_said_in_words() {
        for (raw, expected) in [
            (
                "{auth_failure,\"ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.\"}",
                "the login was refused",
            ),
            (
                "\"failed to connect to destination\"",
                "it cannot connect to its destination",
            ),
            ("{error,econnrefused}", "nothing listens at the other broker's address"),
            (
                "not_allowed",
                "the user may not use the virtual host, or there is none of this name",
            ),
            ("missing_source_queue", "missing_source_queue"),
            ("", "the broker's log says why"),
        ] {
            assert_eq!(in_words(raw), expected, "{raw}");
        }
    }

    #[test]
    fn what_may_hold_a_password_is_not_repeated() {
        for raw in [
            "{amqp_params_network,<<\"shop\">>,<<\"s3cret-word\">>,<<\"/\">>,\"10.0.0.7\"}",
            "amqp://shop:s3cret-word@10.0.0.7/eu",
            "{badmatch,{error,{uri,\"amqp://shop:s3cret-word@x\"}}}",
        ] {
            let said = in_words(raw);
            assert!(!said.contains("s3cret") && !said.contains("10.0.0.7"), "{said}");
        }
    }
}

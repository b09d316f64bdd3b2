//! The sentence with which the page opens: how much needs a person.

use brokerscope_contract::Verdict;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::overview::Overview;
use brokerscope_figures::format;

const WORDS: [&str; 11] = [
    "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
];

/// "Two things need you", or that nothing does, in words that are true.
pub fn headline(overview: &Overview) -> String {
    let counted = |is: fn(&&ConnectionView) -> bool| overview.connections.iter().filter(is).count();
    let connections = Connections {
        all: overview.connections.len(),
        paused: counted(|connection| connection.paused),
        unknown: counted(|connection| !connection.paused && connection.judgement.verdict == Verdict::Unknown),
    };
    let destinations = Destinations {
        all: overview.destinations,
        ok: overview.destinations_ok,
    };
    sentence(overview.attention_total, destinations, connections)
}

/// How many there are, and of how many nothing new is learnt.
#[derive(Debug, Clone, Copy, Default)]
struct Connections {
    all: usize,
    paused: usize,
    unknown: usize,
}

/// How many there are, and of how many it is known now that they are well.
#[derive(Debug, Clone, Copy, Default)]
struct Destinations {
    all: usize,
    ok: usize,
}

fn sentence(attention: usize, destinations: Destinations, connections: Connections) -> String {
    let Connections { all, paused, unknown } = connections;
    match (attention, destinations.all) {
        (1, _) => "One thing needs you".into(),
        (n @ 2.., _) => format!("{} things need you", number_word(n)),
        (0, _) if all > 0 && paused == all => "Every connection is paused".into(),
        (0, 0) => "Nothing has been collected yet".into(),
        // What was fine when it was last seen need not be fine now.
        (0, _) if unknown > 0 && unknown + paused == all => "How things are now is not known".into(),
        (0, _) if unknown == 1 => "What can be seen is fine, one connection is unknown".into(),
        (0, _) if unknown > 1 => format!(
            "What can be seen is fine, {} connections are unknown",
            number_word(unknown).to_lowercase()
        ),
        // New ones, those of a paused connection, and what this login may not see.
        (0, n) if destinations.ok == 0 => format!("How {} are is not known", counted(n, "destination")),
        (0, n) if destinations.ok < n => format!(
            "{} {} fine, {} not known",
            counted(destinations.ok, "destination"),
            if destinations.ok == 1 { "is" } else { "are" },
            format::count((n - destinations.ok) as f64),
        ),
        (0, 1) => "The one destination is fine".into(),
        (0, n) => format!("All {} destinations are fine", format::count(n as f64)),
    }
}

/// "4 connections · 1,284 destinations · 312 subscriptions".
pub fn counts(overview: &Overview) -> String {
    [
        (overview.connections.len(), "connection"),
        (overview.destinations, "destination"),
        (overview.subscriptions, "subscription"),
    ]
    .map(|(n, what)| counted(n, what))
    .join(" · ")
}

/// "1 queue", "1,284 queues".
pub fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{}\u{a0}{what}{plural}", format::count(n as f64))
}

fn number_word(n: usize) -> String {
    WORDS
        .get(n)
        .map_or_else(|| format::count(n as f64), |word| (*word).to_string())
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;
    use brokerscope_contract::api::overview::ProcessView;

    use super::*;

    fn overview(attention_total: usize, destinations: usize) -> Overview {
        Overview {
            attention: Vec::new(),
            attention_total,
            connections: Vec::new(),
            destinations,
            destinations_ok: destinations,
            subscriptions: 1,
            firing: 0,
            as_of: None,
            process: ProcessView {
                version: "0".into(),
                resident_bytes: None,
                cpu: None,
                database_bytes: None,
                started_at: Timestamp(0),
            },
            banners: Vec::new(),
        }
    }

    #[test]
    fn what_needs_a_person_is_counted_in_words() {
        for (attention, destinations, text) in [
            (0, 0, "Nothing has been collected yet"),
            (0, 1, "The one destination is fine"),
            (0, 1_284, "All 1,284 destinations are fine"),
            (1, 9, "One thing needs you"),
            (2, 9, "Two things need you"),
            (10, 9, "Ten things need you"),
            (1_200, 9, "1,200 things need you"),
        ] {
            assert_eq!(headline(&overview(attention, destinations)), text);
        }
    }

    const NINE: Destinations = Destinations { all: 9, ok: 9 };

    #[test]
    fn what_is_not_known_is_not_called_fine() {
        for (all, paused, unknown, text) in [
            (2, 0, 0, "All 9 destinations are fine"),
            (2, 2, 0, "Every connection is paused"),
            (1, 0, 1, "How things are now is not known"),
            (2, 1, 1, "How things are now is not known"),
            (3, 0, 1, "What can be seen is fine, one connection is unknown"),
            (3, 0, 2, "What can be seen is fine, two connections are unknown"),
        ] {
            assert_eq!(sentence(0, NINE, Connections { all, paused, unknown }), text);
        }
        let all_unknown = Connections {
            all: 1,
            paused: 0,
            unknown: 1,
        };
        assert_eq!(sentence(1, NINE, all_unknown), "One thing needs you");
        let one_paused = Connections {
            all: 2,
            paused: 1,
            unknown: 0,
        };
        for (ok, text) in [
            (9, "All 9 destinations are fine"),
            (8, "8 destinations are fine, 1 not known"),
            (1, "1 destination is fine, 8 not known"),
            (0, "How 9 destinations are is not known"),
        ] {
            let told = sentence(0, Destinations { all: 9, ok }, one_paused);
            assert_eq!(told.replace('\u{a0}', " "), text);
        }
    }

    #[test]
    fn one_is_not_plural() {
        let text = counts(&overview(0, 1_284)).replace('\u{a0}', " ");
        assert_eq!(text, "0 connections · 1,284 destinations · 1 subscription");
    }
}

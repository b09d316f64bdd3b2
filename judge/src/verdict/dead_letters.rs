//! A dead-letter destination holds or receives messages.

use brokerscope_contract::Verdict;
use brokerscope_figures::format::{duration, rate};

use super::{Assessment, Window};
use crate::counter::rate as step_rate;
use crate::wording::{list, messages, verb};

/// `sources` are the titles of the destinations that send here what they give up. `None` when nothing is here and
/// nothing comes: then the other rules speak.
pub fn judge(window: &Window, sources: &[String]) -> Option<Assessment> {
    let waiting = window.newest()?.waiting;
    let inflow = inflow(window);
    let held = waiting.filter(|n| *n > 0.0);
    if held.is_none() && inflow.is_none_or(|rate| rate <= 0.0) {
        return None;
    }
    let from = if sources.is_empty() {
        String::new()
    } else {
        format!(", from {}", list(sources))
    };
    let sentence = match (held, inflow) {
        (Some(n), Some(inflow)) if inflow > 0.0 => {
            format!("{} and {} more arrive{from}.", dead(n), rate(inflow))
        }
        (Some(n), Some(_)) => format!(
            "{}{from}; none arrived in the last {}.",
            dead(n),
            duration(window.seconds())
        ),
        (Some(n), None) => format!("{}{from}.", dead(n)),
        (None, inflow) => format!("{} arrive here{from}.", rate(inflow.unwrap_or(0.0))),
    };
    Some(Assessment::new(Verdict::DeadLetters, sentence))
}

fn dead(n: f64) -> String {
    format!("{} given up by others {} here", messages(n), verb(n, "lies", "lie"))
}

/// Messages per second that came in over the span. Dead-lettering is not counted as publishing (RabbitMQ), so what
/// the depth grew by counts too; the greater of both is the better of two lower bounds.
fn inflow(window: &Window) -> Option<f64> {
    let depths: Vec<_> = window
        .span()
        .filter_map(|seen| Some((seen.at, seen.waiting?)))
        .collect();
    let seconds = match (depths.first(), depths.last()) {
        (Some(first), Some(last)) if depths.len() > 1 => last.0.seconds_since(first.0),
        _ => 0.0,
    };
    let grown: f64 = depths
        .windows(2)
        .filter_map(|pair| step_rate(pair[0], pair[1]).map(|_| pair[1].1 - pair[0].1))
        .sum();
    let by_depth = (seconds > 0.0).then(|| grown / seconds);
    match (by_depth, window.arrival_rate()) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;

    use super::*;
    use crate::verdict::Observation;

    fn window(depths: &[Option<f64>], arrived: &[Option<f64>]) -> Window {
        let mut window = Window::default();
        for (i, (waiting, arrived)) in depths.iter().zip(arrived).enumerate() {
            window.push(Observation {
                waiting: *waiting,
                arrived: *arrived,
                ..Observation::at(Timestamp(i as i64 * 30_000))
            });
        }
        window
    }

    fn sentence(depths: &[f64]) -> Option<String> {
        let depths: Vec<_> = depths.iter().map(|depth| Some(*depth)).collect();
        let judged = judge(&window(&depths, &vec![None; depths.len()]), &["orders".into()])?;
        assert_eq!(judged.verdict, Verdict::DeadLetters);
        Some(judged.sentence.replace('\u{a0}', " "))
    }

    #[test]
    fn inflow_is_read_off_the_depth_because_nothing_counts_it() {
        let expected = "340 messages given up by others lie here and 2/s more arrive, from orders.";
        assert_eq!(
            sentence(&[100.0, 160.0, 220.0, 280.0, 340.0]).as_deref(),
            Some(expected)
        );
    }

    #[test]
    fn an_old_heap_is_said_to_be_old() {
        let expected = "1 message given up by others lies here, from orders; none arrived in the last 1 min.";
        assert_eq!(sentence(&[1.0, 1.0, 1.0]).as_deref(), Some(expected));
    }

    #[test]
    fn an_empty_one_is_nothing_to_report() {
        assert_eq!(sentence(&[0.0, 0.0, 0.0]), None);
        assert_eq!(judge(&window(&[None, None], &[None, None]), &[]), None);
    }

    #[test]
    fn where_nothing_waits_by_nature_arrivals_tell() {
        let arrived = [Some(10.0), Some(40.0), Some(70.0)];
        let judged = judge(&window(&[None; 3], &arrived), &[]).unwrap();
        assert_eq!(judged.sentence, "1/s arrive here.");
        assert_eq!(judge(&window(&[None; 3], &[Some(10.0); 3]), &[]), None);
    }
}

//! What watching costs in a month of 30 days, at the prices that hold in most regions. Pure.

use brokerscope_figures::format::count;

use super::config::{CloudWatch, Config};
use super::pace::{DETAILS, MOST};

const MONTH_SECONDS: f64 = 2_592_000.0;
/// Dollars for a request to SQS; the first million a month of an account is free, which is not counted on here.
const SQS_REQUEST: f64 = 0.40 / 1_000_000.0;
/// Dollars for a figure that CloudWatch is asked for, however many points it has.
const FIGURE: f64 = 0.01 / 1_000.0;

/// How much there is to ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    pub queues: usize,
    /// Queues in which something waits, as far as that is known: only these are asked for an age.
    pub waiting: usize,
    /// Queues that a visit asks about: no more than [`MOST`] of an account in a region.
    pub asked: usize,
    pub fifo: usize,
    pub topics: usize,
    pub subscriptions: usize,
    /// Queues whose redrives are asked for.
    pub dead_letter_queues: usize,
}

impl Size {
    /// Of one account in one region.
    pub fn of_queues<'a>(urls: impl Iterator<Item = &'a String> + Clone) -> Size {
        let queues = urls.clone().count();
        Size {
            queues,
            waiting: queues,
            asked: queues.min(MOST),
            fifo: urls.filter(|url| url.ends_with(".fifo")).count(),
            ..Size::default()
        }
    }
}

impl std::ops::AddAssign for Size {
    fn add_assign(&mut self, more: Size) {
        self.queues += more.queues;
        self.waiting += more.waiting;
        self.asked += more.asked;
        self.fifo += more.fifo;
        self.topics += more.topics;
        self.subscriptions += more.subscriptions;
        self.dead_letter_queues += more.dead_letter_queues;
    }
}

/// Dollars a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    pub sqs: f64,
    pub cloudwatch: f64,
    /// Once.
    pub backfill: f64,
}

/// Figures for each queue, FIFO queue and topic beside the age: see [`super::cloudwatch`].
const PER_QUEUE: f64 = 4.0;
const PER_FIFO: f64 = 1.0;
const PER_TOPIC: f64 = 6.0;

pub fn monthly(config: &Config, size: Size) -> Cost {
    let (queues, topics) = (size.queues as f64, size.topics as f64);
    // The list is read anew every ten minutes.
    let lists = MONTH_SECONDS / 600.0 * (queues / 1_000.0).ceil();
    let visits = MONTH_SECONDS / config.interval_seconds as f64;
    // Each detail once an hour, redrives every ten minutes; SNS takes about as much for a request as SQS.
    let details = MONTH_SECONDS / 3_600.0 * (size.topics + size.subscriptions) as f64
        + MONTH_SECONDS / 600.0 * size.dead_letter_queues as f64;
    let requests = visits * size.asked as f64 + lists + details.min(visits * DETAILS as f64);
    let ages = size.waiting as f64;
    let (figures, past) = match config.cloudwatch {
        CloudWatch::Off => (0.0, 0.0),
        CloudWatch::Ages => (ages, queues),
        CloudWatch::All => {
            let counters = queues * PER_QUEUE + size.fifo as f64 * PER_FIFO + topics * PER_TOPIC;
            (ages + counters, queues + counters)
        }
    };
    let days = if config.backfill_days > 0 { 1.0 } else { 0.0 };
    Cost {
        sqs: requests * SQS_REQUEST,
        cloudwatch: MONTH_SECONDS / config.cloudwatch_seconds as f64 * figures * FIGURE,
        // Depths of the past are asked for as well.
        backfill: days * (past + queues) * FIGURE,
    }
}

impl Cost {
    /// One sentence, without its full stop.
    pub fn sentence(&self, config: &Config, size: Size) -> String {
        let (all, asked) = (count(size.queues as f64), count(size.asked as f64));
        let queues = match size.asked < size.queues {
            true => format!("{all} queues, {asked} of them every {} s", config.interval_seconds),
            false => format!("{all} queues every {} s", config.interval_seconds),
        };
        match config.cloudwatch {
            CloudWatch::Off => format!("{queues}: about {} a month for SQS", dollars(self.sqs)),
            _ => format!(
                "{queues}, CloudWatch every {} s: about {} a month ({} SQS, {} CloudWatch){}",
                config.cloudwatch_seconds,
                dollars(self.sqs + self.cloudwatch),
                dollars(self.sqs),
                dollars(self.cloudwatch),
                match self.backfill > 0.0 {
                    true => format!(
                        ", and {} once for the past {} days",
                        dollars(self.backfill),
                        config.backfill_days
                    ),
                    false => String::new(),
                }
            ),
        }
    }
}

fn dollars(amount: f64) -> String {
    if amount < 0.01 {
        "less than $0.01".into()
    } else {
        format!("${amount:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use brokerscope_contract::Settings;
    use serde_json::json;

    fn config(interval: u64, cloudwatch: &str) -> Config {
        let settings = json!({"regions": ["eu-west-1"], "interval_seconds": interval, "cloudwatch": cloudwatch});
        let settings: Settings = serde_json::from_value(settings).unwrap();
        super::super::config::parse(&settings).ok().unwrap()
    }

    fn size(queues: usize) -> Size {
        Size {
            queues,
            waiting: queues,
            asked: queues.min(MOST),
            ..Size::default()
        }
    }

    #[test]
    fn the_bill_is_requests_times_price() {
        let cost = monthly(&config(60, "off"), size(1_000));
        assert!((cost.sqs - 17.28).abs() < 0.01 && cost.cloudwatch == 0.0, "{cost:?}");
        let cost = monthly(&config(60, "ages"), size(100));
        assert!((cost.cloudwatch - 8.64).abs() < 0.01, "{cost:?}");
        let cost = monthly(&config(60, "all"), size(100));
        assert!((cost.cloudwatch - 43.2).abs() < 0.01, "{cost:?}");
        assert!(cost.backfill < 0.01);
    }

    #[test]
    fn what_is_asked_beside_the_queues_is_counted_as_well() {
        let many = size(3_000);
        let cost = monthly(&config(60, "off"), many);
        assert!((cost.sqs - 17.29).abs() < 0.01, "a thousand on each visit: {cost:?}");
        let said = cost.sentence(&config(60, "off"), many);
        assert!(
            said.starts_with("3,000 queues, 1,000 of them every 60 s: about $17.29"),
            "{said}"
        );
        let fifo = Size { fifo: 100, ..size(100) };
        let cost = monthly(&config(60, "all"), fifo);
        assert!((cost.cloudwatch - 51.84).abs() < 0.01, "six figures each: {cost:?}");
        // 720 hours, 500 details; 4,320 times ten minutes, 100 queues.
        let details = Size {
            topics: 200,
            subscriptions: 300,
            dead_letter_queues: 100,
            ..size(0)
        };
        let cost = monthly(&config(300, "off"), details);
        let all = (720.0 * 500.0 + 4_320.0 * 100.0) * SQS_REQUEST;
        let most = 8_640.0 * 16.0 * SQS_REQUEST;
        assert!(
            all > most && (cost.sqs - most).abs() < 0.001,
            "sixteen a visit: {cost:?}"
        );
        let cost = monthly(&config(15, "off"), details);
        assert!((cost.sqs - all).abs() < 0.001, "{cost:?} {all}");
    }

    #[test]
    fn it_is_said_in_one_sentence() {
        let (config, size) = (
            config(60, "ages"),
            Size {
                waiting: 100,
                ..size(1_000)
            },
        );
        let said = monthly(&config, size).sentence(&config, size);
        assert_eq!(
            said,
            "1,000 queues every 60 s, CloudWatch every 300 s: about $25.92 a month ($17.28 SQS, $8.64 CloudWatch), \
             and $0.02 once for the past 15 days"
        );
    }
}

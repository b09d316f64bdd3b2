//! What watching costs in a month of 30 days, at the prices that hold in most regions. Pure.

use brokerscope_figures::format::count;

use super::config::{CloudWatch, Config};

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
    pub topics: usize,
}

/// Dollars a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    pub sqs: f64,
    pub cloudwatch: f64,
    /// Once.
    pub backfill: f64,
}

/// Figures for each queue and topic beside the age: see [`super::cloudwatch`].
const PER_QUEUE: f64 = 4.0;
const PER_TOPIC: f64 = 6.0;

pub fn monthly(config: &Config, size: Size) -> Cost {
    let (queues, topics) = (size.queues as f64, size.topics as f64);
    // The list is read anew every ten minutes.
    let lists = MONTH_SECONDS / 600.0 * (queues / 1_000.0).ceil();
    let requests = MONTH_SECONDS / config.interval_seconds as f64 * queues + lists;
    let ages = size.waiting as f64;
    let (figures, past) = match config.cloudwatch {
        CloudWatch::Off => (0.0, 0.0),
        CloudWatch::Ages => (ages, queues),
        CloudWatch::All => {
            let counters = queues * PER_QUEUE + topics * PER_TOPIC;
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
        let queues = format!(
            "{} queues every {} s",
            count(size.queues as f64),
            config.interval_seconds
        );
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

    #[test]
    fn the_bill_is_requests_times_price() {
        let size = |queues| Size {
            queues,
            waiting: queues,
            topics: 0,
        };
        let cost = monthly(&config(60, "off"), size(1_000));
        assert!((cost.sqs - 17.28).abs() < 0.01 && cost.cloudwatch == 0.0, "{cost:?}");
        let cost = monthly(&config(60, "ages"), size(100));
        assert!((cost.cloudwatch - 8.64).abs() < 0.01, "{cost:?}");
        let cost = monthly(&config(60, "all"), size(100));
        assert!((cost.cloudwatch - 43.2).abs() < 0.01, "{cost:?}");
        assert!(cost.backfill < 0.01);
    }

    #[test]
    fn it_is_said_in_one_sentence() {
        let (config, size) = (
            config(60, "ages"),
            Size {
                queues: 1_000,
                waiting: 100,
                topics: 3,
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

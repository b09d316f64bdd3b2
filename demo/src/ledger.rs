//! Every order the shop has taken: where it stands, since when, and the totals, which always add up.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use brokerscope_contract::api::demo::OrderTotals;

use crate::message::Order;
use crate::saga::{self, Action, Happened, Step};

/// Time is handed in as the time since some fixed moment.
#[derive(Debug, Default)]
pub struct Ledger {
    orders: HashMap<u64, Entry>,
    /// Finished orders, oldest first: late news about them is still understood.
    finished: VecDeque<u64>,
    taken: u64,
    completed: u64,
    cancelled: u64,
}

#[derive(Debug)]
struct Entry {
    order: Order,
    step: Step,
    since: Duration,
}

impl Ledger {
    /// Finished orders that are remembered.
    const REMEMBERED: usize = 5_000;

    /// Takes an order; false when it was taken already.
    pub fn take(&mut self, order: Order, now: Duration) -> bool {
        if self.orders.contains_key(&order.id) {
            return false;
        }
        let (step, since) = (Step::Reserving, now);
        self.orders.insert(order.id, Entry { order, step, since });
        self.taken += 1;
        true
    }

    /// Goes on with an order; `None` when the news changes nothing.
    pub fn learn(&mut self, id: u64, happened: Happened, now: Duration) -> Option<(Order, Action)> {
        let entry = self.orders.get_mut(&id)?;
        let (step, action) = saga::next(entry.step, happened)?;
        if step != entry.step {
            (entry.step, entry.since) = (step, now);
            match step {
                Step::Completed => self.completed += 1,
                Step::Cancelled => self.cancelled += 1,
                Step::Reserving | Step::Charging | Step::Releasing => {}
            }
        }
        let order = entry.order.clone();
        if step.is_final() && action != Action::Refund {
            self.finish(id);
        }
        Some((order, action))
    }

    /// Orders whose step has lasted longer than `patience`.
    pub fn overdue(&self, patience: Duration, now: Duration) -> Vec<u64> {
        let late = |entry: &Entry| !entry.step.is_final() && now.saturating_sub(entry.since) > patience;
        let overdue = self.orders.iter().filter(|(_, entry)| late(entry));
        overdue.map(|(id, _)| *id).collect()
    }

    pub fn in_flight(&self) -> u64 {
        (self.orders.len() - self.finished.len()) as u64
    }

    pub fn totals(&self) -> OrderTotals {
        OrderTotals {
            orders: self.taken,
            completed: self.completed,
            cancelled: self.cancelled,
            in_flight: self.in_flight(),
        }
    }

    fn finish(&mut self, id: u64) {
        self.finished.push_back(id);
        if self.finished.len() > Ledger::REMEMBERED
            && let Some(oldest) = self.finished.pop_front()
        {
            self.orders.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(id: u64) -> Order {
        Order {
            id,
            customer: 1,
            sku: "lamp".into(),
            quantity: 1,
            cents: 1_990,
        }
    }

    fn news() -> impl Strategy<Value = Happened> {
        prop_oneof![
            Just(Happened::Reserved),
            Just(Happened::OutOfStock),
            Just(Happened::Charged),
            Just(Happened::Refused),
            Just(Happened::Released),
            Just(Happened::GaveUp),
        ]
    }

    proptest! {
        #[test]
        fn orders_are_completed_cancelled_or_in_flight(
            events in prop::collection::vec((0..20_u64, prop::option::of(news())), 0..400)
        ) {
            let mut ledger = Ledger::default();
            for (id, event) in events {
                match event {
                    None => { ledger.take(order(id), Duration::ZERO); }
                    Some(happened) => { ledger.learn(id, happened, Duration::ZERO); }
                }
                let totals = ledger.totals();
                prop_assert_eq!(totals.orders, totals.completed + totals.cancelled + totals.in_flight);
                let unfinished = ledger.orders.values().filter(|entry| !entry.step.is_final()).count();
                prop_assert_eq!(totals.in_flight, unfinished as u64);
            }
        }
    }

    #[test]
    fn an_order_is_taken_once_and_old_ones_are_forgotten() {
        let mut ledger = Ledger::default();
        for id in 0..Ledger::REMEMBERED as u64 + 10 {
            assert!(ledger.take(order(id), Duration::ZERO));
            assert!(!ledger.take(order(id), Duration::ZERO));
            ledger.learn(id, Happened::OutOfStock, Duration::ZERO);
        }
        assert_eq!(ledger.orders.len(), Ledger::REMEMBERED);
        assert_eq!(ledger.totals().cancelled, Ledger::REMEMBERED as u64 + 10);
        assert_eq!(ledger.in_flight(), 0);
    }

    #[test]
    fn a_step_that_lasts_too_long_is_overdue_until_the_order_moves() {
        let mut ledger = Ledger::default();
        let at = Duration::from_secs;
        ledger.take(order(1), at(0));
        assert_eq!(ledger.overdue(at(60), at(60)), [0_u64; 0]);
        assert_eq!(ledger.overdue(at(60), at(61)), [1]);
        ledger.learn(1, Happened::Reserved, at(61));
        assert_eq!(ledger.overdue(at(60), at(100)), [0_u64; 0]);
    }
}

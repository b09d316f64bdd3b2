//! The saga of an order as a state machine: what happens next, and what is undone when something fails.
//!
//! ```text
//! Reserving ──Reserved──> Charging ──Charged──> Completed
//!     │ OutOfStock            │ Refused, GaveUp
//!     │                       v
//!     │ GaveUp ─────────> Releasing ──Released, GaveUp──> Cancelled
//!     └──────────────────────────────────────────────────────^
//! ```

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Reserving,
    Charging,
    /// Undoing: what was reserved goes back to the shelf.
    Releasing,
    Completed,
    Cancelled,
}

impl Step {
    pub fn is_final(self) -> bool {
        matches!(self, Step::Completed | Step::Cancelled)
    }
}

/// What the other services answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happened {
    Reserved,
    OutOfStock,
    Charged,
    Refused,
    Released,
    /// No answer in time, or the request became a dead letter.
    GaveUp,
}

/// What the order service has to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Charge,
    Release,
    /// Money was taken for an order that had been given up.
    Refund,
    AnnounceCompleted,
    AnnounceCancelled,
}

/// The next step and what to do; `None` when the news changes nothing: it came twice, or too late.
pub fn next(step: Step, happened: Happened) -> Option<(Step, Action)> {
    match (step, happened) {
        (Step::Reserving, Happened::Reserved) => Some((Step::Charging, Action::Charge)),
        (Step::Reserving, Happened::OutOfStock) => Some((Step::Cancelled, Action::AnnounceCancelled)),
        // Whether it was reserved is not known, so it is released in any case.
        (Step::Reserving, Happened::GaveUp) => Some((Step::Releasing, Action::Release)),
        (Step::Charging, Happened::Charged) => Some((Step::Completed, Action::AnnounceCompleted)),
        (Step::Charging, Happened::Refused | Happened::GaveUp) => Some((Step::Releasing, Action::Release)),
        (Step::Releasing, Happened::Released | Happened::GaveUp) => Some((Step::Cancelled, Action::AnnounceCancelled)),
        (Step::Releasing | Step::Cancelled, Happened::Charged) => Some((step, Action::Refund)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 5] = [
        Step::Reserving,
        Step::Charging,
        Step::Releasing,
        Step::Completed,
        Step::Cancelled,
    ];
    const NEWS: [Happened; 6] = [
        Happened::Reserved,
        Happened::OutOfStock,
        Happened::Charged,
        Happened::Refused,
        Happened::Released,
        Happened::GaveUp,
    ];

    fn told(news: &[Happened]) -> (Step, Vec<Action>) {
        let mut step = Step::Reserving;
        let mut actions = Vec::new();
        for happened in news {
            if let Some((to, action)) = next(step, *happened) {
                step = to;
                actions.push(action);
            }
        }
        (step, actions)
    }

    #[test]
    fn an_order_is_completed_or_everything_is_undone() {
        use Action::*;
        use Happened::*;
        for (news, step, actions) in [
            (
                &[Reserved, Charged][..],
                Step::Completed,
                &[Charge, AnnounceCompleted][..],
            ),
            (&[OutOfStock], Step::Cancelled, &[AnnounceCancelled]),
            (
                &[Reserved, Refused, Released],
                Step::Cancelled,
                &[Charge, Release, AnnounceCancelled],
            ),
            (
                &[Reserved, GaveUp, Released],
                Step::Cancelled,
                &[Charge, Release, AnnounceCancelled],
            ),
            (&[GaveUp, GaveUp], Step::Cancelled, &[Release, AnnounceCancelled]),
            (
                &[Reserved, GaveUp, Charged, Released],
                Step::Cancelled,
                &[Charge, Release, Refund, AnnounceCancelled],
            ),
            (
                &[Reserved, Reserved, Charged, Charged],
                Step::Completed,
                &[Charge, AnnounceCompleted],
            ),
            (&[Charged], Step::Reserving, &[]),
        ] {
            assert_eq!(told(news), (step, actions.to_vec()), "{news:?}");
        }
    }

    #[test]
    fn what_is_final_stays_so() {
        for step in STEPS.into_iter().filter(|step| step.is_final()) {
            for happened in NEWS {
                assert!(
                    next(step, happened).is_none_or(|(to, _)| to == step),
                    "{step:?} {happened:?}"
                );
            }
        }
    }

    #[test]
    fn giving_up_twice_ends_every_order() {
        for step in STEPS {
            let once = next(step, Happened::GaveUp).map_or(step, |(to, _)| to);
            let twice = next(once, Happened::GaveUp).map_or(once, |(to, _)| to);
            assert!(twice.is_final(), "{step:?}");
        }
    }
}

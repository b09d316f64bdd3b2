//! Feature flags that are not enabled, and deprecated features that are in use.

use brokerscope_contract::{Absence, CheckResult, EntityKey};

use crate::rabbitmq::checks::{self, Check};
use crate::rabbitmq::collector::{RabbitMqCollector, Visit};
use crate::rabbitmq::failure::Failure;
use crate::rabbitmq::map::features;
use crate::rabbitmq::tier::Question;
use crate::rabbitmq::wire::Feature;

type Answer = Result<Vec<Feature>, Failure>;

impl RabbitMqCollector {
    pub(in crate::rabbitmq) async fn ask_features(&mut self, visit: &mut Visit) {
        if !self.is_due(Question::Features, visit) {
            return;
        }
        let (flags, used): (Answer, Answer) = tokio::join!(
            visit.budget.spend(self.client.ask("feature-flags")),
            visit.budget.spend(self.client.ask("deprecated-features/used")),
        );
        let missing = |failure: &Failure| !matches!(failure, Failure::Unsupported(_));
        let answered = !flags.as_ref().is_err_and(missing) && !used.as_ref().is_err_and(missing);
        self.note(Question::Features, visit, answered);
        visit.snapshot.checks.extend([
            said(checks::FEATURE_FLAGS, "3.8", flags, features::flags),
            said(checks::DEPRECATED_FEATURES, "3.13", used, features::deprecated),
        ]);
    }
}

/// `since` is the first version that tells.
fn said(check: Check, since: &str, answer: Answer, meaning: fn(&[Feature]) -> CheckResult) -> CheckResult {
    let cluster = EntityKey::cluster();
    match answer {
        Ok(found) => meaning(&found),
        Err(Failure::Unsupported(_)) => {
            let text = format!("this version of RabbitMQ does not tell; {since} and later do");
            check.unknown(cluster, Absence::NotSupported, text)
        }
        Err(failure) => check.unknown(cluster, failure.absence(), failure.to_string()),
    }
}

//! What the last visit could not learn: found by entity, and told to a person once for all that it is about.

use std::collections::HashMap;

use brokerscope_contract::api::connections::Gap;
use brokerscope_contract::{Absence, EntityKey, MetricId, Warning};

/// Names that are told of what a gap is about.
const EXAMPLES: usize = 3;

/// The warnings of one visit. There can be one for each of ten thousand groups, and as many questions for them.
#[derive(Debug, Default)]
pub struct Warnings {
    of_entities: HashMap<EntityKey, Vec<Warning>>,
    of_the_whole: Vec<Warning>,
    gaps: Vec<Gap>,
}

impl Warnings {
    pub fn new(all: Vec<Warning>) -> Warnings {
        let mut warnings = Warnings {
            gaps: gaps(&all),
            ..Warnings::default()
        };
        for warning in all {
            match warning.entity.clone() {
                Some(entity) => warnings.of_entities.entry(entity).or_default().push(warning),
                None => warnings.of_the_whole.push(warning),
            }
        }
        warnings
    }

    /// The first that names the metric, of this entity or, without one, of the whole connection.
    pub fn about(&self, entity: Option<&EntityKey>, metric: MetricId) -> Option<&Warning> {
        let warnings = match entity {
            Some(entity) => self.of_entities.get(entity)?,
            None => &self.of_the_whole,
        };
        warnings.iter().find(|warning| warning.metrics.contains(&metric))
    }

    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }
}

/// What is missing for the same reason is one gap. Where an entity has nothing to say, as a group that has never
/// committed, there is nothing that could have been learnt.
fn gaps(warnings: &[Warning]) -> Vec<Gap> {
    let mut gaps = Vec::<Gap>::new();
    let mut known = HashMap::new();
    for warning in warnings {
        if warning.reason == Absence::NoData && warning.entity.is_some() {
            continue;
        }
        let same = (warning.reason, &warning.metrics, &warning.text, &warning.remedy);
        let at = *known.entry(same).or_insert_with(|| {
            gaps.push(Gap {
                reason: warning.reason,
                metrics: warning.metrics.clone(),
                text: warning.text.clone(),
                remedy: warning.remedy.clone(),
                entities: 0,
                examples: Vec::new(),
            });
            gaps.len() - 1
        });
        if let (Some(entity), Some(gap)) = (&warning.entity, gaps.get_mut(at)) {
            gap.entities += 1;
            if gap.examples.len() < EXAMPLES {
                gap.examples.push(entity.title().to_string());
            }
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{EntityKind, metrics};

    use super::*;

    fn warning(reason: Absence, group: Option<&str>, text: &str) -> Warning {
        Warning {
            reason,
            metrics: vec![metrics::LAG],
            entity: group.map(|name| EntityKey::new(EntityKind::ConsumerGroup, [name])),
            text: text.into(),
            remedy: None,
        }
    }

    #[test]
    fn what_is_missing_for_the_same_reason_is_told_once_with_some_names() {
        use Absence::{Failed, NoData, NotPermitted};
        let told = gaps(&[
            warning(NotPermitted, Some("a"), "Its members are not known."),
            warning(Failed, None, "Sizes are not known."),
            warning(NotPermitted, Some("b"), "Its members are not known."),
            warning(NoData, Some("new"), "It has not committed anything."),
            warning(NoData, None, "Nothing was collected yet."),
            warning(NotPermitted, Some(""), "Its members are not known."),
            warning(NotPermitted, Some("d"), "Its members are not known."),
            warning(Failed, Some("a"), "Its members are not known."),
        ]);
        let told: Vec<_> = told
            .iter()
            .map(|gap| (gap.reason, gap.entities, gap.examples.join(" ")))
            .collect();
        let expected = [
            (NotPermitted, 4, "a b (no name)"),
            (Failed, 0, ""),
            (NoData, 0, ""),
            (Failed, 1, "a"),
        ];
        assert_eq!(
            told,
            expected.map(|(reason, entities, names)| (reason, entities, names.to_string()))
        );
    }

    #[test]
    fn a_warning_is_found_by_its_entity_and_metric() {
        let warnings = Warnings::new(vec![
            warning(Absence::Failed, Some("a"), "of a"),
            warning(Absence::Disabled, None, "of all"),
        ]);
        let key = |name: &str| EntityKey::new(EntityKind::ConsumerGroup, [name]);
        let text = |entity: Option<&EntityKey>, metric| {
            let found = warnings.about(entity, metric);
            found.map(|warning| warning.text.clone()).unwrap_or_default()
        };
        assert_eq!(text(Some(&key("a")), metrics::LAG), "of a");
        assert_eq!(text(Some(&key("b")), metrics::LAG), "");
        assert_eq!(text(None, metrics::LAG), "of all");
        assert_eq!(text(None, metrics::DEPTH), "");
    }
}

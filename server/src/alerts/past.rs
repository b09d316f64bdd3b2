//! The preview: what a rule would have done over the stored past.

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::rules::{Preview, PreviewEntity, PreviewRequest};
use brokerscope_contract::api::series::Line;
use brokerscope_judge::rule::{Past, preview, preview_sentence};
use brokerscope_store::StoreError;

use super::engine::Alerts;
use super::watch::{self, Watching};

/// Entities that one preview reads; a rule over more is judged by the first of them, and the answer says so.
const EVALUATED: usize = 200;
/// Steps per entity: a day of visits every 5 s.
const STEPS: usize = 17_280;
/// Entities whose lines are drawn, and the steps of each when the request names none.
const DRAWN: usize = 5;
const DRAWN_STEPS: usize = 600;

impl Alerts {
    /// Reads the store only; nothing changes.
    pub async fn preview(&self, request: &PreviewRequest) -> Result<Preview, StoreError> {
        let (rule, from, to) = (&request.rule, request.from, request.to);
        let mut watched: Vec<Watching> = self
            .live
            .all()
            .iter()
            .flat_map(|connection| watch::watched(rule, &connection.read()))
            .collect();
        let matches = watched.len();
        watched.truncate(EVALUATED);
        let series: Vec<_> = watched
            .iter()
            .map(|watching| (watching.entity.id, rule.metric))
            .collect();
        let lines = self.store.lines(&series, from, to, STEPS).await?;
        let (mut whole, mut points) = (Past::default(), 0);
        let mut each = Vec::new();
        for (watching, line) in watched.into_iter().zip(&lines) {
            let stored = points_of(line);
            points += stored.len();
            let past = preview(rule, &stored, to);
            whole.firing_seconds += past.firing_seconds;
            whole.fired_with_one_threshold += past.fired_with_one_threshold;
            whole.firings.extend_from_slice(&past.firings);
            each.push((watching, past));
        }
        let evaluated = each.len();
        each.sort_by_key(|(_, past)| std::cmp::Reverse(past.firings.len()));
        each.truncate(DRAWN);
        Ok(Preview {
            matches,
            evaluated,
            fired: whole.firings.len(),
            firing_seconds: whole.firing_seconds,
            fired_with_one_threshold: whole.fired_with_one_threshold,
            sentence: preview_sentence(&whole, to.seconds_since(from), evaluated, matches, points),
            entities: self.drawn(request, each).await?,
        })
    }

    async fn drawn(
        &self,
        request: &PreviewRequest,
        each: Vec<(Watching, Past)>,
    ) -> Result<Vec<PreviewEntity>, StoreError> {
        let series: Vec<_> = each
            .iter()
            .map(|(watching, _)| (watching.entity.id, request.rule.metric))
            .collect();
        let steps = request.points.unwrap_or(DRAWN_STEPS).clamp(2, 4_000);
        let lines = self.store.lines(&series, request.from, request.to, steps).await?;
        let entities = each
            .into_iter()
            .zip(lines)
            .map(|((watching, past), line)| PreviewEntity {
                entity: watching.entity,
                line,
                firings: past.firings,
            });
        Ok(entities.collect())
    }
}

/// The measured steps of a line as points in time; gaps are no points.
fn points_of(line: &Line) -> Vec<(Timestamp, f64)> {
    let steps = (0_i64..).zip(&line.values);
    steps
        .filter_map(|(n, value)| Some((line.start.plus_millis(n * line.step_millis), (*value)?)))
        .collect()
}

//! The tables over all brokers: filtered, counted, sorted, and one page of it written out.

use std::cmp::Ordering;

use brokerscope_contract::api::Page;
use brokerscope_contract::api::entities::{Rows, RowsQuery, VerdictCount};
use brokerscope_contract::{EntityKind, FieldProblem, Role, Timestamp, Verdict};

use super::figure::Figure;
use super::join::Joins;
use super::{Connection, Entity, Live};

const USUAL_LIMIT: usize = 100;
const LONGEST_LIMIT: usize = 500;

impl Live {
    /// `Err` names the part of the query that makes no sense.
    pub fn rows(&self, role: Role, query: &RowsQuery, now: Timestamp) -> Result<Rows, FieldProblem> {
        let column = Column::of(query.sort.as_deref())?;
        let descending = direction(query.dir.as_deref(), column)?;
        let offset = offset(query)?;
        let wanted = Wanted::of(query)?;
        let limit = query.limit.unwrap_or(USUAL_LIMIT).clamp(1, LONGEST_LIMIT);

        let table = self.read();
        let connections: Vec<_> = table.values().map(|connection| connection.read()).collect();
        let all: Vec<&Connection> = connections.iter().map(|connection| &**connection).collect();
        // What another connection has the real one of has its row there.
        let joins = Joins::of(&all);
        let connections = all.into_iter().filter(|connection| wanted.connection(connection));
        let mut counts = vec![0; Verdict::ALL.len()];
        let mut found: Vec<Found<'_>> = Vec::new();
        let mut as_of: Option<Timestamp> = None;
        for connection in connections {
            if !connection.known.paused {
                as_of = as_of.into_iter().chain(connection.visits.answered_at).min();
            }
            let fresh = connection.is_fresh(now);
            let own = |entity: &&Entity| joins.real(entity.id).is_none();
            for entity in connection
                .existing(role)
                .filter(|entity| wanted.entity(entity))
                .filter(own)
            {
                let verdict = verdict_of(entity, fresh);
                counts[verdict.rank()] += 1;
                if wanted.verdict(verdict) {
                    let key = column.key(connection, entity);
                    found.push(Found {
                        connection,
                        entity,
                        verdict,
                        key,
                    });
                }
            }
        }
        let total = found.len();
        let found = first_sorted(&mut found, offset.saturating_add(limit), |a, b| {
            compare(a, b, column, descending)
        });
        let items: Vec<_> = found
            .iter()
            .skip(offset)
            .take(limit)
            .map(|found| found.connection.row(found.entity, now))
            .collect();
        let end = offset.saturating_add(items.len());
        Ok(Rows {
            page: Page {
                next: (end < total && !items.is_empty()).then(|| cursor(end)),
                items,
                total,
                offset,
            },
            verdicts: Verdict::ALL
                .iter()
                .zip(counts)
                .filter(|(_, count)| *count > 0)
                .map(|(verdict, count)| VerdictCount {
                    verdict: *verdict,
                    count,
                })
                .collect(),
            as_of,
        })
    }
}

/// The first `n` in order. The rest need not be sorted, which for the first page of ten thousand is most of the work.
pub(super) fn first_sorted<T>(items: &mut [T], n: usize, compare: impl Fn(&T, &T) -> Ordering) -> &[T] {
    let head = if n < items.len() {
        items.select_nth_unstable_by(n, &compare);
        &mut items[..n]
    } else {
        items
    };
    head.sort_unstable_by(compare);
    head
}

/// The verdict that [`Connection::entity_judgement`] would give, without its sentence.
pub(super) fn verdict_of(entity: &Entity, fresh: bool) -> Verdict {
    match &entity.judgement {
        Some(judgement) if fresh => judgement.verdict,
        _ => Verdict::Unknown,
    }
}

struct Found<'a> {
    connection: &'a Connection,
    entity: &'a Entity,
    verdict: Verdict,
    /// The number to sort by; unknown ones come last in either direction.
    key: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Column {
    Verdict,
    Name,
    Connection,
    Number(Figure),
}

impl Column {
    fn of(sort: Option<&str>) -> Result<Column, FieldProblem> {
        Ok(match sort {
            None | Some("verdict") => Column::Verdict,
            Some("name") => Column::Name,
            Some("connection") => Column::Connection,
            Some(other) => Column::Number(Figure::from_slug(other).ok_or_else(|| {
                let detail = format!("there is no column `{other}`");
                FieldProblem::new("sort", detail, "Sort by verdict, name, connection or a number.")
            })?),
        })
    }

    fn key(self, connection: &Connection, entity: &Entity) -> Option<f64> {
        match self {
            Column::Number(figure) => connection.figure_value(entity, figure).or_else(|| {
                let otherwise = figure.shown_otherwise()?;
                connection.figure_value(entity, otherwise)
            }),
            _ => None,
        }
    }
}

/// Words begin at their beginning, numbers with the greatest, verdicts with the worst.
fn direction(dir: Option<&str>, column: Column) -> Result<bool, FieldProblem> {
    match dir {
        None => Ok(matches!(column, Column::Number(_))),
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(_) => Err(FieldProblem::new(
            "dir",
            "is neither asc nor desc",
            "Write asc or desc.",
        )),
    }
}

/// By the column; then the worst and oldest first; then by name, so that equal rows keep their places.
fn compare(a: &Found<'_>, b: &Found<'_>, column: Column, descending: bool) -> Ordering {
    let turn = |order: Ordering| if descending { order.reverse() } else { order };
    let by_column = match column {
        Column::Verdict => turn(a.verdict.rank().cmp(&b.verdict.rank())),
        Column::Name => turn(a.entity.key.name().cmp(b.entity.key.name())),
        Column::Connection => turn(a.connection.known.name.cmp(&b.connection.known.name)),
        Column::Number(_) => match (a.key, b.key) {
            (Some(a), Some(b)) => turn(a.total_cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        },
    };
    let since = |found: &Found<'_>| found.entity.judgement.as_ref().map(|judgement| judgement.since);
    by_column
        .then_with(|| a.verdict.rank().cmp(&b.verdict.rank()))
        .then_with(|| match a.verdict {
            // How long something has been well is no news.
            Verdict::Ok => Ordering::Equal,
            _ => since(a).cmp(&since(b)),
        })
        .then_with(|| a.entity.key.path.cmp(&b.entity.key.path))
        .then_with(|| a.entity.id.cmp(&b.entity.id))
}

/// The filters of a query.
struct Wanted<'a> {
    query: &'a RowsQuery,
    text: Option<String>,
    kind: Option<EntityKind>,
    verdict: Option<WantedVerdict>,
}

enum WantedVerdict {
    /// All that are not ok.
    Attention,
    One(Verdict),
}

impl<'a> Wanted<'a> {
    fn of(query: &'a RowsQuery) -> Result<Wanted<'a>, FieldProblem> {
        let unknown =
            |field: &str, word: &str| FieldProblem::new(field, format!("`{word}` is not known"), "Leave it out.");
        let kind = match query.kind.as_deref() {
            None => None,
            Some(slug) => Some(EntityKind::from_slug(slug).ok_or_else(|| unknown("kind", slug))?),
        };
        let verdict = match query.verdict.as_deref() {
            None => None,
            Some("attention") => Some(WantedVerdict::Attention),
            Some(slug) => Some(WantedVerdict::One(
                Verdict::from_slug(slug).ok_or_else(|| unknown("verdict", slug))?,
            )),
        };
        let text = query
            .q
            .as_deref()
            .map(str::trim)
            .filter(|q| !q.is_empty())
            .map(str::to_lowercase);
        Ok(Wanted {
            query,
            text,
            kind,
            verdict,
        })
    }

    fn connection(&self, connection: &Connection) -> bool {
        let known = &connection.known;
        self.query.connection.is_none_or(|id| known.id.0 == id)
            && self
                .query
                .system
                .as_deref()
                .is_none_or(|system| known.system.slug() == system)
    }

    fn entity(&self, entity: &Entity) -> bool {
        (!entity.internal || self.query.internal == Some(true))
            && self.kind.is_none_or(|kind| entity.kind() == kind)
            && self.text.as_deref().is_none_or(|text| self.named(entity, text))
    }

    /// Part of the name or of what comes before it; with a slash of both together, as people write them.
    fn named(&self, entity: &Entity, text: &str) -> bool {
        let path = &entity.key.path;
        path.iter().any(|part| contains(part, text)) || (text.contains('/') && contains(&path.join("/"), text))
    }

    fn verdict(&self, verdict: Verdict) -> bool {
        match self.verdict {
            None => true,
            Some(WantedVerdict::Attention) => verdict != Verdict::Ok,
            Some(WantedVerdict::One(wanted)) => verdict == wanted,
        }
    }
}

/// `text` is lower case already. Most names are plain ASCII, which needs no copy to compare.
pub(super) fn contains(name: &str, text: &str) -> bool {
    if name.is_ascii() && text.is_ascii() {
        let (name, text) = (name.as_bytes(), text.as_bytes());
        return name.len() >= text.len() && name.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
    }
    name.to_lowercase().contains(text)
}

fn cursor(offset: usize) -> String {
    format!("from-{offset}")
}

/// A cursor is a position: rows change places between two visits anyway, and a table that shows the worst first is
/// read from its top.
fn offset(query: &RowsQuery) -> Result<usize, FieldProblem> {
    let Some(cursor) = &query.cursor else {
        return Ok(query.offset.unwrap_or(0));
    };
    cursor
        .strip_prefix("from-")
        .and_then(|offset| offset.parse().ok())
        .ok_or_else(|| {
            FieldProblem::new(
                "cursor",
                "is not one of this API",
                "Use the `next` of an earlier page, or leave it out.",
            )
        })
}

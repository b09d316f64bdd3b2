//! The links between the entities of one connection, by id, and who neighbours whom.

use std::collections::HashMap;

use brokerscope_contract::{EntityId, EntityKey, Evidence, Link, LinkKind};

use super::by_id::ById;

/// All links of one kind between the same two entities, as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub from: EntityId,
    pub to: EntityId,
    pub kind: LinkKind,
    pub evidence: Evidence,
    pub labels: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Edges {
    all: Vec<Edge>,
    /// Indexes into `all`, by either end.
    touching: ById<Vec<u32>>,
    /// Those by which dead letters come, by where they come to: an exchange may have ten thousand bindings beside.
    dead_letters_into: ById<Vec<u32>>,
}

impl Edges {
    /// Links whose ends are not known are left out.
    pub fn new(links: &[Link], id: impl Fn(&EntityKey) -> Option<EntityId>) -> Edges {
        let mut places: HashMap<(EntityId, EntityId, LinkKind), usize> = HashMap::new();
        let mut all: Vec<Edge> = Vec::new();
        for link in links {
            let (Some(from), Some(to)) = (id(&link.from), id(&link.to)) else {
                continue;
            };
            let place = *places.entry((from, to, link.kind)).or_insert_with(|| {
                all.push(Edge {
                    from,
                    to,
                    kind: link.kind,
                    evidence: link.evidence,
                    labels: Vec::new(),
                });
                all.len() - 1
            });
            let edge = &mut all[place];
            // The strongest evidence speaks for the whole edge.
            if strength(link.evidence) > strength(edge.evidence) {
                edge.evidence = link.evidence;
            }
            if let Some(label) = &link.label
                && !edge.labels.contains(label)
            {
                edge.labels.push(label.clone());
            }
        }
        let (mut touching, mut dead_letters_into) = (ById::<Vec<u32>>::default(), ById::<Vec<u32>>::default());
        for (edge, index) in all.iter_mut().zip(0_u32..) {
            edge.labels.sort_unstable();
            touching.entry(edge.from).or_default().push(index);
            if edge.to != edge.from {
                touching.entry(edge.to).or_default().push(index);
            }
            if edge.kind == LinkKind::DeadLetter {
                dead_letters_into.entry(edge.to).or_default().push(index);
            }
        }
        Edges {
            all,
            touching,
            dead_letters_into,
        }
    }

    pub fn all(&self) -> &[Edge] {
        &self.all
    }

    /// The edges that begin or end at `entity`.
    pub fn of(&self, entity: EntityId) -> impl Iterator<Item = &Edge> {
        let touching = self.touching.get(&entity);
        touching
            .into_iter()
            .flatten()
            .filter_map(|index| self.all.get(*index as usize))
    }

    /// The edges that begin at `entity`, with their places in the order of all.
    pub fn starting_at(&self, entity: EntityId) -> impl Iterator<Item = (u32, &Edge)> {
        let touching = self.touching.get(&entity).into_iter().flatten();
        touching
            .filter_map(|index| Some((*index, self.all.get(*index as usize)?)))
            .filter(move |(_, edge)| edge.from == entity)
    }

    /// Just one edge ends at `entity`. The second is not looked behind.
    pub fn is_only_into(&self, entity: EntityId) -> bool {
        self.of(entity).filter(|edge| edge.to == entity).take(2).count() == 1
    }

    /// Just one edge takes messages from `entity`; what it gives up goes other ways.
    pub fn is_only_out_of(&self, entity: EntityId) -> bool {
        let carries = |edge: &&Edge| !matches!(edge.kind, LinkKind::DeadLetter | LinkKind::AlternateExchange);
        let out = self.of(entity).filter(|edge| edge.from == entity);
        out.filter(carries).take(2).count() == 1
    }

    pub fn from(&self, entity: EntityId, kind: LinkKind) -> impl Iterator<Item = &Edge> {
        self.of(entity)
            .filter(move |edge| edge.from == entity && edge.kind == kind)
    }

    pub fn to(&self, entity: EntityId, kind: LinkKind) -> impl Iterator<Item = &Edge> {
        self.of(entity)
            .filter(move |edge| edge.to == entity && edge.kind == kind)
    }

    /// Where `entity` sends what it gives up: the queue behind the dead-letter exchange when there is just one.
    pub fn dead_letter_target(&self, entity: EntityId) -> Option<EntityId> {
        let target = self.from(entity, LinkKind::DeadLetter).next()?.to;
        let mut behind = self
            .from(target, LinkKind::Binding)
            .map(|edge| edge.to)
            .filter(|to| *to != entity);
        match (behind.next(), behind.next()) {
            (Some(only), None) => Some(only),
            _ => Some(target),
        }
    }

    /// Who sends here what they give up, directly or through a dead-letter exchange.
    pub fn dead_letter_sources(&self, entity: EntityId) -> Vec<EntityId> {
        let exchanges = self.to(entity, LinkKind::Binding).map(|edge| edge.from);
        let mut sources: Vec<EntityId> = std::iter::once(entity)
            .chain(exchanges)
            .filter_map(|target| self.dead_letters_into.get(&target))
            .flatten()
            .filter_map(|index| self.all.get(*index as usize))
            .map(|edge| edge.from)
            // A queue that gives up into an exchange that it is bound to itself is a retry loop, no dead-letter queue.
            .filter(|source| *source != entity)
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }
}

/// How sure each evidence makes: the greater, the surer.
pub(super) fn strength(evidence: Evidence) -> u8 {
    match evidence {
        Evidence::Inferred => 0,
        Evidence::Declared => 1,
        Evidence::Connected => 2,
        Evidence::Counted => 3,
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::EntityKind;

    use super::*;

    fn key(name: &str) -> EntityKey {
        EntityKey::new(EntityKind::Queue, [name])
    }

    /// Names are single letters; a letter's code is its id.
    fn edges(links: &[(&str, &str, LinkKind, Option<&str>)]) -> Edges {
        let links: Vec<Link> = links
            .iter()
            .map(|(from, to, kind, label)| Link {
                from: key(from),
                to: key(to),
                kind: *kind,
                label: label.map(Into::into),
                evidence: Evidence::Declared,
            })
            .collect();
        Edges::new(&links, |key| {
            key.name().bytes().next().map(|byte| EntityId(byte.into()))
        })
    }

    fn id(name: char) -> EntityId {
        EntityId(name as i64)
    }

    #[test]
    fn several_links_between_the_same_two_are_one_edge() {
        let edges = edges(&[
            ("x", "q", LinkKind::Binding, Some("b")),
            ("x", "q", LinkKind::Binding, Some("a")),
            ("x", "q", LinkKind::Binding, Some("a")),
            ("x", "q", LinkKind::AlternateExchange, None),
        ]);
        assert_eq!(edges.all().len(), 2);
        assert_eq!(edges.all()[0].labels, ["a", "b"]);
    }

    #[test]
    fn dead_letters_are_followed_through_their_exchange() {
        use LinkKind::{Binding, DeadLetter};
        let through = edges(&[("q", "x", DeadLetter, None), ("x", "d", Binding, None)]);
        assert_eq!(through.dead_letter_target(id('q')), Some(id('d')));
        assert_eq!(through.dead_letter_sources(id('d')), [id('q')]);
        let direct = edges(&[("q", "d", DeadLetter, None)]);
        assert_eq!(direct.dead_letter_target(id('q')), Some(id('d')));
        assert_eq!(direct.dead_letter_sources(id('d')), [id('q')]);
        let fan = edges(&[
            ("q", "x", DeadLetter, None),
            ("x", "d", Binding, None),
            ("x", "e", Binding, None),
        ]);
        assert_eq!(
            fan.dead_letter_target(id('q')),
            Some(id('x')),
            "several queues: the exchange is the answer"
        );
        let retry = edges(&[("q", "x", DeadLetter, None), ("x", "q", Binding, None)]);
        assert_eq!(retry.dead_letter_sources(id('q')), []);
        assert_eq!(retry.dead_letter_target(id('z')), None);
    }
}

//! More than a person can take in, gathered into groups of what is alike; what needs a person stays on its own.

use std::collections::{BTreeSet, HashMap, HashSet};

use brokerscope_contract::api::entities::VerdictCount;
use brokerscope_contract::api::topology::{GroupView, TopologyQuery};
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{EntityId, Status, Verdict};
use brokerscope_figures::layout::collapse::{Group, Leaf, collapse};

use super::by_id::ById;
use super::graph::Graph;
use super::join::Joins;
use super::rows::{contains, first_sorted};
use super::{Connection, Entity};

/// Above about this many boxes a graph says nothing any more.
const LIMIT: usize = 150;
/// Once gathered, so many boxes can be taken in at a glance.
const AT_A_GLANCE: usize = 44;
/// So many of the worst are shown on their own.
const WORST: usize = 24;
/// So many of what was searched for are taken out of their groups.
const FINDS: usize = 40;
/// Members of a group that are written out.
const NAMED: usize = 8;

/// One entity of the graph, and what is said about it now.
pub(super) struct Member<'a> {
    /// The place of its connection among all.
    pub home: usize,
    pub connection: &'a Connection,
    pub entity: &'a Entity,
    pub verdict: Verdict,
}

/// What a person asked to see on its own.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pins: HashSet<EntityId>,
    open: BTreeSet<i64>,
    /// In lower case.
    find: Option<String>,
}

impl Asked {
    /// An id that is no number is an unknown one like any other.
    pub fn of(query: &TopologyQuery, graph: &Graph<'_>) -> Asked {
        let ids = |text: &Option<String>| {
            let parts = text.as_deref().unwrap_or_default().split(',');
            parts
                .filter_map(|part| part.trim().parse::<i64>().ok())
                .collect::<Vec<_>>()
        };
        let find = query.find.as_deref().map(str::trim).filter(|find| !find.is_empty());
        let pins = ids(&query.pin).into_iter().chain(query.focus).map(EntityId);
        let real = |id| graph.joins.real(id).map_or(id, |place| place.entity);
        Asked {
            pins: pins.map(real).collect(),
            open: ids(&query.open).into_iter().collect(),
            find: find.map(str::to_lowercase),
        }
    }
}

/// Which box of the graph stands for each entity in it: its own, that of its group, or of a far end that of what it is.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    shown_as: ById<EntityId>,
    pub groups: Vec<GroupView>,
}

impl Boxes {
    pub fn of_each(members: &[Member<'_>], joins: &Joins) -> Boxes {
        Boxes::of_ids(members.iter().map(|member| member.entity.id), joins)
    }

    pub fn of_ids(ids: impl Iterator<Item = EntityId>, joins: &Joins) -> Boxes {
        Boxes::of(ids.map(|id| (id, id)), joins)
    }

    fn of(shown: impl Iterator<Item = (EntityId, EntityId)>, joins: &Joins) -> Boxes {
        let mut shown_as: ById<EntityId> = shown.collect();
        for (far_end, real) in joins.all() {
            if let Some(shown) = shown_as.get(&real.entity).copied() {
                shown_as.insert(far_end, shown);
            }
        }
        Boxes {
            shown_as,
            groups: Vec::new(),
        }
    }

    /// `None` for what is not in the graph.
    pub fn shown_as(&self, id: EntityId) -> Option<EntityId> {
        self.shown_as.get(&id).copied()
    }

    pub fn is_alone(&self, id: EntityId) -> bool {
        self.shown_as(id) == Some(id)
    }

    /// Whether it is a box of one entity.
    pub fn is_single(shown: EntityId) -> bool {
        shown.0 >= 0
    }
}

pub(super) fn is_too_much(count: usize) -> bool {
    count > LIMIT
}

/// Gathers all of them, whichever connection they belong to.
pub(super) fn gather(members: &[Member<'_>], asked: &Asked, graph: &Graph<'_>) -> Boxes {
    let (families, family_of) = families(members);
    let (worst, finds) = (worst(members), finds(members, asked));
    let leaves: Vec<Leaf<'_>> = members
        .iter()
        .zip(family_of)
        .map(|(member, family)| {
            let id = member.entity.id;
            Leaf {
                id: id.0,
                family: &families[family],
                name: member.entity.key.name(),
                severity: member.verdict.status() as u8,
                pinned: asked.pins.contains(&id) || worst.contains(&id) || finds.contains(&id),
            }
        })
        .collect();
    let collapsed = collapse(&leaves, AT_A_GLANCE, &asked.open);
    let shown_as = members.iter().zip(collapsed.shown_as);
    let mut boxes = Boxes::of(
        shown_as.map(|(member, shown)| (member.entity.id, EntityId(shown))),
        &graph.joins,
    );
    boxes.groups = collapsed
        .groups
        .iter()
        .filter_map(|group| view(group, members, &boxes, graph))
        .collect();
    boxes
}

/// Same connection, kind and scope.
type Kin<'a> = (i64, &'static str, &'a [String]);

fn kin<'a>(member: &Member<'a>) -> Kin<'a> {
    let key = &member.entity.key;
    let scope = key.path.split_last().map_or(&[][..], |(_, scope)| scope);
    (member.connection.known.id.0, key.kind.slug(), scope)
}

/// Each family in words, which the ids of its groups are made of, and the place of each member's family among them. An
/// unusual byte keeps the parts apart.
fn families(members: &[Member<'_>]) -> (Vec<String>, Vec<usize>) {
    let mut families = Vec::new();
    let mut places: HashMap<Kin<'_>, usize> = HashMap::new();
    let mut last: Option<(Kin<'_>, usize)> = None;
    let family_of = members.iter().map(|member| {
        let kin = kin(member);
        // Relatives mostly follow one another.
        if let Some((_, place)) = last.filter(|(before, _)| *before == kin) {
            return place;
        }
        let place = *places.entry(kin).or_insert_with(|| {
            families.push(format!("{}\u{1}{}\u{1}{}", kin.0, kin.1, kin.2.join(" / ")));
            families.len() - 1
        });
        last = Some((kin, place));
        place
    });
    let family_of = family_of.collect();
    (families, family_of)
}

/// What needs a person, if it is little.
fn worst(members: &[Member<'_>]) -> HashSet<EntityId> {
    let mut bad: Vec<&Member<'_>> = members
        .iter()
        .filter(|member| member.verdict.status() >= Status::Warning)
        .collect();
    let worst = first_sorted(&mut bad, WORST, |a, b| {
        (a.verdict.rank(), a.entity.id).cmp(&(b.verdict.rank(), b.entity.id))
    });
    worst.iter().map(|member| member.entity.id).collect()
}

/// What was searched for, the first by name.
fn finds(members: &[Member<'_>], asked: &Asked) -> HashSet<EntityId> {
    let Some(find) = &asked.find else {
        return HashSet::new();
    };
    let titled = |entity: &Entity| {
        EntityRef::title_of(entity.kind(), entity.key.name())
            .to_lowercase()
            .contains(find)
    };
    let named = |entity: &Entity| match entity.key.name() {
        "" => titled(entity),
        name => contains(name, find),
    };
    let mut found: Vec<&Member<'_>> = members.iter().filter(|member| named(member.entity)).collect();
    let first = first_sorted(&mut found, FINDS, |a, b| {
        (&a.entity.key, a.entity.id).cmp(&(&b.entity.key, b.entity.id))
    });
    first.iter().map(|member| member.entity.id).collect()
}

fn view(group: &Group, all: &[Member<'_>], boxes: &Boxes, graph: &Graph<'_>) -> Option<GroupView> {
    let mut members: Vec<(&Member<'_>, Option<f64>)> = group
        .members
        .iter()
        .filter_map(|place| all.get(*place))
        .map(|member| (member, waiting(member, graph)))
        .collect();
    let (first, _) = members.first()?;
    let (connection, key) = (first.connection, first.entity.key.clone());
    let mut counts = vec![0; Verdict::ALL.len()];
    for (member, _) in &members {
        counts[member.verdict.rank()] += 1;
    }
    let sum = members.iter().filter_map(|(_, waiting)| *waiting).reduce(|a, b| a + b);
    let worst = first_sorted(&mut members, NAMED, |(a, in_a), (b, in_b)| {
        let rank = a.verdict.rank().cmp(&b.verdict.rank());
        let most = in_b.unwrap_or(0.0).total_cmp(&in_a.unwrap_or(0.0));
        rank.then(most).then_with(|| a.entity.key.cmp(&b.entity.key))
    });
    let worst = worst
        .iter()
        .map(|(member, _)| graph.node(member.home, member.entity, boxes))
        .collect();
    let verdicts = Verdict::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    Some(GroupView {
        id: EntityId(group.id),
        connection: connection.known.id,
        system: connection.known.system,
        kind: key.kind,
        scope: key.scope(),
        prefix: group.label.clone(),
        count: group.members.len(),
        verdicts: verdicts
            .map(|(verdict, count)| VerdictCount {
                verdict: *verdict,
                count,
            })
            .collect(),
        waiting: sum,
        worst,
    })
}

/// What is known to wait now: nothing is, where the connection does not answer.
fn waiting(member: &Member<'_>, graph: &Graph<'_>) -> Option<f64> {
    if !graph.is_fresh(member.home) {
        return None;
    }
    let metric = member.entity.first_shown(Entity::WAITING)?;
    member.entity.readings.shown(metric).map(|(_, value)| value)
}

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;

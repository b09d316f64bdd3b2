//! Working out what a visit changes, from its snapshot and what is known: pure.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use brokerscope_contract::{
    CheckResult, Entity, EntityId, EntityKey, EntityKind, History, Link, MetricId, Sample, Snapshot, Status, Timestamp,
    metrics,
};

use super::ids::Ids;
use super::plan::{Answer, Description, LinkChanges, Plan, PlannedCheck, Tick, answer_hash};
use crate::StoreError;
use crate::catalogue::connection::{Edge, description_hash};
use crate::catalogue::{Connection, Place};
use crate::samples::codec::row::WIDTH;
use crate::samples::lane::Lane;
use crate::samples::tick::{Past, Values};
use crate::words;

impl Plan {
    pub fn of(snapshot: &Snapshot, connection: &Connection, ids: &mut Ids) -> Result<Plan, StoreError> {
        let mut planning = Planning::new(snapshot, connection, ids);
        for entity in &snapshot.entities {
            planning.describe(entity)?;
        }
        planning.place_history(&snapshot.history);
        planning.measure(snapshot);
        planning.link(snapshot.links.as_deref());
        planning.check(&snapshot.checks);
        planning.compare_with_whole_lists(&snapshot.complete);
        planning.plan.answer = planning.answer(snapshot)?;
        Ok(planning.finish())
    }

    /// A visit without an answer is a measurement as well: the cluster was not reachable.
    pub fn of_failure(at: Timestamp, connection: &Connection, ids: &mut Ids) -> Plan {
        let unreachable = Sample::new(EntityKey::cluster(), metrics::UP, 0.0);
        let snapshot = Snapshot {
            samples: vec![unreachable],
            ..Snapshot::empty(at)
        };
        let mut planning = Planning::new(&snapshot, connection, ids);
        planning.measure(&snapshot);
        planning.plan.answered = false;
        // Nothing was seen there.
        planning.plan.seen.clear();
        planning.finish()
    }
}

struct Planning<'a> {
    connection: &'a Connection,
    next: &'a mut Ids,
    plan: Plan,
    values: Values,
    past: Past,
    /// Places given out by this plan.
    places: HashMap<(EntityId, MetricId), Place>,
    free: HashMap<MetricId, Vec<Place>>,
    /// How many slots of a lane are in use with this plan, where it is more than before.
    widths: HashMap<usize, usize>,
}

impl<'a> Planning<'a> {
    fn new(snapshot: &Snapshot, connection: &'a Connection, next: &'a mut Ids) -> Planning<'a> {
        Planning {
            connection,
            next,
            plan: Plan {
                at: snapshot.at,
                answered: true,
                cost: snapshot.cost,
                ids: HashMap::with_capacity(connection.ids.len()),
                created: Vec::new(),
                described: HashMap::new(),
                seen: HashSet::with_capacity(connection.ids.len()),
                revived: Vec::new(),
                deleted: Vec::new(),
                absent: HashSet::new(),
                new_lanes: Vec::new(),
                occupied: Vec::new(),
                ticks: Vec::new(),
                links: None,
                checks: Vec::new(),
                answer: None,
            },
            values: Values::for_lanes(connection.lanes.len()),
            past: Past::default(),
            places: HashMap::new(),
            free: HashMap::new(),
            widths: HashMap::new(),
        }
    }

    /// The id behind the key: known, or given out now.
    fn id(&mut self, key: &EntityKey) -> EntityId {
        if let Some(id) = self.plan.ids.get(key) {
            return *id;
        }
        let id = match self.connection.ids.get(key) {
            Some(id) => *id,
            None => {
                let id = self.next.entity();
                self.plan.created.push((id, Arc::new(key.clone())));
                id
            }
        };
        self.plan.ids.insert(key.clone(), id);
        id
    }

    fn describe(&mut self, entity: &Entity) -> Result<(), StoreError> {
        let id = self.id(&entity.key);
        let parent = entity.parent.as_ref().map(|parent| self.id(parent));
        let hash = description_hash(parent, entity.internal, &entity.attributes, entity.stands_for.as_ref());
        self.plan.seen.insert(id);
        if self
            .connection
            .known
            .get(&id)
            .is_none_or(|known| known.description != hash)
        {
            let description = Description {
                parent,
                internal: entity.internal,
                attributes: words::json(&entity.attributes)?,
                stands_for: entity.stands_for.as_ref().map(words::json).transpose()?,
                hash,
            };
            self.plan.described.insert(id, description);
        }
        Ok(())
    }

    fn measure(&mut self, snapshot: &Snapshot) {
        // Collectors give an entity's samples one after the other, so the entity is mostly that of the sample before.
        let mut last: Option<(&EntityKey, EntityId)> = None;
        for sample in snapshot.samples.iter().filter(|sample| sample.value.is_finite()) {
            let id = match last {
                Some((key, id)) if *key == sample.entity => id,
                _ => {
                    let id = self.id(&sample.entity);
                    self.plan.seen.insert(id);
                    last = Some((&sample.entity, id));
                    id
                }
            };
            let place = match self.connection.place(id, sample.metric) {
                Some(place) => place,
                None => self.new_place(id, sample.metric, self.plan.at),
            };
            self.values.set(place.lane, place.slot, sample.value);
        }
    }

    /// Takes the past before the present, because where a new series is kept depends on how far it reaches back.
    fn place_history(&mut self, history: &[History]) {
        for series in history {
            let points = || series.points.iter().filter(|(_, value)| value.is_finite());
            let Some(oldest) = points().map(|(at, _)| *at).min() else {
                continue;
            };
            let id = self.id(&series.entity);
            let place = match self.connection.place(id, series.metric) {
                Some(place) => place,
                None => self.new_place(id, series.metric, oldest),
            };
            for (at, value) in points() {
                self.past.set(*at, place.lane, place.slot, *value);
            }
        }
    }

    /// A slot for a series that begins at `oldest`: one in a lane that is not rolled up beyond that, because what a
    /// rollup has passed is not looked at again.
    fn new_place(&mut self, entity: EntityId, metric: MetricId, oldest: Timestamp) -> Place {
        if let Some(place) = self.places.get(&(entity, metric)) {
            return *place;
        }
        let lanes = &self.connection.lanes;
        let free = self.free.entry(metric).or_insert_with(|| {
            let mut free = self.connection.free_slots(metric);
            free.reverse();
            free
        });
        let takes = |place: &Place| {
            let rolled = lanes.get(place.lane).and_then(|lane| lane.rolled[0]);
            rolled.is_none_or(|rolled| rolled <= oldest.0)
        };
        let found = free.iter().rposition(takes).map(|index| free.remove(index));
        let place = found.unwrap_or_else(|| {
            let lane = lanes.len() + self.plan.new_lanes.len();
            self.plan.new_lanes.push((self.next.lane(), metric));
            free.extend((1..WIDTH).rev().map(|slot| Place { lane, slot }));
            Place { lane, slot: 0 }
        });
        let width = self.widths.entry(place.lane).or_default();
        *width = (*width).max(place.slot + 1);
        self.places.insert((entity, metric), place);
        self.plan.occupied.push((place, entity));
        place
    }

    fn link(&mut self, links: Option<&[Link]>) {
        let Some(links) = links else { return };
        let wanted: HashSet<Edge> = links
            .iter()
            .map(|link| Edge {
                from: self.id(&link.from),
                to: self.id(&link.to),
                kind: link.kind,
                label: link.label.clone(),
                evidence: link.evidence,
            })
            .collect();
        let stored = &self.connection.links;
        let removed = stored
            .iter()
            .filter(|(edge, _)| !wanted.contains(edge))
            .map(|(_, row)| *row)
            .collect();
        let added = wanted.into_iter().filter(|edge| !stored.contains_key(edge)).collect();
        self.plan.links = Some(LinkChanges { removed, added });
    }

    fn check(&mut self, checks: &[CheckResult]) {
        for result in checks {
            let entity = self.id(&result.entity);
            self.plan.seen.insert(entity);
            let known: Option<&(Status, Timestamp)> = self.connection.checks.get(&(entity, result.check.clone()));
            let since = match known {
                Some((status, since)) if *status == result.status => *since,
                _ => self.plan.at,
            };
            let changed = known.is_none_or(|(status, _)| *status != result.status);
            self.plan.checks.push(PlannedCheck {
                entity,
                result: result.clone(),
                since,
                changed,
            });
        }
    }

    fn finish(mut self) -> Plan {
        let staged: Vec<Lane> = self
            .plan
            .new_lanes
            .iter()
            .map(|(id, metric)| Lane::new(*id, Some(*metric)))
            .collect();
        let lanes: Vec<(&Lane, usize)> = self
            .connection
            .lanes
            .iter()
            .chain(&staged)
            .enumerate()
            .map(|(index, lane)| {
                let width = self.widths.get(&index).copied().unwrap_or(0).max(lane.slots.len());
                (lane, width)
            })
            .collect();
        let present = self.values.encode(lanes.iter().copied());
        self.plan.ticks = present
            .map(|data| Tick { at: self.plan.at, data })
            .into_iter()
            .chain(self.past.encode(&lanes).map(|(at, data)| Tick { at, data }))
            .collect();
        self.plan
    }

    /// What is known of a kind, and missing in the whole list of that kind, no longer exists.
    fn compare_with_whole_lists(&mut self, complete: &[EntityKind]) {
        let (plan, known) = (&mut self.plan, &self.connection.known);
        for (id, known) in known {
            match (known.deleted_at, plan.seen.contains(id)) {
                (Some(_), true) => plan.revived.push(*id),
                (None, false) if complete.contains(&known.key.kind) => plan.deleted.push(*id),
                _ => {}
            }
        }
        for (id, key) in &plan.created {
            if complete.contains(&key.kind) && !plan.seen.contains(id) {
                plan.absent.insert(*id);
            }
        }
    }

    fn answer(&self, snapshot: &Snapshot) -> Result<Option<Answer>, StoreError> {
        let mut answer = Answer {
            server: words::json(&snapshot.server)?,
            warnings: words::json(&snapshot.warnings)?,
            hash: 0,
        };
        answer.hash = answer_hash(&answer.server, &answer.warnings);
        Ok((answer.hash != self.connection.answer).then_some(answer))
    }
}

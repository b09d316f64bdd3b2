//! Who plays which part, and what belongs to whom: most entities are partitions, and nobody walks over all of them to
//! find the few that a page asks for.

use std::collections::{BTreeSet, HashMap, HashSet};

use brokerscope_contract::{EntityId, Role};

/// Ids only, those of deleted entities included; kept in step with the entities of one connection.
#[derive(Debug, Default)]
pub struct Index {
    roles: HashMap<Role, Vec<EntityId>>,
    parts: HashMap<EntityId, Vec<EntityId>>,
    far_ends: BTreeSet<EntityId>,
}

impl Index {
    /// An entity that was not known before.
    pub fn add(&mut self, id: EntityId, role: Role) {
        self.roles.entry(role).or_default().push(id);
    }

    /// It is listed on another page than before.
    pub fn move_part(&mut self, part: EntityId, from: Option<EntityId>, to: Option<EntityId>) {
        if from == to {
            return;
        }
        if let Some(parts) = from.and_then(|parent| self.parts.get_mut(&parent)) {
            parts.retain(|id| *id != part);
        }
        if let Some(parent) = to {
            self.parts.entry(parent).or_default().push(part);
        }
    }

    /// It stands for something elsewhere, or no longer does.
    pub fn set_far_end(&mut self, id: EntityId, is_one: bool) {
        match is_one {
            true => self.far_ends.insert(id),
            false => self.far_ends.remove(&id),
        };
    }

    /// What stands for something elsewhere, in the order of their ids.
    pub fn far_ends(&self) -> impl Iterator<Item = EntityId> + use<'_> {
        self.far_ends.iter().copied()
    }

    pub fn of_role(&self, role: Role) -> impl Iterator<Item = EntityId> + use<'_> {
        self.roles.get(&role).into_iter().flatten().copied()
    }

    pub fn parts_of(&self, parent: EntityId) -> impl Iterator<Item = EntityId> + use<'_> {
        self.parts.get(&parent).into_iter().flatten().copied()
    }

    pub fn forget(&mut self, gone: &HashSet<EntityId>) {
        for ids in self.roles.values_mut().chain(self.parts.values_mut()) {
            ids.retain(|id| !gone.contains(id));
        }
        self.far_ends.retain(|id| !gone.contains(id));
        self.parts
            .retain(|parent, parts| !gone.contains(parent) && !parts.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_listed_where_it_belongs_and_nowhere_after_it_is_gone() {
        let [topic, other, part] = [1, 2, 3].map(EntityId);
        let mut index = Index::default();
        index.add(topic, Role::Destination);
        index.add(other, Role::Destination);
        index.add(part, Role::Part);
        index.move_part(part, None, Some(topic));
        index.move_part(part, Some(topic), Some(topic));
        assert_eq!(index.parts_of(topic).collect::<Vec<_>>(), [part]);
        index.move_part(part, Some(topic), Some(other));
        assert_eq!(index.parts_of(topic).count(), 0);
        assert_eq!(index.parts_of(other).collect::<Vec<_>>(), [part]);
        assert_eq!(index.of_role(Role::Destination).collect::<Vec<_>>(), [topic, other]);
        index.set_far_end(topic, true);
        index.set_far_end(other, true);
        index.forget(&HashSet::from([topic, part]));
        assert_eq!(index.far_ends().collect::<Vec<_>>(), [other]);
        index.set_far_end(other, false);
        assert_eq!(index.far_ends().count(), 0);
        assert_eq!(index.of_role(Role::Destination).collect::<Vec<_>>(), [other]);
        assert_eq!(
            (index.of_role(Role::Part).count(), index.parts_of(other).count()),
            (0, 0)
        );
    }
}

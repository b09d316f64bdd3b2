//! The entities of one connection, one after the other in memory: pages walk over tens of thousands of them, and what
//! lies apart is waited for each time.

use std::collections::hash_map::Entry;

use brokerscope_contract::EntityId;

use super::Entity;
use super::by_id::ById;

#[derive(Debug, Default)]
pub struct Entities {
    places: ById<u32>,
    /// In no order; most lie as they were first seen.
    all: Vec<Entity>,
}

impl Entities {
    pub fn get(&self, id: EntityId) -> Option<&Entity> {
        self.all.get(*self.places.get(&id)? as usize)
    }

    pub fn get_mut(&mut self, id: EntityId) -> Option<&mut Entity> {
        self.all.get_mut(*self.places.get(&id)? as usize)
    }

    pub fn contains(&self, id: EntityId) -> bool {
        self.places.contains_key(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entity> {
        self.all.iter()
    }

    pub fn get_or_insert_with(&mut self, id: EntityId, new: impl FnOnce() -> Entity) -> &mut Entity {
        let place = match self.places.entry(id) {
            Entry::Occupied(known) => *known.get() as usize,
            Entry::Vacant(vacant) => {
                let place = self.all.len();
                vacant.insert(u32::try_from(place).unwrap_or(u32::MAX));
                self.all.push(new());
                place
            }
        };
        &mut self.all[place]
    }

    pub fn remove(&mut self, id: EntityId) -> Option<Entity> {
        let place = self.places.remove(&id)?;
        let gone = self.all.swap_remove(place as usize);
        // The last one lies in its place now.
        if let Some(moved) = self.all.get(place as usize) {
            self.places.insert(moved.id, place);
        }
        Some(gone)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use brokerscope_contract::{EntityKey, EntityKind, Timestamp};
    use proptest::prelude::*;

    use super::*;

    fn entity(id: i64) -> Entity {
        let key = EntityKey::new(EntityKind::Queue, [id.to_string()]);
        Entity::new(EntityId(id), Arc::new(key), Timestamp(0))
    }

    proptest! {
        #[test]
        fn what_was_put_in_and_not_taken_out_is_found_by_its_number(steps in prop::collection::vec((0..20_i64, any::<bool>()), 0..200)) {
            let mut entities = Entities::default();
            let mut expected = std::collections::BTreeSet::new();
            for (id, comes) in steps {
                match comes {
                    true => {
                        expected.insert(id);
                        prop_assert_eq!(entities.get_or_insert_with(EntityId(id), || entity(id)).id, EntityId(id));
                    }
                    false => prop_assert_eq!(entities.remove(EntityId(id)).is_some(), expected.remove(&id)),
                }
                let mut present: Vec<i64> = entities.iter().map(|entity| entity.id.0).collect();
                present.sort_unstable();
                prop_assert_eq!(&present, &expected.iter().copied().collect::<Vec<_>>());
                for id in 0..20 {
                    let found = entities.get(EntityId(id)).map(|entity| entity.id.0);
                    prop_assert_eq!(found, expected.get(&id).copied());
                    prop_assert_eq!(entities.contains(EntityId(id)), expected.contains(&id));
                }
            }
        }
    }
}

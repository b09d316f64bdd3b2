//! Groups by common beginnings of names.

use super::*;

fn leaf(id: i64, name: &str) -> Leaf<'_> {
    Leaf {
        id,
        family: "1 queue /",
        name,
        severity: 0,
        pinned: false,
    }
}

/// Numbered from 1.
fn leaves(names: &[String]) -> Vec<Leaf<'_>> {
    names.iter().zip(1..).map(|(name, id)| leaf(id, name)).collect()
}

fn shop(services: usize, each: usize) -> Vec<String> {
    (0..services * each)
        .map(|index| format!("team{}.orders.q{}", index / each, index % each))
        .collect()
}

fn prefixes(collapsed: &Collapsed) -> Vec<&str> {
    collapsed.groups.iter().map(|group| group.prefix.as_str()).collect()
}

#[test]
fn few_nodes_are_left_alone() {
    let collapsed = collapse(&leaves(&shop(10, 10)), 150, &BTreeSet::new());
    assert!(collapsed.groups.is_empty());
    assert_eq!(collapsed.shown(), 100);
}

#[test]
fn many_nodes_become_groups_by_prefix() {
    let names = shop(20, 50);
    let leaves = leaves(&names);
    let collapsed = collapse(&leaves, 150, &BTreeSet::new());
    assert!(collapsed.shown() <= 150, "{}", collapsed.shown());
    let group = collapsed.groups.iter().find(|group| group.prefix == "team7.").unwrap();
    assert_eq!((group.label.as_str(), group.members.len()), ("team7.orders.q", 50));
    assert_eq!(collapsed.shown_as.len(), leaves.len());
}

#[test]
fn a_thousand_names_without_a_common_beginning_become_one_group() {
    let names: Vec<String> = (0..1000).map(|id| format!("{id}-x")).collect();
    let leaves = leaves(&names);
    let collapsed = collapse(&leaves, 150, &BTreeSet::new());
    assert_eq!(prefixes(&collapsed), [""]);
    assert_eq!(collapsed.groups[0].members.len(), 1000);
}

#[test]
fn an_opened_group_shows_what_it_holds() {
    let names = shop(20, 50);
    let leaves = leaves(&names);
    let closed = collapse(&leaves, 150, &BTreeSet::new());
    let group = &closed.groups[0];
    let open = collapse(&leaves, 150, &BTreeSet::from([group.id]));
    let is_alone = |member: &usize| open.shown_as[*member] == leaves[*member].id;
    assert!(group.members.iter().all(is_alone));
    assert_eq!(open.groups.len(), closed.groups.len() - 1);
}

#[test]
fn a_pinned_node_is_never_in_a_group_and_families_never_mix() {
    let names = shop(2, 200);
    let mut leaves = leaves(&names);
    leaves[3].pinned = true;
    leaves[9].family = "1 topic";
    let collapsed = collapse(&leaves, 150, &BTreeSet::new());
    assert_eq!(collapsed.shown_as[3], leaves[3].id);
    assert_eq!(collapsed.shown_as[9], leaves[9].id);
}

#[test]
fn a_group_is_as_bad_as_its_worst_member() {
    let names = shop(1, 200);
    let mut leaves = leaves(&names);
    leaves[150].severity = 4;
    let collapsed = collapse(&leaves, 150, &BTreeSet::new());
    assert_eq!(collapsed.groups.iter().map(|group| group.worst).max(), Some(4));
}

#[test]
fn the_order_of_the_nodes_does_not_matter() {
    let names = shop(20, 50);
    let leaves = leaves(&names);
    let mut other: Vec<Leaf<'_>> = leaves.iter().rev().copied().collect();
    other.rotate_left(77);
    let shown_as = |leaves: &[Leaf<'_>]| -> BTreeMap<i64, i64> {
        let collapsed = collapse(leaves, 150, &BTreeSet::new());
        leaves.iter().map(|leaf| leaf.id).zip(collapsed.shown_as).collect()
    };
    assert_eq!(shown_as(&leaves), shown_as(&other));
}

#[test]
fn the_same_name_twice_does_not_loop_for_ever() {
    let leaves: Vec<Leaf<'_>> = (0..300).map(|id| leaf(id, "same")).collect();
    assert_eq!(collapse(&leaves, 150, &BTreeSet::new()).shown(), 1);
}

#[test]
fn a_group_of_thousands_opens_letter_by_letter() {
    let names: Vec<String> = (0..10_000).map(|number| format!("job-{number:05}")).collect();
    let leaves = leaves(&names);
    let closed = collapse(&leaves, 44, &BTreeSet::new());
    assert_eq!(prefixes(&closed), [""]);
    let mut open = BTreeSet::from([closed.groups[0].id]);
    let thousands = collapse(&leaves, 44, &open);
    assert_eq!(thousands.shown(), 10);
    assert_eq!(thousands.groups[7].prefix, "job-07");
    open.insert(thousands.groups[7].id);
    let hundreds = collapse(&leaves, 44, &open);
    assert_eq!(hundreds.shown(), 19);
    let seventh = hundreds.groups.iter().find(|group| group.prefix == "job-077").unwrap();
    open.insert(seventh.id);
    let singles = collapse(&leaves, 44, &open);
    assert_eq!(singles.shown(), 18 + 100);
    assert_eq!(singles.shown_as[7_777], 7_778, "job-07777 is a box of its own");
}

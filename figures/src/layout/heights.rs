//! The height of every item: level with its neighbours, far enough apart, and where it was before.

use super::Spacing;
use super::lanes::{Grid, Item};
use super::separation::{Wish, separate};

/// Sweeps there and back.
const ROUNDS: usize = 12;
/// Rounds in which only one side pulls: rough places, quickly found. Then both pull, until all is level.
const ROUGH_ROUNDS: usize = 3;
/// What has stood somewhere before outweighs everything that pulls.
const KNOWN_WEIGHT: f64 = 1e6;
/// How much an item without neighbours holds on to its place.
const STAY_WEIGHT: f64 = 0.05;

/// The height of each item, at which its edges arrive.
pub(super) fn heights(grid: &Grid, spacing: &Spacing) -> Vec<f64> {
    let pulls = Pulls::of(grid);
    let mut heights = start(grid, spacing);
    let columns = grid.columns.len();
    let both = [&pulls.left, &pulls.right];
    for round in 0..ROUNDS {
        let rough = round < ROUGH_ROUNDS;
        let (rightwards, leftwards) = if rough {
            (&both[..1], &both[1..])
        } else {
            (&both[..], &both[..])
        };
        for column in 0..columns {
            settle(grid, spacing, column, rightwards, &mut heights);
        }
        for column in (0..columns).rev() {
            settle(grid, spacing, column, leftwards, &mut heights);
        }
    }
    heights
}

/// What a line wishes for one of its ends: be level with `end`, moved by `shift`.
#[derive(Clone, Copy)]
struct Pull {
    end: usize,
    shift: f64,
    weight: f64,
}

struct Pulls {
    left: Vec<Vec<Pull>>,
    right: Vec<Vec<Pull>>,
}

impl Pulls {
    fn of(grid: &Grid) -> Pulls {
        let mut pulls = Pulls {
            left: vec![Vec::new(); grid.items.len()],
            right: vec![Vec::new(); grid.items.len()],
        };
        for join in grid.gaps.iter().flatten() {
            // A bend in the middle of a line disturbs more than one at a node.
            let lanes = [join.left, join.right]
                .iter()
                .filter(|item| grid.items[**item].lane.is_some())
                .count();
            let weight = [1.0, 2.0, 8.0][lanes];
            pulls.left[join.right].push(Pull {
                end: join.left,
                shift: grid.drop(join),
                weight,
            });
            pulls.right[join.left].push(Pull {
                end: join.right,
                shift: -grid.drop(join),
                weight,
            });
        }
        pulls
    }
}

/// Every column one below the other around height 0, known items where they were.
fn start(grid: &Grid, spacing: &Spacing) -> Vec<f64> {
    let mut heights = vec![0.0; grid.items.len()];
    for column in 0..grid.columns.len() {
        let items: Vec<usize> = grid.whole_column(column).collect();
        let mut at = 0.0;
        for (slot, &item) in items.iter().enumerate() {
            if slot > 0 {
                at += distance(&grid.items[items[slot - 1]], &grid.items[item], spacing);
            }
            heights[item] = at;
        }
        for item in items {
            heights[item] = grid.items[item].known.unwrap_or(heights[item] - at / 2.0);
        }
    }
    heights
}

fn settle(grid: &Grid, spacing: &Spacing, column: usize, pulls: &[&Vec<Vec<Pull>>], heights: &mut [f64]) {
    let items: Vec<usize> = grid.whole_column(column).collect();
    let mut host = usize::MAX;
    let wishes: Vec<Wish> = items
        .iter()
        .enumerate()
        .map(|(slot, &item)| {
            let before = (slot > 0).then(|| items[slot - 1]);
            let distance = before.map_or(0.0, |before| distance(&grid.items[before], &grid.items[item], spacing));
            let turns = host != usize::MAX && grid.items[host].turning.contains(&item);
            if !turns {
                host = item;
            }
            if let Some(known) = grid.items[item].known {
                return Wish {
                    height: known,
                    weight: KNOWN_WEIGHT,
                    distance,
                };
            }
            let (mut sum, mut weight) = (heights[item] * STAY_WEIGHT, STAY_WEIGHT);
            for pull in pulls.iter().flat_map(|pulls| &pulls[item]) {
                sum += (heights[pull.end] + pull.shift) * pull.weight;
                weight += pull.weight;
            }
            if turns {
                let host_item = &grid.items[host];
                sum += 4.0 * (heights[host] + host_item.below + spacing.row_gap);
                weight += 4.0;
            }
            Wish {
                height: sum / weight,
                weight,
                distance,
            }
        })
        .collect();
    for (item, height) in items.into_iter().zip(separate(&wishes)) {
        heights[item] = height;
    }
}

/// The least distance between two items that stand one above the other.
fn distance(upper: &Item, lower: &Item, spacing: &Spacing) -> f64 {
    let gap = match (&upper.lane, &lower.lane) {
        (Some(_), Some(_)) => 0.0,
        (None, None) => spacing.row_gap,
        _ => spacing.row_gap / 3.0,
    };
    upper.below + gap + lower.above
}

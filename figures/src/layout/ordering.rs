//! The order of each column from top to bottom, with few crossings.

use super::crossings::crossings;
use super::lanes::Grid;

/// Sweeps there and back; crossings rarely fall after that.
const ROUNDS: usize = 14;
/// Rounds without any gain after which it stops.
const PATIENCE: usize = 4;
/// Above this many items neighbours are not compared pair by pair.
const SWAP_LIMIT: usize = 600;

/// Orders the columns of `grid`. Items with a known height keep their order among each other.
pub(super) fn order(grid: &mut Grid) {
    let ends = Ends::of(grid);
    seed(grid, &ends);
    let mut place = vec![0; grid.items.len()];
    let mut best = count(grid, &mut place);
    let mut best_columns = grid.columns.clone();
    let mut stale = 0;
    let all_known = grid
        .columns
        .iter()
        .flatten()
        .all(|item| grid.items[*item].known.is_some());
    for round in 0..ROUNDS {
        if best == 0 || all_known || stale == PATIENCE {
            break;
        }
        sweep(grid, &ends, &mut place, round % 2 == 0);
        if grid.items.len() <= SWAP_LIMIT {
            swap_neighbours(grid, &ends, &mut place);
        }
        let now = count(grid, &mut place);
        if now < best {
            (best, stale) = (now, 0);
            best_columns.clone_from(&grid.columns);
        } else {
            stale += 1;
        }
    }
    grid.columns = best_columns;
}

/// The other ends of the lines of each item, those of its turning lanes included.
struct Ends {
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
}

impl Ends {
    fn of(grid: &Grid) -> Ends {
        let mut stands_for: Vec<usize> = (0..grid.items.len()).collect();
        for (index, item) in grid.items.iter().enumerate() {
            for &lane in &item.turning {
                stands_for[lane] = index;
            }
        }
        let mut ends = Ends {
            left: vec![Vec::new(); grid.items.len()],
            right: vec![Vec::new(); grid.items.len()],
        };
        for join in grid.gaps.iter().flatten() {
            let (left, right) = (stands_for[join.left], stands_for[join.right]);
            ends.left[right].push(left);
            ends.right[left].push(right);
        }
        ends
    }
}

/// The order to begin with: as it was, what is new beside its known neighbours, the rest as given.
fn seed(grid: &mut Grid, ends: &Ends) {
    let items = &grid.items;
    let height = |item: usize| {
        items[item].known.or_else(|| {
            let known: Vec<f64> = ends.left[item]
                .iter()
                .chain(&ends.right[item])
                .filter_map(|end| items[*end].known)
                .collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        })
    };
    for column in &mut grid.columns {
        column.sort_by(|a, b| {
            let key = |item: &usize| height(*item).unwrap_or(f64::INFINITY);
            key(a).total_cmp(&key(b))
        });
    }
}

/// Orders every column by the mean place of its neighbours in the column before (or after) it.
fn sweep(grid: &mut Grid, ends: &Ends, place: &mut [usize], rightwards: bool) {
    let columns = grid.columns.len();
    for step in 1..columns {
        let (column, ends) = if rightwards {
            (step, &ends.left)
        } else {
            (columns - 1 - step, &ends.right)
        };
        let middle = |item: usize| {
            let ends = &ends[item];
            (!ends.is_empty()).then(|| ends.iter().map(|end| place[*end]).sum::<usize>() as f64 / ends.len() as f64)
        };
        // What has no neighbours there keeps its place.
        let (slots, mut moving): (Vec<usize>, Vec<(f64, usize)>) = grid.columns[column]
            .iter()
            .enumerate()
            .filter_map(|(slot, item)| Some((slot, (middle(*item)?, *item))))
            .unzip();
        moving.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (slot, (_, item)) in slots.into_iter().zip(moving) {
            grid.columns[column][slot] = item;
        }
        keep_known_order(grid, column);
        note_places(grid, column, place);
    }
}

fn keep_known_order(grid: &mut Grid, column: usize) {
    let known = |item: &usize| grid.items[*item].known;
    let (slots, mut items): (Vec<usize>, Vec<(f64, usize)>) = grid.columns[column]
        .iter()
        .enumerate()
        .filter_map(|(slot, item)| Some((slot, (known(item)?, *item))))
        .unzip();
    items.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (slot, (_, item)) in slots.into_iter().zip(items) {
        grid.columns[column][slot] = item;
    }
}

/// Swaps two items that stand one above the other where that saves crossings, until it saves none.
fn swap_neighbours(grid: &mut Grid, ends: &Ends, place: &mut [usize]) {
    for _ in 0..PATIENCE {
        let mut swapped = false;
        for column in 0..grid.columns.len() {
            for slot in 1..grid.columns[column].len() {
                let (upper, lower) = (grid.columns[column][slot - 1], grid.columns[column][slot]);
                if grid.items[upper].known.is_some() && grid.items[lower].known.is_some() {
                    continue;
                }
                let cost = |a: usize, b: usize| {
                    inversions(&ends.left[a], &ends.left[b], place) + inversions(&ends.right[a], &ends.right[b], place)
                };
                if cost(lower, upper) < cost(upper, lower) {
                    grid.columns[column].swap(slot - 1, slot);
                    swapped = true;
                }
            }
            note_places(grid, column, place);
        }
        if !swapped {
            break;
        }
    }
}

/// How many lines of the upper item cross one of the lower item.
fn inversions(upper: &[usize], lower: &[usize], place: &[usize]) -> usize {
    upper
        .iter()
        .map(|up| lower.iter().filter(|low| place[**low] < place[*up]).count())
        .sum()
}

fn note_places(grid: &Grid, column: usize, place: &mut [usize]) {
    for (at, item) in grid.whole_column(column).enumerate() {
        place[item] = at;
    }
}

/// All crossings; also brings `place` up to date.
fn count(grid: &Grid, place: &mut [usize]) -> usize {
    for column in 0..grid.columns.len() {
        note_places(grid, column, place);
    }
    let lines = |gap: &Vec<super::lanes::Join>| -> Vec<(usize, usize)> {
        gap.iter().map(|join| (place[join.left], place[join.right])).collect()
    };
    grid.gaps.iter().map(|gap| crossings(&mut lines(gap))).sum()
}

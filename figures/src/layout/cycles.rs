//! Cycles broken: which edges have to run backwards so that all others can run from left to right.

use super::Course;

/// An edge of one component, by the indices of its nodes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub from: usize,
    pub to: usize,
    pub course: Course,
}

/// For every edge whether it runs backwards. Flow is settled first, so a dead-letter edge gives way to it.
/// Loops on one node run backwards too.
pub(super) fn backwards(count: usize, arcs: &[Arc]) -> Vec<bool> {
    let mut backwards = vec![false; arcs.len()];
    let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); count];
    let flow: Vec<usize> = (0..arcs.len())
        .filter(|arc| arcs[*arc].course == Course::Flow)
        .collect();
    for &arc in &flow {
        outgoing[arcs[arc].from].push(arc);
    }
    depth_first(count, arcs, &flow, &outgoing, &mut backwards);
    for list in &mut outgoing {
        list.retain(|arc| !backwards[*arc]);
    }
    // What flows is now without cycles. Each remaining edge runs forwards unless it closes one.
    for (index, arc) in arcs.iter().enumerate() {
        if arc.course == Course::Aside {
            if reaches(arcs, &outgoing, arc.to, arc.from) {
                backwards[index] = true;
            } else {
                outgoing[arc.from].push(index);
            }
        }
    }
    backwards
}

/// Marks the edges that lead back to a node whose visit has not ended. Starts where nothing flows in.
fn depth_first(count: usize, arcs: &[Arc], flow: &[usize], outgoing: &[Vec<usize>], backwards: &mut [bool]) {
    let mut incoming = vec![0_usize; count];
    for &arc in flow {
        incoming[arcs[arc].to] += 1;
    }
    let mut roots: Vec<usize> = (0..count).collect();
    roots.sort_by_key(|node| incoming[*node].min(1));
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        None,
        Open,
        Done,
    }
    let mut visit = vec![Visit::None; count];
    for root in roots {
        if visit[root] != Visit::None {
            continue;
        }
        visit[root] = Visit::Open;
        // An own stack: a chain of thousands of nodes must not use up the program's.
        let mut stack = vec![(root, 0)];
        while let Some((node, next)) = stack.pop() {
            let Some(&arc) = outgoing[node].get(next) else {
                visit[node] = Visit::Done;
                continue;
            };
            stack.push((node, next + 1));
            let to = arcs[arc].to;
            match visit[to] {
                Visit::Open => backwards[arc] = true,
                Visit::None => {
                    visit[to] = Visit::Open;
                    stack.push((to, 0));
                }
                Visit::Done => {}
            }
        }
    }
}

/// Whether a way leads from `start` to `goal`.
fn reaches(arcs: &[Arc], outgoing: &[Vec<usize>], start: usize, goal: usize) -> bool {
    let mut seen = vec![false; outgoing.len()];
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        if node == goal {
            return true;
        }
        if !std::mem::replace(&mut seen[node], true) {
            open.extend(outgoing[node].iter().map(|arc| arcs[*arc].to));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arcs(flow: &[(usize, usize)], aside: &[(usize, usize)]) -> Vec<Arc> {
        let arc = |course| move |&(from, to): &(usize, usize)| Arc { from, to, course };
        let mut all: Vec<Arc> = aside.iter().map(arc(Course::Aside)).collect();
        all.extend(flow.iter().map(arc(Course::Flow)));
        all
    }

    #[test]
    fn a_retry_cycle_is_broken_at_its_dead_letter_edge() {
        // exchange 0 -> queue 1 -dead letter-> retry queue 2 -dead letter-> exchange 0
        let arcs = arcs(&[(0, 1)], &[(1, 2), (2, 0)]);
        assert_eq!(backwards(3, &arcs), [false, true, false]);
    }

    #[test]
    fn a_graph_without_cycles_keeps_every_edge() {
        let arcs = arcs(&[(0, 1), (1, 2), (0, 2)], &[(2, 3)]);
        assert_eq!(backwards(4, &arcs), [false; 4]);
    }

    #[test]
    fn a_loop_on_one_node_runs_backwards() {
        assert_eq!(backwards(1, &arcs(&[(0, 0)], &[(0, 0)])), [true, true]);
    }

    #[test]
    fn a_cycle_of_flow_loses_one_edge() {
        let arcs = arcs(&[(0, 1), (1, 2), (2, 0)], &[]);
        assert_eq!(backwards(3, &arcs).iter().filter(|backwards| **backwards).count(), 1);
    }
}

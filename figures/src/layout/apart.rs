//! Which of many boxes can be shown without one touching another.

use super::Rect;

/// The positions of the boxes that touch none of those chosen before them; the first come first.
pub fn free_places(boxes: &[Rect]) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    for (at, place) in boxes.iter().enumerate() {
        if !chosen.iter().any(|taken| boxes[*taken].overlaps(*place)) {
            chosen.push(at);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_keeps_its_place() {
        let at = |x: f64| Rect {
            x,
            y: 0.0,
            width: 10.0,
            height: 5.0,
        };
        assert_eq!(
            free_places(&[at(0.0), at(6.0), at(12.0), at(30.0), at(31.0)]),
            [0, 2, 3]
        );
        assert_eq!(free_places(&[]), Vec::<usize>::new());
    }
}

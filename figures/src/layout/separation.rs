//! Wished heights made true as far as the things keep their order and their distances.

/// Something in a column: where it would like to be, how much that counts, and the room it needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub height: f64,
    pub weight: f64,
    /// The least distance from the one before it.
    pub distance: f64,
}

/// The heights with the smallest weighted sum of squared deviations from the wishes. Linear: pool adjacent violators.
pub(super) fn separate(wishes: &[Wish]) -> Vec<f64> {
    // With the distances taken off, "far enough apart" becomes "not decreasing".
    struct Block {
        sum: f64,
        weight: f64,
        members: usize,
    }
    let mut blocks: Vec<Block> = Vec::with_capacity(wishes.len());
    let mut offset = 0.0;
    for (index, wish) in wishes.iter().enumerate() {
        if index > 0 {
            offset += wish.distance;
        }
        let mut block = Block {
            sum: (wish.height - offset) * wish.weight,
            weight: wish.weight,
            members: 1,
        };
        while let Some(before) = blocks.pop_if(|before| before.sum / before.weight >= block.sum / block.weight) {
            block.sum += before.sum;
            block.weight += before.weight;
            block.members += before.members;
        }
        blocks.push(block);
    }
    let mut heights = Vec::with_capacity(wishes.len());
    let mut offset = 0.0;
    for block in blocks {
        let level = block.sum / block.weight;
        for _ in 0..block.members {
            if !heights.is_empty() {
                offset += wishes[heights.len()].distance;
            }
            heights.push(level + offset);
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(height: f64, weight: f64) -> Wish {
        let distance = 10.0;
        Wish {
            height,
            weight,
            distance,
        }
    }

    #[test]
    fn wishes_far_enough_apart_come_true() {
        assert_eq!(separate(&[wish(0.0, 1.0), wish(50.0, 1.0)]), [0.0, 50.0]);
    }

    #[test]
    fn two_that_wish_the_same_height_share_the_way() {
        assert_eq!(separate(&[wish(0.0, 1.0), wish(0.0, 1.0)]), [-5.0, 5.0]);
    }

    #[test]
    fn the_heavier_one_moves_less() {
        assert_eq!(separate(&[wish(0.0, 9.0), wish(0.0, 1.0)]), [-1.0, 9.0]);
    }

    #[test]
    fn order_is_kept_against_the_wishes() {
        assert_eq!(separate(&[wish(100.0, 1.0), wish(0.0, 1.0)]), [45.0, 55.0]);
    }
}

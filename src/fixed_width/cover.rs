//! Sets of pieces, and whether every small set is inside a block's.

/// A set of piece numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// No piece of `count`.
    pub fn none(count: usize) -> Bits {
        Bits(vec![0; count.div_ceil(64)])
    }

    /// Every piece of `count`.
    pub fn all(count: usize) -> Bits {
        let mut bits = Bits::none(count);
        (0..count).for_each(|piece| bits.insert(piece));
        bits
    }

    /// Adds a piece.
    pub fn insert(&mut self, piece: usize) {
        self.0[piece / 64] |= 1 << (piece % 64);
    }

    /// Takes a piece away.
    pub fn remove(&mut self, piece: usize) {
        self.0[piece / 64] &= !(1 << (piece % 64));
    }

    /// Whether a piece is in the set.
    pub fn contains(&self, piece: usize) -> bool {
        self.0[piece / 64] >> (piece % 64) & 1 == 1
    }

    /// Whether all pieces of another set are in this one.
    pub fn includes(&self, other: &Bits) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| b & !a == 0)
    }

    /// The pieces in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let in_word = |(word, bits): (usize, &u64)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(word * 64 + bit)
            })
        };
        self.0.iter().enumerate().flat_map(in_word)
    }

    /// The number of pieces.
    pub fn len(&self) -> usize {
        self.0.iter().map(|x| x.count_ones() as usize).sum()
    }

    fn unite(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
}

/// The lexicographically first set of `width` of `count` pieces (of fewer, if there are not so many) that is in no block's set; `None` if there is none.
pub fn uncovered(blocks: &[&Bits], count: usize, width: usize) -> Option<Vec<usize>> {
    uncovered_in(blocks, &Bits::all(count), width.min(count))
}

/// The same among sets of `k` pieces of `allowed`, for blocks that contain the pieces chosen already.
fn uncovered_in(blocks: &[&Bits], allowed: &Bits, k: usize) -> Option<Vec<usize>> {
    if blocks.iter().any(|block| block.includes(allowed)) {
        return None;
    }
    if k <= 1 {
        let mut union = Bits(vec![0; allowed.0.len()]);
        blocks.iter().for_each(|block| union.unite(block));
        let missing = allowed.iter().find(|&piece| !union.contains(piece));
        return match missing {
            Some(piece) if k == 1 => Some(vec![piece]),
            _ => blocks.is_empty().then(Vec::new),
        };
    }
    let mut rest = allowed.clone();
    for piece in allowed.iter() {
        rest.remove(piece);
        let with: Vec<&Bits> = blocks
            .iter()
            .copied()
            .filter(|block| block.contains(piece))
            .collect();
        if let Some(mut set) = uncovered_in(&with, &rest, k - 1) {
            set.insert(0, piece);
            return Some(set);
        }
    }
    blocks.is_empty().then(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use itertools::Itertools;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_is_uncovered_exactly_if_no_block_has_it(
            masks in prop::collection::vec(0u64..128, 0..8),
            width in 1usize..5,
        ) {
            let blocks: Vec<Bits> = masks.iter().map(|mask| Bits(vec![*mask])).collect();
            let blocks: Vec<&Bits> = blocks.iter().collect();
            let is_covered = |set: &[usize]| {
                blocks.iter().any(|block| set.iter().all(|&piece| block.contains(piece)))
            };
            let every = (0..=width).flat_map(|k| (0..7).combinations(k)).all(|set| is_covered(&set));
            match uncovered(&blocks, 7, width) {
                None => prop_assert!(every),
                Some(set) => {
                    prop_assert!(set.len() <= width && !is_covered(&set), "{:?}", set);
                }
            }
        }
    }
}

#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;
use crate::error::DEFAULTS;

/// Whether a set is in a block, from the definition.
fn is_in_a_block(blocks: &[Vec<usize>], set: &[usize]) -> bool {
    blocks.iter().any(|block| set.iter().all(|piece| block.contains(piece)))
}

/// All subsets of the pieces with at most `most` members.
fn sets(pieces: usize, most: usize) -> Vec<Vec<usize>> {
    (0..1usize << pieces)
        .filter(|mask| mask.count_ones() as usize <= most)
        .map(|mask| (0..pieces).filter(|piece| mask >> piece & 1 == 1).collect())
        .collect()
}

fn table(blocks: &[Vec<usize>], pieces: usize) -> Table {
    let mut columns = vec![vec![0; blocks.len().div_ceil(64)]; pieces];
    for (number, block) in blocks.iter().enumerate() {
        for &piece in block {
            columns[piece][number / 64] |= 1 << (number % 64);
        }
    }
    Table { columns, blocks: blocks.len() }
}

/// What the table says, with a limit on the sets.
fn uncovered(blocks: &[Vec<usize>], pieces: usize, width: usize, limit: u64) -> Result<Option<Vec<usize>>, CheckError> {
    let mut limits = DEFAULTS;
    limits[Limit::Sets as usize] = limit;
    let mut lines = Lines::new(&b"end\n"[..], &limits);
    let line = lines.begin("end").unwrap();
    table(blocks, pieces).uncovered(width, &line)
}

#[test]
fn a_set_is_uncovered_exactly_if_no_block_has_it() {
    let mut state = 1u64;
    let mut draw = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let (mut yes, mut no) = (0, 0);
    for _ in 0..3000 {
        let pieces = 1 + draw(6) as usize;
        let width = 1 + draw(4) as usize;
        let density = 1 + draw(5);
        // Now and then more blocks than a machine word has bits.
        let count = if draw(4) == 0 { 60 + draw(10) } else { 1 + draw(12) };
        let blocks: Vec<Vec<usize>> = (0..count).map(|_| (0..pieces).filter(|_| draw(6) < density).collect()).collect();
        let every = sets(pieces, width).iter().all(|set| is_in_a_block(&blocks, set));
        match uncovered(&blocks, pieces, width, u64::MAX).unwrap() {
            None => {
                yes += 1;
                assert!(every, "{blocks:?} {pieces} {width}");
            }
            Some(set) => {
                no += 1;
                assert!(set.len() <= width && !is_in_a_block(&blocks, &set), "{blocks:?} {width}: {set:?}");
                assert!(set.windows(2).all(|pair| pair[0] < pair[1]), "{set:?}");
            }
        }
    }
    assert!(yes > 300 && no > 300, "{yes} {no}");
}

#[test]
fn a_path_may_be_as_long_as_there_are_pieces() {
    // Block i has all pieces but i: every set but that of all pieces is in a block.
    let pieces = 3000;
    let blocks: Vec<Vec<usize>> = (0..pieces).map(|i| (0..pieces).filter(|piece| *piece != i).collect()).collect();
    let found = uncovered(&blocks, pieces, usize::MAX, u64::MAX).unwrap().unwrap();
    assert_eq!(found, (0..pieces).collect::<Vec<usize>>());
    assert_eq!(uncovered(&blocks, pieces, 2, u64::MAX), Ok(None));
}

#[test]
fn the_sets_that_are_looked_up_are_counted() {
    // No block has piece 0, 1, 2 and all later ones, so each set of two is looked up: 4 + 6 (sets that begin with the last piece are covered by `later`).
    let blocks = vec![vec![0, 1], vec![0, 2], vec![0, 3], vec![1, 2], vec![1, 3], vec![2, 3]];
    let needed = (0..30).find(|&limit| uncovered(&blocks, 4, 2, limit).is_ok());
    assert_eq!(needed, Some(4 + 3 + 2));
    assert_eq!(uncovered(&blocks, 4, 2, 30), Ok(None));
    // One look-up for each 64 blocks.
    let many: Vec<Vec<usize>> = blocks.iter().cycle().take(65).cloned().collect();
    assert_eq!((0..60).find(|&limit| uncovered(&many, 4, 2, limit).is_ok()), Some(2 * (4 + 3 + 2)));
}

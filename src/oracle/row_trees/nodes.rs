//! The nodes of trees of rows.

use std::sync::Arc;

use super::halves::Half;
use crate::oracle::quadratic::leaf::{Fixed, Multipliers, Unit};
use crate::oracle::quartic::search::Proof;
use crate::oracle::quartic::start::Warm;

/// What a node is split by.
#[derive(Clone, Debug, PartialEq)]
pub enum Divider {
    /// The sign of a class: first where it is ≥ 0, then where it is ≤ 0.
    Class(u32),
    /// A half-space, then the other one.
    Half(Arc<Half>),
}

/// A node of a tree of rows.
#[derive(Clone, Debug)]
pub enum RowNode {
    /// Two regions.
    Split {
        /// What divides them.
        by: Divider,
        /// Index of the first child; the other one is the next.
        child: u32,
    },
    /// A leaf.
    Leaf(Box<RowLeaf>),
}

/// A leaf of a tree of rows, in floats.
#[derive(Clone, Debug)]
pub struct RowLeaf {
    /// 0 for `+F_v`, 1 for `−F_v`.
    pub sign: u8,
    /// The classes whose sign is fixed.
    pub fixed: Fixed,
    /// The half-spaces on the way, with +1 where it is the first child and −1 where it is the second.
    pub halves: Vec<(Arc<Half>, f64)>,
    /// The multipliers of `bound`.
    pub multipliers: Multipliers,
    /// The point of the central path that the next solution starts from.
    pub(super) warm: Multipliers,
    /// Its level of smoothing.
    pub(super) level: f64,
    /// The bound at the vector looked at last; infinite if there is none yet.
    pub bound: f64,
    /// Whether it was solved since it was made.
    pub(super) solved: bool,
    /// A quartic bound, which then is the better one, and for which vector.
    pub quartic: Option<Proof>,
    /// The inequality of the last quartic relaxation of this region.
    pub(super) seen: Option<Arc<Seen>>,
    /// Where the next one may begin.
    pub(super) ready: Option<Arc<Warm>>,
}

/// What the last relaxation of a region said: about its bound at v, to first order, `g·v + offset`.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub g: Vec<f64>,
    pub offset: f64,
}

impl RowLeaf {
    /// The whole sphere.
    pub fn root(sign: u8, unit: &Unit) -> RowLeaf {
        RowLeaf {
            sign,
            fixed: Vec::new(),
            halves: Vec::new(),
            multipliers: Multipliers::new(unit),
            warm: Multipliers::new(unit),
            level: 1.0,
            bound: f64::INFINITY,
            solved: false,
            quartic: None,
            seen: None,
            ready: None,
        }
    }

    /// One side of a split.
    pub fn part(&self, by: &Divider, side: f64) -> RowLeaf {
        let mut part = self.clone();
        match by {
            Divider::Class(class) => part.fixed.push((*class, side)),
            Divider::Half(half) => part.halves.push((half.clone(), side)),
        }
        part.solved = false;
        part.seen = None;
        part.ready = None;
        part
    }
}

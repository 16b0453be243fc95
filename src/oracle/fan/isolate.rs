//! Every direction at the top, not only the first one found.

use super::{BATCH, Cone, Incumbent, Node, Progress, Search, dot};

/// Directions near every maximum above a level. Floats.
pub struct Isolated {
    /// A direction for each cone that may hold one; many of them lead to the same maximum.
    pub candidates: Vec<Incumbent>,
    /// Whether the rest of the sphere was closed below the level: `false` if the caller or a limit stopped the search.
    pub complete: bool,
}

/// Cosine of the angle from which a cone counts as one direction.
const NARROW: f64 = 1.0 - 0.5e-8;

impl Search<'_> {
    /// Splits on until no cone above the target is left but those where `F_v` is concave (its maximum on them is unique), or that are narrower than `1e-4`.
    ///
    /// Where `F_v` has a maximum no convex class changes its sign, so cones around it become concave in the end.
    pub fn isolate(
        mut self,
        max_leaves: usize,
        keep_going: &mut dyn FnMut(&Progress) -> bool,
    ) -> Isolated {
        let mut candidates = Vec::new();
        let mut complete = true;
        while !self.open.is_empty() {
            let progress = Progress {
                bound: self.bound(),
                incumbent: self.incumbent.as_ref().map_or(0.0, |i| i.value),
                open: self.open.len(),
                leaves: self.leaves,
            };
            if !keep_going(&progress) || self.leaves >= max_leaves {
                complete = false;
                break;
            }
            let mut parents = Vec::with_capacity(BATCH);
            while parents.len() < BATCH {
                let Some((_, cone)) = self.open.pop_last() else {
                    break;
                };
                self.open_bytes -= cone.bytes();
                if self.is_concave(&cone) || self.is_narrow(&cone) {
                    candidates.extend(self.candidate(&cone));
                } else {
                    parents.push(cone);
                }
            }
            let children = self.split_all(parents);
            self.bound_and_insert(children);
        }
        let rest: Vec<Incumbent> = self
            .open
            .values()
            .filter_map(|c| self.candidate(c))
            .collect();
        candidates.extend(rest);
        Isolated {
            candidates,
            complete,
        }
    }

    fn is_concave(&self, cone: &Cone) -> bool {
        let weight = &self.forms[cone.sign as usize].weight;
        !cone.mixed.iter().any(|c| weight[*c as usize] > 0.0)
    }

    fn is_narrow(&self, cone: &Cone) -> bool {
        let dim = self.rows.dim;
        let all: Vec<&[f64]> = cone.generators.chunks_exact(dim).collect();
        all.iter().all(|g| all.iter().all(|h| dot(g, h) > NARROW))
    }

    /// The direction of the cone's support vector: where its bound is reached.
    fn candidate(&self, cone: &Cone) -> Option<Incumbent> {
        let Node::Leaf(leaf) = &self.tree[cone.node as usize] else {
            return None;
        };
        let size = super::norm(&leaf.q);
        if !(size > 0.0 && size.is_finite()) {
            return None;
        }
        let u: Vec<f64> = leaf.q.iter().map(|x| x / size).collect();
        let value = self.forms[cone.sign as usize].value(self.rows, &u);
        Some(Incumbent {
            u,
            value,
            sign: cone.sign,
        })
    }
}

//! A cell as the enumeration meets it: its signs, and a point inside when asked.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::exact::{Int, Signs, primitive};
use super::hyperplanes::Arrangement;

/// How the enumeration reached a cell: vertices of nested arrangements, from the whole to the rows through a vertex, through an edge, ….
#[derive(Debug, Default)]
pub(super) struct Site {
    /// Functionals of the flag and first rows that the nested arrangements are restricted to; see `enumerate`.
    pub sections: Vec<u32>,
    /// For each nested arrangement: the number of its sections, its first row, a basis of the flat through the vertex, and the side
    /// of the first row on which the vertex is taken.
    pub vertices: Vec<Vertex>,
    /// The number of nested arrangements.
    pub depth: usize,
}

#[derive(Debug, Default)]
pub(super) struct Vertex {
    pub sections: usize,
    pub first: u32,
    pub basis: Vec<u32>,
    pub side: i8,
}

/// A full-dimensional cell.
pub struct Cell<'a> {
    pub(super) arrangement: &'a Arrangement,
    pub(super) rows: &'a Signs,
    pub(super) site: &'a Site,
    pub(super) words: &'a [u64],
    pub(super) negated: bool,
}

impl Cell<'_> {
    /// The sign vector as bits: hyperplane i is bit `i % 64` of word `i / 64`, set where its normal is positive on the cell. Bits beyond
    /// the last hyperplane are 0.
    pub fn words(&self) -> &[u64] {
        self.words
    }

    /// Whether the normal of hyperplane `i` is positive on the cell.
    pub fn positive(&self, i: usize) -> bool {
        self.words[i / 64] >> (i % 64) & 1 == 1
    }

    /// The signs of the data rows on the cell: 1, −1, and 0 for zero rows.
    pub fn row_signs(&self) -> impl Iterator<Item = i8> + '_ {
        (0..self.arrangement.rows()).map(|row| match self.arrangement.hyperplane_of(row) {
            None => 0,
            Some((class, up)) if self.positive(class) == up => 1,
            Some(_) => -1,
        })
    }

    /// A point strictly inside the cell, in the coordinates of the data: a primitive integer vector. Exact.
    ///
    /// The cell lies at a vertex; among the rows through the vertex, at an edge; and so on. The point is a combination of the vertices of
    /// this chain, each weighted enough to outweigh the later ones.
    pub fn interior_point(&self) -> Vec<BigInt> {
        let arrangement = self.arrangement;
        let normals = &arrangement.normals;
        let mut point = vec![BigInt::zero(); arrangement.rank()];
        for (level, vertex) in self.site.vertices[..self.site.depth]
            .iter()
            .enumerate()
            .rev()
        {
            let sections = &self.site.sections[..vertex.sections];
            if level + 1 == self.site.depth {
                point = self.local(sections, vertex);
            }
            let Some(mut ray) = self
                .rows
                .ray(sections.iter().chain(&vertex.basis).copied(), vertex.first)
            else {
                unreachable!("the rows of a vertex are a basis of its flat");
            };
            if vertex.side < 0 {
                ray.iter_mut().for_each(|x| *x = -&*x);
            }
            // point ← N·ray + point, N large enough that the rows with a sign on the ray keep it.
            let mut weight = BigInt::zero();
            for row in normals {
                let (on_ray, on_point) = (BigInt::dot(row, &ray), BigInt::dot(row, &point));
                if (on_ray.is_positive() && on_point.is_negative())
                    || (on_ray.is_negative() && on_point.is_positive())
                {
                    weight = weight.max(on_point.abs().div_floor(&on_ray.abs()));
                }
            }
            weight += BigInt::one();
            for (x, y) in point.iter_mut().zip(&ray) {
                *x += &weight * y;
            }
        }
        primitive(&mut point);
        if self.negated {
            point.iter_mut().for_each(|x| *x = -&*x);
        }
        arrangement.lift(point)
    }

    /// A direction from a simple vertex into the cell: the sum of its edges.
    fn local(&self, sections: &[u32], vertex: &Vertex) -> Vec<BigInt> {
        let mut sum = vec![BigInt::zero(); self.arrangement.rank()];
        for (k, &row) in vertex.basis.iter().enumerate() {
            let others = vertex.basis[..k].iter().chain(&vertex.basis[k + 1..]);
            let edge = sections
                .iter()
                .chain([&vertex.first])
                .chain(others)
                .copied();
            let Some(mut edge) = self.rows.ray(edge, row) else {
                unreachable!("a simple vertex has an edge without each of its rows");
            };
            if self.positive(row as usize) == self.negated {
                edge.iter_mut().for_each(|x| *x = -&*x);
            }
            for (s, x) in sum.iter_mut().zip(edge) {
                *s += x;
            }
        }
        sum
    }
}

//! A search as bytes, and back: for `--checkpoint` and `--resume`.
//!
//! Only the tree is kept. Open cones are rebuilt from their paths and bounded anew, so a resumed search goes on from the same tree; its open cones may differ from those of
//! an uninterrupted search in the last digits of their bounds.

use super::fan::{Leaf, Node};

/// Appends little-endian values to a buffer.
pub struct Writer<'a>(pub &'a mut Vec<u8>);

impl Writer<'_> {
    /// A byte.
    pub fn u8(&mut self, x: u8) {
        self.0.push(x);
    }
    /// Four bytes.
    pub fn u32(&mut self, x: u32) {
        self.0.extend_from_slice(&x.to_le_bytes());
    }
    /// Eight bytes.
    pub fn u64(&mut self, x: u64) {
        self.0.extend_from_slice(&x.to_le_bytes());
    }
    /// The bits of a float.
    pub fn f64(&mut self, x: f64) {
        self.u64(x.to_bits());
    }
    /// A length and the bytes.
    pub fn bytes(&mut self, x: &[u8]) {
        self.u64(x.len() as u64);
        self.0.extend_from_slice(x);
    }
    /// A length and the floats.
    pub fn floats(&mut self, x: &[f64]) {
        self.u64(x.len() as u64);
        x.iter().for_each(|x| self.f64(*x));
    }
}

/// Takes little-endian values from a buffer; `None` past its end.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    /// A byte.
    pub fn u8(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }
    /// Four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
    /// Eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
    /// The bits of a float.
    pub fn f64(&mut self) -> Option<f64> {
        Some(f64::from_bits(self.u64()?))
    }
    /// A length and the bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.u64()?).ok()?;
        self.take(n)
    }
    /// A length and the floats.
    pub fn floats(&mut self) -> Option<Vec<f64>> {
        let n = usize::try_from(self.u64()?).ok()?;
        if n > self.0.len() / 8 {
            return None;
        }
        (0..n).map(|_| self.f64()).collect()
    }
}

/// Appends a tree.
pub fn write_tree(tree: &[Node], out: &mut Vec<u8>) {
    let mut w = Writer(out);
    w.u64(tree.len() as u64);
    for node in tree {
        match node {
            Node::Split { j, k, a, b, child } => {
                w.u8(0);
                w.u8(*j);
                w.u8(*k);
                w.u32(*a);
                w.u32(*b);
                w.u32(*child);
            }
            Node::Leaf(leaf) => {
                w.u8(1);
                w.f64(leaf.bound);
                w.floats(&leaf.q);
                w.u64(leaf.exceptions.len() as u64);
                for (c, slope) in &leaf.exceptions {
                    w.u32(*c);
                    w.f64(*slope);
                }
            }
        }
    }
}

/// Takes a tree with `dim` generators a cone; `None` if the bytes are not one.
pub fn read_tree(r: &mut Reader, dim: usize, classes: usize, roots: usize) -> Option<Vec<Node>> {
    let count = usize::try_from(r.u64()?).ok()?;
    if count > r.0.len() || count < roots {
        return None;
    }
    let mut tree = Vec::with_capacity(count);
    let mut next_child = roots;
    for index in 0..count {
        tree.push(match r.u8()? {
            0 => {
                let (j, k, a, b, child) = (r.u8()?, r.u8()?, r.u32()?, r.u32()?, r.u32()?);
                let good = (j as usize) < dim && (k as usize) < dim && j != k && a > 0 && b > 0;
                // Children come later than their parent and in pairs, so the tree is a tree.
                if !good || (child as usize) <= index || child as usize + 1 >= count {
                    return None;
                }
                next_child += 2;
                Node::Split { j, k, a, b, child }
            }
            1 => {
                let bound = r.f64()?;
                let q = r.floats()?;
                let n = usize::try_from(r.u64()?).ok()?;
                if q.len() != dim || n > classes || !q.iter().all(|x| x.is_finite()) {
                    return None;
                }
                let exceptions = (0..n)
                    .map(|_| {
                        let (c, slope) = (r.u32()?, r.f64()?);
                        ((c as usize) < classes && slope.abs() <= 1.0).then_some((c, slope))
                    })
                    .collect::<Option<Vec<_>>>()?;
                Node::Leaf(Leaf {
                    q: q.into(),
                    exceptions: exceptions.into(),
                    bound,
                })
            }
            _ => return None,
        });
    }
    let mut used = vec![false; count];
    for node in &tree {
        if let Node::Split { child, .. } = node {
            for c in [*child as usize, *child as usize + 1] {
                if c < roots || std::mem::replace(&mut used[c], true) {
                    return None;
                }
            }
        }
    }
    (next_child == count).then_some(tree)
}

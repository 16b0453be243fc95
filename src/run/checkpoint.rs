//! `--checkpoint` and `--resume`: the state of a long run in a file.

use std::io;
use std::path::Path;
use std::sync::Arc;

use num_bigint::{BigInt, Sign};
use sha2::{Digest, Sha256};

use crate::exact::Rat;
use crate::files;
use crate::oracle::fan::Node;
use crate::oracle::row_trees::halves::Half;
use crate::oracle::row_trees::nodes::Divider;
use crate::oracle::saved::{Reader, Writer, read_tree, write_tree};
use crate::program::model::{Neuron, State};
use crate::prove::dual::Dual;

const MAGIC: &[u8] = b"relucert-checkpoint 4\n";

/// What a checkpoint holds.
pub struct Checkpoint {
    /// The network found so far.
    pub state: State,
    /// The search.
    pub saved: Saved,
}

/// A search that goes on.
pub enum Saved {
    /// A fan: the exact dual vector whose bound is being proved, the slack of the target `β(1 + slack)`, and the tree.
    Fan(Dual, f64, Vec<Node>),
    /// The splits of trees of rows: node, and what it is split by; and the best vector so far in floats, empty if there is none.
    Rows(Vec<(u32, Divider)>, Vec<f64>),
}

/// A search to be saved; borrowed, for it is large.
pub enum Trees<'a> {
    /// As in [`Saved::Fan`].
    Fan {
        /// The dual vector.
        dual: &'a Dual,
        /// The slack.
        slack: f64,
        /// The tree.
        tree: &'a [Node],
    },
    /// As in [`Saved::Rows`].
    Rows(&'a [(u32, Divider)], &'a [f64]),
}

fn integer(w: &mut Writer, x: &BigInt) {
    w.bytes(&x.to_signed_bytes_le());
}

fn read_integer(r: &mut Reader) -> Option<BigInt> {
    Some(BigInt::from_signed_bytes_le(r.bytes()?))
}

/// Writes a checkpoint atomically.
///
/// # Errors
///
/// What the file system says.
pub fn save(path: &Path, statement: &str, state: &State, trees: &Trees) -> io::Result<()> {
    let mut out = MAGIC.to_vec();
    let mut w = Writer(&mut out);
    w.bytes(statement.as_bytes());
    w.floats(&state.constants);
    w.u64(state.neurons.len() as u64);
    for neuron in &state.neurons {
        w.f64(neuron.sign);
        w.floats(&neuron.p);
    }
    match trees {
        Trees::Fan { dual, slack, tree } => {
            w.u8(0);
            w.u64(dual.v.len() as u64);
            for v in &dual.v {
                integer(&mut w, v);
            }
            integer(&mut w, dual.unit.numer());
            integer(&mut w, dual.unit.denom());
            w.u8(u8::from(dual.exact));
            w.f64(*slack);
            write_tree(tree, &mut out);
        }
        Trees::Rows(splits, v) => {
            w.u8(1);
            w.floats(v);
            w.u64(splits.len() as u64);
            for (node, by) in *splits {
                w.u64(u64::from(*node));
                match by {
                    Divider::Class(class) => {
                        w.u8(0);
                        w.u64(u64::from(*class));
                    }
                    Divider::Half(half) => {
                        w.u8(1);
                        for x in half.a.iter().chain([&half.c]) {
                            w.u64(x.cast_unsigned());
                        }
                    }
                }
            }
        }
    }
    let digest = Sha256::digest(&out);
    files::write_atomically(path, |file| {
        file.write_all(&out)?;
        file.write_all(&digest)
    })
}

/// Reads a checkpoint for a problem with these sizes.
///
/// # Errors
///
/// A sentence that says what is wrong with the file.
pub fn load(
    path: &Path,
    statement: &str,
    (n, (r, dim), constants, classes, roots): (usize, (usize, usize), usize, usize, usize),
) -> Result<Checkpoint, String> {
    let name = path.display();
    let bytes =
        std::fs::read(path).map_err(|e| {
            format!("cannot read the checkpoint {name}: {e}; leave out --resume to begin anew, and give --checkpoint FILE to keep one")
        })?;
    let damaged = || {
        format!("{name} is not a whole checkpoint of this version: start again without --resume")
    };
    let body = bytes.len().checked_sub(32).ok_or_else(damaged)?;
    let (content, digest) = bytes.split_at(body);
    if Sha256::digest(content).as_slice() != digest {
        return Err(damaged());
    }
    let mut reader = Reader(content.strip_prefix(MAGIC).ok_or_else(damaged)?);
    let saved = reader.bytes().ok_or_else(damaged)?;
    if saved != statement.as_bytes() {
        return Err(format!(
            "the checkpoint {name} belongs to another problem: give the same data, biases, activation and objective as when it was written"
        ));
    }
    let parse = |reader: &mut Reader| -> Option<Checkpoint> {
        let state_constants = reader.floats()?;
        let count = usize::try_from(reader.u64()?).ok()?;
        let mut neurons = Vec::new();
        for _ in 0..count {
            let sign = reader.f64()?;
            let p = reader.floats()?;
            if p.len() != r {
                return None;
            }
            neurons.push(Neuron { sign, p });
        }
        if state_constants.len() != constants {
            return None;
        }
        let state = State {
            neurons,
            constants: state_constants,
        };
        if reader.u8()? == 1 {
            let v = reader.floats()?;
            if !(v.is_empty() || v.len() == n) || v.iter().any(|x| !x.is_finite()) {
                return None;
            }
            let count = reader.u64()?;
            let splits = (0..count)
                .map(|_| {
                    let node = u32::try_from(reader.u64()?).ok()?;
                    let by = match reader.u8()? {
                        0 => Divider::Class(u32::try_from(reader.u64()?).ok()?),
                        _ => {
                            let mut whole = || Some(reader.u64()?.cast_signed());
                            let a = (0..r).map(|_| whole()).collect::<Option<_>>()?;
                            Divider::Half(Arc::new(Half { a, c: whole()? }))
                        }
                    };
                    Some((node, by))
                })
                .collect::<Option<Vec<_>>>()?;
            let saved = Saved::Rows(splits, v);
            return Some(Checkpoint { state, saved });
        }
        let samples = usize::try_from(reader.u64()?).ok()?;
        if samples != n {
            return None;
        }
        let v = (0..samples)
            .map(|_| read_integer(reader))
            .collect::<Option<Vec<_>>>()?;
        let (numer, denom) = (read_integer(reader)?, read_integer(reader)?);
        if denom.sign() != Sign::Plus {
            return None;
        }
        let exact = reader.u8()? == 1;
        let slack = reader.f64()?;
        let tree = read_tree(reader, dim, classes, 2 * roots)?;
        let unit = Rat::new(numer, denom);
        let saved = Saved::Fan(Dual { v, unit, exact }, slack, tree);
        Some(Checkpoint { state, saved })
    };
    parse(&mut reader)
        .filter(|_| reader.0.is_empty())
        .ok_or_else(damaged)
}

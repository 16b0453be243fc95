//! Proofs with splits by half-spaces in which one thing is wrong.
//!
//! They are made from the files `half-spaces-*` of tests/run: those of the line, of the plane and the mixed one are by hand, the other two
//! are random proofs of python/half_space_proofs.py.

use super::cases::file;
use super::{File, gzip, replaced, root};

const LINE: &str = "tests/run/half-spaces-line.proof";
const PLANE: &str = "tests/run/half-spaces-plane.proof";
const MIXED: &str = "tests/run/half-spaces-mixed.proof";
const PRODUCTS: &str = "tests/run/half-spaces-products.proof";
const SPACE: &str = "tests/run/half-spaces-space.proof";
const MIXED_WITH_A_FAN: &str = "fixtures/proofs/rows_and_fan.proof";
const WIDTH: &str = "fixtures/proofs/width_by_hand.proof";

/// (name, proof, old text, which occurs once, new text, reason)
#[rustfmt::skip]
const EDITED: &[(&str, &str, &str, &str, &str)] = &[
    ("half-space-above-a-split-of-a-class-fixed-above", MIXED, "0\n? 0\nf", "0\n? 1\nf", "RowsFixed"),
    ("half-space-after-its-leaf", LINE, "h 0 1\n", "f 1 9 -6 3 0 0 1 2 -2 2\nh 0 1\n", "NotPositive"),
    ("half-space-all-negated", PLANE, "h 1 2 0", "h -1 -2 0", "Semidefinite"),
    ("half-space-among-parts", WIDTH, ". 0\n", "h 0 1\n. 0\n", "RuleTag"),
    ("half-space-constant-alone", PLANE, "h 1 2 0", "h 1", "MissingToken"),
    ("half-space-constant-negated", PLANE, "h 1 2 0", "h -1 2 0", "Semidefinite"),
    ("half-space-constant-one-more", PLANE, "h 1 2 0", "h 2 2 0", "Semidefinite"),
    ("half-space-constant-zero", PLANE, "h 1 2 0", "h 0 2 0", "Semidefinite"),
    ("half-space-coordinates-exchanged", PLANE, "h 1 2 0", "h 1 0 2", "Semidefinite"),
    ("half-space-coordinates-exchanged-in-general", PRODUCTS, "h -2 -2 2", "h -2 2 -2", "Semidefinite"),
    ("half-space-empty-region-claims-too-much", MIXED, "2000 0", "990 0", "Semidefinite"),
    ("half-space-empty-region-is-everything", MIXED, "h -1 0 0", "h 0 0 0", "Semidefinite"),
    ("half-space-empty-region-is-the-other-one", MIXED, "h -1 0 0", "h 1 0 0", "Semidefinite"),
    ("half-space-entry-changed-in-general", PRODUCTS, "h -2 -2 2", "h -2 -2 1", "Semidefinite"),
    ("half-space-first-constant-negated-in-general", PRODUCTS, "h -2 -1 2", "h 2 -1 2", "Semidefinite"),
    ("half-space-in-a-fan", MIXED_WITH_A_FAN, "/ 0 1 1 1", "h 0 1 1", "RuleTag"),
    ("half-space-in-space-coordinates-exchanged", SPACE, "h 2 -2 2 -1", "h 2 -2 -1 2", "Semidefinite"),
    ("half-space-in-space-multipliers-by-columns", SPACE, "2304 0 1152 -576 576 576 288 1152 0 288", "2304 0 576 1152 576 1152 -576 288 0 288", "Semidefinite"),
    ("half-space-in-space-multipliers-of-two-exchanged", SPACE, "288 576 0 288 1152 0 576 0 0 288 2304 0 1152 -576 576 576 288 1152 0 288", "2304 0 1152 -576 576 576 288 1152 0 288 288 576 0 288 1152 0 576 0 0 288", "Semidefinite"),
    ("half-space-in-space-second-turned-round", SPACE, "h -2 -2 1 1", "h 2 2 -1 -1", "Semidefinite"),
    ("half-space-in-version-1", LINE, "relucert-proof 2", "relucert-proof 1", "Word"),
    ("half-space-in-version-1-in-the-plane", PLANE, "relucert-proof 2", "relucert-proof 1", "Word"),
    ("half-space-left-out", LINE, "h 0 1\n", "", "NotPositive"),
    ("half-space-moved-to-the-end", LINE, "h 0 1", "h 1 1", "Semidefinite"),
    ("half-space-multiplier-halved-in-the-middle", PLANE, "2 -2 0 2 0 0\nf", "2 -1 0 2 0 0\nf", "Semidefinite"),
    ("half-space-multiplier-indefinite-in-a-corner", PLANE, "2 -2 0 2 0 0\nf", "2 -2 0 2 0 -1\nf", "Semidefinite"),
    ("half-space-multiplier-indefinite-off-the-diagonal", PLANE, "2 -2 0 2 0 0\nf", "2 -2 1 2 0 0\nf", "Semidefinite"),
    ("half-space-multiplier-missing", LINE, "2 -2 2", "2 -2", "MissingToken"),
    ("half-space-multiplier-missing-in-the-plane", PLANE, "2 -2 0 2 0 0\nf", "2 -2 0 2 0\nf", "MissingToken"),
    ("half-space-multiplier-missing-in-the-second-tree", LINE, "1 1 1\nrows", "1 1\nrows", "MissingToken"),
    ("half-space-multiplier-more", LINE, "2 -2 2", "2 -2 2 0", "NotPositive"),
    ("half-space-multiplier-more-in-the-plane", PLANE, "2 -2 0 2 0 0\nf", "2 -2 0 2 0 0 0\nf", "NotPositive"),
    ("half-space-multiplier-of-a-pivot-zero", LINE, "2 -2 2", "0 -2 2", "Semidefinite"),
    ("half-space-multiplier-one-less", LINE, "2 -2 2", "2 -2 1", "Semidefinite"),
    ("half-space-multiplier-one-more", LINE, "2 -2 2", "2 -2 3", "Semidefinite"),
    ("half-space-multiplier-one-unit-less-in-general", PRODUCTS, "576 1152 1152 2304 2304 2304", "576 1152 1152 2304 2304 2303", "Semidefinite"),
    ("half-space-multiplier-one-unit-more-in-general", PRODUCTS, "2304 -2304 -2304 2304 2304 2304", "2304 -2304 -2304 2304 2304 2305", "Semidefinite"),
    ("half-space-multiplier-steeper", LINE, "2 -2 2", "2 -3 2", "Semidefinite"),
    ("half-space-multipliers-as-rows-of-a-full-matrix", LINE, "2 -2 2", "2 -2 -2 2", "Semidefinite"),
    ("half-space-multipliers-by-columns", PLANE, "2 -2 0 2 0 0\nf", "2 -2 2 0 0 0\nf", "Semidefinite"),
    ("half-space-multipliers-by-columns-in-general", PRODUCTS, "2304 0 -2304 0 0 2304", "2304 0 0 -2304 0 2304", "Semidefinite"),
    ("half-space-multipliers-halved", LINE, "2 -2 2", "1 -1 1", "Semidefinite"),
    ("half-space-multipliers-in-a-quadratic-leaf", MIXED, "e 10 0 0 0 0\n? 0", "e 10 0 0 0 0 0 0 0 0 0 0\n? 0", "NotPositive"),
    ("half-space-multipliers-missing", LINE, " 2 -2 2", "", "MissingToken"),
    ("half-space-multipliers-missing-in-the-second-tree", LINE, " 1 1 1\nrows", "\nrows", "MissingToken"),
    ("half-space-multipliers-negative", LINE, "2 -2 2", "-2 2 -2", "Semidefinite"),
    ("half-space-multipliers-negative-in-the-second-tree", LINE, " 1 1 1\nrows", " -1 -1 -1\nrows", "Semidefinite"),
    ("half-space-multipliers-of-another-tree", LINE, "2 -2 2", "1 1 1", "Semidefinite"),
    ("half-space-multipliers-of-one-half-space-of-two", MIXED, "0 0 0 0 0 0 2 -2 0 2 0 0\n? 0", "2 -2 0 2 0 0\n? 0", "MissingToken"),
    ("half-space-multipliers-of-other-coordinates", PLANE, "2 -2 0 2 0 0\nf", "2 0 -2 0 0 2\nf", "Semidefinite"),
    ("half-space-multipliers-of-the-mirror-image", PLANE, "2 -2 0 2 0 0\nf", "2 2 0 2 0 0\nf", "Semidefinite"),
    ("half-space-multipliers-twice", LINE, "2 -2 2", "2 -2 2 2 -2 2", "NotPositive"),
    ("half-space-multipliers-without-the-middle", LINE, "2 -2 2", "2 0 2", "Semidefinite"),
    ("half-space-multipliers-zero", LINE, "2 -2 2", "0 0 0", "Semidefinite"),
    ("half-space-multipliers-zero-in-the-plane", PLANE, "2 -2 0 2 0 0\nf", "0 0 0 0 0 0\nf", "Semidefinite"),
    ("half-space-multipliers-zero-in-the-second-tree", LINE, " 1 1 1\nrows", " 0 0 0\nrows", "Semidefinite"),
    ("half-space-normal-negated", PLANE, "h 1 2 0", "h 1 -2 0", "Semidefinite"),
    ("half-space-number-missing", PLANE, "h 1 2 0", "h 1 2", "MissingToken"),
    ("half-space-number-no-integer", PLANE, "h 1 2 0", "h 1 2 -0", "Integer"),
    ("half-space-number-too-many", PLANE, "h 1 2 0", "h 1 2 0 0", "ExtraToken"),
    ("half-space-of-nothing", PLANE, "h 1 2 0", "h 0 0 0", "Semidefinite"),
    ("half-space-of-nothing-on-the-line", LINE, "h 0 1", "h 0 0", "Semidefinite"),
    ("half-space-other-half-space-of-two", MIXED, "0 0 0 0 0 0 2 -2 0 2 0 0\n? 0", "2 -2 0 2 0 0 0 0 0 0 0 0\n? 0", "Semidefinite"),
    ("half-space-product-of-a-class-that-is-not-fixed", PLANE, "2 -2 0 2 0 0\nf", "2 -2 0 2 0 0 1 1 0 1\nf", "ProductClass"),
    ("half-space-second-tree-missing", LINE, "f 1 5 2 3 0 0 2 1 1 1\n", "", "RuleTag"),
    ("half-space-third-tree", LINE, "f 1 5 2 3 0 0 2 1 1 1\n", "f 1 5 2 3 0 0 2 1 1 1\nf 1 5 2 3 0 0 2 1 1 1\n", "Word"),
    ("half-space-trees-exchanged", LINE, "f 1 9 -6 3 0 0 1 2 -2 2\nf 1 5 2 3 0 0 2 1 1 1", "f 1 5 2 3 0 0 2 1 1 1\nf 1 9 -6 3 0 0 1 2 -2 2", "Semidefinite"),
    ("half-space-turned-round", LINE, "h 0 1", "h 0 -1", "Semidefinite"),
    ("half-space-twice", LINE, "h 0 1", "h 0 1\nh 0 1", "MissingToken"),
    ("half-space-twice-as-far", LINE, "h 0 1", "h 0 2", "Semidefinite"),
    ("half-space-two-in-the-wrong-order", PRODUCTS, "0 0 0 0 0 0 2304 0 -2304 0 0 2304", "2304 0 -2304 0 0 2304 0 0 0 0 0 0", "Semidefinite"),
    ("half-space-with-a-letter-in-capitals", PLANE, "h 1 2 0", "H 1 2 0", "RuleTag"),
    ("half-space-without-numbers", PLANE, "h 1 2 0", "h", "MissingToken"),
];

/// A leaf on a region that is everything, where only a Y that is not positive semidefinite stands against a bound above the optimum.
struct Indefinite {
    name: &'static str,
    r: usize,
    /// Given entries of N: A of |u|⁴, those on the diagonal at the last coordinate and at the others, and that of the last one and the squares.
    entries: [i64; 4],
    y: &'static [&'static str],
}

const fn indefinite(name: &'static str, r: usize, entries: [i64; 4], y: &'static [&'static str]) -> Indefinite {
    Indefinite { name, r, entries, y }
}

const INDEFINITE: &[Indefinite] = &[
    indefinite("negative-at-the-constant", 2, [8450, 400, 1000, -200], &["-9000 0 0 0 0 0"]),
    indefinite("negative-after-the-constant", 2, [450, 8400, 9000, -200], &["0 0 0 -9000 0 -9000"]),
    indefinite("negative-everywhere", 2, [4950, 3900, 4500, -200], &["-4500 0 0 -4500 0 -4500"]),
    indefinite("negative-at-the-constant-only", 2, [10450, 400, 1000, -200], &["-20000 0 0 9000 0 9000"]),
    indefinite("positive-at-the-constant-only", 2, [450, 10400, 11000, -200], &["9000 0 0 -20000 0 -20000"]),
    indefinite("negative-at-the-last-pivot", 2, [450, 8400, 0, -200], &["0 0 0 0 0 -9000"]),
    indefinite("positive-and-negative-at-the-last-pivot", 2, [400, 8400, 0, -200], &["50 0 0 0 0 -9000"]),
    indefinite("beside-a-pivot-zero", 2, [450, 8400, 0, 0], &["0 0 -200 0 0 -9000"]),
    indefinite("of-the-first-of-two", 2, [8450, 400, 1000, -200], &["-9000 0 0 0 0 0", "0 0 0 0 0 0"]),
    indefinite("of-the-second-of-two", 2, [450, 8400, 0, -200], &["0 0 0 0 0 0", "0 0 0 0 0 -9000"]),
    indefinite("negative-at-the-constant-in-space", 3, [8450, 400, 1000, -200], &["-9000 0 0 0 0 0 0 0 0 0"]),
    indefinite("negative-at-the-last-pivot-in-space", 3, [450, 8400, 0, -200], &["0 0 0 0 0 0 0 0 0 -9000"]),
    indefinite(
        "of-the-second-of-two-in-space",
        3,
        [450, 8400, 0, -200],
        &["0 0 0 0 0 0 0 0 0 0", "0 0 0 0 0 0 0 0 0 -9000"],
    ),
];

impl Indefinite {
    /// Two samples with y = 500 and 100 at the two ends of the last axis. The network of width 0 has the objective 130,000, which is
    /// the optimum for weight decay 500 and above; here it is 300.
    fn proof(&self) -> String {
        let r = self.r;
        let count = self.y.len();
        let zero = "0 ".repeat((r + 1) * (r + 2) / 2 - 1) + "0";
        let h = format!("h -1{}", " 0".repeat(r));
        let mut lines = vec![h; count];
        lines.push(leaf(r, "150 0 600 0 0", self.entries, self.y));
        // The regions of nothing, from the inner one to the outer one.
        let nothing = zero.replacen('0', "9000", 1);
        for at in (0..count).rev() {
            let y: Vec<&str> = (0..=at).map(|other| if other == at { &nothing[..] } else { &zero }).collect();
            lines.push(leaf(r, "150 0 600 0 0", [8450, 400, 1000, -200], &y));
        }
        false_proof(r, &lines)
    }
}

/// The line of a leaf for [`Indefinite::proof`]: the five coefficients of the class of the last axis, entries, multipliers.
fn leaf(r: usize, class: &str, [a, last, rest, cubic]: [i64; 4], y: &[&str]) -> String {
    let x = match r {
        2 => format!("{rest} 0 {last} {cubic} 0 {a}"),
        _ => format!("{rest} 0 0 {rest} 0 0 0 0 {last} {cubic} 0 0 {cubic} 0 {a} 0 {a} 0 0 {a}"),
    };
    let y: Vec<String> = y.iter().map(|y| format!(" {y}")).collect();
    format!("f 1 {class} {x}{}", y.concat())
}

/// The proof with this tree in place of the one that there is not.
fn false_proof(r: usize, lines: &[String]) -> String {
    let axis = |place: usize, x: &str| -> String {
        (0..r).map(|other| if other == place { format!(" {x}") } else { " 0".to_owned() }).collect()
    };
    let others: String = (0..r - 1).map(|place| format!("s 0{}\n", axis(place, "1"))).collect();
    format!(
        "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 300 1\nhidden-bias none\noutput-bias none\n\
         data {n} {n} {r} 1 1\ns 500{}\ns 100{}\n{others}network given 0 1 1 1\nobjective 130000 1\nbound 130000 1\n\
         verdict optimal 0 1\ndual 1 1\nv 500\nv 100\n{}rows + 1 1 1\n{}\nrows - 1 1 1\n{}\nend\n",
        axis(r - 1, "1"),
        axis(r - 1, "-1"),
        "v 0\n".repeat(r - 1),
        lines.join("\n"),
        leaf(r, "0 0 -600 0 0", [600, 600, 0, 200], &[]),
        n = r + 1,
    )
}

fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
}

/// The proofs of the table, and those that exceed a limit.
pub(super) fn files() -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for &(name, proof, old, new, reason) in EDITED {
        let text = replaced(&read(proof)?, old, new).map_err(|error| format!("{name}: {error}"))?;
        files.push(file(&format!("{name}.proof"), text.into_bytes(), reason));
    }
    for case in INDEFINITE {
        let name = format!("half-space-multiplier-{}.proof", case.name);
        files.push(file(&name, case.proof().into_bytes(), "Semidefinite"));
    }
    // u_1 ≥ 0 is a true half of the plane, and the entries on the diagonal are positive.
    let halves = [
        "h 0 0 1".to_owned(),
        "f 1 150 0 600 0 0 0 0 1400 -201 0 440 2 0 -1000 0 0 2".to_owned(),
        "f 1 150 0 600 0 0 325 0 125 -100 0 50 200 0 200 0 0 200".to_owned(),
    ];
    let text = false_proof(2, &halves);
    files.push(file("half-space-multiplier-too-much-off-the-diagonal.proof", text.into_bytes(), "Semidefinite"));
    let deep = replaced(&read(LINE)?, "h 0 1\n", &"h 0 1\n".repeat(10_001))?;
    files.push(file("limit-half-space-depth.proof.gz", gzip(deep.as_bytes()), "Depth"));
    // The matrix of the leaf has 1325 rows and, so far, zeros alone. That of the multipliers has 51, and an entry of 66,437 bits.
    let (r, given) = (50, 563_550);
    let text = format!(
        "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\noutput-bias none\n\
         data 1 1 {r} 1 1\ns 1{ones}\nbound -1000 1\nverdict undecided 0 1\ndual 1 1\nv 1\nrows + 1 1 1\nh 0{ones}\n\
         f 1 8 0 0 0 0{} 1{}{}\n",
        " 0".repeat(given),
        "0".repeat(19_999),
        " 0".repeat((r + 1) * (r + 2) / 2 - 1),
        ones = " 1".repeat(r),
    );
    files.push(file("limit-half-space-multiplier.proof.gz", gzip(text.as_bytes()), "MatrixBits"));
    Ok(files)
}

/// The proofs that the others are made from, for tests/run.
pub(super) fn accepted() -> Result<Vec<File>, String> {
    [LINE, PLANE, MIXED, PRODUCTS, SPACE]
        .into_iter()
        .map(|path| {
            let name = path.trim_start_matches("tests/run/").to_owned();
            Ok(File { name, bytes: read(path)?.into_bytes(), args: &[], reason: None })
        })
        .collect()
}

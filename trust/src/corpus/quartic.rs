//! Proofs with a quartic leaf in which one thing is wrong.

use super::cases::file;
use super::{File, fixture, replaced};

const HAND: &str = "quartic_by_hand.proof";
const PRODUCTS: &str = "quartic_products.proof";
const MIXED: &str = "rows_and_fan.proof";

/// (name, proof, old text, which occurs once, new text, reason)
const EDITED: &[(&str, &str, &str, &str, &str)] = &[
    ("quartic-classes-exchanged", HAND, "0 0 0 0 0 50 0 100", "50 0 100 0 0 0 0 0", "RowsQuartic"),
    ("quartic-coefficient-missing", HAND, "0 0 25 25 25 0 0 0", "0", "MissingToken"),
    ("quartic-coefficients-of-one-class-only", HAND, "0 0 0 0 0 50 0 100 0 0 25 25 25 0", "50 0 100", "MissingToken"),
    ("quartic-concave-class-below-on-the-left", HAND, "0 0 0 0 50", "141 0 0 0 50", "RowsQuartic"),
    ("quartic-concave-class-below", HAND, "0 0 0 0 0 50", "-1 0 0 0 0 50", "RowsQuartic"),
    ("quartic-concave-class-one-unit-too-steep", HAND, "0 0 0 50", "-141 0 0 50", "RowsQuartic"),
    ("quartic-convex-class-below-at-the-end", HAND, "50 0 100 0 0 25", "60 0 100 0 -21 25", "RowsQuartic"),
    ("quartic-convex-class-dips-on-the-left", HAND, "0 100 0 0 25", "2 100 0 0 25", "RowsQuartic"),
    ("quartic-convex-class-dips", HAND, "50 0 100 0 0 25", "48 0 100 0 0 25", "RowsQuartic"),
    ("quartic-convex-class-touches-between-halvings", HAND, "50 0 100 0 0 25", "49 0 100 0 0 25", "RowsQuartic"),
    ("quartic-dual-one-unit-longer", HAND, "1 500", "1000000000001 500000000000000", "Semidefinite"),
    ("quartic-entries-missing", HAND, "0 25 25 25 0 0 0", "0", "MissingToken"),
    ("quartic-entry-missing", HAND, "25 25 25 0", "25 25 25", "MissingToken"),
    ("quartic-entry-of-the-cubic-part", HAND, "25 25 25 0", "25 25 25 1", "Semidefinite"),
    ("quartic-entry-of-the-quartic-part", HAND, "25 25 25 0 0 0", "25 25 25 0 0 1", "Semidefinite"),
    ("quartic-entry-one-less", HAND, "25 25 25", "24 25 25", "Semidefinite"),
    ("quartic-entry-one-more", HAND, "25 25 25", "25 25 26", "Semidefinite"),
    ("quartic-fixed-class-below", PRODUCTS, "12 0 25", "11 0 25", "RowsQuartic"),
    ("quartic-fixed-class-without-weight-below", PRODUCTS, "0 0 0 0 0 28 2", "-1 0 0 0 0 28 2", "RowsQuartic"),
    ("quartic-leaf-in-a-fan", MIXED, "q 0", "f 1 0", "RuleTag"),
    ("quartic-polynomial-too-high", HAND, "50 0 100 0 0 25", "51 0 100 0 0 25", "Semidefinite"),
    ("quartic-product-negative", PRODUCTS, "6 0 1", "-6 0 1", "NotPositive"),
    ("quartic-product-of-a-class-with-itself", PRODUCTS, "6 1 2", "6 1 1", "ProductOrder"),
    ("quartic-product-of-free-classes", HAND, "25 25 25 0 0 0", "25 25 25 0 0 0 1 1 0 1", "ProductClass"),
    ("quartic-product-of-no-class", PRODUCTS, "6 1 2", "6 1 3", "ProductClass"),
    ("quartic-product-too-large", PRODUCTS, "6 0 1", "60000000000000 0 1", "Semidefinite"),
    ("quartic-products-counted-wrongly", PRODUCTS, "3 6", "2 6", "ExtraToken"),
    ("quartic-products-out-of-order", PRODUCTS, "6 0 1 63 0 2", "63 0 2 6 0 1", "ProductOrder"),
    (
        "quartic-sides-exchanged",
        PRODUCTS,
        "1 105 -53 0 0 0 0 0 113 0 0 0 0 2 0 0 287 47 287 23 71 0 1 60 1 2\nf 3 49 0 0 0 -6 0 -21 -63 8 29 0 0 0 0 0 58 -14 58 -9 0 -4 2 19 0 1 55",
        "3 49 0 0 0 -6 0 -21 -63 8 29 0 0 0 0 0 58 -14 58 -9 0 -4 2 19 0 1 55 1 2\nf 1 105 -53 0 0 0 0 0 113 0 0 0 0 2 0 0 287 47 287 23 71 0 1 60",
        "RowsQuartic",
    ),
    ("quartic-sign-exchanged", HAND, "0 0 0 0 0 50 0 100 0 0 25 25", "50 0 100 0 0 0 0 0 0 0 25 -25", "RowsQuartic"),
    ("quartic-token-too-many", HAND, "25 25 25", "25 25 25 0", "NotPositive"),
    ("quartic-undecayed-hidden-bias", HAND, "hidden-bias none", "hidden-bias undecayed", "RowsNotAllowed"),
    ("quartic-unit-doubled", HAND, "1 0", "2 0", "Semidefinite"),
    ("quartic-unit-missing", HAND, "f 1 0 0 0 0 0 50 0 100 0 0 25 25 25 0 0 0", "f", "MissingToken"),
    ("quartic-unit-negative", HAND, "1 0", "-1 0", "NotPositive"),
    ("quartic-unit-zero", HAND, "1 0", "0 0", "NotPositive"),
    ("quartic-version-1", HAND, "relucert-proof 2", "relucert-proof 1", "Word"),
];

/// The proofs of the table, and those with a matrix that is too large.
pub(super) fn files() -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for &(name, proof, old, new, reason) in EDITED {
        let text = replaced(&fixture(proof)?, old, new).map_err(|error| format!("{name}: {error}"))?;
        files.push(file(&format!("{name}.proof"), text.into_bytes(), reason));
    }
    // A matrix of 2079 rows is too large, whatever is in it; one of 2015 rows may have entries of one bit.
    for (name, d, leaf) in [("limit-quartic-columns", 63, "f 1"), ("limit-quartic-entry", 62, "f 1 8 0 0 0 0 1 0 0")] {
        let text = format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\noutput-bias none\n\
             data 1 1 {d} 1 1\ns 1{}\nbound -1000 1\nverdict undecided 0 1\ndual 1 1\nv 1\nrows + 1 1 1\n{leaf}\n",
            " 1".repeat(d)
        );
        files.push(file(&format!("{name}.proof"), text.into_bytes(), "MatrixBits"));
    }
    Ok(files)
}

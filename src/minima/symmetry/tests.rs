//! Known groups, group laws, and the definition by brute force.

use itertools::Itertools;
use num_bigint::BigInt;
use proptest::prelude::*;

use super::*;

const GO_ON: &dyn Fn() -> bool = &|| false;

fn group_of(rows: &[Vec<i64>], samples: &[usize], targets: &[i64]) -> Vec<Symmetry> {
    find(rows, samples, targets, 10_000).expect("few symmetries")
}

fn find(
    rows: &[Vec<i64>],
    samples: &[usize],
    targets: &[i64],
    cap: usize,
) -> Result<Vec<Symmetry>, SymmetryError> {
    let rows = big(rows);
    let targets: Vec<BigInt> = targets.iter().map(|&v| v.into()).collect();
    let data = Data {
        rows: &rows,
        sample_of_row: samples,
        targets: &targets,
    };
    symmetries(&data, cap, GO_ON)
}

fn big(rows: &[Vec<i64>]) -> Vec<Vec<BigInt>> {
    rows.iter()
        .map(|row| row.iter().map(|&v| v.into()).collect())
        .collect()
}

fn dense(rows: &[Vec<i64>], targets: &[i64]) -> Vec<Symmetry> {
    let samples: Vec<usize> = (0..rows.len()).collect();
    group_of(rows, &samples, targets)
}

fn names(elements: &[Symmetry], columns: &[&str]) -> Vec<String> {
    let columns: Vec<String> = columns.iter().map(|&c| c.to_owned()).collect();
    elements.iter().map(|e| e.name(&columns)).collect()
}

/// The samples as sorted pairs (sorted rows, target).
fn multiset(rows: &[Vec<i64>], samples: &[usize], targets: &[i64]) -> Vec<(Vec<Vec<i64>>, i64)> {
    let mut all: Vec<_> = targets.iter().map(|&y| (Vec::new(), y)).collect();
    for (row, &sample) in rows.iter().zip(samples) {
        all[sample].0.push(row.clone());
    }
    all.iter_mut().for_each(|(rows, _)| rows.sort());
    all
}

/// Every (Q, ε) that satisfies the definition.
fn brute_force(rows: &[Vec<i64>], samples: &[usize], targets: &[i64]) -> Vec<Vec<(usize, i8)>> {
    let width = rows[0].len();
    let mut original = multiset(rows, samples, targets);
    original.sort();
    let mut found = Vec::new();
    for order in (0..width).permutations(width) {
        for signs in (0..width).map(|_| [1i8, -1]).multi_cartesian_product() {
            for target in [1, -1] {
                let symmetry = Symmetry {
                    columns: order.iter().copied().zip(signs.iter().copied()).collect(),
                    target,
                    samples: Vec::new(),
                };
                let images: Vec<Vec<i64>> = rows.iter().map(|row| symmetry.apply(row)).collect();
                let ys: Vec<i64> = targets.iter().map(|y| y * i64::from(target)).collect();
                let mut image = multiset(&images, samples, &ys);
                image.sort();
                if image == original {
                    let mut key = symmetry.columns;
                    key.push((0, target));
                    found.push(key);
                }
            }
        }
    }
    found.sort();
    found
}

fn keys(group: &[Symmetry]) -> Vec<Vec<(usize, i8)>> {
    group
        .iter()
        .map(|s| {
            let mut key = s.columns.clone();
            key.push((0, s.target));
            key
        })
        .sorted()
        .collect()
}

#[test]
fn symmetric_data_on_a_line_have_one_reflection() {
    let rows: Vec<Vec<i64>> = (-2..=2).map(|x| vec![x, 1]).collect();
    let group = dense(&rows, &[1, -1, 2, -1, 1]);
    assert_eq!(names(&group, &["x", "bias"]), ["identity", "x → −x"]);
    assert_eq!(group[1].samples, [4, 3, 2, 1, 0]);
    let described = describe(&group);
    assert_eq!((described.order, described.name.as_str()), (2, "Z2"));
    assert_eq!(described.generators, group[1..]);
    assert_eq!(group[1].apply(&[3, 5]), [-3, 5]);
    // Odd targets: the reflection changes their sign.
    let group = dense(&rows, &[-2, -1, 0, 1, 2]);
    assert_eq!(
        names(&group, &["x", "bias"]),
        ["identity", "x → −x, y → −y"]
    );
    assert_eq!(
        group[1].apply_to_samples(&[1, 2, 3, 4, 5]),
        [-5, -4, -3, -2, -1]
    );
}

#[test]
fn xor_has_the_symmetries_of_the_square() {
    let corners = |bias: bool| -> Vec<Vec<i64>> {
        [[1, 1], [1, -1], [-1, 1], [-1, -1]]
            .iter()
            .map(|x| x.iter().copied().chain(bias.then_some(1)).collect())
            .collect()
    };
    for bias in [false, true] {
        let group = dense(&corners(bias), &[-1, 1, 1, -1]);
        let described = describe(&group);
        assert_eq!((described.order, described.name.as_str()), (8, "D4"));
        let names = |elements: &[Symmetry]| names(elements, &["x1", "x2", "bias"]);
        assert_eq!(
            names(&described.generators),
            ["x1 → −x1, y → −y", "x2 → −x2, y → −y", "swap x1, x2"]
        );
        assert!(names(&group).contains(&"x1 → x2 → −x1, y → −y".to_owned()));
    }
    // With inputs 0 and 1 only the exchange of the inputs is left.
    let rows: Vec<Vec<i64>> = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]
        .iter()
        .map(|r| r.to_vec())
        .collect();
    let group = dense(&rows, &[0, 1, 1, 0]);
    assert_eq!(
        names(&group, &["x1", "x2", "bias"]),
        ["identity", "swap x1, x2"]
    );
}

#[test]
fn data_without_symmetry_have_the_trivial_group() {
    let rows: Vec<Vec<i64>> = [[1, 2, 1], [3, -1, 1], [0, 5, 1]]
        .iter()
        .map(|r| r.to_vec())
        .collect();
    let group = dense(&rows, &[1, 2, 4]);
    assert_eq!(names(&group, &["a", "b", "bias"]), ["identity"]);
    assert_eq!(describe(&group).name, "trivial");
    assert!(describe(&group).generators.is_empty());
}

#[test]
fn equal_samples_keep_their_order() {
    // The point 1 twice and the point −1 twice.
    let rows = vec![vec![1, 1], vec![-1, 1], vec![1, 1], vec![-1, 1]];
    let group = dense(&rows, &[3, 3, 3, 3]);
    assert_eq!(group.len(), 2);
    assert_eq!(group[0].samples, [0, 1, 2, 3]);
    assert_eq!(group[1].samples, [1, 0, 3, 2]);
    // Once and twice: no reflection.
    assert_eq!(dense(&rows[..3], &[3, 3, 3]).len(), 1);
}

#[test]
fn a_sample_of_several_rows_is_a_multiset() {
    let rows = vec![vec![1, 0], vec![0, 1], vec![0, 2], vec![2, 0]];
    let group = group_of(&rows, &[0, 0, 1, 1], &[5, 7]);
    assert_eq!(names(&group, &["a", "b"]), ["identity", "swap a, b"]);
    assert_eq!(group[1].samples, [0, 1]);
    // The same rows in other samples.
    let group = group_of(&rows, &[0, 1, 0, 1], &[5, 7]);
    assert_eq!(group.len(), 1);
    let group = group_of(&rows, &[0, 1, 0, 1], &[-5, 5]);
    assert_eq!(group[1].samples, [1, 0]);
    let group = group_of(&rows, &[0, 1, 1, 0], &[-5, 5]);
    assert_eq!(
        names(&group, &["a", "b"]),
        ["identity", "swap a, b, y → −y"]
    );
}

#[test]
fn familiar_groups_have_their_names() {
    // Samples that are unit vectors and their negatives admit every signed permutation.
    let cross = |width: usize, negatives: bool| -> Vec<Vec<i64>> {
        let signs = if negatives { vec![1, -1] } else { vec![1] };
        (0..width)
            .cartesian_product(signs)
            .map(|(j, sign)| (0..width).map(|i| if i == j { sign } else { 0 }).collect())
            .collect()
    };
    let zeros = |rows: &[Vec<i64>]| vec![1; rows.len()];
    for (rows, order, name) in [
        (cross(1, false), 1, "trivial"),
        (cross(1, true), 2, "Z2"),
        (cross(2, false), 2, "Z2"),
        (cross(2, true), 8, "D4"),
        (cross(3, false), 6, "S3"),
        (cross(3, true), 48, "order 48"),
        (cross(4, false), 24, "S4"),
        // Cyclic: one orbit of three without reflections.
        (vec![vec![1, 2, 3], vec![3, 1, 2], vec![2, 3, 1]], 3, "Z3"),
        // A quarter turn without reflections.
        (
            vec![vec![1, 2], vec![-2, 1], vec![-1, -2], vec![2, -1]],
            4,
            "Z4",
        ),
        // The signs of two columns of different sizes.
        (
            vec![vec![1, 2], vec![-1, 2], vec![1, -2], vec![-1, -2]],
            4,
            "Z2×Z2",
        ),
        (
            vec![
                vec![1, 2, 3],
                vec![3, 1, 2],
                vec![2, 3, 1],
                vec![-1, -2, -3],
                vec![-3, -1, -2],
                vec![-2, -3, -1],
            ],
            6,
            "Z6",
        ),
    ] {
        let described = describe(&dense(&rows, &zeros(&rows)));
        assert_eq!((described.order, described.name.as_str()), (order, name));
    }
    // Targets 0 have the change of their sign as a symmetry of their own.
    let rows = cross(1, true);
    assert_eq!(describe(&dense(&rows, &[0, 0])).name, "Z2×Z2");
}

#[test]
fn too_many_symmetries_a_stop_and_bad_data_are_reported() {
    let rows: Vec<Vec<i64>> = vec![vec![0; 8]; 3];
    let found = find(&rows, &[0, 1, 2], &[1, 2, 3], 10_000);
    assert_eq!(found, Err(SymmetryError::TooMany { cap: 10_000 }));
    let narrow = vec![vec![0; 3]];
    assert!(find(&narrow, &[0], &[1], 48).is_ok_and(|all| all.len() == 48));
    assert!(find(&narrow, &[0], &[1], 47).is_err());
    let rows = big(&rows);
    let targets = [BigInt::from(1), 2.into(), 3.into()];
    let data = Data {
        rows: &rows,
        sample_of_row: &[0, 1, 2],
        targets: &targets,
    };
    assert_eq!(symmetries(&data, 10, &|| true), Err(SymmetryError::Stopped));
    assert!(matches!(
        find(&[vec![1], vec![1, 2]], &[0, 1], &[1, 2], 10),
        Err(SymmetryError::Inconsistent(_))
    ));
    assert!(matches!(
        find(&[vec![1]], &[3], &[1], 10),
        Err(SymmetryError::Inconsistent(_))
    ));
    assert!(matches!(
        find(&[vec![1]], &[], &[1], 10),
        Err(SymmetryError::Inconsistent(_))
    ));
}

#[test]
fn a_hundred_samples_with_eight_columns_are_searched_at_once() {
    // A column and its negative, all others different: a search without pruning would see 10⁷ maps.
    let rows: Vec<Vec<i64>> = (0..100i64)
        .map(|i| {
            let mut row: Vec<i64> = (1..8).map(|k| (i * i * k + 3 * i + k) % 101 - 50).collect();
            row.push(1);
            row
        })
        .collect();
    let mirrored = rows.iter().map(|row| {
        let mut row = row.clone();
        row[2] = -row[2];
        row
    });
    let all: Vec<Vec<i64>> = rows.iter().cloned().chain(mirrored).collect();
    let targets: Vec<i64> = (0..200).map(|i| (i % 100) % 7).collect();
    let group = dense(&all, &targets);
    assert_eq!(group.len(), 2);
    assert_eq!(group[1].columns[2], (2, -1));
}

fn small_data() -> impl Strategy<Value = (Vec<Vec<i64>>, Vec<usize>, Vec<i64>)> {
    (1usize..4, 1usize..6, 1usize..4).prop_flat_map(|(width, rows, samples)| {
        (
            prop::collection::vec(prop::collection::vec(-1i64..2, width), rows),
            prop::collection::vec(0..samples, rows),
            prop::collection::vec(-1i64..2, samples),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_search_finds_what_the_definition_says((rows, samples, targets) in small_data()) {
        let group = group_of(&rows, &samples, &targets);
        prop_assert_eq!(keys(&group), brute_force(&rows, &samples, &targets));
    }

    #[test]
    fn symmetries_form_a_group_that_acts((rows, samples, targets) in small_data()) {
        let group = group_of(&rows, &samples, &targets);
        let data = multiset(&rows, &samples, &targets);
        prop_assert!(group[0].is_identity());
        let described = describe(&group);
        // Each generator at least doubles the group.
        prop_assert!(1usize << described.generators.len() <= group.len());
        for a in group.iter().take(20) {
            prop_assert!(a.compose(&a.inverse()).is_identity());
            prop_assert_eq!(a.is_identity(), a == &group[0]);
            prop_assert_eq!(group.len() % a.order(), 0);
            // π maps samples to their images.
            let images: Vec<Vec<i64>> = rows.iter().map(|row| a.apply(row)).collect();
            let ys: Vec<i64> = targets.iter().map(|y| y * i64::from(a.target)).collect();
            for (i, image) in multiset(&images, &samples, &ys).iter().enumerate() {
                prop_assert_eq!(&data[a.samples[i]], image);
            }
            prop_assert_eq!(a.apply_to_samples(&targets), targets.clone());
            for b in group.iter().take(20) {
                let product = a.compose(b);
                prop_assert!(group.contains(&product));
                prop_assert_eq!(product.apply(&rows[0]), a.apply(&b.apply(&rows[0])));
                let v: Vec<i64> = (1..=targets.len() as i64).collect();
                prop_assert_eq!(product.apply_to_samples(&v), a.apply_to_samples(&b.apply_to_samples(&v)));
            }
        }
    }
}

#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

/// A small generator of pseudo-random numbers (xorshift64*).
fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

/// An integer of at most `bits` bits: often the greatest or the least one.
fn integer(state: &mut u64, bits: usize) -> Int {
    let mut x = Int::ZERO;
    for _ in 0..bits.div_ceil(64) {
        x = x.shifted(64) + Int::Small(random(state).into());
    }
    let x = match random(state) % 4 {
        0 => Int::ONE.shifted(bits) - Int::ONE,
        _ => x.shifted_down(bits.div_ceil(64) * 64 - bits),
    };
    if random(state).is_multiple_of(2) { x } else { -x }
}

/// The number that has these digits.
fn number(digits: &[i64]) -> Int {
    digits.iter().rev().fold(Int::ZERO, |sum, &digit| sum.shifted(DIGIT) + Int::Small(digit.into()))
}

#[test]
fn digits_are_those_of_the_number() {
    let mut state = 1;
    for bits in (1..400).chain([519, 520]) {
        for _ in 0..20 {
            let x = integer(&mut state, bits);
            let list = digits(&x, bits.div_ceil(DIGIT)).unwrap();
            assert_eq!(number(&list), x);
            assert!(list.iter().all(|digit| digit.unsigned_abs() <= 1 << DIGIT));
        }
    }
    // One digit too few, and just enough.
    assert_eq!(digits(&Int::ONE.shifted(105), 2), None);
    assert_eq!(digits(&Int::ONE.shifted(104), 2).as_deref(), Some(&[0, 1 << 52][..]));
    assert_eq!(digits(&Int::ONE.shifted(200), 2), None);
}

#[test]
fn products_of_digits_are_those_of_the_numbers() {
    let mut state = 1;
    for (a, b) in (1..330).step_by(7).flat_map(|a| (1..290).step_by(13).map(move |b| (a, b))) {
        let (x, y) = (integer(&mut state, a), integer(&mut state, b));
        let mut product = vec![7; (a + b).div_ceil(DIGIT)];
        let of = |x: &Int, bits: usize| digits(x, bits.div_ceil(DIGIT)).unwrap();
        multiply(&of(&x, a), &of(&y, b), &mut product).unwrap();
        assert_eq!(number(&product), &x * &y, "{a} {b}");
        assert!(product.iter().all(|digit| digit.unsigned_abs() <= 1 << DIGIT));
    }
    assert_eq!(multiply(&[1, 1], &[1, 1], &mut [0, 0]), None);
    assert_eq!(multiply(&[1 << 52], &[2], &mut [0]), None);
    assert_eq!(multiply(&[1], &[1], &mut []), None);
}

#[test]
fn pairs_are_found_where_they_are() {
    for r in 1..9 {
        let pairs = Pairs::new(r);
        assert_eq!(pairs.list.len(), r * (r + 1) / 2);
        for (at, &(i, j)) in pairs.list.iter().enumerate() {
            assert!(i <= j && j < r);
            assert_eq!(pairs.place(i, j), at);
        }
    }
}

/// A statement with these rows, each a class of its own.
fn statement(rows: &[Vec<Int>]) -> Statement {
    let (n, d) = (rows.len(), rows[0].len());
    let mut text = format!(
        "activation 0 1 1\nloss sum\ndecay ridge 1 1\nhidden-bias none\noutput-bias none\ndata {n} {n} {d} 1 1\n"
    );
    for row in rows {
        let words: Vec<String> = row.iter().map(Int::to_string).collect();
        text += &format!("s 1 {}\n", words.join(" "));
    }
    let mut lines = crate::text::Lines::new(text.as_bytes(), &crate::error::DEFAULTS);
    Statement::read(&mut lines, &mut crate::files::binding::Unbound).unwrap()
}

#[test]
fn all_sums_are_those_of_plain_products() {
    let mut state = 1;
    let mut with_tables = 0;
    for (entry, factor) in
        [(1, 1), (3, 40), (26, 52), (51, 53), (52, 52), (53, 60), (60, 100), (64, 200), (120, 3), (160, 3), (200, 500)]
    {
        for r in 1..6 {
            let rows: Vec<Vec<Int>> = (0..7)
                .map(|_| (0..r).map(|_| integer(&mut state, entry)).collect())
                .map(|mut row: Vec<Int>| {
                    row[0] = Int::ONE; // primitive
                    row
                })
                .collect();
            let statement = statement(&rows);
            let terms: Vec<Term> = (0..statement.class_count)
                .step_by(2)
                .map(|class| (class, [0; 3].map(|_| integer(&mut state, factor))))
                .collect();
            let moments = Moments::new(&statement, terms, entry);
            with_tables += usize::from(moments.tables.is_some());
            for i in 0..r {
                for j in i..r {
                    assert_eq!(moments.sum(&[i, j]), moments.large_sum(&[i, j]), "{entry} {factor} {r}");
                    for k in j..r {
                        assert_eq!(moments.sum(&[i, j, k]), moments.large_sum(&[i, j, k]), "{entry} {factor} {r}");
                        for l in k..r {
                            let entries = [i, j, k, l];
                            assert_eq!(moments.sum(&entries), moments.large_sum(&entries), "{entry} {factor} {r}");
                        }
                    }
                }
            }
        }
    }
    assert!((35..55).contains(&with_tables), "{with_tables}");
}

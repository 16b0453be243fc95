use super::*;

#[test]
fn endings_are_found_in_small_and_capital_letters() {
    for (name, is_npz) in [("a.npz", true), ("A.NPZ", true), (".npz", true), ("npz", false), ("x", false), ("", false)]
    {
        assert_eq!(has_ending(Path::new(name), ".npz"), is_npz, "{name}");
    }
    assert!(!has_ending(Path::new("a.npz.csv"), ".npz"));
}

#[test]
fn limits_are_met_exactly() {
    assert_eq!(within(6, 7, "rows"), Ok(()));
    assert_eq!(within(7, 7, "rows"), Ok(()));
    assert_eq!(within(8, 7, "rows"), Err("there are more than 7 rows".to_owned()));
}
